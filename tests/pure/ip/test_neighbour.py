"""`ip neighbour add|change|replace|delete|get|flush`: words -> operations and requests, and back to words."""

from typing import Any

import pytest
from command_fakes import FakeContext, FakeNetlink, Lookup, message, split_command
from hypothesis import example, given, settings
from hypothesis import strategies as st

from netwright.ip.exits import Exit, Usage
from netwright.ip.front import NotOurs
from netwright.ip.help import help_text
from netwright.ip.neighbour import COMMANDS, get
from netwright.ip.neighbour import flush as flushing
from netwright.ip.neighbour import main as neighbour
from netwright.ip.neighbour.change import _ABBREVIATED, _FLAGS, _KEYWORDS, main, parse
from netwright.ip.neighbour.states import STATES, find_state
from netwright.kernel import rtnl
from netwright.kernel.rtnl import NEIGHBOUR, Message
from netwright.plan.ops import AddNeighbour, DeleteNeighbour

MAC = "02:00:00:00:00:02"


def header(family: int = 2, state: int = 0x80, flags: int = 0, index: Any = "v0") -> dict[str, Any]:
    return {"family": family, "state": state, "flags": flags, "index": index}


CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (f"10.0.0.2 lladdr {MAC} dev v0", header(), {"dst": "10.0.0.2", "lladdr": MAC}),
    ("to 10.2 ll 2:0:0:0:0:2 dev v0", header(), {"dst": "10.2.0.0", "lladdr": MAC}),
    ("10.0.0.2 lladdr null dev v0", header(), {"dst": "10.0.0.2"}),
    ("10.0.0.2 lladdr 10.1.1.1 dev v0", header(), {"dst": "10.0.0.2", "lladdr": bytes([10, 1, 1, 1])}),
    (f"2001:db8::2 lladdr {MAC} nud stale router dev v0", header(10, 4, 0x80), {"dst": "2001:db8::2", "lladdr": MAC}),
    ("10.0.0.2 nud reach dev v0", header(state=2), {"dst": "10.0.0.2"}),
    ("10.0.0.2 nud 0x10 dev v0", header(state=0x10), {"dst": "10.0.0.2"}),
    ("10.0.0.2 nud none use dev v0", header(state=0, flags=1), {"dst": "10.0.0.2"}),
    ("10.0.0.2 managed dev v0", header(state=0), {"dst": "10.0.0.2", "flags_ext": 1}),
    (f"10.0.0.2 lladdr {MAC} managed nud permanent dev v0", header(), {"dst": "10.0.0.2", "lladdr": MAC, "flags_ext": 1}),
    ("10.0.0.2 nud permanent managed dev v0", header(state=0), {"dst": "10.0.0.2", "flags_ext": 1}),
    (f"10.0.0.2 lladdr {MAC} ext protocol static dev v0", header(flags=0x10), {"dst": "10.0.0.2", "lladdr": MAC, "protocol": 4}),
    ("proxy 10.0.0.9 dev v0", header(flags=8), {"dst": "10.0.0.9"}),
    ("p 10.0.0.9", header(flags=8, index=0), {"dst": "10.0.0.9"}),
    ("10.0.0.2 dev if9", header(index=9), {"dst": "10.0.0.2"}),
    ("help 10.0.0.2 dev v0", header(), {"dst": "10.0.0.2"}),
]  # fmt: skip


@pytest.mark.parametrize(("line", "head", "values"), CASES, ids=[case[0] for case in CASES])
@pytest.mark.parametrize("verb", ["add", "change", "replace", "delete"])
def test_words_and_back(verb: str, line: str, head: dict[str, Any], values: dict[str, Any]):
    op = parse(FakeContext(), line.split(), verb)
    assert op == (DeleteNeighbour(head, values) if verb == "delete" else AddNeighbour(head, values, verb))
    options, words = split_command(op)
    assert parse(FakeContext(*options), words, verb) == op


