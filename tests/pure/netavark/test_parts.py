"""A container on a network as State, elements and records."""

import pytest

from netwright.model.addressing import net
from netwright.model.value import replace
from netwright.netavark import parts
from netwright.netavark.parts import Part
from netwright.netavark.protocol import Asked, Network, Subnet, Way, Wish
from netwright.netavark.settings import Settings
from netwright.networks.records import Record
from netwright.networks.values import Leg, Port
from netwright.networks.wiring import BOX, HOST

MANAGED = Settings("managed")
LEGS = (Leg("10.1.0.5/24", "10.1.0.1"), Leg("fd00::5/64", "fd00::1"))
PORTS = (Port("tcp", "", 8080, 80), Port("udp", "127.0.0.1", 53, 53))


def part(settings: Settings = MANAGED, ports: tuple[Port, ...] = PORTS, listed: bool = False, **more) -> Part:
    subnets = (Subnet(net("10.1.0.0/24"), "10.1.0.1"), Subnet(net("fd00::/64"), "fd00::1"))
    network = Network("net", "a" * 64, **{"interface": "pm1", "subnets": subnets, **more})
    wish = Wish("net", "eth0", ("10.1.0.5", "fd00::5"))
    asked = Asked("c" * 64, "web", wishes=(wish,), networks={"net": network}, ports=ports, listed=listed)
    return Part(asked, wish, network, settings, LEGS, ports=ports, metric=settings.metric)


def test_elements_are_signed_and_lead_to_the_first_address_of_each_family():
    two = replace(part(), legs=(*LEGS, Leg("10.1.0.6/24", "10.1.0.1")))
    assert list(parts.elements(two)) == [
        ("sources4", '10.1.0.5 comment "podman/cccccccccccc/net"'),
        ("own4", '10.1.0.5 . "pm1" comment "podman/cccccccccccc/net"'),
        ("sources6", 'fd00::5 comment "podman/cccccccccccc/net"'),
        ("own6", 'fd00::5 . "pm1" comment "podman/cccccccccccc/net"'),
        ("sources4", '10.1.0.6 comment "podman/cccccccccccc/net"'),
        ("own4", '10.1.0.6 . "pm1" comment "podman/cccccccccccc/net"'),
        ("publish4", 'tcp . 8080 comment "podman/cccccccccccc/net" : 10.1.0.5 . 80'),
        ("publish6", 'tcp . 8080 comment "podman/cccccccccccc/net" : fd00::5 . 80'),
        ("published4", '127.0.0.1 . udp . 53 comment "podman/cccccccccccc/net" : 10.1.0.5 . 53'),
    ]


@pytest.mark.parametrize("one", [part(internal=True), part(Settings("unmanaged")), part(Settings("bridge"), driver="macvlan")])
def test_no_elements(one: Part):
    assert list(parts.elements(one)) == []
    assert not parts.record_of(one, "/ns", True).data["publishes"]


def test_an_address_to_leave_by():
    found = dict(parts.elements(part(Settings("managed", outbound4="192.0.2.7"), ())))
    assert found["outbound4"] == '10.1.0.5 comment "podman/cccccccccccc/net" : 192.0.2.7'
    assert "outbound6" not in found


def test_on_a_bridge():
    wired = parts.on_bridge(part(Settings("managed", metric=7)))
    host, box = wired.want.namespaces[HOST], wired.want.namespaces[BOX]
    assert {a.address for a in host.addresses} == {"10.1.0.1/24", "fd00::1/64"}
    assert {(r.to, r.via, r.metric, r.protocol) for r in box.routes} == {("default", "10.1.0.1", 7, 4), ("default", "fd00::1", 7, 4)}
    assert box.sysctls["net.ipv6.conf.eth0.accept_ra"] == "0"
    assert host.sysctls["net.ipv4.ip_forward"] == "1"
    assert host.devices["pm1"].address == parts.mac_of("pm1")
    assert ("mode", 1) in host.devices[part().port].port, "hairpin, for it publishes"


