"""Runs groups of cases on both sides and says where they differ.

Two at a time: what a group needs is almost all waiting for other processes, and sandboxes do not see each other.
"""

import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby

from differential.cases import Group, Step
from differential.normalise import Twin, still
from differential.state import all_namespaces, readable, state
from differential.twins import Programs, Side, Twins, build, difference, outcome, requirements, setup_of, surprise
from sandbox import Sandbox, SandboxError

MET = {
    "root": lambda: os.getuid() == 0,
    "tun": lambda: os.access("/dev/net/tun", os.R_OK | os.W_OK),
}
WATCH_DEADLINE = 30.0
STEADY_DEADLINE = 30.0

Differences = dict[str, list[str]]


def unmet(group: Group) -> list[str]:
    """What the group needs and this machine or user has not."""
    return [need for need in requirements(group) if not MET[need]()]


class Examination:
    """Examines groups in the background, in their order; `differences(group)` waits for one of them."""

    def __init__(self, groups: list[Group], programs: Programs):
        self._executor = ThreadPoolExecutor(max_workers=2)
        self._results: dict[str, Future[Differences]] = {}
        for unit in units([group for group in groups if not unmet(group)]):
            future = self._executor.submit(examine, unit, programs)
            self._results |= {group.id: future for group in unit}

    def differences(self, group: Group) -> list[str]:
        return self._results[group.id].result()[group.id]

    def end(self) -> None:
        self._executor.shutdown(cancel_futures=True)


def units(groups: list[Group]) -> list[list[Group]]:
    """Groups that run one after the other: neighbours that only read one and the same world share a sandbox."""
    runs = groupby(groups, key=lambda group: (group.world.name, group.kind == "read" or group.id))
    return [list(run) for _, run in runs]


def examine(unit: list[Group], programs: Programs) -> Differences:
    """The differences of each group, by its id. An error of the harness counts as one."""
    try:
        if unit[0].kind == "read":
            return _read(unit, programs)
        group = unit[0]
        return {group.id: list(_change(group, programs) if group.kind == "change" else _watch(group, programs))}
    except SandboxError as error:
        return {group.id: [str(error)] for group in unit}


def _read(unit: list[Group], programs: Programs) -> Differences:
    """Both programs read the same sandbox, which must be the same afterwards."""
    world = unit[0].world
    normalise = Twin("\n".join(step.text for step in world.all_steps()))
    found: Differences = {}
    with Sandbox(pids=True, etc=True, wait=False) as box:
        side = Side(box, programs.oracle, programs.oracle, still)
        build(side, setup_of(world))
        before = readable(state(box, all_namespaces(box), normalise))
        for group in unit:
            found[group.id] = [text for step in group.steps if (text := _difference_of_reading(step, side, programs))]
            after = readable(state(box, all_namespaces(box), normalise))
            if after != before:
                found[group.id].append(difference(before, after, f"{group.id}: reading changed the state"))
                before = after
    return found


def _difference_of_reading(step: Step, side: Side, programs: Programs) -> str:
    """Counters, ages and lifetimes may move between the two programs: then, and only then, look again."""
    deadline = time.monotonic() + STEADY_DEADLINE
    steady = 0
    theirs, unexpected = _read_once(step, side, programs.oracle)
    while not unexpected:
        ours, _ = _read_once(step, side, programs.ours)
        if ours == theirs:
            return ""
        later, unexpected = _read_once(step, side, programs.oracle)
        if ours == later:
            return ""
        steady += theirs == later
        if steady == 2 or time.monotonic() > deadline:
            return difference(theirs, ours, f"{step.where}: {step.text}")
        theirs = later
    return unexpected


def _read_once(step: Step, side: Side, env: dict[str, str | None]) -> tuple[str, str]:
    """What a program gives back, and what is wrong with the case if this is the real ip."""
    result = side.box.run(side.words(step), env=env, stdin=step.stdin)
    return outcome(step, result, still), surprise(step, result)


def _change(group: Group, programs: Programs) -> Iterator[str]:
    """Each program changes its own twin; compared after each line, and no further after the first difference."""
    with Twins(programs, setup_of(group.world), group.said) as twins:
        for step in group.steps:
            if step.verb != "ip":
                twins.prepare(step)
                continue
            found = [twins.difference_of_command(step), twins.difference_of_state(f"{step.where}: {step.text}")]
            if any(found):
                yield from filter(None, found)
                return


def _watch(group: Group, programs: Programs) -> Iterator[str]:
    """A monitor on each side sees the same changes."""
    command = group.watched
    with Twins(programs, setup_of(group.world), group.said) as twins:
        monitors = [(side, side.watch(command)) for side in twins.sides]
        for step in group.steps:
            twins.prepare(step)
            for side, pid in monitors:
                side.seen(command, pid)
        theirs, ours = _seen(command, monitors)
    if "\n-- stdout\n-- stderr" in theirs:
        yield f"{command.where}: the real {command.text} said nothing"
    if theirs != ours:
        yield difference(theirs, ours, f"{command.where}: {command.text}")


def _seen(command: Step, monitors: list[tuple[Side, int]]) -> list[str]:
    """What both monitors have printed; the end of a namespace is told some time after its deletion."""
    deadline = time.monotonic() + WATCH_DEADLINE
    seen = [side.seen(command, pid) for side, pid in monitors]
    while seen[0] != seen[1] and time.monotonic() < deadline:
        time.sleep(0.02)
        seen = [side.seen(command, pid) for side, pid in monitors]
    return seen
