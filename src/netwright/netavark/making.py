"""Networks of a container made and taken away in the kernel: a cable to a bridge, a device on a device of the host.

The network's record and the container's go together under one lock, so that the last container to leave takes the network along and
nobody joins it meanwhile. Each function does its whole work, or (after a kill) leaves a record for `gone` to find.
"""

import os

from ..engine.enact import enact
from ..engine.narrow import Spots
from ..errors import Gone, Invalid, NetwrightError
from ..model.names import is_device_name
from ..model.value import replace, value
from ..networks import attaching, firewall, records, standard
from ..networks.locks import locked
from ..networks.records import Record
from ..networks.wiring import BOX, HOST
from ..plan import ops
from ..plan.messages import delete_route
from . import parts
from .parts import Part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..model.state import State
    from .protocol import Network

_KINDS = ("macvlan", "ipvlan")


@value
class How:
    """What the command line and the environment say. `aardvark` is somebody else's program for names, "" for ours. `passing`: the host's
    namespace goes with the last container, as that of rootless podman does."""

    netns: str = ""
    config: str = ""
    aardvark: str = ""
    plugins: "tuple[str, ...]" = ()
    filtering: bool = True
    dns_port: int = 53
    passing: bool = False


def note(text: str) -> None:
    """A word to whoever reads standard error. Nothing fails where nobody does."""
    standard.say("netavark", text)


# -- what there is -------------------------------------------------------------------------------------------------------------


def default_device(family: int = 4) -> str:
    """The device of the host's default route; "" where there is none."""
    from ..engine import observe

    with Spots({HOST: None}) as place:
        found = [r for r in observe.routes(place.session(HOST), 254, family) if r.to == "default" and r.link]
    return min(found, key=lambda route: route.metric).link if found else ""


def mtu_of(device: str) -> int:
    """A device's MTU; 0 when it is not there."""
    with Spots({HOST: None}) as place:
        link = place.session(HOST).link(device) if device else None
    return int(link["mtu"]) if link is not None else 0


def addresses_of(device: str) -> "tuple[str, ...]":
    """The addresses of a device of the host, without those of the link."""
    with Spots({HOST: None}) as place:
        link = place.session(HOST).link(device)
        if link is None:
            return ()
        from ..engine import observe

        found = observe.addresses(place.session(HOST), link["index"])
    return tuple(a.address.partition("/")[0] for a in found if a.scope != "link")


def metrics_in(inside: int, but_not: "set[str]") -> "set[tuple[int, int]]":
    """(family, metric) of the default routes of a container through other devices than these."""
    from ..engine import observe

    with Spots({BOX: inside}) as place:
        session = place.session(BOX)
        return {(f, r.metric) for f in (4, 6) for r in observe.routes(session, 254, f) if r.to == "default" and r.link not in but_not}


# -- bridges -------------------------------------------------------------------------------------------------------------------


def bridge(part: Part, inside: int, how: How) -> "State":
    """Attach to a bridge; what is then there."""
    part = replace(part, ipv6=os.path.exists("/proc/sys/net/ipv6"))
    with locked(f"podman:{part.device}"):
        if part.settings.managed:
            part = stand(part, how)
        else:
            _must_be_a_bridge(part.device)
        record = parts.record_of(part, how.netns, how.filtering)
        try:
            return attaching.attach(inside, parts.on_bridge(part), record)
        except (NetwrightError, OSError):
            _fall_if_empty(part.network)
            raise


def stand(part: Part, how: How) -> Part:
    """The network's bridge and its rules are there afterwards. The part, with the MTU that the network has."""
    before = records.get(part.device, parts.owner_of_network(part.network.name))
    mtu = part.settings.mtu or (int(before.data.get("mtu", 0)) if before else 0) or mtu_of(default_device())
    part = replace(part, mtu=0 if mtu == 1500 else mtu)
    others = [one for one in records.signed(parts.owner_of_network("")) if one.owner != parts.owner_of_network(part.network.name)]
    record = parts.network_record(part, others, how.dns_port, how.filtering)
    if before is None or not before.sure or set(record.elements) - set(before.elements):
        attaching.attach(None, parts.bridge_alone(part), record)
    return part


def _must_be_a_bridge(device: str) -> None:
    with Spots({HOST: None}) as place:
        link = place.session(HOST).link(device)
    if link is None:
        raise Gone(f"there is no bridge {device}", why="in unmanaged mode, the bridge must already exist on the host", fix=f"ip link add {device} type bridge")
    if (link.get("linkinfo") or {}).get("kind") != "bridge":
        raise Invalid(f"{device} is no bridge", fix=f"ip -d link show {device}")


def bridge_gone(container: str, network: "Network", part: "Part | None") -> None:
    """Take the container off, and the network away with its last one. What is gone is no error."""
    device = network.interface
    with locked(f"podman:{device}"):
        record = records.get(device, parts.owner_of(container, network.name))
        attaching.detach(record or _lost(container, network, part))
        _fall_if_empty(network)


def _lost(container: str, network: "Network", part: "Part | None") -> Record:
    """Where nothing is written down (any more): what by its name and its signature is surely this container's."""
    port = parts.port_of(container, network.name)
    found = parts.record_of(part, "", True) if part is not None else Record(parts.owner_of(container, network.name), network.interface)
    return replace(found, ports=(port,), sure=False)


