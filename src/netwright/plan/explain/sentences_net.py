"""Operations on addresses, routes, rules and neighbours as English, without the namespace and the full stop."""

from ...model import routing
from .. import ops
from .neighbour import _text
from .sentences import counted, device, listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_TABLES = {0: "", 253: "default", 254: "", 255: "local"}
_DROPS = {6: "drop packets {}", 7: "answer packets {} with `unreachable`", 8: "answer packets {} with `prohibited`", 9: "stop looking up packets {} in this table"}
_BRIDGE, _PROXY = 7, 8


def text(op: "Any") -> str:
    """The sentence without its beginning and its end."""
    return _TEXTS[type(op)](op)


# -- addresses -----------------------------------------------------------------------------------------------------------


def _address_of(op: "ops.AddAddress | ops.DeleteAddress") -> str:
    local, peer, length = op.settings.get("local"), op.settings.get("address"), op.header["prefixlen"]
    if not local and not peer:
        return "any address"
    if not local or peer in (None, local):
        return f"the address {local or peer}/{length}"
    return f"the address {local} with the peer {peer}/{length}"


def _add_address(op: ops.AddAddress) -> str:
    what, where = _address_of(op), device(op.header["index"])
    label = f", labelled {op.settings['label']}" if op.settings.get("label") else ""
    if op.verb == "change":
        return f"change {what} of {where}{label}"
    return f"give {where} {what}{label}" + (", or change it there" if op.verb == "replace" else "")


def _delete_address(op: ops.DeleteAddress) -> str:
    return f"take {_address_of(op)} from {device(op.header['index'])}"


# -- routes --------------------------------------------------------------------------------------------------------------


def _network(header: "dict[str, Any]", settings: "dict[str, Any]", name: str) -> str:
    length = header[f"{name}_len"]
    if name not in settings:
        return "" if not length else f"{'::' if header['family'] == 10 else '0.0.0.0'}/{length}"
    full = 128 if header["family"] == 10 else 32
    return _text(settings[name]) + (f"/{length}" if length != full else "")


def _for(op: "ops.AddRoute | ops.DeleteRoute") -> str:
    header, settings = op.header, op.settings
    family = {10: "IPv6 ", 2: "IPv4 "}.get(header["family"], "")
    where = _network(header, settings, "dst")
    out = f"for {where}" if where else f"for every other {family}address"
    source = _network(header, settings, "src")
    return out + (f" from {source}" if source else "")


def _way(settings: "dict[str, Any]", link: str) -> str:
    via = settings.get("gateway") or settings.get("via", {}).get("host")
    out = f"by {_text(via)}" if via else ""
    return f"{out} through {device(settings[link])}".strip() if settings.get(link) else out


def _ways(settings: "dict[str, Any]") -> str:
    hops = settings.get("multipath")
    if not hops:
        return _way(settings, "oif")
    ways = [f"{counted(hop.get('hops', 0) + 1, 'part')} " + _way({**hop.get("attributes", {}), "ifindex": hop.get("ifindex")}, "ifindex") for hop in hops]
    return f"by several ways: {listed(ways)}"


def _table(op: "Any") -> str:
    number = op.settings.get("table", op.header["table"])
    name = _TABLES.get(number, str(number))
    return f" in the table {name}" if name else ""


_KINDS = {2: ", as for this host itself", 3: ", to all", 4: ", to the nearest", 5: ", to a group"}


def _add_route(op: ops.AddRoute) -> str:
    header, settings = op.header, op.settings
    if header["type"] in _DROPS:
        out = _DROPS[header["type"]].format(_for(op))
    else:
        kind = "" if header["type"] in (routing.UNICAST, 0) else _KINDS.get(header["type"], f" (type {header['type']})")
        out = f"send packets {_for(op)} {_ways(settings)}".rstrip() + kind
    out += f", with the metric {settings['priority']}" if settings.get("priority") else ""
    out += f", from the address {_text(settings['prefsrc'])}" if settings.get("prefsrc") else ""
    return out + _table(op)


