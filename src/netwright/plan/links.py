"""Devices: whether one is the same as another, how one is made, and how one becomes another."""

from ..model.state import Device
from ..model.value import replace, value
from . import ops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from ..model.state import End, Pairs, State
    from .ops import Op

_UP = 1
# What a port is told to do by being plugged in: net/bridge/br_if.c new_nbp()
NEW_PORT = (
    ("bcast_flood", 1), ("fast_leave", 0), ("guard", 0), ("isolated", 0), ("learning", 1), ("locked", 0), ("mcast_flood", 1), ("mode", 0),
    ("neigh_suppress", 0), ("protect", 0), ("proxyarp", 0), ("unicast_flood", 1),
)  # fmt: skip
_MASTERS = ("bridge", "bond", "vrf")
# Attributes that only the making of a device decides; anything else of a kind can be changed. (Kernel: *_changelink)
_FOR_GOOD = {
    "vxlan": ("id", "group", "group6", "local", "local6", "port", "port_range", "collect_metadata", "gbp", "gpe", "link", "learning", "ttl"),
    "macvlan": (), "ipvlan": (), "vlan": ("id", "protocol"), "bridge": (), "bond": ("mode",), "vrf": ("table",), "dummy": (),
    "veth": (), "netkit": ("policy", "peer_policy", "mode", "primary"),
}  # fmt: skip


def same(have: Device, want: Device) -> bool:
    """Whether `have` can become `want` by settings alone: of one kind, on the same cable or the same device below."""
    if have.kind != want.kind or have.peer != want.peer or have.lower != want.lower:
        return False
    if have.options == want.options:
        return True
    now = dict(have.options)
    fixed = _FOR_GOOD.get(want.kind)
    return all(now.get(name) == given for name, given in want.options if fixed is None or name in fixed)


# -- making --------------------------------------------------------------------------------------------------------------------


def create(missing: "list[End]", want: "State") -> "tuple[list[Op], dict[End, Device]]":
    """The operations that make devices, in order; and each device as it is just after."""
    if not missing:
        return [], {}
    todo: list[Op] = []
    made: dict[End, Device] = {}
    wanted = {end: want.namespaces[end[0]].devices[end[1]] for end in missing}
    for end in sorted(missing, key=lambda end: _rank(wanted, end)):
        device = wanted[end]
        if end in made:
            continue
        if device.peer is None:
            todo.append(_single(end, device))
            elsewhere = device.lower and device.lower[0] != end[0]
            # Not more than the device below has, and that one may still be waiting for more: set afterwards.
            mtu = 0 if device.lower else device.mtu
            master = "" if elsewhere else device.master
            made[end] = replace(device, port=NEW_PORT if master else (), vlans=(), alias="", master=master, mtu=mtu)
        else:
            todo += _cable(end, device, wanted.get(device.peer) or want.namespaces[device.peer[0]].devices[device.peer[1]], made)
    return todo, made


def _rank(wanted: "dict[End, Device]", end: "End") -> tuple[int, int]:
    """Masters, then what stands by itself (a cable's port first, so that one message plugs it in), then what stands on others."""
    device = wanted[end]
    if device.kind in _MASTERS and not device.lower:
        return 0, 0
    depth = 0
    while device.lower and depth < 8:
        depth += 1
        below = wanted.get(device.lower)
        if below is None:
            break
        device = below
    return 1 + depth, 0 if device.master else 1


def _single(end: "End", device: Device) -> ops.AddLink:
    settings = _settings(end[1], device)
    namespace = end[0]
    if device.lower:
        settings.pop("mtu", None)
        # Asked for where the lower device is; the kernel makes it in the namespace that is named.
        namespace = device.lower[0]
        settings["link"] = device.lower[1]
        if namespace != end[0]:
            settings["net_ns_fd"] = end[0]
    if device.master and namespace == end[0]:
        settings["master"] = device.master
    info: dict[str, Any] = {"kind": device.kind}
    if device.options:
        info["data"] = unfrozen(device.options)
    settings["linkinfo"] = info
    return ops.AddLink({"index": 0, "flags": _UP, "change": _UP} if device.up else {"index": 0}, settings, "add", namespace)


def _cable(end: "End", device: Device, far: Device, made: "dict[End, Device]") -> "Iterator[Op]":
    """Both ends by one message. The far end stays down and is nobody's port: the kernel makes it before its mate."""
    assert device.peer is not None
    peer: dict[str, Any] = {"index": 0, **_settings(device.peer[1], far)}
    if device.peer[0] != end[0]:
        peer["net_ns_fd"] = device.peer[0]
    settings = _settings(end[1], device)
    if device.master:
        settings["master"] = device.master
    settings["linkinfo"] = {"kind": device.kind, "data": {**unfrozen(device.options), "peer": peer}}
    header = {"index": 0, "flags": _UP, "change": _UP} if device.up else {"index": 0}
    made[end] = replace(device, port=NEW_PORT if device.master else (), vlans=(), alias="")
    made[device.peer] = replace(far, up=False, master="", port=(), vlans=(), alias="")
    yield ops.AddLink(header, settings, "add", end[0])


