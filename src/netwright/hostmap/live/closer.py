"""One namespace in every detail, read when somebody asks for it: the map of a whole host has devices and addresses only."""

from __future__ import annotations

from ...errors import NetwrightError
from ...kernel import scan
from ...model.value import replace
from .. import more
from ..take import DETAILS, READ, details
from ..visits import Visit, read_all
from . import opening

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..model import HostMap, Problem, Space


def closer(host: HostMap, id: str) -> Space | None:
    """The namespace with counters of now, routes, rules, neighbours, firewall and sockets; None when it is not on the map."""
    space = host.space(id)
    if space is None:
        return None
    visit = Visit(id, space.inode, [opening.hold(one) for one in space.holders])
    own = id == host.here
    visit.open(own)
    try:
        read_all([visit], visit if own else None, lambda netlink, one: details(netlink, one, DETAILS))
        if visit.state != "ok":
            return replace(space, state=visit.state, why=visit.why)
        return _told(space, visit)
    finally:
        visit.close()


def _told(space: Space, visit: Visit) -> Space:
    links = []
    for draft in visit.drafts:
        known = next((link for link in space.links if link.index == draft.index), None)
        links.append(draft.link(visit.names, known.peer if known else None, known.lower if known else None, known.lost if known else ""))
    values: dict[str, Any] = {key: visit.more[key] for key in READ if key in visit.more}
    problems: list[Problem] = []
    found = scan.Scan()
    if visit.more.get("heard"):
        found.everything(sockets=False)
    return more.with_details([replace(space, links=tuple(links), **values)], [visit], found, DETAILS, problems)[0]


def rules_number() -> int:
    """A number that is another one after each change of our own namespace's nftables; 0 where there are none."""
    from ...kernel.nfnetlink import Nfnetlink, generation

    try:
        with Nfnetlink() as netlink:
            return generation(netlink)
    except (NetwrightError, OSError):
        return 0


def with_published(host: HostMap) -> HostMap:
    """The map with the published ports of our own namespace, where nearly all of them are; one run of nft when it has tables."""
    space = host.space(host.here)
    visit = Visit(host.here, space.inode if space else 0)
    visit.open(True)
    try:
        more.there(visit, ("nft",))
        if space is None or not visit.more["tables"]:
            return host
        told = more.with_details([replace(space, tables=visit.more["tables"])], [visit], scan.Scan(), ("nft",), [])[0]
    finally:
        visit.close()
    return replace(host, namespaces=tuple(told if one is space else one for one in host.namespaces))
