"""Who is plugged into what: the segments of a lab, and the mistakes of wiring."""

from __future__ import annotations

from ..model.names import is_device_name, why_not_device_name
from ..model.value import replace
from .draft import Draft, Plug, Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .topology import Cable, Host, Link

    # (host, device) -> which end it is, the cable's segment or the name of the switch at its other end, the cable's number
    Ends = dict[tuple[str, str], tuple[int, Segment | str, int]]

MOST_PORTS = 1023  # BR_MAX_PORTS of net/bridge/br_private.h


def wire(draft: Draft) -> None:
    """Make the segments: one for each switch, one for each cable between two hosts."""
    topology = draft.topology
    for name, switch in topology.switches.items():
        _checked_name(draft, name, ("switches", name))
        draft.segments[name] = Segment(name, ("switches", name), switch.subnets, switch.mtu or 1500, is_switch=True)
    ends = _cable_ends(draft)
    for host, spec in topology.hosts.items():
        if host in topology.switches:
            draft.wrong(("hosts", host), f'a host and a switch are both called "{host}"', "hosts and switches share their names: rename one")
        for device, link in spec.links.items():
            _plug(draft, host, spec, device, link, ends)
    _loops(draft)
    for segment in draft.segments.values():
        if len(segment.plugs) > MOST_PORTS and segment.is_switch:
            draft.wrong(segment.path, f"{len(segment.plugs)} hosts are plugged into it, a bridge has at most {MOST_PORTS} ports", "use several switches and cables between them")


def _checked_name(draft: Draft, name: str, path: tuple[str | int, ...]) -> None:
    if not is_device_name(name):
        draft.wrong(path, f'"{name}" can be no device: {why_not_device_name(name)}', "take a shorter name" if len(name) > 15 else "")


def _cable_ends(draft: Draft) -> Ends:
    out: Ends = {}
    for number, cable in enumerate(draft.topology.cables):
        path = ("cables", number)
        if not _ends_are_there(draft, cable, path):
            continue
        hosts = [end for end in cable.ends if end[0] in draft.topology.hosts]
        target: Segment | str
        if len(hosts) == 2:
            target = Segment(f"cable {number}", path, cable.subnets, cable.mtu or 1500, is_switch=False)
            draft.segments[target.name] = target
        elif hosts:
            target = next(end[0] for end in cable.ends if end[0] not in draft.topology.hosts)
        else:
            continue  # from switch to switch
        for at, end in enumerate(cable.ends):
            if end in hosts:
                if end in out:
                    draft.wrong((*path, "ends"), f"{end[0]}:{end[1]} has a cable already", "one cable for each device: take another device")
                out[end] = at, target, number
    return out


def _ends_are_there(draft: Draft, cable: Cable, path: tuple[str | int, ...]) -> bool:
    topology, good = draft.topology, True
    for name, _ in cable.ends:
        if name not in topology.hosts and name not in topology.switches:
            draft.wrong((*path, "ends"), f'there is no host or switch "{name}"', draft.known(name, [*topology.hosts, *topology.switches]))
            good = False
    if cable.ends[0] == cable.ends[1]:
        draft.wrong((*path, "ends"), "both ends are the same", "a cable leads from one device to another")
        good = False
    return good


def _plug(draft: Draft, host: str, spec: Host, device: str, link: Link, ends: Ends) -> None:
    path: tuple[str | int, ...] = ("hosts", host, "links", device)
    _checked_name(draft, device, path)
    _link_is_good(draft, spec, link, path)
    given, segment = link.addresses, None
    if (host, device) in ends:
        at, target, number = ends[host, device]
        if link.switch:
            draft.wrong(path, f"{host}:{device} is on the switch {link.switch} and has a cable", "one of them: take another device for the cable")
        segment = draft.segments.get(target) if isinstance(target, str) else target
        cable = draft.topology.cables[number]
        given = cable.addresses[at] if cable.addresses[at] is not None else given
        link = _with_cable(link, cable)
        if link.addresses is None:
            path = ("cables", number)
    elif link.kind == "veth" and link.switch:
        segment = draft.segments.get(link.switch)
        if segment is None:
            draft.wrong((*path, "switch"), f'there is no switch "{link.switch}"', draft.known(link.switch, draft.topology.switches))
    elif link.kind == "veth":
        draft.wrong(path, f"{host}:{device} is plugged into nothing", "name a switch, or list it among the ends of a cable")
    if segment is not None:
        plug = Plug(host, device, link, path, spec.router, given)
        segment.plugs.append(plug)
        draft.plugs[host, device] = plug, segment


def _with_cable(link: Link, cable: Cable) -> Link:
    """The link with what the cable says about both ends."""
    changes = {f: getattr(cable, f) for f in ("mtu", "rate", "delay", "loss") if getattr(cable, f) and not getattr(link, f)}
    return replace(link, **changes) if changes else link


def _link_is_good(draft: Draft, spec: Host, link: Link, path: tuple[str | int, ...]) -> None:
    if link.mtu and not 68 <= link.mtu <= 65535:
        draft.wrong((*path, "mtu"), f"{link.mtu} is no MTU", "from 68 (RFC 791) to 65535; IPv6 needs 1280")
    if link.mac and (len(link.mac.split(":")) != 6 or int(link.mac.split(":")[0] or "1", 16) & 1):
        draft.wrong((*path, "mac"), f"{link.mac} is no address of a device", "six bytes as 02:00:00:00:00:01, the first of them even")
    for field in ("parent", "master"):
        named = getattr(link, field)
        if named and named not in spec.links:
            draft.wrong((*path, field), f'there is no device "{named}" in this host', draft.known(named, spec.links))
    if link.kind in ("macvlan", "macvtap", "ipvlan", "vlan") and not link.parent:
        draft.wrong(path, f"a {link.kind} stands on another device", "name it: parent: eth0")
    for vid in (link.vlan, *link.trunk):
        if not 0 <= vid <= 4094:
            draft.wrong((*path, "vlan"), f"{vid} is no VLAN", "from 1 to 4094")


# -- loops ---------------------------------------------------------------------------------------------------------------------


def _loops(draft: Draft) -> None:
    """Cables from switch to switch that close a circle: frames would go round for ever, unless every switch of it speaks STP."""
    switches = draft.topology.switches
    root = {name: name for name in switches}

    def top(name: str) -> str:
        while root[name] != name:
            name = root[name]
        return name

    for number, cable in enumerate(draft.topology.cables):
        (a, _), (b, _) = cable.ends
        if a not in switches or b not in switches:
            continue
        if top(a) != top(b):
            root[top(a)] = top(b)
        elif not (switches[a].stp and switches[b].stp):
            draft.wrong(("cables", number), f"this cable closes a loop of switches ({a} and {b} are connected already)", "stp: true on every switch of the loop, or leave it out")
