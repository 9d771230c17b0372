"""`ip rule add|delete`: words -> operations, ip's errors, our warning; and back to words."""

from typing import Any

import pytest
from command_fakes import FakeContext, FakeNetlink, Lookup, message, split_command
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.ip import tables
from netwright.ip.exits import Exit, Usage
from netwright.ip.front import NotOurs
from netwright.ip.help import help_text
from netwright.ip.rule import COMMANDS, flush, values
from netwright.ip.rule import main as rule
from netwright.ip.rule.actions import find_type
from netwright.ip.rule.change import ABBREVIATED, KEYWORDS, parse
from netwright.ip.rule.twins import twins
from netwright.kernel import rtnl
from netwright.kernel.rtnl import RULE, Message
from netwright.plan.ops import AddRule, DeleteRule

MAIN = 254


@pytest.fixture(scope="module")
def protocols(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("etc") / "protocols"
    path.write_text("# name number alias\ntcp 6 TCP # stream\nudp\t17\tUDP\nbroken\nipv6-icmp 58 IPv6-ICMP\n")
    return str(path)


@pytest.fixture(autouse=True)
def names(protocols: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of names as they are without any file but these."""
    monkeypatch.setattr(tables, "_read", {which: dict(known) for which, known in tables._BUILT_IN.items()})
    tables._read["rt_dsfield"] = {0: "default", 0x28: "AF11"}
    monkeypatch.setattr(values, "PROTOCOLS_FILE", protocols)


def header(**fields: int) -> dict[str, int]:
    return {"family": 2, "dst_len": 0, "src_len": 0, "tos": 0, "table": MAIN, "action": 1, "flags": 0, **fields}


CASES: list[tuple[str, dict[str, int], dict[str, Any]]] = [
    ("from 10.0.0.0/8 table 100", header(src_len=8, table=100), {"src": "10.0.0.0"}),
    ("from 10/8 to 11.0.0.1 lookup 300", header(src_len=8, dst_len=32, table=0), {"src": "10.0.0.0", "dst": "11.0.0.1", "table": 300}),
    ("not from all table local", header(flags=2, table=255), {"src": b""}),
    ("from 10.0.0.1", header(src_len=32), {"src": "10.0.0.1"}),
    ("table 300 table 5", header(table=0), {"table": 300}),
    ("table 0", header(table=0), {}),
    ("tos AF11 ds 10", header(tos=0x10), {}),
    ("fwmark 5/0xff", header(), {"fwmark": 5, "fwmask": 255}),
    ("fwmark 0x7", header(), {"fwmark": 7}),
    ("iif v0 oif nope", header(), {"iifname": "v0", "oifname": "nope"}),
    ("dev a:b pref 7 order 8", header(), {"iifname": "a:b", "priority": 8}),
    ("p 0x10", header(), {"priority": 16}),
    ("suppress_prefixlength 0 sup_group 5", header(), {"suppress_prefixlen": 0, "suppress_ifgroup": 5}),
    ("s 24 suppress_i default", header(), {"suppress_prefixlen": 24, "suppress_ifgroup": 0}),
    ("realms 1/2", header(), {"flow": 0x10002}),
    ("realms 5", header(), {"flow": 5}),
    ("r 70000", header(), {"flow": 70000}),
    ("realms 1/", header(), {"flow": 0x10000}),
    ("goto 500", header(table=0, action=2), {"goto": 500}),
    ("type goto 500", header(table=0, action=2), {"goto": 500}),
    ("nop", header(table=0, action=3), {}),
    ("prohibit", header(table=0, action=8), {}),
    ("type blackhole table 7", header(table=7, action=6), {}),
    ("unreach", header(table=0, action=7), {}),
    ("local", header(table=0, action=2), {}),
    ("uidrange 5-10", header(), {"uid_range": {"start": 5, "end": 10}}),
    ("uidrange 5-10x", header(), {"uid_range": {"start": 5, "end": 10}}),
    ("l3mdev", header(table=0), {"l3mdev": 1}),
    ("l3mdev prohibit pref 9", header(table=0, action=8), {"l3mdev": 1, "priority": 9}),
    ("ipproto tcp sport 80", header(), {"ip_proto": 6, "sport_range": {"start": 80, "end": 80}}),
    ("ipproto IPv6-ICMP dport 80-90", header(), {"ip_proto": 58, "dport_range": {"start": 80, "end": 90}}),
    ("ipproto 253 sport 70000 dport 80-", header(), {"ip_proto": 253, "sport_range": {"start": 4464, "end": 4464}, "dport_range": {"start": 80, "end": 80}}),
    ("tun_id 0xffffffffffffffff", header(), {"tun_id": 2**64 - 1}),
    ("t 5", header(), {"tun_id": 5}),
    ("protocol static", header(), {"protocol": 4}),
]  # fmt: skip


@pytest.mark.parametrize(("line", "head", "settings_"), CASES, ids=[case[0] for case in CASES])
def test_words_and_back(line: str, head: dict[str, int], settings_: dict[str, Any]):
    op = parse(FakeContext(), line.split(), "add")
    assert op == AddRule(head, settings_)
    options, words = split_command(op)
    assert parse(FakeContext(*options), words, "add") == op


@pytest.mark.parametrize("line", [case[0] for case in CASES])
def test_deletions_and_back(line: str):
    op = parse(FakeContext(), line.split(), "delete")
    assert isinstance(op, DeleteRule)
    options, words = split_command(op)
    assert parse(FakeContext(*options), words, "delete") == op


def test_a_deletion_leaves_table_and_action_open():
    assert parse(FakeContext(), ["pref", "7"], "delete") == DeleteRule(header(table=0, action=0), {"priority": 7})


def test_ipv6_needs_its_option():
    op = parse(FakeContext("-6"), ["from", "2001:db8::/32"], "add")
    assert op == AddRule(header(family=10, src_len=32), {"src": "2001:db8::"})
    assert split_command(op)[0] == ["-6"]
    assert parse(FakeContext(), ["from", "2001:db8::/32"], "add").header["family"] == 2


ERRORS = [
    ("", 1, '"ip rule add" requires arguments.'),
    ("from", 255, 'Command line is not complete. Try option "help"'),
    ("from foo", 1, 'Error: any valid prefix is expected rather than "foo".'),
    ("pref x", 255, 'Error: argument "x" is wrong: preference value is invalid'),
    ("pref 4294967296", 255, 'Error: argument "4294967296" is wrong: preference value is invalid'),
    ("tos 100", 255, 'Error: argument "100" is wrong: TOS value is invalid'),
    ("fwmark x/1", 255, 'Error: argument "x" is wrong: fwmark value is invalid'),
    ("fwmark 1/x", 255, 'Error: argument "x" is wrong: fwmask value is invalid'),
    ("realms x", 255, 'Error: argument "x" is wrong: invalid realms'),
    ("protocol foo", 255, 'Error: argument "foo" is wrong: "protocol" value is invalid'),
    ("tun_id x", 255, 'Error: argument "x" is wrong: "tun_id" value is invalid'),
    ("table foo", 255, 'Error: argument "foo" is wrong: invalid table ID'),
    ("suppress_prefixlength -1", 255, 'Error: argument "-1" is wrong: suppress_prefixlength value is invalid'),
    ("sup_group x", 255, 'Error: argument "x" is wrong: Invalid "suppress_ifgroup" value'),
    ("iif a/b", 255, 'Error: argument "a/b" is wrong: "iif"/"dev" not a valid ifname'),
    ("oif 1234567890123456", 255, 'Error: argument "1234567890123456" is wrong: "oif" not a valid ifname'),
    ("uidrange 5", 255, 'Error: argument "5" is wrong: invalid UID range'),
    ("ipproto foo", 255, 'Error: argument "foo" is wrong: Invalid "ipproto" value'),
    ("sport x", 255, 'Error: argument "x" is wrong: invalid port range'),
    ("dport x", 255, 'Error: argument "x" is wrong: invalid dport range'),
    ("goto x", 255, 'Error: argument "x" is wrong: invalid target'),
    ("type", 255, 'Command line is not complete. Try option "help"'),
    ("reject", 255, 'Error: argument "reject" is wrong: Failed to parse rule type'),
    ("l3mdev table 5", 22, "table can not be specified for l3mdev rules"),
    ("table 5 help", 255, ""),
]


@pytest.mark.parametrize(("line", "code", "text"), ERRORS, ids=[case[0] for case in ERRORS])
def test_errors(line: str, code: int, text: str):
    with pytest.raises(Exit) as caught:
        parse(FakeContext(), line.split(), "add")
    assert (caught.value.code, caught.value.text) == (code, text)


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("prohibbit", 'did you mean "prohibit"?'),
        ("tabel 5", 'did you mean "table"?'),
        ("table mian", 'did you mean "main"?'),
        ("uidrange 5", "for one user: 5-5"),
    ],
)
def test_did_you_mean(line: str, fix: str):
    with pytest.raises(Exit) as caught:
        parse(FakeContext(), line.split(), "add")
    assert caught.value.fix == fix


def test_nat_is_left_to_ip():
    for words in (["nat", "1.2.3.4"], ["map", "1.2.3.4"]):
        with pytest.raises(NotOurs):
            parse(FakeContext(), words, "add")
    for word in ("save", "restore"):
        with pytest.raises(NotOurs):
            rule(FakeContext(), [word])


@pytest.mark.parametrize(
    ("word", "number"), [("brd", 3), ("b", 3), ("blackhole", 6), ("loc", None), ("throw", 9), ("8", 8), ("256", None)]
)
def test_types(word: str, number: int | None):
    assert find_type(word) == number


def test_commands():
    with pytest.raises(Exit) as caught:
        rule(FakeContext(), ["ad d"])
    assert (caught.value.code, caught.value.text) == (255, 'Command "ad d" is unknown, try "ip rule help".')
    with pytest.raises(Usage):
        rule(FakeContext(), ["help"])
    context = FakeContext("--dry-run")
    assert rule(context, ["a", "from", "10/8", "table", "5"]) == 0
    assert context.printed == "ip rule add from 10.0.0.0/8 table 5\n"


def test_the_help_has_every_keyword():
    text = help_text("rule")
    names = [
        *COMMANDS,
        *(word for word in KEYWORDS if word != "nat"),
        *(full for full, _ in ABBREVIATED if full != "map-to"),
    ]
    assert [name for name in names if name not in text] == []


# -- the same rule twice -----------------------------------------------------------------------------------------------------


def kernel_rule(priority: int, src_len: int = 8, table: int = 100, **settings_: Any) -> Message:
    head = {"family": 2, "src_len": src_len, "table": table, "action": 1}
    given = {"src": "10.0.0.0"} if src_len else {}
    return message(
        rtnl.NEWRULE,
        head,
        {**given, "priority": priority, "table": table, "suppress_prefixlen": 0xFFFFFFFF, "protocol": 3, **settings_},
    )


def test_twins():
    context = FakeContext(
        netlink=FakeNetlink(
            [
                kernel_rule(5),
                kernel_rule(6),
                kernel_rule(7, table=101),
                kernel_rule(8, 0),
                kernel_rule(9, fwmark=1, fwmask=0xFFFFFFFF),
            ]
        )
    )
    op = parse(context, ["from", "10.0.0.0/8", "table", "100"], "add")
    assert twins(context, op) == [6]


@pytest.mark.parametrize(
    "line", ["fwmark 5 table 100", "fwmark 5/0xff table 100", "from all table 100", "table 100 sport 80", "table 300"]
)
def test_a_rule_is_its_own_twin(line: str):
    op = parse(FakeContext(), line.split(), "add")
    kernels = {key: value for key, value in op.settings.items() if value}
    if "fwmark" in kernels:
        kernels.setdefault("fwmask", 0xFFFFFFFF)
    one = message(rtnl.NEWRULE, op.header, {"priority": 5, "table": op.header["table"], **kernels})
    assert twins(FakeContext(netlink=FakeNetlink([one, one])), op) == [5]


def test_we_warn_of_a_twin_and_the_name_ip_does_not(monkeypatch: pytest.MonkeyPatch):
    from netwright.ip.context import Context

    monkeypatch.setattr(Context, "apply", lambda self, op: 0)
    words = ["add", "from", "10.0.0.0/8", "table", "100"]
    for applet, said in (
        (False, "    an identical rule exists (priority 6): delete one of them with: nw rule delete pref 6\n"),
        (True, ""),
    ):
        context = FakeContext(applet=applet, netlink=FakeNetlink([kernel_rule(5), kernel_rule(6)]))
        assert rule(context, words) == 0
        assert context.said == said


def test_an_ipv6_rule_without_its_option_is_explained(monkeypatch: pytest.MonkeyPatch):
    from netwright.ip.context import Context

    def refuse(self: Any, op: Any) -> int:
        raise Exit(2, "Error: Invalid source address.")

    monkeypatch.setattr(Context, "apply", refuse)
    with pytest.raises(Exit) as caught:
        rule(FakeContext(), ["add", "from", "::1", "table", "5"])
    assert caught.value.advice is not None
    assert caught.value.advice() == (
        "::1 is an IPv6 address, and rules are for IPv4 unless -6 says otherwise",
        "nw -6 rule add …",
    )


# -- flush -------------------------------------------------------------------------------------------------------------------


def test_flush_deletes_what_fits_but_the_first():
    rules = [
        kernel_rule(5),
        kernel_rule(6, table=101),
        message(rtnl.NEWRULE, {"family": 2, "table": 100, "action": 1}, {"table": 100}),
    ]
    netlink = FakeNetlink(rules)
    context = FakeContext("-j", netlink=netlink)
    assert flush.main(context, ["table", "100"]) == 0
    context.flush()
    assert [request.kind for request in netlink.sent] == [rtnl.DELRULE]
    assert context.printed == "[]\n"


def test_flush_by_protocol_and_dry_run():
    netlink = FakeNetlink([kernel_rule(5), kernel_rule(6, protocol=4)])
    context = FakeContext("--dry-run", netlink=netlink)
    assert flush.main(context, ["protocol", "static"]) == 0
    assert (context.printed, netlink.sent) == ("ip rule delete pref 6\n", [])


# -- whatever the words ------------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    [*KEYWORDS, *(full for full, _ in ABBREVIATED), "type", "goto", "nop", "prohibit", "local", "help", "v0", "10.0.0.0/8", "::/0", "all", "default",
     "0", "5", "300", "1-2", "80-90", "1/2", "0x10", "tcp", "main", "-1", "", "x", "\udcff"]
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(["add", "delete"]), st.sampled_from([[], ["-4"], ["-6"]]), st.lists(WORDS, max_size=9))
def test_any_words(verb: str, options: list[str], line: list[str]):
    """An operation that can be sent, and comes back from its own words; or an exit as ip has it; never anything else."""
    try:
        op = parse(FakeContext(*options), line, verb)
    except (Exit, NotOurs):
        return
    assert RULE.body(op.header, op.settings, Lookup())
    options, words = split_command(op)
    assert parse(FakeContext(*options), words, verb) == op
