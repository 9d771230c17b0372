"""A container on one network, as podman wants it -> an Attachment, its wiring and its place in the firewall. Pure.

Two records for each bridge: the network's own (the bridge, who may talk to whom), put by its first container and taken away with its
last, and one for each container. Their owners are `podman-network/NAME` and `podman/CONTAINER/NAME`.
"""

from ..model.addressing import split
from ..model.kinds.ipvlan import MODES as IPVLAN_MODES
from ..model.route import Route
from ..model.state import State
from ..model.value import replace, value
from ..networks import firewall, wiring
from ..networks.records import Record
from ..networks.values import Attachment, Leg, Port
from ..networks.wiring import BOX, HOST, Bridge, Wiring
from ..plan import ops
from ..plan.messages import add_route
from .protocol import Asked, Network, Way, Wish
from .settings import NEVER, NORMAL, STRICT, Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    Element = tuple[str, str]

LEAST_MTU6 = 1280
_STATIC = 4  # RTPROT_STATIC, as netavark has it


@value
class Part:
    """One interface of the container. `listen` are the addresses at which names are asked for; `ipv6`: the machine has it."""

    asked: Asked
    wish: Wish
    network: Network
    settings: Settings
    legs: "tuple[Leg, ...]" = ()
    listen: "tuple[str, ...]" = ()
    ports: "tuple[Port, ...]" = ()
    mtu: int = 0
    metric: int = 0
    ipv6: bool = True

    @property
    def speaks_ipv6(self) -> bool:
        """Whether the device has it, and settings for it: not below the MTU that it needs. RFC 8200, section 5."""
        return self.ipv6 and (self.mtu == 0 or self.mtu >= LEAST_MTU6)

    @property
    def owner(self) -> str:
        """The record's name."""
        return owner_of(self.asked.container, self.network.name)

    @property
    def signature(self) -> str:
        """Who it is in a rule: short, as podman shows ids."""
        return f"podman/{self.asked.container[:12]}/{self.network.name}"

    @property
    def port(self) -> str:
        """The host's end of the cable."""
        return self.settings.port or port_of(self.asked.container, self.network.name)

    @property
    def device(self) -> str:
        """The bridge; for what has none, a word for the record's group."""
        return self.network.interface if self.network.driver == "bridge" else group_of(self.network)

    @property
    def filtered(self) -> bool:
        """Whether it has a place in the firewall: neither an internal network nor somebody else's bridge has a way out to guard."""
        return self.network.driver == "bridge" and self.settings.managed and not self.network.internal


def owner_of(container: str, network: str) -> str:
    """The name of a container's record."""
    return f"podman/{container}/{network}"


def owner_of_network(network: str) -> str:
    """The name of a network's record."""
    return f"podman-network/{network}"


def port_of(container: str, network: str) -> str:
    """The host's end of a cable, where none was asked for."""
    from hashlib import sha256

    return "veth" + sha256(f"{container}/{network}".encode("utf-8", "surrogateescape")).hexdigest()[:10]


def group_of(network: Network) -> str:
    """Where the records of a network without a bridge are."""
    return f"@podman-{network.driver}-{network.interface or 'default'}"


def mac_of(bridge: str) -> str:
    """A bridge's hardware address, which does not change with its ports."""
    from hashlib import sha256

    return "02:" + sha256(f"podman bridge {bridge}".encode("utf-8", "surrogateescape")).digest()[:5].hex(":")


# -- on a bridge -------------------------------------------------------------------------------------------------------------


def bridge_of(part: Part) -> Bridge:
    """The bridge; somebody else's is taken as it is."""
    if not part.settings.managed:
        return Bridge(part.network.interface)
    gateways = tuple(f"{s.gateway}/{s.net.length}" for s in part.network.subnets if s.gateway)
    return Bridge(part.network.interface, gateways, part.mtu, mac_of(part.network.interface))


def attachment_of(part: Part) -> Attachment:
    """The interface."""
    return Attachment(
        part.owner, part.network.name, part.network.interface, part.port if part.network.driver == "bridge" else "", part.wish.interface,
        part.legs, tuple(routes(part)), part.wish.mac, part.mtu, part.filtered, False, bool(part.asked.ports) and part.filtered, part.ports,
    )  # fmt: skip


