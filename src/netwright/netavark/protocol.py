"""What podman says, and what it is told: the JSON of netavark's setup and teardown, 1.x and 2.x, as values. Pure.

    {"container_id", "container_name", "port_mappings": [{"host_ip", "host_port", "container_port", "range", "protocol"}],
     "networks": {NAME: {"interface_name", "static_ips", "static_mac", "aliases"}},       2.x: a list, "name" within
     "network_info": {NAME: {"driver", "network_interface", "subnets", "options", …}}, "dns_servers"}
    -> {NAME: {"dns_search_domains", "dns_server_ips", "interfaces": {IF: {"mac_address", "subnets": [{"gateway", "ipnet"}]}}}}
"""

from ..model.addressing import Net, number_of
from ..model.names import why_not_device_name
from ..model.value import value
from ..networks.values import PROTOCOLS, Leg, Port
from .reading import Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

METRIC = 100
ROUTE_TYPES = ("unicast", "blackhole", "unreachable", "prohibit")
IPAM = ("host-local", "dhcp", "none")
DOMAIN = "dns.podman"
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
_LONGEST_NAME = 100  # names of networks are names of files


@value
class Subnet:
    """A subnet of a network; `gateway` "" where there is none, `first` and `last` bound what is leased."""

    net: Net
    gateway: str = ""
    first: str = ""
    last: str = ""


@value
class Way:
    """A static route in the container; `via` "" for the types that lead nowhere."""

    to: Net
    via: str = ""
    metric: int = METRIC
    type: str = "unicast"


@value
class Network:
    """A network as podman describes it. `plain` is the description itself, for plugins."""

    name: str
    id: str = ""
    driver: str = "bridge"
    interface: str = ""
    internal: bool = False
    dns: bool = False
    options: "Mapping[str, str]" = {}
    ipam: str = "host-local"
    subnets: "tuple[Subnet, ...]" = ()
    ways: "tuple[Way, ...]" = ()
    servers: "tuple[str, ...]" = ()
    plain: "Mapping[str, Any]" = {}


@value
class Wish:
    """What the container wants of one network. `addresses` None: it said nothing of them."""

    network: str
    interface: str = ""
    addresses: "tuple[str, ...] | None" = None
    mac: str = ""
    aliases: "tuple[str, ...]" = ()
    options: "Mapping[str, str]" = {}
    plain: "Mapping[str, Any]" = {}


@value
class Asked:
    """One call. `listed`: the networks came as a list, as podman 6 and later send them. `servers` None: none were said."""

    container: str
    name: str
    hostname: str = ""
    wishes: "tuple[Wish, ...]" = ()
    networks: "Mapping[str, Network]" = {}
    ports: "tuple[Port, ...]" = ()
    servers: "tuple[str, ...] | None" = None
    listed: bool = False
    plain_ports: "Any" = None


# -- reading -----------------------------------------------------------------------------------------------------------------


def read(text: bytes) -> "tuple[Asked, list[str]]":
    """The call, and all that is wrong in it. ValueError when it is no JSON."""
    from ..model.jsontext import read as parse

    mistakes: list[str] = []
    top = Reader(parse(text), "", mistakes)
    networks = {name: network(found, name) for name, found in top.named("network_info")}
    listed = isinstance(top.data.get("networks"), list)
    wishes = [wish(found.text("name", needed=True), found) for found in top.sections("networks")] if listed else _named(top)
    for one in wishes:
        if one.network not in networks:
            mistakes.append(f"network info for network {one.network} not found")
    ports = [port for found in top.sections("port_mappings") for port in _ports(found)]
    mistakes += _twice(ports)
    servers = top.addresses("dns_servers") if top.data.get("dns_servers") is not None else None
    container = top.text("container_id", needed=True)
    if len(container) > 120 or not all(c in _PLAIN for c in container):
        top.wrong("container_id", "at most 120 letters, digits, - _ and . are allowed")
    asked = Asked(
        container, top.text("container_name"), top.text("container_hostname"), tuple(wishes), networks, tuple(ports), servers, listed,
        top.data.get("port_mappings"),
    )  # fmt: skip
    return asked, mistakes


def _named(top: Reader) -> "list[Wish]":
    """In the order of the interfaces: eth0 first, whatever the networks are called."""
    found = [wish(name, one) for name, one in top.named("networks")]
    return sorted(found, key=lambda one: (len(one.interface), one.interface))


def wish(name: str, found: Reader) -> Wish:
    """What is wanted of one network."""
    addresses = found.addresses("static_ips") if found.data.get("static_ips") is not None else None
    interface = found.text("interface_name")
    if not interface:
        found.wrong("interface_name", "no container interface name given")
    elif why := why_not_device_name(interface):
        found.wrong("interface_name", why)
    return Wish(name, interface, addresses, _mac(found), found.texts("aliases"), found.pairs("options"), found.data)


def _mac(found: Reader) -> str:
    text = found.text("static_mac")
    parts = text.replace("-", ":").lower().split(":")
    if text and (len(parts) != 6 or not all(0 < len(p) < 3 and all(c in "0123456789abcdef" for c in p) for p in parts)):
        found.wrong("static_mac", f"{text!r} is no hardware address, as in 02:42:ac:11:00:02")
        return ""
    return ":".join(part.zfill(2) for part in parts) if text else ""


