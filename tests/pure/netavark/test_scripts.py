"""The two programs that podman is given: written whole, taken away, never somebody else's."""

import os
from pathlib import Path

import pytest

from netwright.errors import Conflict
from netwright.netavark import scripts


def test_they_are_programs_for_everybody_and_go_again(tmp_path: Path):
    place = tmp_path / "libexec"
    before = os.umask(0o077)
    try:
        found = scripts.write(str(place))
        assert scripts.write(str(place)) == found
    finally:
        os.umask(before)
    assert found == [f"{place}/netavark", f"{place}/aardvark-dns"]
    assert sorted(os.listdir(place)) == ["aardvark-dns", "netavark"]
    for path in found:
        assert os.stat(path).st_mode & 0o777 == 0o755
        assert scripts.is_ours(path)
    assert scripts.remove(str(place)) == found
    assert os.listdir(place) == []


def test_somebody_elses_program_is_left_alone(tmp_path: Path):
    (tmp_path / "netavark").write_text("#!/bin/true\n")
    with pytest.raises(Conflict, match="not of netwright"):
        scripts.write(str(tmp_path))
    assert scripts.remove(str(tmp_path)) == []
    assert os.listdir(tmp_path) == ["netavark"]