def on_bridge(part: Part) -> Wiring:
    """A cable to the bridge."""
    wired = wiring.on_bridge(attachment_of(part), bridge_of(part))
    host, box = wired.want.namespaces[HOST], wired.want.namespaces[BOX]
    box = replace(box, sysctls={**box.sysctls, **(_inside(part) if part.settings.managed else {})})
    host = replace(host, sysctls=_outside(part, host.sysctls))
    return replace(wired, want=State({HOST: host, BOX: box}), also=tuple(_nowhere(part)))


def bridge_alone(part: Part) -> Wiring:
    """The bridge before its first container."""
    wired = wiring.bridge_alone(bridge_of(part))
    host = wired.want.namespaces[HOST]
    return replace(wired, want=State({HOST: replace(host, sysctls=_outside(part, host.sysctls))}))


def _outside(part: Part, usual: "Any") -> "dict[str, str]":
    """What the host and the bridge are set to. Nothing is passed on for an internal network."""
    if not part.settings.managed:
        return {}
    name = wiring.key(part.network.interface)
    kept = {k: v for k, v in usual.items() if not (part.network.internal and (k in wiring.FORWARDING.values() or "route_localnet" in k))}
    # Answers of a container with two networks may come back by the other one.
    return {**kept, f"net.ipv4.conf.{name}.rp_filter": "2", **({f"net.ipv4.conf.{name}.forwarding": "0"} if part.network.internal else {})}


def _inside(part: Part) -> "dict[str, str]":
    """No addresses and no routes by what a neighbour on the bridge advertises."""
    name = wiring.key(part.wish.interface)
    heard = {f"net.ipv6.conf.{name}.accept_ra": "0", f"net.ipv6.conf.{name}.autoconf": "0"} if part.speaks_ipv6 else {}
    return {f"net.ipv4.conf.{name}.rp_filter": "2", **heard}


# -- on a device of the host -------------------------------------------------------------------------------------------------


def on_parent(part: Part) -> Wiring:
    """A macvlan or an ipvlan on a device of the host, made in the container."""
    driver, parent = part.network.driver, part.network.interface
    wired = wiring.on_parent(attachment_of(part), parent, part.settings.mode if driver == "macvlan" else "bridge")
    box = wired.want.namespaces[BOX]
    device = box.devices[part.wish.interface]
    if driver == "ipvlan":
        device = replace(device, kind="ipvlan", options=(("mode", IPVLAN_MODES.index(part.settings.mode)),))
    elif part.settings.bclim is not None:
        device = replace(device, options=tuple(sorted((*device.options, ("bc_cutoff", part.settings.bclim)))))
    name = wiring.key(part.wish.interface)
    box = replace(
        box,
        devices={**box.devices, part.wish.interface: device},
        sysctls={**box.sysctls, **({f"net.ipv6.conf.{name}.autoconf": "0"} if part.speaks_ipv6 else {})},
    )
    return replace(wired, want=replace(wired.want, namespaces={**wired.want.namespaces, BOX: box}), also=tuple(_nowhere(part)))


# -- routes ------------------------------------------------------------------------------------------------------------------


def routes(part: Part) -> "Iterator[Route]":
    """The default routes and the static ones."""
    interface = part.wish.interface
    if leads_out(part):
        for route in wiring.defaults(part.legs, interface):
            yield replace(route, metric=part.metric or part.settings.metric, protocol=_STATIC)
    for way in part.network.ways:
        if way.type == "unicast":
            to = "default" if way.to.length == 0 else str(way.to)
            yield Route(to, way.to.family, way.via, interface, protocol=_STATIC, metric=way.metric)


def leads_out(part: Part) -> bool:
    """Whether the default route may go there."""
    return not part.network.internal and not part.settings.no_default_route


def _nowhere(part: Part) -> "Iterator[ops.Op]":
    """Routes of a type that has no device."""
    for way in part.network.ways:
        if way.type != "unicast":
            yield replace(add_route(nowhere(way), BOX), verb="replace")


def nowhere(way: Way) -> Route:
    """`ip route add blackhole NET`."""
    return Route("default" if way.to.length == 0 else str(way.to), way.to.family, type=way.type, protocol=_STATIC, metric=way.metric)


# -- the firewall ------------------------------------------------------------------------------------------------------------


