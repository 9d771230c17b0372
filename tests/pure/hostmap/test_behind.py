"""Namespaces that are known by cables only: told apart in whatever order the cables are looked at."""

import itertools
from types import SimpleNamespace

import pytest

from netwright.hostmap.behind import Behind
from netwright.hostmap.pairing import Point

# near namespace -> (hidden one, index of the device there); each near end is number 7, and names and addresses repeat.
CABLES = {"a": ("u0", 20), "b": ("u1", 20), "c": ("u2", 20), "d": ("u2", 21), "e": ("u2", 22)}
NUMBER = 5  # every near namespace calls what it leads to by this number


class Asking:
    """A kernel in which hidden namespaces have lo and an end of each cable; counts how many lists were asked for."""

    def __init__(self, names: dict[str, str]) -> None:
        self.near = {given: name for name, given in names.items()}
        self.names, self.lists = names, 0

    def _devices(self, asked: str) -> dict[int, SimpleNamespace]:
        hidden = CABLES[self.near[asked]][0]
        ends = {index: name for name, (where, index) in CABLES.items() if where == hidden}
        lo = SimpleNamespace(index=1, mate=0, nsid=None, name="lo", look="lo 00")
        return {1: lo} | {i: SimpleNamespace(index=i, mate=7, nsid=self.called(asked, self.names[name]), name=f"e{i}", look=f"e{i} 02") for i, name in ends.items()}

    def look(self, asked: str, nsid: int, index: int) -> str | None:
        assert nsid == NUMBER
        return found.look if (found := self._devices(asked).get(index)) else None

    def called(self, asked: str, about: str) -> int:
        return 100 + ord(self.near[about]) - ord(self.near[asked])

    def drafts_behind(self, asked: str, nsid: int) -> list[SimpleNamespace]:
        self.lists += 1
        return list(self._devices(asked).values())

    def place(self, pairing: object, asked: str) -> None:
        pass


def looked(names: dict[str, str], mates: dict[str, int]) -> tuple[Behind, Asking]:
    points = [Point((names[name], "v"), 7, mates[name], NUMBER) for name in CABLES]
    asking = Asking(names)
    behind = Behind(asking)
    behind.look(SimpleNamespace(nowhere=lambda: points, where={}))
    return behind, asking


@pytest.mark.parametrize("order", list(itertools.permutations(range(5))), ids=lambda order: "".join(map(str, order)))
def test_told_apart_in_any_order_and_listed_once(order: tuple[int, ...]) -> None:
    names = {name: str(at) for name, at in zip(CABLES, order, strict=True)}
    behind, asking = looked(names, {name: index for name, (_, index) in CABLES.items()})
    found = {name: behind.found[names[name], NUMBER].id for name in CABLES}
    assert found["c"] == found["d"] == found["e"]
    assert len(set(found.values())) == 3
    assert sorted(behind.found[names["c"], NUMBER].names) == [1, 20, 21, 22]
    assert asking.lists == 3


def test_what_stands_on_a_device_there_knows_it_by_its_looks() -> None:
    behind, _ = looked({name: name for name in CABLES}, dict.fromkeys(CABLES, 1))
    assert len({visit.id for visit in behind.found.values()}) == 2, "u0 and u1 cannot be told apart by who stands on their lo"