def network(found: Reader, name: str) -> Network:
    """One network."""
    said = found.text("name") or name
    if why := why_no_name(said):
        found.wrong("name", f"{said!r}: {why}")
    ipam = found.pairs("ipam_options").get("driver") or "host-local"
    if ipam not in IPAM:
        found.wrong("ipam_options.driver", f"unsupported ipam driver {ipam}")
    subnets = [one for part in found.sections("subnets") if (one := _subnet(part)) is not None]
    _check_overlaps(found, subnets)
    return Network(
        said, found.text("id"), found.text("driver", needed=True), found.text("network_interface"), found.flag("internal"),
        found.flag("dns_enabled"), found.pairs("options"), ipam, tuple(subnets), tuple(_ways(found)),
        found.addresses("network_dns_servers"), found.data,
    )  # fmt: skip


def why_no_name(name: str) -> str:
    """Why a network cannot be called so; "" when it can."""
    if not name or len(name) > _LONGEST_NAME or not all(c in _PLAIN for c in name) or name[0] in "_.-":
        return f"1 to {_LONGEST_NAME} letters, digits, _ . and -, the first a letter or a digit"
    return ""


def _subnet(found: Reader) -> "Subnet | None":
    net = found.net("subnet")
    leased = found.section("lease_range")
    first, last = leased.address("start_ip"), leased.address("end_ip")
    return Subnet(net, found.address("gateway"), first, last) if net is not None else None


def _check_overlaps(found: Reader, subnets: "list[Subnet]") -> None:
    for at, one in enumerate(subnets):
        for other in subnets[at + 1 :]:
            if one.net == other.net:
                found.wrong("subnets", f"duplicate subnet defined: {one.net}")
            elif one.net.overlaps(other.net):
                found.wrong("subnets", f"overlapping subnets: {one.net} and {other.net}")


def _ways(network: Reader) -> "list[Way]":
    out = []
    for found in network.sections("routes"):
        to, via = found.net("destination"), found.address("gateway")
        type, metric = found.text("route_type") or "unicast", found.number("metric", 0xFFFFFFFF, METRIC)
        if type not in ROUTE_TYPES:
            found.wrong("route_type", f'invalid route type "{type}"')
        elif to is None:
            continue
        elif (type == "unicast") != bool(via) and not found.data.get("gateway"):
            found.wrong("gateway", f"route {to} requires a gateway for type unicast")
        elif type != "unicast" and via:
            found.wrong("gateway", f"route {to} must not have a gateway for type {type}")
        elif via and (6 if ":" in via else 4) != to.family:
            found.wrong("gateway", f"route {to} and its gateway {via} are of different families")
        else:
            out.append(Way(to, via, metric, type))
    return out


def _ports(found: Reader) -> "list[Port]":
    host, inside = found.number("host_port", 65535), found.number("container_port", 65535)
    count = found.number("range", 65535) or 1
    address = found.text("host_ip")
    address = found.address("host_ip") if address else ""
    protocols = [word.strip() for word in (found.text("protocol") or "tcp").lower().split(",")]
    for protocol in protocols:
        if protocol not in PROTOCOLS:
            found.wrong("protocol", f"unknown protocol {protocol!r}; there are {', '.join(PROTOCOLS)}")
    for key, first in (("host_port", host), ("container_port", inside)):
        if first == 0 or first + count > 65536:
            found.wrong(key, f"{first} and {count - 1} after it are no ports")
            return []
    return [Port(protocol, address, host, inside, count) for protocol in protocols if protocol in PROTOCOLS]


def _twice(ports: "list[Port]") -> "Iterator[str]":
    """One port of the host leads to one port of the container."""
    last: dict[tuple[str, str], Port] = {}
    for port in sorted(dict.fromkeys(ports), key=lambda one: (one.protocol, one.host_ip, one.host_port)):
        before = last.get((port.protocol, port.host_ip))
        if before and before.host_port + before.count > port.host_port and before.port - before.host_port != port.port - port.host_port:
            yield f"port_mappings: {port.protocol} {port.host_port} leads to {port.port}, and to {before.port + port.host_port - before.host_port} too"
        if before is None or port.host_port + port.count > before.host_port + before.count:
            last[port.protocol, port.host_ip] = port


# -- answering ---------------------------------------------------------------------------------------------------------------


def legs(network: Network, addresses: "Iterable[str]") -> "tuple[Leg, ...]":
    """The addresses of the container by subnet, each with its subnet's gateway."""
    wanted = [(one, *number_of(one)) for one in addresses]
    return tuple(
        Leg(f"{text}/{subnet.net.length}", subnet.gateway)
        for subnet in network.subnets
        for text, number, family in wanted
        if subnet.net.holds(number, family)
    )


def status(interface: str, mac: str, legs: "Iterable[Leg]", servers: "Iterable[str]" = (), domains: "Iterable[str]" = ()) -> "dict[str, Any]":
    """What podman is told of one network."""
    subnets = [{"gateway": leg.gateway or None, "ipnet": leg.address} for leg in legs]
    return {
        "dns_search_domains": list(domains),
        "dns_server_ips": list(servers),
        "interfaces": {interface: {"mac_address": mac, "subnets": subnets}},
    }
