"""Where a field is in a structure of the running kernel, by its own description (BTF). linux/btf.h

How it works. The description of a whole kernel has 140,000 types in 5 MB; reading them all takes Python 0.4 s. A structure whose
name is known is found by a search for the number of its name: what follows such a number in a type, and nowhere else, has the kind
"struct" in the bits where members have the (small) number of their type. Only named members are found, not those of unnamed unions.
"""

import sys
from struct import Struct

_PATH = "/sys/kernel/btf/vmlinux"
_MAGIC, _STRUCT = 0xEB9F, 4
_HEADER = Struct("=HBBIIIII")
_THREE = Struct("=III")


class Btf:
    """The kernel's own description. OSError where there is none, or it may not be read."""

    def __init__(self, path: str = _PATH) -> None:
        with open(path, "rb") as file:
            self._data = data = file.read()
        magic, _, _, length, types, size, strings, _ = _HEADER.unpack_from(data)
        if magic != _MAGIC:
            raise OSError(22, f"{path} is no BTF of this byte order")
        self._types, self._end, self._strings = length + types, length + types + size, length + strings

    def offset(self, structure: str, field: str) -> int:
        """In bytes. KeyError when there is no such structure, or no such field in it by name."""
        wanted = self._name(field)
        at, count, flagged = self._found(structure)
        for number in range(count):
            name, _, bits = _THREE.unpack_from(self._data, at + 12 * number)
            if name == wanted:
                return int(bits & 0xFFFFFF if flagged else bits) // 8
        raise KeyError(f"{structure}.{field}")

    def _name(self, text: str) -> int:
        at = self._data.find(b"\0" + text.encode() + b"\0", self._strings)
        if at < 0:
            raise KeyError(text)
        return int(at + 1 - self._strings)

    def _found(self, structure: str) -> tuple[int, int, bool]:
        """(where its members begin, how many there are, whether their offsets have a size in the upper bits)."""
        wanted = self._name(structure).to_bytes(4, sys.byteorder)
        at = self._data.find(wanted, self._types, self._end)
        while at >= 0:
            _, info, size = _THREE.unpack_from(self._data, at)
            if (at - self._types) % 4 == 0 and info >> 24 & 0x1F == _STRUCT and size and info & 0xFFFF:
                return at + 12, int(info & 0xFFFF), bool(info >> 31)
            at = self._data.find(wanted, at + 1, self._end)
        raise KeyError(structure)
