"""`ip address add|change|replace|delete`: words -> operation, ip's errors, our notes; and back to words."""

from typing import Any

import pytest
from command_fakes import FakeContext, Lookup, split_command
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.ip.address import COMMANDS
from netwright.ip.address.change import _ABBREVIATED, _KEYWORDS, PROTOCOLS, main, parse
from netwright.ip.address.flags import FLAGS
from netwright.ip.exits import Exit
from netwright.ip.front import NotOurs
from netwright.ip.help import help_text
from netwright.kernel.rtnl import ADDRESS
from netwright.plan.ops import AddAddress, DeleteAddress

FOREVER = 0xFFFFFFFF


def header(
    family: int = 2, prefixlen: int = 24, flags: int = 0, scope: int = 0, index: str | int = "v0"
) -> dict[str, Any]:
    return {"family": family, "prefixlen": prefixlen, "flags": flags, "scope": scope, "index": index}


def both(address: str) -> dict[str, Any]:
    return {"local": address, "address": address}


CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("10.0.0.1/24 dev v0", header(), both("10.0.0.1")),
    ("local 10.0.0.1/24 dev v0", header(), both("10.0.0.1")),
    ("10.0.0.1 dev v0", header(prefixlen=32), both("10.0.0.1")),
    ("10.1/16 dev v0", header(prefixlen=16), both("10.1.0.0")),
    ("10.0.0.1/24 brd + dev v0", header(), {**both("10.0.0.1"), "broadcast": "10.0.0.255"}),
    ("10.0.0.1/24 broad - dev v0", header(), {**both("10.0.0.1"), "broadcast": "10.0.0.0"}),
    ("10.0.0.1/31 brd + dev v0", header(prefixlen=31), both("10.0.0.1")),
    ("10.0.0.1/30 brd 10.0.0.9 dev v0", header(prefixlen=30), {**both("10.0.0.1"), "broadcast": "10.0.0.9"}),
    ("10.8.0.1 peer 10.8.0.2 dev v0", header(prefixlen=32), {"local": "10.8.0.1", "address": "10.8.0.2"}),
    ("10.8.0.1/24 remote 10.9.0.2/30 brd + dev v0", header(prefixlen=30), {"local": "10.8.0.1", "address": "10.9.0.2", "broadcast": "10.9.0.3"}),
    ("peer 10.9.0.2/30 dev v0", header(prefixlen=30), {"address": "10.9.0.2"}),
    ("127.0.0.9/8 dev v0", header(prefixlen=8, scope=254), both("127.0.0.9")),
    ("127.0.0.9/8 scope global dev v0", header(prefixlen=8), both("127.0.0.9")),
    ("10.0.0.1/24 scope link dev v0", header(scope=253), both("10.0.0.1")),
    ("10.0.0.1/24 scope 77 dev v0", header(scope=77), both("10.0.0.1")),
    ("10.0.0.1/24 label v0:x dev v0", header(), {**both("10.0.0.1"), "label": "v0:x"}),
    ("10.0.0.1/24 metric 0x64 dev v0", header(), {**both("10.0.0.1"), "rt_priority": 100}),
    ("10.0.0.1/24 pref 7 dev v0", header(), {**both("10.0.0.1"), "rt_priority": 7}),
    ("10.0.0.1/24 proto kernel_ll dev v0", header(), {**both("10.0.0.1"), "proto": 3}),
    ("10.0.0.1/24 proto 18 dev v0", header(), {**both("10.0.0.1"), "proto": 18}),
    ("10.0.0.1/24 valid 100 preferr 50 dev v0", header(), {**both("10.0.0.1"), "cacheinfo": {"preferred": 50, "valid": 100}}),
    ("10.0.0.1/24 preferred_lft 0 dev v0", header(), {**both("10.0.0.1"), "cacheinfo": {"preferred": 0, "valid": FOREVER}}),
    ("10.0.0.1/24 noprefixroute dev v0", header(), {**both("10.0.0.1"), "flags": 0x200}),
    ("2001:db8::1/64 nodad home dev v0", header(10, 64, 0x12), both("2001:db8::1")),
    ("2001:db8::1/64 nodad mngtmpaddr dev v0", header(10, 64), {**both("2001:db8::1"), "flags": 0x102}),
    ("ff02::123/64 autojoin dev v0", header(10, 64), {**both("ff02::123"), "flags": 0x400}),
    ("2001:db8::1/64 anycast 2001:db8::9 dev v0", header(10, 64), {**both("2001:db8::1"), "anycast": "2001:db8::9"}),
    ("10.0.0.1/24 dev if9", header(index=9), both("10.0.0.1")),
    ("any dev v0", header(0, 0), {"local": b""}),
    ("dev v0", header(0, 0), {}),
]  # fmt: skip


