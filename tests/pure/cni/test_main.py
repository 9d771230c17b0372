"""What the executable does when nobody takes its answer."""

import os

import pytest

from netwright.cni.main import main

CONFIG = b'{"cniVersion": "1.1.0", "name": "n", "type": "nosuch"}'


@pytest.mark.parametrize("environment", [{"CNI_COMMAND": "VERSION"}, {"CNI_COMMAND": "STATUS", "CNI_PATH": "/x"}])
@pytest.mark.parametrize("deaf", [(1,), (1, 2)])
def test_an_answer_that_nobody_takes(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], deaf: tuple[int, ...]):
    """Standard output is closed, or its disk is full: no traceback, and the runtime sees that it failed."""
    said = []

    def write(fd: int, data: bytes) -> int:
        if fd in deaf:
            raise OSError(28, "No space left on device")
        said.append((fd, data))
        return len(data)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write)
        code = main(["netwright-cni"], lambda: CONFIG, environment)
    assert code == 1
    assert said == ([] if 2 in deaf else [(2, b"netwright: the answer cannot be written: No space left on device\n")])
