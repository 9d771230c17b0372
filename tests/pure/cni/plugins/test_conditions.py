"""conditionsV4 and conditionsV6 in nft's words; what is wrong, and what cannot be said."""

import pytest

from netwright.cni.plugins import conditions
from netwright.cni.protocol.errors import CniError
from netwright.networks import conditional
from netwright.networks.conditional import Match
from netwright.networks.records import Record
from netwright.networks.values import Leg, Port


def both(words: str) -> Match:
    return Match(words, words)


READ = [
    ("-s 192.0.2.0/24", 4, both("ip saddr 192.0.2.0/24")),
    ("! -s 192.0.2.77/24", 4, both("ip saddr != 192.0.2.0/24")),
    ("--source=192.0.2.1", 4, both("ip saddr 192.0.2.1/32")),
    ("-s 10.0.0.0/8,192.0.2.1,10.1.0.0/16", 4, both("ip saddr { 10.0.0.0/8, 192.0.2.1/32 }")),
    ("-s 0.0.0.0/0", 4, Match()),
    ("! --src 0.0.0.0/0", 4, Match(None, None)),
    ("-d 10.0.0.1 -i eth0", 4, Match('ip daddr 10.0.0.1/32 iifname "eth0"', None)),
    ("! -i eth+ --destination fd00::/8", 6, Match('iifname != "eth*" ip6 daddr fd00::/8', "ip6 daddr fd00::/8")),
    ("--in-interface +", 6, Match()),
    ("! -i + -s fd00::1", 6, Match(None, None)),
    ("-m mark --mark 0x10", 4, both("meta mark == 0x10")),
    ("-m mark ! --mark 16/0xff", 4, both("meta mark & 0xff != 0x10")),
    ("-m mark --mark 0x100/0xff", 4, Match(None, None)),
    ("-m mark --mark 0/0", 4, Match()),
    ("-m addrtype --dst-type LOCAL ! --src-type local", 6, both("fib daddr type local fib saddr type != local")),
    ("-m comment --comment hello -s 10.0.0.1", 4, both("ip saddr 10.0.0.1/32")),
    ("-m comment", 4, Match()),
]


@pytest.mark.parametrize(("words", "family", "match"), READ)
def test_what_they_say(words: str, family: int, match: Match):
    assert conditions.read(words.split(), family) == match


WRONG = [
    ("-s x", "no IPv4 address"), ("-s fd00::1", "no IPv4 address"), ("-s 10.0.0.1/33", "no length"), ("-s 10.0.0.0/255.0.0.0", "no length"), ("-s", "nothing behind -s"),
    ("!", "nothing behind the !"), ("-s ! 10.0.0.1", "the ! stands before -s"), ("! -s 10.0.0.1,10.0.0.2", "iptables takes one"), ("-s 10.0.0.1 --source 10.0.0.2", "said twice"),
    ("-i a/b", "device name"), ("-i sixteen-letters-", "15 bytes"), ("--mark 1", "-m mark is missing"), ("-m mark --mark x", "no mark"), ("-m mark --mark 0x100000000", "32 bits"),
    ("! -m mark", "no ! before"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "why"), WRONG)
def test_what_is_wrong(words: str, why: str):
    with pytest.raises(ValueError, match=why):
        conditions.read(words.split(), 4)


@pytest.mark.parametrize("words", ["-p tcp", "--dport 80", "-m conntrack --ctstate NEW", "-j ACCEPT", "x", "! -o eth0", "-m addrtype --dst-type UNICAST", '-i a"b', "-i a*"])
def test_what_cannot_be_said_is_named(words: str):
    with pytest.raises(CniError) as caught:
        conditions.read(words.split(), 4)
    assert caught.value.code == 2
    assert (words.split()[-1] if "addrtype" in words or "-i" in words else words.removeprefix("! ").split()[0]) in caught.value.message


def test_the_table():
    ports = Port("tcp", "", 8080, 80), Port("udp", "192.0.2.1", 53, 5353), Port("tcp", "::1", 9, 9)
    legs = Leg("10.1.0.2/24"), Leg("fd01::2/64")
    data = conditional.data("o", ports, legs, {4: Match('ip saddr 10.0.0.0/8 iifname "eth0"', None), 6: Match()})
    table = conditional.table(Record("o", "@portmap", data=data))
    assert [table.name] == [name for _, name in data["tables"]]
    signed = [rule.rpartition(" #") for rule in table.chains["prerouting"].rules]
    assert len({sign for *_, sign in signed}) == 4
    assert tuple(f'{rule}"' for rule, *_ in signed) == (
        'meta nfproto ipv4 meta l4proto tcp th dport 8080 ip saddr 10.0.0.0/8 iifname "eth0" fib daddr type local dnat ip to 10.1.0.2:80 comment "o"',
        'meta nfproto ipv4 ip daddr 192.0.2.1 meta l4proto udp th dport 53 ip saddr 10.0.0.0/8 iifname "eth0" fib daddr type local dnat ip to 10.1.0.2:5353 comment "o"',
        'meta nfproto ipv6 meta l4proto tcp th dport 8080 fib daddr type local dnat ip6 to [fd01::2]:80 comment "o"',
        'meta nfproto ipv6 ip6 daddr ::1 meta l4proto tcp th dport 9 fib daddr type local dnat ip6 to [fd01::2]:9 comment "o"',
    )
    assert [rule[:17] for rule in table.chains["output"].rules] == ["meta nfproto ipv6"] * 2
    assert conditional.table(Record("o", "@portmap")) is None


def test_what_is_not_as_it_should_be_is_told():
    data = conditional.data("o", [Port("tcp", "", 80, 80), Port("tcp", "", 81, 81)], [Leg("10.1.0.2/24")], {4: Match("meta mark 7", "meta mark 7")})
    record = Record("o", "@portmap", data=data)
    chains = conditional.table(record).chains
    there = [(name, rule.partition(' comment "')[2][:-1]) for name, chain in chains.items() for rule in chain.rules]
    assert conditional.changes(record, there) == []
    rule = chains["output"].rules[1].partition(" comment ")[0]
    assert conditional.changes(record, there[:-1]) == [f"output lacks: {rule}"]
    assert conditional.changes(record, [*there, ("prerouting", "")]) == ["prerouting has 1 that is not ours"]
    assert conditional.changes(record, [*there[:3], ("output", "o #00000000"), ("output", "")]) == [f"output lacks: {rule}", "output has 2 that are not ours"]
    assert len(conditional.changes(record, [])) == 4


def test_a_family_without_conditions_is_not_in_it():
    data = conditional.data("o", [Port("tcp", "", 80, 80)], [Leg("10.1.0.2/24"), Leg("fd01::2/64")], {6: Match()})
    assert len(conditional.table(Record("o", "@portmap", data=data)).chains["prerouting"].rules) == 1
