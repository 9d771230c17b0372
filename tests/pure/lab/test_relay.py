"""Published ports as values: each port of the rules, and where a server of a host may listen."""

from socket import AF_INET, AF_INET6

import pytest

from netwright.lab.relay import Port, ports, targets_of
from netwright.lab.topology import Publish

PORTS = {
    "one port, at both loopbacks": (
        Publish(8080, "web1", 80),
        ["127.0.0.1:8080/tcp web1 80 implied", "[::1]:8080/tcp web1 80 implied"],
    ),
    "an address": (Publish(53, "dns", 5353, protocol="udp", address="192.0.2.1"), ["192.0.2.1:53/udp dns 5353"]),
    "a range": (
        Publish(8000, "web1", 80, last=8002, address="::1"),
        ["[::1]:8000/tcp web1 80", "[::1]:8001/tcp web1 81", "[::1]:8002/tcp web1 82"],
    ),
}


@pytest.mark.parametrize("name", PORTS)
def test_the_ports_of_a_rule(name: str):
    rule, expected = PORTS[name]
    assert [f"{p} {p.host} {p.target}{' implied' if p.implied else ''}" for p in ports([rule])] == expected


TARGETS = {
    "the loopback comes last": (["10.0.0.2"], AF_INET, ["10.0.0.2", "127.0.0.1", "::1"]),
    "the family of the client comes first": (["10.0.0.2", "fd07::2"], AF_INET6, ["fd07::2", "::1", "10.0.0.2", "127.0.0.1"]),
    "no address": ([], AF_INET, ["127.0.0.1", "::1"]),
    "each once": (["127.0.0.1"], AF_INET, ["127.0.0.1", "::1"]),
}


@pytest.mark.parametrize("name", TARGETS)
def test_where_a_server_may_listen(name: str):
    addresses, family, expected = TARGETS[name]
    found = targets_of(addresses, family)
    assert [address for _, address in found] == expected
    assert all((number == AF_INET6) == (":" in address) for number, address in found)


def test_a_port_is_written_as_people_write_it():
    assert str(Port("tcp", "::1", 80, "a", 80)) == "[::1]:80/tcp"
