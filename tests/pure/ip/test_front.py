"""The front of the grammar: options, objects, numbers, batch lines, JSON as iproute2 writes it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.ip.batch import logical_lines, split_words
from netwright.ip.context import Options
from netwright.ip.exits import Exit
from netwright.ip.front import object_of, parse_options
from netwright.ip.output import Output
from netwright.ip.words import strtol, unsigned


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        (["-s", "-s"], "stats", 2),
        (["-d"], "details", 1),
        (["--details"], "details", 1),
        (["-o"], "oneline", 1),
        (["-j"], "json", 1),
        (["-p"], "pretty", 1),
        (["-br"], "brief", 1),
        (["-b", "FILE"], "batch", "FILE"),
        (["-4"], "family", 2),
        (["-6"], "family", 10),
        (["-f", "inet6"], "family", 10),
        (["-h"], "human", 1),
        (["-ts"], "timestamp_short", 1),
        (["-t"], "timestamp", 1),
        (["-N"], "numeric", 1),
        (["-a"], "all", True),
        (["-c"], "color", "always"),
        (["-c=never"], "color", "never"),
        (["-color=auto"], "color", "auto"),
        (["-force"], "force", 1),
        (["-l", "3"], "loops", 3),
        (["--dry-run"], "dry_run", True),
        (["--json-errors"], "json_errors", True),
    ],
)
def test_options_by_ips_prefixes(words: list[str], name: str, value: object):
    options = Options()
    assert parse_options([*words, "link"], options) == ["link"]
    assert getattr(options, name) == value


@pytest.mark.parametrize("words", [["-foo"], ["-f", "nosuch"], ["-c=maybe"], ["-rc", "many"], ["--drry-run"]])
def test_wrong_options_end_with_255(words: list[str]):
    with pytest.raises(Exit) as end:
        parse_options([*words, "link"], Options())
    assert end.value.code == 255


@pytest.mark.parametrize(
    ("word", "name"),
    [("l", "link"), ("a", "address"), ("addr", "address"), ("r", "route"), ("ro", "route"), ("ru", "rule"), ("n", "neighbor"),
     ("netns", "netns"), ("m", "maddress"), ("mo", "monitor"), ("net", "netns"), ("netc", "netconf"), ("x", "xfrm"), ("zz", "")],
)  # fmt: skip
def test_objects_by_ips_order(word: str, name: str):
    assert object_of(word) == name


@pytest.mark.parametrize(
    ("text", "value"),
    [("10", 10), ("0x10", 16), ("010", 8), ("-1", -1), ("+5", 5), ("", None), ("0x", None), ("09", None), ("1a", None), (" 7", 7), ("7 ", None), ("٣", None)],
)  # fmt: skip
def test_numbers_as_strtol_reads_them(text: str, value: int | None):
    assert strtol(text) == value


@pytest.mark.parametrize(("text", "bits", "value"), [("255", 8, 255), ("256", 8, None), ("-1", 32, None), ("4294967296", 32, None)])
def test_unsigned_numbers_have_bounds(text: str, bits: int, value: int | None):
    assert unsigned(text, bits=bits) == value


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("link show\n", [(1, ["link", "show"])]),
        ("# all\n\nlink # rest\n", [(3, ["link"])]),
        ("link \\\nshow\nroute\n", [(2, ["link", "show"]), (3, ["route"])]),
        ("netns add 'two words' \"x\"y\n", [(1, ["netns", "add", "two words", "x", "y"])]),
        ("link", [(1, ["link"])]),
        ("link \\", [(1, ["link", "\\"])]),
    ],
)
def test_batch_lines(text: str, lines: list[tuple[int, list[str]]]):
    assert logical_lines(text) == lines


def test_an_unterminated_quote_is_an_error():
    with pytest.raises(Exit) as end:
        split_words("netns add 'x")
    assert (end.value.code, end.value.text) == (1, "Unterminated quoted string")


@given(st.text(max_size=200))
def test_batch_lines_never_crash(text: str):
    try:
        lines = logical_lines(text)
    except Exit:
        return  # an unterminated quote, or too many words
    assert all(number > 0 and words for number, words in lines)


def test_json_as_iproute2_lays_it_out():
    out = Output(json=True, pretty=True)
    out.open_array()
    out.open_object()
    out.put("name", "x", "a")
    out.field("flags", ["UP", "LOWER_UP"])
    out.field("inner", {"n": 1, "on": True, "none": None})
    out.field("empty", [])
    out.close_object()
    out.close_array()
    out.finish_json()
    assert out.text() == (
        '[ {\n        "name": "a",\n        "flags": [ "UP","LOWER_UP" ],\n        "inner": {\n            "n": 1,\n'
        '            "on": true,\n            "none": null\n        },\n        "empty": [ ]\n    } ]\n'
    )


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(st.characters(min_codepoint=32)), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(min_codepoint=32), min_size=1), inner, max_size=4), max_leaves=12), st.booleans())  # fmt: skip
def test_json_is_json(value: object, pretty: bool):
    out = Output(json=True, pretty=pretty)
    out.open_array()
    out.field("", value)
    out.close_array()
    out.finish_json()
    assert json.loads(out.text()) == [value]


def test_explain_prints_a_sentence_above_the_command(capfd: pytest.CaptureFixture[str]) -> None:
    from netwright.ip.front import main

    assert main(["nw", "--explain", "link", "add", "v0", "type", "veth", "peer", "name", "v1"], applet=False) == 0
    sentence, command = capfd.readouterr().out.splitlines()
    assert sentence.startswith("# ")
    assert "v0" in sentence
    assert command == "ip link add name v0 type veth peer name v1"
