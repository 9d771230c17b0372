"""The way of a cable through the columns: between two of them it bends as it likes, past one it goes through a gap between boxes.

Channel 0 is left of column 0, channel n right of the last. A cable that leaves at the right side of column c is in channel c + 1.
"""

from bisect import bisect_left

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Point = tuple[float, float]

LANE = 5.0
MARGIN = 8.0


class Gaps:
    """Gap g of a column is above its box g, the last one below all. `lanes[column][g]` says how many cables go through."""

    __slots__ = ("lanes", "middles")

    def __init__(self, tops: "Sequence[Sequence[float]]", bottoms: "Sequence[Sequence[float]]") -> None:
        self.middles = [_middles(*column) for column in zip(tops, bottoms, strict=True)]
        self.lanes = [[0] * len(middles) for middles in self.middles]

    def crossings(self, start: int, end: int, y: float, to: float) -> "list[tuple[int, int, int]]":
        """(column, gap, lane) for each column between two channels, as near to the straight line as there is a gap."""
        columns = range(start, end) if start <= end else range(start - 1, end - 1, -1)
        out = []
        for number, column in enumerate(columns, 1):
            wanted = y + (to - y) * number / (len(columns) + 1)
            gap = _nearest(self.middles[column], wanted)
            out.append((column, gap, self.lanes[column][gap]))
            self.lanes[column][gap] += 1
        return out


def _middles(tops: "Sequence[float]", bottoms: "Sequence[float]") -> "list[float]":
    return [tops[0] - MARGIN, *((low + high) / 2 for low, high in zip(bottoms[:-1], tops[1:], strict=True)), bottoms[-1] + MARGIN]


def _nearest(middles: "list[float]", y: float) -> int:
    at = bisect_left(middles, y)
    if at == 0:
        return 0
    if at == len(middles):
        return at - 1
    return at if middles[at] - y < y - middles[at - 1] else at - 1


def room(lanes: int, gap: float) -> float:
    """How wide a gap has to be for so many cables."""
    return max(gap, 2 * MARGIN + LANE * max(lanes - 1, 0))


def through(crossings: "list[tuple[int, int, int]]", spans: "Sequence[Point]", firsts: "Sequence[Sequence[float]]", right: bool) -> "list[Point]":
    """The points at which the columns are entered and left. `spans` are their left and right edges, `firsts` the height of the
    first lane of each gap."""
    out = []
    for column, gap, lane in crossings:
        y = firsts[column][gap] + lane * LANE * (-1 if gap == 0 else 1)
        near, far = spans[column] if right else spans[column][::-1]
        out += [(near, y), (far, y)]
    return out
