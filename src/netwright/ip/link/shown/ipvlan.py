"""ipvlan and ipvtap."""

from ....kernel.codec import Attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...context import Context

_MODES = ("l2", "l3", "l3s")
_PRIVATE, _VEPA = 1, 2


def show(context: "Context", data: Attributes) -> None:
    """Print the mode, and whether the devices may talk to each other."""
    mode, flags = data.get("mode"), data.get("flags")
    if mode is not None:
        name = _MODES[mode] if mode < len(_MODES) else "unknown"
        context.out.put("mode", f" mode {name} ", name)
    if flags is not None:
        way = "private" if flags & _PRIVATE else "vepa" if flags & _VEPA else "bridge"
        context.out.put(way, f"{way} ", True)
