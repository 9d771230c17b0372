"""The start-up scripts: they run from any path, with arguments unharmed and nothing of `site`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from netwright.cli import launcher

STAND_IN = '''"""Tells how it was called."""

import sys


def main(argv):
    print(argv, sys.flags.isolated, sys.flags.no_site, "site" in sys.modules)
    return 7
'''


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A directory with a `netwright` whose main only tells how it was called."""
    place = tmp_path / "it's a place"
    (place / "netwright" / "cli").mkdir(parents=True)
    (place / "netwright" / "cli" / "main.py").write_text(STAND_IN)
    return place


def _called(script: Path, *words: str) -> tuple[int, str]:
    done = subprocess.run([script, *words], capture_output=True, text=True, timeout=20, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def _written(directory: Path, text: str) -> Path:
    path = directory / "nw"
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_a_plain_path_becomes_the_interpreter_line(package: Path, tmp_path: Path):
    text = launcher.script(sys.executable, [str(package)])
    assert text.startswith(f"#!{sys.executable} -IS\n")
    path = _written(tmp_path, text)
    assert _called(path, "a b", "c'") == (7, f"{[str(path), 'a b', chr(99) + chr(39)]} 1 1 False\n")


@pytest.mark.parametrize("directory", ["it's blank", "long" * 40])
def test_a_blank_or_a_long_path_goes_through_the_shell(package: Path, tmp_path: Path, directory: str):
    inner = tmp_path / directory
    inner.mkdir()
    interpreter = inner / "python"
    interpreter.symlink_to(os.path.realpath(sys.executable))
    text = launcher.script(str(interpreter), [str(package)])
    assert text.startswith("#!/bin/sh\n")
    path = _written(inner, text)
    assert _called(path, "a b", "$HOME") == (7, f"{[str(path), 'a b', '$HOME']} 1 1 False\n")


def test_the_script_that_is_written_runs_this_package(tmp_path: Path):
    for path in launcher.write(tmp_path / "bin", ["nw", "netwright"]):
        done = subprocess.run([path, "-V"], capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 0, done.stderr
    assert sorted(os.listdir(tmp_path / "bin")) == ["netwright", "nw"]


def test_a_staging_directory_is_left_out_of_the_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "executable", "/stage/usr/lib/netwright/bin/python")
    monkeypatch.setattr(launcher, "search_path", lambda: ["/stage/usr/lib/netwright/site"])
    (path,) = launcher.write(tmp_path, ["nw"], "/stage/")
    assert path.read_text().startswith("#!/usr/lib/netwright/bin/python -IS\n")
    assert "stage" not in path.read_text()


def test_the_package_comes_behind_the_standard_library():
    program = launcher.script("/usr/bin/python3", ["/a", "/b"])
    assert "sys.path += ['/a', '/b']" in program


def test_ctrl_c_before_the_first_word_of_ours_is_no_traceback(package: Path, tmp_path: Path):
    (package / "netwright" / "cli" / "main.py").write_text("raise KeyboardInterrupt\n")
    assert _called(_written(tmp_path, launcher.script(sys.executable, [str(package)]))) == (130, "")
