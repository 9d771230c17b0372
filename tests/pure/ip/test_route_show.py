"""`ip route show` and `get`: which routes, and how they are printed in every mode."""

from typing import Any

import pytest
from command_fakes import FakeContext, FakeNetlink, Lookup, message
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.errors import kernel_error
from netwright.ip.exits import Exit, Usage
from netwright.ip.front import NotOurs
from netwright.ip.route import encap as encaps
from netwright.ip.route import get, main
from netwright.ip.route.filter import parse
from netwright.ip.route.show import print_route, question
from netwright.kernel import rtnl
from netwright.kernel.codec import Layout
from netwright.kernel.netlink import Raw, Request
from netwright.kernel.rtnl import Message

CLONED, ONLINK, LINKDOWN = 0x200, 4, 16


def route(kind: int = rtnl.NEWROUTE, head: dict[str, int] | None = None, **values: Any) -> Message:
    usual = {"family": 2, "dst_len": 8, "src_len": 0, "tos": 0, "table": 254, "protocol": 3, "scope": 0, "type": 1, "flags": 0}
    return message(kind, {**usual, **(head or {})}, values)


def four(head: dict[str, int] | None = None, kind: int = rtnl.NEWROUTE, **values: Any) -> Message:
    return route(kind, head, **{"table": 254, "dst": "10.0.0.0", "oif": 7, **values})


def six(head: dict[str, int] | None = None, **values: Any) -> Message:
    return route(rtnl.NEWROUTE, {"family": 10, "dst_len": 48, **(head or {})}, **{"table": 254, "dst": "2001:db8::", "oif": 7, "priority": 1024, "pref": 0, **values})


def hop(index: int = 7, hops: int = 0, flags: int = 0, **attributes: Any) -> dict[str, Any]:
    return {"ifindex": index, "hops": hops, "flags": flags, "attributes": attributes}


def wrapped(layout: Layout, number: int, **values: Any) -> dict[str, Any]:
    return {"encap_type": number, "encap": layout.encode(values, Lookup())}


ALL_METRICS = {
    "lock": 4 | 1 << 13, "mtu": 1400, "rtt": 2400, "rttvar": 200, "hoplimit": 0xFFFFFFFF, "features": 1, "rto_min": 1500,
    "cc_algo": "cubic",
}  # fmt: skip
TWO = [hop(gateway="10.1.1.1", hops=2), hop(8, flags=ONLINK | LINKDOWN, gateway="10.1.1.2", flow=0x40005)]
TIMES = {"clntref": 2, "lastuse": 500, "expires": 30000, "error": 5, "used": 3, "id": 0, "ts": 0, "tsage": 0}
SEGMENTS = bytes([0, 4, 4, 1, 1, 0, 0, 0]) + bytes(15) + b"\2" + bytes(15) + b"\1"

