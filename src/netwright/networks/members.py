"""Containers on networks: joined, left, published; each all or nothing. A container is a name and a network namespace.

What is wanted is written down first (store: leases, ports, the attachment), then made (attaching), then named (dns). Whatever
fails, the steps before it are taken back.
"""

from ..errors import Conflict, Gone, Invalid, NetwrightError
from ..model.value import replace, value
from . import attaching, firewall, flows, leases, publish, records, standing, wiring
from .network import Network
from .publish import Publish
from .records import Record
from .values import Attachment, Port

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from .store import Attached, Store

    Held = tuple[Port, str]


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


# -- joining -------------------------------------------------------------------------------------------------------------------


def join(store: "Store", joining: Joining, inside: int, netns: str) -> "Attached":
    """Attach the namespace of the open file `inside`, which is found again as `netns`. Invalid, Conflict, Exhausted, KernelError;
    after an error everything is as before."""
    network = store.network(joining.network)
    standing.stand(store, network)
    with store.change():
        attachment, details = _settled(store, network, joining, inside)
        details["netns"] = netns
        store.attach(joining.container, attachment, details)
    try:
        make(network, attachment, inside, netns)
        name(network, joining.container, attachment, details)
    except (NetwrightError, OSError):
        leave(store, joining.container, network.name)
        raise
    return store.attachments(owner=attachment.owner)[0]


def _settled(store: "Store", network: Network, joining: Joining, inside: int) -> "tuple[Attachment, dict[str, Any]]":
    mine = store.attachments(container=joining.container)
    if any(one.attachment.network == network.name for one in mine):
        raise Conflict(f"{joining.container} is on the network {network.name} already", fix=f"nw disconnect {network.name} {joining.container}")
    interface = joining.interface or _next_interface({one.attachment.interface for one in mine}, inside)
    owner = f"{joining.container}:{interface}"
    legs = leases.allocate(store, network, owner, joining.container, wanted=joining.addresses, mac=joining.mac)
    if joining.publish and network.driver != "bridge":
        raise Invalid(f"no port can be published on {network.name}", why="a macvlan network is on the LAN itself: every port can be reached there")
    ports = publish.settled(joining.publish, held(store))
    default = joining.default and network.mode != "internal" and not any(one.details.get("default") for one in mine)
    attachment = Attachment(
        owner, network.name, network.device, port_of(owner) if network.driver == "bridge" else "", interface, legs,
        tuple(wiring.defaults(legs, interface)) if default else (), joining.mac or standing.mac_of(owner), network.mtu,
        network.masqueraded, not network.icc, bool(ports), ports, joining.ingress or network.ingress, joining.egress or network.egress,
    )  # fmt: skip
    details = {"default": default, "aliases": joining.aliases, "hostname": joining.hostname, "servers": joining.servers}
    return attachment, details


