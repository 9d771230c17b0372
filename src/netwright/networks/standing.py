"""A network on its host: its bridge (or its leg on a LAN), its place in the firewall, its names. Made, repaired, taken away.

Everything here can be done again: `stand` leads whatever is there to what the network is, after a restart of the machine, a flush
of the rules, a bridge that somebody deleted.
"""

from ..engine.narrow import Spots
from ..errors import Conflict, NetwrightError
from ..model.addressing import around, net, split
from ..model.state import Namespace, State
from ..model.value import replace
from . import attaching, creation, firewall, leases, records, tables, wiring
from .creation import Surroundings
from .network import Network
from .pools import Taken
from .records import Record
from .wiring import HOST, Bridge, Wiring

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..model.addressing import Net
    from ..model.route import Route
    from .request import Asked
    from .store import Store
    from .values import Leg

    Element = tuple[str, str]

DEFAULT = "bridge"  # Docker's name for the network that nobody had to make
SHIM = "@shim"
_OWNER = "network:"
LEAST_IPV6 = 1280  # RFC 8200


# -- what it is, as values -----------------------------------------------------------------------------------------------------


def owner_of(network: Network) -> str:
    """How its elements of the firewall are signed."""
    return _OWNER + network.name


def bridge_of(network: Network) -> Bridge:
    """Its bridge: every subnet's gateway is an address of it. The hardware address is its own, whoever is plugged in."""
    gateways = tuple(f"{s.router}/{s.net.length}" for s in network.subnets if s.router)
    return Bridge(network.device, gateways, network.mtu, mac_of(owner_of(network)))


def mac_of(text: str) -> str:
    """A hardware address that is always the same for the same text: locally administered, of one station."""
    from hashlib import sha256

    return "02:" + sha256(text.encode("utf-8", "surrogateescape")).digest()[:5].hex(":")


def elements(network: Network, networks: "Iterable[Network]") -> "Iterator[Element]":
    """Its place in the firewall. `networks` are all that there are: who may talk to whom is said by either."""
    if network.driver != "bridge":
        return
    owner, device = owner_of(network), network.device
    sets = ["bridges", *(["internal"] if network.mode == "internal" else []), *(["guarded"] if network.guarded else [])]
    yield from firewall.device(device, sets, owner)
    if network.icc:
        yield firewall.pair("allowed", device, device, owner)
    for other in networks:
        if other.name != network.name and other.driver == "bridge" and (allows(network, other) or allows(other, network)):
            yield firewall.pair("allowed", device, other.device, owner)
            yield firewall.pair("allowed", other.device, device, owner)
    for outside in network.trusted:
        yield firewall.pair("trusted", outside, device, owner)


def allows(one: Network, other: Network) -> bool:
    """Whether `one` lets the other's containers in."""
    return other.name in one.allow or "*" in one.allow


# -- on the host ---------------------------------------------------------------------------------------------------------------


def stand(store: "Store", network: Network) -> None:
    """Make of the host what the network needs; nothing where it is so already. NetwrightError."""
    legs = leases.allocate(store, network, SHIM, SHIM) if _has_shim(network) else ()
    record = Record(owner_of(network), network.device, (network.device,) if legs else (), tuple(elements(network, store.networks().values())), bridge=True)
    attaching.attach(None, wiring_of(network, legs), record)
    _names(network)


def _has_shim(network: Network) -> bool:
    return network.driver == "macvlan" and network.shim and bool(network.subnets)


def wiring_of(network: Network, legs: "Iterable[Leg]" = ()) -> Wiring:
    """What there is of it on the host, as State."""
    if network.driver == "bridge":
        return wiring.bridge_alone(bridge_of(network))
    if _has_shim(network):
        return wiring.shim_alone(network.device, network.parent, network.macvlan_mode, legs, mac_of(owner_of(network)))
    return Wiring(State({HOST: Namespace({})}), {HOST: ()})


def _names(network: Network) -> None:
    from .dns import responder, zones
    from .dns.zone import Zone

    listen = listening(network)
    if not listen:
        return
    zone = Zone(network.name, listen, domain=network.dns.domain, search=network.dns.search, forward=network.mode != "internal", servers=network.dns.servers)
    zones.configure(zone)
    responder.ensure(network=network.name)


def listening(network: Network) -> "tuple[str, ...]":
    """Where its names are answered; () where it has none."""
    return tuple(s.router for s in network.subnets if s.router) if network.dns.on and network.driver == "bridge" else ()


def is_answered(network: Network) -> bool:
    """Whether somebody answers for its names, where it has any."""
    from .dns import responder

    return not listening(network) or network.name in (responder.status() or {}).get("networks", {})


def fall(network: Network) -> None:
    """Take away what `stand` made."""
    from .dns import zones

    zones.remove(network.name)
    record = records.get(network.device, owner_of(network)) or Record(owner_of(network), network.device, bridge=True)
    attaching.detach(record)


def steps(store: "Store", network: Network) -> "list[str]":
    """What `stand` would have to do, in words; [] when the network stands."""
    from ..plan.explain import sentence

    legs = tuple(leases.allocate(store, network, SHIM, SHIM)) if _has_shim(network) else ()
    out = [sentence(op) for op in attaching.steps(None, wiring_of(network, legs))]
    wanted = [*elements(network, store.networks().values())]
    with Spots({HOST: None}) as place:
        lost = tables.missing(place, wanted)
        whole = not wanted or tables.is_ready(place)
    out += [] if whole else ["put the rules of the firewall"]
    out += [f"put {len(lost)} element{'' if len(lost) == 1 else 's'} into the firewall"] if lost else []
    return out if is_answered(network) else [*out, "answer for its names"]