ERRORS = [
    ("", 255, "Device and destination are required arguments."),
    ("10.0.0.2", 255, "Device and destination are required arguments."),
    ("dev v0", 255, "Device and destination are required arguments."),
    ("default dev v0", 255, "Device and destination are required arguments."),
    ("help", 255, 'Command line is not complete. Try option "help"'),
    ("10.0.0.2 lladdr zz dev v0", 1, '"zz" is invalid lladdr.'),
    ("10.0.0.2 lladdr zz dev nope", 1, '"zz" is invalid lladdr.'),
    ("10.0.0.2 dev nope", 1, 'Cannot find device "nope"'),
    ("10.0.0.0/24 dev v0", 1, 'Error: any valid address is expected rather than "10.0.0.0/24".'),
    ("10.0.0.2 foo dev v0", 255, 'Error: either "to" is duplicate, or "foo" is a garbage.'),
    ("proxy 10.0.0.2 proxy 10.0.0.3", 255, 'Error: duplicate "address": "10.0.0.3" is the second value.'),
    (f"10.0.0.2 lladdr {MAC} lladdr {MAC}", 255, f'Error: duplicate "lladdr": "{MAC}" is the second value.'),
    ("10.0.0.2 nud foo", 255, 'Error: argument "foo" is wrong: nud state is bad'),
    ("10.0.0.2 nud 3", 255, 'Error: argument "3" is wrong: nud state is bad'),
    ("10.0.0.2 nud 256", 255, 'Error: argument "256" is wrong: nud state is bad'),
    ("10.0.0.2 protocol foo", 255, 'Error: argument "foo" is wrong: "protocol" value is invalid'),
]


@pytest.mark.parametrize(("line", "code", "text"), ERRORS, ids=[case[0] for case in ERRORS])
def test_errors(line: str, code: int, text: str):
    with pytest.raises(Exit) as caught:
        parse(FakeContext(), line.split(), "add")
    assert (caught.value.code, caught.value.text) == (code, text)


def test_did_you_mean():
    with pytest.raises(Exit) as caught:
        parse(FakeContext(), ["10.0.0.2", "lladr", MAC], "add")
    assert caught.value.fix == 'did you mean "lladdr"?'
    with pytest.raises(Exit) as caught:
        parse(FakeContext(), ["10.0.0.2", "nud", "permanant"], "add")
    assert caught.value.fix == 'did you mean "permanent"?'
    with pytest.raises(Exit) as caught:
        neighbour(FakeContext(), ["flussh"])
    assert (caught.value.code, caught.value.text) == (255, 'Command "flussh" is unknown, try "ip neigh help".')
    assert caught.value.fix == 'did you mean "flush"?'


@pytest.mark.parametrize(
    ("word", "state"),
    [("p", 0x80), ("r", 2), ("f", 0x20), ("stal", None), ("noar", None), ("0", 0), ("64", 0x40), ("-1", None)],
)
def test_states(word: str, state: int | None):
    assert find_state(word) == state


def test_dry_run_prints_the_command():
    context = FakeContext("--dry-run")
    assert main(context, ["10.0.0.2", "lladdr", MAC, "dev", "v0"], "replace") == 0
    assert context.printed == f"ip neighbour replace 10.0.0.2 lladdr {MAC} dev v0\n"


def test_help():
    with pytest.raises(Usage) as caught:
        neighbour(FakeContext(), ["help"])
    assert (caught.value.command, caught.value.code) == ("neighbour", 255)
    text = help_text("neighbour")
    names = [*COMMANDS, *_KEYWORDS, *(full for full, _ in _ABBREVIATED), *_FLAGS, *STATES]
    assert [name for name in names if name not in text] == []


# -- get ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "head", "values"),
    [
        ("10.0.0.2 dev v0", {"family": 2, "flags": 0, "index": 7}, {"dst": "10.0.0.2"}),
        ("dev v0 to 2001:db8::2", {"family": 10, "flags": 0, "index": 7}, {"dst": "2001:db8::2"}),
        ("proxy 10.0.0.2", {"family": 2, "flags": 8, "index": 0}, {"dst": "10.0.0.2"}),
    ],
)
def test_get(line: str, head: dict[str, int], values: dict[str, Any]):
    assert get.parse(FakeContext(), line.split()) == (head, values)


