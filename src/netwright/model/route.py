"""A route as it is."""

from .value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# RTN_* of linux/rtnetlink.h
TYPES = (
    "unspec", "unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit", "throw", "nat", "xresolve",
)  # fmt: skip
FLAGS = {0x1: "dead", 0x2: "pervasive", 0x4: "onlink", 0x8: "offload", 0x10: "linkdown", 0x20: "unresolved", 0x4000: "trap"}
MAIN, LOCAL = 254, 255
BOOT = 3


@value
class Nexthop:
    """One way of a multipath route; `weight` counts from 1."""

    via: str = ""
    link: str = ""
    weight: int = 1
    flags: "tuple[str, ...]" = ()


@value
class Route:
    """`to` is a network "10.0.0.0/24" or "default"; `via` the gateway, `link` the device, "" where there is none.

    `table` and `protocol` are numbers (254 is main; 2 is the kernel, 3 boot, 4 static). `source` is the address that
    connections start from, `from_network` a source-specific selector. `metric` 0 is none given. `metrics` are pairs such
    as ("mtu", 1400). `encap` is the number of an encapsulation (0: none), whose own data is not interpreted.
    """

    to: str
    family: int = 4
    via: str = ""
    link: str = ""
    type: str = "unicast"
    table: int = MAIN
    protocol: int = 0
    scope: str = "global"
    metric: int = 0
    source: str = ""
    from_network: str = ""
    tos: int = 0
    nexthops: "tuple[Nexthop, ...]" = ()
    metrics: "tuple[tuple[str, Any], ...]" = ()
    flags: "tuple[str, ...]" = ()
    encap: int = 0
    nexthop_id: int = 0
