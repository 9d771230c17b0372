"""The nexthops of a route with several: RTA_MULTIPATH."""

from ...kernel.inet import AF_MPLS
from ...model.routing import CLONED, MULTICAST
from .show import print_encap, print_flags, print_gateway, print_new_destination, print_realms, print_via

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...kernel.rtnl import Message
    from ..context import Context


def print_nexthops(context: "Context", route: "Message") -> None:
    """A line each, `\tnexthop via A dev D weight N `; of multicast routing `Oifs: D(ttl>N) …`."""
    out, family = context.out, route["family"]
    interfaces = bool(route["flags"] & CLONED and route["type"] == MULTICAST)
    out.open_array("nexthops")
    for number, hop in enumerate(route["multipath"]):
        out.open_object()
        if interfaces:
            out.text_only(" " if number else "Oifs: ")
        else:
            out.text_only(f"{out.newline}\tnexthop ")
        attributes = hop["attributes"]
        print_encap(context, attributes)
        print_new_destination(context, attributes, family)
        print_gateway(context, attributes, family)
        print_via(context, attributes)
        print_realms(context, attributes)
        _print_device(context, hop, family, interfaces=interfaces)
        print_flags(context, hop["flags"])
        out.close_object()
    out.close_array()


def _print_device(context: "Context", hop: "dict[str, Any]", family: int, *, interfaces: bool) -> None:
    out, name = context.out, context.links.name(hop["ifindex"])
    if not interfaces:
        out.put("dev", f"dev {name} ", name)
        if family != AF_MPLS:
            out.put("weight", f"weight {hop['hops'] + 1} ", hop["hops"] + 1)
        return
    out.put("dev", name, name)
    if hop["hops"] != 1:
        out.put("ttl", f"(ttl>{hop['hops']})", hop["hops"])
    out.text_only(" ")