def port_of(owner: str) -> str:
    """The host's end of a cable."""
    from hashlib import sha256

    return "nw" + sha256(owner.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def _next_interface(taken: "set[str]", inside: int) -> str:
    from ..engine.narrow import Spots

    with Spots({wiring.BOX: inside}) as place:
        session = place.session(wiring.BOX)
        return next(name for n in range(1000) if (name := f"eth{n}") not in taken and session.link(name) is None)


def held(store: "Store") -> "list[Held]":
    """Ports of the host that somebody has: published by us, or listened on by a program of the host."""
    from ..kernel.ports import listeners

    out = list(store.ports())
    for protocol, address, port in listeners():
        out.append((Port(protocol, "" if address in ("0.0.0.0", "::") else address, port, port), "a program of the host"))
    return out


# -- in the kernel -------------------------------------------------------------------------------------------------------------


def wiring_of(network: Network, attachment: Attachment) -> wiring.Wiring:
    """What the attachment is, as State."""
    if network.driver == "macvlan":
        shim = network.device if network.shim and network.subnets else ""
        return wiring.on_parent(attachment, network.parent, network.macvlan_mode, shim)
    return wiring.on_bridge(attachment, standing.bridge_of(network))


def record_of(network: Network, attachment: Attachment, netns: str) -> Record:
    """What is written down of it for the core."""
    ports = (attachment.port,) if attachment.port else ()
    ways = tuple((wiring.whole(leg), network.device) for leg in attachment.legs) if network.driver == "macvlan" and network.shim else ()
    return Record(attachment.owner, network.device, ports, tuple(elements(network, attachment)), netns=netns, routes=ways)


def elements(network: Network, attachment: Attachment) -> "Iterator[tuple[str, str]]":
    """Its place in the firewall."""
    if network.driver != "bridge":
        return
    for leg in attachment.legs:
        if attachment.masquerade:
            yield firewall.source(leg, attachment.owner)
        yield firewall.own(leg, network.device, attachment.owner)
        for port in attachment.ports:
            yield from firewall.published(port, leg, attachment.owner)


def make(network: Network, attachment: Attachment, inside: int, netns: str) -> None:
    """Lead the kernel to what the attachment says."""
    attaching.attach(inside, wiring_of(network, attachment), record_of(network, attachment, netns))


def name(network: Network, container: str, attachment: Attachment, details: "dict[str, Any]") -> None:
    """Tell the network's responder."""
    from .dns import responder, zones
    from .dns.zone import Host

    if not network.dns.on or network.driver != "bridge":
        return
    names = tuple(dict.fromkeys(n for n in (container, details.get("hostname", ""), *details.get("aliases", ())) if n))
    host = Host(container, names, tuple(leg.host for leg in attachment.legs), servers=tuple(details.get("servers", ())))
    zones.attach(network.name, host)
    responder.ensure(network=network.name)


# -- leaving -------------------------------------------------------------------------------------------------------------------


def leave(store: "Store", container: str, network: str = "") -> None:
    """Take a container off one network, or off all. Nothing happens when it is on none."""
    from .dns import zones

    for one in store.attachments(network=network, container=container):
        a = one.attachment
        zones.detach(a.network, container)
        record = records.get(a.device, a.owner)
        known = store.networks().get(a.network)
        if record is None and known is not None:
            record = record_of(known, a, one.details.get("netns", ""))
        if record is not None:
            attaching.detach(record)
        flows.forget(a.ports, a.legs)
        _gone_inside(one)
        with store.change():
            store.detach(a.owner)
            leases.release(store, a.owner, a.network)


def _gone_inside(one: "Attached") -> None:
    """A macvlan has no end on the host: it is deleted where it is."""
    from ..engine.enact import enact
    from ..engine.narrow import Spots
    from ..plan import ops

    netns = one.details.get("netns", "")
    if one.attachment.port or not netns:
        return
    inside = opened(netns)
    if inside is None:
        return
    try:
        with Spots({wiring.BOX: inside}) as place:
            if place.session(wiring.BOX).link(one.attachment.interface) is not None:
                enact([ops.DeleteLink({"index": one.attachment.interface}, {}, wiring.BOX)], place)
    finally:
        import os

        os.close(inside)


def opened(netns: str) -> "int | None":
    """The open file of a container's namespace; None when it is no more."""
    from ..kernel.namespaces import open_namespace

    try:
        return open_namespace(netns)
    except NetwrightError:
        return None


# -- publishing while it runs ----------------------------------------------------------------------------------------------------


def published_on(store: "Store", container: str) -> "Attached":
    """The attachment that ports are published for: where the default route goes, else the first on a bridge."""
    mine = store.attachments(container=container)
    if not mine:
        raise Gone(f"{container} is on no network", fix=f"nw connect NETWORK {container}")
    networks = store.networks()
    able = [one for one in mine if networks[one.attachment.network].driver == "bridge" and networks[one.attachment.network].mode != "internal"]
    if not able:
        raise Invalid(f"no port of {container} can be published", why="it is on internal or macvlan networks only")
    return next((one for one in able if one.details.get("default")), able[0])


def add_ports(store: "Store", container: str, items: "Sequence[Publish]") -> "tuple[Port, ...]":
    """Publish ports of a container that runs; those that it gets."""
    one = published_on(store, container)
    network = store.network(one.attachment.network)
    with store.change():
        new = publish.settled(items, held(store))
        attachment = replace(one.attachment, ports=(*one.attachment.ports, *new), hairpin=True)
        store.attach(container, attachment, one.details)
    try:
        _made_again(network, attachment, one)
    except (NetwrightError, OSError):
        store.attach(container, one.attachment, one.details)
        raise
    return new


def _made_again(network: Network, attachment: Attachment, one: "Attached") -> None:
    import os

    netns = one.details.get("netns", "")
    inside = opened(netns)
    if inside is None:
        raise Gone(f"the namespace of {one.container} is gone", why=netns, fix="nw network reload")
    try:
        make(network, attachment, inside, netns)
    finally:
        os.close(inside)


def remove_ports(store: "Store", container: str, items: "Sequence[Publish]") -> "tuple[Port, ...]":
    """Publish them no longer; those that went. Gone for one that is not published."""
    gone: list[Port] = []
    for one in store.attachments(container=container):
        mine = [port for port in one.attachment.ports if any(matches(item, port) for item in items)]
        if mine:
            _unpublished(store, one, mine)
            gone += mine
    missing = [item for item in items if not any(matches(item, port) for port in gone)]
    if missing:
        raise Gone(f"{container} does not publish {', '.join(map(publish.text_of_publish, missing))}", fix=f"what it publishes: nw publish ls {container}")
    return tuple(gone)


def _unpublished(store: "Store", one: "Attached", ports: "list[Port]") -> None:
    a = one.attachment
    elements = tuple(e for leg in a.legs for port in ports for e in firewall.published(port, leg, a.owner))
    record = records.get(a.device, a.owner)
    if record is not None:
        attaching.release(record, elements)
    flows.forget(ports, a.legs)
    left = replace(a, ports=tuple(port for port in a.ports if port not in ports))
    store.attach(one.container, left, one.details)


def matches(item: Publish, port: Port) -> bool:
    """Whether a published port is meant by words such as 8080:80 or 80 (the container's)."""
    if port.protocol != item.protocol or (port.port, port.count) != (item.port, item.count):
        return False
    return not item.first or item.first <= port.host_port <= item.last


# -- repairing -----------------------------------------------------------------------------------------------------------------


def repair(store: "Store", one: "Attached") -> str:
    """Make an attachment again as it is written down; what was wrong, in words, "" when nothing was."""
    import os

    network = store.network(one.attachment.network)
    inside = opened(one.details.get("netns", ""))
    if inside is None:
        leave(store, one.container, network.name)
        return f"{one.container} is gone: it was taken off {network.name}"
    try:
        todo = attaching.steps(inside, wiring_of(network, one.attachment))
        record = record_of(network, one.attachment, one.details["netns"])
        lost = attaching.missing(record)
        make(network, one.attachment, inside, one.details["netns"])
        name(network, one.container, one.attachment, one.details)
    finally:
        os.close(inside)
    if not (todo or lost):
        return ""
    return f"{one.container} on {network.name}: {len(todo)} settings and {len(lost)} elements of the firewall were put back"