def _delete_route(op: ops.DeleteRoute) -> str:
    ways = _ways(op.settings)
    return f"remove the route {_for(op)}{' ' + ways if ways else ''}{_table(op)}"


# -- rules ---------------------------------------------------------------------------------------------------------------


def _packets(op: "ops.AddRule | ops.DeleteRule") -> str:
    header, settings = op.header, op.settings
    out = [f"{word} {network}" for name, word in (("src", "from"), ("dst", "to")) if (network := _network(header, settings, name))]
    out += [f"{word} {settings[name]}" for name, word in (("iifname", "that come in at"), ("oifname", "that go out at")) if name in settings]
    if "fwmark" in settings:
        out.append(f"with the mark {settings['fwmark']:#x}")
    out += [f"with the TOS {header['tos']:#x}"] if header["tos"] else []
    out += [f"of the protocol {settings['ip_proto']}"] if "ip_proto" in settings else []
    for name, word in (("sport_range", "from"), ("dport_range", "to")):
        if name in settings:
            start, end = settings[name]["start"], settings[name]["end"]
            out.append(f"{word} port {start}" if start == end else f"{word} ports {start} to {end}")
    packets = " ".join(["packets", *out]) if out else "all packets"
    return f"all but {packets}" if header["flags"] & 2 else packets


def _done(op: "ops.AddRule | ops.DeleteRule") -> str:
    action = op.header["action"]
    number: Any = op.settings.get("table", op.header["table"])
    if "goto" in op.settings:
        return f"go on at the priority {op.settings['goto']} for {_packets(op)}"
    if action in _DROPS:
        return _DROPS[action].replace("packets {}", "{}").format(_packets(op))
    name = {0: "that the packet says", 253: "default", 254: "main", 255: "local"}.get(number, str(number))
    return f"look up {_packets(op)} in the table {name}"


def _add_rule(op: ops.AddRule) -> str:
    priority = op.settings.get("priority")
    return _done(op) + (f", with the priority {priority}" if priority else "")


def _delete_rule(op: ops.DeleteRule) -> str:
    priority = op.settings.get("priority")
    which = f" with the priority {priority}" if priority else ""
    return f"remove the rule{which} for {_packets(op)}"


# -- neighbours ----------------------------------------------------------------------------------------------------------


def _mac(op: "Any") -> str:
    return _text(op.settings.get("lladdr", ""))


def _forwarding(op: "Any") -> str:
    settings = op.settings
    mac = "frames for everybody" if not _mac(op).strip("0:") else f"frames for {_mac(op)}"
    mac += f" of VLAN {settings['vlan']}" if "vlan" in settings else ""
    where = f"{device(op.header['index'])} to {_text(settings['dst'])}" if "dst" in settings else device(op.header["index"])
    return f"{mac} by {where}"


def _add_neighbour(op: ops.AddNeighbour) -> str:
    header = op.header
    if header["family"] == _BRIDGE:
        return f"send {_forwarding(op)}"
    address, where = _text(op.settings["dst"]), device(header["index"])
    if header["flags"] & _PROXY:
        return f"answer at {where} for {address}, in its place"
    return f"take {_mac(op)} as the hardware address of {address} at {where}" if "lladdr" in op.settings else f"keep a neighbour entry for {address} at {where}"


def _delete_neighbour(op: ops.DeleteNeighbour) -> str:
    header = op.header
    if header["family"] == _BRIDGE:
        return f"stop sending {_forwarding(op)}"
    address, where = _text(op.settings["dst"]), device(header["index"])
    return f"answer at {where} no more for {address}" if header["flags"] & _PROXY else f"forget the hardware address of {address} at {where}"


_TEXTS: "dict[type, Callable[[Any], str]]" = {
    ops.AddAddress: _add_address,
    ops.DeleteAddress: _delete_address,
    ops.AddRoute: _add_route,
    ops.DeleteRoute: _delete_route,
    ops.AddRule: _add_rule,
    ops.DeleteRule: _delete_rule,
    ops.AddNeighbour: _add_neighbour,
    ops.DeleteNeighbour: _delete_neighbour,
}
