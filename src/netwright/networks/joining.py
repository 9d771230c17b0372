"""What a container wants of a network: checked, and settled as an attachment. Nothing is asked of the kernel but what is free."""

from ..errors import Conflict
from ..model.addressing import number_of
from ..model.value import value
from . import attaching, firewall, leases, names, overlaps, publish, standing, wiring
from .mistakes import Mistake, shown, told
from .network import Network
from .publish import LOOKED_AT, Publish
from .values import Attachment, Port

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from ..model.route import Route
    from .store import Attached, Store
    from .values import Leg

    Held = tuple[Port, str]

_MANY = 256


@value
class Joining:
    """What a container wants of a network. `addresses` and `mac`: certain ones; `interface` "" is the next free ethN; `default`:
    its default route goes here, unless it has one."""

    container: str
    network: str
    interface: str = ""
    addresses: "tuple[str, ...]" = ()
    mac: str = ""
    aliases: "tuple[str, ...]" = ()
    hostname: str = ""
    servers: "tuple[str, ...]" = ()
    publish: "tuple[Publish, ...]" = ()
    ingress: int = 0
    egress: int = 0
    default: bool = True


# -- what is wrong with it -----------------------------------------------------------------------------------------------------


def mistakes(joining: Joining, network: Network) -> "Iterator[Mistake]":
    """All that can be seen without looking at the others."""
    if why := names.why_not_container(joining.container):
        yield Mistake(("container",), why)
    if joining.interface and (why := names.why_not_interface(joining.interface)):
        yield Mistake(("interface",), why)
    if joining.mac and (why := why_not_hardware(joining.mac)):
        yield Mistake(("mac",), why, "as in 02:00:00:00:00:05")
    for at, address in enumerate(joining.addresses):
        if not _is_address(address):
            yield Mistake(("addresses", at), f"{shown(address)} is no address", "as in 10.64.0.5 or fd00:1::5")
    for at, alias in enumerate(joining.aliases):
        if why := names.why_not_domain(alias):
            yield Mistake(("aliases", at), why)
    for field in ("ingress", "egress"):
        rate = getattr(joining, field) or getattr(network, field)
        if 0 < rate < 8:
            yield Mistake((field,), "that is no rate", "at least 8bit")
        elif rate and network.driver == "macvlan":
            yield Mistake((field,), "on a macvlan network nothing passes by the host, where it could be held back", "leave it out")
    if joining.publish and network.driver != "bridge":
        yield Mistake(("publish",), f"no port can be published on {network.name}: a macvlan network is on the LAN itself, every port can be reached there")
    elif joining.publish and network.mode == "internal":
        yield Mistake(("publish",), f"no port can be published on {network.name}: it is internal, nobody outside reaches it")


def _is_address(text: str) -> bool:
    try:
        return bool(number_of(text))
    except ValueError:
        return False


def why_not_hardware(text: str) -> str:
    """Why it cannot be a device's hardware address; "" when it can."""
    parts = text.split(":")
    if len(parts) != 6 or any(len(part) != 2 or not set(part) <= set("0123456789abcdefABCDEF") for part in parts):
        return f"{shown(text)} is no hardware address"
    if int(parts[0], 16) & 1:
        return f"{text} is the hardware address of a group"
    return "" if any(int(part, 16) for part in parts) else f"{text} is nobody's hardware address"


# -- settled -------------------------------------------------------------------------------------------------------------------


def settled(store: "Store", network: Network, joining: Joining, inside: int) -> "tuple[Attachment, dict[str, Any]]":
    """The attachment, with its addresses taken. Mistakes, Conflict, Exhausted."""
    told(list(mistakes(joining, network)))
    mine = store.attachments(container=joining.container)
    interface = _interface(joining, mine, inside)
    owner = f"{joining.container}:{interface}"
    mac = joining.mac.lower()
    legs = leases.allocate(store, network, owner, joining.container, wanted=joining.addresses, mac=mac)
    ports = chosen(store, joining.publish, legs, owner)
    able = joining.default and network.mode != "internal"
    routes = tuple(r for r in wiring.defaults(legs, interface) if r.family not in _ways_out(mine)) if able else ()
    attachment = Attachment(
        owner, network.name, network.device, port_of(owner) if network.driver == "bridge" else "", interface, legs, routes,
        mac or standing.mac_of(owner), network.mtu, network.masqueraded, not network.icc, bool(ports), ports,
        joining.ingress or network.ingress, joining.egress or network.egress,
    )  # fmt: skip
    details = {
        "default": bool(routes), "able": able, "aliases": joining.aliases, "hostname": joining.hostname, "servers": joining.servers,
    }  # fmt: skip
    return attachment, details


def _interface(joining: Joining, mine: "list[Attached]", inside: int) -> str:
    taken = {one.attachment.interface: one.attachment.network for one in mine}
    if joining.interface in taken:
        fix = "take another name, or leave --interface out"
        raise Conflict(f"{joining.container} has {joining.interface} on the network {taken[joining.interface]} already", fix=fix)
    return joining.interface or _next_interface(taken, inside)


