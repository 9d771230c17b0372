"""Words to the runtime's log, where nobody reads it."""

import os
import sys

import pytest

from netwright.cni.plugins import chained, common
from netwright.errors import CallFailed
from netwright.netavark import making


def refused(fd: int, data: bytes) -> int:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("say", [chained.say, making.note])
def test_a_log_that_nobody_reads_is_no_reason_to_fail(say, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", refused)
        say("a word")
        patch.setattr(sys, "stderr", None)
        patch.setattr(os, "write", lambda *_: pytest.fail("into whose file?"))
        say("a word")


def test_what_comes_after_it_is_taken_back_all_the_same(monkeypatch: pytest.MonkeyPatch):
    done = []

    def fails() -> None:
        raise CallFailed("no", 5)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", refused)
        common.take_back(fails, lambda: done.append("the second"))
    assert done == ["the second"]


def test_what_is_said(capfd: pytest.CaptureFixture[str]):
    chained.say("a \udcff word")
    making.note("another")
    assert capfd.readouterr().err == "netwright: a \\udcff word\nnetavark: another\n"
