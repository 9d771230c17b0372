"""Filters as `tc filter` commands."""

from .. import ops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model.filter import Filter


def words(op: "ops.AddFilter | ops.DeleteFilter") -> list[str]:
    """["filter", "add", "dev", "eth0", "ingress", "protocol", "all", "pref", "1", "u32", "match", …]"""
    found = op.filter
    verb = "add" if isinstance(op, ops.AddFilter) else "del"
    place = [found.parent] if found.parent in ("ingress", "egress") else ["parent", found.parent]
    start = ["filter", verb, "dev", found.link, *place, "protocol", found.protocol, "pref", str(found.preference)]
    return [*start, "u32", *_matches(found), *_way(found)] if verb == "add" else start


def _matches(found: "Filter") -> list[str]:
    word = "ip6" if found.protocol == "ipv6" else "ip"
    out = [w for name, network in (("src", found.source), ("dst", found.destination)) if network for w in ("match", word, name, network)]
    return out or ["match", "u32", "0", "0"]


def _way(found: "Filter") -> list[str]:
    if found.redirect:
        return ["action", "mirred", "egress", "redirect", "dev", found.redirect]
    return ["flowid", found.into]
