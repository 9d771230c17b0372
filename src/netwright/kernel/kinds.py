"""The codecs behind IFLA_INFO_DATA, made from the tables in model/kinds/ when a kind is met for the first time."""

from ..model.kinds import MODULES, Field
from . import codec as c
from .codec import BYTES, Codec, Layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _table(kind: str) -> "Any":
    """The module of a kind. No importlib, which brings warnings along: two modules more in each short command."""
    return __import__(f"model.kinds.{MODULES[kind]}", globals(), None, ["OPTIONS"], 2)


def _bridge_id(data: bytes) -> "dict[str, Any]":
    """struct ifla_bridge_id: the priority in network order, then the hardware address."""
    if len(data) < 8:
        raise ValueError("too short")
    return {"priority": int.from_bytes(data[:2], "big"), "address": data[2:8]}


_TYPES: dict[str, Codec] = {
    "u8": c.U8,
    "u16": c.U16,
    "u32": c.U32,
    "u64": c.U64,
    "s32": c.S32,
    "be16": c.BE16,
    "be32": c.BE32,
    "string": c.STRING,
    "bytes": c.BYTES,
    "flag": c.FLAG,
    "ip": c.IP,
    "mac": c.MAC,
    "ifindex": c.IFINDEX,
    "netns": c.NETNS_FD,
    "be16pair": c.record(">HH", "low", "high"),
    "u32pair": c.record("=II", "value", "mask"),
    "bridge_id": Codec(_bridge_id, lambda value, _: value["priority"].to_bytes(2, "big") + value["address"]),
    "macs": c.listing(c.MAC, 4),
    "ips": c.listing(c.IP),
    "map": c.listing(c.record("=II", "from", "to"), 1),
    "indices": c.listing(c.U32),
}

_made: dict[tuple[str, bool], Codec] = {}


def layout_of(name: str, fields: dict[int, Field]) -> Layout:
    """A Layout from a kind's table of fields."""
    return Layout(name, {number: (field.name, _codec(name, field)) for number, field in fields.items()})


def _codec(name: str, field: Field) -> Codec:
    if field.type == "link":
        from .layouts import LINK

        return _peer(LINK)
    if field.fields:
        return c.nest(layout_of(f"{name}.{field.name}", field.fields))
    return _TYPES[field.type]


def _peer(layout: Layout) -> Codec:
    """VETH_INFO_PEER: a struct ifinfomsg, then a link's attributes. The value: {"index", "flags", "change", attributes…}."""
    from struct import Struct

    header = Struct("=BxHIII")
    fields = ("family", "index", "flags", "change")

    def encode(value: "dict[str, Any]", lookup: "c.Lookup | None") -> bytes:
        family, index, flags, change = (value.get(name, 0) for name in fields)
        if isinstance(index, str):
            index = int.from_bytes(c.IFINDEX.encode(index, lookup), "little")
        rest = {name: item for name, item in value.items() if name not in fields}
        return header.pack(family, 0, index, flags, change) + layout.encode(rest, lookup)

    def decode(data: bytes) -> c.Attributes:
        return layout.decode(data, header.size)

    return Codec(decode, encode)


def _made_for(kind: str, slave: bool) -> Codec:
    key = kind, slave
    if key not in _made:
        fields: dict[int, Field] = {}
        if kind in MODULES:
            module = _table(kind)
            fields = (module.SLAVE if slave else module.KINDS.get(kind, module.FIELDS)) or {}
        _made[key] = c.nest(layout_of(kind, fields)) if fields else BYTES
    return _made[key]


def data_codec(kind: str) -> Codec:
    """IFLA_INFO_DATA of a link of this kind; raw bytes for a kind that is not known."""
    return _made_for(kind, slave=False)


def slave_codec(kind: str) -> Codec:
    """IFLA_INFO_SLAVE_DATA of a port of a master of this kind."""
    return _made_for(kind, slave=True)


def why_not(kind: str) -> str:
    """Why this kernel answers `Unknown device type.` to `type KIND`; empty for a kind that nobody here knows.

    >>> why_not("vlan")
    'this kernel lacks CONFIG_VLAN_8021Q (type vlan)'
    """
    if kind not in MODULES:
        return ""
    module = _table(kind)
    option = getattr(module, "CONFIGS", {}).get(kind, module.CONFIG)
    return f"this kernel lacks {option} (type {kind})"
