"""A small host as a map, for tests: a bridge with five containers, a router behind one of them, a macvlan, a published port."""

from netwright.hostmap.model import Cable, Chain, Holder, HostMap, Link, Listener, Owner, Published, Space
from netwright.model.address import Address
from netwright.model.route import Route

LO = Link(1, "lo", up=True, flags=("loopback",))


def leaf(number: int) -> Space:
    end = Link(2, "eth0", "veth", True, "up", mac=f"02:00:00:00:00:0{number}", peer=("1", f"veth{number}"))
    return Space(
        f"10{number}", f"c{number}", 100 + number, owners=(Owner("docker", f"c{number}", f"{number}" * 64),), held=(("process", 1),),
        holders=(Holder("process", 70 + number, comm="nginx"),), links=(LO, end), addresses=(Address(f"172.17.0.{number + 1}/16", "eth0"),),
        routes=(Route("default", via="172.17.0.1", link="eth0"),),
    )  # fmt: skip


def port(number: int) -> Link:
    return Link(10 + number, f"veth{number}", "veth", True, "up", master="docker0", peer=(f"10{number}", "eth0"), port=(("state", "forwarding"),))


HOST = Space(
    "1", "host", 1, owners=(Owner("host", "vm"),), held=(("process", 9),),
    links=(
        LO, Link(2, "eth0", "", True, "up"), Link(3, "docker0", "bridge", True, "up"), *(port(number) for number in range(1, 6)),
        Link(20, "to-r1", "veth", True, "up", peer=("200", "a")),
    ),
    addresses=(Address("192.0.2.9/24", "eth0"), Address("172.17.0.1/16", "docker0"), Address("fe80::1/64", "eth0", 6)),
    routes=(Route("default", via="192.0.2.1", link="eth0"),),
    chains=(Chain("ip nat", "PREROUTING", "prerouting", "nat"),),
    published=(Published("tcp", "", 8080, 8080, "172.17.0.2", 80, "ip nat DOCKER"),), listeners=(Listener("tcp", "", 22, 5, "sshd"),),
)  # fmt: skip
R1 = Space("200", "r1", 200, names=("r1",), owners=(Owner("name", "r1"),), links=(LO, Link(2, "a", "veth", True, "up", peer=("1", "to-r1")), Link(3, "b", "veth", True, "lowerlayerdown", peer=("201", "a"))))
R2 = Space("201", "r2", 201, names=("r2",), owners=(Owner("name", "r2"),), links=(LO, Link(2, "a", "veth", False, "down", peer=("200", "b"))))
MV = Space("300", "m\x1b[1m", 300, owners=(Owner("name", "m\x1b[1m"),), links=(LO, Link(2, "eth0", "macvlan", True, "up", lower=("1", "eth0"))))
IDLE = tuple(Space(f"40{n}", f"idle{n}", 400 + n, links=(LO,)) for n in range(4))
SPACES = (HOST, *(leaf(number) for number in range(1, 6)), R1, R2, MV, *IDLE)


def cables() -> tuple[Cable, ...]:
    ends = {((space.id, link.name), link.peer) for space in SPACES for link in space.links if link.peer}
    return tuple(Cable(one, other) for one, other in sorted(ends) if one < other)


MAP = HostMap(1.0, "boot", "vm", "1", ("routes", "nft", "sockets"), SPACES, cables())
