"""What a lab means, on the real kernel: built, looked at again, and nothing left to do; its checks hold."""

import sys
from pathlib import Path

import pytest
from sandbox import SOURCE, Sandbox

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sample_labs import LABS

COMPILED = Path(__file__).with_name("inside") / "compiled.py"


@pytest.mark.parametrize("name", LABS)
def test_a_lab_is_built_as_it_was_meant(name: str, sandbox: Sandbox):
    result = sandbox.run([sys.executable, str(COMPILED), name], env={"PYTHONPATH": str(SOURCE)}, timeout=180)
    assert (result.code, result.out.strip()) == (0, "as it was meant"), result.err