PRINTED: list[tuple[list[str], Message, str]] = [
    ([], four(), "10.0.0.0/8 dev v0 \n"),
    ([], four({"dst_len": 32}), "10.0.0.0 dev v0 \n"),
    ([], route(head={"dst_len": 0}, gateway="10.1.1.1", oif=7), "default via 10.1.1.1 dev v0 \n"),
    ([], route(head={"dst_len": 4}), "0/4  \n"),
    ([], four(kind=rtnl.DELROUTE), "Deleted 10.0.0.0/8 dev v0 \n"),
    ([], four(oif=99), "10.0.0.0/8 dev if99 \n"),
    ([], four({"type": 6, "protocol": 4, "scope": 253}, priority=9), "blackhole 10.0.0.0/8 dev v0 proto static scope link metric 9 \n"),
    (["-N"], four({"type": 6, "protocol": 4, "scope": 253, "tos": 16}), "6 10.0.0.0/8 tos 0x10 dev v0 proto 4 scope 253 \n"),
    (["-d"], four(), "unicast 10.0.0.0/8 dev v0 table main proto boot scope global \n"),
    ([], four({"type": 2, "scope": 254, "protocol": 2, "table": 255}, table=255, prefsrc="10.0.0.1"), "local 10.0.0.0/8 dev v0 table local proto kernel scope host src 10.0.0.1 \n"),
    ([], four(table=70000), "10.0.0.0/8 dev v0 table 70000 \n"),
    ([], four({"flags": 0x3D}), "10.0.0.0/8 dev v0 dead onlink offload linkdown unresolved \n"),
    ([], four(via={"family": 10, "host": "fe80::1"}), "10.0.0.0/8 via inet6 fe80::1 dev v0 \n"),
    ([], four(mark=5, flow=5, uid=0, iif=8), "10.0.0.0/8 dev v0 mark 5 realm 5 uid 0 iif v1 \n"),
    ([], four(mark=16, flow=0x40005), "10.0.0.0/8 dev v0 mark 0x10 realms 4/5 \n"),
    ([], four(metrics=ALL_METRICS), "10.0.0.0/8 dev v0 mtu lock 1400 rtt 300ms rttvar 50ms features ecn rto_min lock 1.5s congctl cubic \n"),
    ([], four(metrics={"features": 5}), "10.0.0.0/8 dev v0 features ecn 0x5 \n"),
    ([], route(dst="10.0.0.0", multipath=TWO), "10.0.0.0/8 \n\tnexthop via 10.1.1.1 dev v0 weight 3 \n\tnexthop via 10.1.1.2 realms 4/5 dev v1 weight 1 onlink linkdown \n"),
    (["-o"], route(dst="10.0.0.0", multipath=TWO[:1]), "10.0.0.0/8 \\\tnexthop via 10.1.1.1 dev v0 weight 3 \n"),
    ([], route(head={"type": 5, "flags": CLONED}, dst="239.0.0.1", multipath=[hop(hops=1), hop(8, hops=5)]), "multicast 239.0.0.1/8 \n    cache Oifs: v0  v1(ttl>5) \n"),
    ([], route(head={"family": 128, "type": 5, "dst_len": 32, "src_len": 32}, dst="239.0.0.1", src="10.0.0.1"), "multicast 239.0.0.1/32 from 10.0.0.1/32 \n"),
    ([], route(head={"family": 28, "dst_len": 20}, dst=bytes.fromhex("00064000 000c8100"), newdst=bytes.fromhex("0012c100"), oif=7), "100/200 as to 300 dev v0 \n"),
    ([], six(), "2001:db8::/48 dev v0 metric 1024 pref medium\n"),
    ([], six({"src_len": 64}, src="2001:db8:1::", pref=3), "2001:db8::/48 from 2001:db8:1::/64 dev v0 metric 1024 pref low\n"),
    ([], six({"src_len": 64}, pref=2), "2001:db8::/48 from 0/64 dev v0 metric 1024 2\n"),
    ([], six(cacheinfo=TIMES), "2001:db8::/48 dev v0 metric 1024 expires 300sec error 5 pref medium\n"),
    (["-s"], six(cacheinfo=TIMES), "2001:db8::/48 dev v0 metric 1024 expires 300sec error 5 users 2 used 3 age 5sec pref medium\n"),
    ([], six(ttl_propagate=0), "2001:db8::/48 dev v0 metric 1024 pref mediumttl-propogate disabled\n"),
    ([], four({"flags": 0x90000200}, uid=0), "10.0.0.0/8 dev v0 uid 0 \n    cache <local,brd> \n"),
    ([], four({"flags": 0x00100200}), "10.0.0.0/8 dev v0 \n    cache <100000>\n"),
    (["-o"], four({"flags": CLONED}), "10.0.0.0/8 dev v0 \\    cache \n"),
    ([], four(**wrapped(encaps._IP, 2, id=5, src="1.1.1.1", dst="2.2.2.2", ttl=7, tos=4, flags=0xD)), "10.0.0.0/8  encap ip id 5 src 1.1.1.1 dst 2.2.2.2 ttl 7 tos 4 key csum seq dev v0 \n"),
    ([], four(**wrapped(encaps._IP, 4, id=5, dst="::2", ttl=7, tos=4)), "10.0.0.0/8  encap ip6 id 5 dst ::2 hoplimit 7 tc 4 dev v0 \n"),
    ([], four(**wrapped(encaps._MPLS, 1, dst=bytes.fromhex("00064000 000c8100"), ttl=9)), "10.0.0.0/8  encap mpls  100/200 ttl 9 dev v0 \n"),
    ([], four(**wrapped(encaps._SEG6, 5, srh=b"\1\0\0\0" + SEGMENTS)), "10.0.0.0/8  encap seg6 mode encap segs 2 [ ::1 ::2 ] dev v0 \n"),
    ([], four(**wrapped(encaps._SEG6LOCAL, 7, action=3, table=254)), "10.0.0.0/8  encap seg6local action End.T table main dev v0 \n"),
    ([], four(**wrapped(encaps._SEG6LOCAL, 7, action=6, nh4="1.1.1.1", oif=8, flavors={"operation": 6})), "10.0.0.0/8  encap seg6local action End.DX4 nh4 1.1.1.1 oif v1 flavors psp,usp dev v0 \n"),
    ([], four(**wrapped(encaps._BPF, 6, **{"in": {"name": "x.o"}})), "10.0.0.0/8  encap bpf in x.o dev v0 \n"),
    ([], four(**wrapped(encaps._XFRM, 10, if_id=3)), "10.0.0.0/8  encap xfrm if_id 3 dev v0 \n"),
    ([], four(encap_type=99, encap=b""), "10.0.0.0/8  encap unknown dev v0 \n"),
    (["-c"], four(gateway="10.1.1.1", prefsrc="10.0.0.1"), "\x1b[35m10.0.0.0/8 \x1b[0mvia \x1b[35m10.1.1.1 \x1b[0mdev \x1b[36mv0 \x1b[0msrc \x1b[35m10.0.0.1 \x1b[0m\n"),
    (["-j"], four(gateway="10.1.1.1", priority=5), '{"dst":"10.0.0.0/8","gateway":"10.1.1.1","dev":"v0","metric":5,"flags":[]}'),
    (["-j"], four({"flags": ONLINK}, kind=rtnl.DELROUTE), '{"deleted":true,"dst":"10.0.0.0/8","dev":"v0","flags":["onlink"]}'),
    (["-j"], four(via={"family": 10, "host": "fe80::1"}, flow=0x40005), '{"dst":"10.0.0.0/8","via":{"family":"inet6","host":"fe80::1"},"dev":"v0","flags":[],"flow":{"from":"4","to":"5"}}'),
    (["-j"], route(dst="10.0.0.0", multipath=TWO[:1]), '{"dst":"10.0.0.0/8","flags":[],"nexthops":[{"gateway":"10.1.1.1","dev":"v0","weight":3,"flags":[]}]}'),
    (["-j"], four(metrics={"mtu": 9, "rtt": 16, "features": 1, "cc_algo": "reno"}), '{"dst":"10.0.0.0/8","dev":"v0","flags":[],"metrics":[{"mtu":9,"rtt":2,"ecn":null,"congestion":"reno"}]}'),
    (["-j"], six(cacheinfo=TIMES), '{"dst":"2001:db8::/48","dev":"v0","metric":1024,"flags":[],"expires":300,"error":5,"pref":"medium"}'),
    (["-j"], four({"flags": 0x80000200}, uid=0), '{"dst":"10.0.0.0/8","dev":"v0","flags":[],"uid":0,"cache":["local"]}'),
    (["-j", "-N", "-d"], four(), '{"type":"1","dst":"10.0.0.0/8","dev":"v0","table":"254","protocol":"3","scope":"0","flags":[]}'),
    (["-j"], four(**wrapped(encaps._SEG6, 5, srh=b"\0\0\0\0" + SEGMENTS)), '{"dst":"10.0.0.0/8","encap":"seg6","mode":"inline","segs":["::1","::2"],"dev":"v0","flags":[]}'),
]  # fmt: skip


