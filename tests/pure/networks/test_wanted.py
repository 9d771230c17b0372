"""The words of nw run: what they mean, and everything that is wrong with them."""

import pytest

from netwright.cli.run import OPTIONS, wanted
from netwright.cli.words import Words
from netwright.networks.mistakes import Mistakes
from netwright.networks.network import Network, Subnet
from netwright.networks.nicknames import FIRST, SECOND, nickname
from netwright.networks.wanted import On, added, joinings, mistakes, placed

NETWORKS = {
    "bridge": Network("bridge", subnets=(Subnet("10.64.0.0/24", "10.64.0.1"),)),
    "shop": Network("shop", subnets=(Subnet("10.65.0.0/24", "10.65.0.1"), Subnet("fd01::/64", "fd01::1"))),
    "db": Network("db", mode="internal", subnets=(Subnet("10.66.0.0/24", "10.66.0.1"),)),
    "lan": Network("lan", driver="macvlan", parent="eth0", bind=("",), subnets=(Subnet("192.0.2.0/24"),)),
}


def asked(words):
    return wanted(Words([*words.split(), "true"], OPTIONS, "COMMAND…", stop=1))


def wrong(words):
    return [str(one) for one in mistakes(asked(words), NETWORKS)]


RIGHT = [
    "", "--name web", "--network shop --network db", "--network host --hostname h --dns 1.1.1.1 --add-host a:host-gateway", "--network none --hostname h",
    "--network container:web", "-p 80 -p 8080:80 --network db --network shop", "-P --expose 80", "--ip 10.65.0.9 --ip6 fd01::9 --network shop",
    "--network name=shop,ip=10.65.0.9,alias=a,alias=b,mac-address=02:00:00:00:00:01,interface=net0", "--add-host a:::1 --add-host b:[fe80::1] --add-host c=1.2.3.4",
    "--ingress 10mbit --egress 1gbit", "--dns-search . --dns-option ndots:2", "--label a=b --label c", "--network lan",
]  # fmt: skip


@pytest.mark.parametrize("words", RIGHT)
def test_right(words):
    assert wrong(words) == []


WRONG = [
    ("--name a/b", "--name: "),
    ("--network nope", 'there is no network "nope"'),
    ("--network sho", 'did you mean "shop"?'),
    ("--network shop --network shop", "twice"),
    ("--network host -p 80", "--publish: not with --network host"),
    ("--network none --ip 10.0.0.1", "--ip: not with --network none"),
    ("--network none --add-host a:host-gateway", "no way to the machine"),
    ("--network container:web --hostname h", "--hostname: not with --network container"),
    ("--network container:web -p 80", "say it where that one is started: nw run --name web"),
    ("--network db -p 80", "none of the networks has ports"),
    ("--network lan -p 80", "none of the networks has ports"),
    ("-p 99999", "65535 is the last"),
    ("-P", "-P --expose 80"),
    ("--expose 80", "write -P as well"),
    ("-P --expose 1.2.3.4:80:80", "a port that is offered"),
    ("--hostname -x", "--hostname: "),
    ("--domainname a..b", "--domainname: "),
    ("--dns x", '--dns: "x" is no address'),
    ("--dns-search a..b", "--dns-search: "),
    ("--dns-option=", "--dns-option: "),
    ("--add-host a", "write NAME:ADDRESS"),
    ("--add-host a:b", '"b" is no address'),
    ("--add-host -a:1.2.3.4", "no name of a host"),
    ("--ip 1", '--ip: "1" is no address'),
    ("--ip 10.99.0.1 --network shop", "10.99.0.1 is in none of the networks"),
    ("--mac-address 01:00:00:00:00:01", "of a group"),
    ("--mac-address 02:00", "no hardware address"),
    ("--network-alias a..b", "--network-alias: "),
    ("--interface lo", "--interface: "),
    ("--ingress fast", "--ingress: "),
    ("--label =x", "--label: "),
]


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_wrong(words, said):
    (only,) = wrong(words)
    assert said in only


def test_all_that_is_wrong_at_once():
    assert len(wrong("--name / --network nope --dns x --add-host y -p 0:0 --ip 1 --hostname - --label =")) == 8


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--network host --network shop", "stand alone"),
        ("--network container:", "whose network?"),
        ("--network container", "whose network?"),
        ("--network ip=1.2.3.4", "names no network"),
        ("--network name=shop,ipp=1", "did you mean"),
    ],
)
def test_networks_that_make_no_sense(words, said):
    with pytest.raises(Mistakes, match=said.replace("?", r"\?")):
        asked(words)


def test_each_network_gets_its_own():
    one, two = placed(asked("--network shop --network db --ip 10.66.0.5 --ip fd01::5 --mac-address 02:00:00:00:00:01 --network-alias a"), NETWORKS)
    assert one == On("shop", ("fd01::5",), "02:00:00:00:00:01", ("a",))
    assert two == On("db", ("10.66.0.5",), "", ("a",))


def test_ports_go_where_the_way_out_goes():
    db, shop, lan = joinings(asked("--network db --network shop --network lan -p 80 -P --expose 53/udp --dns 1.1.1.1"), "web", NETWORKS)
    assert [len(one.publish) for one in (db, shop, lan)] == [0, 2, 0]
    assert {one.container for one in (db, shop, lan)} == {"web"}
    assert shop.servers == ("1.1.1.1",)


@pytest.mark.parametrize(
    ("text", "parts"),
    [("a:1.2.3.4", ("a", "1.2.3.4")), ("a=1.2.3.4", ("a", "1.2.3.4")), ("a:::1", ("a", "::1")), ("a:[::1]", ("a", "::1")), ("a=fd00::1", ("a", "fd00::1"))],
)
def test_added(text, parts):
    assert added(text) == parts


def test_nicknames_can_be_said_and_are_not_taken():
    assert len(set(FIRST)) == len(FIRST)
    assert len(set(SECOND)) == len(SECOND)
    first = nickname((), lambda n: bytes(n))
    assert first == f"{FIRST[0]}-{SECOND[0]}"
    assert nickname({first}, lambda n: bytes(n)) == f"{first}-9"
