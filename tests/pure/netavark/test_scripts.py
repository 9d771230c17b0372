"""The two programs that podman is given: written whole, taken away, never somebody else's."""

import os
import subprocess
import sys
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


@pytest.mark.parametrize("name", ["py thon", "it's py", "p" * 130])
def test_an_interpreter_that_no_first_line_can_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    """The shell calls it: with the program, the script's own name and the words as they are."""
    python = tmp_path / name
    python.write_text('#!/bin/sh\nprintf "%s\\0" "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    script = tmp_path / "netavark"
    script.write_text(scripts.text_of("main"))
    done = subprocess.run(["/bin/sh", str(script), "set up", "it's"], capture_output=True, text=True, check=True)
    flags, c, program, *words = done.stdout.split("\0")[:-1]
    assert (flags, c, words) == ("-ISE", "-c", [str(script), "set up", "it's"])
    assert program == scripts._TEXT.format(path=scripts.search_path(), module="main").replace("import sys\n", "import sys\n\ndel sys.argv[0]\n", 1)


@pytest.mark.parametrize("text", ["", "a b", "it's", "''", "$x `y` \\ \"z\"", "a\nb"])
def test_a_word_for_the_shell_is_that_word(text: str):
    done = subprocess.run(["/bin/sh", "-c", f"printf %s {scripts._quoted(text)}"], capture_output=True, text=True, check=True)
    assert done.stdout == text


def test_somebody_elses_program_is_left_alone(tmp_path: Path):
    (tmp_path / "netavark").write_text("#!/bin/true\n")
    with pytest.raises(Conflict, match="not of netwright"):
        scripts.write(str(tmp_path))
    assert scripts.remove(str(tmp_path)) == []
    assert os.listdir(tmp_path) == ["netavark"]
