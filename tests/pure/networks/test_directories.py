"""Small files, which are written whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from netwright.networks.directories import remove, write_whole


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "file").write_text("before")
    return tmp_path


def write(place: Path, data: bytes, mode: int = 0o600) -> None:
    write_whole(str(place / "file"), data, str(place / ".new"), mode)


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
def test_it_is_what_was_written_with_the_mode_that_was_said(place: Path, mode: int):
    before = os.umask(0o077)
    try:
        write(place, b"after", mode)
    finally:
        os.umask(before)
    assert os.listdir(place) == ["file"]
    assert (place / "file").read_bytes() == b"after"
    assert (place / "file").stat().st_mode & 0o777 == mode


def test_a_disk_that_takes_it_in_parts(place: Path, monkeypatch: pytest.MonkeyPatch):
    whole = os.write
    monkeypatch.setattr("os.write", lambda fd, data: whole(fd, bytes(data)[:2]))
    write(place, b"after")
    assert (place / "file").read_bytes() == b"after"


@pytest.mark.parametrize("call", ["write", "rename"])
def test_what_cannot_be_written_leaves_what_was_there(place: Path, call: str, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(f"os.{call}", full)
    with pytest.raises(OSError, match="No space left"):
        write(place, b"after")
    assert os.listdir(place) == ["file"]
    assert (place / "file").read_text() == "before"


def test_what_a_killed_writer_left_is_written_over_and_a_link_is_not_followed(place: Path):
    (place / ".new").write_text("of one that was killed")
    write(place, b"after")
    assert (place / "file").read_bytes() == b"after"
    (place / "other").write_text("of somebody else")
    (place / ".new").symlink_to(place / "other")
    with pytest.raises(OSError, match="symbolic links"):
        write(place, b"again")
    assert (place / "other").read_text() == "of somebody else"


def test_remove_is_no_error_twice(place: Path):
    remove(str(place / "file"))
    remove(str(place / "file"))
    assert os.listdir(place) == []
