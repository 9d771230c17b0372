"""Where everything stands: `layout` makes a Picture of a HostMap.

Each connected part of the host is laid out alone: its hub (the host, or whatever has most cables) in the middle, the rest in
columns left and right of it (columns.py), boxes in the order in which their cables come (`_ordered`), cables through the gaps
(routes.py). The parts are put beside and below each other until the whole has about the proportions of a screen.
"""

from math import sqrt

from . import columns, routes
from .boxes import Shape
from .graph import graph
from .labels import TONES
from .scene import Box, Line, Picture, Text
from .words import cells, clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ..model import HostMap
    from .graph import Graph, Key, Node, Wire
    from .routes import Point
    from .scene import Mark

BORDER, TOP, FOOT = 24.0, 44.0, 34.0
APART = 40.0
SMALL = 6.1
CABLES = {"many": "several cables", "down": "no carrier", "stands": "stands on"}  # style of a cable -> on the legend


def layout(host: "HostMap", opened: "Collection[str]" = (), fewest: int = 4, roomy: bool = False) -> Picture:
    """The picture of a host. `opened`: ids of members of groups to draw open, or "all"; `fewest` alike namespaces make a group
    (0: everyone gets a box). `roomy`: boxes of closed groups are as wide as open ones, for a page that opens them where they stand."""
    made = graph(host, opened, fewest)
    for node in made.nodes:
        node.roomy = roomy
    near = _neighbours(made)
    found = [Part(made, part, near, host.here) for part in columns.parts(near)]
    found.sort(key=lambda part: (not part.has(host.here), -part.w * part.h))
    width, height = _pack(found)
    boxes = [box for number, part in enumerate(found) for box in part.boxes(number)]
    lines = [line for part in found for line in part.lines()]
    title = _title(host)
    legend = _legend(boxes, lines, height)
    width = max(width, BORDER * 2 + cells(title) * 8.5, legend[-1].x + legend[-1].w + BORDER if legend else 0)
    return Picture(width, height + (FOOT if legend else 0), title, tuple(boxes), tuple(lines), legend)


def _title(host: "HostMap") -> str:
    spaces, cables = len(host.namespaces), len(host.cables)
    return clean(f"{host.host or 'host'} · {spaces} namespace{'s' * (spaces != 1)} · {cables} cable{'s' * (cables != 1)}")


def _legend(boxes: "list[Box]", lines: "list[Line]", y: float) -> "tuple[Text, ...]":
    """What colours mean, and of the cables what is not plain."""
    used = {box.tone for box in boxes}
    keys = [(16, tone, tone) for tone in (*TONES, "other") if tone in used and len(used) > 1]
    looks = {line.style for line in lines} | ({"many"} if any(line.cables > 1 for line in lines) else set())
    keys += [(30, text, style) for style, text in CABLES.items() if style in looks]
    out, x = [], BORDER
    for room, text, style in keys:
        out.append(Text(x + room, y, len(text) * SMALL, 15, text, "legend " + style))
        x += room + len(text) * SMALL + 18
    return tuple(out)


def _neighbours(made: "Graph") -> "list[list[int]]":
    near: list[dict[int, None]] = [{} for _ in made.nodes]
    for wire in made.wires:
        if wire.one[0] != wire.other[0]:
            near[wire.one[0]][wire.other[0]] = None
            near[wire.other[0]][wire.one[0]] = None
    return [list(found) for found in near]


def _pack(parts: "list[Part]") -> "tuple[float, float]":
    """Place the parts on shelves; small ones below each other where there is room. Returns the size of the whole."""
    area = sum((part.w + APART) * (part.h + APART) for part in parts)
    wide = max([sqrt(area * columns.ASPECT), *(part.w for part in parts)]) + BORDER
    right, x, y, tall, below, column = BORDER, BORDER, TOP, 0.0, 0.0, 0.0
    for part in parts:
        if column and part.w <= column and below + part.h <= y + tall:
            part.x, part.y = x, below
        else:
            x += column + APART if column else 0
            if column and x + part.w > wide:
                x, y, tall = BORDER, y + tall + APART, 0.0
            part.x, part.y, column = x, y, part.w
        below = part.y + part.h + columns.GAP
        tall = max(tall, part.y + part.h - y)
        right = max(right, part.x + part.w)
    return right + BORDER, y + tall + BORDER


