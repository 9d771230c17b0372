"""The devices of a lab: bridges and ports in @, the links of the hosts, their queues."""

from __future__ import annotations

from ..model.qdisc import Qdisc
from ..model.state import Device
from .draft import Draft, Plug, Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..model.state import End
    from .topology import Link

    Pairs = tuple[tuple[str, Any], ...]
    Devices = dict[str, Device]

ROOT = "@"
GROUP = 0x6E77  # the link group of everything that a lab makes
_UP = Device(up=True)


class Made:
    """Devices and queues by namespace."""

    __slots__ = ("devices", "queues")

    def __init__(self, names: list[str]) -> None:
        self.devices: dict[str, Devices] = {name: {"lo": _UP} for name in names}
        self.queues: dict[str, list[Qdisc]] = {name: [] for name in names}


def devices(draft: Draft) -> Made:
    """Every device; each host's in the order of its links."""
    made = Made([ROOT, *draft.topology.hosts])
    for name, switch in draft.topology.switches.items():
        made.devices[ROOT][name] = _bridge(switch)
    _trunks(draft, made)
    ports = _Ports(draft)
    for host, spec in draft.topology.hosts.items():
        for device, link in spec.links.items():
            plugged = draft.plugs.get((host, device))
            if plugged is None:
                if link.kind != "veth":
                    made.devices[host][device] = _standing(draft, host, link)
            else:
                _plugged(made, ports, *plugged)
    return made


# -- switches ------------------------------------------------------------------------------------------------------------------


def _bridge(switch: Any) -> Device:
    """Everything that a lab file can say is said, so that taking a line out takes its effect back. The MTU is the kernel's
    choice: a bridge follows its smallest port. No snooping: without a querier it only forgets groups."""
    given = dict(switch.options)
    options = {"stp_state": int(switch.stp), "forward_delay": 1500 if switch.stp else 0, "mcast_snooping": 0, **given}
    if switch.vlans:
        options["vlan_filtering"] = 1
    return Device("bridge", up=True, group=GROUP, options=tuple(sorted(options.items())))


def _trunks(draft: Draft, made: Made) -> None:
    """Cables from switch to switch: a veth inside @, both ends ports."""
    switches = draft.topology.switches
    for number, cable in enumerate(draft.topology.cables):
        (a, _), (b, _) = cable.ends
        if a not in switches or b not in switches:
            continue
        names = f"trunk{number}a", f"trunk{number}b"
        mtu = cable.mtu or max(switches[a].mtu or 1500, switches[b].mtu or 1500)
        for at, master in ((0, a), (1, b)):
            made.devices[ROOT][names[at]] = Device("veth", (ROOT, names[1 - at]), None, master, True, mtu, group=GROUP, port=_port_options(None))
            made.queues[ROOT] += _queues(names[at], cable)


# -- cables --------------------------------------------------------------------------------------------------------------------


class _Ports:
    """Names for ports: `web1.eth0` where it fits into 15 bytes, else the beginning and four digits of a sum."""

    def __init__(self, draft: Draft) -> None:
        self._taken = set(draft.topology.switches) | {"lo", "uplink"}

    def name(self, host: str, device: str) -> str:
        whole = f"{host}.{device}"
        found = whole if len(whole) <= 15 and whole not in self._taken else ""
        salt = 0
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


def _plugged(made: Made, ports: _Ports, plug: Plug, segment: Segment) -> None:
    link, mtu = plug.link, plug.link.mtu or segment.mtu
    here: End = plug.host, plug.device
    if segment.is_switch:
        port = ports.name(*here)
        made.devices[ROOT][port] = Device("veth", here, None, segment.name, True, mtu, group=GROUP, port=_port_options(link), vlans=_vlans(link))
        made.queues[ROOT] += _queues(port, link)
        far: End = ROOT, port
    else:
        other = next(p for p in segment.plugs if p is not plug) if len(segment.plugs) > 1 else plug
        far = other.host, other.device
    made.devices[plug.host][plug.device] = Device("veth", far, None, link.master, link.up, mtu, link.mac, group=GROUP, port=_port_options(link) if link.master else ())
    made.queues[plug.host] += _queues(plug.device, link)


