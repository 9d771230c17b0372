"""Go's gob encoding, as much of it as net/rpc between CNI's `dhcp` plugin and its daemon needs. encoding/gob's documentation.

How it works. A stream is a row of messages, each with its length in front. A message defines a type (a negative number, then the
description) or carries a value (the number of its type, then the value). Descriptions are values themselves, of types that both
sides know from the start, so one reader and one writer do for both. Structures are pairs of (distance to the next field's number,
value) with 0 at the end; a field that is zero is not there. Pointers do not exist: what they point to is sent.

Types here: a number for the simple ones, Struct, Slice, Map. Values: dict, list, dict, bytes, str, int, bool, float. What comes in
is not trusted: each number is held against what is left of the message, and types may only nest so deep.
"""

from ...model.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

BOOL, INT, UINT, FLOAT, BYTES, STRING = 1, 2, 3, 4, 5, 6
_FIRST_FREE = 65  # what comes before is kept for types that both sides know
_DEEPEST = 24
_LARGEST = 1 << 20


@value
class Struct:
    """A structure: its name and its fields (name, type)."""

    name: str
    fields: "tuple[tuple[str, Any], ...]"


@value
class Slice:
    """A list of one type."""

    name: str
    of: "Any"


@value
class Map:
    """A table from one type to another."""

    name: str
    key: "Any"
    to: "Any"


# What a description is made of, with the numbers that gob has given them.
_COMMON = Struct("CommonType", (("Name", STRING), ("Id", INT)))
_ARRAY_TYPE = Struct("ArrayType", (("CommonType", _COMMON), ("Elem", INT), ("Len", INT)))
_SLICE_TYPE = Struct("SliceType", (("CommonType", _COMMON), ("Elem", INT)))
_FIELD = Struct("FieldType", (("Name", STRING), ("Id", INT)))
_STRUCT_TYPE = Struct("StructType", (("CommonType", _COMMON), ("Field", Slice("", _FIELD))))
_MAP_TYPE = Struct("MapType", (("CommonType", _COMMON), ("Key", INT), ("Elem", INT)))
_OPAQUE = Struct("GobEncoderType", (("CommonType", _COMMON),))
_WIRE = Struct("WireType", (
    ("ArrayT", _ARRAY_TYPE), ("SliceT", _SLICE_TYPE), ("StructT", _STRUCT_TYPE), ("MapT", _MAP_TYPE),
    ("GobEncoderT", _OPAQUE), ("BinaryMarshalerT", _OPAQUE), ("TextMarshalerT", _OPAQUE),
))  # fmt: skip


# -- writing ---------------------------------------------------------------------------------------------------------------


def unsigned(number: int) -> bytes:
    """A whole number from 0 on: itself below 128, else the negated count of its bytes, and they."""
    if number < 128:
        return bytes([number])
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return bytes([256 - len(data)]) + data


def signed(number: int) -> bytes:
    """A whole number: the sign in the lowest bit."""
    return unsigned(~number << 1 | 1 if number < 0 else number << 1)


class Writer:
    """One direction of a stream: describes each type once, before its first value."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}

    def message(self, kind: "Any", item: "Any") -> bytes:
        """A value of a type, after the descriptions that it needs."""
        definitions: list[bytes] = []
        number = self._number(kind, definitions)
        # What is no structure stands behind a 0, as the value of a field would behind its distance.
        body = signed(number) + (b"" if isinstance(kind, Struct) else b"\0") + _written(kind, item)
        return b"".join(unsigned(len(one)) + one for one in [*definitions, body])

    def _number(self, kind: "Any", definitions: "list[bytes]") -> int:
        if isinstance(kind, int):
            return kind
        if kind not in self._numbers:
            self._numbers[kind] = number = _FIRST_FREE + len(self._numbers)
            at = len(definitions)
            definitions.insert(at, signed(-number) + _written(_WIRE, self._description(kind, number, definitions)))
        return self._numbers[kind]

    def _description(self, kind: "Any", number: int, definitions: "list[bytes]") -> "dict[str, Any]":
        common = {"Name": kind.name, "Id": number}
        if isinstance(kind, Struct):
            fields = [{"Name": name, "Id": self._number(of, definitions)} for name, of in kind.fields]
            return {"StructT": {"CommonType": common, "Field": fields}}
        if isinstance(kind, Slice):
            return {"SliceT": {"CommonType": common, "Elem": self._number(kind.of, definitions)}}
        key, to = self._number(kind.key, definitions), self._number(kind.to, definitions)
        return {"MapT": {"CommonType": common, "Key": key, "Elem": to}}


def _written(kind: "Any", item: "Any") -> bytes:
    """The bytes of a value, zero or not."""
    if isinstance(kind, Struct):
        return _written_fields(kind, item)
    if isinstance(kind, Slice):
        return unsigned(len(item)) + b"".join(_written(kind.of, one) for one in item)
    if isinstance(kind, Map):
        pairs = (_written(kind.key, key) + _written(kind.to, one) for key, one in item.items())
        return unsigned(len(item)) + b"".join(pairs)
    if kind in (BYTES, STRING):
        data = item.encode("utf-8", "surrogateescape") if kind == STRING else bytes(item)
        return unsigned(len(data)) + data
    if kind == INT:
        return signed(item)
    if kind == FLOAT:
        from struct import pack

        return unsigned(int.from_bytes(pack("<d", item), "big"))
    return unsigned(int(item))


def _written_fields(kind: Struct, item: "dict[str, Any]") -> bytes:
    out, last = [], -1
    for place, (name, of) in enumerate(kind.fields):
        found = item.get(name)
        if found or (isinstance(of, Struct) and found is not None):
            out.append(unsigned(place - last) + _written(of, found))
            last = place
    return b"".join(out) + b"\0"


# -- reading ---------------------------------------------------------------------------------------------------------------


class _Cursor:
    """A place in one message."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, many: int) -> bytes:
        if many > len(self.data) - self.at:
            raise ValueError("a gob message is shorter than it says")
        self.at += many
        return self.data[self.at - many : self.at]

    def unsigned(self) -> int:
        first = self.take(1)[0]
        if first < 128:
            return first
        if first < 248:
            raise ValueError("a gob number has more than 8 bytes")
        return int.from_bytes(self.take(256 - first), "big")

    def signed(self) -> int:
        found = self.unsigned()
        return ~(found >> 1) if found & 1 else found >> 1

    def count(self) -> int:
        """How many elements follow: each has a byte at least."""
        found = self.unsigned()
        if found > len(self.data) - self.at:
            raise ValueError("a gob message is shorter than its lists")
        return found


