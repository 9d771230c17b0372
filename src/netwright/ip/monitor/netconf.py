"""A change of an interface's network settings (forwarding, rp_filter …): RTM_NEWNETCONF, as `ip netconf` prints it."""

from ...kernel import rtnl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.rtnl import Message
    from ..context import Context

_FAMILIES = {2: "inet", 10: "inet6", 28: "mpls"}
_WHERE = {-1: "all", -2: "default"}
_FILTERS = ("off", "strict", "loose")


def print_netconf(context: "Context", message: "Message", only: int = 0) -> None:
    """One line: the family, the interface, and the settings that the message carries."""
    index = message.get("ifindex", 0)
    if only and index != only:
        return
    out = context.out
    if message.kind == rtnl.DELNETCONF:
        out.text_only("Deleted ")
    out.text_only(f"{_FAMILIES.get(message['family'], '???')} ")
    if "ifindex" in message:
        out.text_only(f"{_WHERE.get(index) or context.links.name(index)} ", "ifname")
    for name in ("forwarding", "rp_filter", "mc_forwarding", "proxy_neigh", "ignore_routes_with_linkdown", "input"):
        value = message.get(name)
        if value is not None:
            out.text_only(f"{name} {_shown(name, value)} ")
    out.text_only("\n")


def _shown(name: str, value: int) -> str:
    if name == "rp_filter":
        return _FILTERS[value] if 0 <= value < len(_FILTERS) else str(value)
    return "on" if value else "off"
