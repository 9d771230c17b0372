"""Planning: any state reaches any other, nothing is done where nothing differs, and roll-back is just another plan."""

import sys
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from netwright.errors import KernelError
from netwright.model.state import NOTHING, State, projected
from netwright.plan.planner import plan
from netwright.plan.step import run, step
from states import random_state

SEEDS = st.integers(0, 2**32)


def state(seed: int) -> State:
    return random_state(Random(seed), filters=True)


def reached(now: State, want: State) -> State:
    """What the plan leads to, as far as `want` says anything about it."""
    return projected(run(now, plan(now, want)), want)


def settled(found: State) -> State:
    """Without the keys that nobody can take away again: a sysctl stays what it was set to."""
    from netwright.model.value import replace

    return State({n: replace(ns, sysctls={}) for n, ns in found.namespaces.items()}, found.files)


@settings(max_examples=300, deadline=None)
@given(SEEDS, SEEDS)
def test_any_state_reaches_any_other(a: int, b: int):
    now, want = state(a), state(b)
    assert settled(reached(now, want)) == settled(want)


@settings(max_examples=200, deadline=None)
@given(SEEDS)
def test_nothing_to_do(a: int):
    assert plan(state(a), state(a)) == []
    one = state(a)
    assert plan(one, one) == []


@settings(max_examples=200, deadline=None)
@given(SEEDS)
def test_from_nothing_and_back(a: int):
    want = state(a)
    assert reached(NOTHING, want) == want
    assert run(want, plan(want, NOTHING)) == NOTHING


@settings(max_examples=200, deadline=None)
@given(SEEDS, SEEDS, st.integers(0, 80))
def test_rollback_after_a_break_at_any_operation_is_just_another_plan(a: int, b: int, at: int):
    now, want = state(a), state(b)
    broken_off = run(now, plan(now, want)[:at])
    assert settled(reached(broken_off, now)) == settled(now)


@settings(max_examples=100, deadline=None)
@given(SEEDS, SEEDS)
def test_a_plan_reads_the_same_every_time(a: int, b: int):
    assert list(map(repr, plan(state(a), state(b)))) == list(map(repr, plan(state(a), state(b))))


@settings(max_examples=100, deadline=None)
@given(SEEDS, SEEDS)
def test_no_operation_is_refused(a: int, b: int):
    now, want = state(a), state(b)
    for op in plan(now, want):
        try:
            now = step(now, op)
        except KernelError as error:
            raise AssertionError(f"{op}: {error}") from None
