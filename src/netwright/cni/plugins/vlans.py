"""VLANs of the plugin bridge: `vlan`, `vlanTrunk`, `preserveDefaultVlan`.

    {"vlan": 100}                                     what the container sends is in VLAN 100, and it sees that VLAN alone
    {"vlanTrunk": [{"minID": 10, "maxID": 19}, …]}    it sends and gets tagged frames of these VLANs, with {"id": 7} of a single one
    {"preserveDefaultVlan": false}                    without the bridge's own VLAN (1), which a port else keeps

A bridge that is made for it filters; one that is there and does not is refused, for tags would say nothing there. With `isGateway` and
`vlan` the gateway is not the bridge but BRIDGE.VLAN; it goes with the last container that needs it. Upstream's is a cable from the host to
a port of that VLAN, and one that is there is taken as it is. Ours is a vlan on the bridge: what crosses a cable passes the host's rules
twice where br_netfilter is on, the first time as going to the bridge, and masquerading is decided there.
"""

from ...model.state import Device, Namespace
from ...model.value import replace, value
from ...networks import attaching, records
from ...networks.locks import locked
from ...networks.wiring import HOST, Bridge, Wiring, gateway, host_settings, localhost_routes
from ...plan import ops
from ..protocol.errors import CONFLICT, INVALID_CONFIG, NOT_AVAILABLE, UNSUPPORTED_FIELD, CniError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ...model.state import State
    from ..protocol.config import Config
    from ..protocol.section import Section

    Flags = tuple[tuple[int, str], ...]

KEYS = ("vlan", "vlanTrunk")
FILTERING = "vlan_filtering"
_MOST = 4094
_DEFAULT = 1  # vlan_default_pvid of a bridge that is just made
_ACCESS, _TAGGED = "pvid untagged", ""


@value
class Vlans:
    """`access`: the VLAN of what comes untagged (0: none), `trunk` those of tagged frames, `keep`: the bridge's default VLAN too."""

    access: int = 0
    trunk: "tuple[int, ...]" = ()
    keep: bool = True
    filtering: bool = False


@value
class Ground:
    """What is there before: the bridge's default VLAN (0: none), the VLANs of the container's port (None: there is no such port yet),
    and the device that somebody else has given the gateway's name."""

    default: int = _DEFAULT
    port: "Flags | None" = None
    gateway: "Device | None" = None


NEW = Ground()


# -- the configuration -------------------------------------------------------------------------------------------------------------


def asked(config: "Config") -> Vlans:
    """What is asked for; mistakes go to the configuration's list."""
    access, keep = config.number("vlan", most=_MOST), config.flag("preserveDefaultVlan", True)
    trunk = tuple(sorted({vid for one in config.sections("vlanTrunk") for vid in _range(one)}))
    if access and trunk:
        config.wrong("vlanTrunk", "it cannot be together with vlan: a port takes either untagged frames or those of a trunk")
    return Vlans(access, trunk, keep, bool(access) or "vlanTrunk" in config)


def _range(one: "Section") -> "Iterator[int]":
    least, most, single = (one.number(name, least=1, most=_MOST) for name in ("minID", "maxID", "id"))
    for name, other in (("minID", "maxID"), ("maxID", "minID")):
        if name not in one and other in one:
            one.wrong(name, f"it is missing: {other} is the other end of a range")
    if not any(name in one for name in ("minID", "maxID", "id")):
        one.wrong("id", 'it is missing: say one VLAN with "id", or a range with "minID" and "maxID"')
    if least > most > 0:
        one.wrong("maxID", f"{most} is less than minID, {least}")
    if least and most:
        yield from range(least, most + 1)
    if single:
        yield single


def check_names(config: "Config", bridge: str, gateway: str) -> None:
    """The gateway's device has to have a name that the kernel takes."""
    if gateway != bridge and len(gateway.encode("utf-8", "surrogateescape")) > 15:
        config.wrong("bridge", f'the gateway of the VLAN would be "{gateway}", which is longer than 15 characters: take a shorter name')


def gateway_name(bridge: str, vlans: Vlans) -> str:
    """The host's device that leads to the containers: the bridge, or BRIDGE.VLAN."""
    return f"{bridge}.{vlans.access}" if vlans.access else bridge


# -- whether it can be -------------------------------------------------------------------------------------------------------------


def refuse_without_kernel(config: "Config", *, status: bool = False) -> None:
    """CniError 2 where this kernel's bridges know no VLANs; for STATUS 50."""
    from ...kernel import probe

    answer = probe.ask(FILTERING)
    if answer.has != probe.NO:
        return
    if status:
        raise CniError(NOT_AVAILABLE, "bridges cannot filter by VLAN", answer.why)
    key = next(name for name in KEYS if config.plain(name) is not None and name in config)
    fix = "take the key away, or start a kernel that has it"
    raise CniError(UNSUPPORTED_FIELD, f"{key}: {config.plain(key)}", f"{answer.why}; {fix}")


def ground(bridge: str, port: str, vlans: Vlans) -> Ground:
    """What is there of it. CniError 102 where the bridge does not filter."""
    there = attaching.seen(bridge).namespaces[HOST].devices.get(bridge)
    if there is None:
        return NEW
    options = dict(there.options)
    if there.kind == "bridge" and not options.get(FILTERING):
        fix = f"take another bridge, or: ip link set {bridge} type bridge vlan_filtering 1"
        raise CniError(CONFLICT, f"{bridge} does not filter by VLAN", f"who made it did not want it; {fix}")
    default = int(options.get("vlan_default_pvid", _DEFAULT))
    return Ground(default, on_host().get(port), _theirs(bridge, vlans) if vlans.access else None)


