"""`ip route add|append|prepend|change|replace|test|delete`: words -> operation, ip's errors; and back to words."""

from typing import Any

import pytest
from command_fakes import FakeContext, FakeNetlink, Lookup, message, split_command
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.ip.exits import Exit, Usage
from netwright.ip.front import NotOurs
from netwright.ip.help import help_text
from netwright.ip.route import COMMANDS, flush, main
from netwright.ip.route.change import KEYWORDS, parse
from netwright.kernel import rtnl
from netwright.kernel.rtnl import ROUTE, Message
from netwright.plan.explain import command
from netwright.plan.ops import AddRoute, DeleteRoute


def header(dst_len: int = 8, **changes: int) -> dict[str, int]:
    usual = {"family": 2, "src_len": 0, "tos": 0, "table": 254, "protocol": 3, "scope": 0, "type": 1, "flags": 0}
    return {**usual, "dst_len": dst_len, **changes}


def six(dst_len: int = 48, **changes: int) -> dict[str, int]:
    return header(dst_len, family=10, **changes)


NET = {"dst": "10.0.0.0"}
OUT = {**NET, "oif": "v0"}
VIA = {**NET, "gateway": "10.1.1.1"}
V6 = {"dst": "2001:db8::", "oif": "v0"}


def metrics(**values: Any) -> dict[str, Any]:
    return {**OUT, "metrics": values}


def hops(*values: dict[str, Any]) -> dict[str, Any]:
    return {**NET, "multipath": [{"flags": 0, "hops": 0, "ifindex": 0, "attributes": {}, **hop} for hop in values]}


