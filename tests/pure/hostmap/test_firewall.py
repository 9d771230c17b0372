"""Ports that are handed on, as nft, iptables-nft and our own table write them."""

import pytest

from netwright.hostmap.firewall import ports, summary
from netwright.hostmap.model import Chain, NatRule, Published
from netwright.model import nft

MAPS = {
    "publish4": nft.Set("inet_proto . inet_service", "ipv4_addr . inet_service", elements=frozenset({'tcp . 8080 comment "web:eth0" : 10.0.0.2 . 80', "udp . 53 : 10.0.0.3 . 53"})),
    "published4": nft.Set("ipv4_addr . inet_proto . inet_service", "ipv4_addr . inet_service", elements=frozenset({"192.0.2.1 . tcp . 443 : 10.0.0.2 . 8443"})),
    "by_port": nft.Set("inet_service", "ipv4_addr", elements=frozenset({"25 : 10.0.0.9", "100-200 : 10.0.0.8"})),
}  # fmt: skip
RULES = [
    ("tcp dport 8080 dnat to 172.17.0.2:80", [("tcp", "", 8080, 8080, "172.17.0.2", 80)]),
    ('iifname != "docker0" tcp dport 8080 counter packets 0 bytes 0 dnat to 172.17.0.2:80', [("tcp", "", 8080, 8080, "172.17.0.2", 80)]),
    ("ip daddr 203.0.113.10 tcp dport 443 counter dnat to 172.17.0.5:8443", [("tcp", "203.0.113.10", 443, 443, "172.17.0.5", 8443)]),
    ("tcp dport { 80, 443 } dnat to 10.0.0.2", [("tcp", "", 80, 80, "10.0.0.2", 0), ("tcp", "", 443, 443, "10.0.0.2", 0)]),
    ("udp dport 5000-5010 dnat ip to 10.0.0.2:5000-5010", [("udp", "", 5000, 5010, "10.0.0.2", 0)]),
    ("meta l4proto tcp th dport 22 dnat ip6 to [fd00::2]:2222", [("tcp", "", 22, 22, "fd00::2", 2222)]),
    ("tcp dport 80 dnat to fd00::2", [("tcp", "", 80, 80, "fd00::2", 0)]),
    ("meta nfproto ipv4 fib daddr type local dnat ip to meta l4proto . th dport map @publish4", [("tcp", "", 8080, 8080, "10.0.0.2", 80), ("udp", "", 53, 53, "10.0.0.3", 53)]),
    ("dnat ip to ip daddr . meta l4proto . th dport map @published4", [("tcp", "192.0.2.1", 443, 443, "10.0.0.2", 8443)]),
    ("dnat to tcp dport map @by_port", [("tcp", "", 100, 200, "10.0.0.8", 0), ("tcp", "", 25, 25, "10.0.0.9", 0)]),
    ("dnat to tcp dport map { 25 : 10.0.0.9, 80 : 10.0.0.8 }", [("tcp", "", 25, 25, "10.0.0.9", 0), ("tcp", "", 80, 80, "10.0.0.8", 0)]),
    ("dnat ip to tcp dport map @not_there", []),
    ("ip daddr 10.1.1.1 dnat to 10.0.0.2", []),
    ("meta mark 1 tcp dport 80 dnat to numgen random mod 2 map { 0 : 10.0.0.2, 1 : 10.0.0.3 }", []),
    ("ip saddr 10.0.0.0/8 masquerade", []),
    ('tcp dport 80 accept comment "dnat to 10.0.0.9"', []),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "wanted"), RULES)
def test_ports_of_a_rule(rule: str, wanted: list[tuple[object, ...]]) -> None:
    found = [(p.protocol, p.address, p.port, p.last, p.to_address, p.to_port) for p in ports(rule, "ip nat PREROUTING", MAPS)]
    assert found == wanted


def test_a_map_is_named_as_the_one_that_does_it() -> None:
    (found,) = ports("dnat ip to ip daddr . meta l4proto . th dport map @published4", "inet netwright prerouting", MAPS)
    assert found.by == "inet netwright @published4"


def test_the_summary_of_a_namespace() -> None:
    rules = ('oifname "eth0" masquerade', "tcp dport 8080 dnat to 172.17.0.2:80")
    table = nft.Table("ip", "nat", {}, {"PRE": nft.Chain(rules, "nat", "prerouting", "dstnat"), "loose": nft.Chain(("accept",))})
    chains, nat, published = summary({("ip", "nat"): table})
    assert chains == (Chain("ip nat", "PRE", "prerouting", "nat", "dstnat", "accept", 2),)
    assert nat == (NatRule("ip nat", "PRE", "masquerade", rules[0]), NatRule("ip nat", "PRE", "dnat", rules[1]))
    assert published == (Published("tcp", "", 8080, 8080, "172.17.0.2", 80, "ip nat PRE"),)


def test_what_stays_on_loopback_is_not_published() -> None:
    rules = ("ip daddr 127.0.0.11 udp dport 53 dnat to 127.0.0.11:46613", "ip daddr 127.0.0.1 tcp dport 8080 dnat to 172.17.0.2:80")
    table = nft.Table("ip", "nat", {}, {"DOCKER_OUTPUT": nft.Chain(rules)})
    _, nat, published = summary({("ip", "nat"): table})
    assert len(nat) == 2
    assert published == (Published("tcp", "127.0.0.1", 8080, 8080, "172.17.0.2", 80, "ip nat DOCKER_OUTPUT"),)
