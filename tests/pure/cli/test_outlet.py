"""Output that cannot be written: one line that says so, whatever the command; no traceback, and nothing in a file of ours."""

import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[3] / "src"
PROGRAM = f"import sys; sys.path.insert(0, {str(SOURCE)!r}); from netwright.cli.main import main; sys.exit(main(['nw', *sys.argv[1:]]))"
COMMANDS = ("help", "help run", "run --help", "network create --help", "map --schema", "completion bash", "-V")


def shell(words: str, after: str) -> "subprocess.CompletedProcess[str]":
    script = f'exec "$@" {words} {after}'
    return subprocess.run(
        ["sh", "-c", script, "sh", sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("words", COMMANDS)
def test_a_full_disk_is_told(words: str):
    ended = shell(words, ">/dev/full")
    assert ended.returncode == 1
    assert ended.stderr.endswith("the output cannot be written: No space left on device\n")
    assert ended.stderr.count("\n") == 1


def test_an_error_is_told_although_nothing_can_be_written():
    ended = shell("network frob", ">/dev/full")
    assert (ended.returncode, ended.stderr.partition("\n")[0]) == (2, 'nw network: "frob" is no word of nw network')


@pytest.mark.parametrize("after", [">&-", "<&- >&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("words", COMMANDS)
def test_closed_files_are_no_trouble(words: str, after: str):
    ended = shell(words, after)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_a_mistake_has_its_exit_code_with_closed_files():
    assert shell("network frob", ">&- 2>&-").returncode == 2


@pytest.mark.parametrize("words", COMMANDS)
def test_a_reader_that_has_gone_ends_it_without_a_word(words: str):
    ended = subprocess.run(
        ["bash", "-c", f'"$@" {words} > >(exec true); exit 0', "sh", sys.executable, "-c", PROGRAM],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ended.stderr == ""