@pytest.mark.parametrize(("line", "head", "values"), CASES, ids=[case[0] for case in CASES])
@pytest.mark.parametrize("verb", ["add", "change", "replace"])
def test_words(verb: str, line: str, head: dict[str, Any], values: dict[str, Any]):
    assert parse(FakeContext(), line.split(), verb) == AddAddress(head, values, verb)


@pytest.mark.parametrize(
    ("line", "head", "values"),
    [
        ("10.0.0.1/24 dev v0", header(), both("10.0.0.1")),
        ("127.0.0.1/8 dev lo", header(prefixlen=8, index="lo"), both("127.0.0.1")),
        ("10.0.0.1 dev v0", header(prefixlen=32), {"local": "10.0.0.1"}),
        ("2001:db8::1 dev v0", header(10, 128), both("2001:db8::1")),
        ("10.8.0.1 peer 10.8.0.2 dev v0", header(prefixlen=32), {"local": "10.8.0.1", "address": "10.8.0.2"}),
        ("10.0.0.1/24 brd + dev v0", header(), both("10.0.0.1")),
    ],
)
def test_deletions(line: str, head: dict[str, Any], values: dict[str, Any]):
    assert parse(FakeContext(), line.split(), "delete") == DeleteAddress(head, values)


def test_a_family_option_decides():
    assert parse(FakeContext("-6"), ["default", "dev", "v0"], "add") == AddAddress(header(10, 0), both("::"))
    assert parse(FakeContext("-4"), ["dev", "v0"], "add") == AddAddress(header(2, 0), {})


ERRORS = [
    ("10.0.0.1/24", 1, 'Not enough information: "dev" argument is required.'),
    ("10.0.0.1/24 dev", 255, 'Command line is not complete. Try option "help"'),
    ("10.0.0.1/24 dev nope", 1, 'Cannot find device "nope"'),
    ("10.0.0.1/33 dev v0", 1, 'Error: any valid prefix is expected rather than "10.0.0.1/33".'),
    ("10.0.0.1/24 peer ::1 dev v0", 1, 'Error: inet prefix is expected rather than "::1".'),
    ("10.0.0.1/24 10.0.0.2/24 dev v0", 255, 'Error: either "local" is duplicate, or "10.0.0.2/24" is a garbage.'),
    ("10.0.0.1/24 foo dev v0", 255, 'Error: either "local" is duplicate, or "foo" is a garbage.'),
    ("peer 10.0.0.1 peer 10.0.0.2 dev v0", 255, 'Error: duplicate "peer": "10.0.0.2" is the second value.'),
    ("10.0.0.1/24 brd + brd - dev v0", 255, 'Error: duplicate "broadcast": "-" is the second value.'),
    ("::1/64 anycast ::2 anycast ::3 dev v0", 255, 'Error: duplicate "anycast": "::3" is the second value.'),
    ("::1/64 brd + dev v0", 1, "Broadcast can be set only for IPv4 addresses"),
    ("10.0.0.1/24 scope foo dev v0", 255, 'Error: argument "foo" is wrong: invalid scope value.'),
    ("10.0.0.1/24 metric x dev v0", 255, 'Error: argument "x" is wrong: "metric" value is invalid'),
    ("10.0.0.1/24 proto x dev v0", 255, 'Error: argument "x" is wrong: "proto" value is invalid'),
    ("10.0.0.1/24 valid_lft x dev v0", 255, 'Error: argument "x" is wrong: valid_lft value'),
    ("10.0.0.1/24 preferred_lft -1 dev v0", 255, 'Error: argument "-1" is wrong: preferred_lft value'),
    (
        "10.0.0.1/24 valid_lft 1 valid_lft 2 dev v0",
        255,
        'Error: duplicate "valid_lft": "valid_lft" is the second value.',
    ),
    (
        "10.0.0.1/24 preferred_lft 1 preferr 2 dev v0",
        255,
        'Error: duplicate "preferred_lft": "preferr" is the second value.',
    ),
    ("10.0.0.1/24 valid_lft 0 dev v0", 1, "valid_lft is zero"),
    ("10.0.0.1/24 valid_lft 9 dev v0", 1, "preferred_lft is greater than valid_lft"),
    ("10.0.0.1/24 autojoin dev v0", 1, "autojoin needs multicast address"),
    # ip looks for the device before it looks at the lifetimes
    ("10.0.0.1/24 valid_lft 0 dev nope", 1, 'Cannot find device "nope"'),
]


