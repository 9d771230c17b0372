"""Who means whom in a lab that is written out: the names there are, the devices at the ends of cables, and those that are missing.

Only what the names alone tell; what needs addresses or the shape of the network is compile.py's.
"""

from __future__ import annotations

from .nodes import Fields, Items, Scalar
from .topology import Problem
from .words import Names, near

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .nodes import Node, Path, Place

    Devices = dict[str, dict[str, str]]  # host -> device -> "plugged", "cable" or "free"

ON_A_PARENT = ("macvlan", "macvtap", "ipvlan", "ipvtap", "vlan")


def names_of(root: Fields) -> Names:
    """What a file defines."""
    hosts, switches, zones = root.get("hosts"), root.get("switches"), root.get("zones")
    listed = isinstance(zones, Fields)
    own = {text for _, host in _each(hosts) for text, _ in _texts(host.get("zone"))}
    return Names(
        hosts.entries.keys() if isinstance(hosts, Fields) else (),
        switches.entries.keys() if isinstance(switches, Fields) else (),
        zones.entries.keys() if isinstance(zones, Fields) else own,
        {text for _, host in _each(hosts) for text, _ in _texts(host.get("aliases"))},
        listed,
    )


def _each(node: Node | None) -> Iterator[tuple[str, Fields]]:
    """The mappings in a mapping."""
    if isinstance(node, Fields):
        for name, (_, child) in node.entries.items():
            if isinstance(child, Fields):
                yield name, child


def _texts(node: Node | None) -> Iterator[tuple[str, Place]]:
    """A text, or the texts in a list."""
    if isinstance(node, Scalar):
        yield node.text, node.place
    elif isinstance(node, Items):
        for item in node.items:
            if isinstance(item, Scalar):
                yield item.text, item.place


# -- cables ----------------------------------------------------------------------------------------------------------------


def with_devices(root: Fields, names: Names, problems: list[Problem]) -> tuple[Fields, Devices]:
    """The same with a device at every end of a cable that is a host: the next free ethN where none is written.

    A veth that a host describes and plugs into nothing is free, and taken first.
    """
    devices: Devices = {name: _own_devices(host) for name, host in _each(root.get("hosts"))}
    cables = root.get("cables")
    if not isinstance(cables, Items):
        return root, devices
    for path, end in _ends(cables):
        _claim(end, path, devices, problems)
    items = [_with_ends(cable, names, devices) for cable in cables.items]
    return Fields({**root.entries, "cables": (root.entries["cables"][0], Items(items, cables.place))}, root.place), devices


def _own_devices(host: Fields) -> dict[str, str]:
    links = host.get("links")
    if not isinstance(links, Fields):
        return {}
    return {name: _use_of(link) for name, (_, link) in links.entries.items()}


def _use_of(link: Node) -> str:
    kind = next(_texts(link.get("kind")), ("veth",))[0] if isinstance(link, Fields) else ""
    return "free" if kind == "veth" and isinstance(link, Fields) and link.get("switch") is None else "plugged"


def _ends(cables: Items) -> Iterator[tuple[Path, Scalar]]:
    for number, cable in enumerate(cables.items):
        ends = cable.get("ends") if isinstance(cable, Fields) else None
        for side, end in enumerate(ends.items if isinstance(ends, Items) else ()):
            if isinstance(end, Scalar):
                yield ("cables", number, "ends", side), end


def _claim(end: Scalar, path: Path, devices: Devices, problems: list[Problem]) -> None:
    """An end that names its device."""
    host, colon, device = end.text.partition(":")
    if not colon or not device:
        return
    own = devices.setdefault(host, {})
    if own.get(device) == "plugged":
        what = f"{device} of {host} is a device of its own already: it is in its links with a switch or a kind"
        problems.append(Problem(path, what, "take another device, or leave its switch away", end.place))
    elif own.get(device) == "cable":
        problems.append(Problem(path, f"{device} of {host} is the end of another cable", "take another device", end.place))
    own[device] = "cable"


