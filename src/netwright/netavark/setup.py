"""`netavark setup`: every network of the container, or none. Everything is looked at before anything is done."""

import os

from ..errors import Invalid, NetwrightError
from ..model.value import replace
from ..networks import records
from ..networks.wiring import BOX, HOST
from . import making, parts, plugins
from .making import How, note
from .parts import Part
from .protocol import DOMAIN, Asked, Network, Wish, legs, status
from .settings import KNOWN, settings, unknown
from .teardown import forget, removed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..networks.values import Port

    Task = tuple[Wish, Network, "Part | None"]


def setup(asked: Asked, mistakes: "list[str]", how: How) -> "dict[str, Any]":
    """Attach the container; what podman is told. NetwrightError, after which everything is as before."""
    tasks = list(_tasks(asked, mistakes, how))
    if mistakes:
        raise Invalid("; ".join(dict.fromkeys(mistakes)))
    inside = making.opened(how.netns)
    done: list[Task] = []
    try:
        tasks = _chosen(asked, tasks, inside)
        answer = {}
        for task in tasks:
            answer[task[1].name] = _made(asked, task, inside, how)
            done.append(task)
        _name([part for _, _, part in tasks if part is not None and part.network.dns], how)
        if how.filtering:
            _warn([part.network.interface for _, _, part in tasks if part is not None and part.filtered and _is_first(asked, part)])
        return answer
    except (NetwrightError, OSError):
        _undo(asked, done, inside, how)
        raise
    finally:
        os.close(inside)


def _name(named: "list[Part]", how: How) -> None:
    if named:
        from .names import told

        told(named, how)


def _is_first(asked: Asked, part: Part) -> bool:
    """Whether no other container is on the network's bridge: rules of others are read by nft, and may be many."""
    mine = (parts.owner_of(asked.container, part.network.name), parts.owner_of_network(part.network.name))
    return {records.key(owner) for owner in mine}.issuperset(name for name in records.listed(part.device) if "~" not in name)


def _warn(bridges: "list[str]") -> None:
    """What others drop: upstream's netavark puts rules into their chains, ours never does."""
    from ..networks import attaching, foreign

    if not bridges:
        return
    with attaching.on_host() as place:
        for said in foreign.stopping(place.fd(HOST), bridges):
            note(said)


def _undo(asked: Asked, done: "list[Task]", inside: int, how: How) -> None:
    forget(asked, [network for _, network, _ in done], how)
    for wish, network, part in reversed(done):
        try:
            removed(asked, wish, network, part, inside, how)
        except (NetwrightError, OSError) as error:
            note(f"failed to cleanup network {network.name} after setup failed: {error}")


# -- looked at -------------------------------------------------------------------------------------------------------------------


def _tasks(asked: Asked, mistakes: "list[str]", how: How) -> "Iterator[Task]":
    for wish in asked.wishes:
        network = asked.networks.get(wish.network)
        if network is None:
            continue  # noted when it was read
        if network.driver not in KNOWN:
            try:
                plugins.find(network.driver, how.plugins)
            except NetwrightError as error:
                mistakes.append(f"{network.name}: {error}")
            yield wish, network, None
        else:
            yield wish, network, part_of(asked, wish, network, mistakes)


def part_of(asked: Asked, wish: Wish, network: Network, mistakes: "list[str]") -> Part:
    """A container on a network; what is wrong with it is noted."""
    wrong: list[str] = []
    found = Part(asked, wish, network, settings(network.driver, network.options, wish.options, wrong))
    if network.driver == "bridge" and not network.interface:
        wrong.append("no bridge interface name given")
    if network.ipam == "host-local":
        found = replace(found, legs=legs(network, wish.addresses or ()))
        if wish.addresses is None:
            wrong.append("no static ips provided")
        elif network.subnets and len(found.legs) != len(wish.addresses):
            wrong.append(f"not all static IPs matched a subnet: expected {len(wish.addresses)}, got {len(found.legs)}")
        found = replace(found, listen=tuple(s.gateway for s in network.subnets if s.gateway))
    if network.driver == "bridge" and network.dns and not found.settings.managed and network.interface:
        found = replace(found, listen=making.addresses_of(network.interface))
        if not found.listen:
            wrong.append(f"bridge {network.interface} has no address to answer for names at: add one, or podman network create --disable-dns")
    if network.ipam == "dhcp" and network.driver == "bridge" and found.settings.managed:
        wrong.append("cannot use dhcp ipam driver without using the option mode=unmanaged")
    if network.ipam == "dhcp" and network.driver == "ipvlan":
        wrong.append("ipam driver dhcp is not supported with ipvlan")
    if network.driver == "ipvlan" and wish.mac:
        wrong.append("an ipvlan has the hardware address of its parent: static_mac cannot be had")
    mtu = found.settings.mtu
    if 0 < mtu < parts.LEAST_MTU6 and any(leg.family == 6 for leg in found.legs):
        wrong.append(f'option "mtu": {mtu} is less than the {parts.LEAST_MTU6} that IPv6 needs')
    wrong += _not_done(found)
    for name in unknown(network.driver, network.options):
        note(f"{network.name}: unknown option {name}; it is passed over")
    mistakes += [f"{network.name}: {one}" for one in wrong]
    return found


