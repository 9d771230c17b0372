"""An attachment as a piece of State: what should be there on the host ("") and in the container ("box"). Pure."""

from ..model.address import Address
from ..model.route import BOOT, LOCAL, Route
from ..model.state import Device, Namespace, State
from ..model.value import replace, value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..model.state import End
    from ..plan.ops import Op
    from .values import Attachment, Leg

HOST, BOX = "", "box"
FORWARDING = {4: "net.ipv4.ip_forward", 6: "net.ipv6.conf.all.forwarding"}


@value
class Bridge:
    """The bridge of a network: its name, the addresses that are gateways ("10.1.0.1/24"), `mtu` 0 and `address` "" for the kernel's
    choice. `options` are the kernel's, by name."""

    name: str
    gateways: "tuple[str, ...]" = ()
    mtu: int = 0
    address: str = ""
    options: "tuple[tuple[str, object], ...]" = ()


@value
class Wiring:
    """`want` says of the devices in `only` what they should be; `shared` are used by others too and keep what they have, but for the
    addresses in `dropped`. `also` are operations that a State has no words for, done in the end; they can be done again. `quiet`
    devices get no link-local address when they are made; neighbours are told the addresses of `told` ones in the container."""

    want: State
    only: "Mapping[str, tuple[str, ...]]"
    shared: "tuple[End, ...]" = ()
    dropped: "frozenset[Address]" = frozenset()
    also: "tuple[Op, ...]" = ()
    quiet: "tuple[End, ...]" = ()
    told: "tuple[str, ...]" = ()


def on_bridge(a: "Attachment", bridge: Bridge) -> Wiring:
    """A cable from the container to a port of the bridge."""
    # In the kernel's words; mode is `hairpin on`. Said also where it is off: it is switched while the port is there.
    port = (("isolated", int(a.isolated)), ("mode", int(a.hairpin)))
    host = {
        bridge.name: bridge_device(bridge),
        a.port: Device("veth", peer=(BOX, a.interface), master=bridge.name, up=True, mtu=a.mtu, port=port),
    }
    box = {"lo": Device(up=True), a.interface: Device("veth", peer=(HOST, a.port), up=True, mtu=a.mtu, address=a.mac)}
    here = Namespace(
        host,
        frozenset(gateway(g, bridge.name) for g in bridge.gateways),
        frozenset(localhost_routes(bridge)),
        sysctls=host_settings(bridge.name, {6 if ":" in g else 4 for g in bridge.gateways}),
    )
    there = Namespace(box, frozenset(address(leg, a.interface) for leg in a.legs), frozenset(a.routes), sysctls=box_settings(a))
    only = {HOST: (bridge.name, a.port), BOX: ("lo", a.interface)}
    told = (a.interface,) if a.legs else ()
    return Wiring(State({HOST: here, BOX: there}), only, ((HOST, bridge.name), (BOX, "lo")), quiet=((HOST, a.port),), told=told)


def without_link_local(wiring: Wiring) -> Wiring:
    """No IPv6 link-local address for the container's device where it has no IPv6 address of its own, as with Docker."""
    if any(one.family == 6 for one in wiring.want.namespaces[BOX].addresses):
        return wiring
    return replace(wiring, quiet=(*wiring.quiet, *((BOX, name) for name in wiring.told)))


def bridge_alone(bridge: Bridge) -> Wiring:
    """A bridge that waits for its first container."""
    families = {6 if ":" in g else 4 for g in bridge.gateways}
    here = Namespace(
        {bridge.name: bridge_device(bridge)},
        frozenset(gateway(g, bridge.name) for g in bridge.gateways),
        frozenset(localhost_routes(bridge)),
        sysctls=host_settings(bridge.name, families),
    )
    return Wiring(State({HOST: here}), {HOST: (bridge.name,)}, ((HOST, bridge.name),))


def bridge_device(bridge: Bridge) -> Device:
    """The bridge itself."""
    return Device("bridge", up=True, mtu=bridge.mtu, address=bridge.address, options=tuple(bridge.options))


