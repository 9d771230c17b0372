"""UDP through the relay: for each client a socket inside, for as long as datagrams come or go.

A server that is not there says so by ICMP, which comes as an error of the socket after the datagram was sent. So the first
datagram is kept until an answer comes, and sent to the next address of the host when it was refused.
"""

from __future__ import annotations

import select
import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .relay import Port
    from .relaying import Loop, Open, Targets

IDLE = 60.0  # seconds
_AT_ONCE = 64
_LARGEST = 1 << 16
_PKTINFO = {socket.AF_INET: (socket.IPPROTO_IP, 8), socket.AF_INET6: (socket.IPPROTO_IPV6, 50)}  # linux/in.h, in6.h
_RECVPKTINFO = {socket.AF_INET: (socket.IPPROTO_IP, 8), socket.AF_INET6: (socket.IPPROTO_IPV6, 49)}


class Desk:
    """One published UDP port and its clients, `most` at once: the one that was silent longest makes room."""

    def __init__(self, loop: Loop, listener: socket.socket, port: Port, targets: Targets, inside: Open, most: int) -> None:
        self._most = most
        self._loop, self._listener, self._port, self._targets, self._inside = loop, listener, port, targets, inside
        self._clients: dict[Any, Client] = {}
        listener.setblocking(False)
        # An answer must come from the address that was asked, which a socket bound to all addresses has to be told.
        listener.setsockopt(*_RECVPKTINFO[socket.AddressFamily(listener.family)], 1)
        loop.watch(listener.fileno(), select.EPOLLIN, lambda _: self._receive())

    def _receive(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                data, ancillary, _, sender = self._listener.recvmsg(_LARGEST, 128)
            except OSError:
                return  # nothing there; or an ICMP error about an answer of ours
            way_back = tuple((level, kind, value) for level, kind, value in ancillary if (level, kind) in _PKTINFO.values())
            client = self._clients.pop((sender, way_back), None) or self._new(sender, way_back)
            if client is not None:
                self._clients[sender, way_back] = client  # at the end: the order is that of the last datagram
                client.send(data)

    def _new(self, sender: Any, way_back: Any) -> Client | None:
        if len(self._clients) >= self._most:
            self._clients.pop(next(iter(self._clients))).close()
        client = Client(self._loop, self, sender, way_back)
        return client if client.connect(self._targets(self._port.host, self._listener.family), self._port, self._inside) else None

    def answer(self, data: memoryview, sender: Any, way_back: Any) -> None:
        """Send to a client what came from inside. What the machine does not take is lost, as datagrams are."""
        try:
            self._listener.sendmsg([data], [_from_there(*item) for item in way_back], 0, sender)
        except OSError:
            pass

    def sweep(self) -> None:
        """Close what has been silent for a minute."""
        from time import monotonic

        before = monotonic() - IDLE
        for key in [key for key, client in self._clients.items() if client.last < before]:
            self._clients.pop(key).close()

    def close(self) -> None:
        """Take no more, and forget the clients."""
        self._loop.watch(self._listener.fileno(), 0, lambda _: None)
        self._listener.close()
        for client in self._clients.values():
            client.close()
        self._clients.clear()


def _from_there(level: int, kind: int, value: bytes) -> tuple[int, int, bytes]:
    """struct in_pktinfo has the local address second (ipi_spec_dst) when it is given to sendmsg(2); v6 has one address. ip(7)"""
    if level == socket.IPPROTO_IP:
        return level, kind, b"\0\0\0\0" + value[4:8] + b"\0\0\0\0"
    return level, kind, value


class Client:
    """A sender outside and its socket inside."""

    def __init__(self, loop: Loop, desk: Desk, sender: Any, way_back: Any) -> None:
        self._loop, self._desk, self._sender, self._way_back = loop, desk, sender, way_back
        self._socket: socket.socket | None = None
        self._kept: list[bytes] = []
        self._answered = False
        self.last = 0.0

    def connect(self, targets: list[tuple[int, str]], port: Port, inside: Open) -> bool:
        """To the first target that can be had; False when there is none."""
        self._rest, self._port, self._inside = targets, port, inside
        while self._rest:
            family, address = self._rest.pop(0)
            try:
                made = inside(port.host, family, socket.SOCK_DGRAM)
            except OSError:
                continue
            if made.connect_ex((address, port.target)) == 0:
                self._socket = made
                self._loop.watch(made.fileno(), select.EPOLLIN, lambda _: self._receive())
                return True
            made.close()
        return False

    def send(self, data: bytes) -> None:
        """Pass a datagram on."""
        from time import monotonic

        self.last = monotonic()
        if not self._answered:
            self._kept = [*self._kept[-7:], data]
        self._pass_on(data)

    def _pass_on(self, data: bytes) -> None:
        if self._socket is None:
            return
        try:
            self._socket.send(data)
        except ConnectionRefusedError:
            self._refused()
        except OSError:
            pass  # its buffer is full: lost, as datagrams are

    def _receive(self) -> None:
        from time import monotonic

        for _ in range(_AT_ONCE):
            if self._socket is None:
                return
            try:
                many = self._socket.recv_into(self._loop.buffer)
            except ConnectionRefusedError:
                self._refused()
                continue
            except OSError:
                return
            self.last, self._answered, self._kept = monotonic(), True, []
            self._desk.answer(self._loop.buffer[:many], self._sender, self._way_back)

    def _refused(self) -> None:
        """Nobody listens at this address of the host: to the next one, with everything that had no answer."""
        if self._answered or not self._rest:
            return
        rest = self._rest
        self.close()
        if self.connect(rest, self._port, self._inside):
            for data in self._kept:
                self._pass_on(data)

    def close(self) -> None:
        """Close the socket inside."""
        if self._socket is not None:
            self._loop.watch(self._socket.fileno(), 0, lambda _: None)
            self._socket.close()
            self._socket = None