def _settings(name: str, device: Device) -> "dict[str, Any]":
    settings: dict[str, Any] = {"ifname": name}
    if device.mtu:
        settings["mtu"] = device.mtu
    if device.address:
        settings["address"] = device.address
    if device.group:
        settings["group"] = device.group
    if device.txqueuelen:
        settings["txqlen"] = device.txqueuelen
    return settings


def unfrozen(pairs: "Pairs") -> "dict[str, Any]":
    """Options as the message has them: records are dicts again."""
    return {name: _thawed(item) for name, item in pairs}


def _thawed(item: "Any") -> "Any":
    if isinstance(item, tuple) and item and all(isinstance(p, tuple) and len(p) == 2 and isinstance(p[0], str) for p in item):
        return {name: _thawed(inner) for name, inner in item}
    return [_thawed(inner) for inner in item] if isinstance(item, tuple) else item


# -- changing ------------------------------------------------------------------------------------------------------------------


def change(namespace: str, name: str, have: Device, want: Device) -> "Iterator[Op]":
    """What makes the device `have` the device `want`; they are `same`."""
    if want.kind == "bridge" and ("stp_state", 0) in want.options and ("stp_state", 0) not in have.options:
        # First: with STP on, a bridge takes no forward delay below 2 s, and the kernel sets the delay before the state.
        yield ops.SetLink({"index": name}, {"linkinfo": {"kind": "bridge", "data": {"stp_state": 0}}}, namespace)
        have = replace(have, options=tuple(sorted({**dict(have.options), "stp_state": 0}.items())))
    settings = _changed(have, want)
    header: dict[str, Any] = {"index": name}
    if have.up != want.up:
        header |= {"flags": _UP if want.up else 0, "change": _UP}
    if settings or len(header) > 1:
        yield ops.SetLink(header, settings, namespace)
    replugged = have.master != want.master
    port = _news(NEW_PORT if replugged else have.port, want.port)
    if port and want.master:
        info = {"kind": "bridge_slave", "slave_kind": "bridge", "slave_data": port}
        yield ops.SetLink({"index": name}, {"linkinfo": info}, namespace)


def _changed(have: Device, want: Device) -> "dict[str, Any]":
    settings: dict[str, Any] = {}
    for field, attribute in (("mtu", "mtu"), ("address", "address"), ("group", "group"), ("txqueuelen", "txqlen")):
        given = getattr(want, field)
        if given and given != getattr(have, field):
            settings[attribute] = given
    if have.alias != want.alias:
        settings["ifalias"] = want.alias
    if have.master != want.master:
        settings["master"] = want.master or 0
    data = _news(have.options, want.options)
    if data:
        settings["linkinfo"] = {"kind": want.kind, "data": data}
    return settings


def _news(have: "Pairs", want: "Pairs") -> "dict[str, Any]":
    if have == want:
        return {}
    now = dict(have)
    return unfrozen(tuple((name, given) for name, given in want if name not in now or now[name] != given))


def vlans(namespace: str, name: str, have: Device, want: Device) -> "Iterator[Op]":
    """VLANs of a port (of the bridge itself: `self`). A port that is plugged in gets VLAN 1 from the kernel."""
    own = want.kind == "bridge"
    before = dict(have.vlans) if have.master == want.master else {}
    after = dict(want.vlans)
    if before == after or not (after or before):
        return
    for vid in sorted(before.keys() - after.keys()):
        yield ops.DeleteVlan(name, vid, own, namespace)
    for vid, flags in sorted(after.items()):
        if before.get(vid) != flags:
            yield ops.AddVlan(name, vid, flags, own, namespace)


@value
class Affected:
    """Devices that go `down`, that are `moved` to another master or to none, that are `readdressed` (another MAC)."""

    down: "frozenset[str]"
    moved: "frozenset[str]"
    readdressed: "frozenset[str]"


def affected(have: "Mapping[str, Device]", want: "Mapping[str, Device]") -> Affected:
    """What happens to the devices that stay, as far as it takes something away from them."""
    pairs = [(name, device, want[name]) for name, device in have.items() if name in want and want[name] is not device]
    return Affected(
        frozenset(name for name, device, other in pairs if device.up and not other.up),
        frozenset(name for name, device, other in pairs if device.master != other.master),
        frozenset(name for name, device, other in pairs if other.address and device.address != other.address),
    )