def _with_ends(cable: Node, names: Names, devices: Devices) -> Node:
    ends = cable.get("ends") if isinstance(cable, Fields) else None
    if not isinstance(cable, Fields) or not isinstance(ends, Items):
        return cable
    items = [_with_device(end, names, devices) if isinstance(end, Scalar) else end for end in ends.items]
    if items == ends.items:
        return cable
    return Fields({**cable.entries, "ends": (cable.entries["ends"][0], Items(items, ends.place))}, cable.place)


def _with_device(end: Scalar, names: Names, devices: Devices) -> Scalar:
    if ":" in end.text or end.text not in names.hosts:
        return end
    own = devices.setdefault(end.text, {})
    device = next((name for name, use in own.items() if use == "free"), "") or _next_device(own)
    own[device] = "cable"
    return Scalar(f"{end.text}:{device}", end.place)


def _next_device(own: dict[str, str]) -> str:
    from itertools import count

    return next(name for name in map("eth{}".format, count()) if name not in own)


# -- devices of a host -----------------------------------------------------------------------------------------------------


def missing(root: Fields, names: Names, devices: Devices) -> list[Problem]:
    """What hosts say of devices they have not got, and of names that two things have."""
    problems = list(_shared_names(root, names))
    for name, host in _each(root.get("hosts")):
        own = devices.get(name, {})
        for device, link in _each(host.get("links")):
            problems += _wrong_link(("hosts", name, "links", device), device, link, own)
        problems += _wrong_routes(("hosts", name, "routes"), host.get("routes"), own)
        for number, (text, place) in enumerate(_texts(host.get("nat"))):
            if text not in names.switches and text not in own and text not in names.hosts:
                what = f"{name} has no device {text!r}, and there is no switch of that name"
                problems.append(Problem(("hosts", name, "nat", number), what, near(text, {*names.switches, *own}), place))
    return problems


def _shared_names(root: Fields, names: Names) -> Iterator[Problem]:
    """Hosts, switches and zones have one name space: a policy must mean one of them."""
    taken = dict.fromkeys(names.hosts, "host")
    for kind, key in (("switch", "switches"), ("zone", "zones")):
        node = root.get(key)
        for name, (place, _) in node.entries.items() if isinstance(node, Fields) else ():
            if name in taken:
                yield Problem((key, name), f"a {taken[name]} is called {name!r} as well", "give one of them another name", place)
            taken.setdefault(name, kind)


def _wrong_link(path: Path, device: str, link: Fields, own: dict[str, str]) -> Iterator[Problem]:
    kind = next(_texts(link.get("kind")), ("veth", link.place))[0]
    for key in ("parent", "master"):
        for text, place in _texts(link.get(key)):
            if text not in own or text == device:
                what = f"there is no other device {text!r} in this host"
                yield Problem((*path, key), what, near(text, own.keys() - {device}), place)
    if kind in ON_A_PARENT and link.get("parent") is None:
        yield Problem(path, f"a {kind} stands on another device of its host", "add parent: eth0")
    if kind != "veth" and (switch := next(_texts(link.get("switch")), None)):
        yield Problem((*path, "switch"), f"a {kind} is not plugged into a switch", "take out the switch, or the kind", switch[1])
    if kind == "veth" and link.get("switch") is None and own.get(device) != "cable":
        yield Problem(path, f"{device} leads nowhere", "give it a switch, or make it the end of a cable")


def _wrong_routes(path: Path, routes: Node | None, own: dict[str, str]) -> Iterator[Problem]:
    for number, route in enumerate(routes.items if isinstance(routes, Items) else ()):
        for text, place in _texts(route.get("link") if isinstance(route, Fields) else None):
            if text not in own:
                yield Problem((*path, number, "link"), f"there is no device {text!r} in this host", near(text, own), place)
