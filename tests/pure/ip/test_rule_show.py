"""`ip rule show`: which rules, and how they are printed in every mode."""

from typing import Any

import pytest
from command_fakes import FakeContext, FakeNetlink, message
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.ip import tables
from netwright.ip.exits import Exit
from netwright.ip.front import NotOurs
from netwright.ip.rule import values
from netwright.ip.rule.filter import parse
from netwright.ip.rule.show import main, print_rule
from netwright.kernel import rtnl
from netwright.kernel.rtnl import Message


@pytest.fixture(scope="module")
def protocols(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("etc") / "protocols"
    path.write_text("tcp 6 TCP\n")
    return str(path)


@pytest.fixture(autouse=True)
def names(protocols: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of names as they are without any file but these."""
    monkeypatch.setattr(tables, "_read", {which: dict(known) for which, known in tables._BUILT_IN.items()})
    tables._read["rt_dsfield"] = {0x28: "AF11"}
    monkeypatch.setattr(values, "PROTOCOLS_FILE", protocols)


def rule(
    kind: int = rtnl.NEWRULE, family: int = 2, priority: int | None = 5, action: int = 1, table: int = 100, **more: Any
) -> Message:
    fields = {name: more.pop(name) for name in ("src_len", "dst_len", "tos", "flags") if name in more}
    header = {"family": family, "table": table if table < 256 else 252, "action": action, **fields}
    place = {} if priority is None else {"priority": priority}
    return message(kind, header, {**place, "table": table, "suppress_prefixlen": 0xFFFFFFFF, "protocol": 3, **more})


PRINTED: list[tuple[list[str], Message, str]] = [
    ([], rule(priority=None, table=255, protocol=2), "0:\tfrom all lookup local\n"),
    (["-d"], rule(priority=None, table=255, protocol=2), "0:\tfrom all lookup local proto kernel\n"),
    (["-d"], rule(protocol=0), "5:\tfrom all lookup 100 proto unspec\n"),
    ([], rule(protocol=0), "5:\tfrom all lookup 100\n"),
    ([], rule(), "5:\tfrom all lookup 100 proto boot\n"),
    (["-N"], rule(table=254), "5:\tfrom all lookup 254 proto 3\n"),
    ([], rule(table=70000, protocol=0), "5:\tfrom all lookup 70000\n"),
    ([], rule(src="10.0.0.0", src_len=8, dst="11.0.0.1", dst_len=32, flags=2, protocol=0), "5:\tnot from 10.0.0.0/8 to 11.0.0.1 lookup 100\n"),
    ([], rule(src_len=8, dst_len=8, protocol=0), "5:\tfrom 0/8 to 0/8 lookup 100\n"),
    ([], rule(family=10, src="2001:db8::", src_len=32, protocol=0), "5:\tfrom 2001:db8::/32 lookup 100\n"),
    ([], rule(tos=0x28, protocol=0), "5:\tfrom all tos AF11 lookup 100\n"),
    (["-N"], rule(tos=0x28, protocol=0), "5:\tfrom all tos 0x28 lookup 100\n"),
    ([], rule(tos=4, protocol=0), "5:\tfrom all tos 0x04 lookup 100\n"),
    ([], rule(fwmark=5, fwmask=0xFFFFFFFF, protocol=0), "5:\tfrom all fwmark 0x5 lookup 100\n"),
    ([], rule(fwmask=0xFF, protocol=0), "5:\tfrom all fwmark 0/0xff lookup 100\n"),
    ([], rule(iifname="v0", oifname="v1", flags=0x18, protocol=0), "5:\tfrom all iif v0 [detached] oif v1 [detached] lookup 100\n"),
    ([], rule(l3mdev=1, table=0, protocol=0), "5:\tfrom all lookup [l3mdev-table]\n"),
    ([], rule(uid_range={"start": 1, "end": 2}, protocol=0), "5:\tfrom all uidrange 1-2 lookup 100\n"),
    ([], rule(ip_proto=6, sport_range={"start": 80, "end": 80}, dport_range={"start": 1, "end": 2}, protocol=0), "5:\tfrom all ipproto tcp sport 80 dport 1-2 lookup 100\n"),
    (["-N"], rule(ip_proto=6, protocol=0), "5:\tfrom all ipproto ipproto-6 lookup 100\n"),
    ([], rule(ip_proto=7, tun_id=9, protocol=0), "5:\tfrom all ipproto ipproto-7 tun_id 9 lookup 100\n"),
    ([], rule(suppress_prefixlen=0, suppress_ifgroup=5, protocol=0), "5:\tfrom all lookup 100 suppress_prefixlength 0 suppress_ifgroup 5\n"),
    ([], rule(flow=0x10002, protocol=0), "5:\tfrom all lookup 100 realms 1/2\n"),
    ([], rule(flow=2, protocol=0), "5:\tfrom all lookup 100 realms 2\n"),
    ([], rule(action=2, goto=9, table=0, flags=4, protocol=0), "5:\tfrom all goto 9 [unresolved]\n"),
    ([], rule(action=2, table=0, protocol=0), "5:\tfrom all goto none\n"),
    ([], rule(action=3, table=0, protocol=0), "5:\tfrom all nop\n"),
    ([], rule(action=8, table=0, protocol=0), "5:\tfrom all prohibit\n"),
    (["-N"], rule(action=8, table=0, protocol=0), "5:\tfrom all 8\n"),
    ([], rule(action=10, table=0, protocol=0), "5:\tfrom all masquerade\n"),
    ([], rule(rtnl.DELRULE, protocol=0), "Deleted 5:\tfrom all lookup 100\n"),
    (["-c"], rule(src="10.0.0.1", src_len=32, iifname="v0", protocol=0), "5:\tfrom \x1b[35m10.0.0.1\x1b[0m iif \x1b[36mv0\x1b[0m lookup 100\n"),
    (["-j"], rule(src="10.0.0.0", src_len=8, flags=2), '{"priority":5,"not":null,"src":"10.0.0.0","srclen":8,"table":"100","protocol":"boot"}'),
    (["-j"], rule(src_len=8, dst="11.0.0.1", dst_len=32, tos=4, protocol=0), '{"priority":5,"src":"0","srclen":8,"dst":"11.0.0.1","tos":"0x04","table":"100"}'),
    (["-j"], rule(fwmark=5, fwmask=0xFF, iifname="v0", flags=8, protocol=0), '{"priority":5,"src":"all","fwmark":"0x5","fwmask":"0xff","iif":"v0","iif_detached":null,"table":"100"}'),
    (["-j"], rule(uid_range={"start": 1, "end": 2}, sport_range={"start": 1, "end": 1}, dport_range={"start": 1, "end": 2}, protocol=0),
     '{"priority":5,"src":"all","uid_start":1,"uid_end":2,"sport":1,"dport_start":1,"dport_end":2,"table":"100"}'),
    (["-j"], rule(suppress_prefixlen=0, suppress_ifgroup=5, flow=0x10002, protocol=0),
     '{"priority":5,"src":"all","table":"100","suppress_prefixlen":0,"suppress_ifgroup":"5","flow_from":"1","flow_to":"2"}'),
    (["-j"], rule(action=2, goto=9, table=0, flags=4, l3mdev=1, ip_proto=6, tun_id=3, protocol=0),
     '{"priority":5,"src":"all","l3mdev":null,"ipproto":"tcp","tun_id":3,"goto":9,"unresolved":null}'),
    (["-j"], rule(rtnl.DELRULE, action=8, table=0, protocol=0), '{"deleted":true,"priority":5,"src":"all","action":"prohibit"}'),
]  # fmt: skip


@pytest.mark.parametrize(("options", "one", "text"), PRINTED)
def test_printed(options: list[str], one: Message, text: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("COLORFGBG", raising=False)
    context = FakeContext(*options)
    print_rule(context, one)
    assert context.out.text() == text


RULES = {
    "first": rule(priority=None, table=255),
    "net": rule(src="10.0.0.0", src_len=8),
    "host": rule(src="10.0.0.1", src_len=32, priority=6, table=300),
    "to": rule(dst="11.0.0.0", dst_len=16),
    "inverted": rule(flags=2),
    "tos": rule(tos=0x28),
    "mark": rule(fwmark=5, fwmask=0xFF),
    "in": rule(iifname="v0"),
    "out": rule(oifname="v0"),
    "vrf": rule(l3mdev=1, table=0),
    "user": rule(uid_range={"start": 1, "end": 2}),
    "tcp": rule(ip_proto=6, sport_range={"start": 80, "end": 80}),
    "port": rule(dport_range={"start": 80, "end": 90}),
    "tunnel": rule(tun_id=7),
}


@pytest.mark.parametrize(
    ("line", "names_"),
    [
        ("", set(RULES)),
        ("pref 0", {"first"}),
        ("order 6", {"host"}),
        ("from 10.0.0.0/8", {"net", "host"}),
        ("from 10.0.0.1", {"host"}),
        ("src 10.0.0.0/7", {"net", "host"}),
        ("to 11.0.0.0/8", {"to"}),
        ("11/8", {"to"}),
        ("dst 11/8 not", set()),
        ("not", {"inverted"}),
        ("tos AF11", {"tos"}),
        ("fwmark 5", {"mark"}),
        ("fwmark 5/0xff", {"mark"}),
        ("fwmark 5/1", set()),
        ("iif v0", {"in"}),
        ("dev v1", set()),
        ("oif v0", {"out"}),
        ("l3mdev", {"vrf"}),
        ("uidrange 1-2", {"user"}),
        ("ipproto tcp", {"tcp"}),
        ("sport 80", {"tcp"}),
        ("dport 80-90", {"port"}),
        ("tun_id 7", {"tunnel"}),
        ("table 300", {"host"}),
        ("lookup local", {"first"}),
        ("table 0 fwmark 0 ipproto 0 sport 0 tun_id 0", set(RULES)),
        ("protocol 77", set(RULES)),
    ],
)
def test_which_are_shown(line: str, names_: set[str]):
    wanted = parse(FakeContext(), line.split())
    assert {name for name, one in RULES.items() if wanted.wants(one)} == names_


def test_the_origin_counts_for_flush():
    wanted = parse(FakeContext(), ["protocol", "boot"])
    assert wanted.wants_protocol(rule())
    assert not wanted.wants_protocol(rule(protocol=4))
    assert parse(FakeContext(), ["protocol", "all"]).wants_protocol(rule(protocol=4))


@pytest.mark.parametrize(
    ("options", "line", "code", "text"),
    [
        ([], "from ::1", 1, 'Error: inet prefix is expected rather than "::1".'),
        (["-6"], "from 10.0.0.1", 1, 'Error: inet6 prefix is expected rather than "10.0.0.1".'),
        ([], "help", 1, 'Error: inet prefix is expected rather than "help".'),
        ([], "table foo", 255, 'Error: argument "foo" is wrong: table id value is invalid'),
        ([], "protocol foo", 255, 'Error: argument "foo" is wrong: invalid "protocol"'),
        ([], "pref", 255, 'Command line is not complete. Try option "help"'),
    ],
)
def test_errors(options: list[str], line: str, code: int, text: str):
    with pytest.raises(Exit) as caught:
        parse(FakeContext(*options), line.split())
    assert (caught.value.code, caught.value.text) == (code, text)


@pytest.mark.parametrize(
    ("options", "printed"),
    [([], "5:\tfrom all lookup 100\n"), (["-j"], '[{"priority":5,"src":"all","table":"100"}]\n')],
)
def test_show(options: list[str], printed: str):
    context = FakeContext(*options, netlink=FakeNetlink([rule(protocol=0)]))
    assert main(context, []) == 0
    context.flush()
    assert context.printed == printed


WORDS = st.sampled_from(["pref", "not", "tos", "fwmark", "iif", "oif", "l3mdev", "uidrange", "tun_id", "table", "from", "to", "protocol", "ipproto", "sport", "dport", "5", "1-2", "10.0.0.0/8", "all", "main", "v0", "", "x"])  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS, max_size=7))
def test_any_words(line: list[str]):
    try:
        wanted = parse(FakeContext(), line)
    except (Exit, NotOurs):
        return
    assert [wanted.wants(one) for one in RULES.values()]
