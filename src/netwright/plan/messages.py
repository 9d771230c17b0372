"""Values of a State as the operations that make and remove them: Address -> AddAddress, Route -> AddRoute …

The message of an operation is in names (see ops.py). What is not said is what ip(8) takes for granted.
"""

from ..model import address as addresses
from ..model import neighbour as neighbours
from ..model import route as routes
from ..model import rule as rules
from . import ops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..model.address import Address
    from ..model.neighbour import Neighbour
    from ..model.route import Nexthop, Route
    from ..model.rule import Rule

    Message = tuple[dict[str, Any], dict[str, Any]]

INET, BRIDGE, INET6 = 2, 7, 10
_CODES = {4: INET, 6: INET6, 7: BRIDGE}
_SCOPES = {name: number for number, name in addresses.SCOPES.items()}
_ADDRESS_BITS = {word: bit for bit, word in addresses.FLAGS.items()}
_NEIGHBOUR_STATES = {word: bit for bit, word in neighbours.STATES.items()} | {"none": 0}
_NEIGHBOUR_FLAGS = {word: bit for bit, word in neighbours.FLAGS.items()}
_ACTIONS = {word: number for number, word in rules.ACTIONS.items()}
_ONLINK, _NOWHERE = 0x4, 255
# Flags of an address that somebody can ask for; the others tell what became of it.
ASKED_FLAGS = ("nodad", "home", "mngtmpaddr", "noprefixroute", "autojoin")


def split(network: str) -> tuple[int, str, int]:
    """("10.0.0.0/8") -> (AF_INET, "10.0.0.0", 8); a plain address has its full length."""
    host, _, length = network.partition("/")
    family = INET6 if ":" in host else INET
    return family, host, int(length) if length else (128 if family == INET6 else 32)


# -- addresses ---------------------------------------------------------------------------------------------------------------


def add_address(address: "Address", namespace: str) -> ops.AddAddress:
    """`ip -n NAMESPACE address add …`"""
    header, settings = _address(address)
    flags = 0
    for word in address.flags:
        flags |= _ADDRESS_BITS[word] if word in ASKED_FLAGS else 0
    if address.scope != "global":
        header["scope"] = _number(_SCOPES, address.scope)
    for name, given in (("broadcast", address.broadcast), ("label", address.label), ("rt_priority", address.metric)):
        if given:
            settings[name] = given
    if flags:
        settings["flags"] = flags
    return ops.AddAddress(header, settings, "add", namespace)


def delete_address(address: "Address", namespace: str) -> ops.DeleteAddress:
    """`ip -n NAMESPACE address delete …`"""
    return ops.DeleteAddress(*_address(address), namespace)


def _address(address: "Address") -> "Message":
    family, host, length = split(address.address)
    header = {"family": family, "prefixlen": length, "flags": 0, "scope": 0, "index": address.link}
    return header, {"local": host, "address": address.peer.partition("/")[0] or host}


def _number(table: dict[str, int], word: str) -> int:
    return table[word] if word in table else int(word)


# -- routes ------------------------------------------------------------------------------------------------------------------


def add_route(route: "Route", namespace: str) -> ops.AddRoute:
    """`ip -n NAMESPACE route add …`"""
    header, settings = _route(route)
    header |= {"protocol": route.protocol, "scope": _number(_SCOPES, route.scope), "tos": route.tos}
    header["flags"] = _ONLINK if "onlink" in route.flags else 0
    if route.source:
        settings["prefsrc"] = route.source
    if route.metrics:
        settings["metrics"] = dict(route.metrics)
    if route.nexthops:
        settings["multipath"] = [_hop(hop) for hop in route.nexthops]
    return ops.AddRoute(header, settings, "add", namespace)


def delete_route(route: "Route", namespace: str) -> ops.DeleteRoute:
    """`ip -n NAMESPACE route delete …`"""
    header, settings = _route(route)
    # Scope nowhere: of any scope. Protocol and type stay, so that only the route that was meant goes.
    header |= {"protocol": route.protocol, "scope": _NOWHERE, "tos": route.tos, "flags": 0}
    return ops.DeleteRoute(header, settings, namespace)


