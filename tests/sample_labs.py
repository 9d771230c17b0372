"""Labs as values, by name: for the pure tests of what a lab means, and for building each on the real kernel."""

from netwright.lab.topology import Cable, Check, Host, Link, Policy, Publish, Route, Switch, Topology


def on(switch: str, *addresses: str, **more) -> Link:
    """A link to a switch; without addresses they are handed out."""
    return Link(switch=switch, addresses=addresses or None, **more)


def connects(source: str, target: str, port: int, protocol: str = "tcp") -> Check:
    return Check(source, "connect", target, port, protocol)


def refused(source: str, target: str, port: int, protocol: str = "tcp") -> Check:
    return Check(source, "refuse", target, port, protocol)


def pings(source: str, target: str) -> Check:
    return Check(source, "ping", target)


def silent(source: str, target: str) -> Check:
    return Check(source, "noping", target)


def cable(a: str, b: str, **more) -> Cable:
    """cable("a:eth0", "front")"""
    ends = [tuple(end.split(":")) if ":" in end else (end, "") for end in (a, b)]
    return Cable((ends[0], ends[1]), **more)


SHOP = Topology(
    "shop",
    ("10.7.0.0/16", "fd07::/48"),
    {
        "web1": Host({"eth0": on("front")}),
        "web2": Host({"eth0": on("front")}),
        "db": Host({"eth0": on("back", "10.7.2.10/24")}),
        "gw": Host({"eth0": on("front"), "eth1": on("back"), "eth2": Link()}, router=True, nat=("front",)),
        "client": Host({"eth0": Link()}, routes=(Route("default", "gw"),)),
    },
    {"front": Switch(("10.7.1.0/24",)), "back": Switch(("10.7.2.0/24",), mtu=1400)},
    (cable("client:eth0", "gw:eth2", subnets=("10.7.3.0/30",)),),
    (Policy("client", "front", allow=("tcp/80", "icmp")), Policy("client", "back", deny=("all",))),
    (connects("client", "web1", 80), refused("client", "web1", 81), refused("client", "db", 5432), pings("web1", "db"), pings("client", "web2"), silent("client", "db")),
)

PUBLISHED = Topology(
    "published",
    ("10.8.0.0/16", "fd08::/48"),
    {
        "gw": Host(
            {"eth0": on("inside"), "eth1": on("outside")},
            router=True,
            nat=("eth1",),
            publish=(Publish(8080, "web", 80), Publish(5300, "web", 53, protocol="udp"), Publish(9000, "web", 9100, last=9003), Publish(8443, "web", 443, address="10.8.1.1")),
        ),
        "web": Host({"eth0": on("inside")}),
        "neighbour": Host({"eth0": on("inside")}),
        "far": Host({"eth0": on("outside")}),
    },
    {"inside": Switch(), "outside": Switch()},
)

CHAIN = Topology(
    "chain",
    ("10.9.0.0/16", "fd09::/48"),
    {
        "a": Host({"eth0": on("left")}),
        "r1": Host({"eth0": on("left"), "eth1": Link()}, router=True),
        "r2": Host({"eth0": Link(), "eth1": Link()}, router=True),
        "r3": Host({"eth0": Link(), "eth1": on("right")}, router=True),
        "b": Host({"eth0": on("right")}),
    },
    {"left": Switch(), "right": Switch()},
    (cable("r1:eth1", "r2:eth0"), cable("r2:eth1", "r3:eth0")),
    checks=(pings("a", "b"), connects("b", "a", 80), pings("r1", "b")),
)

# Two switches and a cable between them are one network.
TRUNK = Topology(
    "trunk",
    hosts={"a": Host({"eth0": on("one")}), "gw": Host({"eth0": on("two"), "eth1": on("far")}, router=True), "b": Host({"eth0": on("two")}), "c": Host({"eth0": on("far")})},
    switches={"one": Switch(), "two": Switch(), "far": Switch()},
    cables=(cable("one", "two"),),
    checks=(pings("a", "b"), pings("a", "c"), pings("c", "a")),
)

