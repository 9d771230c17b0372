"""One netlink socket: many requests per sendmsg, every one acknowledged, errors with the kernel's own words.

How it works. `transact` packs requests into windows, sends each window with one sendmsg and reads one acknowledgement per
request; a refused request gives a KernelError with the extended-ack text and, through its offset, the name of the offending
attribute. `dump` asks with strict checking, and asks again when the kernel says that the picture changed meanwhile
(NLM_F_DUMP_INTR). `receive` waits for events; an overrun (ENOBUFS) is reported as such, and the socket lives on.
Sources: linux/netlink.h, Documentation/userspace-api/netlink/intro.rst, RFC 3549.
"""

from __future__ import annotations

import _socket
import errno
import os
from struct import Struct

from ..errors import Busy, KernelError, kernel_error
from .codec import Layout, split
from .spaces import run_there

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

REQUEST, MULTI, ACK, ECHO, DUMP_INTR = 1, 2, 4, 8, 0x10
ROOT, MATCH, ATOMIC = 0x100, 0x200, 0x400
DUMP = ROOT | MATCH
REPLACE, EXCL, CREATE, APPEND = 0x100, 0x200, 0x400, 0x800
_CAPPED, _ACK_TLVS = 0x100, 0x200

_NOOP, _ERROR, _DONE, _OVERRUN = 1, 2, 3, 4
_SOL_NETLINK = 270
_ADD_MEMBERSHIP, _CAP_ACK, _EXT_ACK, _STRICT_CHK, _LISTEN_ALL_NSID = 1, 10, 11, 12, 8
_NETLINK_LISTEN_ALL_NSID = 8
_SNDBUFFORCE, _RCVBUFFORCE, _SNDBUF, _RCVBUF = 32, 33, 7, 8
_TRIES = 20
_QUESTIONS = 64  # their answers have room in any socket

_HEADER = Struct("=IHHII")
_SIGNED = Struct("=i")
_WORD = Struct("=I")


class Request:
    """One message to send: its type, flags, body (family header and attributes), and the layout that explains errors."""

    __slots__ = ("body", "flags", "header_size", "kind", "layout", "subject")

    def __init__(
        self, kind: int, flags: int, body: bytes, layout: Layout | None = None, header_size: int = 0, subject: str = ""
    ) -> None:
        self.kind, self.flags, self.body = kind, flags, body
        self.layout, self.header_size, self.subject = layout, header_size, subject


class Raw:
    """One received message: type, flags, sequence, sender, body, and the nsid it came from (None: our own namespace)."""

    __slots__ = ("body", "flags", "kind", "nsid", "sequence")

    def __init__(self, kind: int, flags: int, sequence: int, body: bytes, nsid: int | None = None) -> None:
        self.kind, self.flags, self.sequence, self.body, self.nsid = kind, flags, sequence, body, nsid


class _Truncated(Exception):
    """A datagram was larger than the room for it."""


class Overrun(KernelError):
    """Events were lost: the reader was too slow (ENOBUFS). What is known must be read anew; the socket is still good."""


def messages(data: bytes, nsid: int | None = None) -> list[Raw]:
    """The messages in one datagram; stops at the first that does not fit."""
    out, at, size = [], 0, len(data)
    while at + 16 <= size:
        length, kind, flags, sequence, _ = _HEADER.unpack_from(data, at)
        if length < 16 or at + length > size:
            break
        out.append(Raw(kind, flags, sequence, data[at + 16 : at + length], nsid))
        at += (length + 3) & ~3
    return out


