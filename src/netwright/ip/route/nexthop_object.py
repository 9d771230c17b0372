"""Nexthop objects, as `route -details` and `ip monitor` show them: linux/nexthop.h."""

from struct import Struct

from ...errors import KernelError
from ...kernel import rtnl
from ...model.routing import SCOPE_GLOBAL
from ..tables import name_of
from .show import print_device, print_encap, print_flags, print_gateway

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.rtnl import Message
    from ..context import Context

_MEMBER = Struct("=IBBH")  # struct nexthop_grp: id, weight less one, its high byte
_TYPES = {1: "resilient"}
_MULTIPATH = 0


def print_nexthop_by_id(context: "Context", number: int) -> None:
    """The object with this number, below the route that uses it; nothing when it is gone."""
    try:
        message = rtnl.get(context.netlink, rtnl.GETNEXTHOP, {"family": context.options.family}, {"id": number})
    except KernelError:
        return
    context.out.text_only("\n\tnh_info ")
    print_nexthop(context, message, "nh_info")


def print_nexthop(context: "Context", message: "Message", key: str = "") -> None:
    """`id 7 via 10.0.0.2 dev v0 scope link `, without an end of line."""
    out, numeric = context.out, bool(context.options.numeric)
    out.open_object(key)
    if message.kind == rtnl.DELNEXTHOP:
        out.put("deleted", "Deleted ", True)
    number = message.get("id", 0)
    out.put("id", f"id {number} ", number)
    _print_group(context, message)
    _print_way(context, message)
    if message["scope"] != SCOPE_GLOBAL or context.options.details:
        name = name_of("rt_scopes", message["scope"], numeric=numeric)
        out.put("scope", f"scope {name} ", name)
    if message.get("blackhole"):
        out.put("blackhole", "blackhole ", None)
    if message["protocol"] or context.options.details:
        name = name_of("rt_protos", message["protocol"], numeric=numeric)
        out.put("protocol", f"proto {name} ", name)
    print_flags(context, message["flags"])
    if message.get("fdb"):
        out.put("fdb", "fdb", None)
    out.close_object()


def _print_group(context: "Context", message: "Message") -> None:
    out, group = context.out, message.get("group")
    if group:
        out.open_array("group")
        for at in range(0, len(group) - _MEMBER.size + 1, _MEMBER.size):
            number, weight, _, _ = _MEMBER.unpack_from(group, at)
            out.open_object()
            out.put("id", f"{'/' if at else 'group '}{number}", number)
            if weight:
                out.put("weight", f",{weight + 1}", weight + 1)
            out.close_object()
        out.text_only(" ")
        out.close_array()
    kind = message.get("group_type", _MULTIPATH)
    if kind != _MULTIPATH:
        name = _TYPES.get(kind, "<unknown type>")
        out.put("type", f"type {name} ", name)


def _print_way(context: "Context", message: "Message") -> None:
    print_encap(context, message.attributes)
    print_gateway(context, message.attributes, message["family"])
    if message.get("oif"):
        print_device(context, message["oif"], "dev")
