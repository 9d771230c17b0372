"""Each command line of cases/*.txt, once with the installed ip (iproute2 6.1) and once with ours."""

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from differential.cases import OBJECTS, Group, groups, object_of
from differential.examine import Examination, unmet
from differential.twins import Programs
from sandbox import Sandbox, missing

GROUPS = groups()


@pytest.fixture(scope="session")
def examination(both: Programs, request: pytest.FixtureRequest) -> Iterator[Examination]:
    """All selected groups, running in the background."""
    selected = [item.callspec.params["group"] for item in request.session.items if _is_case(item)]
    running = Examination(selected, both)
    yield running
    running.end()


def _is_case(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and item.originalname == "test_same_as_ip"


@pytest.mark.parametrize("group", [pytest.param(group, id=group.id) for group in GROUPS])
def test_same_as_ip(group: Group, examination: Examination) -> None:
    for need in unmet(group):
        missing(f"needs {need}")
    differences = examination.differences(group)
    if differences:
        pytest.fail("\n\n".join(differences), pytrace=False)


@pytest.mark.skipif(os.environ.get("DIFF_OURS") == "ip", reason="both sides are the real ip")
def test_ours_does_not_ask_the_real_ip(both: Programs, sandbox: Sandbox) -> None:
    assert sandbox.run(["ip", "xfrm", "state"], env=both.oracle).code == 0
    assert sandbox.run(["ip", "xfrm", "state"], env=both.ours).code == 99


def test_enough_command_lines() -> None:
    different = {(step.text, step.stdin, group.world.name) for group in GROUPS for step in group.commands}
    assert len(different) >= 400


@pytest.mark.parametrize("name", OBJECTS)
def test_every_object_has_many_lines_and_errors(name: str) -> None:
    about = [step for group in GROUPS for step in group.commands if object_of(step.words) == name]
    assert len(about) >= 40
    assert any(step.expected == "failure" for step in about)


def test_ids_are_unique() -> None:
    assert [name for name, count in Counter(group.id for group in GROUPS).items() if count > 1] == []