class Netlink:
    """A socket of family AF_NETLINK. `inside`: an open fd of the namespace it lives in (default: the caller's).

    The socket belongs to that namespace for its whole life; the calling thread never moves. Not to be shared by threads
    without a lock. OSError when the namespace cannot be entered.
    """

    def __init__(self, protocol: int = 0, *, inside: int | None = None, groups: Iterable[int] = ()) -> None:
        def opened() -> _socket.socket:
            return _socket.socket(16, _socket.SOCK_RAW | _socket.SOCK_CLOEXEC, protocol)

        self.socket = opened() if inside is None else run_there(inside, opened)
        self._sequence = 1
        self._room = 1 << 16
        self.warnings: list[str] = []
        self._forced = self._size_buffers()
        for option in (_EXT_ACK, _CAP_ACK, _STRICT_CHK):
            self._option(option, 1)
        self.socket.bind((0, 0))
        for group in groups:
            self._option(_ADD_MEMBERSHIP, group)

    def _size_buffers(self) -> bool:
        """Room for many acknowledgements; the FORCE options need CAP_NET_ADMIN, the plain ones are capped by sysctl."""
        try:
            self.socket.setsockopt(_socket.SOL_SOCKET, _RCVBUFFORCE, 8 << 20)
            self.socket.setsockopt(_socket.SOL_SOCKET, _SNDBUFFORCE, 4 << 20)
        except PermissionError:
            return False
        return True

    def _option(self, name: int, on: int) -> None:
        try:
            self.socket.setsockopt(_SOL_NETLINK, name, on)
        except OSError as error:
            # Before 4.20 strict checking is unknown; the requests are the same without it.
            if error.errno != errno.ENOPROTOOPT:
                raise

    def listen_all_nsid(self) -> None:
        """Also hear the events of every namespace that has a nsid here (needs CAP_NET_BROADCAST)."""
        self.socket.setsockopt(_SOL_NETLINK, _NETLINK_LISTEN_ALL_NSID, 1)

    def join(self, group: int) -> None:
        """Subscribe to the multicast group numbered `group` (RTNLGRP_*)."""
        self.socket.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, group)

    def fileno(self) -> int:
        """For select, poll and event loops."""
        return self.socket.fileno()

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()

    def __enter__(self) -> Netlink:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- requests ------------------------------------------------------------------------------------------------------

    def transact(self, requests: Sequence[Request]) -> list[KernelError | None]:
        """Send all, read every acknowledgement; for each request None or the error. The kernel goes on after an error."""
        window = 256 if self._forced else 64
        results: list[KernelError | None] = []
        for at in range(0, len(requests), window):
            results += self._window(requests[at : at + window])
        return results

    def _window(self, part: Sequence[Request]) -> list[KernelError | None]:
        first = self._sequence + 1
        packed = []
        for number, request in enumerate(part, first):
            packed.append(_HEADER.pack(16 + len(request.body), request.kind, request.flags | REQUEST | ACK, number, 0))
            packed.append(request.body + b"\0" * (-len(request.body) & 3))
        self._sequence += len(part)
        self.socket.send(b"".join(packed))
        results: list[KernelError | None] = [None] * len(part)
        left = len(part)
        while left:
            # An acknowledgement is small (NETLINK_CAP_ACK), and every buffer has to be had from the system.
            for answer in messages(self.socket.recv(1 << 14)):
                if answer.kind == _ERROR and 0 <= answer.sequence - first < len(part):
                    results[answer.sequence - first] = self._verdict(answer, part[answer.sequence - first])
                    left -= 1
        return results

    def request(self, request: Request) -> None:
        """One request, acknowledged. KernelError when the kernel refuses."""
        error = self._window([request])[0]
        if error:
            raise error

    def get(self, request: Request) -> list[Raw]:
        """One request that is answered by messages (RTM_GET…, or NLM_F_ECHO). KernelError when the kernel refuses."""
        self._send(request, ACK)
        out: list[Raw] = []
        while True:
            for answer in messages(self.socket.recv(1 << 17)):
                if answer.sequence != self._sequence:
                    continue
                if answer.kind != _ERROR:
                    out.append(answer)
                elif error := self._verdict(answer, request):
                    raise error
                else:
                    return out

    def each(self, kind: int, bodies: Sequence[bytes], *, subject: str = "", absent: int = errno.ENOENT) -> list[Raw | None]:
        """Many questions of one kind, each answered by one message; None where the answer is the error `absent`. KernelError for
        another one. Asked by windows: one after the other takes three times as long."""
        out: list[Raw | None] = []
        for at in range(0, len(bodies), _QUESTIONS):
            out += self._answered(kind, bodies[at : at + _QUESTIONS], subject, absent)
        return out

    def _answered(self, kind: int, bodies: Sequence[bytes], subject: str, absent: int) -> list[Raw | None]:
        first = self._sequence + 1
        self._sequence += len(bodies)
        packed = []
        for number, body in enumerate(bodies, first):
            packed += [_HEADER.pack(16 + len(body), kind, REQUEST, number, 0), body, b"\0" * (-len(body) & 3)]
        self.socket.send(b"".join(packed))
        out: list[Raw | None] = [None] * len(bodies)
        left, wrong = len(bodies), None
        while left:
            for answer in messages(self.socket.recv(1 << 14)):
                at = answer.sequence - first
                if not 0 <= at < len(bodies):
                    continue
                left -= 1
                if answer.kind != _ERROR:
                    out[at] = answer
                elif -_SIGNED.unpack_from(answer.body)[0] != absent:
                    wrong = wrong or self._verdict(answer, Request(kind, 0, bodies[at], subject=subject))
        if wrong:
            raise wrong
        return out

    def dump(self, request: Request) -> list[Raw]:
        """Every message that a dump request gives; asked again while the kernel says it was interrupted."""
        for _ in range(_TRIES):
            out, whole = self._dump_once(request)
            if whole:
                return out
        raise Busy(f"{request.subject or 'the dump'} kept changing while it was read", fix="try again")

    def _dump_once(self, request: Request) -> tuple[list[Raw], bool]:
        """A datagram is filled at one go. What all came in the first one is whole, even if something changed before the kernel said
        that this was all: else a small dump would never end on a machine where devices come and go in other namespaces."""
        self._send(request, DUMP)
        out: list[Raw] = []
        whole = True
        first = 0
        while True:
            try:
                found = messages(self._datagram())
            except _Truncated:
                whole, first = False, -1
                continue
            for answer in found:
                if answer.sequence != self._sequence:
                    continue
                whole = whole and not answer.flags & DUMP_INTR
                if answer.kind in (_DONE, _ERROR):
                    if error := self._verdict(answer, request):
                        raise error
                    return out, whole or len(out) == first
                out.append(answer)
            first = first or len(out)

    def _datagram(self) -> bytes:
        """One datagram. 64 KB hold what the kernel puts into one (32 KB); a link with hundreds of virtual functions takes
        more: then the next try has room for it."""
        data, _, flags, _ = self.socket.recvmsg(self._room)
        if flags & _socket.MSG_TRUNC:
            self._room = 1 << 20
            raise _Truncated
        return data

    def _send(self, request: Request, flags: int) -> None:
        self._sequence += 1
        body = request.body
        self.socket.send(
            _HEADER.pack(16 + len(body), request.kind, request.flags | REQUEST | flags, self._sequence, 0) + body
        )

    def _verdict(self, answer: Raw, request: Request) -> KernelError | None:
        """An acknowledgement as None (and perhaps a warning), or as the error that it carries."""
        if len(answer.body) < 4:
            return None
        code = -_SIGNED.unpack_from(answer.body)[0]
        told = split(answer.body, _tlvs_at(answer)) if answer.flags & _ACK_TLVS else {}
        text = told.get(1, b"").partition(b"\0")[0].decode("utf-8", "replace")
        if code <= 0:
            if text:
                self.warnings.append(text)
            return None
        offset = _WORD.unpack_from(told[2])[0] if len(told.get(2, b"")) >= 4 else 0
        name = attribute_at(request, offset - 16) if offset else ""
        policy = _policy(told[4]) if 4 in told else ""
        if 5 in told and len(told[5]) >= 4 and not name:
            name = _missing(request, _WORD.unpack_from(told[5])[0])
        return kernel_error(code, text, attribute=name, policy=policy, subject=request.subject)

    # -- events --------------------------------------------------------------------------------------------------------

    def receive(self) -> list[Raw]:
        """Wait for the next datagram of events. Overrun when some were lost: read the state anew and go on."""
        try:
            data, ancillary, _, _ = self.socket.recvmsg(1 << 18, 256)
        except OSError as error:
            if error.errno == errno.ENOBUFS:
                raise Overrun(errno.ENOBUFS, "events were lost, the reader was too slow") from None
            raise
        return messages(data, _nsid_of(ancillary))


