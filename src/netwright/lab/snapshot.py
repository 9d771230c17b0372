"""A Topology out of what is: the other way round from compile.py. What a lab file cannot say is told in words.

Everything that can be seen is written out (addresses, routes, routers), so that nothing is worked out again when the file is
brought up: `routing: none`, and no default route that was not there. Bridges of the namespace "@" become switches, a veth between
two of the namespaces a cable; a bridge of any other namespace stays a device of that host.
"""

from __future__ import annotations

from ..model.state import State
from ..model.value import replace, value
from .topology import Cable, Host, Link, Route, Switch, Topology

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from ..model.state import Device, End, Namespace

ROOT = "@"
FORWARDING = ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding")
_KINDS = ("veth", "macvlan", "ipvlan", "vlan", "vxlan", "dummy", "bridge", "bond")
_MAIN = 254


@value
class Taken:
    """The `topology`, and `lost`: what it does not say, a sentence each."""

    topology: Topology
    lost: tuple[str, ...]


def taken(state: State, name: str, record: Topology | None = None) -> Taken:
    """The lab `name` that has `state`. `record`: what was written down about it, for what is only seen through other things."""
    if record:  # in the order in which it was written: addresses and names are told in it
        order = [name for name in (ROOT, *record.hosts) if name in state.namespaces]
        state = State({name: state.namespaces[name] for name in dict.fromkeys((*order, *state.namespaces))}, state.files)
    camera = _Camera(state, record)
    hosts = {camera.names[key]: camera.host(key, state.namespaces[key]) for key in state.namespaces if key != ROOT}
    bridges = dict.fromkeys((*(name for name in (record.switches if record else ()) if name in camera.bridges), *camera.bridges))
    switches = {key: camera.switch(key, camera.bridges[key]) for key in bridges}
    cables = tuple(camera.cables())
    topology = Topology(name, hosts=hosts, switches=switches, cables=cables, routing="none")
    if record:
        topology = replace(topology, policy=record.policy, checks=record.checks, zones=record.zones, publish=record.publish, uplink=record.uplink)
    return Taken(topology, tuple(camera.lost))


def host_name(namespace: str, taken_names: Iterable[str]) -> str:
    """A namespace's name as a name of a host (RFC 1123): letters, digits and "-"; numbered where another has it already."""
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in namespace).strip("-")[:50] or "host"
    found, number = plain, 2
    while found in taken_names:
        found, number = f"{plain}-{number}", number + 1
    return found