@pytest.mark.parametrize(("options", "one", "text"), PRINTED)
def test_printed(options: list[str], one: Message, text: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.sysconf", lambda name: 100)
    monkeypatch.delenv("COLORFGBG", raising=False)
    context = FakeContext(*options)
    print_route(context, one)
    assert context.out.text() == text


OBJECT = {"id": 7, "gateway": "10.1.1.1", "oif": 7}
GROUP = bytes.fromhex("07000000 00 00 0000 08000000 02 00 0000")


class Answering(FakeNetlink):
    """Answers every question with one message, or refuses it."""

    def __init__(self, answer: Message | None = None, errno: int = 0, text: str = "") -> None:
        super().__init__()
        self.answer, self.errno, self.text = answer, errno, text
        self.asked: list[Request] = []

    def get(self, request: Request) -> list[Raw]:
        from command_fakes import raw

        self.asked.append(request)
        if self.answer is None:
            raise kernel_error(self.errno, self.text)
        return [raw(self.answer)]

    def dump(self, request: Request) -> list[Raw]:
        if self.errno:
            raise kernel_error(self.errno, self.text)
        return super().dump(request)


@pytest.mark.parametrize(
    ("options", "header", "values", "text"),
    [
        (["-d"], {"family": 2, "scope": 253}, OBJECT, "\n\tnh_info id 7 via 10.1.1.1 dev v0 scope link proto unspec "),
        (["-d"], {}, {"id": 9, "group": GROUP, "group_type": 1}, "\n\tnh_info id 9 group 7/8,3 type resilient scope global proto unspec "),
        (["-d"], {"protocol": 4}, {"id": 9, "blackhole": True, "fdb": True}, "\n\tnh_info id 9 scope global blackhole proto static fdb"),
    ],
)  # fmt: skip
def test_details_show_the_nexthop_object(options: list[str], header: dict[str, int], values: dict[str, Any], text: str):
    context = FakeContext(*options, netlink=Answering(message(rtnl.NEWNEXTHOP, header, values)))
    print_route(context, four(nh_id=7))
    assert text in context.out.text()


def test_a_nexthop_object_that_is_gone_is_left_out():
    context = FakeContext("-d", netlink=Answering(errno=2))
    print_route(context, four(nh_id=7))
    assert context.out.text() == "unicast 10.0.0.0/8 nhid 7 dev v0 table main proto boot scope global \n"


# -- which routes ------------------------------------------------------------------------------------------------------------

ROUTES = {
    "plain": four(),
    "host": four({"dst_len": 32}, dst="10.0.0.9", gateway="10.1.1.1"),
    "default": route(head={"dst_len": 0}, table=254, gateway="10.1.1.1", oif=8),
    "static": four({"protocol": 4, "scope": 253, "tos": 16}, priority=5, prefsrc="10.0.0.1"),
    "hundred": four({"table": 100}, table=100, flow=0x40005),
    "local": four({"type": 2, "table": 255}, table=255),
    "cached": four({"flags": CLONED}),
    "other": four(via={"family": 10, "host": "fe80::1"}, mark=3, iif=8),
    "v6": six(),
    "v6from": six({"src_len": 64}, src="2001:db8:1::"),
}
MAIN = {"plain", "host", "default", "static", "other"}
CHOSEN = [
    ("", MAIN | {"v6", "v6from"}),
    ("-4", MAIN),
    ("-6", {"v6", "v6from"}),
    ("table 100", {"hundred"}),
    ("table local", {"local"}),
    ("table all", MAIN | {"hundred", "local", "v6", "v6from"}),
    ("table cache", {"cached"}),
    ("cloned", {"cached"}),
    ("root 10.0.0.0/8", MAIN - {"default"}),
    ("to root 10.0.0.0/9", {"host"}),
    ("match 10.0.0.9", MAIN),
    ("match 11.0.0.1", {"default"}),
    ("root 10/8 match 10.0.0.0/24", {"plain", "static", "other"}),
    ("exact 10.0.0.0/8", {"plain", "static", "other"}),
    ("10.0.0.9", {"host"}),
    ("default", {"default"}),
    ("any", MAIN | {"v6", "v6from"}),
    ("root default", MAIN | {"v6", "v6from"}),
    ("-6 from 2001:db8:1::/64", {"v6from"}),
    ("-6 from match 2001:db8:1::9", {"v6", "v6from"}),
    ("-6 from root 2001:db8::/32", {"v6from"}),
    ("via 10.1.1.1", {"host", "default"}),
    ("via 10.0.0.0/7", {"host", "default"}),
    ("via inet6 fe80::/64", {"other"}),
    ("src 10.0.0.1", {"static"}),
    ("dev v1", {"default"}),
    ("oif v0 proto static", {"static"}),
    ("iif v1", {"other"}),
    ("proto all scope link", {"static"}),
    ("type unicast tos 10", {"static"}),
    ("metric 5", {"static"}),
    ("metric 0", MAIN - {"static"}),
    ("mark 3", {"other"}),
    ("table 100 realms 4/5", {"hundred"}),
    ("table 100 realm 5", {"hundred"}),
    ("table 100 realms 4/", {"hundred"}),
    ("table 100 realms 4/6", set()),
]


@pytest.mark.parametrize(("line", "names"), CHOSEN, ids=[case[0] for case in CHOSEN])
def test_filters(line: str, names: set[str]):
    words = line.split()
    options = [words.pop(0)] if line[:1] == "-" else []
    wanted = parse(FakeContext(*options), words)
    assert {name for name, one in ROUTES.items() if wanted.wants(one)} == names


def test_a_local_ipv6_route_in_the_main_table_is_hidden_as_where_there_is_but_one():
    wanted = parse(FakeContext("-6"), [])
    assert not wanted.wants(six({"type": 2}))
    assert wanted.wants(six())


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("table 100 dev v0", "10.0.0.0/8 realms 4/5 \n"),
        ("table 100 realms 4/5", "10.0.0.0/8 dev v0 \n"),
        ("proto static scope link tos 10 metric 5 src 10.0.0.1", "10.0.0.0/8 dev v0 \n"),
        ("via 10.1.1.1 default", "default dev v1 \n"),
        ("10.0.0.9 via 10.1.1.0/24", "10.0.0.9 via 10.1.1.1 dev v0 \n"),
    ],
)
def test_what_was_asked_for_is_not_said_again(line: str, text: str):
    context = FakeContext(netlink=FakeNetlink([one for one in ROUTES.values() if one["family"] == 2]))
    assert main(context, ["show", *line.split()]) == 0
    assert context.out.text() == text


