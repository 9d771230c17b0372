"""What a set of network namespaces looks like: one type for what is (observed) and for what should be (wanted).

Identity is (namespace, name): indices, handles and nsids are looked up by the engine and never stand here. A State holds only
what somebody asked for or would have to ask for again: what the kernel makes by itself (connected routes, link-local
addresses, 127.0.0.1, learned neighbours, the three usual rules) is left out by whoever observes, so that a namespace that was
just made is `Namespace()`.

A field of a wanted Device that is None, 0 or "" is "as the kernel has it": the planner leaves it alone.
"""

from .value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .address import Address
    from .filter import Filter
    from .neighbour import Neighbour
    from .nft import Table
    from .qdisc import Qdisc
    from .route import Route
    from .rule import Rule

    End = tuple[str, str]  # (namespace, device)
    Pairs = tuple[tuple[str, Any], ...]


@value
class Device:
    """A network device as seen from inside its namespace: `ip link`.

    `kind` is ip(8)'s type ("" for lo and for real hardware). `peer` is the other end of a veth or netkit, `lower` the device
    that a macvlan, vlan, ipvlan or vxlan is made on; both as (namespace, device). `master` is the bridge, bond or vrf of the
    same namespace that it is a port of. `mtu` in bytes, `address` the hardware address. `options` are the kind's own
    attributes by the kernel's names (see model/kinds/), `port` those of a port of a bridge, both as sorted pairs. `vlans`
    are (vid, flags) with flags out of "", "pvid", "untagged", "pvid untagged": `bridge vlan`.
    """

    kind: str = ""
    peer: "End | None" = None
    lower: "End | None" = None
    master: str = ""
    up: bool = False
    mtu: int = 0
    address: str = ""
    alias: str = ""
    group: int = 0
    txqueuelen: int = 0
    options: "Pairs" = ()
    port: "Pairs" = ()
    vlans: "tuple[tuple[int, str], ...]" = ()


LOOPBACK = Device()


@value
class Namespace:
    """One network namespace. `sysctls` are keys below net. ("net.ipv4.ip_forward"); `tables` nftables by (family, name).

    `neighbours` holds permanent neighbours, proxies and (family 7) static forwarding entries of bridges and vxlans. `view`
    names the set of files (State.files) that programs in it see.
    """

    devices: "Mapping[str, Device]" = {"lo": LOOPBACK}
    addresses: "frozenset[Address]" = frozenset()
    routes: "frozenset[Route]" = frozenset()
    rules: "frozenset[Rule]" = frozenset()
    neighbours: "frozenset[Neighbour]" = frozenset()
    sysctls: "Mapping[str, str]" = {}
    qdiscs: "frozenset[Qdisc]" = frozenset()
    tables: "Mapping[tuple[str, str], Table]" = {}
    view: str = ""
    filters: "frozenset[Filter]" = frozenset()


@value
class State:
    """Namespaces by name, and files by view and path (`{"": {"/etc/hosts": "127.0.0.1 localhost\\n"}}`)."""

    namespaces: "Mapping[str, Namespace]" = {}
    files: "Mapping[str, Mapping[str, str]]" = {}


NOTHING = State()


def named(state: State, name: "Any") -> State:
    """The same with every namespace called name(its name): peers and lower devices follow."""

    def end(there: "End | None") -> "End | None":
        return (name(there[0]), there[1]) if there else None

    from .value import replace

    namespaces = {}
    for own, namespace in state.namespaces.items():
        devices = {key: replace(d, peer=end(d.peer), lower=end(d.lower)) for key, d in namespace.devices.items()}
        namespaces[name(own)] = replace(namespace, devices=devices)
    return State(namespaces, state.files)


def projected(seen: State, like: State) -> State:
    """What was seen, saying no more about each device than `like` says: other settings are "as the kernel has them".

    This is what one goes back to: the attributes that nobody asked for are the kernel's own choice, then as now.
    """
    from .value import replace

    namespaces = {}
    for name, namespace in seen.namespaces.items():
        known = like.namespaces[name].devices if name in like.namespaces else {}
        devices = {key: _said(device, known[key]) if key in known else device for key, device in namespace.devices.items()}
        namespaces[name] = replace(namespace, devices=devices)
    return State(namespaces, seen.files)


def _said(device: Device, like: Device) -> Device:
    from .value import replace

    options, port = {name for name, _ in like.options}, {name for name, _ in like.port}
    return replace(
        device,
        mtu=device.mtu if like.mtu else 0,
        address=device.address if like.address else "",
        group=device.group if like.group else 0,
        txqueuelen=device.txqueuelen if like.txqueuelen else 0,
        options=tuple(pair for pair in device.options if pair[0] in options),
        port=tuple(pair for pair in device.port if pair[0] in port),
    )
