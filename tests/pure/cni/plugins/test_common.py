"""Owners, names of devices, routes, hardware addresses: what all plugins that attach share."""

import pytest
from calls import BOTH, call

from netwright.cni.plugins import common, ways
from netwright.cni.protocol.errors import CniError
from netwright.cni.protocol.result import Address, Interface, Result, Route
from netwright.errors import Gone
from netwright.model.route import Route as Way
from netwright.networks import records
from netwright.networks.records import Record
from netwright.networks.wiring import BOX, HOST
from netwright.plan import ops


def test_an_owner_and_its_device():
    assert common.owner(call()) == "cni/n/c1/eth0"
    assert common.owner(call(), "portmap") == "cni/n/c1/eth0/portmap"
    names = {common.port_name(f"cni/n/c{n}/eth0") for n in range(5000)}
    assert len(names) == 5000
    assert {len(name) for name in names} == {15}


@pytest.mark.parametrize(
    ("address", "first"), [("10.1.0.9/24", "10.1.0.1"), ("10.1.0.200/25", "10.1.0.129"), ("fd01::99/64", "fd01::1"), ("10.1.0.2/31", "10.1.0.3")]
)
def test_the_first_address_of_a_network(address: str, first: str):
    assert common.first_of(address) == first


def ways_of(*routes: Route) -> list[tuple[str, str, int, str, int]]:
    return [(r.to, r.via, r.metric, r.scope, r.table) for r in common.in_container(routes, BOTH.addresses, "eth0")]


def test_routes_inside():
    assert ways_of(Route("0.0.0.0/0"), Route("::/0")) == [("default", "10.1.0.1", 0, "global", 254), ("default", "fd01::1", 0, "global", 254)]
    assert ways_of(Route("10.9.1.2/16", "10.1.0.7")) == [("10.9.0.0/16", "10.1.0.7", 0, "global", 254)]
    assert ways_of(Route("0.0.0.0/0"), Route("0.0.0.0/0", "10.1.0.9")) == [("default", "10.1.0.1", 0, "global", 254)], "the first said goes before"
    assert ways_of(Route("10.9.0.0/16", "10.1.0.7", priority=5, table=100, scope=0)) == [("10.9.0.0/16", "10.1.0.7", 5, "global", 100)]
    assert common.in_container([Route("10.9.0.0/16")], [Address("10.1.0.2/24")], "eth0")[0].scope == "link", "no gateway: neighbours"


def test_row_15_metrics_of_a_route():
    """Upstream's ConfigureIface passes over mtu and advmss of results 1.1.0."""
    (made,) = common.in_container([Route("0.0.0.0/0", mtu=1300, advmss=1200)], BOTH.addresses, "eth0")
    assert made.metrics == (("advmss", 1200), ("mtu", 1300))


def test_default_routes_where_none_is_said():
    assert [r.to for r in common.default_routes(BOTH.addresses, ())] == ["0.0.0.0/0", "::/0"]
    assert [r.to for r in common.default_routes(BOTH.addresses, [Route("0.0.0.0/0")])] == ["::/0"]


@pytest.mark.parametrize(("args", "keys", "mac"), [
    ({"MAC": "02:00:00:00:00:01"}, {}, "02:00:00:00:00:01"),
    ({"MAC": "02:00:00:00:00:01"}, {"args": {"cni": {"mac": "02:00:00:00:00:02"}}}, "02:00:00:00:00:02"),
    ({}, {"args": {"cni": {"mac": "02:00:00:00:00:02"}}, "runtimeConfig": {"mac": "02:00:00:00:00:03"}}, "02:00:00:00:00:03"),
])  # fmt: skip
def test_who_says_the_hardware_address(args: dict, keys: dict, mac: str):
    assert common.mac_wanted(call(cni_args=args, **keys)) == mac


def test_what_is_stale():
    for network, container, interface in (("n", "c1", "eth0"), ("n", "c2", "eth0"), ("n", "c2", "eth1"), ("n2", "c2", "eth0")):
        records.put(Record(f"cni/{network}/{container}/{interface}", "br0"))
        records.put(Record(f"cni/{network}/{container}/{interface}/portmap", "@portmap"))
    valid = frozenset({("c1", "eth0"), ("c2", "eth1")})
    assert [r.owner for r in common.stale(call(), valid)] == ["cni/n/c2/eth0"]
    assert [r.owner for r in common.stale(call(), valid, "portmap")] == ["cni/n/c2/eth0/portmap"]
    assert len(common.stale(call(), frozenset())) == 3


@pytest.mark.parametrize(
    ("route", "taken", "metric"),
    [
        (Way("default"), [], 0),
        (Way("default"), [(4, "default", 254, 0)], 1),
        (Way("default"), [(4, "default", 254, 0), (4, "default", 254, 1)], 2),
        (Way("default", 6), [(6, "default", 254, 1024)], 1025),
        (Way("default", 6), [(4, "default", 254, 0)], 0),
        (Way("default", metric=7), [(4, "default", 254, 7)], 7),
        (Way("default", table=100), [(4, "default", 254, 0)], 0),
    ],
)
def test_a_metric_that_is_free(route: Way, taken: list, metric: int):
    assert ways.free(route, taken) == metric


def test_dns_that_is_no_object():
    said = call(dns={"nameservers": "x"})
    common.dns_of(said, BOTH.dns)
    with pytest.raises(CniError):
        said.config.settle()


@pytest.mark.parametrize(
    ("interfaces", "at", "mine"),
    [("", None, True), ("", 0, False), ("eth0", 0, True), ("br0 eth0", 0, False), ("br0 eth0", 1, True), ("eth0", 7, False)],
)
def test_the_addresses_of_the_interface(interfaces: str, at: int | None, mine: bool):
    """Nobody promises that a result which comes from outside has the interface that an address names."""
    found = Result(tuple(Interface(name) for name in interfaces.split()), (Address("10.1.0.2/24", "", at),))
    assert bool(common.of_interface(call(), found)) is mine


def test_all_is_done_whatever_fails():
    done: list[int] = []

    def failing(error: Exception):
        raise error

    common.each([lambda: done.append(1), lambda: done.append(2)])
    with pytest.raises(CniError) as one:
        common.each([lambda: failing(Gone("no a", fix="do b")), lambda: done.append(3)])
    assert (one.value.code, one.value.message, one.value.details) == (3, "no a", "do b")
    with pytest.raises(CniError) as both:
        common.each([lambda: failing(CniError(11, "busy")), lambda: done.append(4), lambda: failing(OSError(28, "No space left on device", "/x"))])
    assert (both.value.code, both.value.message, both.value.details) == (11, "busy", "/x: No space left on device")
    assert done == [1, 2, 3, 4]


def test_what_is_to_do_is_told_of_the_container():
    todo = [ops.DeleteVlan("veth1", 7, False, HOST), ops.SetSysctl("net.ipv4.ip_forward", "1", BOX)]
    assert [words.split(",")[0] for words in common.in_words(todo)] == ["Let VLAN 7 through no more at veth1.", "In the container"]