def _next_interface(taken: "Iterable[str]", inside: int) -> str:
    from ..engine.narrow import Spots

    with Spots({wiring.BOX: inside}) as place:
        session = place.session(wiring.BOX)
        return next(name for n in range(1000) if (name := f"eth{n}") not in taken and session.link(name) is None)


def port_of(owner: str) -> str:
    """The host's end of a cable."""
    from hashlib import sha256

    return "nw" + sha256(owner.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def differences(joining: Joining, there: "Attached", netns: str) -> "list[str]":
    """Where a container that is on the network already is not as it is wanted now; what is left open is no difference."""
    a = there.attachment
    out = [f"it has not {address}" for address in joining.addresses if not any(number_of(address) == number_of(leg.host) for leg in a.legs)]
    for what, wanted, have in (
        ("interface", joining.interface, a.interface), ("hardware address", joining.mac.lower(), a.mac), ("namespace", netns, there.details.get("netns")),
        ("aliases", joining.aliases and sorted(joining.aliases), sorted(there.details.get("aliases", ()))),
        ("ingress", joining.ingress, a.ingress), ("egress", joining.egress, a.egress),
    ):  # fmt: skip
        if wanted and wanted != have:
            out.append(f"its {what} is {_said(have)}, not {_said(wanted)}")
    lost = [item for item in joining.publish if not any(publish.matches(item, port) for port in a.ports)]
    return out + [f"it does not publish {publish.text_of_publish(item)}" for item in lost]


def _said(item: object) -> str:
    return ", ".join(item) if isinstance(item, list) else str(item)


# -- the way out ---------------------------------------------------------------------------------------------------------------


def _ways_out(mine: "Iterable[Attached]") -> "set[int]":
    """Families in which a container has a default route."""
    return {route.family for one in mine for route in one.attachment.routes if route.to == "default"}


def heirs(mine: "list[Attached]") -> "list[tuple[Attached, tuple[Route, ...]]]":
    """Who of a container's attachments gets which default routes that none of them has: the oldest that may."""
    gone = {4, 6} - _ways_out(mine)
    out = []
    for one in sorted(mine, key=lambda one: one.since):
        able = one.details.get("able", False)
        new = tuple(r for r in wiring.defaults(one.attachment.legs, one.attachment.interface) if r.family in gone) if able else ()
        if new:
            gone -= {route.family for route in new}
            out.append((one, new))
    return out


# -- ports of the host ---------------------------------------------------------------------------------------------------------


def chosen(store: "Store", wanted: "Sequence[Publish]", legs: "Sequence[Leg]", owner: str) -> "tuple[Port, ...]":
    """Which ports they are: free ones, whoever published the others, with `nw` or by CNI or podman. PortsTaken."""
    if not wanted:
        return ()
    known = held(store, wanted)
    ports = publish.settled(wanted, known)
    for last in (False, True):
        found = _met(ports, wanted, legs, owner)
        if not found:
            break
        # Not every record is read for a port that is free, as it mostly is; what is met after that was published just now.
        known += found if last else [*found, *overlaps.written_down()]
        ports = publish.settled(wanted, known)
    return ports


def _met(ports: "Sequence[Port]", wanted: "Sequence[Publish]", legs: "Sequence[Leg]", owner: str) -> "list[Held]":
    """Who has these in the firewall. Many that are fixed are not asked for: publishing them is what tells."""
    if sum(port.count for port in ports) > _MANY:
        given = {port for item in wanted if _is_fixed(item) for port in item.at(item.first)}
        ports = [port for port in ports if port not in given]
    elements = [e for port in ports for leg in legs for e in firewall.published(port, leg, owner)]
    if not elements:
        return []
    with attaching.on_host() as place:
        return overlaps.holders(place, elements)


def _is_fixed(item: Publish) -> bool:
    return bool(item.first) and item.first + item.count - 1 == item.last


def held(store: "Store", wanted: "Iterable[Publish]" = ()) -> "list[Held]":
    """Ports of the host that somebody has: published by us, or listened on by a program of the host. Which program is looked up
    where it is in the way of what is `wanted`."""
    from ..kernel.ports import listeners

    near = [Port(item.protocol, host, item.first, 0, min(item.last - item.first, LOOKED_AT) + 1 if item.count == 1 else item.count) for item in wanted if item.first for host in item.hosts]
    out = list(store.ports())
    for protocol, address, number in listeners():
        port = Port(protocol, "" if address in ("0.0.0.0", "::") else address, number)
        met = any(publish.clash(port, one) for one in near)
        out.append((port, _program(protocol, address, number) if met else "a program of the host"))
    return out


def _program(protocol: str, address: str, port: int) -> str:
    from ..kernel.ports import owner

    return str(owner(protocol, address, port) or "a program of the host")
