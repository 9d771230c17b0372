"""The engine on the real kernel: random walks from state to state, with and without a break, by name and by open file."""

import os
import sys
from pathlib import Path

import pytest
from sandbox import Sandbox

WALK = Path(__file__).with_name("inside") / "walk.py"
SEEDS = int(os.environ.get("WALK_SEED", "1"))


@pytest.mark.parametrize("kind", ["names", "files"])
@pytest.mark.parametrize("seed", range(SEEDS, SEEDS + 6))
def test_the_kernel_is_what_was_wanted_after_every_step(sandbox: Sandbox, kind: str, seed: int):
    done = sandbox.run([sys.executable, str(WALK), str(seed), "6", kind, "tables", "queues"], env={"PYTHONPATH": str(WALK.parents[3] / "src")}, timeout=300)
    assert done.out.endswith("walked\n"), done.err


@pytest.mark.parametrize("seed", range(SEEDS, SEEDS + 6))
def test_after_a_break_at_any_operation_it_is_what_it_was_before(sandbox: Sandbox, seed: int):
    done = sandbox.run([sys.executable, str(WALK), str(seed), "6", "files", "tables", "queues", "break"], env={"PYTHONPATH": str(WALK.parents[3] / "src")}, timeout=300)
    assert done.out.endswith("walked\n"), done.err
