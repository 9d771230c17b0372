"""podman's JSON: read with every mistake, both spellings; whatever it is, nothing but mistakes comes of it."""

import contextlib
import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.model.addressing import net
from netwright.netavark import protocol
from netwright.netavark.protocol import Subnet, Way, Wish
from netwright.networks.values import Leg, Port

NETWORK = {
    "name": "net", "id": "a" * 64, "driver": "bridge", "network_interface": "pm1", "created": "2024-01-01T00:00:00Z", "labels": None,
    "subnets": [{"subnet": "10.1.0.0/24", "gateway": "10.1.0.1", "lease_range": {"start_ip": "10.1.0.9", "end_ip": ""}}, {"subnet": "fd00::/64"}],
    "routes": [{"destination": "10.9.0.0/16", "gateway": "10.1.0.7", "metric": 7}, {"destination": "10.8.1.0/16", "route_type": "blackhole"}],
    "ipv6_enabled": True, "internal": False, "dns_enabled": True, "options": {"mtu": "1400"}, "network_dns_servers": ["192.0.2.9"],
}  # fmt: skip
WISH = {"static_ips": ["10.1.0.5", "FD00::0:5"], "static_mac": "2-42-0-0-0-0A", "interface_name": "eth0", "aliases": ["a"], "options": {"x": "y"}}
ASKED = {
    "container_id": "c" * 64, "container_name": "web", "container_hostname": "host", "networks": {"net": WISH}, "network_info": {"net": NETWORK},
    "port_mappings": [{"host_ip": "", "container_port": 80, "host_port": 8080, "range": 3, "protocol": "tcp,udp"}], "dns_servers": [],
}  # fmt: skip


def read(document: object):
    return protocol.read(json.dumps(document).encode())


def test_all_of_it():
    asked, mistakes = read(ASKED)
    assert mistakes == []
    assert (asked.container, asked.name, asked.hostname, asked.servers, asked.listed) == ("c" * 64, "web", "host", (), False)
    assert asked.wishes == (Wish("net", "eth0", ("10.1.0.5", "fd00::5"), "02:42:00:00:00:0a", ("a",), {"x": "y"}, WISH),)
    assert asked.ports == tuple(Port(protocol, "", 8080, 80, 3) for protocol in ("tcp", "udp"))
    network = asked.networks["net"]
    assert network.subnets == (Subnet(net("10.1.0.0/24"), "10.1.0.1", "10.1.0.9"), Subnet(net("fd00::/64")))
    assert network.ways == (Way(net("10.9.0.0/16"), "10.1.0.7", 7), Way(net("10.8.0.0/16"), type="blackhole"))
    assert (network.interface, network.dns, network.internal, network.ipam, network.servers) == ("pm1", True, False, "host-local", ("192.0.2.9",))


def test_a_list_of_networks_says_the_same():
    listed, mistakes = read({**ASKED, "networks": [{"name": "net", **WISH}]})
    assert mistakes == []
    assert listed.listed
    assert listed.wishes[0].interface == "eth0"


def test_the_order_is_that_of_the_interfaces():
    names = ["b", "a", "c"]
    wishes = {name: {**WISH, "interface_name": f"eth{n}"} for n, name in zip((0, 10, 9), names, strict=True)}
    asked, _ = read({**ASKED, "networks": wishes, "network_info": {name: {**NETWORK, "name": name} for name in names}})
    assert [one.network for one in asked.wishes] == ["b", "c", "a"]


def test_null_is_nothing():
    keys = ("port_mappings", "dns_servers", "container_hostname")
    asked, mistakes = read({**ASKED, **dict.fromkeys(keys), "network_info": {"net": {**NETWORK, **dict.fromkeys(("subnets", "routes", "options", "ipam_options"))}}})
    assert mistakes == []
    assert (asked.ports, asked.servers, asked.networks["net"].subnets) == ((), None, ())


