"""The inside of a box: title, rails with their ports, devices, the lines of an open group; each with its place.

    ┌──────────────────────────┐      A switch is a rail: a bar with its name and address, a line down from it, and its
    │ host                     │      ports on both sides of that line. Any other device is a row; its cable leaves it at
    │ ┌docker0  172.17.0.1/16┐ │      the side where the other end is.
    ■ vetha ──┃── vethb      │ ■
    │ eth0     192.0.2.7/24    │
    └──────────────────────────┘
"""

from math import ceil

from .scene import Bar, Mark, Text
from .words import cells, cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .graph import Node, Plug

    Sides = Mapping[str, Mapping[int, int]]  # key of a plug -> side (-1 left, 1 right) -> how many cables leave there

# Widths of one column of text at the three sizes of palette.py: 0.602 em in every common fixed-width font, and a little air.
TITLE, ROW, SMALL = 7.3, 6.7, 6.1
HEAD, NOTE, LINE, CELL = 24.0, 14.0, 18.0, 15.0
PAD, EDGE, STUB = 10.0, 7.0, 14.0
LONGEST_TITLE, LONGEST_NAME, LONGEST_ADDRESS, LONGEST_NOTE, LONGEST_CELL = 30, 20, 24, 38, 34
NARROWEST = 130.0


class Rail:
    """A switch with its ports, sorted by side."""

    __slots__ = ("left", "own", "right")

    def __init__(self, own: "Plug", ports: "list[Plug]", sides: "Sides") -> None:
        self.own = own
        self.left = [plug for plug in ports if _better(plug, sides) < 0]
        self.right = [plug for plug in ports if _better(plug, sides) > 0]
        for plug in ports:
            if not _better(plug, sides):
                (self.left if len(self.left) < len(self.right) else self.right).append(plug)

    def sort(self, order: "Mapping[str, float]") -> None:
        """Ports in the order in which their cables leave; idle ones last."""
        for ports in (self.left, self.right):
            ports.sort(key=lambda plug: order.get(plug.key, 1e9))

    @property
    def rows(self) -> int:
        return max(len(self.left), len(self.right))


