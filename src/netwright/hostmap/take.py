"""A snapshot of the whole host: `take()`. Finds every namespace, reads it, pairs cables, names everything, says what it missed."""

from __future__ import annotations

import os
import time

from ..engine.place import room_for_files
from ..errors import CallFailed
from ..kernel import scan
from ..model.value import replace
from . import facts, known, names, reading, unseen
from .behind import Behind
from .model import Cable, HostMap, Link, Problem, Space
from .pairing import Pairing, Point
from .spoken import natural
from .visits import Asking, Visit, read_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..kernel.netlink import Netlink
    from .model import End

DETAILS = ("routes", "neighbours", "nft", "sockets")
_FIRST_USER_SPACE = 0xEFFFFFFD  # PROC_USER_INIT_INO of linux/proc_ns.h
READ = ("addresses", "routes", "rules", "neighbours", "tables", "forwarding")  # what a visit brings, as the Space has it


def take(detail: Iterable[str] = (), *, sockets: bool = True, check: bool = False) -> HostMap:
    """The map of this host as this process may see it. `detail`: out of DETAILS what is wanted beyond devices and addresses.
    Without `sockets`, namespaces that only a socket holds are not looked for. `check`: compare with the kernel's own list (30 ms
    more), and show what only that one has. It never fails for what it may not see."""
    wanted = tuple(word for word in DETAILS if word in detail)
    problems: list[Problem] = []
    # The list first: what is in it and is found by nobody afterwards is hidden, or has ended.
    listed = unseen.listed(problems) if check else {}
    found = scan.Scan().everything(sockets=sockets)
    unseen.compare(found, listed, problems)
    own = os.stat("/proc/self/ns/net").st_ino
    visits = [Visit(str(inode), inode, holds) for inode, holds in sorted(found.holds.items())]
    try:
        room_for_files(2 * len(visits) + 64)
    except CallFailed as error:
        problems.append(Problem("limit", "not every namespace can be opened at once", why=error.why, fix=error.fix))
    here = next((visit for visit in visits if visit.inode == own), None) or Visit(str(own), own)
    if here not in visits:
        visits.append(here)  # our own process may not be looked at: it is not dumpable, and /proc is somebody else's
    for visit in visits:
        visit.open(visit is here)
    try:
        return _taken(visits, here, found, wanted, problems)
    finally:
        for visit in visits:
            visit.close()


def _taken(visits: list[Visit], here: Visit, found: scan.Scan, wanted: tuple[str, ...], problems: list[Problem]) -> HostMap:
    from . import more

    read_all(visits, here, lambda netlink, visit: details(netlink, visit, wanted))
    wired = _wired(visits, here)
    spaces = [_space(visit, wired, found) for visit in visits]
    spaces, more_problems = _named(spaces, visits, found, here)
    spaces = _with_lost(spaces, wired)
    spaces = more.with_details(spaces, visits, found, wanted, problems)
    problems += more_problems + unseen.problems(found, visits)
    order = sorted(spaces, key=lambda space: (space.id != here.id, space.name == "", natural(space.name)))
    boot = facts.text_of("/proc/sys/kernel/random/boot_id").strip()
    return HostMap(time.time(), boot, os.uname().nodename, here.id, wanted, tuple(order), _cables(visits, wired), tuple(problems))


def details(netlink: Netlink, visit: Visit, wanted: tuple[str, ...]) -> None:
    """What is read while the thread is there."""
    if not wanted:
        return
    from . import more

    index = visit.names

    def name_of(number: int) -> str:
        return index.get(number, "")

    if "routes" in wanted:
        visit.more["routes"] = reading.routes(netlink, name_of)
        visit.more["rules"] = reading.rules(netlink)
        # /proc/sys/net shows the namespace of the thread that opens it.
        visit.more["forwarding"] = facts.text_of("/proc/sys/net/ipv4/ip_forward").startswith("1")
    if "neighbours" in wanted:
        switches = any(draft.master or draft.kind in ("bridge", "vxlan") for draft in visit.drafts)
        visit.more["neighbours"] = reading.neighbours(netlink, name_of, switches)
    more.there(visit, wanted)


# -- the wiring ------------------------------------------------------------------------------------------------------------


class Wired:
    """Both ends of cables, lower devices, and what is lost, by end."""

    def __init__(self) -> None:
        self.peers: dict[End, End] = {}
        self.lowers: dict[End, End] = {}
        self.lost: dict[End, Point] = {}
        self.inside: dict[tuple[str, int], str] = {}


def _points(visits: Iterable[Visit]) -> tuple[list[Point], list[Point]]:
    pairs: list[Point] = []
    lower: list[Point] = []
    for visit in visits:
        for draft in visit.drafts:
            if draft.mate and (draft.paired or draft.nsid is not None):
                (pairs if draft.paired else lower).append(Point((visit.id, draft.name), draft.index, draft.mate, draft.nsid, draft.look))
    return pairs, lower