def test_an_internal_network_passes_nothing_on():
    wired = parts.on_bridge(part(internal=True))
    host, box = wired.want.namespaces[HOST], wired.want.namespaces[BOX]
    assert box.routes == frozenset()
    assert host.sysctls["net.ipv4.conf.pm1.forwarding"] == "0"
    assert not any(key in host.sysctls for key in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding", "net.ipv4.conf.pm1.route_localnet"))


def test_somebody_elses_bridge_is_left_alone():
    host = parts.on_bridge(part(Settings("unmanaged"))).want.namespaces[HOST]
    assert (host.addresses, host.routes, host.sysctls, host.devices["pm1"].address) == (frozenset(), frozenset(), {}, "")


def test_routes():
    ways = (Way(net("10.9.0.0/16"), "10.1.0.7", 5), Way(net("0.0.0.0/0"), "10.1.0.8", 6), Way(net("10.8.0.0/16"), type="blackhole"))
    one = part(Settings("managed", no_default_route=True), ways=ways)
    assert [(r.to, r.via, r.link, r.metric) for r in parts.routes(one)] == [("10.9.0.0/16", "10.1.0.7", "eth0", 5), ("default", "10.1.0.8", "eth0", 6)]
    (op,) = parts.on_bridge(one).also
    assert (op.verb, op.namespace, op.settings["dst"]) == ("replace", BOX, "10.8.0.0")


@pytest.mark.parametrize(("asked", "set_", "metric"), [(0, 0, 0), (0, 7, 7), (5, 0, 5), (5, 7, 5)])
def test_the_metric_of_a_default_route_is_the_one_asked_for_else_the_networks(asked: int, set_: int, metric: int):
    one = replace(part(Settings("managed", metric=set_)), metric=asked)
    assert [(r.to, r.via, r.metric) for r in parts.routes(one)] == [("default", "10.1.0.1", metric), ("default", "fd00::1", metric)]


def test_hairpin_is_for_who_publishes_through_the_firewall():
    assert parts.attachment_of(part()).hairpin
    assert not parts.attachment_of(part(ports=())).hairpin
    assert not parts.attachment_of(part(internal=True)).hairpin
    assert not parts.attachment_of(part(Settings("unmanaged"), ())).hairpin


def test_an_element_is_the_same_whoever_signed_it():
    assert parts.key(("own4", '10.1.0.5 . "pm1" comment "podman/c/net"')) == ("own4", '10.1.0.5 . "pm1"')
    assert parts.key(("own4", '10.1.0.5 . "pm1"')) == ("own4", '10.1.0.5 . "pm1"')


@pytest.mark.parametrize(("driver", "mode", "options"), [("macvlan", "vepa", (("bc_cutoff", 3), ("mode", 2))), ("ipvlan", "l3s", (("mode", 2),))])
def test_on_a_device_of_the_host(driver: str, mode: str, options: tuple):
    wired = parts.on_parent(part(Settings(mode, bclim=3), (), driver=driver, interface="up0"))
    device = wired.want.namespaces[BOX].devices["eth0"]
    assert (device.kind, device.lower, device.options) == (driver, (HOST, "up0"), options)
    assert part(driver=driver, interface="up0").device == f"@podman-{driver}-up0"


@pytest.mark.parametrize(
    ("one", "other", "talk"),
    [("strict", "strict", False), ("strict", "false", False), ("true", "true", False), ("true", "false", True), ("false", "false", True)],
)
def test_who_may_talk(one: str, other: str, talk: bool):
    assert parts.may_talk(one, other) is parts.may_talk(other, one) is talk
    others = [Record("podman-network/b", "pm2", data={"isolate": other}), Record("podman-network/net", "pm1", data={"isolate": one})]
    found = [e for _, e in parts.network_elements(part(Settings("managed", isolate=one)), others, 53)]
    assert any('"pm1" . "pm2"' in e for e in found) is any('"pm2" . "pm1"' in e for e in found) is talk
    assert any('"pm1" . "pm1"' in e for e in found)


def test_isolation_where_nothing_is_said_is_that_of_podmans_version():
    assert [parts.isolation(part(listed=listed)) for listed in (False, True)] == ["false", "strict"]
    assert parts.isolation(part(internal=True)) == "strict"
    assert parts.isolation(part(Settings("managed", isolate="false"), listed=True)) == "false"


def test_names_at_another_port():
    found = [(name, e) for name, e in parts.network_elements(part(dns=True), (), 5533) if name.startswith("pub")]
    assert [e.split(" comment ")[0] for _, e in found] == ["10.1.0.1 . udp . 53", "10.1.0.1 . tcp . 53", "fd00::1 . udp . 53", "fd00::1 . tcp . 53"]
    assert all(e.endswith(". 5533") for _, e in found)


def test_rank():
    ranks = [parts.rank(part(s)) for s in (Settings("managed", metric=9), Settings("managed"), Settings("managed", no_default_route=True))]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == 3
    assert parts.rank(replace(part(Settings("managed", metric=9)), metric=5)) == 5, "what the container asks for"
    assert parts.rank(replace(part(Settings("managed", metric=9)), metric=0)) == 9


def test_names_and_addresses_that_a_next_run_finds_again():
    assert parts.mac_of("pm1") == "02:53:6c:83:df:59"
    assert parts.mac_of("pm2") != parts.mac_of("pm1")
    assert parts.port_of("c", "net") == "veth66a02f0093"
    assert parts.port_of("c", "net2") != parts.port_of("c2", "net")


def test_owners_are_of_one_container_on_one_network():
    assert parts.owner_of("c1", "net") == "podman/c1/net"
    assert part().owner == f"podman/{'c' * 64}/net"
    assert parts.owner_of_network("net") == "podman-network/net"


def test_names_of_devices_fit():
    assert len(parts.port_of("c" * 64, "n" * 100)) <= 15
    assert parts.port_of("a", "b") != parts.port_of("b", "a")


@pytest.mark.parametrize("change", [{"mtu": 1279}, {"ipv6": False}], ids=str)
@pytest.mark.parametrize("driver", ["bridge", "macvlan"])
def test_no_settings_of_ipv6_where_the_device_has_none(driver: str, change: dict):
    """For such a device there are none: it is smaller than IPv6 allows, or the machine was started with ipv6.disable=1."""
    settings, subnet = Settings("managed" if driver == "bridge" else "bridge"), Subnet(net("10.1.0.0/24"), "10.1.0.1")
    one = replace(part(settings, driver=driver, subnets=(subnet,)), legs=LEGS[:1], **change)
    wired = parts.on_bridge(one) if driver == "bridge" else parts.on_parent(one)
    assert [key for space in wired.want.namespaces.values() for key in space.sysctls if ".ipv6." in key and "forwarding" not in key] == []