LINK = {"scope": 253}
CASES: list[tuple[str, dict[str, int], dict[str, Any]]] = [
    ("10.0.0.0/8 via 10.1.1.1", header(), VIA),
    ("to 10/8 via 10.1.1.1", header(), VIA),
    ("via 10.1.1.1 10.0.0.0/255.0.0.0", header(), VIA),
    ("10.0.0.0/8 dev v0", header(**LINK), OUT),
    ("10.0.0.0/8 oif v0", header(**LINK), OUT),
    ("10.0.0.0/8 dev if9", header(**LINK), {**NET, "oif": 9}),
    ("10.0.0.9 dev v0", header(32, **LINK), {"dst": "10.0.0.9", "oif": "v0"}),
    ("default via 10.1.1.1", header(0), {"gateway": "10.1.1.1"}),
    ("0/0 via 10.1.1.1", header(0), {"gateway": "10.1.1.1"}),
    ("all via 10.1.1.1", header(0), {"gateway": "10.1.1.1"}),
    ("10.0.0.0/0 via 10.1.1.1", header(0), VIA),
    ("::/0 via fe80::1 dev v0", six(0), {"gateway": "fe80::1", "oif": "v0"}),
    ("2001:db8::/48 dev v0", six(), V6),
    ("10.0.0.0/8 via inet6 fe80::1 dev v0", header(), {**OUT, "via": {"family": 10, "host": "fe80::1"}}),
    ("10.0.0.0/8 via inet 10.1.1.1", header(), VIA),
    ("blackhole 10.0.0.0/8", header(type=6), NET),
    ("bl 10.0.0.0/8", header(type=6), NET),
    ("u default", header(0, type=7), {}),
    ("prohibit 10.0.0.0/8", header(type=8), NET),
    ("throw 10.0.0.0/8", header(type=9), NET),
    ("any 10.0.0.0/8 dev v0", header(type=4, table=255, **LINK), OUT),
    ("local 10.0.0.0/8 dev v0", header(type=2, table=255, scope=254), OUT),
    ("nat 10.0.0.0/8 via 10.1.1.1", header(type=10, table=255, scope=254), VIA),
    ("brd 10.0.0.0/8 dev v0", header(type=3, table=255, **LINK), OUT),
    ("multicast 10.0.0.0/8 dev v0", header(type=5, **LINK), OUT),
    ("+5 10.0.0.0/8 dev v0", header(type=5, **LINK), OUT),
    ("local 2001:db8::/48 dev v0", six(type=2, table=255), V6),
    ("10.0.0.0/8 dev v0 scope host proto static", header(scope=254, protocol=4), OUT),
    ("10.0.0.0/8 dev v0 scope 77 proto 99", header(scope=77, protocol=99), OUT),
    ("10.0.0.0/8 dev v0 table 100", header(table=100, **LINK), OUT),
    ("10.0.0.0/8 dev v0 t local", header(table=255, **LINK), OUT),
    ("10.0.0.0/8 dev v0 table 0x400", header(table=0, **LINK), {**OUT, "table": 1024}),
    ("10.0.0.0/8 dev v0 metric 5", header(**LINK), {**OUT, "priority": 5}),
    ("10.0.0.0/8 dev v0 p 5", header(**LINK), {**OUT, "priority": 5}),
    ("10.0.0.0/8 dev v0 preference 5", header(**LINK), {**OUT, "priority": 5}),
    ("10.0.0.0/8 dev v0 tos 10", header(tos=16, **LINK), OUT),
    ("10.0.0.0/8 dev v0 dsfield 0x10", header(tos=16, **LINK), OUT),
    ("10.0.0.0/8 dev v0 src 10.0.0.1", header(**LINK), {**OUT, "prefsrc": "10.0.0.1"}),
    ("2001:db8::/48 from 2001:db8:1::/64 dev v0", six(src_len=64), {**V6, "src": "2001:db8:1::"}),
    ("10.0.0.0/8 dev v0 realm 5", header(**LINK), {**OUT, "flow": 5}),
    ("10.0.0.0/8 dev v0 realms 4/5", header(**LINK), {**OUT, "flow": 0x40005}),
    ("10.0.0.0/8 dev v0 realms 4/", header(**LINK), {**OUT, "flow": 0x40000}),
    ("10.0.0.0/8 dev v0 realms 70000", header(**LINK), {**OUT, "flow": 70000}),
    ("10.0.0.0/8 via 10.1.1.1 dev v0 onlink", header(flags=4), {**VIA, "oif": "v0"}),
    ("10.0.0.0/8 nhid 7", header(), {**NET, "nh_id": 7}),
    ("10.0.0.0/8 nhid 0 dev v0", header(**LINK), {**OUT, "nh_id": 0}),
    ("2001:db8::/48 dev v0 pref low expires 300", six(), {**V6, "pref": 3, "expires": 300}),
    ("2001:db8::/48 dev v0 pre 1", six(), {**V6, "pref": 1}),
    ("10.0.0.0/8 via 10.1.1.1 ttl-propagate dis", header(), {**VIA, "ttl_propagate": 0}),
    ("10.0.0.0/8 dev v0 mtu 1300 hoplimit 9 window 3", header(**LINK), metrics(mtu=1300, hoplimit=9, window=3)),
    ("10.0.0.0/8 dev v0 mtu lock 1300 advmss 9", header(**LINK), metrics(mtu=1300, advmss=9, lock=4)),
    ("10.0.0.0/8 dev v0 rtt 300ms rttvar 1.5s", header(**LINK), metrics(rtt=2400, rttvar=6000)),
    ("10.0.0.0/8 dev v0 rtt 300 rttvar lock 0x10", header(**LINK), metrics(rtt=300, rttvar=16, lock=32)),
    ("10.0.0.0/8 dev v0 rto_min 1.25ms", header(**LINK), metrics(rto_min=2, lock=1 << 13)),
    ("10.0.0.0/8 dev v0 cwnd 1 ssthresh 2 reordering 3 initcwnd 4 initrwnd 5", header(**LINK), metrics(cwnd=1, ssthresh=2, reordering=3, initcwnd=4, initrwnd=5)),
    ("10.0.0.0/8 dev v0 features ecn quickack 1 congctl lock reno fastopen_no_cookie 0", header(**LINK), metrics(features=1, quickack=1, cc_algo="reno", fastopen_no_cookie=0, lock=1 << 16)),
    ("10.0.0.0/8 nexthop via 10.1.1.1 weight 3 nexthop dev v0 onlink", header(), hops({"hops": 2, "attributes": {"gateway": "10.1.1.1"}}, {"ifindex": "v0", "flags": 4})),
    ("10.0.0.0/8 nexthop via inet6 fe80::1 dev v0 realms 4/5", header(), hops({"ifindex": "v0", "attributes": {"via": {"family": 10, "host": "fe80::1"}, "flow": 0x40005}})),
    ("10.0.0.0/8 nexthop nexthop dev if9", header(), hops({}, {"ifindex": 9})),
]  # fmt: skip
IDS = [case[0] for case in CASES]


@pytest.mark.parametrize(("line", "head", "values"), CASES, ids=IDS)
def test_words(line: str, head: dict[str, int], values: dict[str, Any]):
    op = parse(FakeContext(), line.split(), "add")
    assert op == AddRoute(head, values, "add")
    assert ROUTE.body(op.header, op.settings, Lookup())


