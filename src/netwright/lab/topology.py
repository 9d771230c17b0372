"""A lab as it is written down: hosts, switches, cables, policy, checks. Plain values; the file and the Python API both make them.

Nothing is handed out or worked out here: an address that was not given is not there. compile.py makes a State of it.
"""

from ..model.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


@value
class Link:
    """A device of a host. `kind` veth is a cable to `switch` (or, made by a Cable, to another host).

    Other kinds stand on `parent`, a device of the same host (macvlan, ipvlan, vlan, vxlan), or on nothing (dummy, bridge, vxlan).
    `addresses` are "10.0.0.1/24"; None: handed out from the subnets of what it is plugged into. (): none at all. `mtu` 0: that
    of the switch or cable. `up` False: left down. `options` are the kind's own words (model/kinds/), `master` a bridge or bond
    of the same host. `rate` is bits per second (tbf), 0 for none; `delay` microseconds and `loss` percent need netem. `vlan`
    is the untagged VLAN of its port at the switch (0: none), `trunk` the tagged ones; `isolated` and `hairpin` are the
    port's switches.
    """

    kind: str = "veth"
    switch: str = ""
    parent: str = ""
    master: str = ""
    addresses: "tuple[str, ...] | None" = None
    mtu: int = 0
    mac: str = ""
    up: bool = True
    options: "tuple[tuple[str, Any], ...]" = ()
    rate: int = 0
    delay: int = 0
    loss: float = 0.0
    vlan: int = 0
    trunk: "tuple[int, ...]" = ()
    isolated: bool = False
    hairpin: bool = False


@value
class Route:
    """`to` is a network, an address, "default", or the name of a switch (its subnets); `via` an address or a host's name, ""
    for a route straight through `link`. `type` is unicast, blackhole, unreachable or prohibit."""

    to: str
    via: str = ""
    link: str = ""
    metric: int = 0
    type: str = "unicast"


@value
class Publish:
    """`port` (or `port`..`last`) of `address` ("" every address) leads to port `target_port`.. of `host`; `protocol` tcp or udp.

    In a router: its own ports (destination NAT). In the lab: ports of the machine, "" being 127.0.0.1 and ::1.
    """

    port: int
    host: str
    target_port: int
    last: int = 0
    protocol: str = "tcp"
    address: str = ""


@value
class Host:
    """A namespace with programs. `router` forwards; `nat` names switches, cables' devices or hosts' devices towards which
    packets leave under the router's own address. `routes`: None entries do not exist; `default_route` False: none is worked out.
    `dns` are name servers, `search` domains; `aliases` further names. `zone` is for the policy."""

    links: "Mapping[str, Link]" = {}
    router: bool = False
    nat: "tuple[str, ...]" = ()
    publish: "tuple[Publish, ...]" = ()
    routes: "tuple[Route, ...]" = ()
    default_route: bool = True
    sysctls: "Mapping[str, str]" = {}
    dns: "tuple[str, ...]" = ()
    search: "tuple[str, ...]" = ()
    aliases: "tuple[str, ...]" = ()
    zone: str = ""


@value
class Switch:
    """A bridge. `subnets`: at most one IPv4 and one IPv6; None: taken from the lab's pool; (): none. `address`: what the
    bridge itself has ("" nothing). `mtu` 0 is 1500. `vlans`: filter by VLAN (needs CONFIG_BRIDGE_VLAN_FILTERING)."""

    subnets: "tuple[str, ...] | None" = None
    mtu: int = 0
    stp: bool = False
    vlans: bool = False
    addresses: "tuple[str, ...]" = ()
    options: "tuple[tuple[str, Any], ...]" = ()


@value
class Cable:
    """A veth from one end to another; an end is (host, device) or (switch, ""). `addresses`: per end, None handed out."""

    ends: "tuple[tuple[str, str], tuple[str, str]]"
    subnets: "tuple[str, ...] | None" = None
    addresses: "tuple[tuple[str, ...] | None, tuple[str, ...] | None]" = (None, None)
    mtu: int = 0
    rate: int = 0
    delay: int = 0
    loss: float = 0.0


@value
class Policy:
    """New connections from `source` to `target` (host, switch, zone, or "*"): those in `allow` pass and no others, or those in
    `deny` do not ("all": none). Entries are "tcp/80", "udp/53", "tcp/8000-8010", "tcp", "icmp", "all"."""

    source: str
    target: str
    allow: "tuple[str, ...]" = ()
    deny: "tuple[str, ...]" = ()


@value
class Check:
    """`kind` connect (must), refuse (must not), ping, noping. `target` a host's name or an address; `port` 0 for pings."""

    source: str
    kind: str
    target: str
    port: int = 0
    protocol: str = "tcp"
    text: str = ""


@value
class Topology:
    """The whole. `pool`: networks from which subnets are taken, at most one per family. `uplink`: NAT to the machine's
    network. `routing` "static": routers get routes to every subnet behind other routers; "none": only what is written.

    `places` maps the path of a field, ("hosts", "web1", "address"), to (file, line, column), where it came from a file.
    """

    name: str
    pool: "tuple[str, ...]" = ()
    hosts: "Mapping[str, Host]" = {}
    switches: "Mapping[str, Switch]" = {}
    cables: "tuple[Cable, ...]" = ()
    policy: "tuple[Policy, ...]" = ()
    checks: "tuple[Check, ...]" = ()
    zones: "Mapping[str, tuple[str, ...]]" = {}
    publish: "tuple[Publish, ...]" = ()
    uplink: bool = False
    routing: str = "static"
    places: "Mapping[tuple[str | int, ...], tuple[str, int, int]]" = {}


@value
class Problem:
    """One mistake: where (`path` in the lab, `place` in a file), `what` is wrong, and the `fix` or a suggestion."""

    path: "tuple[str | int, ...]"
    what: str
    fix: str = ""
    place: "tuple[str, int, int] | None" = None

    def __str__(self) -> str:
        where = ":".join(map(str, self.place)) + ": " if self.place else ""
        return f"{where}{dotted(self.path)}: {self.what}{', ' + self.fix if self.fix else ''}"


def dotted(path: "tuple[str | int, ...]") -> str:
    """`hosts.web1.links.eth0.mtu`, `checks[2]`; "lab" for the whole."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else str(part)
    return out or "lab"


def placed(problem: Problem, places: "Mapping[tuple[str | int, ...], tuple[str, int, int]]") -> Problem:
    """The problem with the place of its path, or of the nearest part above it that has one."""
    path = problem.path
    while path not in places and path:
        path = path[:-1]
    return Problem(problem.path, problem.what, problem.fix, problem.place or places.get(path))
