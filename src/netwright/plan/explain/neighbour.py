"""Operations on neighbours as `ip neighbour` commands."""

from .. import ops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PERMANENT, _PROXY, _MANAGED = 0x80, 8, 1
# NUD_* and NTF_* of linux/neighbour.h
_STATES = {0: "none", 1: "incomplete", 2: "reachable", 4: "stale", 8: "delay", 0x10: "probe", 0x20: "failed", 0x40: "noarp", _PERMANENT: "permanent"}  # fmt: skip
_FLAGS = {0x80: "router", 1: "use", 0x10: "extern_learn"}


def words(op: "ops.AddNeighbour | ops.DeleteNeighbour") -> list[str]:
    """["neighbour", "add", "10.0.0.2", "lladdr", "02:…", "dev", "eth0", …]"""
    verb = op.verb if isinstance(op, ops.AddNeighbour) else "delete"
    header, settings = op.header, op.settings
    packet = ["-0"] if header["family"] == 17 else []
    out = [*packet, "neighbour", verb] + (["proxy"] if header["flags"] & _PROXY else []) + [_text(settings["dst"])]
    if "lladdr" in settings:
        out += ["lladdr", _text(settings["lladdr"])]
    out += _state(header["state"], settings)
    device = header["index"]
    out += ["dev", device if isinstance(device, str) else f"if{device}"] if device else []
    out += [name for bit, name in _FLAGS.items() if header["flags"] & bit]
    return out + (["protocol", str(settings["protocol"])] if "protocol" in settings else [])


def _state(state: int, settings: "dict[str, Any]") -> list[str]:
    """`managed` stands before a state, since it sets one."""
    managed = bool(settings.get("flags_ext", 0) & _MANAGED)
    usual = 0 if managed else _PERMANENT
    return (["managed"] if managed else []) + ([] if state == usual else ["nud", _STATES.get(state, str(state))])


def _text(address: "str | bytes") -> str:
    return address if isinstance(address, str) else address.hex(":")
