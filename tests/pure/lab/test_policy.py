"""Who may talk to whom, and address translation, as tables; that nft prints them so is tested on the kernel."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from netwright.lab.compile import compile
from netwright.lab.topology import Host, Policy, Publish, Switch, Topology
from netwright.model.nft import Table
from netwright.model.nft_text import rendered
from sample_labs import PUBLISHED, SHOP, on

HOSTS = {
    "a": Host({"eth0": on("s")}, zone="red"),
    "b": Host({"eth0": on("s")}, zone="blue"),
    "c": Host({"eth0": on("s"), "eth1": on("t")}),
    "d": Host({"eth0": on("t")}),
}
ZONES = {"mixed": ("d", "s"), "nested": ("mixed", "red")}
ADDRESS = {"a": {"10.0.0.10"}, "b": {"10.0.0.11"}, "c": {"10.0.0.12", "10.0.1.10"}, "d": {"10.0.1.11"}}


def tables(*policy: Policy, pool: tuple[str, ...] = ()) -> dict[str, Table]:
    state = compile(Topology("lab", pool, HOSTS, {"s": Switch(), "t": Switch()}, zones=ZONES, policy=policy))
    return {name: ns.tables["inet", "lab_policy"] for name, ns in state.namespaces.items() if ns.tables}


def rules(table: Table) -> list[str]:
    """Without the first two, which are always there."""
    return list(table.chains["outgoing"].rules[2:])


@pytest.mark.parametrize(
    ("source", "hosts"),
    [("a", "a"), ("s", "abc"), ("t", "cd"), ("*", "abcd"), ("red", "a"), ("mixed", "abcd"), ("nested", "abcd")],
)
def test_whose_programs_a_policy_is_for(source: str, hosts: str):
    assert "".join(sorted(tables(Policy(source, "a", deny=("all",))))) == hosts


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("b", ADDRESS["b"]),
        ("c", ADDRESS["c"]),
        ("s", {"10.0.0.10", "10.0.0.11", "10.0.0.12"}),
        ("t", {"10.0.1.10", "10.0.1.11"}),
        ("blue", ADDRESS["b"]),
        ("mixed", {"10.0.0.10", "10.0.0.11", "10.0.0.12", "10.0.1.11"}),
        ("*", set().union(*ADDRESS.values())),
    ],
)
def test_which_addresses_a_target_has(target: str, expected: set[str]):
    table = tables(Policy("a", target, deny=("all",)))["a"]
    assert {name: set(found.elements) for name, found in table.sets.items()} == {"to0_v4": expected}


@pytest.mark.parametrize(
    ("entry", "four", "six"),
    [
        ("all", "", ""),
        ("tcp", "meta l4proto tcp ", "meta l4proto tcp "),
        ("udp", "meta l4proto udp ", "meta l4proto udp "),
        ("icmp", "meta l4proto icmp ", "meta l4proto ipv6-icmp "),
        ("tcp/80", "tcp dport 80 ", "tcp dport 80 "),
        ("udp/53", "udp dport 53 ", "udp dport 53 "),
        ("tcp/8000-8010", "tcp dport 8000-8010 ", "tcp dport 8000-8010 "),
        ("tcp/80-80", "tcp dport 80 ", "tcp dport 80 "),
        ("tcp/0080", "tcp dport 80 ", "tcp dport 80 "),
    ],
)
def test_what_an_entry_matches(entry: str, four: str, six: str):
    found = rules(tables(Policy("a", "b", allow=(entry,)), pool=("10.0.0.0/8", "fd00::/48"))["a"])
    assert found[:2] == [f"ip daddr @to0_v4 {four}accept", f"ip6 daddr @to0_v6 {six}accept"]


def test_what_is_denied_is_refused_at_once():
    found = rules(tables(Policy("a", "b", deny=("tcp/80", "udp/53", "icmp", "tcp")))["a"])
    assert found == [
        "ip daddr @to0_v4 tcp dport 80 reject with tcp reset",
        "ip daddr @to0_v4 udp dport 53 reject with icmpx admin-prohibited",
        "ip daddr @to0_v4 meta l4proto icmp reject with icmpx admin-prohibited",
        "ip daddr @to0_v4 meta l4proto tcp reject with tcp reset",
    ]


def test_order_is_that_of_the_lab_and_the_rest_is_refused_last():
    many = tables(Policy("a", "s", allow=("tcp/80",)), Policy("a", "b", allow=("udp",), deny=("udp/53",)), Policy("a", "d", deny=("all",)))["a"]
    assert rules(many) == [
        "ip daddr @to0_v4 tcp dport 80 accept",
        "ip daddr @to1_v4 udp dport 53 reject with icmpx admin-prohibited",
        "ip daddr @to1_v4 meta l4proto udp accept",
        "ip daddr @to2_v4 meta l4proto tcp reject with tcp reset",
        "ip daddr @to2_v4 reject with icmpx admin-prohibited",
        "ip daddr @to0_v4 meta l4proto tcp reject with tcp reset",
        "ip daddr @to0_v4 reject with icmpx admin-prohibited",
        "ip daddr @to1_v4 meta l4proto tcp reject with tcp reset",
        "ip daddr @to1_v4 reject with icmpx admin-prohibited",
    ]


def test_hosts_that_are_treated_alike_share_a_table():
    many = tables(Policy("s", "d", deny=("all",)), Policy("c", "a", deny=("tcp",)))
    assert many["a"] is many["b"]
    assert many["c"] != many["a"]


# -- translation ---------------------------------------------------------------------------------------------------------------


def nat(router: Host, family: str = "ip") -> Table:
    hosts = {"r": router, "web": Host({"eth0": on("s")})}
    return compile(Topology("lab", hosts=hosts, switches={"s": Switch(), "t": Switch()})).namespaces["r"].tables[family, "lab_nat"]


@pytest.mark.parametrize(("words", "devices"), [(("s",), ["eth0"]), (("eth1",), ["eth1"]), (("s", "eth0", "t"), ["eth0", "eth1"])])
def test_what_leaves_by_a_device_leaves_under_the_routers_address(words: tuple[str, ...], devices: list[str]):
    table = nat(Host({"eth0": on("s"), "eth1": on("t")}, router=True, nat=words))
    assert list(table.chains["leaving"].rules) == [f'oifname "{device}" masquerade' for device in devices]


def test_towards_a_host_at_the_other_end_of_a_cable():
    gw = SHOP.hosts["gw"]
    hosts = {**SHOP.hosts, "gw": Host(gw.links, router=True, nat=("client",))}
    state = compile(Topology("shop", SHOP.pool, hosts, SHOP.switches, SHOP.cables))
    assert state.namespaces["gw"].tables["ip", "lab_nat"].chains["leaving"].rules == ('oifname "eth2" masquerade',)


def test_published_ports_are_one_map_for_each_protocol():
    table = compile(PUBLISHED).namespaces["gw"].tables["ip", "lab_nat"]
    assert {name: (found.type, found.data, set(found.elements)) for name, found in table.sets.items()} == {
        "tcp_at": ("ipv4_addr . inet_service", "ipv4_addr . inet_service", {"10.8.1.1 . 8443 : 10.8.0.10 . 443"}),
        "tcp_any": ("inet_service", "ipv4_addr . inet_service", {"8080 : 10.8.0.10 . 80", *(f"900{n} : 10.8.0.10 . 910{n}" for n in range(4))}),
        "udp_any": ("inet_service", "ipv4_addr . inet_service", {"5300 : 10.8.0.10 . 53"}),
    }
    lookups = ("dnat ip to ip daddr . tcp dport map @tcp_at", "fib daddr type local dnat ip to tcp dport map @tcp_any", "fib daddr type local dnat ip to udp dport map @udp_any")
    assert table.chains["arriving"].rules == lookups
    assert table.chains["own"].rules == ("ip daddr 127.0.0.0/8 return", *lookups)
    assert table.chains["leaving"].rules == ('oifname "eth1" masquerade', 'oifname != "lo" ip saddr 10.8.0.0/24 ip daddr 10.8.0.0/24 ct status dnat masquerade')


def test_every_table_can_be_written_for_nft():
    for state in (compile(PUBLISHED), compile(SHOP)):
        for namespace in state.namespaces.values():
            for table in namespace.tables.values():
                assert rendered(table)


def test_ports_of_a_family_that_the_target_has_not():
    router = Host({"eth0": on("s")}, router=True, publish=(Publish(80, "web", 80),))
    assert ("ip6", "lab_nat") not in compile(Topology("lab", hosts={"r": router, "web": Host({"eth0": on("s")})}, switches={"s": Switch()})).namespaces["r"].tables
