"""Counters of cables: one dump for each namespace that has to be asked, all through one socket (IFLA_TARGET_NETNSID)."""

from __future__ import annotations

from ..errors import KernelError
from ..hostmap import reading
from ..kernel.netlink import Netlink
from .rates import enough

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..hostmap.model import Cable
    from .rates import Sample


class Counting:
    """The socket. `sample` may run in another thread, one at a time."""

    def __init__(self) -> None:
        self._netlink = Netlink()
        self._cables: Sequence[Cable] = ()
        self._places: list[str] = []

    def __enter__(self) -> Counting:
        return self

    def __exit__(self, *_: object) -> None:
        self._netlink.close()

    def sample(self, cables: Sequence[Cable], numbers: Mapping[str, int | None]) -> Sample:
        """Bytes received and sent at one end of every cable. `numbers`: what our namespace calls them; None is our own."""
        if cables != self._cables:
            self._cables, self._places = cables, enough(cables)
        ends = {end for cable in cables for end in (cable.one, cable.other)}
        out: Sample = {}
        for id in self._places:
            if id in numbers:
                out.update(self._of(id, numbers[id], ends))
        return out

    def _of(self, id: str, number: int | None, ends: set[tuple[str, str]]) -> Sample:
        try:
            drafts = reading.drafts(self._netlink, number)
        except KernelError:
            return {}  # it has just ended
        out: Sample = {}
        for draft in drafts:
            if (id, draft.name) in ends:
                counters = draft.fields.get("counters")
                out[id, draft.name] = (counters.rx_bytes, counters.tx_bytes) if counters else (0, 0)
        return out
