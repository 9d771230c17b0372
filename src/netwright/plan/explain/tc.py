"""Queues as `tc qdisc` and `tc class` commands."""

from .. import ops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...model.qdisc import Qdisc

_TOGETHER = ("ingress", "clsact")


def words(op: "ops.AddQdisc | ops.DeleteQdisc") -> list[str]:
    """["qdisc", "add", "dev", "eth0", "root", "handle", "1:", "tbf", "rate", "1250000bps", …]"""
    qdisc = op.qdisc
    start = ["class" if qdisc.leaf_class else "qdisc", op.verb if isinstance(op, ops.AddQdisc) else "del", "dev", qdisc.link]
    if isinstance(op, ops.DeleteQdisc):
        return start + ([qdisc.kind] if qdisc.kind in _TOGETHER else _place(qdisc))
    return [*start, *_place(qdisc), qdisc.kind, *options(qdisc)]


def _place(qdisc: "Qdisc") -> list[str]:
    if qdisc.kind in _TOGETHER:
        return []
    if qdisc.leaf_class:
        # tc takes `root` for a class at the top as little as no parent at all.
        parent = qdisc.handle.partition(":")[0] + ":" if qdisc.parent == "root" else qdisc.parent
        return ["parent", parent, "classid", qdisc.handle]
    place = ["root"] if qdisc.parent == "root" else ["parent", qdisc.parent]
    return place + (["handle", qdisc.handle] if qdisc.handle else [])


def options(qdisc: "Qdisc") -> list[str]:
    """The words behind the kind: plain units with tc's signs for them, which are exact (bps is bytes per second)."""
    given = {name: number for name, number in qdisc.options if number is not None}
    if qdisc.kind == "netem":
        return _netem(given)
    return [word for name, number in given.items() for word in (name, *_FORMS.get(name, _number)(number))]


def _number(number: "Any") -> list[str]:
    return [str(number)]


def _rate(number: "Any") -> list[str]:
    return [f"{number}bps"]


_FORMS: "dict[str, Callable[[Any], list[str]]]" = {
    "rate": _rate,
    "ceil": _rate,
    "peakrate": _rate,
    "default": lambda number: [f"{number:x}"],  # tc reads it as a hexadecimal number
    "priomap": lambda bands: list(map(str, bands)),
}


def _netem(given: "dict[str, Any]") -> list[str]:
    """netem's words have an order: a time and its spread, a chance and its correlation."""
    out = ["limit", str(given["limit"])] if "limit" in given else []
    if "delay" in given or "jitter" in given:
        out += ["delay", f"{given.get('delay', 0)}us"]
        out += [f"{given['jitter']}us", *_percents(given, "delay_correlation")] if "jitter" in given else []
    for name in ("loss", "duplicate", "corrupt", "reorder"):
        if name in given:
            out += [name, *_percents(given, name, f"{name}_correlation")]
    out += ["gap", str(given["gap"])] if "gap" in given else []
    return out + (["rate", f"{given['rate']}bps"] if "rate" in given else [])


def _percents(given: "dict[str, Any]", *names: str) -> list[str]:
    return [f"{percent(given[name])}%" for name in names if name in given]


def percent(number: float) -> str:
    """1.0 as 1, and 0.1 as 0.1."""
    return f"{number:.6f}".rstrip("0").rstrip(".")
