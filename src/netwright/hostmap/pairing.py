"""Which device is the other end of which: by both indices and one confirming question about a number.

How it works. Each end tells its own index, the index of the other, and the number (nsid) that the other's namespace has here. An
index says nothing by itself (every container's eth0 is 2), and a number means something only in the namespace that gave it. So two
ends fit when their indices mirror each other; and they are a pair when one of the two namespaces calls the other by the very
number that its end tells: (namespace, number, index) is one device and no other. One question settles all cables between the same
two namespaces. Where many ends fit (a hundred labs that look the same), the kernel is asked first what the other end looks like,
and those that look so are tried before the others; what settles it is the number all the same.

All of it is pure: `hints` and `questions` say what is to be asked, whoever can ask calls `hint` and `answer`, until both are empty.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .model import End

    Question = tuple[str, str]  # (who is asked, about whom)

_MANY = 4  # so many that fit are tried without a hint


class Point:
    """One end: where it is, its index, the index that it points at, and the number of the namespace where that is (None: here);
    `look`: its name and its hardware address, by which it may be told from others."""

    __slots__ = ("end", "index", "look", "mate", "nsid")

    def __init__(self, end: End, index: int, mate: int, nsid: int | None, look: str = "") -> None:
        self.end, self.index, self.mate, self.nsid, self.look = end, index, mate, nsid, look


class Pairing:
    """Ends to be paired, and single links (`lower`) whose lower device is to be found. `order` are the ids of all namespaces that
    can be asked about, likely ones first. `known`: numbers that need no question, as {(asked, nsid): id}."""

    def __init__(self, points: Iterable[Point], lower: Iterable[Point] = (), order: Iterable[str] = (), known: dict[tuple[str, int], str] | None = None) -> None:
        self.pairs: dict[End, End] = {}
        self.lower: dict[End, tuple[str, int]] = {}
        self._known = dict(known or {})
        self._no: set[Question] = {("", "")}
        self._asked: dict[End, Question] = {}
        self._order = tuple(order)
        self._points = list(points)
        self._open = {point.end: point for point in self._points if point.nsid is not None}
        self._below = [point for point in lower if point.nsid is not None]
        self._at = {(point.end[0], point.index): point for point in self._open.values()}
        self._looks: dict[End, str | None] = {}
        self._fits: dict[End, Iterator[Point]] = {}
        self._cross: dict[tuple[int, int], list[Point]] = {}
        self._alike: dict[tuple[int, int, str | None], list[Point]] = {}
        self._ends: dict[str, int] = {}
        for point in self._open.values():
            self._cross.setdefault((point.index, point.mate), []).append(point)
            self._alike.setdefault((point.index, point.mate, point.look), []).append(point)
            self._ends[point.end[0]] = self._ends.get(point.end[0], 0) + 1
        self._inside()

    def _inside(self) -> None:
        """Both ends in one namespace: there an index is enough."""
        here = {(point.end[0], point.index): point for point in self._points if point.nsid is None}
        for point in here.values():
            mate = here.get((point.end[0], point.mate))
            if mate and mate.mate == point.index and mate is not point:
                self.pairs[point.end] = mate.end

    # -- questions and answers ---------------------------------------------------------------------------------------------

    def hints(self) -> Iterator[Point]:
        """Ends that too many fit, one after the other: what does the device with index `mate` in the namespace with number
        `nsid` of theirs look like?"""
        for point in self._open.values():
            many = len(self._cross.get((point.mate, point.index), ())) > _MANY
            if many and point.end not in self._looks and (point.end[0], point.nsid) not in self._known:
                yield point

    def hint(self, point: Point, look: str | None) -> None:
        """The look of the other end; None where it could not be had."""
        self._looks[point.end] = look
        for other in self._alike.get((point.mate, point.index, look), ()):
            self._looks.setdefault(other.end, None)  # one hint is enough for both ends

    def questions(self) -> list[Question]:
        """What is to be asked next: at most one question for each open end; [] when all is settled that can be."""
        out: dict[Question, None] = {}
        for point in list(self._open.values()):
            if point.end in self._open and (question := self._about(point)):
                out[question] = None
        for point in self._below:
            out.update(dict.fromkeys(self._about_lower(point)))
        return list(out)

    def answer(self, question: Question, nsid: int) -> None:
        """The number that `question[1]` has in `question[0]`; -1: none, or it could not be asked."""
        if nsid >= 0:
            self._known[question[0], nsid] = question[1]
        self._no.add(question)  # asked: whatever the answer was, it is in _known

    def _about(self, point: Point) -> Question | None:
        """Pair it when its number is known; else the question that would settle it or rule one out."""
        where = self._known.get((point.end[0], point.nsid or 0))
        if where is not None:
            self._pair(point, self._at.get((where, point.mate)))
            return None
        if self._asked.get(point.end, ("", "")) not in self._no:
            return self._asked[point.end]
        if point.end not in self._fits:
            self._fits[point.end] = self._candidates(point)
        for other in self._fits[point.end]:
            if other.end not in self._open or other.end[0] == point.end[0]:
                continue
            found = self._known.get((other.end[0], other.nsid or 0))
            if found == point.end[0]:
                self._pair(other, point)
                return None
            if found is None and self._unasked(point.end[0], other.end[0]):
                # It is tried once: if it is the one, the next round knows the number.
                self._asked[point.end] = self._question(point.end[0], other.end[0])
                return self._asked[point.end]
        return None

    def _pair(self, point: Point, other: Point | None) -> None:
        if other and other.end in self._open and other.mate == point.index and other.end[0] != point.end[0]:
            self.pairs[point.end], self.pairs[other.end] = other.end, point.end
            del self._open[point.end], self._open[other.end]

    def _candidates(self, point: Point) -> Iterator[Point]:
        """Those whose indices mirror its own; if it is known how the other end looks, those first."""
        if look := self._looks.get(point.end):
            yield from self._alike.get((point.mate, point.index, look), ())
        yield from self._cross.get((point.mate, point.index), ())

    def _question(self, one: str, other: str) -> Question:
        """The one that has more ends is asked: a host knows all its containers by one socket."""
        return (one, other) if (self._ends[one], one) >= (self._ends[other], other) else (other, one)

    def _unasked(self, one: str, other: str) -> bool:
        return (one, other) not in self._no and (other, one) not in self._no

    def _about_lower(self, point: Point) -> list[Question]:
        """About the likeliest namespace first, then about all the others at once: nothing mirrors this end."""
        space = point.end[0]
        where = self._known.get((space, point.nsid or 0))
        if where is not None:
            self.lower[point.end] = where, point.mate
            return []
        open_ones = [(space, other) for other in self._order if other != space and (space, other) not in self._no]
        return open_ones if (space, self._order[0]) in self._no or space == self._order[0] else open_ones[:1]

    @property
    def where(self) -> dict[tuple[str, int], str]:
        """What is known of numbers: (asked, nsid) -> id."""
        return self._known

    def lost(self) -> list[Point]:
        """Ends whose other end is in no namespace that we have seen."""
        return [*self._open.values(), *(point for point in self._below if point.end not in self.lower)]

    def nowhere(self) -> list[Point]:
        """Those of them of which it is not known whose number they tell."""
        return [point for point in self.lost() if (point.end[0], point.nsid) not in self._known]
