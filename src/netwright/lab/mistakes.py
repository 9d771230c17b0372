"""What is wrong in a lab by itself: names, numbers, and what refers to nothing. (Wiring, addresses and routes tell their own.)"""

from __future__ import annotations

from ..model.kinds import MODULES
from ..model.names import is_device_name, is_namespace_name, why_not_device_name
from .draft import Draft, Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .draft import Path
    from .topology import Check, Host, Link

_IPV6_MTU = 1280  # RFC 8200, section 5
_ON_A_PARENT = ("macvlan", "macvtap", "ipvlan", "ipvtap", "vlan")
_MASTERS = ("bridge", "bond", "vrf")
_KINDS = tuple(MODULES)
_RESERVED = ("lo", "uplink")
_CHECKS = ("connect", "refuse", "ping", "noping")


def look_over(draft: Draft) -> None:
    """Tell every mistake of the lab's parts."""
    topology = draft.topology
    good: set[str] = set()
    if topology.routing not in ("static", "none"):
        draft.wrong(("routing",), f'"{topology.routing}" is no way of routing', "static, or none")
    for name in topology.switches:
        _switch(draft, name)
    _names(draft)
    for name, spec in topology.hosts.items():
        _host(draft, name, spec)
        for device, link in spec.links.items():
            if device not in good and _device(draft, ("hosts", name, "links", device), device):
                good.add(device)
            _link(draft, ("hosts", name, "links", device), spec, device, link)
    _hardware_addresses(draft)
    for segment in draft.segments.values():
        _mtu_of_ipv6(draft, segment)
    _cables(draft)
    _zones(draft)
    _publish(draft)
    for at, check in enumerate(topology.checks):
        _check(draft, at, check)


# -- names ---------------------------------------------------------------------------------------------------------------------


def _names(draft: Draft) -> None:
    """Hosts, switches and zones share their names; an alias is another name of one host."""
    topology = draft.topology
    owner = {name: name for name in topology.hosts}
    for name in topology.switches:
        if name in owner:
            draft.wrong(("switches", name), f'a host and a switch are both called "{name}"', "hosts and switches share their names: rename one")
    for name in topology.zones:
        if name in owner or name in topology.switches:
            draft.wrong(("zones", name), f'a zone and a {"host" if name in owner else "switch"} are both called "{name}"', "rename one")
    for name, spec in topology.hosts.items():
        for at, alias in enumerate(spec.aliases):
            path: Path = ("hosts", name, "aliases", at)
            if owner.setdefault(alias, name) != name:
                draft.wrong(path, f'"{alias}" is a name of {owner[alias]} already', "every name once")
            elif not _is_host_name(alias):
                draft.wrong(path, f'"{alias}" can be no name of a host', "letters, digits, - and dots")


def _is_host_name(name: str) -> bool:
    """What can stand in /etc/hosts and name a namespace."""
    return name.isascii() and name.replace("-", "").replace("_", "").replace(".", "").isalnum() and name[0].isalnum() and is_namespace_name(name) and len(name) < 64


def _device(draft: Draft, path: Path, name: str) -> bool:
    if is_device_name(name):
        return True
    draft.wrong(path, f'"{name}" can be no device: {why_not_device_name(name)}', "take a shorter name" if len(name) > 15 else "")
    return False


def _switch(draft: Draft, name: str) -> None:
    switch, path = draft.topology.switches[name], ("switches", name)
    _device(draft, path, name)
    if name in _RESERVED:
        draft.wrong(path, f'a switch cannot be called "{name}": the namespace of the switches has a device of that name', "take another name")
    _mtu(draft, path, switch.mtu)
    for word, item in switch.options:
        if word in ("stp_state", "vlan_filtering"):
            draft.wrong((*path, "options", word), f"{word}: {item} has a key of its own", "stp: true" if word == "stp_state" else "vlans: true")


def _host(draft: Draft, name: str, spec: Host) -> None:
    path = ("hosts", name)
    if not _is_host_name(name):
        draft.wrong(path, f'"{name}" can be no name of a host', "letters, digits, - and dots; at most 63")
    for key in spec.sysctls:
        if not key.startswith("net.") or "" in key.split("."):
            draft.wrong((*path, "sysctls", key), f'"{key}" is no setting of a network namespace', "these begin with net., for example net.ipv4.ip_forward")


