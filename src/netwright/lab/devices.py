"""The devices of a lab: bridges and ports in @, the links of the hosts, their queues.

Everything that a lab file can say is said, so that taking a line out takes its effect back.
"""

from __future__ import annotations

from ..model.neighbour import Neighbour
from ..model.qdisc import Qdisc
from ..model.state import Device
from .attributes import attributes
from .draft import Draft, Plug, Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..model.state import End
    from .draft import Path
    from .topology import Host, Link, Switch

    Pairs = tuple[tuple[str, Any], ...]
    Devices = dict[str, Device]

ROOT = "@"
GROUP = 0x6E77  # the link group of everything that a lab makes
_UP = Device(up=True)
_PORT = (("isolated", 0), ("mode", 0))
_ONLY_VLAN = ((1, "pvid untagged"),)
# The kernel's own values; times in 1/100 s. No snooping: without a querier in the lab it only forgets who listens. No word of
# VLANs: a kernel without CONFIG_BRIDGE_VLAN_FILTERING refuses even to be told to leave them alone.
_BRIDGE = {
    "ageing_time": 30000, "forward_delay": 0, "group_fwd_mask": 0, "hello_time": 200, "max_age": 2000, "mcast_snooping": 0,
    "priority": 32768, "stp_state": 0,
}  # fmt: skip
# The shortest times that IEEE 802.1D allows together: a port forwards after 8 s and not after 30.
_STP = {"stp_state": 1, "forward_delay": 400, "max_age": 600}
# A bridge that gives its ports no VLAN by itself has none that is not written here.
_VLANS = {"vlan_filtering": 1, "vlan_default_pvid": 0}
_EVERY = "00:00:00:00:00:00"
_VXLAN_BYTES = {4: 50, 6: 70}  # RFC 7348: what an outer header takes


class Made:
    """Devices, queues and forwarding entries by namespace."""

    __slots__ = ("devices", "neighbours", "queues")

    def __init__(self, names: list[str]) -> None:
        self.devices: dict[str, Devices] = {name: {"lo": _UP} for name in names}
        self.queues: dict[str, list[Qdisc]] = {name: [] for name in names}
        self.neighbours: dict[str, list[Neighbour]] = {}


def devices(draft: Draft) -> Made:
    """Every device; each host's in the order of its links."""
    made = Made([ROOT, *draft.topology.hosts])
    for name, switch in draft.topology.switches.items():
        made.devices[ROOT][name] = _bridge(draft, name, switch)
    ports = _Ports(draft)
    _trunks(draft, made, ports)
    for host, spec in draft.topology.hosts.items():
        for device, link in spec.links.items():
            plugged = draft.plugs.get((host, device))
            if plugged is not None and plugged[0].port:
                _plugged(draft, made, ports, *plugged)
            elif device == "lo":
                made.devices[host]["lo"] = Device(up=link.up, mtu=link.mtu)
            elif link.kind != "veth":
                made.devices[host][device] = _standing(draft, made, host, spec, device, link)
    return made


# -- switches ------------------------------------------------------------------------------------------------------------------


def _bridge(draft: Draft, name: str, switch: Switch) -> Device:
    """The MTU is the kernel's choice: a bridge follows its smallest port."""
    given = _attributes(draft, ("switches", name), "bridge", dict(switch.options))
    options = {**_BRIDGE, **(_STP if switch.stp else {}), **(_VLANS if switch.vlans else {}), **given}
    return Device("bridge", up=True, group=GROUP, options=tuple(sorted(options.items())), vlans=_ONLY_VLAN if switch.vlans else ())


def _attributes(draft: Draft, path: Path, kind: str, given: dict[str, Any]) -> dict[str, Any]:
    if not given:
        return given
    return attributes(kind, given, lambda word, what, fix: draft.wrong((*path, "options", word), what, fix))


def _trunks(draft: Draft, made: Made, ports: _Ports) -> None:
    """Cables from switch to switch: a veth inside @, both ends ports."""
    switches = draft.topology.switches
    for number, cable in enumerate(draft.topology.cables):
        (a, _), (b, _) = cable.ends
        if a not in switches or b not in switches or a == b:
            continue
        names = ports.name(a, b, number), ports.name(b, a, number)
        mtu = cable.mtu or max(switches[a].mtu or 1500, switches[b].mtu or 1500)
        for at, master in ((0, a), (1, b)):
            vlans = _ONLY_VLAN if switches[master].vlans else ()
            made.devices[ROOT][names[at]] = Device("veth", (ROOT, names[1 - at]), None, master, True, mtu, group=GROUP, port=_PORT, vlans=vlans)
            made.queues[ROOT] += _queues(draft, ("cables", number), names[at], cable)


