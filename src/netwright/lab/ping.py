"""ICMP echo without a program: RFC 792, RFC 4443."""

from __future__ import annotations

import os
import select
import socket
import time
from struct import Struct

from ..model.value import value

_ECHO = Struct(">BBHHH")
_ICMPV6 = 58


@value
class Ping:
    """`sent` and `received` packets; `rtt` the smallest round trip in seconds, None when nothing came back; `error` the kernel's word."""

    sent: int
    received: int
    rtt: "float | None" = None
    error: str = ""

    def __bool__(self) -> bool:
        return self.received > 0


def _checksum(data: bytes) -> int:
    total = sum(int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def opened(family: int) -> socket.socket:
    """A raw ICMP socket; to be called in the namespace."""
    return socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_ICMP if family == socket.AF_INET else _ICMPV6)


def ping(sock: socket.socket, address: str, *, count: int = 1, timeout: float = 1.0, size: int = 56) -> Ping:
    """Send echo requests one after the other, each waited for `timeout` seconds. `size` bytes of payload."""
    six = sock.family == socket.AF_INET6
    identity = os.urandom(2)
    received, best, error = 0, None, ""
    for sequence in range(1, count + 1):
        message = _request(six, identity, sequence, size)
        started = time.monotonic()
        try:
            sock.sendto(message, (address, 0))
        except OSError as refused:
            error = refused.strerror or str(refused)
            continue
        if _answered(sock, six, identity, sequence, started + timeout):
            took = time.monotonic() - started
            received, best = received + 1, took if best is None else min(best, took)
    return Ping(count, received, best, error)


def _request(six: bool, identity: bytes, sequence: int, size: int) -> bytes:
    number, payload = int.from_bytes(identity, "big"), bytes(size + size % 2)
    kind = 128 if six else 8
    if six:  # the kernel fills in the checksum of ICMPv6
        return _ECHO.pack(kind, 0, 0, number, sequence) + payload
    return _ECHO.pack(kind, 0, _checksum(_ECHO.pack(kind, 0, 0, number, sequence) + payload), number, sequence) + payload


def _answered(sock: socket.socket, six: bool, identity: bytes, sequence: int, deadline: float) -> bool:
    wanted = identity + sequence.to_bytes(2, "big")
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([sock], [], [], left)[0]:
            return False
        data = sock.recv(65535)
        start = 0 if six else (data[0] & 15) * 4
        if data[start] == (129 if six else 0) and data[start + 4 : start + 8] == wanted:
            return True
    return False