def _nsid_of(ancillary: list[Any]) -> int | None:
    for level, kind, data in ancillary:
        if level == _SOL_NETLINK and kind == _LISTEN_ALL_NSID and len(data) >= 4:
            return int(_SIGNED.unpack_from(data)[0])
    return None


def _tlvs_at(answer: Raw) -> int:
    """Where the extended-ack attributes begin: after the error code and the (capped or whole) request; after DONE's code."""
    if answer.kind == _DONE:
        return 4
    inner = _WORD.unpack_from(answer.body, 4)[0] if len(answer.body) >= 8 else 16
    return 4 + (16 if answer.flags & _CAPPED else (inner + 3) & ~3)


def attribute_at(request: Request, offset: int) -> str:
    """The dotted name of the attribute at `offset` bytes into the request's body, as far as the layout knows it."""
    if request.layout is None:
        return ""
    path: list[str] = []
    layout: Layout | None = request.layout
    data, at = request.body, request.header_size
    while layout is not None and at <= offset:
        found = _enclosing(data, at, offset)
        if found is None:
            break
        start, number, end = found
        path.append(layout.by_type[number][0] if number in layout.by_type else f"#{number}")
        if start == offset:
            break
        layout, data, at = _below(layout, number, data[at:]), data[:end], start + 4
    return ".".join(path)