@pytest.mark.parametrize(("line", "code", "text"), ERRORS, ids=[case[0] for case in ERRORS])
def test_errors(line: str, code: int, text: str):
    with pytest.raises(Exit) as caught:
        parse(FakeContext(), line.split(), "add")
    assert (caught.value.code, caught.value.text) == (code, text)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("10.0.0.1/24 nodad dev v0", "Warning: nodad option can be set only for IPv6 addresses\n"),
        ("nodad 2001:db8::1/64 dev v0", "Warning: nodad option can be set only for IPv6 addresses\n"),
        ("10.0.0.1/24 permanent dev v0", "Warning: permanent option is not mutable from userspace\n"),
    ],
)
def test_flags_that_cannot_be_set_are_left_out_with_a_warning(line: str, said: str):
    context = FakeContext()
    op = parse(context, line.split(), "add")
    assert (op.header["flags"], "flags" in op.settings, context.said) == (0, False, said)


def test_a_deletion_without_a_length_warns_in_four_lines():
    context = FakeContext("--dry-run")
    assert main(context, ["10.0.0.1", "dev", "v0"], "delete") == 0
    assert context.said.count("\n") == 4
    assert "(10.0.0.1/32)" in context.said
    assert context.printed == "ip address delete 10.0.0.1 dev v0\n"


@pytest.mark.parametrize(
    ("line", "verb", "note"),
    [
        ("1.1.1.1 dev v0", "add", "    1.1.1.1 without a length is 1.1.1.1/32: an address, but no network"),
        ("2001:db8::1 dev v0", "replace", "    2001:db8::1 without a length is 2001:db8::1/128"),
        ("1.1.1.1 dev v0", "delete", "    the first 1.1.1.1 on v0 went, whatever its length was\n"),
        ("1.1.1.1 dev lo", "add", ""),
        ("1.1.1.1/32 dev v0", "add", ""),
        ("1.1.1.1 peer 1.1.1.2 dev v0", "add", ""),
        ("224.0.0.5 dev v0", "add", ""),
    ],
)
def test_our_notes(line: str, verb: str, note: str):
    ours, as_ip = FakeContext("--dry-run", applet=False), FakeContext("--dry-run")
    main(ours, line.split(), verb)
    main(as_ip, line.split(), verb)
    assert note in ours.said
    assert ours.said.removeprefix(as_ip.said).startswith(note)
    assert bool(note) == (ours.said != as_ip.said)


def test_a_misspelt_word_is_recognised():
    with pytest.raises(Exit) as caught:
        parse(FakeContext(), ["10.0.0.1/24", "noprefixrout", "dev", "v0"], "add")
    assert caught.value.fix == 'did you mean "noprefixroute"?'


