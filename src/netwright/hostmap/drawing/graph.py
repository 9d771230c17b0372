"""The map as a graph to be drawn: nodes (a namespace, or a group of alike ones), their plugs, wires between plugs.

One wire may stand for many cables, and one plug for many devices: the host's twenty veths into one folded group are one plug.
"""

from . import folding, labels, wires
from .words import clean, natural

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from ..model import End, HostMap, Link, Space
    from .folding import Group
    from .wires import Run

    Key = tuple[int, str]  # (number of the node, key of the plug)

# More cables than this between the same two switches (or namespaces) are drawn as one.
PARALLEL = 6
# So many devices that lead nowhere are written out, then only their number.
IDLE = 12
# So many published ports of a group are written out.
PORTS = 3


class Plug:
    """A row of a node: `name` and `address` as written, `full` for the mouse, `rail` the switch that it is a port of. `wired`
    are numbers of wires."""

    __slots__ = ("address", "full", "key", "name", "rail", "style", "wired")

    def __init__(self, key: str, name: str, address: str = "", style: str = "free", full: str = "", rail: str = "") -> None:
        self.key, self.name, self.address, self.style, self.full, self.rail = key, name, address, style, full, rail
        self.wired: list[int] = []


class Node:
    """A box to be: `plugs` by key; `rails` the switches (name -> their own plug); `extras` further lines; `cells` the lines of
    each member of a group, for which there has to be room when it is `open`, or can be opened where it stands (`roomy`)."""

    __slots__ = ("cells", "extras", "full", "idle", "members", "note", "number", "open", "plugs", "rails", "roomy", "state", "title", "tone")

    def __init__(self, number: int, members: "list[Space]") -> None:
        first = members[0]
        self.number, self.members = number, members
        self.tone, self.state, self.title, self.note = labels.tone(first), first.state, labels.title(first), labels.note(first)
        self.full, self.open, self.roomy, self.idle = "", False, False, 0
        self.plugs: dict[str, Plug] = {}
        self.rails: dict[str, Plug] = {}
        self.extras: list[str] = []
        self.cells: list[list[str]] = []


class Wire:
    """Between the plugs `one` and `other`, for `count` cables; `up` when all of them carry."""

    __slots__ = ("count", "kind", "one", "other", "up")

    def __init__(self, one: "Key", other: "Key", kind: str) -> None:
        self.one, self.other, self.kind, self.count, self.up = one, other, kind, 0, True