OVERLAY = Topology(
    "overlay",
    ("10.10.0.0/16", "fd10::/48"),
    {
        "a": Host({"eth0": on("under"), "vx0": Link("vxlan", parent="eth0", addresses=("192.168.5.1/24",), options=(("id", 42), ("remote", "b")))}),
        "b": Host({"eth0": on("under"), "vx0": Link("vxlan", parent="eth0", addresses=("192.168.5.2/24",), options=(("id", 42), ("remote", "a"), ("port", 4789)))}),
        "c": Host({"eth0": on("under"), "mv0": Link("macvlan", parent="eth0", options=(("mode", "bridge"),)), "br0": Link("bridge", addresses=("172.20.0.1/24",)), "eth1": Link(master="br0", addresses=())}),
        "d": Host({"eth0": Link(addresses=("172.20.0.2/24",)), "lo": Link(addresses=("10.99.0.1/32", "fd99::1/128"))}),
    },
    {"under": Switch()},
    (cable("c:eth1", "d:eth0", subnets=()),),
    checks=(pings("a", "192.168.5.2"), pings("c", "172.20.0.2"), pings("a", "c"), pings("d", "10.99.0.1")),
)

MESH = Topology(
    "mesh",
    hosts={
        name: Host({"eth0": on("under"), "vx0": Link("vxlan", addresses=(f"192.168.6.{at}/24",), options=(("id", 7), ("remote", tuple(n for n in "abc" if n != name))))})
        for at, name in enumerate("abc", 1)
    },
    switches={"under": Switch()},
    checks=(pings("a", "192.168.6.2"), pings("b", "192.168.6.3"), pings("c", "192.168.6.1")),
)

SLOW = Topology(
    "slow",
    hosts={"a": Host({"eth0": on("s", rate=8_000_000)}), "b": Host({"eth0": on("s"), "eth1": Link()}), "c": Host({"eth0": Link()})},
    switches={"s": Switch(options=(("ageing_time", 1000), ("priority", 4096)))},
    cables=(cable("b:eth1", "c:eth0", rate=100_000_000),),
    checks=(pings("a", "b"), pings("b", "c")),
)

ODD = Topology(
    "odd",
    ("10.11.0.0/16",),
    {
        "a-host-with-a-long-name-1": Host({"eth0": on("s")}, dns=("10.11.0.53",), search=("lab.test",), aliases=("alpha",), sysctls={"net.ipv4.ip_default_ttl": "32"}),
        "a-host-with-a-long-name-2": Host({"eth0": on("s"), "eth1": on("s", isolated=True, hairpin=True)}, dns=("alpha-gw",)),
        "still": Host({"eth0": on("s", up=False)}),
        "holes": Host({"eth0": on("s", mac="02:00:00:00:00:07", mtu=1300)}, routes=(Route("192.0.2.0/24", type="blackhole"), Route("198.51.100.0/24", link="eth0"), Route("203.0.113.0/24", "198.51.100.7", metric=7), Route("default", "alpha-gw"))),
        "alpha-gw": Host({"eth0": on("s"), "eth1": on("bare", "10.50.0.1/24")}, router=True),
        "bare-one": Host({"eth0": on("bare", "10.50.0.2")}, default_route=False, routes=(Route("s", "alpha-gw"),)),
    },
    {"s": Switch(addresses=("10.11.0.99/24",), stp=False), "bare": Switch(("10.50.0.0/24",))},
    zones={"all-of-them": ("s", "bare-one")},
    policy=(Policy("*", "still", deny=("tcp/22", "udp/53", "icmp", "tcp/8000-8010", "udp")), Policy("all-of-them", "bare", allow=("all",)), Policy("bare-one", "*", allow=("udp/53",), deny=("udp/53-54",))),
    checks=(pings("bare-one", "bare-one"), silent("bare-one", "holes"), pings("holes", "alpha-gw")),
)

UPLINK = Topology(
    "uplink",
    ("10.12.0.0/16",),
    {
        "a": Host({"eth0": on("front")}),
        "gw": Host({"eth0": on("front"), "eth1": Link()}, router=True),
        "inner": Host({"eth0": Link(), "eth1": on("deep")}, router=True),
        "b": Host({"eth0": on("deep2")}),
        "inner2": Host({"eth0": on("deep"), "eth1": on("deep2")}, router=True),
        "lone": Host({"eth0": on("other")}),
    },
    {"front": Switch(), "deep": Switch(), "deep2": Switch(), "other": Switch()},
    (cable("gw:eth1", "inner:eth0"),),
    uplink=True,
    checks=(pings("a", "b"), silent("lone", "a"), silent("a", "lone")),
)

LABS = {lab.name: lab for lab in (SHOP, PUBLISHED, CHAIN, TRUNK, OVERLAY, MESH, SLOW, ODD, UPLINK)}
