"""Namespaces that nothing we can see holds, and that are known by the cables that lead there (IFLA_TARGET_NETNSID)."""

from __future__ import annotations

from .visits import Visit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .pairing import Pairing, Point
    from .reading import Draft
    from .visits import Asking


class Behind:
    """Namespaces at the other end of cables that nothing we can see holds: `found` is (asked, nsid) -> what its devices are.

    Two numbers, in two namespaces, can be of one such namespace. It is known again by the device that the next cable leads to: in
    the list of its devices that one told where its own cable leads, by the number which that has for who asked for the list. So a
    hundred cables need no list each, and of many that look the same none is taken for another. What only stands on a device there
    (a macvlan) is not known to that device: for it, the same devices with the same addresses are the same namespace.
    """

    def __init__(self, asking: Asking) -> None:
        self.found: dict[tuple[str, int], Visit] = {}
        self._asking = asking
        self._placed: set[str] = set()
        self._alike: dict[tuple[tuple[str, int, int], ...], Visit] = {}
        self._asked: dict[str, str] = {}
        self._ends: dict[tuple[str, int, int], list[tuple[Visit, Draft]]] = {}

    def look(self, pairing: Pairing) -> None:
        """Find those that the ends lead to which have not been paired."""
        by_number: dict[tuple[str, int], list[Point]] = {}
        for point in pairing.nowhere():
            by_number.setdefault((point.end[0], point.nsid or 0), []).append(point)
        for number in sorted(by_number):
            if visit := self._known(number, by_number[number]) or self._new(number, by_number[number], pairing):
                self.found[number] = visit

    def _known(self, number: tuple[str, int], points: list[Point]) -> Visit | None:
        for point in points if self._ends else ():
            look = self._asking.look(*number, point.mate)
            for visit, draft in self._ends.get((look or "", point.mate, point.index), ()):
                if draft.nsid is not None and self._asking.called(self._asked[visit.id], point.end[0]) == draft.nsid:
                    return visit
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
        mates = {(draft.index, draft.mate) for draft in drafts}
        if key in self._alike and not any((point.mate, point.index) in mates for point in points):
            return self._alike[key]
        visit = self._alike[key] = Visit(f"{number[0]}/{number[1]}")
        visit.lose("unseen", "nothing that can be seen from here holds it; its devices are known by a cable")
        visit.drafts, visit.names = drafts, {draft.index: draft.name for draft in drafts}
        self._asked[visit.id] = number[0]
        for end, draft in zip(key, drafts, strict=True):
            self._ends.setdefault(end, []).append((visit, draft))
        return visit
