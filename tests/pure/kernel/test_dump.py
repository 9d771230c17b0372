"""Dumps that something changes under: when the kernel has to be asked again."""

import struct

import pytest

from netwright.errors import Busy
from netwright.kernel.netlink import Netlink, Request

LINK, DONE, INTERRUPTED, CUT = 16, 3, 0x10, 0x20


class Kernel:
    """A socket that answers each dump with the next of `dumps`: datagrams of (kind, flags, body); None is one that has no room."""

    def __init__(self, dumps: list[list[list[tuple[int, int, bytes]] | None]]) -> None:
        self.dumps, self.left, self.sequence = dumps, [], 0

    def send(self, data: bytes) -> None:
        self.sequence = struct.unpack_from("=I", data, 8)[0]
        self.left = list(self.dumps.pop(0) if len(self.dumps) > 1 else self.dumps[0])

    def recvmsg(self, room: int) -> tuple[bytes, list[object], int, None]:
        found = self.left.pop(0)
        if found is None:
            return b"", [], CUT, None
        return b"".join(struct.pack("=IHHII", 16 + len(body), kind, flags, self.sequence, 0) + body for kind, flags, body in found), [], 0, None


def dumped(*dumps: list[list[tuple[int, int, bytes]] | None]) -> list[bytes]:
    netlink = object.__new__(Netlink)
    netlink.socket, netlink._sequence, netlink._room, netlink.warnings = Kernel(list(dumps)), 1, 1 << 16, []
    return [raw.body for raw in netlink.dump(Request(18, 0, b"", subject="links"))]


def links(*bodies: bytes, flags: int = 0) -> list[tuple[int, int, bytes]]:
    return [(LINK, flags, body) for body in bodies]


def done(flags: int = 0) -> list[tuple[int, int, bytes]]:
    return [(DONE, flags, b"\0\0\0\0")]


OTHER = [links(b"late"), done()]


@pytest.mark.parametrize(
    ("dump", "found"),
    [
        ([links(b"1111", b"2222"), done()], [b"1111", b"2222"]),
        ([links(b"1111") + done()], [b"1111"]),
        ([done()], []),
        ([links(b"1111"), links(b"2222"), done()], [b"1111", b"2222"]),
        ([links(b"1111", b"2222"), done(INTERRUPTED)], [b"1111", b"2222"]),  # in one datagram: one picture
        ([links(b"1111"), links(b"2222", flags=INTERRUPTED), done()], [b"late"]),
        ([links(b"1111"), links(b"2222", flags=INTERRUPTED), done(INTERRUPTED)], [b"late"]),
        ([links(b"1111"), links(b"2222"), done(INTERRUPTED)], [b"late"]),
        ([None, done()], [b"late"]),
        ([links(b"1111"), None, done(INTERRUPTED)], [b"late"]),
        ([None, links(b"1111"), done(INTERRUPTED)], [b"late"]),
    ],
)
def test_asked_again_only_where_the_picture_is_none(dump: list[list[tuple[int, int, bytes]] | None], found: list[bytes]) -> None:
    assert dumped(dump, OTHER) == found


def test_what_never_stands_still_is_told() -> None:
    with pytest.raises(Busy, match="links kept changing"):
        dumped([links(b"1111"), links(b"2222", flags=INTERRUPTED), done()])
