"""Settings of a family on a device: linux/netconf.h."""

from ...kernel import rtnl
from ..prefix import FAMILY_NAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.rtnl import Message
    from ..context import Context

_ALL, _DEFAULT = -1, -2
_FILTERS = ("off", "strict", "loose")
_SWITCHES = ("forwarding", "rp_filter", "mc_forwarding", "proxy_neigh", "ignore_routes_with_linkdown", "input")


def print_netconf(context: "Context", message: "Message") -> None:
    """`inet v0 forwarding on rp_filter off `"""
    out = context.out
    deleted = "Deleted " if message.kind == rtnl.DELNETCONF else ""
    out.text_only(f"{deleted}{FAMILY_NAMES.get(message['family'], '???')} ")
    index = message.get("ifindex")
    if index is not None:
        name = {_ALL: "all", _DEFAULT: "default"}.get(index) or context.links.name(index)
        out.text_only(f"{name} ", color="ifname")
    for key in _SWITCHES:
        value = message.get(key)
        if value is not None:
            out.text_only(f"{key} {_filter(value) if key == 'rp_filter' else 'on' if value else 'off'} ")
    out.text_only("\n")


def _filter(value: int) -> str:
    return _FILTERS[value] if 0 <= value < len(_FILTERS) else str(value)