def test_the_kernel_filters_by_table_protocol_and_device():
    assert question(parse(FakeContext(), [])) == ({"family": 2, "protocol": 0, "flags": 0}, {"table": 254})
    asked = question(parse(FakeContext("-6"), ["table", "9", "proto", "static", "dev", "v1", "cached"]))
    assert asked == ({"family": 10, "protocol": 4, "flags": CLONED}, {"table": 9, "oif": 8})
    assert question(parse(FakeContext(), ["table", "all"])) == ({"family": 0, "protocol": 0, "flags": 0}, {})


SHOW_ERRORS = [
    ("table", 255, 'Command line is not complete. Try option "help"'),
    ("table foo", 255, 'Error: argument "foo" is wrong: table id value is invalid'),
    ("tos 300", 255, 'Error: argument "300" is wrong: TOS value is invalid'),
    ("proto foo", 255, 'Error: argument "foo" is wrong: invalid "protocol"'),
    ("scope foo", 255, 'Error: argument "foo" is wrong: invalid "scope"'),
    ("type foo", 255, 'Error: argument "foo" is wrong: node type value is invalid'),
    ("mark x", 255, 'Error: argument "x" is wrong: invalid mark value'),
    ("metric x", 255, 'Error: argument "x" is wrong: "metric" value is invalid'),
    ("realms x", 255, 'Error: argument "x" is wrong: invalid realms'),
    ("dev nope", 1, 'Cannot find device "nope"'),
    ("foo", 1, 'Error: any valid prefix is expected rather than "foo".'),
    ("via link 00:11:22:33:44:55", 1, 'Error: "00:11:22:33:44:55" may be inet prefix, but it is not allowed in this context.'),
    ("root", 255, 'Command line is not complete. Try option "help"'),
]  # fmt: skip


