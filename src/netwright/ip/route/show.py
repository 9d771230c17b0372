"""`ip route show`: routes as text and as JSON. `print_route` also serves `get`, `flush`, -echo and `ip monitor`."""

from ...errors import KernelError
from ...kernel import rtnl
from ...kernel.inet import AF_INET, AF_INET6, AF_MPLS, ntoa
from ...model.routing import CLONED, MULTICAST, PROTOCOL_BOOT, SCOPE_GLOBAL, TABLE_MAIN, UNICAST
from ..exits import KERNEL, Exit
from ..hosts import host
from ..rule.actions import type_name
from ..tables import name_of, table
from .filter import BITS, Filter, parse, table_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.codec import Attributes
    from ...kernel.rtnl import Message
    from ..context import Context

COLORS = {AF_INET: "inet", AF_INET6: "inet6"}
_MULTICAST_FAMILIES = {128: AF_INET, 129: AF_INET6}  # RTNL_FAMILY_IPMR, RTNL_FAMILY_IP6MR
_ENOENT, _EOPNOTSUPP = 2, 95
_NO_HOST_NAME_BEYOND = 63
_EVERYTHING = Filter()


# -- the command -----------------------------------------------------------------------------------------------------------


def main(context: "Context", words: list[str]) -> int:
    """Print the routes that the words ask for."""
    wanted = parse(context, words)
    # Like ip: the list is begun before the kernel is asked.
    context.out.open_array()
    for route in _dumped(context, wanted):
        if wanted.wants(route):
            print_route(context, route, wanted)
    context.out.close_array()
    context.out.finish_json()
    return 0


def question(wanted: Filter) -> "tuple[dict[str, int], dict[str, int]]":
    """Header and attributes of the dump: the kernel filters by these itself, and says when there is no such table."""
    header = {
        "family": wanted.dump_family, "protocol": wanted.header.get("protocol", 0), "flags": CLONED if wanted.cloned else 0
    }  # fmt: skip
    values = {"table": wanted.table} if wanted.table else {}
    if "oif" in wanted.same:
        values["oif"] = wanted.same["oif"]
    return header, values


def _dumped(context: "Context", wanted: Filter) -> "list[Message]":
    header, values = question(wanted)
    try:
        return rtnl.dump(context.netlink, rtnl.GETROUTE, header, values)
    except KernelError as error:
        if wanted.table == TABLE_MAIN and error.errno == _ENOENT:
            # In a new namespace there is no main table before its first route.
            return []
        raise _refusal(error, wanted) from None


def _refusal(error: KernelError, wanted: Filter) -> Exit:
    from ..front import kernel_words

    silent = error.errno in (_ENOENT, _EOPNOTSUPP) and not error.message
    text = "Dump terminated" if silent else f"{kernel_words(error)}\nDump terminated"
    if error.errno != _ENOENT:
        return Exit(KERNEL, text)
    name = name_of("rt_tables", wanted.table)
    return Exit(KERNEL, text, why=f"no route was ever put into table {name}", fix="see what there is: nw route show table all")


# -- one route -------------------------------------------------------------------------------------------------------------


def print_route(context: "Context", route: "Message", chosen: Filter = _EVERYTHING) -> None:
    """One route: an object in JSON, a line (or more) in text. `route` may be an event; what `chosen` says is left out."""
    out = context.out
    out.open_object()
    if route.kind == rtnl.DELROUTE:
        out.put("deleted", "Deleted ", True)
    if route["type"] != UNICAST or context.options.details:
        name = type_name(route["type"], numeric=bool(context.options.numeric))
        out.put("type", f"{name} ", name)
    _print_destination(context, route)
    _print_source(context, route)
    _print_way(context, route, chosen)
    _print_origin(context, route, chosen)
    _print_preferred_source(context, route, chosen)
    if "priority" in route and not chosen.hides("priority"):
        out.put("metric", f"metric {route['priority']} ", route["priority"])
    print_flags(context, route["flags"])
    _print_marks(context, route, chosen)
    _print_cache(context, route)
    _print_rest(context, route, chosen)
    out.text_only("\n")
    out.close_object()


def address(attributes: "Attributes", name: str, family: int) -> str:
    """An address as it is; `???` for one that is none of its family."""
    raw = attributes.raw[attributes.layout.by_name[name][0]]
    if family == AF_MPLS:
        return labels(raw)
    return ntoa(raw) if len(raw) * 8 == BITS.get(family) else "???"