# -- cables --------------------------------------------------------------------------------------------------------------------


class _Ports:
    """Names for ports: `web1.eth0` where it fits into 15 bytes, else the beginning and four digits of a sum."""

    def __init__(self, draft: Draft) -> None:
        self._taken = set(draft.topology.switches) | {"lo", "uplink"}

    def name(self, host: str, device: str, number: int = 0) -> str:
        whole = f"{host}.{device}"
        found = whole if len(whole) <= 15 and whole not in self._taken else ""
        salt = number
        while not found:
            found = f"{host[:10]}-{_digits(whole, salt)}"
            salt += 1
            if found in self._taken:
                found = ""
        self._taken.add(found)
        return found


def _digits(text: str, salt: int) -> str:
    total = 2166136261 + salt  # FNV-1a: the same in every process, unlike hash()
    for byte in text.encode():
        total = (total ^ byte) * 16777619 & 0xFFFFFFFF
    return f"{total & 0xFFFF:04x}"


def _plugged(draft: Draft, made: Made, ports: _Ports, plug: Plug, segment: Segment) -> None:
    link, mtu = plug.link, plug.link.mtu or segment.mtu
    here: End = plug.host, plug.device
    if segment.is_switch:
        port = ports.name(*here)
        vlans = _vlans(link) if draft.topology.switches[segment.name].vlans else ()
        made.devices[ROOT][port] = Device("veth", here, None, segment.name, True, mtu, group=GROUP, port=_port_options(link), vlans=vlans)
        made.queues[ROOT] += _queues(draft, plug.path, port, link)
        far: End = ROOT, port
    else:
        other = next((p for p in segment.plugs if p is not plug and p.port), plug)
        far = other.host, other.device
    options = _port_options(link) if link.master and _is_bridge(draft, plug.host, link.master) else ()
    made.devices[plug.host][plug.device] = Device("veth", far, None, link.master, link.up, mtu, link.mac, group=GROUP, port=options)
    made.queues[plug.host] += _queues(draft, plug.path, plug.device, link)


def _is_bridge(draft: Draft, host: str, device: str) -> bool:
    link = draft.topology.hosts[host].links.get(device)
    return link is not None and link.kind == "bridge"


def _port_options(link: Link) -> Pairs:
    return (("isolated", int(link.isolated)), ("mode", int(link.hairpin))) if link.isolated or link.hairpin else _PORT


def _vlans(link: Link) -> tuple[tuple[int, str], ...]:
    """The VLANs of a port; where nothing is said it is in 1, as every port of a switch that was just bought."""
    access = [(link.vlan, "pvid untagged")] if link.vlan else []
    return tuple(sorted([*access, *((vid, "") for vid in link.trunk if vid != link.vlan)])) or _ONLY_VLAN


