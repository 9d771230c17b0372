"""Namespaces that nothing we can see holds, and that are known by the cables that lead there (IFLA_TARGET_NETNSID)."""

from __future__ import annotations

from .visits import Visit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .pairing import Pairing, Point
    from .visits import Asking


class Behind:
    """Namespaces at the other end of cables that nothing we can see holds: `found` is (asked, nsid) -> what its devices are.

    Two numbers of one namespace, in two others, lead to the same devices with the same addresses and other ends. A namespace that is
    known by one cable is known again by the device that the next cable leads to: a hundred need no list of its devices each.
    """

    def __init__(self, asking: Asking) -> None:
        self.found: dict[tuple[str, int], Visit] = {}
        self._asking = asking
        self._placed: set[str] = set()
        self._alike: dict[tuple[tuple[str, int, int], ...], Visit] = {}
        self._ends: dict[tuple[str, int, int], list[Visit]] = {}  # devices that no cable has led to yet

    def look(self, pairing: Pairing) -> None:
        """Find those that the ends lead to which have not been paired."""
        by_number: dict[tuple[str, int], list[Point]] = {}
        for point in pairing.nowhere():
            by_number.setdefault((point.end[0], point.nsid or 0), []).append(point)
        for number in sorted(by_number):
            if visit := self._known(number, by_number[number]) or self._new(number, by_number[number], pairing):
                self.found[number] = visit
                self._plugged(visit, by_number[number])

    def _plugged(self, visit: Visit, points: list[Point]) -> None:
        """One device is the other end of one only: who comes later leads to another that looks the same."""
        for end in self._mirrored(visit, points):
            if visit in self._ends.get(end, ()):
                self._ends[end].remove(visit)

    def _mirrored(self, visit: Visit, points: list[Point]) -> list[tuple[str, int, int]]:
        """Devices of it that are the other ends of these (and not only what they stand on)."""
        looks = {draft.index: draft.look for draft in visit.drafts}
        ends = [(looks.get(point.mate, ""), point.mate, point.index) for point in points]
        return [end for end in ends if end in self._ends]

    def _known(self, number: tuple[str, int], points: list[Point]) -> Visit | None:
        if not self._ends:
            return None
        for point in points:
            look = self._asking.look(*number, point.mate)
            if look and (left := self._ends.get((look, point.mate, point.index))):
                return left[0]
        return None

    def _new(self, number: tuple[str, int], points: list[Point], pairing: Pairing) -> Visit | None:
        if number[0] not in self._placed:
            self._placed.add(number[0])
            self._asking.place(pairing, number[0])
        return None if number in pairing.where else self._listed(number, points)

    def _listed(self, number: tuple[str, int], points: list[Point]) -> Visit | None:
        drafts = self._asking.drafts_behind(*number)
        if not drafts:
            return None
        key = tuple((draft.look, draft.index, draft.mate) for draft in drafts)
        visit = self._alike.get(key)
        if visit and all(visit in self._ends[end] for end in self._mirrored(visit, points)):
            return visit
        visit = self._alike[key] = Visit(f"{number[0]}/{number[1]}")
        visit.lose("unseen", "nothing that can be seen from here holds it; its devices are known by a cable")
        visit.drafts, visit.names = drafts, {draft.index: draft.name for draft in drafts}
        for end in key:
            self._ends.setdefault(end, []).append(visit)
        return visit
