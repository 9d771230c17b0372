"""Elements of sets and maps from nft's words to the kernel's bytes, for the types that labs are made of.

The kernel knows a key only as so many bytes; what they mean is the number that nft keeps with the set, six bits for each
part of a concatenation (enum datatypes in nftables' datatype.h). Parts are padded to four bytes. `encoder` gives None where
a type, a flag or an element is not among those here: then nft itself must read the words.
"""

from __future__ import annotations

import _socket
from struct import Struct

from .codec import attribute
from .nfnetlink import nest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .nfnetlink import Pair

# NFT_SET_CONSTANT | _INTERVAL | _TIMEOUT | _EVAL | _OBJECT | _EXPR: more than a key, or not to be changed key by key.
_NOT_SIMPLE = 0x2 | 0x4 | 0x10 | 0x20 | 0x40 | 0x100
_VERDICT = 0xFFFFFF00
_VERDICTS = {"drop": 0, "accept": 1, "continue": -1, "jump": -3, "goto": -4, "return": -5}
_PROTOCOLS = {"icmp": 1, "igmp": 2, "tcp": 6, "udp": 17, "dccp": 33, "gre": 47, "esp": 50, "ah": 51, "ipv6-icmp": 58, "comp": 108, "sctp": 132, "udplite": 136}  # fmt: skip


def _number(text: str, most: int) -> int:
    number = int(text, 0)
    if not 0 <= number <= most:
        raise ValueError(text)
    return number


def _mac(text: str) -> bytes:
    data = bytes.fromhex(text.replace(":", ""))
    if len(data) != 6:
        raise ValueError(text)
    return data


def _ifname(text: str) -> bytes:
    name = text[1:-1].encode("utf-8", "surrogateescape")
    if len(text) < 3 or text[0] != '"' or text[-1] != '"' or len(name) > 15 or name.endswith(b"*"):
        raise ValueError(text)
    return name.ljust(16, b"\0")


_TYPES: dict[int, Callable[[str], bytes]] = {
    7: lambda text: _socket.inet_pton(_socket.AF_INET, text),
    8: lambda text: _socket.inet_pton(_socket.AF_INET6, text),
    9: _mac,
    12: lambda text: bytes([_PROTOCOLS[text] if text in _PROTOCOLS else _number(text, 255)]),
    13: lambda text: _number(text, 65535).to_bytes(2, "big"),
    19: lambda text: Struct("=I").pack(_number(text, 0xFFFFFFFF)),
    41: _ifname,
}


def encoded(definition: tuple[int, int, int, int], elements: Sequence[str]) -> list[Pair] | None:
    """The elements as (key, data, comment) for a set of this definition (`nfnetlink.set_definition`); None: let nft read them."""
    flags, key_type, data_type, length = definition
    key, is_map = _encoder(key_type), bool(flags & 8)
    data = (_verdict if data_type == _VERDICT else _value(_encoder(data_type))) if is_map else None
    if flags & _NOT_SIMPLE or key is None or (is_map and data is None):
        return None
    out: list[Pair] = []
    try:
        for element in elements:
            left, right, colon, said = _parts(element)
            if colon != is_map or len(made := key(left)) != length:
                return None
            out.append((made, data(right) if data else None, said))
    except (ValueError, OSError):  # inet_pton's error is an OSError
        return None
    return out


def keys_of(definition: tuple[int, int, int, int], texts: Iterable[str]) -> list[bytes]:
    """The bytes of keys. ValueError where one is none of that type."""
    key = _encoder(definition[1])
    if key is None:
        raise ValueError(definition)
    return [key(text) for text in texts]


def _parts(element: str) -> tuple[str, str, bool, str]:
    """(key, data, whether there is data, comment): `KEY [comment "…"] [: DATA]`."""
    left, mark, behind = element.partition(' comment "')
    if not mark:
        left, colon, right = element.partition(" : ")
        return left, right, bool(colon), ""
    said, _, rest = behind.partition('"')
    _, colon, right = rest.partition(" : ")
    if rest and not colon:
        raise ValueError(element)
    return left, right, bool(colon), said


def _encoder(number: int) -> Callable[[str], bytes] | None:
    """How text of this type, or of this concatenation of types, becomes bytes."""
    numbers: list[int] = []
    while number:
        numbers.insert(0, number & 63)
        number >>= 6
    if not numbers or any(n not in _TYPES for n in numbers):
        return None
    if len(numbers) == 1:
        return _TYPES[numbers[0]]
    parts = [_TYPES[n] for n in numbers]

    def concatenated(text: str) -> bytes:
        words = text.split(" . ")
        made = [part(word) for part, word in zip(parts, words, strict=True)]
        return b"".join(one + b"\0" * (-len(one) & 3) for one in made)

    return concatenated


def _value(plain: Callable[[str], bytes] | None) -> Callable[[str], bytes] | None:
    return None if plain is None else lambda text: attribute(1, plain(text))


def _verdict(text: str) -> bytes:
    """NFTA_DATA_VERDICT { NFTA_VERDICT_CODE, NFTA_VERDICT_CHAIN }"""
    word, _, chain = text.partition(" ")
    if word not in _VERDICTS or bool(chain) != (word in ("jump", "goto")):
        raise ValueError(text)
    name = attribute(2, chain.encode("utf-8", "surrogateescape") + b"\0") if chain else b""
    return nest(2, attribute(1, Struct(">i").pack(_VERDICTS[word])) + name)