def _queues(draft: Draft, path: Path, device: str, cable: Any) -> list[Qdisc]:
    """What makes a cable slow: tbf for a rate alone, netem where it also delays or loses. On both ends, so it holds both ways."""
    if not (cable.rate or cable.delay or cable.loss):
        return []
    from ..errors import Invalid
    from ..kernel.tc import canonical

    rate = cable.rate // 8
    if cable.delay or cable.loss:
        # What a delayed cable holds at 1 Gbit/s, 1500 bytes each, where no rate says how much that can be.
        packets = cable.delay * (rate or 125_000_000) // 1_500_000_000
        given = {"delay": cable.delay, "loss": cable.loss, "rate": rate, "limit": max(1000, min(2 * packets, 1_000_000))}
        queue = Qdisc(device, "netem", handle="1:", options=tuple(sorted((key, item) for key, item in given.items() if item)))
    else:
        burst = max(rate // 250, 1600)
        # Room for 50 ms, and for a dozen large packets at the least.
        options = (("burst", burst), ("limit", burst + max(rate // 20, 12 * 1514)), ("rate", rate))
        queue = Qdisc(device, "tbf", handle="1:", options=options)
    try:
        return [canonical(queue)]
    except Invalid as error:
        if not draft.told(path):
            draft.wrong(path, f"rate, delay or loss: {error.why}", "a rate is at least 8 bits per second, a loss 0 to 100 percent")
        return []


# -- what stands on others -----------------------------------------------------------------------------------------------------


def _standing(draft: Draft, made: Made, host: str, spec: Host, device: str, link: Link) -> Device:
    lower = (host, link.parent) if link.parent and link.kind != "vxlan" else None
    options = _translated(draft, made, host, device, link)
    outer = 6 if "group6" in options or "local6" in options else 4
    mtu = link.mtu or _usual_mtu(draft, host, spec, link, outer)
    port = _port_options(link) if link.master and _is_bridge(draft, host, link.master) else ()
    made.queues[host] += _queues(draft, ("hosts", host, "links", device), device, link)
    return Device(link.kind, None, lower, link.master, link.up, mtu, link.mac, group=GROUP, options=tuple(sorted(options.items())), port=port)


def _usual_mtu(draft: Draft, host: str, spec: Host, link: Link, outer: int) -> int:
    """As much as the device below; a vxlan less by its outer headers; a bridge what its ports have."""
    if link.kind in ("bridge", "bond"):
        return 0
    less = 0
    for _ in spec.links:
        less += _VXLAN_BYTES[outer] if link.kind == "vxlan" else 0
        below = spec.links.get(link.parent) if link.parent else None
        plugged = draft.plugs.get((host, link.parent))
        if below is None or below.mtu or (plugged and plugged[0].port):
            usual = (below.mtu if below else 0) or ((plugged[0].link.mtu or plugged[1].mtu) if plugged else 0) or 1500
            return usual - less
        link = below
    return 1500 - less


def _translated(draft: Draft, made: Made, host: str, device: str, link: Link) -> dict[str, Any]:
    """A person's words as the kernel's attributes: mode bridge -> ("mode", 4), remote b -> ("group", its address)."""
    path: Path = ("hosts", host, "links", device)
    given = dict(link.options)
    ends = {name: given.pop(name) for name in ("remote", "group", "local") if name in given} if link.kind == "vxlan" else {}
    out = _attributes(draft, path, link.kind, given)
    if link.kind in ("macvlan", "macvtap"):
        return {"mode": 4, **out}
    if link.kind in ("ipvlan", "ipvtap"):
        return {"mode": 1, **out}
    if link.kind == "bridge":
        return {**_BRIDGE, **out}
    if link.kind == "vlan":
        _numbered(draft, path, "vlan", out, 1, 4094)
        return {"protocol": 0x8100, **out}
    if link.kind == "vxlan":
        _numbered(draft, path, "vxlan", out, 0, (1 << 24) - 1)
        out = {"learning": 1, "port": 4789, **out}
        for name, item in ends.items():
            _end(draft, made, host, device, out, name, item)
        if link.parent:
            out["link"] = link.parent
    return out


def _numbered(draft: Draft, path: Path, kind: str, out: dict[str, Any], least: int, most: int) -> None:
    number = out.get("id")
    if not isinstance(number, int) or not least <= number <= most:
        draft.wrong((*path, "id"), f"a {kind} has a number" if number is None else f"{number} is no number of a {kind}", f"id: from {least} to {most}")


def _end(draft: Draft, made: Made, host: str, device: str, out: dict[str, Any], name: str, item: Any) -> None:
    """The other end of a vxlan, or our own: an address or a host. Several are as many entries of its forwarding table."""
    found = [_address_of(draft, host, device, name, one) for one in (item if isinstance(item, (tuple, list)) else [item])]
    known = [address for address in found if address]
    if len(found) > 1 and name != "local":
        entries = [Neighbour(address, device, _EVERY, "permanent", 7, ("self",)) for address in known]
        made.neighbours.setdefault(host, []).extend(entries)
        if any(":" in address for address in known):
            out["group6"] = "::"  # or the kernel takes it for one of IPv4
    elif known:
        field = "local" if name == "local" else "group"
        out[field + "6" if ":" in known[0] else field] = known[0]


def _address_of(draft: Draft, host: str, device: str, option: str, name: Any) -> str:
    """An address as it is; for a host's name the address that it has in a lan with us, else its first. "", and told, for neither."""
    from ..model.addressing import number_of, text_of

    name = str(name)
    if name not in draft.topology.hosts:
        try:
            return text_of(*number_of(name))
        except ValueError:
            draft.wrong(("hosts", host, "links", device, "options", option), f'"{name}" is no address and no host', draft.known(name, draft.topology.hosts))
            return ""
    mine = {id(segment.lan) for _, segment in draft.of_host(host)}
    plugs = sorted(draft.of_host(name), key=lambda found: id(found[1].lan) not in mine)
    found = [(number, family) for plug, _ in plugs for number, family, _ in plug.addresses]
    if not found:
        draft.wrong(("hosts", host, "links", device, "options", option), f"{name} has no address", "plug it into a switch or a cable")
    return text_of(*found[0]) if found else ""
