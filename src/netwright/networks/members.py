"""Containers on networks: joined, left, published; each all or nothing. A container is a name and a network namespace.

What is wanted is written down first (store: leases, ports, the attachment), then made (attaching), then named (dns). Whatever
fails, the steps before it are taken back.
"""

import os

from ..errors import CallFailed, Conflict, Gone, Invalid, NetwrightError
from ..model.value import replace
from . import attaching, firewall, flows, joining, leases, publish, records, standing, wiring
from .directories import absent
from .joining import Joining
from .locks import locked
from .mistakes import told
from .network import Network
from .publish import Publish
from .records import Record
from .values import Attachment, Port

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import Any

    from ..model.route import Route
    from .store import Attached, Store

__all__ = ["Joining", "add_ports", "join", "leave", "remove_ports", "repair"]


# -- joining -------------------------------------------------------------------------------------------------------------------


def join(store: "Store", wanted: Joining, inside: int, netns: str) -> "Attached":
    """Attach the namespace of the open file `inside`, which is found again as `netns`. One that is attached already, as it is
    wanted, is mended. Mistakes, Conflict, Exhausted, KernelError; after an error everything is as before."""
    network = store.network(wanted.network)
    told(list(joining.mistakes(wanted, network)))
    standing.stand(store, network)
    with _alone(network.device):
        for there in store.attachments(network=network.name, container=wanted.container):
            return _again(store, network, wanted, there, netns)
        with store.change():
            attachment, details = joining.settled(store, network, wanted, inside)
            details["netns"] = netns
            store.attach(wanted.container, attachment, details)
        try:
            make(network, attachment, inside, netns)
            name(network, wanted.container, attachment, details)
        except (NetwrightError, OSError):
            for one in store.attachments(owner=attachment.owner):
                _taken_off(store, one)
            raise
        return store.attachments(owner=attachment.owner)[0]


def _alone(device: str) -> "AbstractContextManager[None]":
    """Nobody else changes what is written down of a network's members, and makes it so. (The device's own lock is for the kernel.)"""
    return locked(f"{device}.members")


def _again(store: "Store", network: Network, wanted: Joining, there: "Attached", netns: str) -> "Attached":
    if other := joining.differences(wanted, there, netns):
        fix = f"nw disconnect {network.name} {there.container}, and connect it again"
        raise Conflict(f"{there.container} is on the network {network.name} already, otherwise", why="; ".join(other), fix=fix)
    _mended(store, there)
    return there


# -- in the kernel -------------------------------------------------------------------------------------------------------------


def wiring_of(network: Network, attachment: Attachment) -> wiring.Wiring:
    """What the attachment is, as State."""
    if network.driver == "macvlan":
        shim = network.device if network.shim and network.subnets else ""
        return wiring.on_parent(attachment, network.parent, network.macvlan_mode, shim)
    wired = wiring.on_bridge(attachment, standing.bridge_of(network))
    if not (attachment.ingress or attachment.egress):
        return wired
    from . import bandwidth

    return bandwidth.on_wiring(wired, attachment.port, bandwidth.of_rates(attachment.ingress, attachment.egress, _ifb(attachment)))


def _ifb(attachment: Attachment) -> str:
    """The device in which waits what comes from the container faster than it may; "" where there is none."""
    from .bandwidth import ifb_name

    return ifb_name(attachment.owner) if attachment.egress else ""


def record_of(network: Network, attachment: Attachment, netns: str) -> Record:
    """What is written down of it for the core."""
    ports = tuple(device for device in (attachment.port, _ifb(attachment)) if device)
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
    """Lead the kernel to what the attachment says. A cable to the namespace that had this name before, and that is still held
    or still being freed, is taken away first."""
    wiring, record = wiring_of(network, attachment), record_of(network, attachment, netns)
    if records.get(record.device, record.owner) and attaching.leads_elsewhere(inside, wiring, record.ports):
        attaching.detach(record)
    attaching.attach(inside, wiring, record)


def name(network: Network, container: str, attachment: Attachment, details: "dict[str, Any]") -> None:
    """Tell the network's responder."""
    from .dns import responder, zones
    from .dns.zone import Host

    if not standing.listening(network):  # a bridge without an address of its own answers nobody
        return
    names = tuple(dict.fromkeys(n for n in (container, details.get("hostname", ""), *details.get("aliases", ())) if n))
    host = Host(container, names, tuple(leg.host for leg in attachment.legs), servers=tuple(details.get("servers", ())))
    zones.attach(network.name, host)
    responder.ensure(network=network.name)


# -- leaving -------------------------------------------------------------------------------------------------------------------


def leave(store: "Store", container: str, network: str = "") -> "list[str]":
    """Take a container off one network, or off all. Nothing happens when it is on none. What could not be done besides, in words."""
    heirs: list[Attached] = []
    for one in store.attachments(network=network, container=container):
        with _alone(one.attachment.device):
            for still in store.attachments(owner=one.attachment.owner, network=one.attachment.network):
                heirs += _taken_off(store, still, bequeaths=bool(network))
    return [said for heir in heirs if (said := _has_way_out(store, heir))]


def _taken_off(store: "Store", one: "Attached", *, bequeaths: bool = False) -> "list[Attached]":
    """Take an attachment away. Those of the same container that have its default routes from now on, if it `bequeaths` them."""
    from .dns import zones

    a = one.attachment
    zones.detach(a.network, one.container)
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
        return [_bequeathed(store, *heir) for heir in joining.heirs(store.attachments(container=one.container))] if bequeaths else []


