"""A zone as a value and as a file: every mistake is told, and what is written can be read."""

import json

import pytest
from dns_fakes import BLUE, DB, RED, WEB
from hypothesis import given
from hypothesis import strategies as st

from netwright.errors import Invalid
from netwright.networks.dns import zone as zones
from netwright.networks.dns.zone import Host, Zone


@pytest.mark.parametrize("zone", [BLUE, RED, Zone("x")])
def test_written_is_read(zone):
    assert zones.read(zones.write(zone), "f") == zone


@pytest.mark.parametrize("host", [WEB, DB, Host("x")])
def test_written_hosts_are_read(host):
    assert zones.read_host(zones.write_host(host), "f") == host


MISTAKES = [
    ({}, ["network"]),
    ({"network": "../x"}, ["network"]),
    ({"network": ".x"}, ["network"]),
    ({"network": "x" * 101}, ["network"]),
    ({"network": 3}, ["network"]),
    ({"network": "x", "listen": "10.0.0.1"}, ["listen"]),
    ({"network": "x", "listen": ["10.0.0.1", "nine", 3]}, ["listen[1]", "listen[2]"]),
    ({"network": "x", "port": 0}, ["port"]),
    ({"network": "x", "port": True}, ["port"]),
    ({"network": "x", "domain": "a b"}, ["domain"]),
    ({"network": "x", "search": ["a..b"]}, ["search[0]"]),
    ({"network": "x", "forward": "no"}, ["forward"]),
    ({"network": "x", "servers": ["::1"] * 9}, ["servers"]),
    ({"network": "x", "extra": 1}, ["extra"]),
    ({"network": "x", "hosts": {}}, ["hosts"]),
    ({"network": "x", "hosts": [3]}, ["hosts[0]", "hosts[0].id"]),
    ({"network": "x", "hosts": [{"id": "a", "names": ["ü", "a/b", "ok"]}]}, ["hosts[0].names[0]", "hosts[0].names[1]"]),
    ({"network": "x", "hosts": [{"id": "a", "addresses": ["10.0.0.1/24"]}]}, ["hosts[0].addresses[0]"]),
    (
        {"network": "x", "hosts": [{"id": "a", "services": [{"service": "http", "protocol": "_t.c", "port": 99999}]}]},
        [f"hosts[0].services[0].{key}" for key in ("service", "protocol", "port")],
    ),
    ([], ["it", "network"]),
]


@pytest.mark.parametrize(("data", "places"), MISTAKES)
def test_every_mistake_is_told_with_its_place(data, places):
    _, mistakes = zones.from_plain(data)
    told = [mistake.partition(":")[0] for mistake in mistakes]
    assert sorted(set(told)) == sorted(places)


@pytest.mark.parametrize("text", ["", "{", "[" * 100000, "nul"])
def test_what_is_no_json_is_told(text):
    with pytest.raises(Invalid, match="f is not JSON"):
        zones.read(text, "f")


def test_what_could_not_be_read_is_not_written():
    with pytest.raises(Invalid, match=r"192\.0\.2\.300"):
        zones.write(Zone("x", ("192.0.2.300",)))
    with pytest.raises(Invalid, match="names"):
        zones.write_host(Host("x", ("a b",)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["network", "hosts", "id", "names", "listen", "services", "port", "x"]), inner),
)


@given(JSON)
def test_any_json_gives_a_zone_or_mistakes(data):
    zone, mistakes = zones.from_plain(data)
    if not mistakes:
        assert zones.read(json.dumps(data), "f") == zone