def labels(raw: bytes) -> str:
    """A stack of MPLS labels: `100/200` (RFC 3032: 20 bits each, the last one with its bit S)."""
    found = []
    for at in range(0, len(raw) - 3, 4):
        entry = int.from_bytes(raw[at : at + 4])
        found.append(str(entry >> 12))
        if entry & 0x100:
            break
    return "/".join(found)


def _prefix(context: "Context", route: "Message", name: str, family: int) -> str:
    """`10.0.0.0/8`; one address alone has no length, and with -resolve a name."""
    text, length = address(route.attributes, name, family), route[f"{name}_len"]
    if length != BITS.get(route["family"], 0):
        return f"{text}/{length}"
    return host(context, text)[:_NO_HOST_NAME_BEYOND] if family in COLORS else text


def _family_of_addresses(route: "Message") -> int:
    """Multicast routing has families of its own with the addresses of IPv4 and IPv6."""
    family: int = route["family"]
    return _MULTICAST_FAMILIES.get(family, family) if route["type"] == MULTICAST else family


def _has(route: "Message", name: str) -> bool:
    attributes = route.attributes
    return attributes.layout.by_name[name][0] in attributes.raw


def _print_destination(context: "Context", route: "Message") -> None:
    family = _family_of_addresses(route)
    if _has(route, "dst"):
        text = _prefix(context, route, "dst", family)
        context.out.put("dst", f"{text} ", text, color=COLORS.get(family, ""))
    else:
        text = f"0/{route['dst_len']} " if route["dst_len"] else "default"
        context.out.put("dst", f"{text} ", text)


def _print_source(context: "Context", route: "Message") -> None:
    family = _family_of_addresses(route)
    if _has(route, "src"):
        text = _prefix(context, route, "src", family)
        context.out.put("from", f"from {text} ", text, color=COLORS.get(family, ""))
    elif route["src_len"]:
        text = f"0/{route['src_len']}"
        context.out.put("src", f"from {text} ", text)


def _print_way(context: "Context", route: "Message", chosen: Filter) -> None:
    """Where packets go: nexthop object, encapsulation, gateway, device."""
    out = context.out
    if "nh_id" in route:
        out.put("nhid", f"nhid {route['nh_id']} ", route["nh_id"])
    print_new_destination(context, route.attributes, route["family"])
    print_encap(context, route.attributes)
    if route["tos"] and not chosen.hides("tos"):
        name = "" if context.options.numeric else table("rt_dsfield").get(route["tos"], "")
        name = name or f"0x{route['tos']:02x}"
        out.put("tos", f"tos {name} ", name)
    if not chosen.hides_address(chosen.via, route["family"]):
        print_gateway(context, route.attributes, route["family"])
    print_via(context, route.attributes)
    if "oif" in route and not chosen.hides("oif"):
        print_device(context, route["oif"], "dev")


def print_new_destination(context: "Context", attributes: "Attributes", family: int) -> None:
    """`as to ADDRESS`: what the destination is rewritten to."""
    if "newdst" in attributes:
        text = address(attributes, "newdst", family)
        context.out.text_only("as to ")
        context.out.put("to", f"{text} ", text, color=COLORS.get(family, ""))


def print_encap(context: "Context", attributes: "Attributes") -> None:
    """` encap TYPE …`: what is put around packets."""
    if "encap" in attributes and "encap_type" in attributes:
        from .encap import print_encapsulation

        print_encapsulation(context, attributes["encap_type"], attributes["encap"])


def print_gateway(context: "Context", attributes: "Attributes", family: int) -> None:
    """`via ADDRESS`"""
    if "gateway" in attributes:
        text = address(attributes, "gateway", family)
        text = host(context, text) if family in COLORS else text
        context.out.text_only("via ")
        context.out.put("gateway", f"{text} ", text, color=COLORS.get(family, ""))


def print_via(context: "Context", attributes: "Attributes") -> None:
    """`via FAMILY ADDRESS`: a gateway of another family than the route's."""
    via = attributes.get("via")
    if via is None:
        return
    from ..prefix import FAMILY_NAMES

    family = FAMILY_NAMES.get(via["family"], "???")
    text = host(context, via["host"]) if via["family"] in COLORS else via["host"]
    out = context.out
    out.text_only(f"via {family} ")
    out.text_only(f"{text} ", color=COLORS.get(via["family"], ""))
    out.field("via", {"family": family, "host": text})


def print_device(context: "Context", index: int, word: str) -> None:
    """`dev NAME`, `iif NAME`"""
    name = context.links.name(index)
    context.out.text_only(f"{word} ")
    context.out.put(word, f"{name} ", name, color="ifname")


