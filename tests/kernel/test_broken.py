"""kill -9 at every operation and at every line of the journal: afterwards there is exactly nothing, or exactly the lab."""

import sys
from pathlib import Path

import pytest
from sandbox import Sandbox

BROKEN = Path(__file__).with_name("inside") / "broken.py"
ENVIRONMENT = {"PYTHONPATH": str(BROKEN.parents[3] / "src"), "NETWRIGHT_RUNTIME_DIR": "/run/labs"}


@pytest.mark.parametrize(("verb", "ends"), [("up", {"nothing"}), ("change", {"before", "after"}), ("down", {"nothing"}), ("settle", {"before"})])
def test_killed_at_every_step(sandbox: Sandbox, verb: str, ends: set[str]):
    done = sandbox.run([sys.executable, str(BROKEN), verb], env=ENVIRONMENT, timeout=400)
    assert done.code == 0, done.err
    seen = eval(done.out)
    assert ends <= set(seen), "not every way to end was met"