def record_of(part: Part, netns: str, filtering: bool) -> Record:
    """What is written down of the container."""
    ports = (part.port,) if part.network.driver == "bridge" else ()
    data = {
        "container": part.asked.name, "network": part.network.name, "interface": part.wish.interface, "driver": part.network.driver,
        "legs": [[leg.address, leg.gateway] for leg in part.legs],
        "ports": [[p.protocol, p.host_ip, p.host_port, p.port, p.count] for p in part.asked.ports],
        "rank": rank(part), "publishes": part.filtered and filtering,
        "nowhere": [[str(way.to), way.type, way.metric] for way in part.network.ways if way.type != "unicast"],
    }  # fmt: skip
    return Record(part.owner, part.device, ports, tuple(elements(part)) if filtering else (), netns=netns, data=data)


def rank(part: Part) -> int:
    """The network with the lowest publishes the ports: it is the one that answers leave by."""
    return (part.metric or part.settings.metric) if leads_out(part) else 1 << 40


def elements(part: Part) -> "Iterator[Element]":
    """The container's place in the firewall."""
    if not part.filtered:
        return
    for leg in part.legs:
        yield firewall.source(leg, part.signature)
        yield firewall.own(leg, part.network.interface, part.signature)
        outbound = part.settings.outbound6 if leg.family == 6 else part.settings.outbound4
        if outbound:
            yield firewall.outbound(leg, outbound, part.signature)
    yield from published(part.ports, part.legs, part.signature)


def published(ports: "Iterable[Port]", legs: "Iterable[Leg]", signature: str) -> "Iterator[Element]":
    """Ports lead to the first address of each family."""
    first: dict[int, Leg] = {}
    for leg in legs:
        first.setdefault(leg.family, leg)
    for port in ports:
        for leg in first.values():
            yield from firewall.published(port, leg, signature)


def key(element: "Element") -> "Element":
    """What of it can be there only once."""
    return element[0], element[1].partition(" comment ")[0]


# -- the network's record ----------------------------------------------------------------------------------------------------


def isolation(part: Part) -> str:
    """Kept apart from all others, from others that are too, or from none. Where nothing was said it is as podman's version means it:
    before netavark 2 (which takes a list of networks) none, since then all."""
    if part.network.internal:
        return STRICT
    return part.settings.isolate or (STRICT if part.asked.listed else NEVER)


def may_talk(one: str, other: str) -> bool:
    """Whether containers of two networks reach each other."""
    return STRICT not in (one, other) and (one, other) != (NORMAL, NORMAL)


def network_record(part: Part, others: "Iterable[Record]", dns_port: int, filtering: bool) -> Record:
    """What is written down of the network."""
    data = {"isolate": isolation(part), "mtu": part.mtu, "network": part.network.name}
    found = tuple(network_elements(part, others, dns_port)) if filtering else ()
    return Record(owner_of_network(part.network.name), part.network.interface, (), found, data=data)


def network_elements(part: Part, others: "Iterable[Record]", dns_port: int) -> "Iterator[Element]":
    """The bridge's place in the firewall. `others` are the records of the other networks of podman's."""
    device, signature = part.network.interface, owner_of_network(part.network.name)
    yield from firewall.device(device, ("bridges", *(["internal"] if part.network.internal else [])), signature)
    yield firewall.pair("allowed", device, device, signature)
    for other in others:
        if other.device != device and may_talk(isolation(part), str(other.data.get("isolate", STRICT))):
            yield firewall.pair("allowed", device, other.device, signature)
            yield firewall.pair("allowed", other.device, device, signature)
    if dns_port != 53 and part.network.dns:
        for subnet in part.network.subnets:
            if subnet.gateway:
                yield from _redirected(Leg(f"{subnet.gateway}/{subnet.net.length}"), dns_port, signature)


def _redirected(leg: Leg, port: int, signature: str) -> "Iterator[Element]":
    """Names are asked for at port 53, and answered at another."""
    for protocol in ("udp", "tcp"):
        yield from firewall.published(Port(protocol, leg.host, 53, port), leg, signature)


def holds(network: Network, address: str) -> bool:
    """Whether the address is in one of the subnets."""
    number, family, _ = split(address)
    return any(subnet.net.holds(number, family) for subnet in network.subnets)
