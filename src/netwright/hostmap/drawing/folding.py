"""Which namespaces are alike, so that one box can stand for them: same kind of owner, and the same plugs into the same places.

    c1 … c20, each with one veth into docker0      one box "c1 … c20", one thick cable "×20"

What differs stays alone on purpose: the container whose cable is down, the one that is in a second network.
"""

from .wires import STANDS_ON, masters
from .words import natural

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..model import End, HostMap, Space
    from .wires import Links, Run

    Plugs = dict[str, list[tuple["Any", ...]]]

FEWEST = 4


class Group:
    """Alike namespaces in the order of their names. `slots` are their plugs: for each the devices of the members, in their order."""

    __slots__ = ("members", "slots")

    def __init__(self, members: "list[Space]", slots: "list[tuple[str, ...]]") -> None:
        self.members, self.slots = members, slots


def groups(host: "HostMap", links: "Links", wired: "list[Run]", fewest: int = FEWEST) -> list[Group]:
    """The groups of at least `fewest` members; none when that is 0."""
    if not fewest:
        return []
    plugs = _plugs(host, links, wired)
    alike: dict[Any, list[Space]] = {}
    for space in host.namespaces:
        shape = _shape(space, plugs.get(space.id, []), host.here)
        if shape is not None:
            alike.setdefault(shape, []).append(space)
    found = [members for members in alike.values() if len(members) >= fewest]
    return [_group(members, plugs) for members in found]


def _plugs(host: "HostMap", links: "Links", wired: "list[Run]") -> "Plugs":
    """For each namespace (where to, kinds, is below, carries, number of its own) and the device, sorted so that alike ones stand alike."""
    out: Plugs = {}
    for run in wired:
        for own, peer, lower in ((run.one, run.other, False), (run.other, run.one, run.kind == STANDS_ON)):
            master = links[peer[0]][peer[1]].master
            # What stands on a device is plugged into that very device; a veth into whatever its peer is a port of.
            place = (peer[0], peer[1] if run.kind == STANDS_ON else master)
            kind = links[own[0]][own[1]].kind
            out.setdefault(own[0], []).append((place, run.kind, kind, lower, run.up, natural(own[1]), own[1]))
    for found in out.values():
        found.sort()
    return out


def _shape(space: "Space", plugs: "list[tuple[Any, ...]]", here: str) -> "Any":
    """What two alike namespaces have in common; None for one that always stands alone."""
    if space.id == here or any(plug[3] or plug[0][0] == space.id for plug in plugs) or masters(space):
        return None
    wired = {plug[-1] for plug in plugs}
    others = tuple(sorted(link.kind for link in space.links if link.name not in wired and link.name != "lo"))
    owner = space.owners[0].kind if space.owners else ""
    return owner, space.state, tuple(plug[:5] for plug in plugs), others


def _group(members: "list[Space]", plugs: "Plugs") -> Group:
    members = sorted(members, key=lambda space: (natural(space.name), space.id))
    rows = [[plug[-1] for plug in plugs.get(space.id, [])] for space in members]
    return Group(members, [tuple(row[at] for row in rows) for at in range(len(rows[0]))])


def places(found: "list[Group]") -> "Mapping[End, tuple[int, int]]":
    """The end of a member -> (number of the group, number of the slot)."""
    out = {}
    for number, group in enumerate(found):
        for slot, devices in enumerate(group.slots):
            for space, device in zip(group.members, devices, strict=True):
                out[space.id, device] = (number, slot)
    return out
