"""IPv6 prefixes that a router announces: RFC 4861, struct prefixmsg of linux/rtnetlink.h."""

from ...kernel.inet import AF_INET6

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.rtnl import Message
    from ..context import Context

_PREFIX_INFORMATION = 3  # ND_OPT_PREFIX_INFORMATION
_ONLINK, _AUTOCONF = 1, 2


def print_prefix(context: "Context", message: "Message") -> None:
    """`prefix 2001:db8::/64dev v0 onlink autoconf valid N preferred N ` (the missing blank is ip's)."""
    if message["family"] != AF_INET6 or context.options.family not in (0, AF_INET6):
        return
    if message["type"] != _PREFIX_INFORMATION:
        return
    out, address = context.out, message.get("address")
    if address is not None:
        out.text_only(f"prefix {address}/{message['length']}{'' if context.applet else ' '}")
    out.text_only(f"dev {context.links.name(message['index'])} ")
    flags = message["flags"]
    out.text_only(("onlink " if flags & _ONLINK else "") + ("autoconf " if flags & _AUTOCONF else ""))
    times = message.get("cacheinfo")
    if times is not None:
        out.text_only(f"valid {times.get('valid', 0)} preferred {times.get('preferred', 0)} ")
    out.text_only("\n")
