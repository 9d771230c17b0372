"""Operations on neighbours as `ip neighbour` commands; those of family AF_BRIDGE as `bridge fdb` commands."""

from .. import ops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    NeighbourOp = ops.AddNeighbour | ops.DeleteNeighbour

_PERMANENT, _NOARP, _PROXY, _MANAGED, _BRIDGE = 0x80, 0x40, 8, 1, 7
_PACKET = 17
_FAMILIES = {2: "-4", 10: "-6", _PACKET: "-0"}
# NUD_* and NTF_* of linux/neighbour.h
_STATES = {0: "none", 1: "incomplete", 2: "reachable", 4: "stale", 8: "delay", 0x10: "probe", 0x20: "failed", 0x40: "noarp", _PERMANENT: "permanent"}  # fmt: skip
_FLAGS = {0x80: "router", 1: "use", 0x10: "extern_learn"}
_FDB_FLAGS = {2: "self", 4: "master", 0x80: "router", 1: "use", 0x10: "extern_learn", 0x40: "sticky"}
_FDB_VALUES = {"vlan": "vlan", "src_vni": "src_vni", "dst": "dst", "port": "port", "vni": "vni", "ifindex": "via", "nh_id": "nhid"}


def words(op: "NeighbourOp") -> list[str]:
    """["neighbour", "add", "10.0.0.2", "lladdr", "02:…", "dev", "eth0", …]; ["fdb", "append", "02:…", "dev", "vx0", …]"""
    verb = op.verb if isinstance(op, ops.AddNeighbour) else "delete"
    header, settings = op.header, op.settings
    if header["family"] == _BRIDGE:
        return _fdb(op)
    # An address says its family itself, but for a hardware address, and "any", which is no bytes at all.
    family = [_FAMILIES[header["family"]]] if header["family"] == _PACKET or not settings["dst"] else []
    out = [*family, "neighbour", verb] + (["proxy"] if header["flags"] & _PROXY else []) + [_text(settings["dst"]) or "any"]
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


def _fdb(op: "NeighbourOp") -> list[str]:
    header, settings = op.header, op.settings
    verb = op.verb if isinstance(op, ops.AddNeighbour) else "del"
    device = header["index"]
    out = ["fdb", verb, _text(settings["lladdr"]), "dev", device if isinstance(device, str) else f"if{device}"]
    out += [name for bit, name in _FDB_FLAGS.items() if header["flags"] & bit]
    out += [_fdb_state(header["state"])] if isinstance(op, ops.AddNeighbour) else []
    return out + [word for name, value in settings.items() if name in _FDB_VALUES for word in (_FDB_VALUES[name], _text(value))]


def _fdb_state(state: int) -> str:
    """bridge(8) has words of its own: permanent is an address of the port itself, static one behind it that does not age."""
    return "permanent" if state & _PERMANENT else "static" if state & _NOARP else "dynamic"


def _text(address: "str | bytes | int") -> str:
    return address.hex(":") if isinstance(address, bytes) else str(address)
