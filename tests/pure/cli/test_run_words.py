"""The words of `nw run`: what people know from elsewhere, and a program that cannot be run."""

import json
import os

import pytest

from netwright.cli import commands
from netwright.cli.docker_words import INSTEAD
from netwright.cli.exec import failed_to_run
from netwright.cli.run import OPTIONS
from netwright.cli.words import Words, Wrong

FIX = {
    "-e A=b true": "the program has your environment",
    "--volume /a:/b image": "files are the machine's",
    "-dp 80 true": "each by itself: -d -p",
    "-p8080:80 true": "write -p 8080:80",
    "--netwrok x true": 'did you mean "--network"?',
    "--qqqq true": "options are --network, --name, --publish",
}


@pytest.mark.parametrize("words", FIX)
def test_what_is_meant(words: str):
    with pytest.raises(Wrong) as caught:
        Words(words.split(), OPTIONS, "COMMAND…", stop=1, instead=INSTEAD)
    assert FIX[words] in caught.value.fix


def test_none_of_docker_s_options_is_ours():
    assert [option for option in INSTEAD if option in OPTIONS] == []


def test_what_is_missing_is_told_with_where_to_read_more(capsys: pytest.CaptureFixture[str]):
    assert commands.run("stop", []) == 2
    assert capsys.readouterr().err == "nw stop: CONTAINER… is missing\n    what belongs here: CONTAINER…; nw stop --help tells more\n"


@pytest.mark.parametrize(
    ("command", "program", "number", "code", "said"),
    [
        ("run", "ubuntu", 2, 127, "knows no images"),
        ("exec", "ubuntu", 2, 127, "no such program in PATH\n"),
        ("run", "./ubuntu", 2, 127, "there is no such file\n"),
        ("run", "/etc/passwd", 13, 126, "chmod +x /etc/passwd"),
        ("run", "/tmp", 13, 126, "it is a directory"),
        ("run", "/bin/true", 8, 126, "begins with #!"),
        ("run", "/bin/true", 13, 126, "Permission denied\n"),
    ],
)
def test_a_program_that_does_not_run(command: str, program: str, number: int, code: int, said: str, capsys: pytest.CaptureFixture[str]):
    assert failed_to_run(command, program, OSError(number, os.strerror(number))) == code
    assert said in capsys.readouterr().err


def test_a_program_that_does_not_run_as_json(capsys: pytest.CaptureFixture[str]):
    assert failed_to_run("run", "nonsense", OSError(2, ""), json=True) == 127
    told = json.loads(capsys.readouterr().err)
    assert told["error"] == 'exec of "nonsense" failed: No such file or directory'
    assert "no such program in PATH" in told["why"]