def _print_origin(context: "Context", route: "Message", chosen: Filter) -> None:
    """Table, protocol and scope, where they are not the usual ones."""
    out, details, numeric = context.out, context.options.details, bool(context.options.numeric)
    number = table_of(route)
    if number and (number != TABLE_MAIN or details) and not chosen.table:
        name = name_of("rt_tables", number, numeric=numeric)
        out.put("table", f"table {name} ", name)
    if route["flags"] & CLONED:
        return
    if (route["protocol"] != PROTOCOL_BOOT or details) and not chosen.hides("protocol"):
        name = name_of("rt_protos", route["protocol"], numeric=numeric)
        out.put("protocol", f"proto {name} ", name)
    if (route["scope"] != SCOPE_GLOBAL or details) and not chosen.hides("scope"):
        name = name_of("rt_scopes", route["scope"], numeric=numeric)
        out.put("scope", f"scope {name} ", name)


def _print_preferred_source(context: "Context", route: "Message", chosen: Filter) -> None:
    family = route["family"]
    if "prefsrc" in route and not chosen.hides_address(chosen.preferred_source, family):
        text = address(route.attributes, "prefsrc", family)
        context.out.text_only("src ")
        context.out.put("prefsrc", f"{text} ", text, color=COLORS.get(family, ""))


# RTNH_F_* and RTM_F_* of linux/rtnetlink.h, in the order in which they are printed
_FLAGS = {
    0x1: "dead", 0x4: "onlink", 0x2: "pervasive", 0x8: "offload", 0x40: "trap", 0x100: "notify", 0x10: "linkdown",
    0x20: "unresolved", 0x4000: "rt_offload", 0x8000: "rt_trap", 0x20000000: "rt_offload_failed",
}  # fmt: skip


def print_flags(context: "Context", flags: int) -> None:
    """What the kernel knows about the state of a route or of one nexthop."""
    context.out.open_array("flags")
    for bit, name in _FLAGS.items():
        if flags & bit:
            context.out.put("", f"{name} ", name)
    context.out.close_array()


def _print_marks(context: "Context", route: "Message", chosen: Filter) -> None:
    out, mark = context.out, route.get("mark")
    if mark:
        out.put("mark", f"mark 0x{mark:x} " if mark >= 16 else f"mark {mark} ", mark)
    if chosen.realm_mask != 0xFFFFFFFF:
        print_realms(context, route.attributes)
    if "uid" in route:
        out.put("uid", f"uid {route['uid']} ", route["uid"])


def print_realms(context: "Context", attributes: "Attributes") -> None:
    """`realm TO`, `realms FROM/TO`"""
    flow = attributes.get("flow")
    if flow is None:
        return
    out, numeric = context.out, bool(context.options.numeric)
    source, destination = flow >> 16, name_of("rt_realms", flow & 0xFFFF, numeric=numeric)
    out.open_object("flow")
    if source:
        name = name_of("rt_realms", source, numeric=numeric)
        out.put("from", f"realms {name}/", name)
    else:
        out.text_only("realm ")
    out.put("to", f"{destination} ", destination)
    out.close_object()


def _print_cache(context: "Context", route: "Message") -> None:
    """What was learned on the way: only IPv4 has a line of its own for it."""
    cloned = route["family"] == AF_INET and route["flags"] & CLONED
    if cloned or ("cacheinfo" in route and route["family"] in COLORS):
        from .cache import print_cache_flags, print_cache_information

        if cloned:
            print_cache_flags(context, route["flags"])
        if "cacheinfo" in route:
            print_cache_information(context, route["cacheinfo"])


_PREFERENCES = {0: "medium", 1: "high", 3: "low"}


def _print_rest(context: "Context", route: "Message", chosen: Filter) -> None:
    out = context.out
    if "metrics" in route:
        from .metrics import print_metrics

        print_metrics(context, route["metrics"])
    if "iif" in route and not chosen.hides("iif"):
        print_device(context, route["iif"], "iif")
    if "pref" in route:
        number = route["pref"]
        out.put("pref", f"pref {_PREFERENCES[number]}" if number in _PREFERENCES else str(number), _PREFERENCES.get(number, number))
    if "ttl_propagate" in route:
        # ip's spelling
        out.put("ttl-propogate", f"ttl-propogate {'enabled' if route['ttl_propagate'] else 'disabled'}", bool(route["ttl_propagate"]))
    if "nh_id" in route and context.options.details:
        from .nexthop_object import print_nexthop_by_id

        print_nexthop_by_id(context, route["nh_id"])
    if "multipath" in route:
        from .multipath import print_nexthops

        print_nexthops(context, route)