# -- there and back ----------------------------------------------------------------------------------------------------------

V4 = st.ip_addresses(v=4).map(str)
V6 = st.ip_addresses(v=6).map(str)


def flag_words(names: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), unique=True)


def optional(*pairs: tuple[str, st.SearchStrategy[str]]) -> st.SearchStrategy[list[str]]:
    """Some of the keywords, each with a value."""
    each = [st.just(list[str]()) | value.map(lambda text, key=key: [key, text]) for key, value in pairs]
    return st.tuples(*each).map(lambda parts: [word for part in parts for word in part])


COMMON = optional(
    ("scope", st.sampled_from(["global", "link", "host", "nowhere", "17"])),
    ("label", st.sampled_from(["v0", "v0:a b"])),
    ("metric", st.integers(0, FOREVER).map(str)),
    ("proto", st.integers(0, 255).map(str)),
)
LIFETIMES = st.just(list[str]()) | st.tuples(st.integers(1, FOREVER), st.integers(0, FOREVER)).map(
    lambda pair: ["valid_lft", str(max(pair)), "preferred_lft", str(min(pair))]
)
LINES_V4 = st.tuples(
    st.tuples(V4, st.integers(0, 32)).map(lambda pair: [f"{pair[0]}/{pair[1]}"]) | V4.map(lambda text: [text]),
    optional(("peer", V4), ("broadcast", V4 | st.sampled_from("+-")), ("anycast", V4)), COMMON, LIFETIMES,
    flag_words(["noprefixroute"]), st.just(["dev", "v0"]),
)  # fmt: skip
LINES_V6 = st.tuples(
    st.tuples(V6, st.integers(0, 128)).map(lambda pair: [f"{pair[0]}/{pair[1]}"]) | V6.map(lambda text: [text]),
    optional(("peer", V6), ("anycast", V6)), COMMON, LIFETIMES,
    flag_words(["nodad", "optimistic", "home", "mngtmpaddr", "noprefixroute"]), st.just(["dev", "v0"]),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["add", "change", "replace", "delete"]), LINES_V4 | LINES_V6)
def test_an_operation_as_words_is_the_same_operation(verb: str, parts: tuple[list[str], ...]):
    op = parse(FakeContext(), [word for part in parts for word in part], verb)
    options, words = split_command(op)
    assert parse(FakeContext(*options), words, verb) == op


@pytest.mark.parametrize("line", [case[0] for case in CASES])
def test_each_case_as_words_is_the_same(line: str):
    for family in ("-4", "-6", ""):
        try:
            op = parse(FakeContext(*filter(None, [family])), line.split(), "add")
        except Exit:
            continue
        options, words = split_command(op)
        assert parse(FakeContext(*options), words, "add") == op


WORDS = st.sampled_from(
    ["peer", "brd", "+", "-", "anycast", "scope", "dev", "label", "metric", "valid_lft", "preferred_lft", "local", "nodad", "autojoin", "permanent",
     "proto", "v0", "nope", "10.0.0.1/24", "::1/64", "127.1", "any", "default", "help", "", "x", "0", "77", "-1", "99999999999", "host", "\udcff"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["add", "delete"]), st.sampled_from([[], ["-4"], ["-6"], ["-0"]]), st.lists(WORDS, max_size=8))
def test_any_words(verb: str, options: list[str], line: list[str]):
    """An operation that can be sent, or an exit as ip has it; never anything else."""
    try:
        op = parse(FakeContext(*options), line, verb)
    except (Exit, NotOurs):
        return
    assert ADDRESS.body({**op.header, "index": 7}, op.settings, Lookup())


def test_the_help_has_every_keyword():
    text = help_text("address")
    names = [*COMMANDS, *_KEYWORDS, *(full for full, _ in _ABBREVIATED), *PROTOCOLS, *FLAGS]
    assert [name for name in names if name not in text] == []
