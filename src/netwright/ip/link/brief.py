"""`-brief`: name, state, hardware address and flags of a link in one line (for addresses: only name and state)."""

from ...kernel.inet import AF_PACKET
from .filter import SHORT
from .hardware import lladdr
from .headline import print_flags, print_name, print_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.rtnl import Message
    from ..context import Context
    from .filter import Filter


def print_brief(context: "Context", message: "Message", chosen: "Filter") -> int:
    """Print the link; SHORT, since its addresses may follow on the same line."""
    down = print_name(context, message, "{:<16} ")
    print_state(context, message, brief=True)
    if chosen.family == AF_PACKET:
        raw = message.attributes.raw.get(1)
        if raw is not None:
            address = lladdr(raw, message["type"])
            context.out.put("address", f"{address} ", address, color="mac")
        print_flags(context, message["flags"], down)
        context.out.text_only("\n")
    return SHORT
