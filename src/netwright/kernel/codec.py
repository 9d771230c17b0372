"""Netlink attributes, both ways, by table.

How it works. A message is a fixed header and then attributes: a length (2 bytes), a type (2 bytes), a payload, padding to
4 bytes. What a type means is data: a `Layout` maps each number to a name and a `Codec`. Decoding is lazy: `split` cuts a
message into payloads, and a payload is decoded when somebody asks for its name, since most readers want 3 of 50.

Bytes from a socket are not trusted. `split` moves forward by at least 4 bytes each time and stops at the first attribute
that does not fit; a payload that its codec cannot read counts as absent (and stays visible under `raw`).
Source: linux/netlink.h, Documentation/userspace-api/netlink/intro.rst.
"""

from __future__ import annotations

from struct import Struct
from struct import error as StructError

from . import inet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any, Protocol

    class Lookup(Protocol):
        """What encoding needs to know about the world: the numbers behind names."""

        def index(self, name: str) -> int: ...

        def namespace(self, reference: str) -> int: ...


_HEADER = Struct("=HH")
_unpack = _HEADER.unpack_from
NESTED = 0x8000
_MASK = 0x3FFF


def split(data: bytes, start: int = 0, end: int | None = None) -> dict[int, bytes]:
    """Payloads by attribute type; of a repeated type the last one. Never fails: stops at what does not fit."""
    out = {}
    if end is None:
        end = len(data)
    last = end - 4
    while start <= last:
        length, kind = _unpack(data, start)
        stop = start + length
        if length < 4 or stop > end:
            break
        out[kind & _MASK] = data[start + 4 : stop]
        start = (stop + 3) & ~3
    return out