class _Camera:
    """Looks at one State; `names` are the hosts' names by namespace, `lost` what cannot be said."""

    def __init__(self, state: State, record: Topology | None) -> None:
        self.state, self.record = state, record
        self.lost: list[str] = []
        self.names: dict[str, str] = {}
        root = state.namespaces.get(ROOT)
        self.bridges = {key: device for key, device in root.devices.items() if device.kind == "bridge"} if root else {}
        for key in state.namespaces:
            if key != ROOT:
                self.names[key] = host_name(key, {*self.names.values(), *self.bridges})
                if self.names[key] != key:
                    self.lost.append(f"the namespace {key} is the host {self.names[key]}")

    # -- hosts -----------------------------------------------------------------------------------------------------------

    def host(self, key: str, there: Namespace) -> Host:
        """One host with its links, routes and settings."""
        said = self.record.hosts.get(key) if self.record else None
        name = self.names[key]
        links = {device: link for device, found in there.devices.items() if device != "lo" and (link := self._link(key, device, found, there))}
        self._left_out(name, there, said)
        router = all(there.sysctls.get(setting) == "1" for setting in FORWARDING)
        sysctls = {k: v for k, v in there.sysctls.items() if not (k in FORWARDING and (router or v == "0"))}
        routes = tuple(sorted(self._routes(name, there, links), key=lambda r: (r.to, r.metric, ":" in r.via, r.via, r.link)))
        host = Host(links, router, routes=routes, default_route=any(r.to == "default" for r in routes), sysctls=sysctls)
        if said:
            host = replace(host, nat=said.nat, publish=said.publish, dns=said.dns, search=said.search, aliases=said.aliases, zone=said.zone)
        return host

    def _link(self, key: str, name: str, device: Device, there: Namespace) -> Link | None:
        if device.kind not in _KINDS:
            self.lost.append(f"{self.names[key]}: {name} is a {device.kind or 'real device'}, which a lab file has no word for")
            return None
        addresses = tuple(sorted(a.address for a in there.addresses if a.link == name and not a.peer))
        link = Link(device.kind, addresses=addresses, master=device.master, mac=device.address, up=device.up, mtu=device.mtu)
        if device.kind == "veth":
            return self._plugged(key, name, device, link, there)
        if device.lower and device.lower[0] != key:
            self.lost.append(f"{self.names[key]}: {name} stands on a device of another namespace")
            return None
        parent = device.lower[1] if device.lower else str(dict(device.options).get("link", "")) if device.kind == "vxlan" else ""
        return replace(link, parent=parent, options=_words(device))

    def _plugged(self, key: str, name: str, device: Device, link: Link, there: Namespace) -> Link | None:
        """A veth into a switch, or an end of a cable."""
        rate = self._rate(key, name, there)
        if not device.peer or device.peer[0] not in self.state.namespaces:
            self.lost.append(f"{self.names[key]}: the other end of {name} is in no namespace of this file")
            return None
        if device.peer[0] != ROOT:
            return replace(link, mtu=0)
        port = self.state.namespaces[ROOT].devices[device.peer[1]]
        if port.master not in self.bridges:
            self.lost.append(f"{self.names[key]}: the other end of {name} is a port of no switch")
            return None
        options = dict(port.port)
        vlan = next((vid for vid, flags in port.vlans if "pvid" in flags), 0)
        trunk = tuple(vid for vid, flags in port.vlans if "pvid" not in flags)
        mtu = 0 if device.mtu == (self._mtu(port.master) or 1500) else device.mtu
        filters = bool(dict(self.bridges[port.master].options).get("vlan_filtering"))
        return replace(
            link, switch=port.master, mtu=mtu, rate=rate, vlan=vlan if filters and vlan != 1 else 0, trunk=trunk if filters else (),
            isolated=bool(options.get("isolated")), hairpin=bool(options.get("mode")),
        )  # fmt: skip

    def _rate(self, key: str, name: str, there: Namespace) -> int:
        """Bits per second of the one queue that a lab file has a word for."""
        found = [queue for queue in there.qdiscs if queue.link == name]
        if len(found) == 1 and found[0].kind == "tbf" and found[0].parent == "root":
            return int(dict(found[0].options)["rate"]) * 8
        if found:
            self.lost.append(f"{self.names[key]}: {', '.join(sorted(queue.kind for queue in found))} on {name}")
        return 0

    def _routes(self, name: str, there: Namespace, links: Mapping[str, Link]) -> Iterator[Route]:
        for route in there.routes:
            more = route.table != _MAIN or route.nexthops or route.encap or route.nexthop_id or route.source or route.metrics or route.from_network or route.tos
            if more or (route.link and route.link not in links):
                self.lost.append(f"{name}: the route to {route.to}{f' in table {route.table}' if route.table != _MAIN else ''}")
                continue
            yield Route(route.to, route.via, route.link, route.metric, route.type)

    def _left_out(self, name: str, there: Namespace, said: Host | None) -> None:
        for what, found in (("rules", there.rules), ("neighbours and forwarding entries", there.neighbours)):
            if found:
                self.lost.append(f"{name}: {len(found)} {what}")
        tables = [f"{family} {table}" for family, table in there.tables]
        if tables and not self.record:
            self.lost.append(f"{name}: the nftables {', '.join(tables)}")
        peers = sorted(a.address for a in there.addresses if a.peer)
        if peers:
            self.lost.append(f"{name}: addresses with a peer: {', '.join(peers)}")

    # -- switches and cables ---------------------------------------------------------------------------------------------

    def switch(self, name: str, device: Device) -> Switch:
        """A bridge of the lab's own namespace."""
        options = dict(device.options)
        root = self.state.namespaces[ROOT]
        own = tuple(sorted(a.address for a in root.addresses if a.link == name))
        ends = [port.peer for port in root.devices.values() if port.master == name and port.peer]
        said = self.record.switches[name].subnets if self.record and name in self.record.switches else None
        seen = self._subnets(ends, own)
        # What was written, and what was handed out beside it: the other family, from the pool.
        subnets = seen if said is None else (*said, *(net for net in seen if all((":" in net) != (":" in other) for other in said))) if said else ()
        own = () if self.record and self.record.uplink else own
        return Switch(subnets, self._mtu(name), bool(options.get("stp_state")), bool(options.get("vlan_filtering")), own)

    def _mtu(self, name: str) -> int:
        """What was written, or what the first port has; 0 for the usual."""
        if self.record and name in self.record.switches:
            return self.record.switches[name].mtu
        found = next((port.mtu for port in self.state.namespaces[ROOT].devices.values() if port.master == name and port.mtu), 1500)
        return 0 if found == 1500 else found

    def _subnets(self, ends: Iterable[End], own: Iterable[str] = ()) -> tuple[str, ...]:
        """The networks in which these ends have addresses, where there is one of each family; else none."""
        from ipaddress import ip_interface

        found = {ip_interface(address).network for address in own}
        for namespace, device in ends:
            there = self.state.namespaces.get(namespace)
            found |= {ip_interface(a.address).network for a in there.addresses if a.link == device and not a.peer} if there else set()
        families = [network.version for network in found]
        if len(set(families)) != len(families):
            return ()
        return tuple(str(network) for network in sorted(found, key=lambda network: network.version))

    def cables(self) -> Iterator[Cable]:
        """Between two hosts, each once; and between two switches."""
        done: set[End] = set()
        for key, there in self.state.namespaces.items():
            for name, device in there.devices.items():
                end, mate = (key, name), device.peer
                if device.kind != "veth" or mate is None or mate[0] not in self.state.namespaces or end in done or not self._a_cable(end, mate):
                    continue
                done |= {end, mate}
                yield self._cable(end, mate, device)

    def _a_cable(self, end: End, mate: End) -> bool:
        if ROOT not in (end[0], mate[0]):
            return True
        return end[0] == mate[0] and all(self.state.namespaces[ROOT].devices[e[1]].master in self.bridges for e in (end, mate))

    def _cable(self, end: End, mate: End, device: Device) -> Cable:
        if end[0] == ROOT:
            a, b = (self.state.namespaces[ROOT].devices[e[1]].master for e in (end, mate))
            return Cable(((a, ""), (b, "")), mtu=0)
        there = self.state.namespaces
        given = [tuple(sorted(a.address for a in there[e[0]].addresses if a.link == e[1] and not a.peer)) for e in (end, mate)]
        rate = self._rate(end[0], end[1], there[end[0]])
        ends = (self.names[end[0]], end[1]), (self.names[mate[0]], mate[1])
        return Cable(ends, self._subnets((end, mate)), (given[0], given[1]), device.mtu, rate)


# -- the words of a kind -----------------------------------------------------------------------------------------------------


def _words(device: Device) -> tuple[tuple[str, Any], ...]:
    """The options of a device in the words of a lab file: by the kernel's names, save those that have better ones."""
    found = dict(device.options)
    if device.kind in ("macvlan", "ipvlan") and "mode" in found:
        from ..model.kinds import ipvlan, macvlan

        modes = macvlan.MODES if device.kind == "macvlan" else {word: number for number, word in enumerate(ipvlan.MODES)}
        found = {"mode": next((word for word, number in modes.items() if number == found["mode"]), found["mode"])}
    if device.kind == "vlan":
        found = {"id": found.get("id", 1)}
    if device.kind == "vxlan":
        names = {"id": "id", "group": "remote", "group6": "remote", "local": "local", "local6": "local", "port": "port"}
        found = {word: found[field] for field, word in names.items() if found.get(field) and field in found}
    if device.kind in ("bridge", "dummy", "bond"):
        found = {name: found[name] for name in ("stp_state", "vlan_filtering") if found.get(name)}
    return tuple(sorted(found.items()))
