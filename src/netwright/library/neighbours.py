"""Neighbours of a namespace: read and changed (`ip neighbour`)."""

from __future__ import annotations

from ..engine import observe
from ..errors import Gone, Invalid
from ..model.neighbour import PROXY, ROUTER, STATES, Neighbour
from ..plan import ops
from .networks import prefix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..plan.ops import MessageOp
    from .channel import Channel

_NUMBERS = {"none": 0, **{name: number for number, name in STATES.items()}}


class NeighbourVerbs:
    """add, set and delete: done at once by `Namespace.neighbours`, collected by `Batch.neighbours`."""

    def __init__(self, do: Callable[[MessageOp], None]) -> None:
        self._do = do

    def add(
        self,
        address: str,
        link: str | int,
        lladdr: str | None = None,
        *,
        state: str = "permanent",
        proxy: bool = False,
        router: bool = False,
    ) -> None:
        """Make an entry: `ip neighbour add 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0`. Invalid, Gone, Exists, Refused."""
        self._do(ops.AddNeighbour(*_message(address, link, lladdr, state, proxy, router)))

    def set(self, address: str, link: str | int, lladdr: str | None = None, *, state: str = "permanent", router: bool = False) -> None:
        """Make an entry or change the one that is there: `ip neighbour replace`."""
        self._do(ops.AddNeighbour(*_message(address, link, lladdr, state, False, router), "replace"))

    def delete(self, address: str, link: str | int, *, proxy: bool = False) -> None:
        """Remove an entry: `ip neighbour del 10.0.0.9 dev eth0`. Missing when there is none."""
        header, settings = _message(address, link, None, "none", proxy, False)
        self._do(ops.DeleteNeighbour(header, settings))


class Neighbours(NeighbourVerbs):
    """The neighbours of one namespace; add, set, delete take effect at once."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel.do)
        self._channel = channel

    def list(self, link: str | None = None, family: int = 0) -> tuple[Neighbour, ...]:
        """All entries, or those of one link or family (4, 6; 7: bridge forwarding): `ip neighbour show nud all`."""
        with self._channel.session() as session:
            return observe.neighbours(session, session.index(link) if link else 0, family)

    def get(self, address: str, link: str) -> Neighbour:
        """The entry for an address. Gone when there is none."""
        for found in self.list(link):
            if found.address == address:
                return found
        raise Gone(f"{self._channel.label} has no neighbour {address} on {link}", fix="see neighbours.list()")


def _message(
    address: str, link: str | int, lladdr: str | None, state: str, proxy: bool, router: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    if state not in _NUMBERS:
        raise Invalid(f"{state!r} is no state of a neighbour", fix=f"one of {', '.join(_NUMBERS)}")
    family, host, _ = prefix(address)
    flags = (PROXY if proxy else 0) | (ROUTER if router else 0)
    header = {"family": family, "index": link, "state": 0 if proxy else _NUMBERS[state], "flags": flags}
    return header, {"dst": host} if lladdr is None else {"dst": host, "lladdr": lladdr}
