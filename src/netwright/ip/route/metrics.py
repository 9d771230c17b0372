"""The metrics of a route: linux/rtnetlink.h RTAX_*."""

from ...model.routing import FEATURE_ECN, METRICS, lock_bit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.codec import Attributes
    from ..context import Context

_WORDS = {"cc_algo": "congctl"}
# The kernel counts in parts of a millisecond.
_PARTS = {"rtt": 8, "rttvar": 4, "rto_min": 1}
_UNLIMITED_HOPS = 0xFFFFFFFF


def print_metrics(context: "Context", metrics: "Attributes") -> None:
    """`mtu lock 1300 rtt 300ms …`"""
    out = context.out
    out.open_array("metrics")
    out.open_object()
    locked = metrics.get("lock", 0)
    for name in METRICS[1:]:
        value = metrics.get(name)
        if (value is None and not locked & lock_bit(name)) or (name == "hoplimit" and value == _UNLIMITED_HOPS):
            continue
        out.text_only(f"{_WORDS.get(name, name)} {'lock ' if locked & lock_bit(name) else ''}")
        _print_value(context, name, value or 0)
    out.close_object()
    out.close_array()


def _print_value(context: "Context", name: str, value: "int | str") -> None:
    out = context.out
    if isinstance(value, str):
        out.put("congestion", f"{value} ", value)
    elif name == "features":
        _print_features(context, value)
    elif name in _PARTS:
        time = value // _PARTS[name]
        out.put(name, f"{time / 1000:g}s " if time >= 1000 else f"{time}ms ", time)
    else:
        out.put(name, f"{value} ", value)


def _print_features(context: "Context", features: int) -> None:
    if features & FEATURE_ECN:
        context.out.put("ecn", "ecn ", None)
    if features & ~FEATURE_ECN:
        context.out.put("features", f"{features:#x} ", f"{features:#x}")