def _bequeathed(store: "Store", one: "Attached", routes: "tuple[Route, ...]") -> "Attached":
    a = replace(one.attachment, routes=(*one.attachment.routes, *routes))
    store.attach(one.container, a, {**one.details, "default": True})
    return store.attachments(owner=a.owner)[0]


def _has_way_out(store: "Store", heir: "Attached") -> str:
    """Give a container that is there the default route that is written down; why not, in words."""
    a = heir.attachment
    with _alone(a.device):
        for one in store.attachments(owner=a.owner, network=a.network):
            try:
                _made_again(store, one)
            except Gone:
                return ""  # it is ending: there is nobody who needs it
            except NetwrightError as error:
                left = tuple(route for route in one.attachment.routes if route.to != "default")
                store.attach(one.container, replace(one.attachment, routes=left), {**one.details, "default": False})
                return f"the default route of {one.container} did not go to {a.network}: {error.what}"
    return ""


def _gone_inside(one: "Attached") -> None:
    """A macvlan has no end on the host: it is deleted where it is, if it is still the one that was made."""
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
            link = place.session(wiring.BOX).link(one.attachment.interface)
            if link is not None and link.get("address") == one.attachment.mac:
                enact([ops.DeleteLink({"index": one.attachment.interface}, {}, wiring.BOX)], place)
    finally:
        os.close(inside)


def opened(netns: str) -> "int | None":
    """The open file of a container's namespace; None when it is no more. CallFailed where nobody could look."""
    from ..kernel.namespaces import open_namespace

    try:
        return open_namespace(netns)
    except CallFailed as error:
        absent(netns, error.errno)
    except NetwrightError:
        pass
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
    """Publish ports of a container that runs; those that it gets. What it publishes already stays as it is."""
    with _alone(published_on(store, container).attachment.device):
        with store.change():
            one = published_on(store, container)
            have = one.attachment.ports
            there = tuple(port for item in items if _has(have, item) for port in item.at(item.first))
            items = [item for item in items if not _has(have, item)]
            new = joining.chosen(store, items, one.attachment.legs, one.attachment.owner)
            attachment = replace(one.attachment, ports=(*have, *new), hairpin=True)
            store.attach(container, attachment, one.details)
        try:
            _made_again(store, replace(one, attachment=attachment))
        except (NetwrightError, OSError):
            store.attach(container, one.attachment, one.details)
            raise
    return (*there, *new)


def _has(ports: "Sequence[Port]", item: Publish) -> bool:
    return bool(item.first) and all(port in ports for port in item.at(item.first))


def _made_again(store: "Store", one: "Attached") -> None:
    """Lead the kernel to what an attachment says now. Gone when its container is."""
    netns = one.details.get("netns", "")
    inside = opened(netns)
    if inside is None:
        raise Gone(f"the namespace of {one.container} is gone", why=netns, fix="nw network reload")
    try:
        make(store.network(one.attachment.network), one.attachment, inside, netns)
    finally:
        os.close(inside)


def remove_ports(store: "Store", container: str, items: "Sequence[Publish]") -> "tuple[Port, ...]":
    """Publish them no longer; those that went. Gone for one that is not published: then all stay."""
    there = store.attachments(container=container)
    missing = [item for item in items if not any(publish.matches(item, port) for one in there for port in one.attachment.ports)]
    if missing:
        said = ", ".join(publish.text_of_publish(item, ()) for item in missing)
        raise Gone(f"{container} does not publish {said}", fix=f"what it publishes: nw publish ls {container}")
    gone: list[Port] = []
    for before in there:
        with _alone(before.attachment.device):
            for one in store.attachments(owner=before.attachment.owner, network=before.attachment.network):
                mine = [port for port in one.attachment.ports if any(publish.matches(item, port) for item in items)]
                if mine:
                    _unpublished(store, one, mine)
                gone += mine
    return tuple(gone)


def _unpublished(store: "Store", one: "Attached", ports: "list[Port]") -> None:
    a = one.attachment
    elements = tuple(e for leg in a.legs for port in ports for e in firewall.published(port, leg, a.owner))
    record = records.get(a.device, a.owner)
    if record is not None:
        attaching.release(record, elements)
    flows.forget(ports, a.legs)
    left = tuple(port for port in a.ports if port not in ports)
    a = replace(a, ports=left, hairpin=bool(left))
    store.attach(one.container, a, one.details)
    if not left:
        try:
            # No frames go back by the port that they came by any more.
            _made_again(store, replace(one, attachment=a))
        except Gone:
            pass


# -- repairing -----------------------------------------------------------------------------------------------------------------


def repair(store: "Store", one: "Attached") -> str:
    """Make an attachment again as it is written down; what was wrong, in words, "" when nothing was."""
    a = one.attachment
    if not _is_there(one):
        leave(store, one.container, a.network)
        return f"{one.container} is gone: it was taken off {a.network}"
    with _alone(a.device):
        return "".join(_mended(store, still) for still in store.attachments(owner=a.owner, network=a.network))


def _is_there(one: "Attached") -> bool:
    inside = opened(one.details.get("netns", ""))
    if inside is not None:
        os.close(inside)
    return inside is not None


def _mended(store: "Store", one: "Attached") -> str:
    network = store.network(one.attachment.network)
    inside = opened(one.details.get("netns", ""))
    if inside is None:
        return ""
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
    parts = [f"{number} {word}{'' if number == 1 else 's'}" for number, word in ((len(todo), "setting"), (len(lost), "element")) if number]
    return f"{one.container} on {network.name}: {' and '.join(parts)} put back{' into the firewall' if lost and not todo else ''}"