class Graph:
    """`nodes` and `wires`, numbered from 0. Made by `graph`."""

    def __init__(self, host: "HostMap", found: "list[Group]", opened: "Collection[str]", links: "wires.Links") -> None:
        self.nodes: list[Node] = []
        self.wires: list[Wire] = []
        self._links = links
        self._groups = found
        self._slots = folding.places(found)
        self._addresses = {space.id: labels.addresses(space) for space in host.namespaces}
        self._node_of: dict[str, int] = {}
        self._wire_of: dict[tuple[Key, Key, str], int] = {}
        self._make_nodes(host, opened)

    def _make_nodes(self, host: "HostMap", opened: "Collection[str]") -> None:
        for group in self._groups:
            node = Node(len(self.nodes), group.members)
            node.open = "all" in opened or any(space.id in opened for space in group.members)
            self._add(node)
        for space in host.namespaces:
            if space.id not in self._node_of:
                self._add(Node(len(self.nodes), [space]))

    def _add(self, node: Node) -> None:
        self._node_of.update((space.id, node.number) for space in node.members)
        self.nodes.append(node)

    # -- wires ---------------------------------------------------------------------------------------------------------------

    def wire(self, wired: "list[Run]") -> None:
        """Every run into a wire; many alike into one."""
        fat = self._parallel(wired)
        for run in wired:
            if run.one[0] == run.other[0] and run.kind != wires.STANDS_ON:
                self.nodes[self._node_of[run.one[0]]].extras.append(self._inside(run))
                continue
            bundle = self._bundle(run, fat)
            one = self._plug(run.one, bundle, run.kind, False)
            other = self._plug(run.other, bundle, run.kind, run.kind == wires.STANDS_ON)
            self._join(one, other, run)

    def _inside(self, run: "Run") -> str:
        """A cable within one namespace: each end with the switch that it is in, or its address."""
        space = run.one[0]
        words = []
        for _, name in sorted((run.one, run.other), key=lambda end: (not self._side(end)[1], natural(end[1]))):
            master = self._links[space][name].master
            words.append(" ".join((name, f"({master})" if master else "", *self._addresses[space].get(name, [])[:1])))
        return clean(" ".join(" ⇄ ".join(words).split()) + ("" if run.up else " down"))

    def _between(self, run: "Run") -> "tuple[End, End]":
        one, other = self._side(run.one), self._side(run.other)
        return (one, other) if one <= other else (other, one)

    def _side(self, end: "End") -> "End":
        return end[0], self._links[end[0]][end[1]].master

    def _parallel(self, wired: "list[Run]") -> "set[tuple[End, End]]":
        """The pairs of switches (or namespaces) with too many cables between them."""
        counts: dict[tuple[End, End], int] = {}
        for run in wired:
            if run.kind != wires.STANDS_ON and run.one not in self._slots and run.other not in self._slots:
                counts[self._between(run)] = counts.get(self._between(run), 0) + 1
        return {pair for pair, count in counts.items() if count > PARALLEL}

    def _bundle(self, run: "Run", fat: "set[tuple[End, End]]") -> str:
        """A name for what this cable is one of many of; "" when it is drawn alone."""
        slot = self._slots.get(run.one) or self._slots.get(run.other)
        if slot:
            return f"*group {slot[0]} {slot[1]}"
        pair = self._between(run)
        return f"*cables {'/'.join(pair[0] + pair[1])}" if pair in fat else ""

    def _plug(self, end: "End", bundle: str, kind: str, lower: bool) -> "Key":
        """The plug of this end, made when it is the first one there."""
        number = self._node_of[end[0]]
        slot = self._slots.get(end)
        link = self._links[end[0]][end[1]]
        if slot:
            key = f"*slot {slot[1]}"
        else:
            # All that stands on a device stands on the same one.
            key = bundle if bundle and not lower else end[1]
        node = self.nodes[number]
        if key not in node.plugs and key not in node.rails:
            node.plugs[key] = self._made(key, end, link)
        else:
            self._widened(node.plugs.get(key), link)
        return number, key

    def _made(self, key: str, end: "End", link: "Link") -> Plug:
        found = self._addresses[end[0]].get(end[1], [])
        plug = Plug(key, clean(link.name), labels.few(found), labels.style(link, True), labels.told(link, found), "" if end in self._slots else link.master)
        if not plug.rail and link.lower and link.lower[0] == end[0]:
            plug.name = clean(f"{link.name}@{link.lower[1]}")
        return plug

    def _widened(self, plug: "Plug | None", link: "Link") -> None:
        if plug is not None and labels.style(link, True) == "down":
            plug.style = "down"

    def _join(self, one: "Key", other: "Key", run: "Run") -> None:
        if run.kind != wires.STANDS_ON and other < one:
            # Which end of a cable comes first says nothing; those of one bundle shall be one wire.
            one, other = other, one
        at = self._wire_of.setdefault((one, other, run.kind), len(self.wires))
        if at == len(self.wires):
            self.wires.append(Wire(one, other, run.kind))
            for number, key in (one, other):
                plug = self.nodes[number].plugs.get(key) or self.nodes[number].rails[key]
                plug.wired.append(at)
        wire = self.wires[at]
        wire.count += 1
        wire.up = wire.up and run.up

    # -- what else stands in a box -------------------------------------------------------------------------------------------

    def fill(self, host: "HostMap", wired: "list[Run]") -> None:
        """What stands in the boxes besides plugs with wires: idle devices, published ports, the members of groups."""
        bundled = self._bundled(wired)
        ports = labels.published(host)
        for node in self.nodes:
            if len(node.members) > 1:
                self._fill_group(node, ports, bundled)
                continue
            space = node.members[0]
            node.full = self._told(space)
            self._fill_idle(node, space, bundled)
            node.extras = ports.get(space.id, []) + node.extras
            _shorten(node)

    def rail(self) -> None:
        """A rail for every device that others are ports of."""
        for node in self.nodes:
            if len(node.members) > 1:
                continue
            space = node.members[0]
            links = self._links[space.id]
            for name in sorted(wires.masters(space) | {link.name for link in space.links if link.kind == "bridge"}, key=natural):
                link = links.get(name)
                found = self._addresses[space.id].get(name, [])
                style, full = (labels.style(link, True), labels.told(link, found)) if link else ("up", clean(name))
                node.rails[name] = Plug(name, clean(name), labels.few(found), style, full)

    def _bundled(self, wired: "list[Run]") -> "dict[End, End]":
        """Every end with its other end, of cables proper."""
        out = {}
        for run in wired:
            out[run.one] = run.other
            if run.kind != wires.STANDS_ON:
                out[run.other] = run.one
        return out

    def _told(self, space: "Space") -> str:
        words = [labels.title(space), labels.note(space), labels.held(space), f"net:[{space.inode}]" if space.inode else "", *space.names]
        return clean(" · ".join(dict.fromkeys(word for word in words if word)))

    def _fill_idle(self, node: Node, space: "Space", wired: "dict[End, End]") -> None:
        for link in space.links:
            if link.name in node.plugs or link.name in node.rails or (space.id, link.name) in wired:
                continue
            found = self._addresses[space.id].get(link.name, [])
            if link.name == "lo" and all(word.startswith(("127.", "::1")) for word in found):
                continue
            if node.idle < IDLE:
                name = f"{link.name}@{link.lower[1]}" if link.lower and link.lower[0] == space.id else link.name
                node.plugs[link.name] = Plug(link.name, clean(name), labels.few(found), labels.style(link, False), labels.told(link, found), link.master)
            node.idle += 1

    def _fill_group(self, node: Node, ports: "dict[str, list[str]]", bundled: "dict[End, End]") -> None:
        group = self._groups[node.number]
        names = [labels.title(space) for space in node.members]
        node.title = labels.span(names)
        node.full = ", ".join(names)
        node.note = " · ".join(word for word in (f"{len(names)} alike", node.note) if word)
        for slot, devices in enumerate(group.slots):
            self._span(node.plugs[f"*slot {slot}"], node.members, devices)
        for at, space in enumerate(node.members):
            lines = [labels.title(space)]
            for devices in group.slots:
                end = (space.id, devices[at])
                own = [devices[at]] if len(group.slots) > 1 or len(set(devices)) > 1 else []
                words = [*own, *self._addresses[space.id].get(devices[at], [])[:1], "⇄", bundled[end][1]]
                lines.append(clean(" ".join(words)))
            node.cells.append(lines + ports.get(space.id, []))
        handed = [clean(f"{row} · {labels.title(space)}") for space in node.members for row in ports.get(space.id, [])]
        node.extras = handed[:PORTS] + ([f"+{len(handed) - PORTS} more ports"] if len(handed) > PORTS else [])

    def _span(self, plug: Plug, members: "list[Space]", devices: "tuple[str, ...]") -> None:
        known = list(dict.fromkeys(devices))
        plug.name = clean(known[0] if len(known) == 1 else f"{known[0]} …")
        found = [self._addresses[space.id].get(device, []) for space, device in zip(members, devices, strict=True)]
        plug.address = labels.span([words[0] for words in found if words])
        plug.full = ", ".join(word for words in found for word in words[:1])

    def name_bundles(self, wired: "list[Run]") -> None:
        """What is written at the plug of many: the first and their number."""
        named: dict[Key, list[str]] = {}
        fat = self._parallel(wired)
        for run in wired:
            bundle = self._bundle(run, fat) if run.one[0] != run.other[0] else ""
            for end in (run.one, run.other):
                number = self._node_of[end[0]]
                if bundle and bundle in self.nodes[number].plugs and end not in self._slots:
                    named.setdefault((number, bundle), []).append(end[1])
        for (number, key), names in named.items():
            plug = self.nodes[number].plugs[key]
            plug.name = clean(f"{min(names, key=natural)} ×{len(names)}") if len(names) > 1 else clean(names[0])
            plug.full = clean(", ".join(sorted(names, key=natural)))
            plug.address = plug.address if len(names) == 1 else ""


def _shorten(node: Node) -> None:
    if len(node.extras) > IDLE:
        node.extras[IDLE:] = [f"+{len(node.extras) - IDLE} more"]
    if node.idle > IDLE:
        node.extras.append(f"+{node.idle - IDLE} more devices")


def graph(host: "HostMap", opened: "Collection[str]" = (), fewest: int = folding.FEWEST) -> Graph:
    """`opened`: ids of members of groups that are drawn open, or "all". `fewest` alike ones make a group; 0: every one alone."""
    links = wires.links_of(host)
    wired = wires.runs(host, links)
    made = Graph(host, folding.groups(host, links, wired, fewest), opened, links)
    made.rail()
    made.wire(wired)
    made.name_bundles(wired)
    made.fill(host, wired)
    return made
