"""The live map in a real Chromium: it loads, lives, finds, moves; nothing on the console, nothing off this machine.

What an act leads to is waited for in the stories (clients/page.py), with the wanted value in sight there; what was there once all was still is looked at here.

Pictures of every story are left in $NETWRIGHT_PICTURES when that is set: look at them.
"""

import json
import os
import sys
from pathlib import Path

import pytest
from chrome import found
from sandbox import Sandbox, missing

STORIES = Path(__file__).with_name("clients") / "page.py"
TOP = STORIES.parents[3]
PLACES = os.pathsep.join(str(TOP / place) for place in ("src", "tests/runtime/clients", "tests/kernel/inside"))
# The box's own server has a socket from outside, by which a map would show the machine: its processes are not to be seen.
ALONE = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


@pytest.fixture
def told(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, object]:
    """What the story of this test (its name behind test_) has seen."""
    if found() is None:
        missing("there is no Chromium (Debian: chromium)")
    pytest.importorskip("aiohttp")
    pictures = os.environ.get("NETWRIGHT_PICTURES", str(tmp_path))
    story = request.node.name.removeprefix("test_")
    with Sandbox() as box:
        result = box.run([*ALONE, sys.executable, str(STORIES), story, pictures], env={"PYTHONPATH": PLACES}, timeout=400.0)
    assert result.code == 0, result.err
    seen = json.loads(result.out.splitlines()[-1])
    assert (seen.get("elsewhere", []), seen.get("said", []), seen["err"]) == ([], [], "")
    return seen


def test_loads(told):
    assert told["title"].endswith("cables")
    assert "token" not in told["address"], "the token is not kept in sight"
    assert told["cookie"] == "", "the cookie is not the script's"
    assert told["sideways"] <= 380, "a narrow page scrolls sideways"
    assert told["markup"] == 0
    assert any(text.startswith("<img") for text in told["texts"])
    assert {"host", "inet", "r1", "r2", "c1 … c6"} <= set(told["texts"])


def test_lives(told):
    assert min(told["waits"]) < 1.0, "with the start of ip and the waiting for a frame; the others, on a machine that is busy, as it likes"
    log = "\n".join(told["log"])
    assert "r1: link east down" in log
    assert "late: namespace new" in log
    assert "late: namespace gone" in log


def test_finds(told):
    for word in ("172.17.0.4/16 eth0", "default via 172.17.0.1 dev eth0", "/run/netns/c3", "eth0 (veth)", "veth3"):
        assert word in told["details"], told["details"]
    assert told["rate"].endswith("Mbit/s")
    assert "uplink" in told["cable"]
    assert "bit/s" in told["cable"]


def test_moves(told):
    assert told["boxes"] == 1
    assert "c5" in told["members"]
    assert told["stays"]


def test_controls(told):
    assert told["buttons"] == {"r1": 2, "host": 0}
    assert told["without"] == 0
    assert [" ".join(text.split()) for text in told["ends"]["text"]] == ["r1 east · up set down", "r2 west · down set up"]


def test_ends(told):
    assert "has been used" in told["used"]