@pytest.mark.parametrize(("line", "code", "text"), SHOW_ERRORS, ids=[case[0] for case in SHOW_ERRORS])
def test_errors(line: str, code: int, text: str):
    with pytest.raises(Exit) as caught:
        parse(FakeContext(), line.split())
    assert (caught.value.code, caught.value.text) == (code, text)


def test_table_help():
    with pytest.raises(Usage):
        parse(FakeContext(), ["table", "help"])


def test_a_table_that_is_not_there():
    context = FakeContext("-j", netlink=Answering(errno=2, text="ipv4: FIB table does not exist"))
    with pytest.raises(Exit) as caught:
        main(context, ["show", "table", "4242"])
    assert (caught.value.code, caught.value.text) == (2, "Error: ipv4: FIB table does not exist.\nDump terminated")
    assert caught.value.why == "no route was ever put into table 4242"
    assert context.out.text() == "["


def test_an_empty_namespace_has_no_main_table_and_that_is_well():
    context = FakeContext("-j", netlink=Answering(errno=2, text="ipv4: FIB table does not exist"))
    assert main(context, []) == 0
    assert context.out.text() == "[]\n"


# -- get -----------------------------------------------------------------------------------------------------------------------

LOOKUP = 0x1000
QUESTIONS: list[tuple[str, dict[str, int], dict[str, Any]]] = [
    ("10.0.0.9", {"dst_len": 32, "flags": LOOKUP}, {"dst": "10.0.0.9"}),
    ("to 2001:db8::1", {"family": 10, "dst_len": 128}, {"dst": "2001:db8::1"}),
    ("10.0.0.9 from 10.0.0.1 iif v1 oif v0", {"dst_len": 32, "src_len": 32, "flags": LOOKUP}, {"dst": "10.0.0.9", "src": "10.0.0.1", "iif": 8, "oif": 7}),
    ("10.0.0.9 tos 10 mark 0x10 uid 5", {"dst_len": 32, "tos": 16, "flags": LOOKUP}, {"dst": "10.0.0.9", "uid": 5, "mark": 16}),
    ("10.0.0.9 ipproto 6 sport 5 dport 0x50", {"dst_len": 32, "flags": LOOKUP}, {"dst": "10.0.0.9", "ip_proto": 6, "sport": 5, "dport": 80}),
    ("fib 10.0.0.9 notify", {"dst_len": 32, "flags": LOOKUP | 0x2000 | 0x100}, {"dst": "10.0.0.9"}),
    ("default", {"flags": LOOKUP}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("line", "head", "values"), QUESTIONS, ids=[case[0] for case in QUESTIONS])
def test_questions(line: str, head: dict[str, int], values: dict[str, Any]):
    asked = get.parse(FakeContext(), line.split())
    assert asked.header == {"family": 2, "dst_len": 0, "src_len": 0, "tos": 0, "flags": 0, **head}
    assert asked.settings == values


def test_a_network_is_no_destination():
    context = FakeContext()
    assert get.parse(context, ["10.0.0.0/24"]).header["dst_len"] == 32
    assert context.said == "Warning: /24 as prefix is invalid, only /32 (or none) is supported.\n"


GET_ERRORS = [
    ("", 1, "need at least a destination address"),
    ("from 10.0.0.1", 1, "need at least a destination address"),
    ("foo", 1, 'Error: any valid prefix is expected rather than "foo".'),
    ("10.0.0.9 2001:db8::1", 1, 'Error: inet prefix is expected rather than "2001:db8::1".'),
    ("10.0.0.9 oif nope", 1, 'Cannot find device "nope"'),
    ("10.0.0.9 sport 70000", 255, 'Error: argument "70000" is wrong: invalid sport'),
    ("10.0.0.9 uid x", 255, 'Error: argument "x" is wrong: invalid UID'),
    ("10.0.0.9 ipproto 300", 255, 'Error: argument "300" is wrong: Invalid "ipproto" value'),
    ("10.0.0.9 tos zz", 255, 'Error: argument "zz" is wrong: TOS value is invalid'),
]


@pytest.mark.parametrize(("line", "code", "text"), GET_ERRORS, ids=[case[0] for case in GET_ERRORS])
def test_get_errors(line: str, code: int, text: str):
    with pytest.raises(Exit) as caught:
        get.parse(FakeContext(), line.split())
    assert (caught.value.code, caught.value.text) == (code, text)


ANSWER = four({"dst_len": 32, "flags": CLONED}, dst="10.0.0.9", prefsrc="10.0.0.1", uid=0)


def test_get_prints_the_answer():
    context = FakeContext("-j", netlink=Answering(ANSWER))
    assert main(context, ["get", "10.0.0.9"]) == 0
    assert context.out.text() == '[{"dst":"10.0.0.9","dev":"v0","prefsrc":"10.0.0.1","flags":[],"uid":0,"cache":[]}]\n'


def test_connected_asks_twice():
    context = FakeContext(netlink=Answering(ANSWER))
    assert main(context, ["get", "10.0.0.9", "connected"]) == 0
    context.flush()
    assert context.printed == "10.0.0.9 dev v0 src 10.0.0.1 uid 0 \n    cache \n" * 2


def test_connected_without_a_source():
    context = FakeContext(netlink=Answering(four()))
    with pytest.raises(Exit) as caught:
        main(context, ["get", "10.0.0.9", "connected"])
    assert caught.value.text == "Failed to connect the route"


def test_no_way_is_explained():
    context = FakeContext(netlink=Answering(errno=101))
    with pytest.raises(Exit) as caught:
        main(context, ["get", "10.0.0.9"])
    end = caught.value
    assert (end.code, end.text) == (2, "RTNETLINK answers: Network is unreachable")
    assert end.advice
    assert end.advice()[0] == "no route leads to 10.0.0.9"


# -- whatever comes ----------------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    ["table", "all", "cache", "cloned", "tos", "proto", "scope", "type", "dev", "oif", "iif", "mark", "metric", "via",
     "src", "realms", "from", "to", "root", "match", "exact", "v0", "10.0.0.0/8", "2001:db8::/32", "default", "any", "main", "100",
     "5", "4/5", "static", "link", "inet6", "inet", "unicast", "", "x", "get", "\udcff"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([[], ["-4"], ["-6"]]), st.lists(WORDS, max_size=8))