def on_parent(a: "Attachment", parent: str, mode: str, shim: str = "") -> Wiring:
    """A macvlan on a device of the host, made in the container. With `shim`, the host's own leg on that LAN, the host has a way to
    the container: a macvlan and the device that it stands on do not hear each other."""
    from ..model.kinds.macvlan import MODES

    options = (("mode", MODES[mode]),)
    box = {"lo": Device(up=True), a.interface: Device("macvlan", lower=(HOST, parent), up=True, mtu=a.mtu, address=a.mac, options=options)}
    there = Namespace(box, frozenset(address(leg, a.interface) for leg in a.legs), frozenset(a.routes), sysctls=box_settings(a))
    ways = frozenset(route(whole(leg), "", shim, leg.family, scope="link" if leg.family == 4 else "global") for leg in a.legs if shim)
    here = Namespace({shim: Device("macvlan", lower=(HOST, parent), up=True, options=options)} if shim else {}, frozenset(), ways)
    only = {HOST: (shim,) if shim else (), BOX: ("lo", a.interface)}
    told = (a.interface,) if a.legs else ()
    return Wiring(State({HOST: here, BOX: there}), only, ((BOX, "lo"), *(((HOST, shim),) if shim else ())), told=told)


def shim_alone(name: str, parent: str, mode: str, legs: "Iterable[Leg]", mac: str = "") -> Wiring:
    """The host's own leg on the LAN of a macvlan network; its address leads nowhere but to the containers."""
    from ..model.kinds.macvlan import MODES

    device = Device("macvlan", lower=(HOST, parent), up=True, address=mac, options=(("mode", MODES[mode]),))
    here = Namespace({name: device}, frozenset(address_of(whole(leg), name) for leg in legs))
    return Wiring(State({HOST: here}), {HOST: (name,)}, ((HOST, name),))


def whole(leg: "Leg") -> str:
    """Its address as a network of one."""
    return f"{leg.host}/{128 if leg.family == 6 else 32}"


def gateway(text: str, device: str) -> Address:
    """The host's address on a bridge."""
    return address_of(text, device)


def address(leg: "Leg", device: str) -> Address:
    """The container's."""
    return address_of(leg.address, device)


def address_of(text: str, device: str) -> Address:
    """No duplicate address detection: the address was handed out by us, and the container must not wait for it."""
    return Address(text, device, 6, flags=("nodad",)) if ":" in text else Address(text, device, 4)


def defaults(a_legs: "Iterable[Leg]", device: str) -> "list[Route]":
    """A default route through each gateway, one for each family."""
    out: dict[int, Route] = {}
    for leg in a_legs:
        if leg.gateway:
            out.setdefault(leg.family, route("default", leg.gateway, device, leg.family))
    return list(out.values())


def route(to: str, via: str, device: str, family: int = 4, **more: object) -> Route:
    """A route as `ip route add` makes it."""
    return Route(to, family, via, device, protocol=BOOT, **more)  # type: ignore[arg-type]


def localhost_routes(bridge: Bridge) -> "list[Route]":
    """`ip -6 route add local ::1 dev BRIDGE table local`: what answers to ::1 comes back through the bridge, and the kernel looks
    for the way to ::1 on the device it came by only (rt6_need_strict). IPv4 has route_localnet for that."""
    if not any(":" in g for g in bridge.gateways):
        return []
    # One of each metric: the kernel tells routes to one place apart by that, not by their devices.
    from zlib import crc32

    metric = 4096 + crc32(bridge.name.encode("utf-8", "surrogateescape")) % 1_000_000
    return [Route("::1/128", 6, "", bridge.name, "local", LOCAL, BOOT, metric=metric)]


def host_settings(device: str, families: "set[int]") -> "dict[str, str]":
    """Forwarding; and on the device no addresses by router advertisement, but answers to 127.0.0.0/8 (see firewall: spoofed)."""
    out = {FORWARDING[family]: "1" for family in sorted(families)}
    if 4 in families:
        out[f"net.ipv4.conf.{key(device)}.route_localnet"] = "1"
    if 6 in families:
        out[f"net.ipv6.conf.{key(device)}.accept_ra"] = "0"
    return out


def key(device: str) -> str:
    """A device's name within the key of a sysctl: a dot there is written as a slash."""
    return device.replace(".", "/")


def box_settings(a: "Attachment") -> "dict[str, str]":
    """Neighbours are told where the address is (see speaking; what IPv4 needs for that can be said by message)."""
    return {f"net.ipv6.conf.{key(a.interface)}.ndisc_notify": "1"} if any(leg.family == 6 for leg in a.legs) else {}