def _route(route: "Route") -> "Message":
    settings: dict[str, Any] = {}
    if route.to == "default":
        family, length = _CODES[route.family], 0
    else:
        family, settings["dst"], length = split(route.to)
    if route.via:
        way, host, _ = split(route.via)
        settings |= {"gateway": host} if way == family else {"via": {"family": way, "host": host}}
    if route.link:
        settings["oif"] = route.link
    if route.metric:
        settings["priority"] = route.metric
    if route.table > 255:
        settings["table"] = route.table
    number = routes.TYPES.index(route.type)
    table = route.table if route.table < 256 else 0
    header = {"family": family, "dst_len": length, "src_len": 0, "tos": 0, "table": table, "protocol": 0, "scope": 0, "type": number}
    if route.from_network:
        _, settings["src"], header["src_len"] = split(route.from_network)
    return header, settings


def _hop(hop: "Nexthop") -> "dict[str, Any]":
    attributes = {"gateway": hop.via} if hop.via else {}
    flags = _ONLINK if "onlink" in hop.flags else 0
    return {"hops": hop.weight - 1, "ifindex": hop.link or 0, "flags": flags, "attributes": attributes}


# -- rules and neighbours ----------------------------------------------------------------------------------------------------


_RULE_FIELDS = (
    ("priority", "priority"), ("iif", "iifname"), ("oif", "oifname"), ("fwmark", "fwmark"), ("fwmask", "fwmask"),
    ("goto", "goto"), ("ip_proto", "ip_proto"), ("protocol", "protocol"),
)  # fmt: skip


def add_rule(rule: "Rule", namespace: str) -> ops.AddRule:
    """`ip -n NAMESPACE rule add …`"""
    return ops.AddRule(*_rule(rule), namespace)


def delete_rule(rule: "Rule", namespace: str) -> ops.DeleteRule:
    """`ip -n NAMESPACE rule delete …`"""
    return ops.DeleteRule(*_rule(rule), namespace)


def _rule(rule: "Rule") -> "Message":
    header = {
        "family": _CODES[rule.family], "dst_len": 0, "src_len": 0, "tos": rule.tos, "table": rule.table if rule.table < 256 else 0,
        "action": _ACTIONS[rule.action], "flags": rules.INVERT if rule.invert else 0,
    }  # fmt: skip
    settings: dict[str, Any] = {name: found for field, name in _RULE_FIELDS if (found := getattr(rule, field))}
    if rule.table > 255:
        settings["table"] = rule.table
    for name, network in (("src", rule.source), ("dst", rule.destination)):
        if network:
            _, settings[name], header[f"{name}_len"] = split(network)
    for name, ports in (("sport_range", rule.source_ports), ("dport_range", rule.destination_ports)):
        if ports:
            settings[name] = {"start": ports[0], "end": ports[1]}
    return header, settings


def add_neighbour(neighbour: "Neighbour", namespace: str) -> ops.AddNeighbour:
    """`ip -n NAMESPACE neighbour add …`; of family 7 `bridge -n NAMESPACE fdb append …`."""
    # append: a vxlan has several destinations for one hardware address.
    verb = "append" if neighbour.family == 7 and neighbour.address else "add"
    return ops.AddNeighbour(*_neighbour(neighbour), verb, namespace)


def delete_neighbour(neighbour: "Neighbour", namespace: str) -> ops.DeleteNeighbour:
    """`ip -n NAMESPACE neighbour delete …`"""
    header, settings = _neighbour(neighbour)
    if neighbour.family != 7:
        settings.pop("lladdr", None)
    return ops.DeleteNeighbour(header, settings, namespace)


def _neighbour(neighbour: "Neighbour") -> "Message":
    flags = 0
    for word in neighbour.flags:
        flags |= _NEIGHBOUR_FLAGS[word]
    proxy = bool(flags & neighbours.PROXY)
    header = {"family": _CODES[neighbour.family], "index": neighbour.link, "state": 0 if proxy else _NEIGHBOUR_STATES[neighbour.state], "flags": flags}
    given = (("dst", neighbour.address), ("lladdr", neighbour.lladdr), ("vlan", neighbour.vlan))
    return header, {name: found for name, found in given if found}
