"""Containers on a disk of the test's own: who is alive."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from netwright.errors import CallFailed
from netwright.networks import containers, members


@pytest.fixture(autouse=True)
def run_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETWRIGHT_RUN_DIR", str(tmp_path))
    os.makedirs(containers.place("web"))


def test_who_lives_and_who_does_not():
    assert not containers.is_alive("web")
    life = containers.live("web")
    try:
        assert containers.is_alive("web")
    finally:
        os.close(life)
    assert not containers.is_alive("web")


@pytest.mark.parametrize("look", [lambda: containers.is_alive("web"), lambda: members.opened("/proc/self/ns/net")])
def test_who_cannot_be_looked_at_is_not_taken_for_dead(look: Callable[[], object], monkeypatch: pytest.MonkeyPatch):
    """Out of open files: a command that ends what is left of the dead must not begin with the living."""

    def refused(*_: object) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refused)
        with pytest.raises(CallFailed, match="cannot look at"):
            look()
