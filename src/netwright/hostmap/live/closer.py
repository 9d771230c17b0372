"""One namespace in every detail, read when somebody asks for it: the map of a whole host has devices and addresses only."""

from __future__ import annotations

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