WRONG = [
    ({"container_id": ""}, "container_id: it is missing"),
    ({"container_id": "a/../b"}, "container_id: at most 120 letters"),
    ({"container_id": 7}, "container_id: text is wanted"),
    ({"dns_servers": ["x"]}, "dns_servers[0]: invalid IP address syntax"),
    ({"networks": {"net": {**WISH, "interface_name": ""}}}, "networks.net.interface_name: no container interface name given"),
    ({"networks": {"net": {**WISH, "interface_name": "a b"}}}, "no white space"),
    ({"networks": {"net": {**WISH, "static_mac": "02:42"}}}, "is no hardware address"),
    ({"networks": {"net": {**WISH, "static_ips": [7]}}}, "networks.net.static_ips[0]: text is wanted"),
    ({"networks": {"other": WISH}}, "network info for network other not found"),
    ({"networks": [WISH]}, "networks[0].name: it is missing"),
    ({"networks": 3}, "networks: an object is wanted"),
    ({"port_mappings": [{"host_port": 1 << 16, "container_port": 1}]}, "port_mappings[0].host_port: 65536 is not from 0 to 65535"),
    ({"port_mappings": [{"host_port": 65535, "container_port": 1, "range": 2}]}, "are no ports"),
    ({"port_mappings": [{"host_port": 1, "container_port": True}]}, "a number is wanted"),
    ({"port_mappings": [{"host_port": 1, "container_port": 1, "protocol": "icmp"}]}, "unknown protocol 'icmp'"),
    ({"port_mappings": [{"host_port": 80, "container_port": 8, "range": 3}, {"host_port": 82, "container_port": 9}]}, "tcp 82 leads to 9, and to 10 too"),
    ({"port_mappings": [{"host_port": 1, "container_port": 1, "host_ip": "eth0"}]}, "host_ip: invalid IP address syntax"),
]
WRONG_NETWORK = [
    ({"name": "../x"}, "letters, digits"),
    ({"name": "n" * 101}, "1 to 100"),
    ({"driver": ""}, "driver: it is missing"),
    ({"ipam_options": {"driver": "luck"}}, "unsupported ipam driver luck"),
    ({"subnets": [{"subnet": "10.1.0.0"}]}, "has no prefix length"),
    ({"subnets": [{"subnet": "10.1.0.0/33"}]}, "invalid IP address syntax"),
    ({"subnets": [{"subnet": "10.1.0.0/24"}, {"subnet": "10.1.0.0/24"}]}, "duplicate subnet defined: 10.1.0.0/24"),
    ({"subnets": [{"subnet": "10.1.0.0/24"}, {"subnet": "10.1.0.128/25"}]}, "overlapping subnets: 10.1.0.0/24 and 10.1.0.128/25"),
    ({"routes": [{"destination": "10.9.0.0/16"}]}, "route 10.9.0.0/16 requires a gateway for type unicast"),
    ({"routes": [{"destination": "10.9.0.0/16", "gateway": "fd00::1"}]}, "different families"),
    ({"routes": [{"destination": "10.9.0.0/16", "gateway": "10.1.0.1", "route_type": "prohibit"}]}, "must not have a gateway for type prohibit"),
    ({"routes": [{"destination": "10.9.0.0/16", "route_type": "throw"}]}, 'invalid route type "throw"'),
]


@pytest.mark.parametrize(("change", "words"), WRONG + [({"network_info": {"net": {**NETWORK, **change}}}, words) for change, words in WRONG_NETWORK])
def test_mistakes_are_told(change: dict, words: str):
    _, mistakes = read({**ASKED, **change})
    assert any(words in one for one in mistakes), mistakes


@pytest.mark.parametrize(
    "more",
    [
        {"host_port": 8081, "container_port": 81}, {"host_port": 8081, "container_port": 9, "protocol": "UDP"}, {"host_port": 8083, "container_port": 9},
        {"host_port": 8081, "container_port": 9, "host_ip": "127.0.0.1"},
    ],
)  # fmt: skip
def test_ports_that_do_not_meet_or_lead_to_the_same(more: dict):
    mappings = [{"host_port": 8080, "container_port": 80, "range": 3, "protocol": "TCP"}, more]
    asked, mistakes = read({**ASKED, "port_mappings": mappings})
    assert (len(asked.ports), mistakes) == (2, [])


def test_all_mistakes_at_once():
    _, mistakes = read({**ASKED, "container_id": "", "networks": {"a": {}, "b": 3}, "port_mappings": [7]})
    assert len(mistakes) >= 6


def test_legs_are_in_the_order_of_the_subnets():
    asked, _ = read(ASKED)
    found = protocol.legs(asked.networks["net"], ("fd00::5", "10.1.0.6", "10.1.0.5", "192.0.2.1"))
    assert found == (Leg("10.1.0.6/24", "10.1.0.1"), Leg("10.1.0.5/24", "10.1.0.1"), Leg("fd00::5/64"))


def test_the_answer():
    said = protocol.status("eth0", "02:00:00:00:00:01", (Leg("10.1.0.5/24", "10.1.0.1"), Leg("fd00::5/64")), ("10.1.0.1",), ("dns.podman",))
    subnets = [{"gateway": "10.1.0.1", "ipnet": "10.1.0.5/24"}, {"gateway": None, "ipnet": "fd00::5/64"}]
    assert said == {
        "dns_search_domains": ["dns.podman"], "dns_server_ips": ["10.1.0.1"],
        "interfaces": {"eth0": {"mac_address": "02:00:00:00:00:01", "subnets": subnets}},
    }  # fmt: skip


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(["10.1.0.0/24", "fd00::1", "eth0", "bridge"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*ASKED, *NETWORK, *WISH, "net", "gateway", "subnet"]), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(list(ASKED)), VALUES))
def test_any_shape(document: dict):
    asked, _ = read({**ASKED, **document})
    assert set(asked.container) <= set(string.ascii_letters + string.digits + "_.-") or _


@given(st.dictionaries(st.sampled_from(list(NETWORK)), VALUES), st.dictionaries(st.sampled_from(list(WISH)), VALUES))
def test_any_network(network: dict, wish: dict):
    asked, mistakes = read({**ASKED, "networks": {"net": {**WISH, **wish}}, "network_info": {"net": {**NETWORK, **network}}})
    if not mistakes:
        assert not protocol.why_no_name(asked.networks["net"].name)


@given(st.binary(max_size=60))
def test_any_bytes(text: bytes):
    with contextlib.suppress(ValueError):
        protocol.read(text)
