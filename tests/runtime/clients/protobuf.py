"""As much of protobuf's wire format as a small client needs: messages are dictionaries by field number.

A value is a whole number, text, bytes, True, a message (dictionary), or a list of those (the field repeated). A map is a list of
messages {1: key, 2: value}. Source: protobuf.dev, "Encoding".
"""

from collections.abc import Iterator

Value = int | str | bytes | dict | list
VARINT, BYTES = 0, 2


def encode(message: dict[int, Value]) -> bytes:
    return b"".join(_field(number, value) for number, value in message.items())


def decode(data: bytes) -> dict[int, list[int | bytes]]:
    """The fields of a message, each as the list of its values; what is a message in turn is bytes still."""
    found: dict[int, list[int | bytes]] = {}
    for number, value in _fields(data):
        found.setdefault(number, []).append(value)
    return found


def text(data: bytes, *path: int) -> str:
    """The text at the end of a path of field numbers; "" where there is none."""
    for number in path:
        data = decode(data).get(number, [b""])[0]
    return data.decode()


def entries(values: list[int | bytes]) -> dict[str, str]:
    """A map of texts."""
    return {text(one, 1): text(one, 2) for one in values}


def _field(number: int, value: Value) -> bytes:
    if isinstance(value, list):
        return b"".join(_field(number, one) for one in value)
    if isinstance(value, int):
        return _varint(number << 3 | VARINT) + _varint(value)
    data = encode(value) if isinstance(value, dict) else value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | BYTES) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        tag, at = _read_varint(data, at)
        value, at = _read_varint(data, at)
        if tag & 7 == VARINT:
            yield tag >> 3, value
        elif tag & 7 == BYTES:
            yield tag >> 3, data[at : at + value]
            at += value
        else:
            raise ValueError(f"wire type {tag & 7}")


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while data[at] & 0x80:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
    return value | data[at] << shift, at + 1