def _not_done(part: Part) -> "Iterator[str]":
    """What this cannot do."""
    if part.settings.vlan:
        from ..kernel.bridge_vlan import why_not

        yield f'option "vlan": not done by netwright; {why_not()}'
    if part.settings.vrf:
        from ..kernel.kinds import why_not as lacks

        yield f'option "vrf": not done by netwright; where it is: {lacks("vrf")}'


def _chosen(asked: Asked, tasks: "list[Task]", inside: int) -> "list[Task]":
    """With default routes of different metrics, and every port at one network."""
    own = {wish.interface for wish, _, _ in tasks}
    taken = making.metrics_in(inside, own)
    out = []
    for wish, network, part in tasks:
        if part is not None and parts.leads_out(part):
            metric = part.settings.metric
            families = {leg.family for leg in part.legs if leg.gateway} or {4}
            while any((family, metric) in taken for family in families):
                metric += 1
            taken |= {(family, metric) for family in families}
            part = replace(part, metric=metric)
        out.append((wish, network, part))
    return _with_ports(asked, out)


def _with_ports(asked: Asked, tasks: "list[Task]") -> "list[Task]":
    """A port leads to one address of each family: where the container's own traffic goes; not again to where it leads already."""
    if not asked.ports:
        return tasks
    mine = {one.network.name for _, _, one in tasks if one is not None}
    others = [record for record in making.attachments(asked.container) if record.data.get("network") not in mine]
    have = {parts.key(element) for record in others for element in record.elements}
    ports: dict[str, tuple[Port, ...]] = {}
    for _, part in sorted(((parts.rank(p), p) for _, _, p in tasks if p is not None and p.filtered), key=lambda pair: pair[0]):
        wanted = [(port, {parts.key(e) for e in parts.published((port,), part.legs, "")}) for port in asked.ports]
        ports[part.network.name] = tuple(port for port, keys in wanted if keys - have)
        have |= {key for _, keys in wanted for key in keys}
    return [(w, n, replace(p, ports=ports.get(n.name, ())) if p is not None else None) for w, n, p in tasks]


# -- made ------------------------------------------------------------------------------------------------------------------------


def _made(asked: Asked, task: "Task", inside: int, how: How) -> "dict[str, Any]":
    """Attach to one network; what podman is told of it."""
    wish, network, part = task
    if part is None:
        return plugins.run("setup", asked, wish, network, how)
    make = making.bridge if network.driver == "bridge" else making.on_parent
    state = make(part, inside, how)
    servers, domains = _names_of(part)
    if network.ipam == "dhcp":
        from . import dhcp

        try:
            found = dhcp.lease(part, how.netns)
            part = replace(part, legs=found.legs)
            state = make(part, inside, how)
        except (NetwrightError, OSError):
            _undo(asked, [task], inside, how)
            raise
        servers, domains = servers or found.servers, domains or found.domains
    mac = state.namespaces[BOX].devices[wish.interface].address
    return status(wish.interface, mac, part.legs, servers, domains)


def _names_of(part: Part) -> "tuple[tuple[str, ...], tuple[str, ...]]":
    """The servers and search domains for the container's resolv.conf."""
    if part.network.dns and part.network.driver == "bridge":
        return part.listen, (DOMAIN,)
    return part.asked.servers or (), ()
