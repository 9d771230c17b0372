"""The walk and its two tutorials tell the same steps, and the output that they show is what the walk checks for."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples"))

from picture import Device, draw
from walk import record
from walk_steps import STEPS, Step

ROOT = Path(__file__).resolve().parents[2]
TUTORIALS = [ROOT / "docs/tutorial.md", ROOT / "docs/tutorial.zh-CN.md"]

PICTURE = """\
┌─ a ────────────────────┐
│ eth0 UP    10.0.0.1/24 ├─┐
│ x    DOWN              ├─┼─┐
└────────────────────────┘ │ │
┌─ b ────────────────────┐ │ │
│ eth0 UP    10.0.0.2/24 ├─┘ │
└────────────────────────┘   │
┌─ c ────────────────────┐   │
│ x    DOWN              ├───┘
│ far  UP                │
└────────────────────────┘
"""


def shown(page: str) -> list[tuple[str, str]]:
    """(command, output) of everything in the console blocks."""
    out: list[tuple[str, str]] = []
    for block in re.findall(r"(?<=```console\n).*?(?=```)", page, flags=re.S):
        for entry in block.removeprefix("$ ").split("\n$ "):
            command, _, output = entry.partition("\n")
            out.append((command, output))
    return out


def background_pids(outputs: list[str]) -> list[str]:
    return [found[1] for text in outputs if (found := re.fullmatch(r"\[\d+\] (\d+)\n?", text))]


@pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda path: path.name)
def test_the_tutorial_has_the_commands_of_the_walk_in_its_order(tutorial: Path) -> None:
    assert [command for command, _ in shown(tutorial.read_text())] == [step.command for step in STEPS]


@pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda path: path.name)
def test_the_output_in_the_tutorial_is_what_the_walk_expects(tutorial: Path) -> None:
    entries = shown(tutorial.read_text())
    for number, (step, (_, output)) in enumerate(zip(STEPS, entries, strict=True)):
        pids = background_pids([text for _, text in entries[:number]])
        wanted = [*step.says, *step.adds, *([step.heard] if step.heard else [])]
        missing = [piece for piece in wanted if piece.replace("$!", pids[-1] if pids else "$!") not in output]
        assert not missing, f"{tutorial.name}: {step.command}"
        assert not (step.silent and output), f"{tutorial.name}: {step.command} prints nothing"


def test_every_refusal_of_the_walk_is_wanted() -> None:
    assert {step.code for step in STEPS} == {0, 1, 2}


def test_recording_replaces_outputs_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n```console\n$ a\nold\nold\n$ b\n```\nbetween\n```console\n$ c\n```\nafter\n")
    record(page, ["new\n", "", "other\n"])
    assert page.read_text() == "before\n```console\n$ a\nnew\n$ b\n```\nbetween\n```console\n$ c\nother\n```\nafter\n"


def test_a_step_without_an_expectation_must_at_least_succeed_or_be_refused() -> None:
    for step in STEPS:
        assert isinstance(step, Step)
        assert step.says or step.silent or step.heard or step.code or step.command.endswith("&"), step.command


def test_the_picture_shows_boxes_and_cables() -> None:
    boxes = {
        "a": [Device("eth0", True, ("10.0.0.1/24",), ("b", "eth0")), Device("x", False, (), ("c", "x"))],
        "b": [Device("eth0", True, ("10.0.0.2/24",), ("a", "eth0"))],
        "c": [Device("x", False, (), ("a", "x")), Device("far", True, (), ("not here", "far"))],
    }
    assert draw(boxes) == PICTURE


def test_no_boxes_no_picture() -> None:
    assert draw({}) == ""