@pytest.mark.parametrize("verb", ["add", "append", "prepend", "change", "replace", "test"])
def test_verbs(verb: str):
    assert parse(FakeContext(), ["default", "dev", "v0"], verb) == AddRoute(header(0, **LINK), {"oif": "v0"}, verb)


@pytest.mark.parametrize(
    ("line", "head", "values"),
    [
        ("10.0.0.0/8", header(protocol=0, scope=255, type=0), NET),
        ("10.0.0.0/8 via 10.1.1.1", header(protocol=0, scope=255, type=0), VIA),
        ("unicast 10.0.0.0/8", header(protocol=0, scope=255), NET),
        ("blackhole 10.0.0.0/8", header(protocol=0, scope=255, type=6), NET),
        ("local 10.0.0.0/8 table 9", header(protocol=0, scope=254, type=2, table=9), NET),
        ("2001:db8::/48 proto static", six(protocol=4, type=0), {"dst": "2001:db8::"}),
    ],
)
def test_deletions(line: str, head: dict[str, int], values: dict[str, Any]):
    assert parse(FakeContext(), line.split(), "delete") == DeleteRoute(head, values)


def test_a_family_option_decides():
    assert parse(FakeContext("-6"), ["default", "dev", "v0"], "add") == AddRoute(six(0), {"oif": "v0"}, "add")
    assert parse(FakeContext("-4"), ["default", "dev", "v0"], "add") == AddRoute(header(0, **LINK), {"oif": "v0"})


INCOMPLETE = 'Command line is not complete. Try option "help"'
ERRORS = [
    ("10.0.0.0/8 via", 255, INCOMPLETE),
    ("10.0.0.0/8 dev nope", 1, 'Cannot find device "nope"'),
    ("10.0.0.0/33 dev v0", 1, 'Error: any valid prefix is expected rather than "10.0.0.0/33".'),
    ("blackhle 10.0.0.0/8", 1, 'Error: any valid prefix is expected rather than "blackhle".'),
    ("10.0.0.0/8 via 2001:db8::1", 1, 'Error: inet address is expected rather than "2001:db8::1".'),
    ("10.0.0.0/8 via 10.1.1.1/24", 1, 'Error: inet address is expected rather than "10.1.1.1/24".'),
    ("10.0.0.0/8 10.1.0.0/16", 255, 'Error: either "to" is duplicate, or "10.1.0.0/16" is a garbage.'),
    ("10.0.0.0/8 via 10.1.1.1 via 10.1.1.2", 255, 'Error: argument "via" is wrong: use nexthop syntax to specify multiple via'),
    ("10.0.0.0/8 tos 103", 255, 'Error: argument "103" is wrong: "tos" value is invalid'),
    ("10.0.0.0/8 scope foo", 255, 'Error: argument "foo" is wrong: invalid "scope" value'),
    ("10.0.0.0/8 proto foo", 255, 'Error: argument "foo" is wrong: "protocol" value is invalid'),
    ("10.0.0.0/8 table foo", 255, 'Error: argument "foo" is wrong: "table" value is invalid'),
    ("10.0.0.0/8 metric x", 255, 'Error: argument "x" is wrong: "metric" value is invalid'),
    ("10.0.0.0/8 expires x", 255, 'Error: argument "x" is wrong: "expires" value is invalid'),
    ("10.0.0.0/8 mtu lock lock", 255, 'Error: argument "lock" is wrong: "mtu" value is invalid'),
    ("10.0.0.0/8 advmss -1", 255, 'Error: argument "-1" is wrong: "mss" value is invalid'),
    ("10.0.0.0/8 hoplimit 256", 255, 'Error: argument "256" is wrong: "hoplimit" value is invalid'),
    ("10.0.0.0/8 rtt 5min", 255, 'Error: argument "5min" is wrong: "rtt" value is invalid'),
    ("10.0.0.0/8 rtt .", 255, 'Error: argument "." is wrong: "rtt" value is invalid'),
    ("10.0.0.0/8 rttvar 99999999s", 255, 'Error: argument "99999999s" is wrong: "rttvar" value is invalid'),
    ("10.0.0.0/8 realms a/b", 255, 'Error: argument "a/b" is wrong: "realm" value is invalid'),
    ("10.0.0.0/8 quickack 2", 255, 'Error: argument "2" is wrong: "quickack" value should be 0 or 1'),
    ("10.0.0.0/8 quickack x", 255, 'Error: argument "x" is wrong: "quickack" value is invalid'),
    ("10.0.0.0/8 features x", 255, 'Error: argument "x" is wrong: "features" value not valid'),
    ("10.0.0.0/8 nhid x", 255, 'Error: argument "x" is wrong: "id" value is invalid'),
    ("10.0.0.0/8 pref x", 255, 'Error: argument "x" is wrong: "pref" value is invalid'),
    ("10.0.0.0/8 ttl-propagate x", 255, 'Error: argument "x" is wrong: "ttl-propagate" value is invalid'),
    ("10.0.0.0/8 encap", 255, INCOMPLETE),
    ("10.0.0.0/8 encap nosuch 5", 255, 'Error: argument "nosuch" is wrong: "encap type" value is invalid'),
    ("10.0.0.0/8 encap mpls 5", 255, 'Error: unexpected end of line after "encap"'),
    ("10.0.0.0/8 nexthop", 255, 'Error: unexpected end of line after "nexthop"'),
    ("10.0.0.0/8 nexthop via 10.1.1.1 mtu 5", 255, 'Error: "nexthop" or end of line is expected instead of "mtu"'),
    ("10.0.0.0/8 nexthop dev nope", 255, 'Cannot find device "nope"\nError: cannot parse nexthop'),
    ("10.0.0.0/8 nexthop dev v0 weight 257", 255, 'Error: argument "257" is wrong: "weight" is invalid'),
    # ip looks for the device before it looks at the nexthops
    ("10.0.0.0/8 dev nope nexthop foo", 1, 'Cannot find device "nope"'),
]  # fmt: skip


