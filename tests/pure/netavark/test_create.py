"""`netavark create`: what is left open is chosen, what is wrong is told."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.errors import Conflict, Invalid, NetwrightError
from netwright.netavark.create import network

ID = "abc123def4567890123456789012345678901234567890123456789012345678"
BASE = {"name": "net", "id": ID, "driver": "bridge", "dns_enabled": False, "internal": False, "ipv6_enabled": False}
USED = {"interfaces": [], "names": {}, "subnets": []}
OPTIONS = {"subnet_pools": [{"base": "10.89.0.0/16", "size": 24}], "default_interface_name": "podman", "check_used_subnets": True}
LINKS = frozenset({"lo", "up0", "podman1"})
HOST_LOCAL = {"ipam_options": {"driver": "host-local"}}


def made(change: dict, used: dict | None = None, options: dict | None = None) -> dict:
    document = {"network": {**BASE, **change}, "used": {**USED, **(used or {})}, "options": {**OPTIONS, **(options or {})}}
    return network(document, LINKS, bytes(range(7)))


GOOD = {
    "a bridge": ({}, {"network_interface": "podman2", "subnets": [{"subnet": "10.89.0.0/24", "gateway": "10.89.0.1"}], **HOST_LOCAL}),
    "its own name": ({"network_interface": "br7"}, {"network_interface": "br7"}),
    "a subnet": ({"subnets": [{"subnet": "10.1.0.9/24"}]}, {"subnets": [{"subnet": "10.1.0.0/24", "gateway": "10.1.0.1"}]}),
    "a gateway": ({"subnets": [{"subnet": "10.1.0.0/24", "gateway": "10.1.0.50"}]}, {"subnets": [{"subnet": "10.1.0.0/24", "gateway": "10.1.0.50"}]}),
    "internal": ({"internal": True}, {"subnets": [{"subnet": "10.89.0.0/24"}]}),
    "internal with names": ({"internal": True, "dns_enabled": True}, {"subnets": [{"subnet": "10.89.0.0/24", "gateway": "10.89.0.1"}]}),
    "two families": ({"ipv6_enabled": True}, {"subnets": [
        {"subnet": "10.89.0.0/24", "gateway": "10.89.0.1"}, {"subnet": "fd00:102:304:506::/64", "gateway": "fd00:102:304:506::1"}]}),
    "IPv6 is noticed": ({"subnets": [{"subnet": "fdcc::/64"}]}, {"ipv6_enabled": True, "subnets": [{"subnet": "fdcc::/64", "gateway": "fdcc::1"}]}),
    "IPv6 to an IPv4": ({"ipv6_enabled": True, "subnets": [{"subnet": "10.1.0.0/24"}]}, {"subnets": [
        {"subnet": "10.1.0.0/24", "gateway": "10.1.0.1"}, {"subnet": "fd00:102:304:506::/64", "gateway": "fd00:102:304:506::1"}]}),
    "Docker's words": ({"options": {"com.docker.network.driver.mtu": "1400", "com.docker.network.bridge.name": "br8"}},
                       {"network_interface": "br8", "options": {"mtu": "1400"}}),
    "no addresses": ({"ipam_options": {"driver": "none"}, "dns_enabled": True}, {"dns_enabled": False, "ipam_options": {"driver": "none"}}),
    "servers": ({"dns_enabled": True, "network_dns_servers": ["8.8.8.8"]}, {"network_dns_servers": ["8.8.8.8"]}),
    "labels": ({"labels": {"a": "b"}}, {"labels": {"a": "b"}}),
    "a LAN": ({"driver": "macvlan", "network_interface": "up0", "dns_enabled": True}, {"dns_enabled": False, "ipam_options": {"driver": "dhcp"}}),
    "a LAN with a subnet": ({"driver": "macvlan", "subnets": [{"subnet": "10.2.0.0/24"}]}, HOST_LOCAL),
    "ipvlan": ({"driver": "ipvlan", "subnets": [{"subnet": "10.2.0.0/24"}], "options": {"mode": "l3"}}, HOST_LOCAL),
    "a route": ({"routes": [{"destination": "10.9.0.0/16", "gateway": "10.89.0.9"}]}, {"routes": [{"destination": "10.9.0.0/16", "gateway": "10.89.0.9"}]}),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_made(name: str):
    change, wanted = GOOD[name]
    found = made(change)
    assert {key: found[key] for key in wanted} == wanted
    assert not any(key.startswith("_") for key in found)


BAD = {
    "no name": ({"name": ""}, "Network name must be supplied"),
    "a bad name": ({"name": "badname!"}, 'Invalid characters in network name "badname!": must match [a-zA-Z0-9][a-zA-Z0-9_.-]*'),
    "a used name": ({"name": "taken"}, "network already exists taken"),
    "no id": ({"id": ""}, "Network id must be supplied"),
    "a bad id": ({"id": "xyz"}, "Network id must be a hexadecimal string"),
    "a used bridge": ({"network_interface": "used0"}, "bridge name used0 already in use"),
    "a bad bridge": ({"network_interface": "a/b"}, "no '/'"),
    "a gateway elsewhere": ({"subnets": [{"subnet": "10.1.0.0/24", "gateway": "10.2.0.1"}]}, "gateway 10.2.0.1 not in subnet 10.1.0.0/24"),
    "a range elsewhere": ({"subnets": [{"subnet": "10.1.0.0/24", "lease_range": {"start_ip": "10.2.0.9"}}]}, "lease range start_ip 10.2.0.9 not in subnet 10.1.0.0/24"),
    "a range backwards": ({"subnets": [{"subnet": "10.1.0.0/24", "lease_range": {"start_ip": "10.1.0.9", "end_ip": "10.1.0.8"}}]}, "less than or equal"),
    "no room for a gateway": ({"subnets": [{"subnet": "10.1.0.0/31"}]}, "could not create gateway for subnet 10.1.0.0/31"),
    "a used subnet": ({"subnets": [{"subnet": "10.3.0.128/25"}]}, "subnet 10.3.0.128/25 is already used on the host or by another config"),
    "twice": ({"subnets": [{"subnet": "10.1.0.0/24"}, {"subnet": "10.1.0.0/24"}]}, "duplicate subnet defined"),
    "an option": ({"options": {"colour": "red"}}, "unsupported bridge network option: colour"),
    "an MTU": ({"options": {"mtu": "x"}}, 'unable to parse "mtu": invalid digit found in string'),
    "a VLAN": ({"options": {"vlan": "5000"}}, "vlan must be between 0 and 4094"),
    "ipam": ({"ipam_options": {"driver": "luck"}}, "Unsupported ipam driver: luck"),
    "ipam and subnets": ({"ipam_options": {"driver": "none"}, "subnets": [{"subnet": "10.1.0.0/24"}]}, "None ipam driver is set but subnets are given"),
    "no parent": ({"driver": "macvlan", "network_interface": "x"}, "parent interface x does not exist"),
    "ipvlan by DHCP": ({"driver": "ipvlan"}, "ipam driver dhcp is not supported with ipvlan"),
    "bclim": ({"driver": "ipvlan", "subnets": [{"subnet": "10.2.0.0/24"}], "options": {"bclim": "1"}}, "unsupported ipvlan network option bclim"),
    "servers without names": ({"network_dns_servers": ["8.8.8.8"]}, "DNS is not enabled"),
    "a server that is none": ({"dns_enabled": True, "network_dns_servers": ["x"]}, "invalid IP address syntax"),
    "a route": ({"routes": [{"destination": "10.9.0.0", "gateway": "10.1.0.1"}]}, "invalid IP address syntax"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_refused(name: str):
    change, words = BAD[name]
    with pytest.raises(Invalid) as caught:
        made(change, {"names": {"taken": "x"}, "interfaces": ["used0"], "subnets": ["10.3.0.0/24"]})
    assert words in str(caught.value)


def test_subnets_avoid_what_is_used():
    assert made({}, {"subnets": ["10.89.0.0/20"]})["subnets"][0]["subnet"] == "10.89.16.0/24"
    assert made({}, {"subnets": ["10.89.0.0/20"]}, {"check_used_subnets": False})["subnets"][0]["subnet"] == "10.89.0.0/24"
    pools = {"subnet_pools": [{"base": "10.0.0.0/30", "size": 31}, {"base": "fd00::/8", "size": 64}, {"base": "10.64.0.0/10", "size": 29}]}
    assert made({}, {"subnets": ["10.0.0.0/24", "10.64.0.0/11"]}, pools)["subnets"][0]["subnet"] == "10.96.0.0/29"
    with pytest.raises(Conflict, match="could not find free subnet"):
        made({}, {"subnets": ["10.89.0.0/16"]})
    assert made({"ipv6_enabled": True}, {"subnets": ["fd00:102:304:506::/64"]})["subnets"][1]["subnet"] == "fd00:102:304:507::/64"


def test_names_avoid_what_is_used():
    assert made({}, {"interfaces": ["podman2"], "names": {"podman3": "x"}})["network_interface"] == "podman4"
    with pytest.raises(Invalid, match="default interface name is not set"):
        made({}, options={"default_interface_name": None})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["10.1.0.0/24", "fd00::/8", "macvlan", "driver"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*BASE, *OPTIONS, "subnet", "gateway", "driver", "base", "size"]), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from([*BASE, "subnets", "options", "ipam_options", "routes", "network_interface"]), VALUES), VALUES)
def test_any_shape(change: dict, options: object):
    document = {"network": {**BASE, **change}, "used": USED, "options": options if isinstance(options, dict) else OPTIONS}
    with contextlib.suppress(NetwrightError):
        network(document, LINKS)


@given(VALUES)
def test_any_document(document: object):
    with pytest.raises(NetwrightError):
        network(document)