def _wired(visits: list[Visit], here: Visit) -> Wired:
    asking = Asking(visits, here)
    try:
        pairing = _settled(visits, here, asking, {})
        behind = Behind(asking)
        behind.look(pairing)
        if behind.found:
            for visit in dict.fromkeys(behind.found.values()):
                visits.append(visit)
                asking.add(visit)
            pairing = _settled(visits, here, asking, {**pairing.where, **{number: visit.id for number, visit in behind.found.items()}})
    finally:
        asking.close()
    wired = Wired()
    wired.peers = pairing.pairs
    index = {visit.id: visit.names for visit in visits}
    for end, (where, number) in pairing.lower.items():
        if number in index[where]:
            wired.lowers[end] = where, index[where][number]
    wired.lost = {point.end: point for point in pairing.lost()}
    wired.inside = pairing.where
    return wired


def _with_lost(spaces: list[Space], wired: Wired) -> list[Space]:
    """Each end whose other one was not seen says what is known of it. The namespace of that may have a name and a file, and still
    not be ours to enter; or the device was on its way there, or has gone since."""
    called = {space.id: space for space in spaces}
    ends = {end[0] for end in wired.lost}

    def said(end: End, link: Link) -> Link:
        point = wired.lost.get(end)
        if point is None:
            return link
        there = called.get(wired.inside.get((end[0], point.nsid or 0), ""))
        why = "which could not be read" if there and there.state != "ok" else "which was not there at that moment"
        known = f"device {point.mate} in {there.name}, {why}" if there else f"device {point.mate} in a namespace that was not found"
        return replace(link, lost=known)

    return [replace(space, links=tuple(said((space.id, link.name), link) for link in space.links)) if space.id in ends else space for space in spaces]


def _settled(visits: list[Visit], here: Visit, asking: Asking, numbers: dict[tuple[str, int], str]) -> Pairing:
    pairs, lower = _points(visits)
    order = [here.id, *(visit.id for visit in visits if visit is not here)]
    pairing = Pairing(pairs, lower, order, numbers)
    asking.settle(pairing)
    return pairing


def _cables(visits: list[Visit], wired: Wired) -> tuple[Cable, ...]:
    drafts = {(visit.id, draft.name): draft for visit in visits for draft in visit.drafts if draft.paired}
    return tuple(
        Cable(one, other, drafts[one].kind, drafts[one].carrier and drafts[other].carrier)
        for one, other in sorted(wired.peers.items())
        if one < other
    )


# -- one namespace ---------------------------------------------------------------------------------------------------------


def _space(visit: Visit, wired: Wired, found: scan.Scan) -> Space:
    held, holders = facts.holders(visit.holds, found.space)
    links = []
    for draft in visit.drafts:
        end = (visit.id, draft.name)
        lower = wired.lowers.get(end)
        if lower is None and not draft.paired and draft.nsid is None and draft.mate not in (0, draft.index) and draft.mate in visit.names:
            lower = visit.id, visit.names[draft.mate]
        links.append(draft.link(visit.names, wired.peers.get(end), lower, ""))
    values: dict[str, Any] = {key: item for key, item in visit.more.items() if key in READ}
    return Space(
        visit.id, "", visit.inode, found.device if visit.inode else 0, visit.cookie, visit.user_space, visit.state, visit.why,
        names=facts.names(visit.holds, found.links.get(visit.inode, ())), held=held, holders=holders, links=tuple(links), **values,
    )  # fmt: skip


def _named(spaces: list[Space], visits: list[Visit], found: scan.Scan, here: Visit) -> tuple[list[Space], list[Problem]]:
    from . import runtimes

    registered, problems = known.gathered()
    holds = {visit.id: visit.holds for visit in visits}
    machine = _machine(here)
    host = os.uname().nodename

    def about(space: Space) -> names.Facts:
        own = host if space.inode == machine != 0 else ""
        return facts.facts(holds[space.id], found.links.get(space.inode, ()), registered.get(space.inode, ()), own)

    gathered = {space.id: about(space) for space in spaces}
    book, more_problems = runtimes.book(gathered.values())
    owners = {id: names.owners(known_of_it, book) for id, known_of_it in gathered.items()}
    called = names.unique((id, names.called(whose, id)) for id, whose in owners.items())
    return [replace(space, name=called[space.id], owners=owners[space.id]) for space in spaces], problems + more_problems


def _machine(here: Visit) -> int:
    """The inode of the machine's own namespace: that of process 1, or of the kernel's own threads. Where these may not be looked at it
    is ours, unless somebody made ours in a user namespace of theirs: then it is not known (0)."""
    for pid in (1, 2) if facts.comm(2) == "kthreadd" else (1,):
        try:
            return os.stat(f"/proc/{pid}/ns/net").st_ino
        except OSError:
            continue
    return here.inode if here.user_space in (0, _FIRST_USER_SPACE) else 0
