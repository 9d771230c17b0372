"""The map as the page gets it: the drawing, and what its parts are. Pure."""

from ..hostmap.drawing.layout import layout
from ..hostmap.drawing.svg import elements
from ..hostmap.drawing.words import clean
from ..hostmap.plain import record
from ..model.value import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from ..hostmap.drawing.scene import Line
    from ..hostmap.model import Cable, HostMap, Space

    Members = dict[str, tuple[str, ...]]


def narrowed(host: "HostMap", lab: str) -> "HostMap":
    """The namespaces of one lab, and the cables between them; all of it for ""."""
    if not lab:
        return host
    spaces = tuple(space for space in host.namespaces if belongs(space, lab))
    known = {space.id for space in spaces}
    cables = tuple(cable for cable in host.cables if cable.one[0] in known and cable.other[0] in known)
    return replace(host, namespaces=spaces, cables=cables)


def belongs(space: "Space", lab: str) -> bool:
    """Whether it is a lab's."""
    return any(owner.kind == "lab" and lab in (owner.group, owner.name.partition("/")[0]) for owner in space.owners)


def view(host: "HostMap", version: int, opened: "Collection[str]" = ()) -> "dict[str, Any]":
    """{version, title, width, height, svg, boxes: {id: {members, name}}, lines: [{one, other, cables}], problems, down}. A cable is
    [id, device, id, device]; lines are in the order in which they stand in the drawing. `down`: ends of cables that are set down."""
    picture = layout(host, opened)
    members: Members = {box.id: box.members for box in picture.boxes}
    between = _between(host, members)
    names = {space.id: clean(space.name or space.id) for space in host.namespaces}
    return {
        "version": version, "title": picture.title, "width": picture.width, "height": picture.height, "svg": "\n".join(elements(picture)),
        "boxes": {box.id: {"members": box.members, "name": _called(box.members, names), "text": box.full} for box in picture.boxes},
        "lines": [{"one": line.one[0], "other": line.other[0], "cables": _cables(line, between, members)} for line in picture.lines],
        "names": names, "words": {space.id: _text(space) for space in host.namespaces}, "problems": [record(problem) for problem in host.problems],
        "down": [[space.id, link.name] for space in host.namespaces for link in space.links if link.peer and not link.up],
    }  # fmt: skip


def _called(members: "tuple[str, ...]", names: "dict[str, str]") -> str:
    first = names.get(members[0], members[0])
    return first if len(members) == 1 else f"{first} … {names.get(members[-1], members[-1])} ({len(members)})"


def _between(host: "HostMap", members: "Members") -> "dict[tuple[str, str], list[Cable]]":
    """The cables between each two boxes."""
    box_of = {id: box for box, ids in members.items() for id in ids}
    out: dict[tuple[str, str], list[Cable]] = {}
    for cable in host.cables:
        one, other = box_of.get(cable.one[0], ""), box_of.get(cable.other[0], "")
        out.setdefault((one, other) if one < other else (other, one), []).append(cable)
    return out


def _cables(line: "Line", between: "dict[tuple[str, str], list[Cable]]", members: "Members") -> "list[list[str]]":
    """Those that a line stands for: between its two boxes, and at the devices that its ends name, when they name one."""
    one, other = line.one[0], line.other[0]
    found = between.get((one, other) if one < other else (other, one), [])
    named = {(members[box][0], key) for box, key in (line.one, line.other) if key[:1] != "*" and len(members[box]) == 1}
    kept = [cable for cable in found if named <= {cable.one, cable.other}] if line.style.split()[0] != "stands" else []
    return [[*cable.one, *cable.other] for cable in kept]


def _text(space: "Space") -> str:
    words = [space.name, space.id, *space.names]
    for owner in space.owners:
        words += [owner.name, owner.id[:12], owner.group]
    for link in space.links:
        words += [link.name, link.mac, link.alias, *link.altnames]
    words += [address.address for address in space.addresses]
    words += [f"{holder.comm} {holder.pid}" for holder in space.holders if holder.pid]
    return clean(" ".join(word for word in words if word)).lower()