def _port_options(link: Link | None) -> Pairs:
    return (("isolated", int(link.isolated) if link else 0), ("mode", int(link.hairpin) if link else 0))


def _vlans(link: Link) -> tuple[tuple[int, str], ...]:
    access = [(link.vlan, "pvid untagged")] if link.vlan else []
    return tuple(sorted([*access, *((vid, "") for vid in link.trunk if vid != link.vlan)]))


def _queues(device: str, cable: Any) -> list[Qdisc]:
    """What makes a cable slow: tbf for a rate alone, netem where it also delays or loses. On both ends, so it holds both ways."""
    if not (cable.rate or cable.delay or cable.loss):
        return []
    from ..kernel.tc import canonical

    rate = cable.rate // 8
    if cable.delay or cable.loss:
        given = {"delay": cable.delay, "loss": cable.loss, "rate": rate}
        options = tuple(sorted((key, item) for key, item in given.items() if item))
        return [canonical(Qdisc(device, "netem", handle="1:", options=options))]
    burst = max(rate // 250, 1600)
    # Room for 50 ms, and for a dozen large packets at the least.
    options = (("burst", burst), ("limit", burst + max(rate // 20, 12 * 1514)), ("rate", rate))
    return [canonical(Qdisc(device, "tbf", handle="1:", options=options))]


# -- what stands on others -----------------------------------------------------------------------------------------------------


def _standing(draft: Draft, host: str, link: Link) -> Device:
    lower = (host, link.parent) if link.parent and link.kind != "vxlan" else None
    options = _translated(draft, host, link)
    mtu = link.mtu or _usual_mtu(draft, host, link)
    return Device(link.kind, None, lower, link.master, link.up, mtu, link.mac, group=GROUP, options=options, port=_port_options(link) if link.master else ())


def _usual_mtu(draft: Draft, host: str, link: Link) -> int:
    """As much as the device below; a vxlan 50 bytes less (RFC 7348), a bridge what its ports have."""
    if link.kind == "bridge":
        return 0
    below = draft.plugs.get((host, link.parent)) if link.parent else None
    usual = (below[0].link.mtu or below[1].mtu) if below else 1500
    return usual - 50 if link.kind == "vxlan" else usual


def _translated(draft: Draft, host: str, link: Link) -> Pairs:
    """A person's words as the kernel's attributes: mode bridge -> ("mode", 4), remote b -> ("group", its address)."""
    given = dict(link.options)
    if link.kind in ("macvlan", "macvtap"):
        from ..model.kinds.macvlan import MODES

        mode = given.pop("mode", "bridge")
        given["mode"] = MODES.get(mode, mode) if isinstance(mode, str) else mode
    elif link.kind == "ipvlan":
        modes = {"l2": 0, "l3": 1, "l3s": 2}
        given["mode"] = modes.get(given.get("mode", "l3"), given.get("mode"))
    elif link.kind == "vxlan":
        given = _vxlan(draft, host, link, given)
    elif link.kind == "bridge":
        given = {"stp_state": 0, "forward_delay": 0, "mcast_snooping": 0, **given}
    return tuple(sorted(given.items()))


def _vxlan(draft: Draft, host: str, link: Link, given: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {"port": 4789, "learning": 1}
    for name, item in given.items():
        if name in ("remote", "group", "local"):
            address = _address_of(draft, host, item)
            field = "local" if name == "local" else "group"
            out[field + "6" if ":" in address else field] = address
        else:
            out["port" if name == "dstport" else name] = item
    if link.parent:
        out["link"] = link.parent
    return out


def _address_of(draft: Draft, host: str, name: str) -> str:
    """An address as it is; for a host's name the address that it has in a segment with us, else its first."""
    from ..model.addressing import text_of

    if name not in draft.topology.hosts:
        return str(name)
    mine = {segment.name for _, segment in draft.of_host(host)}
    plugs = sorted(draft.of_host(name), key=lambda found: found[1].name not in mine)
    found = [(number, family) for plug, _ in plugs for number, family, _ in plug.addresses]
    return text_of(*found[0]) if found else name
