"""The map of a host as one value: namespaces, who holds them, their devices, the cables between these.

A `Space` is known by its `id`, a text that is unique within one map (the inode of the namespace; for one that could not be
entered, the way it was heard of). An `End` is (id of the space, name of the device), as in model/state.py. Everything is in a
fixed order, so that two maps of an unchanged host differ in `taken` and in counters only. See plain.py for the JSON.
"""

from ..model.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..model.address import Address
    from ..model.neighbour import Neighbour
    from ..model.route import Route
    from ..model.rule import Rule

    End = tuple[str, str]  # (id of a Space, name of a device)
    Pairs = tuple[tuple[str, Any], ...]

HOLDERS = ("process", "thread", "name", "bind", "fd", "socket", "tun", "kernel")
STATES = ("ok", "unseen", "gone")
CABLES = ("veth", "netkit")


@value
class Holder:
    """One thing that keeps a namespace alive. `kind` is one of HOLDERS: a process, a thread that went there alone, a name in
    /run/netns, any other bind mount, an open file, a socket, a tun device, or "kernel" (only the kernel's own list has it).

    `pid` whose it is (of a bind: some process that sees the mount); `number` the thread's id or the file descriptor; `path` of
    a mount; `comm` and `user` of the process. `elsewhere`: the path holds in another mount namespace than ours.
    """

    kind: str
    pid: int = 0
    number: int = 0
    path: str = ""
    comm: str = ""
    user: str = ""
    elsewhere: bool = False


@value
class Owner:
    """Who a namespace belongs to. `kind`: host, docker, podman, kubernetes, containerd, lxc, systemd, lab, network, name,
    process … ; `name` as its user knows it; `id` the full identity there (a container's id, a unit); `group` what it is part
    of (a pod's namespace, a compose project, a lab)."""

    kind: str
    name: str
    id: str = ""
    group: str = ""


@value
class Counters:
    """Traffic of a device since it was made."""

    rx_bytes: int = 0
    tx_bytes: int = 0
    rx_packets: int = 0
    tx_packets: int = 0
    rx_errors: int = 0
    tx_errors: int = 0
    rx_dropped: int = 0
    tx_dropped: int = 0


@value
class Link:
    """A device. `kind` is ip(8)'s type ("" for lo and real hardware). `up` is what was asked for, `state` what came of it: up,
    down, lowerlayerdown, dormant, unknown … `peer` is the other end of a veth or netkit; `lower` what a vlan, macvlan, ipvlan
    or vxlan stands on. `lost` says of which of both ("peer", "lower") the namespace is not on the map, and why.

    `master` is the bridge, bond or vrf of the same namespace. `options` are the kind's own settings, `port` those of a bridge's
    port, both as sorted pairs by the kernel's names, with the words that ip(8) has for modes and the like.
    """

    index: int
    name: str
    kind: str = ""
    up: bool = False
    state: str = "unknown"
    flags: "tuple[str, ...]" = ()
    mac: str = ""
    mtu: int = 0
    master: str = ""
    peer: "End | None" = None
    lower: "End | None" = None
    lost: str = ""
    altnames: "tuple[str, ...]" = ()
    alias: str = ""
    group: int = 0
    qdisc: str = ""
    counters: "Counters | None" = None
    options: "Pairs" = ()
    port: "Pairs" = ()


@value
class Chain:
    """A base chain of nftables: its `table` ("ip filter"), where it hooks in, its policy, how many rules it has."""

    table: str
    name: str
    hook: str
    type: str = "filter"
    priority: str = ""
    policy: str = "accept"
    rules: int = 0


@value
class NatRule:
    """A rule that changes addresses: `action` is masquerade, snat, dnat or redirect; `text` the whole rule in nft's words."""

    table: str
    chain: str
    action: str
    text: str


@value
class Published:
    """A port that is handed on: `protocol` at `address` ("" for all) and ports `port` to `last`, to `to_address` and `to_port`
    ("" and 0: the port stays). `by` says which table, chain or map does it, or which process (docker-proxy, rootlessport)."""

    protocol: str
    address: str
    port: int
    last: int
    to_address: str = ""
    to_port: int = 0
    by: str = ""


@value
class Listener:
    """A socket that waits for connections (tcp) or datagrams (udp): where, and whose it is (0 and "" when not known)."""

    protocol: str
    address: str
    port: int
    pid: int = 0
    comm: str = ""
    device: str = ""


@value
class Space:
    """A network namespace. `name` is how it is called on this map (unique there), `owners` whose it is, best known first.

    `state`: ok; unseen (known, but it could not be entered: `why`); gone (it ended while the map was made). `cookie` is the
    kernel's number for it (NS_GET_ID, 0 before 6.18), `user_space` the inode of the user namespace that owns it. `holders` may
    be cut: `held` counts them all by kind. `forwarding`: it hands IPv4 packets on.
    """

    id: str
    name: str = ""
    inode: int = 0
    device: int = 0
    cookie: int = 0
    user_space: int = 0
    state: str = "ok"
    why: str = ""
    owners: "tuple[Owner, ...]" = ()
    names: "tuple[str, ...]" = ()
    held: "tuple[tuple[str, int], ...]" = ()
    holders: "tuple[Holder, ...]" = ()
    links: "tuple[Link, ...]" = ()
    addresses: "tuple[Address, ...]" = ()
    routes: "tuple[Route, ...]" = ()
    rules: "tuple[Rule, ...]" = ()
    neighbours: "tuple[Neighbour, ...]" = ()
    tables: "tuple[str, ...]" = ()
    chains: "tuple[Chain, ...]" = ()
    nat: "tuple[NatRule, ...]" = ()
    published: "tuple[Published, ...]" = ()
    listeners: "tuple[Listener, ...]" = ()
    forwarding: bool = False


@value
class Cable:
    """Two ends of one veth or netkit pair, in order; `up` when both have carrier."""

    one: "End"
    other: "End"
    kind: str = "veth"
    up: bool = False


@value
class Problem:
    """What is wrong or could not be seen: `kind` in a word (stale-name, hidden, unreadable, no-list …), `what`, `where`, the
    `why`, and the `fix` where there is a command for it."""

    kind: str
    what: str
    where: str = ""
    why: str = ""
    fix: str = ""


@value
class HostMap:
    """A snapshot: when (seconds since 1970), in which boot, of which host; `here` is the id of the caller's own namespace.
    `detail` says what was asked for beyond devices and addresses: routes, nft, sockets …

    `chosen`: of which part of the host it is, as pairs (filter, word): namespace, kind, lab, container, path; () is all of it.
    `lab_file`: of a snapshot, the same as a lab file, which `nw up` reads in here.
    """

    taken: float = 0.0
    boot: str = ""
    host: str = ""
    here: str = ""
    detail: "tuple[str, ...]" = ()
    namespaces: "tuple[Space, ...]" = ()
    cables: "tuple[Cable, ...]" = ()
    problems: "tuple[Problem, ...]" = ()
    chosen: "tuple[tuple[str, str], ...]" = ()
    lab_file: str = ""

    def space(self, id: str) -> "Space | None":
        """The namespace of this id."""
        return next((space for space in self.namespaces if space.id == id), None)


def link_of(space: Space, name: str) -> "Link | None":
    """The device of this name."""
    return next((link for link in space.links if link.name == name), None)
