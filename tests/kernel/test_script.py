"""The script that explains a plan does what the plan does."""

import sys
from pathlib import Path

import pytest
from sandbox import SOURCE, Sandbox

SCRIPT = Path(__file__).with_name("inside") / "script_walk.py"


@pytest.mark.parametrize("seed", range(6))
def test_the_script_of_a_plan_leads_where_the_plan_leads(no_leak, seed: int):
    with Sandbox(etc=True) as box:
        result = box.run([sys.executable, str(SCRIPT), str(seed)], env={"PYTHONPATH": str(SOURCE)}, timeout=180)
        assert (result.code, result.out) == (0, "walked\n"), result.err
