"""Operations back as the values of a State: what an operation will have made. The inverse of messages.py and links.py."""

from ..model.address import FLAGS as ADDRESS_FLAGS
from ..model.address import SCOPES, Address
from ..model.neighbour import FLAGS as NEIGHBOUR_FLAGS
from ..model.neighbour import STATES, Neighbour
from ..model.route import FLAGS as ROUTE_FLAGS
from ..model.route import MAIN, TYPES, Nexthop, Route
from ..model.rule import ACTIONS, INVERT, Rule
from ..model.state import Device

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..model.state import End
    from . import ops

_FAMILIES = {2: 4, 10: 6, 7: 7}


def _words(bits: int, table: "dict[int, str]") -> tuple[str, ...]:
    return tuple(name for bit, name in table.items() if bits & bit)


def frozen(item: "Any") -> "Any":
    """An attribute as a State keeps it: dicts as pairs, lists as tuples."""
    if isinstance(item, dict):
        return tuple((name, frozen(inner)) for name, inner in item.items())
    return tuple(frozen(inner) for inner in item) if isinstance(item, list) else item


def device_of(op: "ops.AddLink") -> "Iterator[tuple[End, Device]]":
    """The devices that an AddLink makes, with their place; a veth gives two."""
    info = op.settings.get("linkinfo", {})
    data = dict(info.get("data") or {})
    peer = data.pop("peer", None)
    where = op.settings.get("net_ns_fd") or op.namespace
    end: End = (where, op.settings["ifname"])
    lower = (op.namespace, op.settings["link"]) if "link" in op.settings else None
    far: End | None = (peer.get("net_ns_fd") or op.namespace, peer["ifname"]) if peer else None
    options = tuple(sorted((name, frozen(item)) for name, item in data.items()))
    up = bool(op.header.get("flags", 0) & 1)
    mine = Device(info.get("kind", ""), far, lower, op.settings.get("master") or "", up, options=options, **_common(op.settings))
    if peer and far:
        yield far, Device(info["kind"], end, options=options, **_common(peer))
    yield end, mine


def _common(settings: "dict[str, Any]") -> "dict[str, Any]":
    names = (("mtu", "mtu"), ("address", "address"), ("group", "group"), ("txqlen", "txqueuelen"))
    return {field: settings[attribute] for attribute, field in names if attribute in settings}


def address_of(op: "ops.AddAddress | ops.DeleteAddress") -> Address:
    """The address that the operation is about."""
    header, settings = op.header, op.settings
    local, other = settings["local"], settings["address"]
    return Address(
        f"{local}/{header['prefixlen']}",
        header["index"],
        _FAMILIES[header["family"]],
        peer=other if other != local else "",
        broadcast=settings.get("broadcast", ""),
        scope=SCOPES.get(header["scope"], str(header["scope"])),
        label=settings.get("label", ""),
        flags=_words(settings.get("flags", 0), ADDRESS_FLAGS),
        metric=settings.get("rt_priority", 0),
    )


def _network(header: "dict[str, Any]", settings: "dict[str, Any]", name: str) -> str:
    return f"{settings[name]}/{header[f'{name}_len']}" if name in settings else ""


def route_of(op: "ops.AddRoute | ops.DeleteRoute") -> Route:
    """The route that the operation is about."""
    header, settings = op.header, op.settings
    return Route(
        to=_network(header, settings, "dst") or "default",
        family=_FAMILIES[header["family"]],
        via=settings.get("gateway", "") or settings.get("via", {}).get("host", ""),
        link=settings.get("oif", ""),
        type=TYPES[header["type"]],
        table=settings.get("table", header["table"]) or MAIN,
        protocol=header["protocol"],
        scope=SCOPES.get(header["scope"], str(header["scope"])),
        metric=settings.get("priority", 0),
        source=settings.get("prefsrc", ""),
        from_network=_network(header, settings, "src"),
        tos=header["tos"],
        nexthops=tuple(_hop(hop) for hop in settings.get("multipath", ())),
        metrics=tuple(settings.get("metrics", {}).items()),
        flags=_words(header.get("flags", 0), ROUTE_FLAGS),
    )


def _hop(hop: "dict[str, Any]") -> Nexthop:
    return Nexthop(hop["attributes"].get("gateway", ""), hop["ifindex"] or "", hop["hops"] + 1, _words(hop["flags"], ROUTE_FLAGS))


def rule_of(op: "ops.AddRule | ops.DeleteRule") -> Rule:
    """The rule that the operation is about."""
    header, settings = op.header, op.settings
    ports = [tuple(settings[name].values()) if name in settings else None for name in ("sport_range", "dport_range")]
    plain = {field: settings.get(name, 0) for field, name in (("priority", "priority"), ("fwmark", "fwmark"), ("fwmask", "fwmask"), ("goto", "goto"), ("ip_proto", "ip_proto"), ("protocol", "protocol"))}
    return Rule(
        family=_FAMILIES[header["family"]],
        source=_network(header, settings, "src"),
        destination=_network(header, settings, "dst"),
        table=settings["table"] if "table" in settings else header["table"],
        action=ACTIONS[header["action"]],
        iif=settings.get("iifname", ""),
        oif=settings.get("oifname", ""),
        tos=header["tos"],
        invert=bool(header["flags"] & INVERT),
        source_ports=ports[0],
        destination_ports=ports[1],
        **plain,
    )


def neighbour_of(op: "ops.AddNeighbour | ops.DeleteNeighbour") -> Neighbour:
    """The neighbour or forwarding entry that the operation is about."""
    header, settings = op.header, op.settings
    states = _words(header["state"], STATES)
    return Neighbour(
        settings.get("dst", ""),
        header["index"],
        settings.get("lladdr", ""),
        states[0] if states else "none",
        _FAMILIES[header["family"]],
        _words(header["flags"], NEIGHBOUR_FLAGS),
        settings.get("vlan", 0),
    )
