"""Each command line of cases/*.txt, once with the installed ip (iproute2 6.1) and once with ours."""

import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from differential.cases import OBJECTS, Group, Step, World, groups, object_of
from differential.normalise import Twin, still
from differential.state import all_namespaces, readable, state
from differential.twins import (
    Programs,
    Side,
    Twins,
    build,
    difference,
    outcome,
    programs,
    requirements,
    setup_of,
    surprise,
)
from sandbox import Sandbox, missing

GROUPS = groups()
NEEDS = {
    "root": lambda: os.getuid() == 0,
    "tun": lambda: os.access("/dev/net/tun", os.R_OK | os.W_OK),
}


class Reading:
    """The sandbox of the world that read groups look at; made once for consecutive groups of one world."""

    def __init__(self, programs: Programs):
        self._programs = programs
        self._world: World | None = None
        self.side: Side | None = None
        self.before = ""

    def enter(self, world: World) -> Side:
        if self._world is not world:
            self.leave()
            self.side = Side(
                Sandbox(pids=True, etc=True, wait=False), self._programs.oracle, self._programs.oracle, still
            )
            build(self.side, setup_of(world))
            self._world = world
            self.before = self.state()
        return self.side

    def state(self) -> str:
        said = "\n".join(step.text for step in self._world.all_steps())
        return readable(state(self.side.box, all_namespaces(self.side.box), Twin(said)))

    def leave(self) -> None:
        if self.side is not None:
            self.side.box.close()
        self._world = self.side = None


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    version = subprocess.run(["ip", "-V"], capture_output=True, text=True).stdout
    if "iproute2-6.1." not in version:
        missing(f"the oracle is iproute2 6.1, this is {version.strip()}")
    return programs(tmp_path_factory.mktemp("programs"))


@pytest.fixture(scope="module")
def reading(both: Programs) -> Iterator[Reading]:
    held = Reading(both)
    yield held
    held.leave()


@pytest.mark.parametrize("group", [pytest.param(group, id=group.id) for group in GROUPS])
def test_same_as_ip(group: Group, both: Programs, reading: Reading) -> None:
    for need in requirements(group):
        if not NEEDS[need]():
            missing(f"needs {need}")
    if group.kind == "read":
        differences = _read(group, both, reading)
    elif group.kind == "change":
        differences = _change(group, both)
    else:
        differences = _watch(group, both)
    if differences:
        pytest.fail("\n\n".join(differences), pytrace=False)


def _read(group: Group, both: Programs, reading: Reading) -> list[str]:
    """Both programs read the same sandbox, which must be the same afterwards."""
    side = reading.enter(group.world)
    found = [text for step in group.steps if (text := _difference_of_reading(step, side, both))]
    changed = difference(reading.before, reading.state(), f"{group.id}: reading changed the state")
    if changed:
        reading.leave()
    return [*found, changed] if changed else found


def _difference_of_reading(step: Step, side: Side, both: Programs) -> str:
    # A lifetime or an age may tick over between the two programs: look again.
    for _ in range(3):
        words = side.words(step)
        theirs, ours = [side.box.run(words, env=env, stdin=step.stdin) for env in (both.oracle, both.ours)]
        unexpected = surprise(step, theirs)
        if unexpected:
            return unexpected
        left, right = outcome(step, theirs, still), outcome(step, ours, still)
        if left == right:
            return ""
    return difference(left, right, f"{step.where}: {step.text}")


def _change(group: Group, both: Programs) -> list[str]:
    """Each program changes its own twin; compared after each line, and no further after the first difference."""
    with Twins(both, setup_of(group.world), group.said) as twins:
        for step in group.steps:
            if step.verb != "ip":
                for side in twins.sides:
                    side.prepare(step)
                    side.settle()
                continue
            found = [twins.difference_of_command(step), twins.difference_of_state(f"{step.where}: {step.text}")]
            if any(found):
                return [text for text in found if text]
    return []


def _watch(group: Group, both: Programs) -> list[str]:
    """A monitor on each side sees the same changes."""
    command = group.watched
    with Twins(both, setup_of(group.world), group.said) as twins:
        monitors = [(side, side.watch(command)) for side in twins.sides]
        for step in group.steps:
            for side, pid in monitors:
                side.prepare(step)
                side.settle()
                side.seen(command, pid)
        deadline = time.monotonic() + 2.0
        while True:
            theirs, ours = [side.seen(command, pid) for side, pid in monitors]
            if theirs == ours or time.monotonic() > deadline:
                break
            time.sleep(0.02)
    if "\n-- stdout\n-- stderr" in theirs:
        return [f"{command.where}: the real {command.text} said nothing"]
    text = difference(theirs, ours, f"{command.where}: {command.text}")
    return [text] if text else []


def test_enough_command_lines() -> None:
    commands = [step for group in GROUPS for step in group.commands]
    assert len(commands) >= 400
    assert len({(step.text, step.stdin, group.world.name) for group in GROUPS for step in group.commands}) >= 400


@pytest.mark.parametrize("name", OBJECTS)
def test_every_object_has_many_lines_and_errors(name: str) -> None:
    about = [step for group in GROUPS for step in group.commands if object_of(step.words) == name]
    assert len(about) >= (10 if name == "monitor" else 40)
    assert any(step.expected == "failure" for step in about)


def test_ids_are_unique() -> None:
    assert [name for name, count in Counter(group.id for group in GROUPS).items() if count > 1] == []