def _theirs(bridge: str, vlans: Vlans) -> "Device | None":
    """Who has the gateway's name already and is not of our making. CniError 102 where it does not lead into the bridge."""
    name = gateway_name(bridge, vlans)
    holder = attaching.seen(name).namespaces[HOST].devices.get(name)
    if holder is None or any(name in one.data.get(attaching.COMMON, ()) for one in records.of_device(bridge)):
        return None
    if holder.kind != "veth" and (holder.kind, holder.lower) != ("vlan", (HOST, bridge)):
        raise CniError(CONFLICT, f'there is a device "{name}" on the host already', f"it is no VLAN of {bridge}: look at it with: ip -d link show {name}")
    return holder


def on_host() -> "dict[str, Flags]":
    """The VLANs of every port on the host."""
    from ...kernel import bridge_vlan

    with attaching.on_host() as place:
        return bridge_vlan.read(place.session(HOST).netlink)


# -- what should be there ----------------------------------------------------------------------------------------------------------


def of_port(vlans: Vlans, default: int = _DEFAULT) -> "Flags":
    """The VLANs that a port should have: (number, flags)."""
    out = {default: _ACCESS} if default and (vlans.keep or not (vlans.access or vlans.trunk)) else {}
    if vlans.access:
        out = {**dict.fromkeys(out, "untagged"), vlans.access: _ACCESS}
    return tuple(sorted({**out, **dict.fromkeys(vlans.trunk, _TAGGED)}.items()))


def with_vlans(wiring: Wiring, port: str, vlans: Vlans, there: Ground) -> Wiring:
    """The same, with the VLANs of the container's port."""
    host = wiring.want.namespaces[HOST]
    wanted = of_port(vlans, there.default)
    devices = {**host.devices, port: replace(host.devices[port], vlans=wanted)}
    have = dict(there.port) if there.port is not None else {there.default: _ACCESS} if there.default else {}
    # The kernel gives a new port the default VLAN.
    also = tuple(ops.DeleteVlan(port, vid, False, HOST) for vid in sorted(have.keys() - dict(wanted).keys()))
    return replace(_with_host(wiring, replace(host, devices=devices)), also=(*wiring.also, *also))


def with_gateway(wiring: Wiring, bridge: Bridge, vlans: Vlans, there: Ground) -> Wiring:
    """The same, with the host's device in the VLAN. `bridge` has the addresses that it gets."""
    name = gateway_name(bridge.name, vlans)
    leg = replace(bridge, name=name)
    host = wiring.want.namespaces[HOST]
    here = replace(
        host,
        devices=_with_leg(host.devices, leg, bridge.name, vlans, there),
        addresses=host.addresses | {gateway(g, name) for g in leg.gateways},
        routes=host.routes | frozenset(localhost_routes(leg)),
        sysctls={**host.sysctls, **host_settings(name, {6 if ":" in g else 4 for g in leg.gateways})},
    )
    only = {**wiring.only, HOST: (*wiring.only[HOST], name)}
    return replace(_with_host(wiring, here), only=only, shared=(*wiring.shared, (HOST, name)))


def _with_leg(devices: "Mapping[str, Device]", leg: Bridge, bridge: str, vlans: Vlans, there: Ground) -> "dict[str, Device]":
    if there.gateway is not None:
        return {**devices, leg.name: replace(there.gateway, up=True)}
    if vlans.access == there.default:
        what = f"vlan: {vlans.access} is the VLAN that {bridge} itself is in"
        raise CniError(INVALID_CONFIG, what, "leave vlan out, and the bridge is the gateway; or take another number")
    # With the bridge's hardware address: br_netfilter has what comes for another one down as not the host's, and never translates it.
    mine = Device("vlan", lower=(HOST, bridge), up=True, mtu=leg.mtu, options=(("id", vlans.access),))
    # The bridge lets the VLAN up to its own device, tagged.
    return {**devices, bridge: replace(devices[bridge], vlans=((vlans.access, _TAGGED),)), leg.name: mine}


def close(bridge: str, vid: int) -> None:
    """The VLAN ends at the bridge itself, where nobody's device stands on it any more."""
    from ...engine.enact import enact

    if not vid:
        return
    with locked(bridge), attaching.on_host() as place:
        session = place.session(HOST)
        if session.link(bridge) is None or session.link(f"{bridge}.{vid}") is not None:
            return
        if vid in dict(on_host().get(bridge, ())):
            enact([ops.DeleteVlan(bridge, vid, True, HOST)], place)


def _with_host(wiring: Wiring, host: Namespace) -> Wiring:
    return replace(wiring, want=replace(wiring.want, namespaces={**wiring.want.namespaces, HOST: host}))


# -- CHECK -------------------------------------------------------------------------------------------------------------------------


def unsaid(wiring: Wiring) -> Wiring:
    """The same without a word of VLANs: a look at a few devices does not read them."""
    host = wiring.want.namespaces[HOST]
    return _with_host(wiring, replace(host, devices={name: replace(device, vlans=()) for name, device in host.devices.items()}))


def lost(want: "State", have: "dict[str, Flags]") -> str:
    """What is not as it was made, in words; "" where everything is."""
    for name, device in want.namespaces[HOST].devices.items():
        mine = set(device.vlans)
        # A bridge has others' too.
        if mine and (mine - set(have.get(name, ())) if device.kind == "bridge" else device.vlans != have.get(name, ())):
            return f"{name} has the VLANs {_words(have.get(name, ()))}, not {_words(device.vlans)}"
    return ""


def _words(flags: "Flags") -> str:
    return ", ".join(f"{vid} {words}".strip() for vid, words in flags) or "none"