def test_any_words(options: list[str], line: list[str]):
    """A filter that takes or leaves every route, or an exit as ip has it."""
    try:
        wanted = parse(FakeContext(*options), line)
    except (Exit, NotOurs):
        return
    assert question(wanted)
    for one in ROUTES.values():
        assert wanted.wants(one) in (True, False)


HOSTILE = st.dictionaries(st.sampled_from([1, 2, 4, 5, 7, 8, 9, 11, 12, 16, 18, 19, 20, 21, 22, 25, 30]), st.binary(max_size=40), max_size=8)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([0, 2, 10, 28, 128]), st.binary(min_size=7, max_size=7), st.integers(0, 0xFFFFFFFF), HOSTILE, st.booleans())
def test_any_message_can_be_printed(family: int, head: bytes, flags: int, attributes: dict[int, bytes], json: bool):
    """Also one that no kernel would send."""
    names = ("dst_len", "src_len", "tos", "table", "protocol", "scope", "type")
    one = message(rtnl.NEWROUTE, {"family": family, "flags": flags, **dict(zip(names, head, strict=True))}, {})
    one.attributes.raw.update(attributes)
    context = FakeContext("-d", "-s", *(["-j"] if json else []), netlink=Answering(errno=2))
    print_route(context, one)
    assert context.out.text()


def test_a_slip_in_a_keyword_of_show_is_seen():
    with pytest.raises(Exit) as caught:
        parse(FakeContext(), ["tabel", "100"])
    assert caught.value.advice
    assert caught.value.advice() == ("", 'did you mean "table"?')
