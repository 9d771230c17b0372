"""Who is plugged into what: the segments of a lab, and the mistakes of wiring."""

from __future__ import annotations

from ..model.value import replace
from .draft import Draft, Plug, Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .topology import Cable, Host, Link

    # (host, device) -> which end it is, the cable's segment or the name of the switch at its other end, the cable's number
    Ends = dict[tuple[str, str], tuple[int, Segment | str, int]]

# Kinds that share the network of the device below, and kinds that are one network with their ports.
_SHARING = ("macvlan", "macvtap", "ipvlan", "ipvtap")
_SWALLOWING = ("bridge", "bond")
MOST_PORTS = 1023  # BR_MAX_PORTS of net/bridge/br_private.h


def wire(draft: Draft) -> None:
    """Make the segments: one for each switch, one for each cable between two hosts."""
    topology = draft.topology
    for name, switch in topology.switches.items():
        draft.segments[name] = Segment(name, ("switches", name), switch.subnets, switch.mtu or 1500, is_switch=True)
    _join(draft)
    ends = _cable_ends(draft)
    for host, spec in topology.hosts.items():
        for device, link in spec.links.items():
            _plug(draft, host, spec, device, link, ends)
        if len(spec.links) > 1:
            _stand(draft, host, spec)
    _loops(draft)
    for segment in draft.segments.values():
        ports = sum(plug.port for plug in segment.plugs) if len(segment.plugs) > MOST_PORTS else 0
        if ports > MOST_PORTS and segment.is_switch:
            draft.wrong(segment.path, f"{ports} hosts are plugged into it, a bridge has at most {MOST_PORTS} ports", "use several switches and cables between them")


def _join(draft: Draft) -> None:
    for cable in draft.topology.cables:
        a, b = (draft.segments.get(name) for name, _ in cable.ends)
        if a and b:
            a.join(b)


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
            if cable.subnets:
                draft.wrong((*path, "subnets"), f"a cable to a switch has no subnet of its own, {target} has", f"give it to the switch {target}")
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
    for name, device in cable.ends:
        if name not in topology.hosts and name not in topology.switches:
            draft.wrong((*path, "ends"), f'there is no host or switch "{name}"', draft.known(name, [*topology.hosts, *topology.switches]))
            good = False
        elif name in topology.hosts and device not in topology.hosts[name].links:
            draft.wrong((*path, "ends"), f'{name} has no device "{device}"', draft.known(device, topology.hosts[name].links))
            good = False
    if cable.ends[0] == cable.ends[1]:
        draft.wrong((*path, "ends"), "both ends are the same", "a cable leads from one device to another")
        good = False
    return good


def _plug(draft: Draft, host: str, spec: Host, device: str, link: Link, ends: Ends) -> None:
    path: tuple[str | int, ...] = ("hosts", host, "links", device)
    given, segment = link.addresses, None
    if (host, device) in ends:
        at, target, number = ends[host, device]
        if link.switch or link.kind != "veth":
            draft.wrong(path, f"{host}:{device} is {f'on the switch {link.switch}' if link.switch else f'a {link.kind}'} and has a cable", "one of them: take another device for the cable")
        segment = draft.segments.get(target) if isinstance(target, str) else target
        cable = draft.topology.cables[number]
        given = cable.addresses[at] if cable.addresses[at] is not None else given
        link = _with_cable(link, cable)
        if link.addresses is None or cable.addresses[at] is not None:
            path = ("cables", number)
    elif link.kind == "veth" and link.switch:
        segment = draft.segments.get(link.switch)
        if segment is None:
            draft.wrong((*path, "switch"), f'there is no switch "{link.switch}"', draft.known(link.switch, draft.topology.switches))
    elif link.kind == "veth" and device != "lo" and not any((host, device) in cable.ends for cable in draft.topology.cables):
        draft.wrong(path, f"{host}:{device} is plugged into nothing", "name a switch, or list it among the ends of a cable")
    if segment is not None:
        if given is None and link.master in spec.links and spec.links[link.master].kind in _SWALLOWING:
            given = ()  # a port's addresses are its master's
        draft.plug(Plug(host, device, link, path, spec.router, given), segment)


def _with_cable(link: Link, cable: Cable) -> Link:
    """The link with what the cable says about both ends."""
    changes = {f: getattr(cable, f) for f in ("mtu", "rate", "delay", "loss") if getattr(cable, f) and not getattr(link, f)}
    return replace(link, **changes) if changes else link


def _stand(draft: Draft, host: str, spec: Host) -> None:
    """A device on top of one that is plugged in, whose addresses are to be handed out, has them from the same subnets."""
    for device, link in spec.links.items():
        if link.addresses is not None or link.kind not in (*_SHARING, *_SWALLOWING):
            continue
        below = _below(spec, device)
        plugged = draft.plugs.get((host, below)) if below else None
        if plugged:
            draft.plug(Plug(host, device, link, ("hosts", host, "links", device), spec.router, None, port=False), plugged[1])


def _below(spec: Host, device: str) -> str:
    """The veth that a device leads to in the end; "" for none."""
    for _ in spec.links:
        link = spec.links.get(device)
        if link is None:
            return ""
        if link.kind in _SHARING:
            device = link.parent
        elif link.kind in _SWALLOWING:
            device = next((name for name, other in spec.links.items() if other.master == device), "")
        else:
            return device if link.kind == "veth" else ""
    return ""


# -- loops ---------------------------------------------------------------------------------------------------------------------


def _loops(draft: Draft) -> None:
    """Cables from switch to switch that close a circle: frames would go round for ever, unless every switch of it speaks STP."""
    switches = draft.topology.switches
    tree: dict[str, list[str]] = {name: [] for name in switches}
    for number, cable in enumerate(draft.topology.cables):
        (a, _), (b, _) = cable.ends
        if a not in switches or b not in switches or a == b:
            continue
        way = _way(tree, a, b)
        if not way:
            tree[a].append(b)
            tree[b].append(a)
        elif dumb := [name for name in way if not switches[name].stp]:
            what = f"this cable closes a loop of switches ({', '.join(way)}), and frames would go round in it for ever"
            draft.wrong(("cables", number), what, f"leave it out, or stp: true for {', '.join(dumb)}")


def _way(tree: dict[str, list[str]], a: str, b: str) -> list[str]:
    """The switches from a to b, both included; [] when they are not connected."""
    back, waiting = {a: ""}, [a]
    for here in waiting:
        for other in tree[here]:
            if other not in back:
                back[other] = here
                waiting.append(other)
    out = [b] if b in back else []
    while out and out[-1] != a:
        out.append(back[out[-1]])
    return out[::-1]