@pytest.mark.parametrize(("line", "code", "text"), ERRORS, ids=[case[0] for case in ERRORS])
def test_errors(line: str, code: int, text: str):
    with pytest.raises(Exit) as caught:
        parse(FakeContext(), line.split(), "add")
    assert (caught.value.code, caught.value.text) == (code, text)


@pytest.mark.parametrize("line", ["", "dev v0", "table 100", "help", "10.0.0.0/8 help", "nexthop via 10.0.0.1"])
def test_usage(line: str):
    with pytest.raises(Usage) as caught:
        parse(FakeContext(), line.split(), "add")
    assert (caught.value.command, caught.value.code) == ("route", 255)


@pytest.mark.parametrize("line", ["10.0.0.0/8 as 10.1.0.0", "10.0.0.0/8 encap mpls 100 via 10.1.1.1", "10.0.0.0/8 nexthop dev v0 as to 10.0.0.1"])
def test_what_the_real_ip_has(line: str):
    with pytest.raises(NotOurs):
        parse(FakeContext(), line.split(), "add")


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("blackhle 10.0.0.0/8", 'did you mean "blackhole"?'),
        ("10.0.0.0/8 metrik 5", 'did you mean "metric"?'),
        ("10.0.0.0/8 table mian", 'did you mean "main"?'),
        ("10.0.0.0/8 proto statc", 'did you mean "static"?'),
        ("10.0.0.0/8 nexthop dev v0 wieght 5", 'did you mean "weight"?'),
    ],
)
def test_slips_are_seen(line: str, fix: str):
    with pytest.raises(Exit) as caught:
        parse(FakeContext(), line.split(), "add")
    end = caught.value
    assert (end.advice()[1] if end.advice else end.fix) == fix


# -- there and back ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", IDS)
@pytest.mark.parametrize("verb", ["add", "delete"])
def test_and_back(line: str, verb: str):
    op = parse(FakeContext(), line.split(), verb)
    options, words = split_command(op)
    assert parse(FakeContext(*options), words, verb) == op


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("10/8 via 10.1.1.1 metric 5", "ip route add 10.0.0.0/8 via 10.1.1.1 metric 5"),
        ("10.0.0.9/32 dev v0", "ip route add 10.0.0.9 dev v0"),
        ("blackhole ::/0 table 100", "ip -6 route add blackhole default table 100"),
        ("10/8 dev v0 tos 10 mtu lock 1300 rto_min 2s", "ip route add 10.0.0.0/8 dev v0 tos 0x10 mtu lock 1300 rto_min 2000ms"),
        ("10/8 nexthop via 10.0.0.1 weight 2 nexthop dev v0", "ip route add 10.0.0.0/8 nexthop via 10.0.0.1 weight 2 nexthop dev v0"),
    ],
)  # fmt: skip
def test_as_a_command(line: str, said: str):
    assert command(parse(FakeContext(), line.split(), "add")) == said


