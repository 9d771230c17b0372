"""The words behind `nw COMMAND`: read, counted, refused with what would be right; and each command's help."""

import pytest

from netwright.cli import commands
from netwright.cli.completion import options
from netwright.cli.report import as_plain, report
from netwright.cli.shell import how
from netwright.cli.words import HelpWanted, Words, Wrong
from netwright.errors import Gone, Invalid
from netwright.lab.topology import Problem

OPTIONS = {"--pin": "", "--name": "NAME", "-n": "--name", "-c": "N", "-i": "SECONDS"}


def test_options_and_names_in_any_order():
    given = Words(["--pin", "a", "--name=x", "b"], OPTIONS, "FILE [LAB]")
    assert given.names == ["a", "b"]
    assert "--pin" in given
    assert given.get("--name") == "x"
    assert given.get("-c", "none") == "none"


@pytest.mark.parametrize("words", [["-n", "x", "a"], ["--name", "x", "a"], ["a", "--name=x"], ["--name=y", "a", "-n", "x"]])
def test_a_short_form_means_the_long_one_and_the_last_wins(words: list[str]):
    assert Words(words, OPTIONS, "FILE").get("--name") == "x"


@pytest.mark.parametrize(
    ("words", "names", "rest"),
    [
        (["lab/a", "ls", "-l"], ["lab/a"], ["ls", "-l"]),
        (["lab/a", "--", "ls", "--help"], ["lab/a"], ["ls", "--help"]),
        (["--", "lab/a", "ls"], ["lab/a"], ["ls"]),
        (["lab/a"], ["lab/a"], []),
        (["lab/a", "sh", "-c", "--", "x"], ["lab/a"], ["sh", "-c", "--", "x"]),
    ],
)
def test_words_behind_the_host_belong_to_the_program(words: list[str], names: list[str], rest: list[str]):
    given = Words(words, {}, "LAB/HOST", stop=1)
    assert (given.names, given.rest) == (names, rest)


@pytest.mark.parametrize(
    ("words", "what", "fix"),
    [
        (["--pni", "a"], 'option "--pni" is unknown', 'did you mean "--pin"?'),
        (["--zzzz", "a"], 'option "--zzzz" is unknown', "options are --pin, --name"),
        (["--name"], "--name needs NAME", "--name NAME"),
        (["--pin=yes", "a"], "--pin takes no value", "write --pin alone"),
        ([], "FILE is missing", "what belongs here: FILE"),
        (["a", "b"], '"b" is one word too many', "what belongs here: FILE"),
        (["-x"], 'option "-x" is unknown', ""),
    ],
)
def test_what_makes_no_sense_is_told_with_what_would(words: list[str], what: str, fix: str):
    with pytest.raises(Wrong) as error:
        Words(words, OPTIONS, "FILE")
    assert error.value.what == what
    assert fix in error.value.fix


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "", "٣"])
def test_a_number_is_a_number(text: str):
    with pytest.raises(Wrong):
        Words([f"-c={text}"] if text == "" else ["-c", text], OPTIONS).number("-c", 0)


def test_seconds_may_have_a_point():
    assert Words(["-i", "0.25"], OPTIONS).seconds("-i", 1) == 0.25
    with pytest.raises(Wrong):
        Words(["-i", "soon"], OPTIONS).seconds("-i", 1)


def test_help_comes_before_everything_else():
    with pytest.raises(HelpWanted):
        Words(["--help"], OPTIONS, "FILE")
    with pytest.raises(HelpWanted):
        Words(["-h", "--nonsense"], OPTIONS, "FILE")


@pytest.mark.parametrize("name", commands.NAMES)
def test_every_command_has_help_that_tells_its_options(name: str, capsys: pytest.CaptureFixture[str]):
    assert commands.run(name, ["--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"Usage: nw {name}")
    module = __import__(f"netwright.cli.{name}", fromlist=["_OPTIONS"])
    known = getattr(module, "_OPTIONS", {})
    assert [option for option in known if option not in text] == []
    assert [option for option in options(name) if option not in known and option != "--json-errors" and known] == []


@pytest.mark.parametrize("name", commands.NAMES)
def test_an_unknown_option_is_exit_2(name: str, capsys: pytest.CaptureFixture[str]):
    assert commands.run(name, ["--nonsense"]) == 2
    assert capsys.readouterr().err.startswith(f'nw {name}: option "--nonsense" is unknown')


@pytest.mark.parametrize(
    ("name", "words", "wanted"),
    [
        ("up", ["f", "--json"], True),
        ("up", ["--json-errors", "f"], True),
        ("up", ["f"], False),
        ("exec", ["a/b", "x", "--json"], False),
        ("exec", ["--json-errors", "a/b", "x"], True),
        ("down", ["--", "--json"], False),
        ("run", ["--network", "x", "--json-errors", "true"], True),
        ("run", ["--network=x", "--json-errors", "true"], True),
        ("run", ["-p", "80", "-d", "--json", "true"], True),
        ("run", ["--name", "--json", "true"], False),
        ("run", ["-d", "true", "--json"], False),
    ],
)
def test_errors_are_json_where_json_was_asked_for(name: str, words: list[str], wanted: bool):
    assert commands.wants_json(name, words) is wanted


def test_an_error_is_told_with_why_and_fix(capsys: pytest.CaptureFixture[str]):
    report("down", Gone('there is no lab "shpo"', why="it is not written down", fix='did you mean "shop"?'))
    assert capsys.readouterr().err == 'nw down: there is no lab "shpo"\n    it is not written down; did you mean "shop"?\n'


class Mistakes(Invalid):
    problems = (
        Problem(("hosts", "web1", "adress"), "unknown key", 'did you mean "address"?', ("shop.lab.yaml", 4, 12)),
        Problem(("cables", 0), "no host c", "", ("shop.lab.yaml", 9, 3)),
    )


def test_every_mistake_of_a_file_is_a_line_with_its_place(capsys: pytest.CaptureFixture[str]):
    report("up", Mistakes("two"))
    assert capsys.readouterr().err.splitlines() == [
        'shop.lab.yaml:4:12: hosts.web1.adress: unknown key, did you mean "address"?',
        "shop.lab.yaml:9:3: cables[0]: no host c",
        "nw up: 2 mistakes; nothing was done",
    ]


def test_mistakes_as_json():
    assert as_plain(Mistakes("two")) == {
        "error": "2 mistakes",
        "problems": [
            {"place": {"file": "shop.lab.yaml", "line": 4, "column": 12}, "path": "hosts.web1.adress", "what": "unknown key", "fix": 'did you mean "address"?'},
            {"place": {"file": "shop.lab.yaml", "line": 9, "column": 3}, "path": "cables[0]", "what": "no host c"},
        ],
    }


@pytest.mark.parametrize("shell", ["/bin/bash", "/usr/bin/zsh", "/usr/bin/fish", "/bin/dash", "/opt/other"])
def test_every_shell_is_told_the_prompt_in_its_own_way(shell: str):
    start = how(shell, "shop/web1", [], "/home/it's me")
    everything = [*start.words, *start.environment.values(), *start.files.values()]
    assert start.words[0] == shell
    assert any("[shop/web1] " in text for text in everything)
    assert all(path.startswith("/run/nw-lab/") for path in start.files)


def test_words_for_the_shell_are_its_own():
    assert how("/bin/bash", "shop/web1", ["-c", "true"], "/").words == ["/bin/bash", "-c", "true"]
