"""A route of a dump as the operation that deletes it."""

from ...model.routing import TABLE_MAIN
from ...plan.ops import DeleteRoute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...kernel.rtnl import Message
    from ..context import Context

_HEADER = ("family", "dst_len", "src_len", "tos", "table", "protocol", "scope", "type")
_SETTINGS = ("dst", "src", "gateway", "via", "priority", "prefsrc")


def deletion(context: "Context", route: "Message") -> DeleteRoute:
    """What is needed to tell this route from every other one: destination, way, metric, table."""
    header: dict[str, Any] = {name: route[name] for name in _HEADER}
    settings = {name: route[name] for name in _SETTINGS if name in route}
    if "oif" in route and "multipath" not in route:
        settings["oif"] = context.links.name(route["oif"])
    table = route.get("table", TABLE_MAIN)
    if table > 255:
        settings["table"], header["table"] = table, 0
    return DeleteRoute({**header, "flags": 0}, settings)
