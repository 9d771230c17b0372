"""What the executable does when nobody takes its answer."""

import os

import pytest

from netwright.netavark.main import main


@pytest.mark.parametrize("words", [["version"], ["setup", "--file", "/nowhere", "/nowhere"]])
@pytest.mark.parametrize("deaf", [(1,), (1, 2)])
def test_an_answer_that_nobody_takes(monkeypatch: pytest.MonkeyPatch, words: list[str], deaf: tuple[int, ...]):
    """Standard output is closed, or its disk is full: no traceback, and podman sees that it failed."""
    said = []

    def write(fd: int, data: bytes) -> int:
        if fd in deaf:
            raise OSError(28, "No space left on device")
        said.append((fd, data))
        return len(data)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write)
        code = main(["netavark", *words])
    assert code == 1
    assert said == ([] if 2 in deaf else [(2, b"netavark: the answer cannot be written: No space left on device\n")])
