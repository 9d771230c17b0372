"""A neighbour entry (ARP, NDP, bridge forwarding) as it is."""

from .value import value

# NUD_* and NTF_* of linux/neighbour.h
STATES = {
    0x01: "incomplete", 0x02: "reachable", 0x04: "stale", 0x08: "delay", 0x10: "probe", 0x20: "failed", 0x40: "noarp", 0x80: "permanent",
}  # fmt: skip
FLAGS = {0x01: "use", 0x02: "self", 0x04: "master", 0x08: "proxy", 0x10: "extern_learn", 0x20: "offload", 0x40: "sticky", 0x80: "router"}
PROXY, ROUTER = 0x08, 0x80


@value
class Neighbour:
    """`address` is the protocol address ("" in a bridge's table), `lladdr` the hardware address, "" while unknown.

    `family` is 4, 6, or 7 for a bridge. `state` is one word of ip(8), "none" when no bit is set.
    """

    address: str
    link: str
    lladdr: str = ""
    state: str = "none"
    family: int = 4
    flags: "tuple[str, ...]" = ()
    vlan: int = 0