# -- making and removing -------------------------------------------------------------------------------------------------------


def create(store: "Store", asked: "Asked") -> Network:
    """A new network, standing. For one that is there already and is what is asked for, that one. Mistakes, Conflict, Exhausted."""
    with store.change():
        there = store.networks().get(asked.draft.name)
        network = there or creation.complete(asked.draft, surroundings(store), asked.families, dict(asked.lengths))
        if there is None:
            network = replace(network, mtu=network.mtu or uplink_mtu(network))
            store.put(network)
    if there is not None:
        if other := creation.differences(asked.draft, there):
            raise Conflict(f"there is a network {there.name} already, and it is another one", why="; ".join(other), fix=f"nw network rm {there.name}, or take another name")
        stand(store, there)
        return there
    try:
        leave_frames_alone(store)
        stand(store, network)
    except (NetwrightError, OSError):
        remove(store, network)
        raise
    return network


NETFILTER = ("net.bridge.bridge-nf-call-iptables", "net.bridge.bridge-nf-call-ip6tables")


def leave_frames_alone(store: "Store") -> bool:
    """Frames within a bridge are no business of the host's IP rules: with br_netfilter they are, for all bridges of the host at once.
    It is switched off where every bridge is ours; True when it is off. (What comes back to ::1 needs that: the kernel drops a
    frame to ::1 before it is a packet.)"""
    from ..engine import observe
    from ..engine.enact import enact
    from ..kernel import sysctl
    from ..plan.ops import SetSysctl

    with Spots({HOST: None}) as place:
        on = [key for key, text in sysctl.read(place.fd(HOST), NETFILTER).items() if text != "0"]
        ours = {network.device for network in store.networks().values()}
        if on and any(link.kind == "bridge" and link.name not in ours for link in observe.links(place.session(HOST))):
            return False
        enact([SetSysctl(key, "0", HOST) for key in on], place)
    return True


def remove(store: "Store", network: Network) -> None:
    """Take a network away. Conflict while something is attached to it."""
    with store.change():
        leases.release(store, SHIM, network.name)
        store.drop(network.name)
    fall(network)


def sweep(store: "Store") -> "list[str]":
    """Take away what commands left that were killed before they were through; the names of networks that are gone now."""
    if store.new_boot:
        _begin(store)
    store.tidy()
    records.tidy()
    left = _removed(store)
    if left:
        with store.change():  # nobody makes one of that name meanwhile
            left = _removed(store)
            for record in left:
                _swept(store, record)
    if not records.others(""):
        with Spots({HOST: None}) as place:
            tables.remove_if_last(place)
    return [record.owner.removeprefix(_OWNER) for record in left]


def _removed(store: "Store") -> "list[Record]":
    """What is there of networks that are written down no more, or with another device."""
    found = list(records.signed(_OWNER))
    devices = {name: network.device for name, network in store.networks().items()} if found else {}
    return [record for record in found if devices.get(record.owner.removeprefix(_OWNER)) != record.device]


def _swept(store: "Store", record: "Record") -> None:
    from .dns import zones

    name = record.owner.removeprefix(_OWNER)
    if name not in store.networks():
        zones.remove(name)
    attaching.detach(record)


def _begin(store: "Store") -> None:
    """Where files outlived the boot that they are of: nobody is attached any more."""
    from .dns import zones

    records.sweep()
    for name in store.networks():
        zones.keep(name, lambda _: False)
    store.new_boot = False


def default_network(store: "Store") -> Network:
    """The network that `nw run` uses when none is named; made when it is first needed."""
    from .request import Asked

    return create(store, Asked(Network(DEFAULT))) if DEFAULT not in store.networks() else store.network(DEFAULT)


def surroundings(store: "Store") -> Surroundings:
    """What a new network has to get along with on this host."""
    from ..engine import observe

    with Spots({HOST: None}) as place:
        session = place.session(HOST)
        devices = frozenset(link.name for link in observe.links(session))
        taken = [Taken(net_of(a.address), "address", f"{a.link} has {a.address}") for a in observe.addresses(session) if not _is_local(a.address)]
        for family in (4, 6):
            taken += [Taken(net(r.to), "route", _route(r)) for r in observe.routes(session, 0, family) if r.to != "default" and not _is_local(r.to) and r.table != 255]
    return Surroundings(tuple(taken), devices, tuple(store.networks().values()), store.ula())


def net_of(address: str) -> "Net":
    """The network that an interface's address is in."""
    return around(*split(address))


def _is_local(text: str) -> bool:
    return text.startswith(("127.", "::1", "fe80:", "ff", "169.254."))


def _route(route: "Route") -> str:
    return " ".join(part for part in ("route", f"via {route.via}" if route.via else "", f"dev {route.link}" if route.link else "") if part)


def uplink_mtu(network: Network) -> int:
    """What the way out can carry: the MTU of the default route's device, or of a macvlan's parent. 0 when there is no way out."""
    from ..engine import observe

    with Spots({HOST: None}) as place:
        session = place.session(HOST)
        ways = (r.link for family in (4, 6) for r in observe.routes(session, 254, family) if r.to == "default" and r.link)
        device = network.parent or next(ways, "")
        link = session.link(device) if device else None
    if link is None:
        return 0
    # With less the kernel takes IPv6 away from a device.
    return max(int(link["mtu"]), LEAST_IPV6 if network.of(6) else 0)
