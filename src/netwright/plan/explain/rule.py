"""Operations on rules as `ip rule` commands."""

from .. import ops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_INVERT, _MAIN = 2, 254
_NONE, _TO_TABLE, _GOTO, _NOP = 0, 1, 2, 3
# FR_ACT_* of linux/fib_rules.h by the names of RTN_*, where ip takes a name
_TYPES = {4: "anycast", 5: "multicast", 6: "blackhole", 7: "unreachable", 8: "prohibit", 9: "throw", 11: "xresolve"}
_FAMILY_OPTIONS = {2: [], 10: ["-6"], 17: ["-0"], 7: ["-B"], 28: ["-M"]}
_PLAIN = (
    ("iifname", "iif"), ("oifname", "oif"), ("ip_proto", "ipproto"), ("tun_id", "tun_id"), ("priority", "pref"),
    ("protocol", "protocol"), ("flow", "realms"), ("suppress_prefixlen", "suppress_prefixlength"), ("suppress_ifgroup", "suppress_ifgroup"),
)  # fmt: skip


def words(op: "ops.AddRule | ops.DeleteRule") -> list[str]:
    """["rule", "add", "from", "10.0.0.0/8", "table", "100", …]"""
    adding = isinstance(op, ops.AddRule)
    header, settings = op.header, op.settings
    out = [*_FAMILY_OPTIONS.get(header["family"], []), "rule", "add" if adding else "delete"]
    out += ["not"] if header["flags"] & _INVERT else []
    out += _prefix("from", settings.get("src"), header["src_len"]) + _prefix(
        "to", settings.get("dst"), header["dst_len"]
    )
    out += ["tos", f"0x{header['tos']:02x}"] if header["tos"] else []
    out += _mark(settings) + _ranges(settings)
    for key, name in _PLAIN:
        if key in settings:
            out += [name, str(settings[key])]
    out += _action(header, settings, adding)
    return out if out[-1] not in ("add", "delete") else [*out, "table", "0"]


def _prefix(name: str, address: "str | bytes | None", length: int) -> list[str]:
    if address is None:
        return []
    return [name, f"{address}/{length}" if isinstance(address, str) else "all"]


def _mark(settings: "dict[str, Any]") -> list[str]:
    if "fwmark" not in settings:
        return []
    mask = f"/{settings['fwmask']:#x}" if "fwmask" in settings else ""
    return ["fwmark", f"{settings['fwmark']:#x}{mask}"]


def _ranges(settings: "dict[str, Any]") -> list[str]:
    out = []
    for key, name in (("uid_range", "uidrange"), ("sport_range", "sport"), ("dport_range", "dport")):
        if key in settings:
            start, end = settings[key]["start"], settings[key]["end"]
            out += [name, str(start) if start == end and key != "uid_range" else f"{start}-{end}"]
    return out


def _action(header: "dict[str, Any]", settings: "dict[str, Any]", adding: bool) -> list[str]:
    """The table and the type. An addition goes to a table (main unless said), a deletion may leave both open."""
    out = ["l3mdev"] if settings.get("l3mdev") else []
    table = settings.get("table", header["table"])
    action = header["action"]
    if table:
        out += ["table", str(table)]
    if "goto" in settings:
        out += ["goto", str(settings["goto"])]
    if action == _NOP:
        out += ["nop"]
    elif action == _GOTO and "goto" not in settings:
        out += ["local"]
    elif action not in (_GOTO, _TO_TABLE if adding else _NONE):
        out += ["type", _TYPES.get(action, str(action))]
    elif adding and not out:
        out += ["table", "0"]
    return out
