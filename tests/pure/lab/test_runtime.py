"""Where labs are written down: the lock of one, and directories with nothing in them."""

import os
from pathlib import Path

import pytest

from netwright.lab import gc, runtime


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NETWRIGHT_RUNTIME_DIR", str(tmp_path / "labs"))
    return Path(runtime.top())


def test_a_lock_makes_what_was_taken_away_meanwhile(place: Path, monkeypatch: pytest.MonkeyPatch):
    path = runtime.directory("shop")
    place.rmdir()
    monkeypatch.setattr(runtime, "_PATIENCE", 0.0)
    with runtime.Lock(path):
        assert runtime.names() == ["shop"]
        assert runtime.abandoned() == []


def test_only_an_empty_directory_of_ours_was_abandoned(place: Path):
    for name, mode in (("ours", 0o1700), ("others", 0o700), ("full", 0o1700)):
        (place / name).mkdir()
        (place / name).chmod(mode)
    (place / "full" / "notes").touch()
    assert gc.known() == runtime.abandoned() == ["ours"]
    assert not runtime.remove_empty("full")
    assert [one.what for one in gc.collect(dry_run=True)] == ["would be removed"]
    assert [one.what for one in gc.collect()] == ["removed"]
    assert runtime.remove_empty("ours"), "it is gone"
    assert sorted(os.listdir(place)) == ["full", "others"]
