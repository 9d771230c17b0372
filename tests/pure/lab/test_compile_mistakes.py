"""Every mistake of a lab, all at once, each with its path, before anything is made."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from netwright.errors import Invalid
from netwright.lab.compile import LabInvalid, compile
from netwright.lab.topology import Check, Host, Link, Policy, Publish, Route, Switch, Topology
from netwright.model.value import replace
from sample_labs import cable, connects, on, pings

S = {"s": Switch()}
NET = {"s": Switch(("10.7.1.0/24",))}
TWO = {"a": Host({"eth0": on("s")}), "b": Host({"eth0": on("s")})}
TRIANGLE = (cable("x", "y"), cable("y", "z"), cable("z", "x"))


def lab(hosts=None, switches=S, cables=(), **more) -> Topology:
    return Topology("lab", hosts=TWO if hosts is None else hosts, switches=switches, cables=cables, **more)


def one(link: Link, switches=S, **more) -> Topology:
    return lab({"a": Host({"eth0": link}, **more)}, switches)


def with_route(*routes: Route, **more) -> Topology:
    return lab({"a": Host({"eth0": on("s")}, routes=routes, **more), "b": Host({"eth0": on("s")}), "far": Host({"eth0": on("t")})}, {**NET, "t": Switch()})


def routers(*publish: Publish, nat=()) -> Topology:
    return lab({"r": Host({"eth0": on("s")}, router=True, publish=publish, nat=nat), "a": Host({"eth0": on("s")}), "bare": Host()})


def inside(link: Link, name: str = "x0") -> Topology:
    return lab({"a": Host({"eth0": on("s"), name: link})})


EVERY = ("hosts", "a", "links", "eth0")
X0 = ("hosts", "a", "links", "x0")
CASES = {
    # addresses
    "given twice": (lab({"a": Host({"eth0": on("s", "10.7.1.5/24")}), "b": Host({"eth0": on("s", "10.7.1.5/24")})}, NET), ("hosts", "b", "links", "eth0", "addresses", 0), "10.7.1.5 is also the address of a:eth0"),
    "given twice in one host": (lab({"a": Host({"eth0": on("s", "10.7.1.5/24"), "eth1": on("s", "10.7.1.5/24")})}, NET), ("hosts", "a", "links", "eth1", "addresses", 0), "also the address of a:eth0"),
    "given twice on one device": (one(on("s", "10.7.1.5/24", "10.7.1.5/24"), NET), EVERY, "also the address of"),
    "that of the switch": (one(on("s", "10.7.1.5/24"), {"s": Switch(("10.7.1.0/24",), addresses=("10.7.1.5/24",))}), EVERY, "also the address of s"),
    "outside": (one(on("s", "10.7.2.5/24"), NET), ("hosts", "a", "links", "eth0", "addresses", 0), "10.7.2.5 is not in 10.7.1.0/24, the subnet of s"),
    "no IPv6 there": (one(on("s", "fd00::5/64"), NET), EVERY, "which has none of IPv6"),
    "network": (one(on("s", "10.7.1.0/24"), NET), EVERY, "10.7.1.0 is the network address of 10.7.1.0/24"),
    "broadcast": (one(on("s", "10.7.1.255/24"), NET), EVERY, "10.7.1.255 is the broadcast address"),
    "another length": (one(on("s", "10.7.1.5/16"), NET), EVERY, "says /16, and the subnet is 10.7.1.0/24"),
    "lengths that differ": (lab({"a": Host({"eth0": on("s", "10.7.1.5/24")}), "b": Host({"eth0": on("s", "10.7.1.6/16")})}), ("hosts", "b"), "10.7.1.6/16"),
    "no length": (one(on("s", "10.7.1.5"), {"s": Switch(())}), EVERY, "no prefix length"),
    "no address": (one(on("s", "10.7.1.500/24"), NET), EVERY, "four numbers"),
    "no address on nothing": (inside(Link("dummy", addresses=("fd00::x",))), (*X0, "addresses", 0), "fd00::x"),
    "no subnet": (lab(switches={"s": Switch(("10.7.1.1/24",))}), ("switches", "s", "subnets", 0), "an address in 10.7.1.0/24"),
    "two subnets": (lab(switches={"s": Switch(("10.7.1.0/24", "10.7.2.0/24"))}), ("switches", "s", "subnets", 1), "two subnets of IPv4"),
    "overlap": (lab({}, {"s": Switch(("10.7.0.0/16",)), "t": Switch(("10.7.1.0/24",))}), ("switches", "t", "subnets", 0), "10.7.1.0/24 overlaps 10.7.0.0/16 of s"),
    "overlap, the other way": (lab({}, {"s": Switch(("10.7.1.0/24",)), "t": Switch(("10.7.0.0/16",))}), ("switches", "t", "subnets", 0), "10.7.0.0/16 overlaps 10.7.1.0/24 of s"),
    "overlap of a cable": (
        lab({"a": Host({"eth0": Link()}), "b": Host({"eth0": Link()})}, NET, (cable("a:eth0", "b:eth0", subnets=("10.7.1.4/30",)),)),
        ("cables", 0, "subnets", 0),
        "10.7.1.4/30 overlaps 10.7.1.0/24 of s",
    ),
    "no pool": (lab(pool=("10.7.0.1/16",)), ("pool", 0), "an address in"),
    "two pools": (lab(pool=("10.7.0.0/16", "10.8.0.0/16")), ("pool", 1), "two pools of IPv4"),
    "pool too small": (lab(pool=("10.7.0.0/24",), switches={"s": Switch(), "t": Switch()}), ("switches", "t"), "has no /24 left for t"),
    "subnet too small": (lab({f"n{i}": Host({"eth0": on("s")}) for i in range(3)}, {"s": Switch(("10.7.1.0/30",))}), ("hosts", "n2", "links", "eth0"), "has no address left for n2"),
    # wiring
    "cable to nobody": (lab({"a": Host({"eth0": Link()})}, S, (cable("a:eth0", "bb:eth0"),)), ("cables", 0, "ends"), 'there is no host or switch "bb"'),
    "cable to no device": (lab({"a": Host({"eth0": Link()}), "b": Host()}, S, (cable("a:eth0", "b:eth0"),)), ("cables", 0, "ends"), 'b has no device "eth0"'),
    "cable to itself": (lab({"a": Host({"eth0": Link()})}, S, (cable("a:eth0", "a:eth0"),)), ("cables", 0, "ends"), "both ends are the same"),
    "two cables": (
        lab({n: Host({"eth0": Link()}) for n in "abc"}, S, (cable("a:eth0", "b:eth0"), cable("a:eth0", "c:eth0"))),
        ("cables", 1, "ends"),
        "a:eth0 has a cable already",
    ),
    "switch and cable": (lab(cables=(cable("a:eth0", "b:eth0"),), hosts={"a": Host({"eth0": on("s")}), "b": Host({"eth0": Link()})}), EVERY, "is on the switch s and has a cable"),
    "subnet of a cable to a switch": (lab({"a": Host({"eth0": Link()})}, S, (cable("a:eth0", "s", subnets=("10.0.0.0/30",)),)), ("cables", 0, "subnets"), "no subnet of its own"),
    "no switch": (one(on("ss")), (*EVERY, "switch"), 'there is no switch "ss", did you mean "s"?'),
    "plugged into nothing": (one(Link()), EVERY, "a:eth0 is plugged into nothing"),
    "loop": (lab({}, {n: Switch() for n in "xyz"}, TRIANGLE), ("cables", 2), "closes a loop of switches"),
    "loop with one that does not speak STP": (lab({}, {"x": Switch(stp=True), "y": Switch(), "z": Switch(stp=True)}, TRIANGLE), ("cables", 2), "stp: true for y"),
    "two cables between switches": (lab({}, {n: Switch() for n in "xy"}, (cable("x", "y"), cable("y", "x"))), ("cables", 1), "closes a loop"),
    "too many ports": (lab({f"n{i}": Host({"eth0": on("s")}) for i in range(1024)}), ("switches", "s"), "1024 hosts are plugged into it, a bridge has at most 1023"),
    # names
    "long device": (lab({"a": Host({"a-device-with-a-long-name": on("s")})}), ("hosts", "a", "links", "a-device-with-a-long-name"), "at most 15 bytes"),
    "long switch": (lab({}, {"a-switch-with-a-name": Switch()}), ("switches", "a-switch-with-a-name"), "at most 15 bytes"),
    "device with a slash": (lab({"a": Host({"e/0": on("s")})}), ("hosts", "a", "links", "e/0"), "no '/'"),
    "switch lo": (lab({}, {"lo": Switch()}), ("switches", "lo"), "has a device of that name"),
    "host @": (lab({"@": Host()}), ("hosts", "@"), "no name of a host"),
    "host with a slash": (lab({"a/b": Host()}), ("hosts", "a/b"), "no name of a host"),
    "host with a blank": (lab({"a b": Host()}), ("hosts", "a b"), "no name of a host"),
    "host and switch": (lab({"s": Host()}), ("switches", "s"), "are both called"),
    "zone and host": (lab(zones={"a": ("b",)}), ("zones", "a"), "are both called"),
    "alias of two": (lab({"a": Host(aliases=("x",)), "b": Host(aliases=("x",))}), ("hosts", "b", "aliases", 0), "is a name of a already"),
    "alias of another": (lab({"a": Host(), "b": Host(aliases=("a",))}), ("hosts", "b", "aliases", 0), "is a name of a already"),
    # numbers
    "small MTU": (one(on("s", mtu=67)), (*EVERY, "mtu"), "67 is no MTU"),
    "large MTU": (one(on("s", mtu=65536)), (*EVERY, "mtu"), "65536 is no MTU"),
    "MTU of a switch": (lab(switches={"s": Switch(mtu=10)}), ("switches", "s", "mtu"), "10 is no MTU"),
    "MTU of IPv6": (replace(one(on("s", mtu=1279)), pool=("fd00::/48",)), (*EVERY, "mtu"), "too little for the IPv6 address of a:eth0"),
    "MTU of an IPv6 switch": (one(on("s"), {"s": Switch(("fd00::/64",), mtu=1000)}), (*EVERY, "mtu"), "IPv6 needs 1280"),
    "MTU of a cable": (lab({n: Host({"eth0": Link()}) for n in "ab"}, S, (cable("a:eth0", "b:eth0", mtu=1),)), ("cables", 0, "mtu"), "1 is no MTU"),
    "MAC of a group": (one(on("s", mac="01:00:00:00:00:01")), (*EVERY, "mac"), "multicast"),
    "MAC of zeros": (one(on("s", mac="00:00:00:00:00:00")), (*EVERY, "mac"), "all zeros"),
    "no MAC": (one(on("s", mac="02:00:00:00:00:zz")), (*EVERY, "mac"), "not six bytes"),
    "MAC twice": (lab({n: Host({"eth0": on("s", mac="02:00:00:00:00:0A".lower() if n == "a" else "02:00:00:00:00:0A")}) for n in "ab"}), ("hosts", "b", "links", "eth0", "mac"), "also the hardware address of a:eth0"),
    "VLAN": (one(on("s", vlan=4095), {"s": Switch(vlans=True)}), (*EVERY, "vlan"), "4095 is no VLAN"),
    "VLAN without a filter": (one(on("s", trunk=(5,))), (*EVERY, "trunk"), "the switch s does not filter by VLAN"),
    "rate": (one(on("s", rate=7)), (*EVERY, "rate"), "7 is no rate"),
    "loss": (one(on("s", loss=101.0)), (*EVERY, "loss"), "is no loss"),
    "delay": (one(on("s", delay=-1)), (*EVERY, "delay"), "is no delay"),
    "sysctl": (one(on("s"), sysctls={"kernel.hostname": "x"}), ("hosts", "a", "sysctls", "kernel.hostname"), "no setting of a network namespace"),
    "routing": (lab(routing="ospf"), ("routing",), "is no way of routing"),
    # devices that are no cables
    "no kind": (inside(Link("maclvan", parent="eth0")), (*X0, "kind"), 'did you mean "macvlan"?'),
    "no parent": (inside(Link("macvlan")), X0, "stands on another device"),
    "parent that is not there": (inside(Link("macvlan", parent="eth1")), (*X0, "parent"), 'did you mean "eth0"?'),
    "master that is none": (inside(Link("dummy", master="eth0")), (*X0, "master"), "takes no ports"),
    "in a circle": (lab({"a": Host({"x0": Link("macvlan", parent="x1"), "x1": Link("macvlan", parent="x0")})}), X0, "stands on itself"),
    "vxlan without a number": (inside(Link("vxlan")), (*X0, "id"), "a vxlan has a number"),
    "vlan 0": (inside(Link("vlan", parent="eth0", options=(("id", 0),))), (*X0, "id"), "0 is no number of a vlan"),
    "no option": (inside(Link("vxlan", options=(("id", 1), ("lerning", True)))), (*X0, "options", "lerning"), 'did you mean "learning"?'),
    "option too large": (inside(Link("vxlan", options=(("id", 1), ("port", 70000)))), (*X0, "options", "port"), "70000 is not possible"),
    "no mode": (inside(Link("macvlan", parent="eth0", options=(("mode", "bridged"),))), (*X0, "options", "mode"), "possible are private, vepa, bridge"),
    "vxlan to nobody": (inside(Link("vxlan", options=(("id", 1), ("remote", "bb")))), (*X0, "options", "remote"), '"bb" is no address and no host'),
    "option of a switch": (lab(switches={"s": Switch(options=(("agein_time", 3),))}), ("switches", "s", "options", "agein_time"), 'did you mean "ageing_time"?'),
    "key of a switch": (lab(switches={"s": Switch(options=(("stp_state", 1),))}), ("switches", "s", "options", "stp_state"), "stp: true"),
    # routes
    "gateway out of reach": (with_route(Route("10.9.0.0/16", "10.200.0.1")), ("hosts", "a", "routes", 0), "a has no way to 10.200.0.1"),
    "gateway that is a host elsewhere": (with_route(Route("default", "far")), ("hosts", "a", "routes", 0), "a has no way to far"),
    "gateway that is nobody": (with_route(Route("default", "bb")), ("hosts", "a", "routes", 0, "via"), '"bb" is no address and no host, did you mean "b"?'),
    "gateway that is itself": (with_route(Route("default", "10.7.1.10")), ("hosts", "a", "routes", 0, "via"), "an address of a itself"),
    "route to nothing": (with_route(Route("tt", "b")), ("hosts", "a", "routes", 0, "to"), '"tt" is no network and no switch, did you mean "t"?'),
    "route to an address in a network": (with_route(Route("10.9.1.1/16", "b")), ("hosts", "a", "routes", 0, "to"), "an address in 10.9.0.0/16"),
    "route through no device": (with_route(Route("10.9.0.0/16", link="eth9")), ("hosts", "a", "routes", 0, "link"), 'a has no device "eth9"'),
    "route twice": (with_route(Route("10.9.0.0/16", "b"), Route("10.9.0.0/16", "b")), ("hosts", "a", "routes", 1), "a second route to 10.9.0.0/16"),
    "type of a route": (with_route(Route("10.9.0.0/16", type="black")), ("hosts", "a", "routes", 0), '"black" is no type of a route'),
    # translation
    "nat to nothing": (routers(nat=("ss",)), ("hosts", "r", "nat", 0), 'did you mean "s"?'),
    "nat of a host": (lab({"a": Host({"eth0": on("s")}, nat=("s",))}), ("hosts", "a", "nat"), "a is no router"),
    "published twice": (routers(Publish(80, "a", 80), Publish(79, "a", 81, last=80)), ("hosts", "r", "publish", 1), "port 80/tcp is published twice"),
    "published of nobody": (routers(Publish(80, "aa", 80)), ("hosts", "r", "publish", 0, "host"), 'there is no host "aa", did you mean "a"?'),
    "published without an address": (routers(Publish(80, "bare", 80)), ("hosts", "r", "publish", 0, "host"), "bare has no address"),
    "published by a host": (lab({"a": Host({"eth0": on("s")}, publish=(Publish(80, "a", 80),))}), ("hosts", "a", "publish", 0), "a is no router"),
    "published at no address": (routers(Publish(80, "a", 80, address="192.0.2.256")), ("hosts", "r", "publish", 0, "address"), '"192.0.2.256" is no address'),
    "no port": (routers(Publish(0, "a", 80)), ("hosts", "r", "publish", 0), "no such ports"),
    "ports backwards": (routers(Publish(90, "a", 80, last=80)), ("hosts", "r", "publish", 0), "90-80 to 80: no such ports"),
    "ports beyond the last": (routers(Publish(80, "a", 65535, last=81)), ("hosts", "r", "publish", 0), "no such ports"),
    "protocol": (routers(Publish(80, "a", 80, protocol="icmp")), ("hosts", "r", "publish", 0, "protocol"), "no ports that can be published"),
    "published twice by the lab": (lab(publish=(Publish(80, "a", 80), Publish(80, "b", 80))), ("publish", 1), "port 80/tcp is published twice"),
    "published of nobody by the lab": (lab(publish=(Publish(80, "c", 80),)), ("publish", 0, "host"), 'there is no host "c"'),
    # policy, zones, checks, names
    "policy from nobody": (lab(policy=(Policy("aa", "b", deny=("all",)),)), ("policy", 0, "from"), 'there is no host, switch or zone "aa", did you mean "a"?'),
    "policy to nobody": (lab(policy=(Policy("a", "bb", deny=("all",)),)), ("policy", 0, "to"), 'did you mean "b"?'),
    "policy of no port": (lab(policy=(Policy("a", "b", allow=("tcp/80", "tcp/0")),)), ("policy", 0, "allow", 1), '"tcp/0" is nothing that can be allowed'),
    "policy backwards": (lab(policy=(Policy("a", "b", deny=("tcp/9-8",)),)), ("policy", 0, "deny", 0), "is nothing that can be"),
    "policy of an unknown protocol": (lab(policy=(Policy("a", "b", deny=("icmp/8",)),)), ("policy", 0, "deny", 0), "is nothing that can be"),
    "policy that says nothing": (lab(policy=(Policy("a", "b"),)), ("policy", 0), "neither what is allowed nor what is denied"),
    "zone of nobody": (lab(zones={"z": ("a", "bb")}), ("zones", "z", 1), 'did you mean "b"?'),
    "check of nobody": (lab(checks=(pings("aa", "b"),)), ("checks", 0, "from"), 'did you mean "a"?'),
    "check to nobody": (lab(checks=(pings("a", "bb"),)), ("checks", 0, "to"), '"bb" is no host and no address'),
    "check of no port": (lab(checks=(connects("a", "b", 0),)), ("checks", 0, "port"), "0 is no port"),
    "check of no kind": (lab(checks=(Check("a", "pong", "b"),)), ("checks", 0, "kind"), 'did you mean "ping"?'),
    "name server": (one(on("s"), dns=("bb",)), ("hosts", "a", "dns", 0), '"bb" is no address and no host'),
}


@pytest.mark.parametrize("name", CASES)
def test_a_mistake(name: str):
    topology, path, what = CASES[name]
    with pytest.raises(LabInvalid) as caught:
        compile(topology)
    found = [problem for problem in caught.value.problems if problem.path[: len(path)] == path and what in str(problem)]
    assert found, str(caught.value)
    assert len(caught.value.problems) == 1, str(caught.value)


NO_MISTAKES = {
    "loop of switches that speak STP": lab({}, {n: Switch(stp=True) for n in "xyz"}, TRIANGLE),
    "subnet of two switches that are cabled": lab({}, {n: Switch(("10.0.0.0/24",)) for n in "xy"}, (cable("x", "y"),)),
    "check of an alias, of a whole name and of an address": lab({"a": Host({"eth0": on("s")}, aliases=("c",))}, checks=(pings("a", "c"), pings("a", "a.lab"), pings("a", "192.0.2.1"), pings("a", "::1"))),
    "zones in a circle": lab(zones={"y": ("z", "a"), "z": ("y", "b")}, policy=(Policy("y", "z", deny=("all",)),)),
    "an empty zone": lab(zones={"z": ()}, policy=(Policy("z", "a", deny=("all",)),)),
    "one address of loopback in two hosts": lab({n: Host({"lo": Link(addresses=("10.99.0.1/32",))}) for n in "ab"}),
    "IPv4 with few bytes": one(on("s", mtu=576)),
    "IPv6 elsewhere in the host": lab({"a": Host({"eth0": on("s", mtu=576), "eth1": on("t")})}, {"s": Switch(), "t": Switch(("fd00::/64",))}),
    "both ends of a cable in one host": lab({"a": Host({"eth0": Link(), "eth1": Link()})}, S, (cable("a:eth0", "a:eth1"),)),
    "two routes with different metrics": with_route(Route("10.9.0.0/16", "b"), Route("10.9.0.0/16", "b", metric=5)),
    "defaults of both families": replace(with_route(Route("default", "10.7.1.11"), Route("default", "fd00::b")), pool=("10.0.0.0/8", "fd00::/48")),
    "route to an address": with_route(Route("192.0.2.1", "b")),
    "published at an address that is routed to the router": routers(Publish(80, "a", 80, address="192.0.2.1")),
    "published by both protocols": routers(Publish(53, "a", 53), Publish(53, "a", 53, protocol="udp")),
}


@pytest.mark.parametrize("name", NO_MISTAKES)
def test_what_is_no_mistake(name: str):
    compile(NO_MISTAKES[name])


def test_all_mistakes_at_once_in_the_order_of_the_file_a_line_each():
    places = {(): ("f", 1, 1), ("hosts", "a"): ("f", 9, 3), ("hosts", "a", "links", "eth0", "mtu"): ("f", 9, 20), ("switches", "s"): ("f", 4, 3), ("cables", 0, "ends"): ("f", 12, 5)}
    topology = lab({"a": Host({"eth0": on("s", mtu=1), "x0": Link()})}, {"s": Switch(("10.0.0.1/24",))}, (cable("a:eth1", "q:eth0"),), places=places)
    with pytest.raises(Invalid) as caught:
        compile(topology)
    lines = str(caught.value).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["f:4:3:", "f:9:3:", "f:9:20:", "f:12:5:", "f:12:5:"]
    assert "switches.s.subnets[0]" in lines[0]
    assert [p.place for p in caught.value.problems][2] == ("f", 9, 20)


@pytest.mark.parametrize("name", CASES)
def test_the_example_is_not_made_better_by_a_mistake(name: str):
    """Ten mistakes are told as ten: one more part of the lab hides none of the others."""
    topology = CASES[name][0]
    both = replace(topology, zones={**topology.zones, "nowhere": ("nobody-at-all",)})
    with pytest.raises(LabInvalid) as caught:
        compile(both)
    assert len(caught.value.problems) == 2, str(caught.value)