class Shape:
    """A node with its measures: `w`, `h`, and `other` (its height when the group is the other way round)."""

    __slots__ = ("columns", "h", "loose", "node", "other", "rails", "sides", "w")

    def __init__(self, node: "Node", sides: "Sides") -> None:
        self.node, self.sides = node, sides
        ports: dict[str, list[Plug]] = {name: [] for name in node.rails}
        self.loose: list[Plug] = []
        for plug in node.plugs.values():
            ports.get(plug.rail, self.loose).append(plug)
        self.rails = [Rail(own, ports[name], sides) for name, own in node.rails.items()]
        members = len(node.cells)
        self.columns = 0 if not members else 1 if members <= 60 else 2
        self.w = max(NARROWEST, ceil(max(self._widths())))
        closed = self._closed()
        opened = closed + (self._rows() * self._cell_height() + 4 if members else 0)
        self.h, self.other = (opened, closed) if node.open else (closed, opened)

    def _widths(self) -> "list[float]":
        node = self.node
        out = [min(cells(node.title), LONGEST_TITLE) * TITLE + 2 * PAD + (16 if node.cells else 0)]
        out.append(min(cells(node.note), LONGEST_NOTE) * SMALL + 2 * PAD)
        out += [_row(plug) + 2 * PAD for plug in self.loose]
        out += [min(cells(extra), LONGEST_NOTE) * SMALL + 2 * PAD for extra in node.extras]
        for rail in self.rails:
            out.append(_row(rail.own) + 2 * PAD + 6)
            out.append(_pill(rail.left) + _pill(rail.right) + 2 * (EDGE + STUB) + 6)
        if self.columns and (node.open or node.roomy):
            out.append(self.columns * self.cell_width() + 2 * PAD)
        return out

    def _closed(self) -> float:
        rows = sum(1 + rail.rows for rail in self.rails) + len(self.loose)
        spare = 6.0 * len(self.rails)
        return HEAD + (NOTE if self.node.note else 0) + rows * LINE + spare + len(self.node.extras) * CELL + 6

    def title_width(self) -> float:
        """Of the names of members."""
        return max(min(cells(lines[0]), 20) for lines in self.node.cells) * SMALL + 8

    def cell_width(self) -> float:
        """Of a member: its name, and what is plugged in."""
        rest = max((cells(line) for lines in self.node.cells for line in lines[1:]), default=0)
        return self.title_width() + min(rest, LONGEST_CELL) * SMALL + 8

    def _cell_height(self) -> float:
        return max(1, max(len(lines) - 1 for lines in self.node.cells)) * CELL

    def _rows(self) -> int:
        return ceil(len(self.node.cells) / self.columns)

    # -- what is in it ---------------------------------------------------------------------------------------------------------

    def content(self, order: "Mapping[str, float]") -> "tuple[tuple[Text, ...], tuple[Mark, ...], tuple[Bar, ...], tuple[Text, ...]]":
        """Texts, marks, bars, and the texts of an open group; `order` is the height at which the cable of each plug comes in."""
        texts, marks, bars = self._head()
        y = HEAD + (NOTE if self.node.note else 0)
        for rail in self.rails:
            rail.sort(order)
            y = self._rail(rail, y, texts, marks, bars) + 6
        for plug in sorted(self.loose, key=lambda plug: order.get(plug.key, -1)):
            self._loose(plug, y, texts, marks)
            y += LINE
        for extra in self.node.extras:
            texts.append(_text(PAD, y, self.w - 2 * PAD, CELL, extra, "extra", SMALL))
            y += CELL
        inner = self._cells(y + 2) if self.node.cells else ()
        return tuple(texts), tuple(marks), tuple(bars), tuple(inner)

    def _head(self) -> "tuple[list[Text], list[Mark], list[Bar]]":
        node = self.node
        room = self.w - 2 * PAD - (16 if node.cells else 0)
        texts = [_text(PAD, 3, room, HEAD - 6, node.title, "title", TITLE)]
        if node.note:
            texts.append(_text(PAD, HEAD - 3, self.w - 2 * PAD, NOTE, node.note, "note", SMALL))
        return texts, [], []

    def _rail(self, rail: Rail, y: float, texts: "list[Text]", marks: "list[Mark]", bars: "list[Bar]") -> float:
        bars.append(Bar(EDGE, y + 1, self.w - 2 * EDGE, LINE - 2, "rail " + rail.own.style, rail.own.full))
        texts += _named(rail.own, PAD + 3, y, self.w - 2 * PAD - 6, "rname")
        marks += self._marks(rail.own, y)
        left, right = _pill(rail.left), _pill(rail.right)
        spare = self.w - left - right - 2 * (EDGE + STUB) - 6
        middle = EDGE + left + STUB + spare * (left > 0) * (0.5 if right else 1)
        y += LINE
        if rail.rows:
            bars.append(Bar(middle, y - 1, 6, rail.rows * LINE - 3, "rail " + rail.own.style))
        for at in range(rail.rows):
            row = y + at * LINE
            if at < len(rail.left):
                self._port(rail.left[at], EDGE, left, middle, row, texts, marks, bars)
            if at < len(rail.right):
                self._port(rail.right[at], self.w - EDGE - right, right, middle + 6, row, texts, marks, bars)
        return y + rail.rows * LINE

    def _port(
        self, plug: "Plug", x: float, w: float, rail: float, y: float, texts: "list[Text]", marks: "list[Mark]", bars: "list[Bar]"
    ) -> None:
        inner = x + w if x < rail else x
        bars.append(Bar(min(inner, rail), y + LINE / 2 - 1, abs(rail - inner), 2, "stub"))
        bars.append(Bar(x, y + 1.5, w, LINE - 3, "pill", plug.full))
        texts += _named(plug, x + 5, y, w - 10, "name")
        if plug.wired or plug.style == "lost":
            marks.append(Mark(0.0 if x < rail else self.w, y + LINE / 2, plug.style, plug.key))

    def _loose(self, plug: "Plug", y: float, texts: "list[Text]", marks: "list[Mark]") -> None:
        texts += _named(plug, PAD, y, self.w - 2 * PAD, "name")
        marks += self._marks(plug, y)

    def _marks(self, plug: "Plug", y: float) -> "list[Mark]":
        """At each side where a cable leaves."""
        sides = self.sides.get(plug.key) or ({1: 0} if plug.wired or plug.style == "lost" else {})
        return [Mark(0.0 if side < 0 else self.w, y + LINE / 2, plug.style, plug.key) for side in sides]

    def _cells(self, y: float) -> "list[Text]":
        texts = []
        names, width, height, rows = self.title_width(), self.cell_width(), self._cell_height(), self._rows()
        for at, lines in enumerate(self.node.cells):
            x, top = PAD + (at // rows) * width, y + (at % rows) * height
            texts.append(_text(x, top, names - 8, CELL, lines[0], "member", SMALL))
            for number, line in enumerate(lines[1:]):
                texts.append(_text(x + names, top + number * CELL, width - names - 8, CELL, line, "inner", SMALL))
        return texts


def _better(plug: "Plug", sides: "Sides") -> int:
    """The side at which most cables of a plug leave; 0 when there are none."""
    found = sides.get(plug.key)
    return max(found, key=lambda side: (found[side], side)) if found else 0


def _row(plug: "Plug") -> float:
    name, address = min(cells(plug.name), LONGEST_NAME), min(cells(plug.address), LONGEST_ADDRESS)
    return (name + (address + 2 if address else 0)) * ROW


def _pill(ports: "list[Plug]") -> float:
    return max(_row(plug) for plug in ports) + 10 if ports else 0.0


def _named(plug: "Plug", x: float, y: float, room: float, style: str) -> "list[Text]":
    """The name at the left, the address at the right of the room."""
    address = cut(plug.address, LONGEST_ADDRESS)
    taken = cells(address) * ROW
    texts = [_text(x, y, room - (taken + ROW if address else 0), LINE, plug.name, style, ROW, plug.full)]
    if address:
        texts.append(Text(x + room - taken, y, taken, LINE, address, "raddress" if style == "rname" else "address", plug.full))
    return texts


def _text(x: float, y: float, w: float, h: float, text: str, style: str, column: float, full: str = "") -> Text:
    short = cut(text, int(w / column + 1e-6))
    return Text(x, y, cells(short) * column, h, short, style, full or (text if short != text else ""))
