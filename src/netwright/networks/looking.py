"""Facts of the host for reach.py, and everything about a network for `inspect`."""

from ..engine.narrow import Spots
from ..errors import NetwrightError
from . import foreign, publish, standing
from .dropping import drops, spares
from .network import Network, to_plain
from .reach import Facts, reach
from .wiring import FORWARDING, HOST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .store import Attached, Store
    from .values import Port


def facts(store: "Store") -> Facts:
    """Of the host, now."""
    from ..engine import observe
    from ..kernel import sysctl

    with Spots({HOST: None}) as place:
        here = place.fd(HOST)
        addresses = tuple((a.link, a.address.partition("/")[0]) for a in observe.addresses(place.session(HOST)) if not a.address.startswith("fe80:"))
        keys = sysctl.read(here, [*FORWARDING.values(), *standing.NETFILTER])
        tables = foreign.in_the_way(here)
    ours = frozenset(network.device for network in store.networks().values())
    forwards = tuple(family for family, key in FORWARDING.items() if keys.get(key) == "1")
    dropped = tuple(one for device in ours for one in drops(tables, device))
    spared = frozenset(words for device in ours for words in spares(tables, device))
    return Facts(addresses, forwards, keys.get(standing.NETFILTER[1], "0") == "0", dropped, ours, spared)


def absent(ports: "Iterable[Port]") -> "list[str]":
    """Addresses that ports are published on and no device has, in words. (One may have it later: it is no error.)"""
    from ..engine import observe

    wanted = dict.fromkeys(p.host_ip for p in ports if p.host_ip not in publish.ANYWHERE and p.host_ip != "::1" and not p.host_ip.startswith("127."))
    if not wanted:
        return []
    with Spots({HOST: None}) as place:
        have = {a.address.partition("/")[0] for a in observe.addresses(place.session(HOST))}
    return [f"no device of this host has the address {address}: nobody reaches what is published there" for address in wanted if address not in have]


def worth_a_word(container: str, *looks: "Callable[[], list[str]]") -> "list[str]":
    """What these looks find. The container stands, and nobody would take it away for a look that failed: that is told instead."""
    try:
        return [words for look in looks for words in look()]
    except (NetwrightError, OSError) as error:
        return [f"who reaches {container} is not known: {error}"]


def stopped(store: "Store", container: str) -> "list[str]":
    """Chains of others that drop what is forwarded for a container, on whatever network: each once, with what mends it."""
    networks = [store.network(one.attachment.network) for one in store.attachments(container=container)]
    if not any(network.driver == "bridge" for network in networks):
        return []  # whoever is on a LAN needs no rules, and no nft either
    with Spots({HOST: None}) as place:
        tables = foreign.in_the_way(place.fd(HOST))
    known = Facts(drops=tuple(one for network in networks for one in drops(tables, network.device)))
    return list(dict.fromkeys(words for network in networks for words in known.in_the_way(network)))


def stopped_ports(store: "Store", container: str, ports: "Iterable[Port]") -> "list[str]":
    """The same for ports that are published; what is published on a loopback address alone is not forwarded."""
    if all(port.host_ip.startswith("127.") or port.host_ip == "::1" for port in ports):
        return []
    known = facts(store)
    mine = [one.attachment for one in store.attachments(container=container) if set(ports) & set(one.attachment.ports)]
    return list(dict.fromkeys(words for a in mine for words in known.of_ports(a.device, {leg.family for leg in a.legs})))


def inspected(store: "Store", network: Network, known: Facts, met: "Iterable[str]" = ()) -> "dict[str, Any]":
    """All about a network, for JSON: what it is, who is on it, which cable is whose, from where ports are reached, what is wrong.

    `met`: what else is where its subnets are (creation.met)."""
    there = store.attachments(network=network.name)
    damaged = problems(store, network)
    return {
        **to_plain(network),
        "name": network.name, "driver": network.driver, "mode": network.mode, "device": network.device,
        "created": store.created(network.name),
        "containers": {one.container: _attached(one, network, known) for one in there},
        "problems": [*damaged, *met, *known.in_the_way(network)],
        **({"fix": f"nw network reload {network.name}"} if damaged else {}),
    }  # fmt: skip


def _attached(one: "Attached", network: Network, known: Facts) -> "dict[str, Any]":
    a = one.attachment
    return {
        "interface": a.interface, "port": a.port, "mac": a.mac, "addresses": [leg.address for leg in a.legs], "default": bool(one.details.get("default")),
        "aliases": list(one.details.get("aliases", ())), "netns": one.details.get("netns", ""), "since": one.since,
        "ports": [{"port": publish.text_of_port(port), **_reached(port, one, network, known)} for port in a.ports],
    }  # fmt: skip


def _reached(port: "Any", one: "Attached", network: Network, known: Facts) -> "dict[str, Any]":
    found = reach(port, one.attachment, network, known)
    return {"host": list(found.host), "outside": list(found.outside), "problems": list(found.problems)}


def problems(store: "Store", network: Network) -> "list[str]":
    """What is not as it should be: `nw network reload` mends it."""
    from . import damage

    there = store.attachments(network=network.name)
    known = damage.of_network(store, network)
    return [*known, *(words for one in there for words in damage.of_member(network, one, known))]
