"""Rules that are the same but for their place in the list."""

from ...kernel import rtnl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...plan.ops import AddRule, DeleteRule
    from ..context import Context

_INVERT = 2
_NO_LIMIT = 0xFFFFFFFF


def twins(context: "Context", op: "AddRule | DeleteRule") -> list[int]:
    """Preferences of the rules that are the same as `op`, which was just added in front of them."""
    wanted = _shape(op.header, op.settings.get)
    rules = rtnl.dump(context.netlink, rtnl.GETRULE, {"family": op.header["family"]})
    same = [rule.get("priority", 0) for rule in rules if _shape(rule.header, rule.get) == wanted]
    return sorted(same)[1:]


def _shape(header: "dict[str, Any]", get: "Callable[..., Any]") -> "tuple[Any, ...]":
    """All that makes a rule what it is, as the kernel would tell it; not its preference and its origin."""
    mark = get("fwmark", 0)
    limits = [get(name, _NO_LIMIT) for name in ("suppress_prefixlen", "suppress_ifgroup")]
    exact = ("iifname", "oifname", "goto", "flow", "tun_id", "uid_range", "ip_proto", "sport_range", "dport_range")
    return (
        [header[name] for name in ("src_len", "dst_len", "tos", "action")],
        header["flags"] & _INVERT,
        get("table", header["table"]),
        [get(name) or None for name in ("src", "dst", "l3mdev")],
        (mark, get("fwmask", _NO_LIMIT if mark else 0)),
        limits,
        [get(name) for name in exact],
    )
