"""What a client sees, and what becomes of every other name."""

import pytest
from dns_fakes import BLUE, RED

from netwright.model.value import replace
from netwright.networks.dns.view import AAAA, ANY, PTR, SRV, A, Index, View, of_client, reverse_name
from netwright.networks.dns.zone import Host

INDEXES = (Index(BLUE), Index(RED))


def seen(asked, address):
    index = INDEXES[("blue", "red").index(asked)]
    return View(of_client(INDEXES, index, address), index)


@pytest.mark.parametrize(
    ("asked", "address", "networks"),
    [
        ("blue", "10.1.0.3", ["blue"]),
        ("blue", "10.1.0.2", ["blue", "red"]),  # c1 is on both
        ("red", "10.2.0.2", ["red", "blue"]),  # the one that was asked first
        ("red", "10.1.0.2", ["red", "blue"]),  # c1 by its other address
        ("red", "10.1.0.3", ["blue"]),  # c2 is not on red: it does not get to know what is
        ("blue", "fd00:1:0::2", ["blue", "red"]),
        ("blue", "10.1.0.1", ["blue"]),  # the host itself
    ],
)
def test_who_sees_which_networks(asked, address, networks):
    address = "fd00:1::2" if "::" in address else address
    assert [index.zone.network for index in seen(asked, address).indexes] == networks


CASES = [
    # network asked, from, name, type, verdict, data
    ("blue", "10.1.0.3", "web", A, "found", ["10.1.0.2"]),
    ("blue", "10.1.0.3", "web", AAAA, "found", ["fd00:1::2"]),
    ("blue", "10.1.0.3", "web", ANY, "found", ["10.1.0.2", "fd00:1::2"]),
    ("blue", "10.1.0.3", "db", AAAA, "empty", []),
    ("blue", "10.1.0.3", "web", 15, "empty", []),
    ("blue", "10.1.0.3", "www", A, "found", ["10.1.0.2", "10.1.0.3"]),
    ("blue", "10.1.0.3", "web.lab", A, "found", ["10.1.0.2"]),
    ("blue", "10.1.0.3", "web.corp.example", A, "found", ["10.1.0.2"]),
    ("blue", "10.1.0.3", "web.blue", A, "found", ["10.1.0.2"]),
    ("blue", "10.1.0.3", "web.red", A, "forward", []),
    ("blue", "10.1.0.3", "nobody", A, "unknown", []),
    ("blue", "10.1.0.3", "nobody.lab", A, "unknown", []),
    ("blue", "10.1.0.3", "lab", A, "unknown", []),  # a single word that is a domain too: nobody is called so
    ("blue", "10.1.0.3", "nobody.corp.example", A, "forward", []),
    ("blue", "10.1.0.3", "example.com", A, "forward", []),
    ("blue", "10.1.0.3", "", 2, "forward", []),
    ("blue", "10.1.0.3", "secret", A, "unknown", []),
    ("blue", "10.1.0.2", "secret", A, "found", ["10.2.0.9"]),
    ("red", "10.2.0.2", "web", A, "found", ["10.1.0.2"]),
    ("red", "10.2.0.2", "example.com", A, "forward", []),  # its other network has a way out
    ("red", "10.2.0.9", "example.com", A, "unknown", []),
    ("blue", "10.1.0.3", "2.0.1.10.in-addr.arpa", PTR, "found", ["Web.lab"]),
    ("red", "10.2.0.9", "9.0.2.10.in-addr.arpa", PTR, "found", ["secret"]),
    ("blue", "10.1.0.3", "2.0.1.10.in-addr.arpa", A, "empty", []),
    ("blue", "10.1.0.3", reverse_name("fd00:1::2"), PTR, "found", ["Web.lab"]),
    ("blue", "10.1.0.3", "1.0.1.10.in-addr.arpa", PTR, "found", ["host.netwright.internal"]),
    ("blue", "10.1.0.3", "77.0.1.10.in-addr.arpa", PTR, "forward", []),
    ("blue", "10.1.0.3", "host.docker.internal", A, "found", ["10.1.0.1"]),
    ("blue", "10.1.0.3", "host.containers.internal", AAAA, "found", ["fd00:1::1"]),
    ("red", "10.2.0.9", "host.netwright.internal", AAAA, "empty", []),
    ("blue", "10.1.0.3", "_http._tcp.web", SRV, "found", [(10, 10, 80, "Web.lab")]),
    ("blue", "10.1.0.3", "_http._tcp.www.lab", SRV, "found", [(10, 10, 80, "Web.lab")]),
    ("blue", "10.1.0.3", "_http._tcp.lab", SRV, "found", [(10, 10, 80, "Web.lab")]),
    ("blue", "10.1.0.3", "_http._tcp.web", A, "empty", []),
    ("blue", "10.1.0.3", "_tcp.web", A, "empty", []),
    ("blue", "10.1.0.3", "_http._udp.web.lab", SRV, "unknown", []),
]


@pytest.mark.parametrize(("asked", "address", "name", "kind", "verdict", "data"), CASES)
def test_answers(asked, address, name, kind, verdict, data):
    answer = seen(asked, address).answer(name, kind)
    assert (answer.verdict, [record.data for record in answer.records]) == (verdict, data)
    assert answer.why


def test_services_bring_the_addresses_that_are_asked_for_next():
    extra = seen("blue", "10.1.0.3").answer("_http._tcp.web", SRV).extra
    assert [record.data for record in extra] == ["10.1.0.2", "fd00:1::2"]


def test_servers_of_a_container_come_before_those_of_its_networks():
    blue, red = INDEXES
    assert View((red, blue), red, ("192.0.2.9",)).servers() == ("192.0.2.9", "192.0.2.1")
    internal = Index(replace(RED, servers=("192.0.2.7",)))
    assert View((internal,), internal).servers() == ()


def test_a_host_without_names_is_found_by_nothing():
    index = Index(replace(RED, hosts=(Host("x", (), ("10.2.0.5",)),)))
    assert View((index,), index).answer("5.0.2.10.in-addr.arpa", PTR).verdict == "empty"


@pytest.mark.parametrize(
    ("address", "name"),
    [("10.1.0.2", "2.0.1.10.in-addr.arpa"), ("::1", "1." + "0." * 31 + "ip6.arpa")],
)
def test_reverse_names(address, name):
    assert reverse_name(address) == name
