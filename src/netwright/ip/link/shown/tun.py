"""tun: both tun and tap."""

from ....kernel.codec import Attributes
from .rows import Row, number, onoff, show_rows, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...context import Context

_TYPES = {1: "tun", 2: "tap"}


def _queues(context: "Context", data: Attributes) -> None:
    if not data.get("multi_queue"):
        context.out.field("multi_queue", False)
        return
    context.out.put("multi_queue", "multi_queue ", True)
    number("num_queues", "numqueues")(context, data)
    number("num_disabled_queues", "numdisabled")(context, data)


def _owner(context: "Context", data: Attributes) -> None:
    number = data.get("owner")
    if number is None:
        return
    import pwd

    try:
        name: str | int = pwd.getpwuid(number).pw_name
    except KeyError:
        name = number
    context.out.put("user", f"user {name} ", name)


def _group(context: "Context", data: Attributes) -> None:
    number = data.get("group")
    if number is None:
        return
    import grp

    try:
        name: str | int = grp.getgrgid(number).gr_name
    except KeyError:
        name = number
    context.out.put("group", f"group {name} ", name)


ROWS: tuple[Row, ...] = (
    text("type", lambda _, value: _TYPES.get(value) or f"UNKNOWN:{value}"),
    onoff("pi"),
    onoff("vnet_hdr"),
    _queues,
    onoff("persist"),
    _owner,
    _group,
)


def show(context: "Context", data: Attributes) -> None:
    """Print type, flags and owner."""
    show_rows(context, data, ROWS)
