"""Sockets that wait for somebody: TCP that listens, UDP that is bound and not connected. sock_diag(7), linux/inet_diag.h"""

from __future__ import annotations

from struct import Struct

from . import inet
from .netlink import Netlink, Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    Heard = tuple[str, str, int, int, int]  # protocol, address, port, inode, index of the device that it is bound to

_SOCK_DIAG, _BY_FAMILY = 4, 20
_TCP, _UDP, _LISTEN, _CLOSE = 6, 17, 10, 7
_REQUEST = Struct("=BBBxI48x")
_ANSWER = Struct("=BBxx2s2x16s16xI8xIIIII")  # struct inet_diag_msg; the port is big-endian


def listening() -> list[Heard]:
    """Those of the caller's network namespace. KernelError where the kernel has no inet_diag."""
    out: list[Heard] = []
    with Netlink(_SOCK_DIAG) as netlink:
        for family in (2, 10):
            for name, protocol, state in (("tcp", _TCP, _LISTEN), ("udp", _UDP, _CLOSE)):
                request = Request(_BY_FAMILY, 0, _REQUEST.pack(family, protocol, 0, 1 << state), subject=f"{name} sockets")
                out += [heard(name, raw.body) for raw in netlink.dump(request) if len(raw.body) >= _ANSWER.size]
    return [one for one in out if one[2]]


def heard(protocol: str, body: bytes) -> Heard:
    """One struct inet_diag_msg; "" is every address."""
    family, _, port, address, device, *_, inode = _ANSWER.unpack_from(body)
    packed = address[:4] if family == 2 else address
    return protocol, inet.ntoa(packed) if any(packed) else "", int.from_bytes(port, "big"), inode, device
