"""Operations on addresses as `ip address` commands."""

from .. import ops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# IFA_F_* that a user can set: linux/if_addr.h
_FLAGS = {2: "nodad", 4: "optimistic", 0x10: "home", 0x100: "mngtmpaddr", 0x200: "noprefixroute", 0x400: "autojoin"}
_VALUES = (("broadcast", "broadcast"), ("anycast", "anycast"), ("label", "label"), ("rt_priority", "metric"), ("proto", "proto"))  # fmt: skip
_V6 = 10
_FOREVER = 0xFFFFFFFF
_FAMILY_OPTIONS = {2: "-4", _V6: "-6", 17: "-0", 7: "-B", 28: "-M"}


def words(op: "ops.AddAddress | ops.DeleteAddress") -> list[str]:
    """["address", "add", "10.0.0.1/24", "dev", "eth0", …]"""
    verb = op.verb if isinstance(op, ops.AddAddress) else "delete"
    header, settings = op.header, op.settings
    known = [word for name in ("local", "address", "broadcast", "anycast") if (word := settings.get(name))]
    option = [] if known or not header["family"] else [_FAMILY_OPTIONS[header["family"]]]
    out = [*option, "address", verb, *_address(header, settings, verb), "dev", _device(header["index"]), *_scope(op)]
    for key, name in _VALUES:
        if key in settings:
            out += [name, "any" if settings[key] == b"" else str(settings[key])]
    return out + _lifetimes(settings) + _flags(header, settings)


def _device(index: "str | int") -> str:
    return index if isinstance(index, str) else f"if{index}"


def _address(header: "dict[str, Any]", settings: "dict[str, Any]", verb: str) -> list[str]:
    local, peer, length = settings.get("local"), settings.get("address"), header["prefixlen"]
    if local is None:
        return [] if peer is None else ["peer", f"{peer}/{length}"]
    if not local:
        return ["any"]
    if peer is None and verb == "delete" and ":" not in local:
        return [local]
    return [f"{local}/{length}"] + (["peer", f"{peer}/{length}"] if peer not in (None, local) else [])


def _scope(op: "ops.AddAddress | ops.DeleteAddress") -> list[str]:
    """Loopback addresses get scope host by themselves, others scope global; a deletion has none."""
    local = op.settings.get("local") or ""
    loopback = isinstance(op, ops.AddAddress) and local.startswith("127.")
    usual, scope = (254 if loopback else 0), op.header["scope"]
    names = {0: "global", 253: "link", 254: "host", 255: "nowhere"}
    return [] if scope == usual else ["scope", names.get(scope, str(scope))]


def _lifetimes(settings: "dict[str, Any]") -> list[str]:
    times = settings.get("cacheinfo")
    if times is None:
        return []

    def said(seconds: int) -> str:
        return "forever" if seconds == _FOREVER else str(seconds)

    return ["valid_lft", said(times["valid"]), "preferred_lft", said(times["preferred"])]


def _flags(header: "dict[str, Any]", settings: "dict[str, Any]") -> list[str]:
    flags = settings.get("flags", header["flags"])
    return [name for bit, name in _FLAGS.items() if flags & bit]