def each(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(type, payload) one after the other, repeated types included."""
    start, last = 0, len(data) - 4
    while start <= last:
        length, kind = _unpack(data, start)
        if length < 4 or start + length > len(data):
            return
        yield kind & _MASK, data[start + 4 : start + length]
        start = (start + length + 3) & ~3


def attribute(kind: int, payload: bytes) -> bytes:
    """One attribute with its header and padding."""
    size = len(payload) + 4
    return _HEADER.pack(size, kind) + payload + b"\0" * (-size & 3)


class Codec:
    """How one attribute's payload reads and writes: `decode(bytes)`, `encode(value, lookup)`."""

    __slots__ = ("decode", "encode", "flags", "selector")

    def __init__(
        self,
        decode: Callable[[bytes], Any],
        encode: Callable[[Any, Lookup | None], bytes],
        flags: int = 0,
        selector: tuple[str, Callable[[Any], Codec]] | None = None,
    ) -> None:
        self.decode, self.encode, self.flags, self.selector = decode, encode, flags, selector


def _number(form: str) -> Codec:
    shape = Struct(form)
    size, unpack, pack = shape.size, shape.unpack_from, shape.pack

    def decode(data: bytes) -> Any:
        # Longer than expected is fine (a newer kernel), shorter is not.
        if len(data) < size:
            raise ValueError("too short")
        return unpack(data)[0]

    return Codec(decode, lambda value, _: pack(value))


def record(form: str, *names: str) -> Codec:
    """A C struct as a dict; a shorter one (an older kernel) lacks its last fields."""
    shape = Struct(form)
    singles = [Struct(form[0] + c) for c in form[1:]]

    def decode(data: bytes) -> dict[str, int]:
        if len(data) >= shape.size:
            return dict(zip(names, shape.unpack_from(data), strict=True))
        out, at = {}, 0
        for name, single in zip(names, singles, strict=True):
            if at + single.size > len(data):
                break
            out[name] = single.unpack_from(data, at)[0]
            at += single.size
        return out

    return Codec(decode, lambda value, _: shape.pack(*[value.get(name, 0) for name in names]))


def _text(data: bytes) -> str:
    return data.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _index(value: int | str, lookup: Lookup | None) -> bytes:
    if isinstance(value, str):
        if lookup is None:
            raise TypeError(f"{value!r}: a device name needs a lookup")
        value = lookup.index(value)
    return _S32.pack(value)


def _namespace(value: int | str, lookup: Lookup | None) -> bytes:
    if isinstance(value, str):
        if lookup is None:
            raise TypeError(f"{value!r}: a namespace name needs a lookup")
        value = lookup.namespace(value)
    return _S32.pack(value)


_S32 = Struct("=i")

U8, U16, U32, U64 = _number("=B"), _number("=H"), _number("=I"), _number("=Q")
S8, S32, S64 = _number("=b"), _number("=i"), _number("=q")
BE16, BE32, BE64 = _number(">H"), _number(">I"), _number(">Q")
STRING = Codec(_text, lambda value, _: value.encode("utf-8", "surrogateescape") + b"\0")
# Without the final NUL: IFLA_IFALIAS has room for 255 bytes, all of them text.
TEXT = Codec(_text, lambda value, _: value.encode("utf-8", "surrogateescape"))
BYTES = Codec(bytes, lambda value, _: bytes(value))
FLAG = Codec(lambda data: True, lambda value, _: b"")
IP = Codec(inet.ntoa, lambda value, _: value if isinstance(value, bytes) else inet.aton(value))
MAC = Codec(inet.mac_ntoa, lambda value, _: value if isinstance(value, bytes) else inet.mac_aton(value))
IFINDEX = Codec(U32.decode, _index)
NETNS_FD = Codec(S32.decode, _namespace)
U32S = Codec(lambda data: [Struct("=I").unpack_from(data, i)[0] for i in range(0, len(data) - 3, 4)], lambda v, _: b"".join(U32.encode(i, None) for i in v))
S32S = Codec(lambda data: [_S32.unpack_from(data, i)[0] for i in range(0, len(data) - 3, 4)], lambda v, _: b"".join(_S32.pack(i) for i in v))


class Layout:
    """The attributes of one kind of message: number -> (name, Codec), and back."""

    __slots__ = ("by_name", "by_type", "name")

    def __init__(self, name: str, table: Mapping[int, tuple[str, Codec]]) -> None:
        self.name = name
        self.by_type = table
        self.by_name = {field: (number, codec) for number, (field, codec) in table.items()}

    def decode(self, data: bytes, start: int = 0, end: int | None = None) -> Attributes:
        """The attributes in data[start:end], by name, decoded when asked for."""
        return Attributes(self, split(data, start, end))

    def encode(self, values: Mapping[str, Any], lookup: Lookup | None = None) -> bytes:
        """The attributes `values` in their order. KeyError for a name that the layout does not know."""
        by_name = self.by_name
        out = []
        for name, value in values.items():
            number, codec = by_name[name]
            if codec.selector:
                codec = codec.selector[1](values.get(codec.selector[0]))
            payload = codec.encode(value, lookup)
            size = len(payload) + 4
            out.append(_HEADER.pack(size, number | codec.flags))
            out.append(payload)
            if size & 3:
                out.append(b"\0\0\0"[: -size & 3])
        return b"".join(out)


_ABSENT = object()
_BROKEN = (ValueError, StructError, IndexError)


class Attributes:
    """The decoded attributes of one message: `get(name)`, `[name]`, `in`, `items()`; nested ones are Attributes again.

    >>> Layout("x", {1: ("mtu", U32)}).decode(attribute(1, b"\\x05\\0\\0\\0"))["mtu"]
    5
    """

    __slots__ = ("layout", "raw", "values")

    def __init__(self, layout: Layout, raw: dict[int, bytes]) -> None:
        self.layout, self.raw = layout, raw
        self.values: dict[str, Any] = {}

    def get(self, name: str, default: Any = None) -> Any:
        """The value called `name`, or `default` when it is absent or malformed."""
        value = self.values.get(name, _ABSENT)
        if value is _ABSENT:
            value = self.values[name] = self._decode(name)
        return default if value is _ABSENT else value

    def _decode(self, name: str) -> Any:
        number, codec = self.layout.by_name[name]
        payload = self.raw.get(number)
        if payload is None:
            return _ABSENT
        if codec.selector:
            name = codec.selector[0]
            codec = codec.selector[1](self.get(name) if name else None)
        try:
            return codec.decode(payload)
        except _BROKEN:
            return _ABSENT

    def __getitem__(self, name: str) -> Any:
        value = self.get(name, _ABSENT)
        if value is _ABSENT:
            raise KeyError(name)
        return value

    def __contains__(self, name: str) -> bool:
        return self.get(name, _ABSENT) is not _ABSENT

    def keys(self) -> list[str]:
        """The names that are there and readable, in the order of the message."""
        named = (self.layout.by_type.get(number) for number in self.raw)
        return [entry[0] for entry in named if entry and entry[0] in self]

    def items(self) -> list[tuple[str, Any]]:
        """(name, value) in the order of the message."""
        return [(name, self[name]) for name in self.keys()]

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def plain(self) -> dict[str, Any]:
        """Everything as plain dicts; what the layout does not know or cannot read as `#number: bytes`."""
        out = {name: _plain(value) for name, value in self.items()}
        known = {self.layout.by_name[name][0] for name in out}
        out.update({f"#{number}": payload for number, payload in self.raw.items() if number not in known})
        return out

    def __repr__(self) -> str:
        return f"<{self.layout.name} {self.plain()!r}>"


def _plain(value: Any) -> Any:
    if isinstance(value, Attributes):
        return value.plain()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def nest(layout: Layout, flags: int = NESTED) -> Codec:
    """Attributes inside an attribute; a dict when encoding, Attributes when decoding."""
    return Codec(layout.decode, lambda value, lookup: layout.encode(value, lookup), flags)


def listing(codec: Codec, number: int = 0, flags: int = NESTED) -> Codec:
    """Attributes that are a list: their types are all `number` (0: 1, 2, 3 …) and only their order counts."""

    def decode(data: bytes) -> list[Any]:
        return [codec.decode(payload) for _, payload in each(data)]

    def encode(values: list[Any], lookup: Lookup | None) -> bytes:
        return b"".join(
            attribute((number or at) | codec.flags, codec.encode(value, lookup)) for at, value in enumerate(values, 1)
        )

    return Codec(decode, encode, flags)


def indexed(codec: Codec, flags: int = NESTED) -> Codec:
    """Attributes whose types are the keys of a dict: {7: value, …}."""

    def decode(data: bytes) -> dict[int, Any]:
        return {number: codec.decode(payload) for number, payload in each(data)}

    def encode(values: dict[int, Any], lookup: Lookup | None) -> bytes:
        return b"".join(attribute(number | codec.flags, codec.encode(value, lookup)) for number, value in values.items())

    return Codec(decode, encode, flags)


def chosen_by(name: str, choose: Callable[[Any], Codec], flags: int = NESTED) -> Codec:
    """A payload whose meaning depends on its sibling `name`, as IFLA_INFO_DATA depends on IFLA_INFO_KIND."""
    return Codec(bytes, BYTES.encode, flags, (name, choose))
