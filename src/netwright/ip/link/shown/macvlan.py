"""macvlan and macvtap."""

from ....kernel.codec import Attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...context import Context

_MODES = {1: "private", 2: "vepa", 4: "bridge", 8: "passthru", 16: "source"}
_SOURCE = 16
_FLAGS = {1: "nopromisc", 2: "nodst"}


def show(context: "Context", data: Attributes) -> None:
    """Print the mode, and what goes with it."""
    out, mode = context.out, data.get("mode")
    if mode is None:
        return
    name = _MODES.get(mode, "unknown")
    out.put("mode", f"mode {name} ", name)
    for bit, flag in _FLAGS.items():
        if data.get("flags", 0) & bit:
            out.put(flag, f"{flag} ", True)
    for field, key in (("bc_queue_len", "bcqueuelen"), ("bc_queue_len_used", "usedbcqueuelen")):
        length = data.get(field)
        if length is not None:
            out.put(key, f"{key} {length} ", length)
    if mode == _SOURCE:
        _sources(context, data)


def _sources(context: "Context", data: Attributes) -> None:
    count, out = data.get("macaddr_count"), context.out
    if count is None:
        return
    out.put("macaddr_count", f"remotes ({count}) ", count)
    addresses = data.get("macaddr_data")
    if addresses is not None:
        out.put("macaddr_data", "".join(f"{address} " for address in addresses), addresses)