class Part:
    """A connected part of the host; `x`, `y` are where it stands, `w`, `h` its size."""

    def __init__(self, made: "Graph", part: "list[int]", near: "list[list[int]]", here: str) -> None:
        self.nodes, self.x, self.y = made.nodes, 0.0, 0.0
        self._part = part
        self._below: dict[int, bool] = {}
        self.wires = [wire for node in part for wire in _first(made, node)]
        hub = next((node for node in part if self._is(node, here)), None)
        hub = max(part, key=lambda node: len(near[node])) if hub is None else hub
        rank = columns.ranks(part, hub, near, lambda node: _guess(made.nodes[node]))
        rank = self._ordered(rank, made)
        self._stand(rank, hub)
        self._measure()

    def _is(self, node: int, here: str) -> bool:
        return any(space.id == here for space in self.nodes[node].members)

    def has(self, here: str) -> bool:
        """Whether the caller's own namespace is in it."""
        return any(self._is(node, here) for node in self._part)

    def _ordered(self, rank: "dict[int, int]", made: "Graph") -> "dict[int, int]":
        """The nodes of each rank by the places of the plugs that they are plugged into, from the hub outwards, and once back."""
        by_rank: dict[int, list[int]] = {}
        for node, number in rank.items():
            by_rank.setdefault(number, []).append(node)
        place = {node: at / len(nodes) for nodes in by_rank.values() for at, node in enumerate(nodes)}
        toward: dict[int, list[tuple[int, float]]] = {}
        self._spots = spots = {node: _spots(made.nodes[node]) for node in rank}
        for wire in self.wires:
            for (own, _), (other, key) in ((wire.one, wire.other), (wire.other, wire.one)):
                if own != other:
                    toward.setdefault(own, []).append((other, spots[other].get(key, 0.0) / len(by_rank[rank[other]])))
        outward = sorted(by_rank, key=abs)
        for number in (*outward[1:], *reversed(outward[1:-1]), *outward[1:]):
            nodes = by_rank[number]
            nodes.sort(key=lambda node: sum(place[other] + spot for other, spot in toward[node]) / len(toward[node]))
            place.update((node, at / len(nodes)) for at, node in enumerate(nodes))
        return {node: number for number in by_rank for node in by_rank[number]}

    def _stand(self, rank: "dict[int, int]", hub: int) -> None:
        """Columns, and at which side of its box each cable leaves."""
        shapes = {node: Shape(self.nodes[node], {}) for node in rank}
        guess = {node: shape.h for node, shape in shapes.items()}
        limit = columns.tallest([(shapes[node].w, guess[node]) for node in rank])
        rank = columns.snaked(rank, lambda node: guess[node])
        self._columns = columns.split(rank, lambda node: guess[node], limit)
        self._column = {node: at for at, column in enumerate(self._columns) for node in column}
        self._hub = self._column[hub]
        sides: dict[int, dict[str, dict[int, int]]] = {node: {} for node in rank}
        for wire in self.wires:
            for (own, key), (other, _) in ((wire.one, wire.other), (wire.other, wire.one)):
                found = sides[own].setdefault(key, {})
                side = self._side(own, other)
                found[side] = found.get(side, 0) + 1
        shapes = {node: Shape(self.nodes[node], found) for node, found in sides.items()}
        self._shapes = shapes

    def _side(self, own: int, other: int) -> int:
        at, to = self._column[own], self._column[other]
        return (1 if to > at else -1) if to != at else (1 if at >= self._hub else -1)

    # -- heights -------------------------------------------------------------------------------------------------------------

    def _measure(self) -> None:
        """Heights with plain gaps first; then it is known which cables go through which gap, and how wide it has to be."""
        self._tops = self._stacked([[columns.GAP] * (len(column) + 1) for column in self._columns])
        self._inside()
        gaps = routes.Gaps(
            [[self._tops[node] for node in column] for column in self._columns],
            [[self._tops[node] + self._shapes[node].h for node in column] for column in self._columns],
        )
        self._ways = [self._way(number, gaps) for number in range(len(self.wires))]
        rooms = [[routes.room(lanes, columns.GAP) for lanes in column] for column in gaps.lanes]
        self._tops = self._stacked(rooms)
        above = min(self._tops[column[0]] - self._outer(gaps.lanes[at][0]) for at, column in enumerate(self._columns))
        self._tops = {node: top - above for node, top in self._tops.items()}
        self.h = max(self._bottom(column[-1]) + self._outer(gaps.lanes[at][-1]) for at, column in enumerate(self._columns))
        self._widths(gaps)

    def _outer(self, lanes: int) -> float:
        return routes.MARGIN + lanes * routes.LANE if lanes else 0.0

    def _bottom(self, node: int) -> float:
        return self._tops[node] + self._shapes[node].h

    def _stacked(self, rooms: "list[list[float]]") -> "dict[int, float]":
        """The top of every box: columns as stacks, each moved up or down to where its cables come from."""
        tops: dict[int, float] = {}
        for number, column in enumerate(self._columns):
            y = 0.0
            for at, node in enumerate(column):
                tops[node] = y = y + (rooms[number][at] if at else 0.0)
                y += self._shapes[node].h
            middle = y / 2
            for node in column:
                tops[node] -= middle
        return tops

    def _inside(self) -> None:
        """Contents of the boxes: their ports in the order of the other ends."""
        order: dict[int, dict[str, float]] = {node: {} for node in self._shapes}
        for wire in self.wires:
            for (own, key), (other, far) in ((wire.one, wire.other), (wire.other, wire.one)):
                order[own][key] = self._tops[other] + self._shapes[other].h * (0.25 + self._spots[other].get(far, 0.5) / 2)
        self._content = {node: shape.content(order[node]) for node, shape in self._shapes.items()}
        marks = {(node, mark.key, mark.x > 0): mark for node, content in self._content.items() for mark in content[1]}
        self._plugged = [(self._mark(marks, wire.one, wire.other), self._mark(marks, wire.other, wire.one)) for wire in self.wires]
        self._channels = [
            (self._column[wire.one[0]] + (one.x > 0), self._column[wire.other[0]] + (other.x > 0))
            for wire, (one, other) in zip(self.wires, self._plugged, strict=True)
        ]

    def _mark(self, marks: "dict[tuple[int, str, bool], Mark]", own: "Key", other: "Key") -> "Mark":
        """Where a cable is plugged in: at the better side, if the plug has a mark there."""
        right = self._side(own[0], other[0]) > 0
        return marks.get((*own, right)) or marks[*own, not right]

    def _way(self, number: int, gaps: routes.Gaps) -> "list[tuple[int, int, int]]":
        wire, (one, other) = self.wires[number], self._plugged[number]
        return gaps.crossings(*self._channels[number], self._tops[wire.one[0]] + one.y, self._tops[wire.other[0]] + other.y)

    # -- widths --------------------------------------------------------------------------------------------------------------

    def _widths(self, gaps: routes.Gaps) -> None:
        """The left and right edge of every column; a channel is wider when many cables run in it."""
        busy = [0] * (len(self._columns) + 1)
        for one, other in self._channels:
            for channel in range(min(one, other), max(one, other) + 1):
                busy[channel] += 1
        x = columns.CHANNEL / 2 if busy[0] else 0.0
        self._spans: list[Point] = []
        for at, column in enumerate(self._columns):
            width = max(self._shapes[node].w for node in column)
            self._spans.append((x, x + width))
            x += width + (columns.CHANNEL + min(60.0, 2.0 * busy[at + 1]))
        self.w = self._spans[-1][1] + (columns.CHANNEL / 2 if busy[-1] else 0)
        self._firsts = [self._lanes(column, gaps.lanes[at]) for at, column in enumerate(self._columns)]

    def _lanes(self, column: "list[int]", lanes: "list[int]") -> "list[float]":
        """The height of the first lane of each gap, so that all of them stand in its middle."""
        out = [self._tops[column[0]] - routes.MARGIN]
        for above, below, count in zip(column[:-1], column[1:], lanes[1:-1], strict=True):
            out.append((self._bottom(above) + self._tops[below] - routes.LANE * max(count - 1, 0)) / 2)
        return [*out, self._bottom(column[-1]) + routes.MARGIN]

    def _left(self, node: int) -> float:
        """Boxes left of the hub stand at the right edge of their column, the others at the left one; the hub in the middle."""
        at = self._column[node]
        left, right = self._spans[at]
        w = self._shapes[node].w
        return right - w if at < self._hub else left if at > self._hub else (left + right - w) / 2

    # -- what comes out ------------------------------------------------------------------------------------------------------

    def boxes(self, number: int) -> "list[Box]":
        """The boxes where they stand."""
        return [self._box(node, number) for column in self._columns for node in column]

    def _box(self, at: int, number: int) -> Box:
        node, shape = self.nodes[at], self._shapes[at]
        x, y = self.x + self._left(at), self.y + self._tops[at]
        members = tuple(space.id for space in node.members)
        return Box(
            f"b{at}", x, y, shape.w, shape.h, node.tone, node.state, node.full, members, *self._content[at], node.open, shape.other,
            self._column[at], number,
        )  # fmt: skip

    def lines(self) -> "list[Line]":
        """The cables."""
        return [self._line(number) for number in range(len(self.wires))]

    def _line(self, number: int) -> Line:
        wire, way, marks, (first, last) = self.wires[number], self._ways[number], self._plugged[number], self._channels[number]
        (start, leave), (end, enter) = self._ends(wire.one, marks[0]), self._ends(wire.other, marks[1])
        right = first <= last
        spans = [(self.x + left, self.x + far) for left, far in self._spans]
        firsts = self._firsts if not self.y else [[self.y + y for y in column] for column in self._firsts]
        middle = routes.through(way, spans, firsts, right)
        plugs = [self.nodes[node].plugs.get(key) or self.nodes[node].rails[key] for node, key in (wire.one, wire.other)]
        names = [f"{self.nodes[node].title} {plug.name}" for (node, _), plug in zip((wire.one, wire.other), plugs, strict=True)]
        style = ("up" if wire.up else "down") if wire.kind != "stands" else "stands"
        full = f"{names[0]} {'on' if style == 'stands' else '⇄'} {names[1]}" + (f" (×{wire.count})" if wire.count > 1 else "")
        return Line(
            (f"b{wire.one[0]}", wire.one[1]), (f"b{wire.other[0]}", wire.other[1]), (start, leave, *middle, enter, end), style, wire.count,
            full + ("" if wire.up else " · no carrier"), self._label(wire, marks, (leave, enter)), self._bow(wire, marks[0], start, end),
            self._follows(wire, way),
        )  # fmt: skip

    def _ends(self, end: "Key", mark: "Mark") -> "tuple[Point, Point]":
        """The mark, and where the cable comes out of the column."""
        node = end[0]
        x, y = self.x + self._left(node) + mark.x, self.y + self._tops[node] + mark.y
        left, right = self._spans[self._column[node]]
        return (x, y), (self.x + (right if mark.x > 0 else left), y)

    def _follows(self, wire: "Wire", way: "list[tuple[int, int, int]]") -> "tuple[str, ...]":
        """What each point moves with: the boxes at the ends, between them the box above the gap."""
        above = [f">b{self._columns[column][gap - 1]}" if gap else "" for column, gap, _ in way]
        one, other = f"b{wire.one[0]}", f"b{wire.other[0]}"
        return (one, one, *(word for word in above for _ in (0, 1)), other, other)

    def _bow(self, wire: "Wire", mark: "Mark", start: "Point", end: "Point") -> float:
        """How far a cable swings out that comes back to the column it left."""
        if self._column[wire.one[0]] != self._column[wire.other[0]]:
            return 0.0
        return (1 if mark.x > 0 else -1) * (18 + min(22.0, abs(start[1] - end[1]) / 12))

    def _label(self, wire: "Wire", marks: "Sequence[Mark]", points: "Sequence[Point]") -> "Text | None":
        """The number of cables, outside of the box that has them in one plug: below or above, where the cables do not come from."""
        if wire.count < 2:
            return None
        at = 1 if len(self.nodes[wire.other[0]].members) > 1 else 0
        (x, y), (_, far) = points[at], points[1 - at]
        # All labels of one box on the same side of their plugs: two in neighbouring rows would meet otherwise.
        below = self._below.setdefault((wire.one, wire.other)[at][0], far < y)
        text = f"×{wire.count}"
        w = cells(text) * SMALL
        return Text(x + 10 if marks[at].x > 0 else x - 10 - w, y + (4 if below else -16), w, 12, text, "count")


def _first(made: "Graph", node: int) -> "list[Wire]":
    """The wires that begin at a node."""
    numbers = sorted({at for plugs in (made.nodes[node].plugs, made.nodes[node].rails) for plug in plugs.values() for at in plug.wired})
    return [made.wires[at] for at in numbers if made.wires[at].one[0] == node]


def _guess(node: "Node") -> float:
    """About how tall the box of a node is."""
    return 56.0 + 18 * (len(node.plugs) + len(node.rails)) + 15 * len(node.extras) + (15 * len(node.cells) if node.open else 0)


def _spots(node: "Node") -> "dict[str, float]":
    """How far down each plug is, from 0 to 1: rails first."""
    rails = list(node.rails)
    keys = sorted(node.plugs.values(), key=lambda plug: rails.index(plug.rail) if plug.rail in node.rails else len(rails))
    found = [*rails, *(plug.key for plug in keys)]
    return {key: at / max(len(found), 1) for at, key in enumerate(found)}
