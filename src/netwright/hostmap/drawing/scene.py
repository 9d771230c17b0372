"""What a picture is made of, in pixels. Named tuples and no `@value`: a picture has thousands, and these are made five times faster.

Everything inside a box is relative to the box's corner, so that a page can move boxes. Everything has its measures here, none is
left to whoever prints it: that is what lets a test look for overlaps.
"""

from typing import NamedTuple


class Text(NamedTuple):
    """One line in the rectangle (x, y, w, h). `full` is what was cut, "" when nothing was. `style` names a class of palette.py."""

    x: float
    y: float
    w: float
    h: float
    text: str
    style: str
    full: str = ""


class Mark(NamedTuple):
    """Where a cable is plugged in: the centre of a small square on the box's edge. `style`: up, down, free or lost."""

    x: float
    y: float
    style: str
    key: str


class Bar(NamedTuple):
    """A filled rectangle: a rail, a pill, a cell of an open group, a line between them."""

    x: float
    y: float
    w: float
    h: float
    style: str
    full: str = ""


class Box(NamedTuple):
    """A namespace, or a group of such. `members` are the ids of the namespaces; `inner` are the lines of a group that can be opened,
    `other` its height when it is the other way round than `is_open` says."""

    id: str
    x: float
    y: float
    w: float
    h: float
    tone: str
    state: str
    full: str
    members: tuple[str, ...]
    texts: tuple[Text, ...]
    marks: tuple[Mark, ...]
    bars: tuple[Bar, ...]
    inner: tuple[Text, ...] = ()
    is_open: bool = False
    other: float = 0.0
    column: int = 0
    part: int = 0


class Line(NamedTuple):
    """A cable from mark `one` to mark `other` (box id, key of the mark) through `points`: odd stretches bend, even ones are straight.

    `cables` of them are drawn as one, with `label` beside it then. `follows` says for each point what it moves with when a group
    is opened: a box, or what is below a box (">b4"), or nothing (""). `bow` is how far a cable swings out that comes back.
    """

    one: tuple[str, str]
    other: tuple[str, str]
    points: tuple[tuple[float, float], ...]
    style: str
    cables: int
    full: str
    label: "Text | None" = None
    bow: float = 0.0
    follows: tuple[str, ...] = ()


class Picture(NamedTuple):
    """The whole."""

    width: float
    height: float
    title: str
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    caption: tuple[Text, ...] = ()
