"""What is not as it should be: of a network, of who is on it, and at a glance of all. `nw network reload` mends it."""

import os

from ..engine.narrow import Spots
from ..plan.ops import SetSysctl
from . import attaching, members, standing, tables
from .wiring import BOX, FORWARDING, HOST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..model.link import Link
    from .network import Network
    from .store import Attached, Store

_CARRIER = 0x10000  # IFF_LOWER_UP: the other end is up, too
_MOST = 8


def of_network(store: "Store", network: "Network") -> "list[str]":
    """Of what the host has of it: what is to be done."""
    return [f"to do: {step}" for step in standing.steps(store, network)]


def of_member(network: "Network", one: "Attached", known: "Iterable[str]" = ()) -> "list[str]":
    """Of one that is on it: its cable, what is in its namespace, its place in the firewall. `known` is told already."""
    inside = members.opened(one.details.get("netns", ""))
    if inside is None:
        return [f"{one.container} is gone"]
    try:
        todo = attaching.steps(inside, members.wiring_of(network, one.attachment))
    finally:
        os.close(inside)
    from ..plan.explain import sentence

    lost = attaching.missing(members.record_of(network, one.attachment, ""))
    words = [said for op in todo if f"to do: {(said := sentence(op))}" not in known]
    out = [f"{one.container}: to do: {_of(one, said)}" for said in words[:_MOST]]
    out += [f"{one.container}: and {len(words) - _MOST} more"] if len(words) > _MOST else []
    return out + ([f"{one.container}: {elements(len(lost))} of the firewall {'are' if len(lost) > 1 else 'is'} missing"] if lost else [])


def _of(one: "Attached", words: str) -> str:
    """In a plan the container's namespace has a name of its own."""
    return words.replace(f"In {BOX}, ", f"in {one.container}, ").replace(f" in {BOX},", f" in {one.container},")


def elements(number: int) -> str:
    """`1 element`, `2 elements`."""
    return f"{number} element{'' if number == 1 else 's'}"


def unreached(network: "Network", one: "Attached") -> str:
    """Why nothing gets to its ports now, with what mends it; "" where nothing that they need is missing."""
    inside = members.opened(one.details.get("netns", ""))
    if inside is None:
        return f"{one.container} is gone: nw network reload {network.name}"
    try:
        todo = [op for op in attaching.steps(inside, members.wiring_of(network, one.attachment)) if not isinstance(op, SetSysctl)]
    finally:
        os.close(inside)
    record = members.record_of(network, one.attachment, "")
    lost = attaching.missing(record)
    parts = ["the rules of the firewall are gone"] if attaching.lacks_rules(record) else []
    parts += [f"{len(todo)} setting{'s' if len(todo) > 1 else ''} of the bridge and its cable {'are' if len(todo) > 1 else 'is'} lost"] if todo else []
    parts += [f"{elements(len(lost))} of the firewall {'are' if len(lost) > 1 else 'is'} missing"] if lost else []
    return f"{' and '.join(parts)}: nw network reload {network.name}" if parts else ""


# -- at a glance ---------------------------------------------------------------------------------------------------------------


def seen(store: "Store") -> "list[str]":
    """What a look at the host's devices shows: of networks that somebody is on. (The others are made anew when they are used.)"""
    from ..engine import observe
    from ..kernel import sysctl

    there = store.attachments()
    networks = store.networks()
    used = [network for name, network in networks.items() if network.driver == "bridge" and any(one.attachment.network == name for one in there)]
    if not used:
        return []
    with Spots({HOST: None}) as place:
        session = place.session(HOST)
        links = {link.name: link for link in observe.links(session)}
        have = {(a.link, a.address.partition("/")[0]) for a in observe.addresses(session)}
        ready = tables.is_ready(place)
        keys = sysctl.read(place.fd(HOST), [FORWARDING[family] for family in {s.family for n in used for s in n.subnets}])
    out = [] if ready else ["the rules of the firewall are gone"]
    out += [f"nobody answers for the names of {network.name}" for network in used if not standing.is_answered(network)]
    out += [f"{key} is {text}" for key, text in keys.items() if text == "0"]
    out += [words for network in used for words in _bridge(network, links, have)]
    return out + [words for one in there if one.attachment.port for words in _cable(one, links)]


def _bridge(network: "Network", links: "dict[str, Link]", have: "set[tuple[str, str]]") -> "Iterator[str]":
    link = links.get(network.device)
    if link is None:
        yield f"{network.device}, the bridge of {network.name}, is gone"
        return
    if not link.up:
        yield f"{network.device}, the bridge of {network.name}, is down"
    lost = [subnet.router for subnet in network.subnets if subnet.router and (network.device, subnet.router) not in have]
    if lost:
        yield f"{network.device}, the bridge of {network.name}, has not the address {', '.join(lost)}"


def _cable(one: "Attached", links: "dict[str, Link]") -> "Iterable[str]":
    a = one.attachment
    link = links.get(a.port)
    if link is None:
        return [f"{one.container}'s cable to {a.network} ({a.port}) is gone"]
    if not link.up:
        return [f"{one.container}'s cable to {a.network} ({a.port}) is down"]
    if link.master != a.device and a.device in links:
        return [f"{one.container}'s cable to {a.network} ({a.port}) is not in {a.device}"]
    return [] if link.flags & _CARRIER or not links.get(a.device) else [f"{a.interface} of {one.container} is down"]
