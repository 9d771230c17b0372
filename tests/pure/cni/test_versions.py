"""Results in every version: what each says, and that reading and printing keep what the version can say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.cni.protocol import Address, Dns, Interface, Result, Route, Section
from netwright.cni.protocol.versions import VERSIONS, at_least, printed, read
from netwright.model.value import replace

FULL = Result(
    (Interface("br0", "02:00:00:00:00:01"), Interface("eth0", "02:00:00:00:00:02", "/run/netns/a", 1400, "/run/s", "0000:00:1f.6")),
    (Address("10.1.0.2/24", "10.1.0.1", 1), Address("fd00::2/64", "fd00::1", 1), Address("10.2.0.2/24", "", 1)),
    (Route("0.0.0.0/0", "10.1.0.1", 1300, 1260, 5, 100, 0), Route("::/0", "fd00::1"), Route("10.9.0.0/16")),
    Dns(("10.1.0.1",), "example.org", ("a.example", "b.example"), ("ndots:2",)),
)
DNS = {"nameservers": ["10.1.0.1"], "domain": "example.org", "search": ["a.example", "b.example"], "options": ["ndots:2"]}
OLD = {
    "ip4": {"ip": "10.1.0.2/24", "gateway": "10.1.0.1", "routes": [{"dst": "0.0.0.0/0", "gw": "10.1.0.1"}, {"dst": "10.9.0.0/16"}]},
    "ip6": {"ip": "fd00::2/64", "gateway": "fd00::1", "routes": [{"dst": "::/0", "gw": "fd00::1"}]},
    "dns": DNS,
}
PLAIN = {
    "interfaces": [{"name": "br0", "mac": "02:00:00:00:00:01"}, {"name": "eth0", "mac": "02:00:00:00:00:02", "sandbox": "/run/netns/a"}],
    "routes": [{"dst": "0.0.0.0/0", "gw": "10.1.0.1"}, {"dst": "::/0", "gw": "fd00::1"}, {"dst": "10.9.0.0/16"}],
    "dns": DNS,
}
IPS = [
    {"interface": 1, "address": "10.1.0.2/24", "gateway": "10.1.0.1"},
    {"interface": 1, "address": "fd00::2/64", "gateway": "fd00::1"},
    {"interface": 1, "address": "10.2.0.2/24"},
]
NUMBERED = PLAIN | {"ips": [{"version": "6" if ":" in str(ip["address"]) else "4"} | ip for ip in IPS]}
MORE = {
    "interfaces": [PLAIN["interfaces"][0], PLAIN["interfaces"][1] | {"mtu": 1400, "socketPath": "/run/s", "pciID": "0000:00:1f.6"}],
    "routes": [PLAIN["routes"][0] | {"mtu": 1300, "advmss": 1260, "priority": 5, "table": 100, "scope": 0}, *PLAIN["routes"][1:]],
}
DOCUMENTS = {
    "0.1.0": OLD, "0.2.0": OLD, "0.3.0": NUMBERED, "0.3.1": NUMBERED, "0.4.0": NUMBERED,
    "1.0.0": PLAIN | {"ips": IPS}, "1.1.0": PLAIN | {"ips": IPS} | MORE,
}  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
def test_what_each_version_says(version: str):
    assert printed(FULL, version) == {"cniVersion": version} | DOCUMENTS[version]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_result_of_any_version_is_read(version: str):
    section = Section(DOCUMENTS[version])
    assert read(section) == said(FULL, version)
    assert section.mistakes == []


def said(result: Result, version: str) -> Result:
    """What is left of a result once a version has said it."""
    if not at_least(version, "1.1.0"):
        interfaces = tuple(replace(one, mtu=0, socket_path="", pci_id="") for one in result.interfaces)
        routes = tuple(Route(one.to, one.via) for one in result.routes)
        result = replace(result, interfaces=interfaces, routes=routes)
    if at_least(version, "0.3.0"):
        return result
    firsts = [next((one for one in result.addresses if one.family == family), None) for family in (4, 6)]
    addresses = tuple(replace(one, interface=None) for one in firsts if one)
    routes = tuple(r for one in addresses for r in result.routes if r.family == one.family)
    return Result((), addresses, routes, result.dns)


WORD = st.text("abc123.-", min_size=1, max_size=6)
V4, V6 = st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).filter(lambda a: a.ipv4_mapped is None and int(a) > 1 << 48).map(str)
ADDRESSES = st.builds(lambda a, n: f"{a}/{n}", V4, st.integers(0, 32)) | st.builds(lambda a, n: f"{a}/{n}", V6, st.integers(0, 128))
NUMBER = st.integers(0, 0xFFFFFFFF)
RESULTS = st.integers(1, 3).flatmap(
    lambda count: st.builds(
        Result,
        st.tuples(*[st.builds(Interface, WORD, WORD, WORD, NUMBER, WORD, WORD)] * count),
        st.lists(st.builds(Address, ADDRESSES, st.just("") | V4 | V6, st.none() | st.integers(0, count - 1)), max_size=3).map(tuple),
        st.lists(st.builds(Route, ADDRESSES, st.just("") | V4, NUMBER, NUMBER, NUMBER, st.none() | NUMBER, st.none() | NUMBER), max_size=3).map(tuple),
        st.builds(Dns, st.lists(WORD).map(tuple), WORD, st.lists(WORD).map(tuple), st.lists(WORD).map(tuple)),
    )
)


@given(RESULTS, st.sampled_from(VERSIONS), st.sampled_from(VERSIONS))
def test_there_and_back_keeps_what_the_version_can_say(result: Result, version: str, second: str):
    section = Section(printed(result, version))
    once = read(section)
    assert section.mistakes == []
    assert once == said(result, version)
    assert read(Section(printed(once, second))) == said(once, second)


def test_an_empty_result_in_every_version():
    assert [printed(Result(), version) for version in VERSIONS] == [{"cniVersion": version, "dns": {}} for version in VERSIONS]


def test_an_interface_that_is_not_there_is_a_mistake():
    section = Section({"interfaces": [{"name": "a"}], "ips": [{"address": "10.0.0.1/8", "interface": 1}]}, "prevResult")
    read(section)
    assert section.mistakes == ["prevResult.ips[0].interface: 1 is not from 0 to 0"]
