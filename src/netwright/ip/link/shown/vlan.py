"""vlan."""

from ....kernel.codec import Attributes
from .rows import protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...context import Context

_FLAGS = {1: "REORDER_HDR", 2: "GVRP", 4: "LOOSE_BINDING", 8: "MVRP", 16: "BRIDGE_BINDING"}
_ORDER = (1, 2, 8, 4, 16)


def show(context: "Context", data: Attributes) -> None:
    """Print protocol, number, flags and priority maps."""
    out, number = context.out, data.get("id")
    if number is None:
        return
    name = protocol(context, data["protocol"]) if "protocol" in data else "802.1q"
    out.put("protocol", f"protocol {name} ", name)
    out.put("id", f"id {number} ", number)
    flags = data.get("flags")
    if flags is not None:
        names = _names(flags["value"])
        out.put("flags", f"<{','.join(names)}> ", names)
    for field, word in (("ingress_qos", "ingress-qos-map"), ("egress_qos", "egress-qos-map")):
        rows = data.get(field)
        if rows is not None:
            out.line()
            pairs = "".join(f"{row['from']}:{row['to']} " for row in rows)
            out.put(field, f"      {word} {{ {pairs}}} ", rows)


def _names(flags: int) -> list[str]:
    names = [_FLAGS[bit] for bit in _ORDER if flags & bit]
    rest = flags & ~sum(_ORDER)
    return [*names, f"{rest:x}"] if rest else names