def _fall_if_empty(network: "Network") -> None:
    """With its last container the network goes."""
    device, owner = network.interface, parts.owner_of_network(network.name)
    record = records.get(device, owner)
    if records.others(device, owner):
        return
    if record is None and _is_our_bridge(device):
        signed = [*firewall.device(device, ("bridges", "internal"), owner), firewall.pair("allowed", device, device, owner)]
        record = Record(owner, device, (), tuple(signed), bridge=True)
    if record is not None:
        attaching.detach(record)
        _forget_pairs(device)
    else:
        records.remove(device, owner)  # what a setup left that was killed while it wrote the record


def _is_our_bridge(device: str) -> bool:
    """Whether a bridge that nobody has written down was made here: by its hardware address."""
    with Spots({HOST: None}) as place:
        link = place.session(HOST).link(device)
    return link is not None and link.get("address") == parts.mac_of(device)


def _forget_pairs(device: str) -> None:
    """Others' records still say that their networks may talk to the one that is gone."""
    for record in records.signed(parts.owner_of_network("")):
        mine = tuple(e for e in record.elements if e[0] == "allowed" and f'"{device}"' in e[1].split(" comment ")[0].split(" . "))
        if mine and record.device != device:
            attaching.release(record, mine)


# -- devices on devices of the host ----------------------------------------------------------------------------------------------


def on_parent(part: Part, inside: int, how: How) -> "State":
    """Attach to a device of the host; what is then there."""
    network = part.network
    part = replace(part, mtu=part.settings.mtu)
    if not network.interface:
        parent = default_device()
        if not parent:
            raise Gone(f"{network.name} has no parent device", why="the host has no default route to take it from", fix="podman network create -o parent=DEVICE …")
        part = replace(part, network=replace(network, interface=parent))
    mtu = mtu_of(part.network.interface)
    if not mtu:
        raise Gone(f"parent interface {network.interface} does not exist", fix="ip link")
    # 0 is as the parent has it; for what depends on its size it is told.
    part = replace(part, mtu=part.mtu or (mtu if mtu < parts.LEAST_MTU6 else 0), ipv6=os.path.exists("/proc/sys/net/ipv6"))
    record = replace(parts.record_of(part, how.netns, False), device=parts.group_of(network))
    return attaching.attach(inside, parts.on_parent(part), record)


def on_parent_gone(container: str, network: "Network", interface: str, inside: "int | None") -> None:
    """Take it away; it has no end on the host, so it is deleted where it is."""
    device = parts.group_of(network)
    record = records.get(device, parts.owner_of(container, network.name))
    if inside is not None and is_device_name(interface):  # what cannot be a name was never made
        with Spots({BOX: inside}) as place:
            link = place.session(BOX).link(interface)
            if link is not None and (link.get("linkinfo") or {}).get("kind") in _KINDS:
                enact([ops.DeleteLink({"index": interface}, {}, BOX)], place)
    attaching.detach(record or Record(parts.owner_of(container, network.name), device))


def ways_gone(network: "Network", inside: "int | None") -> None:
    """Routes without a device do not go with it."""
    todo = [delete_route(parts.nowhere(way), BOX) for way in network.ways if way.type != "unicast"]
    if todo and inside is not None:
        with Spots({BOX: inside}) as place:
            enact(todo, place)


# -- published ports -------------------------------------------------------------------------------------------------------------


def attachments(container: str) -> "list[Record]":
    """All that is written down of a container, the network that publishes first in front."""
    found = records.signed(f"{parts.owner_of(container, '')}")
    return sorted(found, key=lambda record: (record.data.get("rank", 0), str(record.data.get("interface", ""))))


def taken_along(container: str) -> None:
    """Ports that led to a network that the container has left lead to one that it still has."""
    mine = [record for record in attachments(container) if record.data.get("publishes")]
    have = {parts.key(e) for record in mine for e in record.elements}
    for record in mine:
        wanted = [e for e in _published(record) if parts.key(e) not in have]
        have |= {parts.key(e) for e in wanted}
        if wanted:
            attaching.obtain(record, tuple(wanted))


def _published(record: Record) -> "Iterator[tuple[str, str]]":
    from ..networks.values import Leg, Port

    data: dict[str, Any] = record.data
    container, network = record.owner.split("/")[1:]
    legs = [Leg(address, gateway) for address, gateway in data["legs"]]
    ports = [Port(*port) for port in data["ports"]]
    return parts.published(ports, legs, f"podman/{container[:12]}/{network}")


# -- namespaces --------------------------------------------------------------------------------------------------------------------


def opened(path: str) -> int:
    """The container's namespace as an open file. Invalid for what is none, and for the host's own."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise Invalid(f"invalid namespace path {path}: {getattr(error, 'strerror', None) or error}", fix="it is the path of a network namespace") from None
    try:
        there, here = os.fstat(fd), os.stat("/proc/thread-self/ns/net")
        if there.st_dev != here.st_dev:
            raise Invalid(f"invalid namespace path {path}", why="it is no namespace")
        if there.st_ino == here.st_ino:
            raise Invalid(f"invalid namespace path {path}", why="it is the host's own namespace")
    except (NetwrightError, OSError):
        os.close(fd)
        raise
    return fd
