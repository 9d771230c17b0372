"""Cables are paired right where indices repeat, where namespaces are hidden, where nobody answers."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.hostmap.pairing import Pairing, Point

type_of_truth = dict[tuple[str, str], tuple[str, str]]


class World:
    """Random namespaces with cables; every namespace numbers its indices from 2, so they repeat everywhere."""

    def __init__(self, seed: int, spaces: int, cables: int) -> None:
        rng = Random(seed)
        self.spaces = [f"n{number}" for number in range(spaces)]
        self.next = dict.fromkeys(self.spaces, 2)
        self.numbers = {(a, b): number for a in self.spaces for number, b in enumerate(rng.sample(self.spaces, spaces)) if a != b}
        self.points: list[Point] = []
        self.truth: type_of_truth = {}
        for _ in range(cables):
            self._cable(rng.choice(self.spaces), rng.choice(self.spaces))

    def _cable(self, a: str, b: str) -> None:
        i = self._index(a)
        j = self._index(b)
        one, other = (a, f"v{i}"), (b, f"v{j}")
        self.points.append(Point(one, i, j, None if a == b else self.numbers[a, b]))
        self.points.append(Point(other, j, i, None if a == b else self.numbers[b, a]))
        self.truth[one], self.truth[other] = other, one

    def _index(self, space: str) -> int:
        self.next[space] += 1
        return self.next[space] - 1


def settle(pairing: Pairing, world: World, deaf: tuple[str, ...] = ()) -> int:
    """Answer as the kernel would; how many questions there were."""
    count = 0
    while questions := pairing.questions():
        assert len(set(questions)) == len(questions)
        count += len(questions)
        assert count < 100_000
        for asked, about in questions:
            pairing.answer((asked, about), -1 if asked in deaf else world.numbers.get((asked, about), -1))
    return count


@given(st.integers(0, 1 << 30), st.integers(1, 12), st.integers(0, 40))
def test_every_cable_is_found(seed: int, spaces: int, cables: int) -> None:
    world = World(seed, spaces, cables)
    pairing = Pairing(world.points)
    settle(pairing, world)
    assert pairing.pairs == world.truth
    assert pairing.lost() == []


@given(st.integers(0, 1 << 30), st.integers(2, 12), st.integers(0, 40), st.sets(st.integers(0, 11)))
def test_with_hidden_namespaces_nothing_is_paired_wrongly(seed: int, spaces: int, cables: int, hidden: set[int]) -> None:
    world = World(seed, spaces, cables)
    gone = {f"n{number}" for number in hidden}
    pairing = Pairing([point for point in world.points if point.end[0] not in gone])
    settle(pairing, world)
    assert pairing.pairs == {one: other for one, other in world.truth.items() if one[0] not in gone and other[0] not in gone}
    assert {point.end for point in pairing.lost()} == {one for one, other in world.truth.items() if one[0] not in gone and other[0] in gone}


@given(st.integers(0, 1 << 30), st.integers(2, 8), st.integers(0, 30), st.sets(st.integers(0, 7)))
def test_where_nobody_answers_nothing_is_guessed(seed: int, spaces: int, cables: int, deaf: set[int]) -> None:
    world = World(seed, spaces, cables)
    pairing = Pairing(world.points)
    settle(pairing, world, tuple(f"n{number}" for number in deaf))
    assert pairing.pairs.items() <= world.truth.items()


def star(leaves: int) -> World:
    world = World(0, leaves + 1, 0)
    for leaf in world.spaces[1:]:
        world._cable("n0", leaf)
    return world


@pytest.mark.parametrize("leaves", [1, 20, 500])
def test_a_star_takes_one_question_for_each_leaf_and_one_socket(leaves: int) -> None:
    world = star(leaves)
    pairing = Pairing(world.points)
    asked = set()
    questions = pairing.questions()
    asked |= {who for who, _ in questions}
    assert len(questions) == leaves
    assert asked == ({"n0"} if leaves > 1 else asked)
    settle(pairing, world)
    assert pairing.pairs == world.truth


def test_lower_devices_are_found_in_the_likely_namespace_by_one_question() -> None:
    world = World(1, 50, 0)
    pairing = Pairing([], [Point(("n7", "eth0"), 2, 9, world.numbers["n7", "n3"])], ["n3", *world.spaces])
    assert settle(pairing, world) == 1
    assert pairing.lower == {("n7", "eth0"): ("n3", 9)}


def test_lower_devices_are_found_anywhere_or_are_lost() -> None:
    world = World(1, 50, 0)
    lower = [Point(("n7", "eth0"), 2, 9, world.numbers["n7", "n41"]), Point(("n8", "eth0"), 2, 9, 4711)]
    pairing = Pairing([], lower, world.spaces)
    assert settle(pairing, world) <= 2 * 49
    assert pairing.lower == {("n7", "eth0"): ("n41", 9)}
    assert [point.end for point in pairing.lost()] == [("n8", "eth0")]


def test_numbers_that_are_known_need_no_question() -> None:
    world = star(3)
    pairing = Pairing(world.points, known={("n0", world.numbers["n0", leaf]): leaf for leaf in world.spaces[1:]})
    assert pairing.questions() == []
    assert pairing.pairs == world.truth


# -- many that look the same: each a cable between two namespaces, of the same indices -----------------------------------------------


def alike(cables: int) -> tuple[World, list[Point]]:
    world = World(0, 2 * cables, 0)
    for one, other in zip(world.spaces[::2], world.spaces[1::2], strict=True):
        world._cable(one, other)
    return world, [Point(point.end, point.index, point.mate, point.nsid, f"{point.end} looks") for point in world.points]


def test_one_hint_for_each_cable_and_no_more_questions_than_ends() -> None:
    world, points = alike(30)
    pairing, hinted = Pairing(points), []
    for point in pairing.hints():
        hinted.append(point.end)
        pairing.hint(point, f"{world.truth[point.end]} looks")
    assert len(hinted) == 30
    assert list(pairing.hints()) == []
    assert settle(pairing, world) <= 60 < settle(Pairing(points), world)
    assert pairing.pairs == world.truth


@pytest.mark.parametrize("look", [None, "somebody else"])
def test_a_hint_that_is_none_or_wrong_leads_nowhere_wrong(look: str | None) -> None:
    world, points = alike(8)
    pairing = Pairing(points)
    for point in pairing.hints():
        pairing.hint(point, look)
    settle(pairing, world)
    assert pairing.pairs == world.truth


def test_few_are_tried_without_a_hint_and_what_is_known_needs_none() -> None:
    assert list(Pairing(alike(2)[1]).hints()) == []
    world, points = alike(8)
    known = {(asked, number): about for (asked, about), number in world.numbers.items()}
    assert list(Pairing(points, known=known).hints()) == []


def test_ends_in_one_namespace_are_a_pair_where_each_points_at_the_other() -> None:
    def pairs(*ends: tuple[int, int]) -> dict[int, int]:
        points = [Point(("n", f"{index}"), index, mate, None) for index, mate in ends]
        return {int(one[1]): int(other[1]) for one, other in Pairing(points).pairs.items()}

    assert pairs((2, 3), (3, 2), (4, 5), (5, 4)) == {2: 3, 3: 2, 4: 5, 5: 4}
    assert pairs((2, 3), (3, 4), (4, 3)) == {3: 4, 4: 3}, "an end that points at somebody else's"
    assert pairs((2, 2)) == {}, "one that points at itself"
    assert pairs((2, 9)) == {}
