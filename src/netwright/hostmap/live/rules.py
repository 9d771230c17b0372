"""Published ports of all namespaces on a map that is made anew again and again: rules are read again only where they have changed.

How it works. nftables of each namespace have a number, which is another one after any change (`nft` tells nobody but its own namespace of
one). Asking for it takes a tenth of a millisecond; reading rules takes a run of nft, so that happens once for each number.
"""

from __future__ import annotations

from ...errors import NetwrightError
from ...kernel import scan
from ...kernel.nfnetlink import Nfnetlink, generation
from ...kernel.spaces import run_apart
from ...kernel.syscalls import CLONE_NEWNET, setns
from ...model.value import replace
from .. import more
from ..visits import Visit
from . import opening

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..model import HostMap, Space

# Where there are more, only those that have rules are asked whether these are others.
FEW = 64


class Rules:
    """What is known of the rules of each namespace (by id and the kernel's number for it): the number of its nftables, and what they said."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[int, dict[str, Any]]] = {}

    def told(self, host: HostMap) -> HostMap:
        """The map with published ports, as far as namespaces may be entered."""
        visits = {_key(space): visit for space in host.namespaces if (visit := _opened(space, host.here))}
        try:
            numbers = _numbers(visits.values(), host.here, {visit.id: self._known[key][0] for key, visit in visits.items() if key in self._known})
            self._known = {key: self._kept(key, visit, numbers, host) for key, visit in visits.items() if visit.id in numbers}
        finally:
            for visit in visits.values():
                visit.close()
        said = {key: what for key, (_, what) in self._known.items() if what}
        return replace(host, namespaces=tuple(replace(space, **said[_key(space)]) if _key(space) in said else space for space in host.namespaces))

    def _kept(self, key: tuple[str, int], visit: Visit, numbers: dict[str, int], host: HostMap) -> tuple[int, dict[str, Any]]:
        number = numbers[visit.id]
        if "tables" not in visit.more and key in self._known:
            return number, self._known[key][1]
        space = host.space(visit.id)
        return number, _said(space, visit) if space and visit.more.get("tables") else {}

    def changed(self, host: HostMap) -> bool:
        """Whether rules are others than those of the last map; of few namespaces all are asked, of many only ours and those that have rules."""
        asked = [space for space in host.namespaces if len(host.namespaces) <= FEW or space.id == host.here or self._known.get(_key(space), (0, {}))[1]]
        visits = [visit for space in asked if _key(space) in self._known and (visit := _opened(space, host.here))]
        try:
            known = {id: number for (id, _), (number, _) in self._known.items()}
            numbers = _numbers(visits, host.here, None)
        finally:
            for visit in visits:
                visit.close()
        return any(known[id] != number for id, number in numbers.items())


def _key(space: Space) -> tuple[str, int]:
    return space.id, space.cookie


def _opened(space: Space, here: str) -> Visit | None:
    fd = opening.opened(space, here) if space.state == "ok" else -1
    if fd < 0:
        return None
    visit = Visit(space.id, space.inode)
    visit.fd = fd
    return visit


def _numbers(visits: Iterable[Visit], here: str, known: dict[str, int] | None) -> dict[str, int]:
    """id -> number, of those that may be entered. With `known`, tables are listed (in the visit's `more`) where the number is another."""
    out: dict[str, int] = {}

    def body() -> None:
        # Our own first: the thread is there already.
        for visit in sorted(visits, key=lambda one: one.id != here):
            try:
                if visit.id != here:
                    setns(visit.fd, CLONE_NEWNET)
                with Nfnetlink() as netlink:
                    out[visit.id] = generation(netlink)
                if known is not None and known.get(visit.id) != out[visit.id]:
                    more.there(visit, ("nft",))
            except (NetwrightError, OSError):
                continue  # no nftables in this kernel, or not ours to look at: the map says so where somebody asks for them

    run_apart(body)
    return out


def _said(space: Space, visit: Visit) -> dict[str, Any]:
    told = more.with_details([replace(space, tables=visit.more["tables"])], [visit], scan.Scan(), ("nft",), [])[0]
    return {name: getattr(told, name) for name in ("tables", "chains", "nat", "published")}