class Reader:
    """The other direction: bytes in, values out, by the descriptions that came with them."""

    def __init__(self) -> None:
        self._kinds: dict[int, dict[str, Any]] = {}
        self._rest = b""

    def feed(self, data: bytes) -> "list[Any]":
        """The values that are complete now. ValueError for what is no gob; the stream is of no use then."""
        self._rest += data
        out = []
        while (message := self._message()) is not None:
            cursor = _Cursor(message)
            number = cursor.signed()
            if number < 0:
                self._define(-number, cursor)
            else:
                out.append(self._value(number, cursor))
            if cursor.at != len(message):
                raise ValueError("a gob message is longer than its value")
        return out

    def _message(self) -> "bytes | None":
        rest = self._rest
        width = 0 if not rest else 1 if rest[0] < 128 else 257 - rest[0]
        if width > 5:
            raise ValueError("a gob message is too large")
        if not width or len(rest) < width:
            return None
        cursor = _Cursor(rest)
        size = cursor.unsigned()
        if size > _LARGEST:
            raise ValueError("a gob message is too large")
        if len(rest) < cursor.at + size:
            return None
        self._rest = rest[cursor.at + size :]
        return rest[cursor.at : cursor.at + size]

    def _define(self, number: int, cursor: _Cursor) -> None:
        if number < _FIRST_FREE or number in self._kinds or len(self._kinds) > 256:
            raise ValueError(f"gob type {number} cannot be defined")
        found = _read(_WIRE, cursor)
        if len(found) != 1:
            raise ValueError(f"gob type {number} is nothing, or several things")
        self._kinds[number] = found

    def _value(self, number: int, cursor: _Cursor) -> "Any":
        if "StructT" not in self._kinds.get(number, {}) and cursor.unsigned() != 0:
            raise ValueError("a gob value does not begin with 0")
        return self._item(number, cursor, 0)

    def _item(self, number: int, cursor: _Cursor, depth: int) -> "Any":
        if depth > _DEEPEST:
            raise ValueError("a gob value is nested too deeply")
        if number in _SIMPLE:
            return _SIMPLE[number](cursor)
        kind = self._kinds.get(number)
        if kind is None:
            raise ValueError(f"gob type {number} is unknown")
        ((name, about),) = kind.items()
        if name == "StructT":
            return self._fields(about.get("Field", []), cursor, depth)
        if name in ("SliceT", "ArrayT"):
            return [self._item(about.get("Elem", 0), cursor, depth + 1) for _ in range(cursor.count())]
        if name == "MapT":
            return dict(self._pair(about, cursor, depth) for _ in range(cursor.count()))
        return cursor.take(cursor.unsigned())  # what a type's own method has written

    def _pair(self, about: "dict[str, Any]", cursor: _Cursor, depth: int) -> "tuple[Any, Any]":
        key = self._item(about.get("Key", 0), cursor, depth + 1)
        return (key if isinstance(key, str | int | bytes) else repr(key)), self._item(about.get("Elem", 0), cursor, depth + 1)

    def _fields(self, fields: "list[dict[str, Any]]", cursor: _Cursor, depth: int) -> "dict[str, Any]":
        out: dict[str, Any] = {}
        place = -1
        while step := cursor.unsigned():
            place += step
            if place >= len(fields):
                raise ValueError("a gob structure has more fields than its type")
            out[fields[place].get("Name", "")] = self._item(fields[place].get("Id", 0), cursor, depth + 1)
        return out


def _read(kind: "Any", cursor: _Cursor) -> "Any":
    """A value of a type that is known here: the descriptions of types."""
    if isinstance(kind, int):
        return _SIMPLE[kind](cursor)
    if isinstance(kind, Slice):
        return [_read(kind.of, cursor) for _ in range(cursor.count())]
    out: dict[str, Any] = {}
    place = -1
    while step := cursor.unsigned():
        place += step
        if place >= len(kind.fields):
            raise ValueError("a gob type is described by fields that there are not")
        name, of = kind.fields[place]
        out[name] = _read(of, cursor)
    return out


def _float(cursor: _Cursor) -> float:
    from struct import unpack

    return float(unpack("<d", cursor.unsigned().to_bytes(8, "big"))[0])


_SIMPLE: "dict[int, Callable[[_Cursor], Any]]" = {
    BOOL: lambda cursor: bool(cursor.unsigned()),
    INT: _Cursor.signed,
    UINT: _Cursor.unsigned,
    FLOAT: _float,
    BYTES: lambda cursor: cursor.take(cursor.unsigned()),
    STRING: lambda cursor: cursor.take(cursor.unsigned()).decode("utf-8", "surrogateescape"),
}
