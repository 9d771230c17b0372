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
    rtt: float | None = None
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


@value
class Echo:
    """What came of one request: `bytes` of the answer from `address` after `rtt` seconds with `ttl` left (0: unknown), or an `error`."""

    sequence: int
    address: str = ""
    bytes: int = 0
    ttl: int = 0
    rtt: float | None = None
    error: str = ""


def echo(sock: socket.socket, address: str, identity: bytes, sequence: int, *, timeout: float = 1.0, size: int = 56) -> Echo:
    """One echo request and its answer. `identity`: two bytes that tell our answers from others'."""
    six = sock.family == socket.AF_INET6
    started = time.monotonic()
    try:
        sock.sendto(_request(six, identity, sequence, size), (address, 0))
    except OSError as refused:
        return Echo(sequence, error=refused.strerror or str(refused))
    wanted = identity + (sequence & 0xFFFF).to_bytes(2, "big")
    while (left := started + timeout - time.monotonic()) > 0 and _readable(sock, left):
        data, sender = sock.recvfrom(65535)
        start = 0 if six else (data[0] & 15) * 4
        if data[start] == (129 if six else 0) and data[start + 4 : start + 8] == wanted:
            return Echo(sequence, sender[0], len(data) - start, 0 if six else data[8], time.monotonic() - started)
        if (said := _unreachable(data, six, start, wanted)) is not None:
            return Echo(sequence, sender[0], error=said)
    return Echo(sequence, error=f"no answer in {timeout:g} s")


# Destination unreachable: code -> what it means (RFC 792, RFC 1812; RFC 4443)
_WHY = {0: "Network unreachable", 1: "Host unreachable", 2: "Protocol unreachable", 3: "Port unreachable", 4: "Packet too big", 9: "Network prohibited", 10: "Host prohibited", 13: "Prohibited by a filter"}
_WHY6 = {0: "No route", 1: "Prohibited by a filter", 2: "Beyond scope", 3: "Address unreachable", 4: "Port unreachable", 5: "Prohibited by a filter", 6: "Route rejected"}


def _unreachable(data: bytes, six: bool, start: int, wanted: bytes) -> str | None:
    """What an ICMP error about the request `wanted` says, None for any other packet."""
    kind, code = data[start], data[start + 1]
    inner = start + 8 + (40 if six else (data[start + 8] & 15) * 4 if len(data) > start + 8 else 0)
    if data[inner + 4 : inner + 8] != wanted:
        return None
    if kind == (1 if six else 3):
        return (_WHY6 if six else _WHY).get(code, f"Unreachable, code {code}")
    if kind == (3 if six else 11):
        return "Time to live exceeded"
    return "Packet too big" if six and kind == 2 else None


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
    sequence &= 0xFFFF
    kind = 128 if six else 8
    if six:  # the kernel fills in the checksum of ICMPv6
        return _ECHO.pack(kind, 0, 0, number, sequence) + payload
    return _ECHO.pack(kind, 0, _checksum(_ECHO.pack(kind, 0, 0, number, sequence) + payload), number, sequence) + payload


def _readable(sock: socket.socket, seconds: float) -> bool:
    """poll and not select: in a lab of 1000 hosts the number of an open file is larger than select can take."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _answered(sock: socket.socket, six: bool, identity: bytes, sequence: int, deadline: float) -> bool:
    wanted = identity + sequence.to_bytes(2, "big")
    while (left := deadline - time.monotonic()) > 0:
        if not _readable(sock, left):
            return False
        data = sock.recv(65535)
        start = 0 if six else (data[0] & 15) * 4
        if data[start] == (129 if six else 0) and data[start + 4 : start + 8] == wanted:
            return True
    return False