# -- links ---------------------------------------------------------------------------------------------------------------------


def _link(draft: Draft, path: Path, spec: Host, device: str, link: Link) -> None:
    if link.kind != "veth" or link.parent or link.master or link.vlan or link.trunk or device == "lo":
        _standing(draft, path, spec, device, link)
    if link.mtu:
        _mtu(draft, path, link.mtu)
    if link.rate or link.delay or link.loss:
        _slowness(draft, path, link.rate, link.delay, link.loss)


def _standing(draft: Draft, path: Path, spec: Host, device: str, link: Link) -> None:
    """What only few links have: another kind, a device below or above, VLANs."""
    if link.kind not in _KINDS:
        draft.wrong((*path, "kind"), f'there is no kind "{link.kind}"', draft.known(link.kind, _KINDS))
    elif link.kind in _ON_A_PARENT and not link.parent:
        draft.wrong(path, f"a {link.kind} stands on another device", "name it: parent: eth0")
    elif link.kind == "veth" and link.parent:
        draft.wrong((*path, "parent"), "a cable stands on no other device", "leave it out, or give a kind: macvlan, vlan …")
    if device == "lo" and (link.kind != "veth" or link.switch or link.master):
        draft.wrong(path, "lo is the loopback device of every host", "it can have addresses and an MTU; call this one otherwise")
    for field in ("parent", "master"):
        named = getattr(link, field)
        if named and (named not in spec.links or named == device):
            draft.wrong((*path, field), f'there is no other device "{named}" in this host', draft.known(named, [d for d in spec.links if d != device]))
    if link.master in spec.links and spec.links[link.master].kind not in _MASTERS:
        draft.wrong((*path, "master"), f"{link.master} is a {spec.links[link.master].kind}, and takes no ports", f"a master is a {', '.join(_MASTERS)}")
    if _in_a_circle(spec, device) and not draft.told(path[:3]):
        draft.wrong(path, f"{device} stands on itself in the end", "parent and master must lead to a device that stands alone")
    _vlans(draft, path, link)


def _in_a_circle(spec: Host, device: str) -> bool:
    waiting, seen = [device], set[str]()
    for here in waiting:
        link = spec.links.get(here)
        for below in (link.parent, link.master) if link else ():
            if below == device and here != device:
                return True
            if below and below not in seen and below != here:
                seen.add(below)
                waiting.append(below)
    return False


def _vlans(draft: Draft, path: Path, link: Link) -> None:
    for field, numbers in (("vlan", (link.vlan,) if link.vlan else ()), ("trunk", link.trunk)):
        for vid in numbers:
            if not 1 <= vid <= 4094:
                draft.wrong((*path, field), f"{vid} is no VLAN", "from 1 to 4094")
    switch = draft.topology.switches.get(link.switch)
    if (link.vlan or link.trunk) and (switch is None or not switch.vlans):
        where = f"the switch {link.switch} does not filter by VLAN" if switch else "a VLAN is that of a port of a switch"
        draft.wrong((*path, "vlan" if link.vlan else "trunk"), where, f"vlans: true for {link.switch}" if switch else "plug it into a switch with vlans: true")


def _mtu(draft: Draft, path: Path, mtu: int) -> None:
    if mtu and not 68 <= mtu <= 65535:
        draft.wrong((*path, "mtu"), f"{mtu} is no MTU", f"from 68 (RFC 791) to 65535; IPv6 needs {_IPV6_MTU}")


def _slowness(draft: Draft, path: Path, rate: int, delay: int, loss: float) -> None:
    if rate < 0 or 0 < rate < 8:
        draft.wrong((*path, "rate"), f"{rate} is no rate", "at least 8 bits per second")
    if delay < 0:
        draft.wrong((*path, "delay"), f"{delay} is no delay", "a time in microseconds")
    if not 0 <= loss <= 100:
        draft.wrong((*path, "loss"), f"{loss} is no loss", "0 to 100 percent")