def test_dry_run_prints_and_does_nothing():
    context = FakeContext("--dry-run")
    assert main(context, ["replace", "default", "via", "10.0.0.1"]) == 0
    assert (context.printed, context.fake_netlink.sent) == ("ip route replace default via 10.0.0.1\n", [])


WORDS = st.sampled_from(
    [*(full for full, _, _ in KEYWORDS), "to", "nexthop", "weight", "lock", "help", "v0", "if9", "10.0.0.0/8", "10.0.0.1",
     "2001:db8::/48", "fe80::1", "inet6", "inet", "link", "default", "any", "blackhole", "local", "ecn", "enabled", "low",
     "0", "5", "300", "1.5s", "20ms", "4/5", "0x10", "main", "100", "1000", "-1", "+7", "", "x", "\udcff"]
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(["add", "delete"]), st.sampled_from([[], ["-4"], ["-6"]]), st.lists(WORDS, max_size=10))
def test_any_words(verb: str, options: list[str], line: list[str]):
    """An operation that can be sent, and comes back from its own words; or an exit as ip has it; never anything else."""
    if "vrf" in line:
        return  # asks the kernel
    try:
        op = parse(FakeContext(*options), ["10.0.0.0/8" if options != ["-6"] else "2001:db8::/32", *line], verb)
    except (Exit, NotOurs):
        return
    assert ROUTE.body(op.header, op.settings, Lookup())
    options, words = split_command(op)
    assert parse(FakeContext(*options), words, verb) == op


# -- flush -------------------------------------------------------------------------------------------------------------------


def kernel_route(kind: int = rtnl.NEWROUTE, dst_len: int = 8, **values: Any) -> Message:
    return message(kind, header(dst_len, **LINK), {"table": 254, "dst": "10.0.0.0", "oif": 7, **values})


def test_flush_goes_on_until_nothing_is_left():
    netlink = FakeNetlink([kernel_route(), kernel_route(dst_len=16)], [kernel_route()], [])
    context = FakeContext("-s", netlink=netlink)
    assert flush.main(context, ["root", "10.0.0.0/8"]) == 0
    context.flush()
    assert [request.kind for request in netlink.sent] == [rtnl.DELROUTE] * 3
    assert context.printed == (
        "\n*** Round 1, deleting 2 entries ***\n\n*** Round 2, deleting 1 entries ***\n*** Flush is complete after 2 rounds ***\n"
    )


@pytest.mark.parametrize(("options", "text"), [(["-s"], "Nothing to flush.\n"), ([], ""), (["-j"], "")])
def test_nothing_to_flush(options: list[str], text: str):
    context = FakeContext(*options)
    assert flush.main(context, ["table", "100"]) == 0
    context.flush()
    assert context.printed == text


def test_flush_leaves_the_kernels_last_route():
    last = message(rtnl.NEWROUTE, six(0, type=7), {"table": 254, "priority": 0xFFFFFFFF})
    netlink = FakeNetlink([last])
    assert flush.main(FakeContext("-6", netlink=netlink), ["table", "main"]) == 0
    assert netlink.sent == []


def test_flush_dry_run():
    context = FakeContext("--dry-run", netlink=FakeNetlink([kernel_route(gateway="10.1.1.1", priority=5)]))
    assert flush.main(context, ["10.0.0.0/8"]) == 0
    assert context.printed == "ip route delete unicast 10.0.0.0/8 via 10.1.1.1 dev v0 proto boot scope link metric 5\n"


def test_flush_needs_words():
    with pytest.raises(Exit) as caught:
        main(FakeContext(), ["flush"])
    assert (caught.value.code, caught.value.text) == (1, '"ip route flush" requires arguments.')


# -- the command -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["save", "restore", "showdump", "sa"])
def test_commands_of_the_real_ip(command: str):
    with pytest.raises(NotOurs):
        main(FakeContext(), [command])


def test_unknown_commands_are_told():
    with pytest.raises(Exit) as caught:
        main(FakeContext(), ["ad0"])
    assert (caught.value.code, caught.value.text) == (255, 'Command "ad0" is unknown, try "ip route help".')


def test_every_word_is_in_the_help_text():
    text = help_text("route")
    for word in [*(full for full, _, _ in KEYWORDS), *COMMANDS]:
        assert word in text
