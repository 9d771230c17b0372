"""The words of `nw cni`: what is refused, and that the help has every word and option."""

import json
import re
from pathlib import Path

import pytest

from netwright.cli import cni
from netwright.cli.commands import help_text
from netwright.cli.words import HelpWanted, Wrong
from netwright.errors import Gone, Invalid, NetwrightError


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ([], "add|del|check|gc|status|ls|install|uninstall|dhcp is missing"),
        (["attach"], '"attach" is no word of nw cni'),
        (["add", "net"], "NETNS is missing"),
        (["add", "net", "a", "b"], '"b" is one word too many'),
        (["gc", "net", "--keep", "a"], "--keep takes CONTAINER/INTERFACE"),
        (["status", "net", "--id", "x"], 'option "--id" is unknown'),
        (["dhcp"], "daemon is missing"),
    ],
)
def test_words_that_make_no_sense(words: list[str], what: str):
    with pytest.raises(Wrong) as error:
        cni.main(words)
    assert error.value.what == what


@pytest.mark.parametrize("words", [["--help"], ["add", "--help"], ["install", "-h"]])
def test_help(words: list[str]):
    with pytest.raises(HelpWanted):
        cni.main(words)


def test_the_help_has_every_word_and_every_option():
    text = help_text("cni")
    source = Path(cni.__file__).read_text()
    assert [word for word in cni._VERBS if not re.search(rf"^  {word} |\|{word}\W|cni {word}\W", text, re.MULTILINE)] == []
    assert [option for option in set(re.findall(r'"(--?[a-z][a-z-]*)"', source)) if option not in text] == []


@pytest.fixture
def places(tmp_path: Path) -> list[str]:
    (tmp_path / "n.conflist").write_text(json.dumps({"name": "n", "cniVersion": "1.1.0", "plugins": [{"type": "x", "capabilities": {"ips": True}}]}))
    return ["--conf", str(tmp_path), "--cache", str(tmp_path / "cache"), "--path", str(tmp_path)]


@pytest.mark.parametrize(
    ("words", "error", "what"),
    [
        (["add", "other", "a"], Gone, "no network other in"),
        (["add", "n", "nowhere"], Gone, "no network namespace /run/netns/nowhere"),
        (["add", "n", "a", "--cap", "{"], Invalid, "--cap: "),
        (["add", "n", "a", "--cap", "[]"], Invalid, "--cap: a JSON object belongs here"),
        (["add", "n", "a", "--cap", '{"mac": "x"}'], Invalid, "--cap: no plugin of n takes mac"),
        (["add", "n", "a", "--args", "x"], NetwrightError, 'ARGS: invalid pair "x"'),
        (["check", "n", "a"], Gone, "is not attached to n by eth0"),
        (["status", "n"], NetwrightError, 'failed to find plugin "x"'),
    ],
)
def test_what_cannot_be_done(places: list[str], words: list[str], error: type[Exception], what: str, monkeypatch, tmp_path: Path):
    monkeypatch.setenv("NETWRIGHT_RUN_DIR", str(tmp_path / "run"))
    with pytest.raises(error, match=re.escape(what)):
        cni.main(words + places)


def test_the_container_is_called_as_cnitool_calls_it(places: list[str]):
    given = cni.Words(["n", "/run/netns/a", *places], cni._ONE, "NETWORK NETNS")
    assert cni._who(given) == ("cnitool-a145bc1ace582bff43bd", "eth0")


def test_listing_nothing(places: list[str], capsys):
    assert cni.main(["ls", *places]) == 0
    assert cni.main(["ls", "--json", *places]) == 0
    assert capsys.readouterr().out == "nothing is attached\n[]\n"