def _enclosing(data: bytes, at: int, offset: int) -> tuple[int, int, int] | None:
    """(start, type, end) of the attribute that holds the byte at `offset`."""
    while at + 4 <= len(data):
        length, kind = Struct("=HH").unpack_from(data, at)
        if length < 4:
            return None
        if at <= offset < at + length:
            return at, kind & 0x3FFF, at + length
        at += (length + 3) & ~3
    return None


def _below(layout: Layout, number: int, siblings: bytes) -> Layout | None:
    """The layout inside attribute `number`, when that one holds attributes."""
    if number not in layout.by_type:
        return None
    codec = layout.by_type[number][1]
    if codec.selector:
        sibling, choose = codec.selector
        codec = choose(layout.decode(siblings).get(sibling) if sibling else None)
    owner = getattr(codec.decode, "__self__", None)
    return owner if isinstance(owner, Layout) else None


_POLICY_TYPES = {1: "flag", 2: "u8", 3: "u16", 4: "u32", 5: "u64", 6: "s8", 7: "s16", 8: "s32", 9: "s64", 10: "binary", 11: "string", 12: "NUL-terminated string", 13: "nested", 14: "nested array", 15: "bitfield32"}  # fmt: skip


def _policy(data: bytes) -> str:
    """NLMSGERR_ATTR_POLICY in words: `u32 0..15`, `string of at most 15 bytes`."""
    found = split(data)

    def number(kind: int) -> int | None:
        raw = found.get(kind)
        return int.from_bytes(raw[:8], "little", signed=kind in (2, 3)) if raw else None

    words = _POLICY_TYPES.get(number(1) or 0, "")
    low, high = (number(2), number(3)) if 2 in found else (number(4), number(5))
    if low is not None and high is not None:
        words += f" {low}..{high}"
    if (longest := number(7)) is not None:
        words += f" of at most {longest} bytes"
    return words.strip()


def _missing(request: Request, number: int) -> str:
    """The name of a required attribute that the request lacks (NLMSGERR_ATTR_MISS_TYPE)."""
    known = request.layout.by_type if request.layout else {}
    return f"missing {known[number][0] if number in known else f'#{number}'}"


def my_namespace() -> int:
    """An open fd (close-on-exec) of the calling thread's network namespace."""
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