@pytest.mark.parametrize(
    ("line", "code", "text"),
    [
        ("10.0.0.2", 1, "Device and address are required arguments."),
        ("any dev v0", 1, "Device and address are required arguments."),
        ("10.0.0.2 dev nope", 1, 'Cannot find device "nope"'),
        ("10.0.0.2 10.0.0.3 dev v0", 255, 'Error: either "to" is duplicate, or "10.0.0.3" is a garbage.'),
        ("10.0.0.2 proxy 10.0.0.3 dev v0", 255, 'Error: duplicate "address": "10.0.0.3" is the second value.'),
        ("help", 255, ""),
    ],
)
def test_get_errors(line: str, code: int, text: str):
    with pytest.raises(Exit) as caught:
        get.parse(FakeContext(), line.split())
    assert (caught.value.code, caught.value.text) == (code, text)


# -- flush -------------------------------------------------------------------------------------------------------------------


def entry(dst: str, state: int = 2, index: int = 7) -> Message:
    return message(rtnl.NEWNEIGH, {"family": 2, "index": index, "state": state, "type": 1}, {"dst": dst, "lladdr": MAC})


def flush(context: FakeContext, *words: str) -> int:
    code = flushing.main(context, list(words))
    context.flush()
    return code


def test_flush_leaves_permanent_entries_and_forgets_failed_ones_after_the_first_round():
    netlink = FakeNetlink(
        [entry("10.0.0.2"), entry("10.0.0.3", 0x80), entry("10.0.0.4", 0x20)], [entry("10.0.0.4", 0x20)]
    )
    context = FakeContext("-s", "-s", "-j", netlink=netlink)
    assert flush(context, "dev", "v0") == 0
    assert [request.kind for request in netlink.sent] == [rtnl.DELNEIGH] * 2
    assert context.printed == (
        f"10.0.0.2 lladdr {MAC} REACHABLE \n10.0.0.4 lladdr {MAC} FAILED \n\n"
        "*** Round 1, deleting 2 entries ***\n*** Flush is complete after 1 round ***\n"
    )


def test_flush_gives_up():
    context = FakeContext(netlink=FakeNetlink(*[[entry("10.0.0.2")]] * 20))
    assert flush(context, "dev", "v0") == 255
    assert context.printed == "*** Flush not complete bailing out after 10 rounds\n"


def test_flush_dry_run():
    netlink = FakeNetlink([entry("10.0.0.2"), entry("10.0.0.3", 0x80)])
    context = FakeContext("--dry-run", netlink=netlink)
    assert flush(context, "nud", "all") == 0
    assert context.printed == "ip neighbour delete 10.0.0.2 dev v0\nip neighbour delete 10.0.0.3 dev v0\n"
    assert netlink.sent == []


def test_flush_requires_arguments():
    with pytest.raises(Exit) as caught:
        flush(FakeContext())
    assert (caught.value.code, caught.value.text) == (1, "Flush requires arguments.")


# -- whatever the words ------------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    ["lladdr", "nud", "proxy", "router", "use", "managed", "extern_learn", "dev", "protocol", "to", "help", "v0", "nope", "10.0.0.2", "::1", MAC,
     "null", "1.2.3", "permanent", "none", "4", "static", "any", "default", "", "x", "\udcff"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@example("add", ["-0"], ["dev", "v0", "any"])
@example("add", ["-4"], ["dev", "v0", "any"])
@given(st.sampled_from(["add", "delete"]), st.sampled_from([[], ["-4"], ["-6"], ["-0"]]), st.lists(WORDS, max_size=8))
def test_any_words(verb: str, options: list[str], line: list[str]):
    """An operation that can be sent, and comes back from its own words; or an exit as ip has it; never anything else."""
    try:
        op = parse(FakeContext(*options), line, verb)
    except (Exit, NotOurs):
        return
    assert NEIGHBOUR.body({**op.header, "index": 7}, op.settings, Lookup())
    options, words = split_command(op)
    assert parse(FakeContext(*options), words, verb) == op
