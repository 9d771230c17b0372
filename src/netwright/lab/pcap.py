"""Files that tcpdump and Wireshark read: the classic pcap format, with nanoseconds. draft-ietf-opsawg-pcap.

A header of 24 bytes in the writer's byte order, then for each packet 16 bytes (seconds, nanoseconds, bytes kept, bytes it had)
and the bytes.
"""

from __future__ import annotations

from struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

_HEADER = Struct("=IHHiIII")
_PACKET = Struct("=IIII")
_MAGIC_NANOSECONDS = 0xA1B23C4D
ETHERNET, RAW = 1, 101  # LINKTYPE_ETHERNET, LINKTYPE_RAW: IP without a link layer
SNAPLEN = 262144


def header(linktype: int = ETHERNET, snaplen: int = SNAPLEN) -> bytes:
    """The beginning of a file."""
    return _HEADER.pack(_MAGIC_NANOSECONDS, 2, 4, 0, 0, snaplen, linktype)


def record(nanoseconds: int, packet: bytes, whole: int = 0) -> bytes:
    """One packet: `nanoseconds` since 1970, the bytes that were kept, and how many it had (0: all of them)."""
    return _PACKET.pack(nanoseconds // 10**9, nanoseconds % 10**9, len(packet), whole or len(packet)) + packet


class Writer:
    """A file to which packets are written as they come. OSError when it cannot be written."""

    def __init__(self, file: BinaryIO, linktype: int = ETHERNET) -> None:
        self._file = file
        self.count = 0
        file.write(header(linktype))
        file.flush()

    def put(self, nanoseconds: int, packet: bytes, whole: int = 0) -> None:
        """One more."""
        self._file.write(record(nanoseconds, packet, whole))
        self._file.flush()
        self.count += 1