def _mtu_of_ipv6(draft: Draft, segment: Segment) -> None:
    """The kernel takes IPv6 away from a device with less than 1280 bytes, addresses and all."""
    if not (68 <= segment.mtu < _IPV6_MTU or any(plug.link.mtu for plug in segment.plugs)):
        return
    pools = draft.topology.pool if segment.wanted != () else ()
    everywhere = any(":" in text for text in (*(segment.wanted or ()), *pools))
    for plug in segment.plugs:
        mtu = plug.link.mtu or segment.mtu
        if 68 <= mtu < _IPV6_MTU and (any(":" in text for text in plug.given) if plug.given is not None else everywhere):
            draft.wrong((*plug.path, "mtu"), f"{mtu} is too little for the IPv6 address of {plug.host}:{plug.device}", f"IPv6 needs {_IPV6_MTU} (RFC 8200)")


def _hardware_addresses(draft: Draft) -> None:
    for lan in draft.lans():
        seen: dict[str, str] = {}
        for plug in lan.plugs:
            if plug.link.mac:
                name, mac = f"{plug.host}:{plug.device}", plug.link.mac.lower()
                if seen.setdefault(mac, name) != name:
                    draft.wrong((*plug.path, "mac"), f"{mac} is also the hardware address of {seen[mac]}", "every one once on a switch")
    for host, spec in draft.topology.hosts.items():
        for device, link in spec.links.items():
            if link.mac and (why := _why_no_mac(link.mac)):
                draft.wrong(("hosts", host, "links", device, "mac"), f"{link.mac} is no address of a device: {why}", "six bytes as 02:00:00:00:00:01, the first of them even")


def _why_no_mac(text: str) -> str:
    parts = text.split(":")
    if len(parts) != 6 or not all(len(part) == 2 and set(part) <= set("0123456789abcdefABCDEF") for part in parts):
        return "these are not six bytes"
    if int(parts[0], 16) & 1:
        return "it is one of a group (multicast)"
    return "it is all zeros" if set(text) == {"0", ":"} else ""


# -- the rest ------------------------------------------------------------------------------------------------------------------


def _cables(draft: Draft) -> None:
    for at, cable in enumerate(draft.topology.cables):
        _mtu(draft, ("cables", at), cable.mtu)
        _slowness(draft, ("cables", at), cable.rate, cable.delay, cable.loss)


def _zones(draft: Draft) -> None:
    from .policy import meant

    for name, parts in draft.topology.zones.items():
        for at, part in enumerate(parts):
            try:
                meant(draft.topology, part)
            except KeyError:
                topology = draft.topology
                draft.wrong(("zones", name, at), f'there is no host, switch or zone "{part}"', draft.known(part, [*topology.hosts, *topology.switches, *topology.zones]))


def _publish(draft: Draft) -> None:
    """Ports of the machine. (Those of routers: nat.py.)"""
    if draft.topology.publish:
        from .nat import check_ports

        seen: dict[tuple[str, str, int], int] = {}
        for at, rule in enumerate(draft.topology.publish):
            check_ports(draft, ("publish", at), rule, seen, at, addressed=False)


def _check(draft: Draft, at: int, check: Check) -> None:
    path = ("checks", at)
    if check.kind not in _CHECKS:
        draft.wrong((*path, "kind"), f'there is no check "{check.kind}"', draft.known(check.kind, _CHECKS))
    if check.source not in draft.topology.hosts:
        draft.wrong((*path, "from"), f'there is no host "{check.source}"', draft.known(check.source, draft.topology.hosts))
    if not _is_target(draft, check.target):
        draft.wrong((*path, "to"), f'"{check.target}" is no host and no address', draft.known(check.target, draft.topology.hosts))
    if check.kind in ("connect", "refuse") and not 0 < check.port < 65536:
        draft.wrong((*path, "port"), f"{check.port} is no port", "from 1 to 65535")
    if check.protocol not in ("tcp", "udp"):
        draft.wrong((*path, "protocol"), f'"{check.protocol}" cannot be checked', "tcp or udp")


def _is_target(draft: Draft, name: str) -> bool:
    """A host by its name, its name in the lab, an alias; or an address."""
    from ..model.addressing import number_of

    topology = draft.topology
    if name.removesuffix(f".{topology.name}") in topology.hosts or any(name in spec.aliases for spec in topology.hosts.values()):
        return True
    try:
        number_of(name)
    except ValueError:
        return False
    return True
