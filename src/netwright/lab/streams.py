"""One TCP connection through the relay: two ends, each with what it has not taken yet."""

from __future__ import annotations

import select
import socket
from errno import EINPROGRESS
from struct import pack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .relay import Port
    from .relaying import Loop, Open

_RESET_ON_CLOSE = pack("ii", 1, 0)  # struct linger: on, for no time
_ROUNDS = 4  # buffers read from one end before the others get their turn


class End:
    """A socket of a flow. `pending` is what it has not taken yet; `ended`: nothing more comes from it; `closed`: nothing more goes
    to it."""

    __slots__ = ("closed", "ended", "other", "pending", "socket")

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.pending: memoryview | None = None
        self.ended = self.closed = False
        self.other = self


class Flow:
    """A client and the server inside. `targets` are tried in order until one does not refuse."""

    def __init__(self, loop: Loop, client: socket.socket, port: Port, targets: list[tuple[int, str]], inside: Open) -> None:
        self._loop, self._port, self._targets, self._inside = loop, port, targets, inside
        self._client = End(client)
        self._ends: tuple[End, ...] = (self._client,)

    def begin(self) -> None:
        """Connect inside."""
        self._client.socket.setblocking(False)
        self._connect()

    def _connect(self) -> None:
        while self._targets:
            family, address = self._targets.pop(0)
            try:
                sock = self._inside(self._port.host, family, socket.SOCK_STREAM)
            except OSError:
                continue  # the host is not there (yet), or we have no file left: the client is told by the reset
            refused = sock.connect_ex((address, self._port.target))
            if refused in (0, EINPROGRESS):
                self._join(End(sock))
                return
            sock.close()
        self._reset()

    def _join(self, server: End) -> None:
        self._client.other, server.other = server, self._client
        self._ends = (self._client, server)
        self._loop.watch(server.socket.fileno(), select.EPOLLOUT, lambda _: self._connected(server))

    def _connected(self, server: End) -> None:
        if server.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._loop.watch(server.socket.fileno(), 0, _nothing)
            server.socket.close()
            self._ends = (self._client,)
            self._connect()
            return
        for end in self._ends:
            end.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            end.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._wait()

    def _wait(self) -> None:
        """For what can be done next: read an end when the other has taken everything, write what is pending."""
        for end in self._ends:
            read = select.EPOLLIN if not end.ended and end.other.pending is None else 0
            write = select.EPOLLOUT if end.pending is not None else 0
            self._loop.watch(end.socket.fileno(), read | write, lambda mask, end=end: self._ready(end, mask))  # type: ignore[misc]

    def _ready(self, end: End, mask: int) -> None:
        # An error or a hang-up comes without EPOLLIN or EPOLLOUT: reading or writing then says what it is.
        failed = mask & (select.EPOLLERR | select.EPOLLHUP)
        try:
            if end.pending is not None and (mask & select.EPOLLOUT or failed):
                self._write(end)
            if not end.ended and end.other.pending is None and (mask & select.EPOLLIN or failed):
                self._read(end)
        except OSError:
            self._reset()
            return
        if all(one.closed for one in self._ends):
            self._close()
        else:
            self._wait()

    def _read(self, end: End) -> None:
        buffer, other = self._loop.buffer, end.other
        for _ in range(_ROUNDS):
            try:
                many = end.socket.recv_into(buffer)
            except BlockingIOError:
                return
            if many == 0:
                end.ended = True
                self._pass_end_on(other)
                return
            sent = _sent(other.socket, buffer[:many])
            if sent < many:
                other.pending = memoryview(bytes(buffer[sent:many]))
                return
            if many < len(buffer):
                return

    def _write(self, end: End) -> None:
        assert end.pending is not None
        rest = end.pending[_sent(end.socket, end.pending) :]
        end.pending = rest if len(rest) else None
        if end.pending is None and end.other.ended:
            self._pass_end_on(end)

    def _pass_end_on(self, end: End) -> None:
        if end.pending is None and not end.closed:
            end.closed = True
            end.socket.shutdown(socket.SHUT_WR)

    def _reset(self) -> None:
        for end in self._ends:
            end.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._close()

    def _close(self) -> None:
        for end in self._ends:
            self._loop.watch(end.socket.fileno(), 0, _nothing)
            end.socket.close()
        self._ends = ()
        self._loop.flow_ended()


def _sent(sock: socket.socket, data: memoryview) -> int:
    try:
        return sock.send(data)
    except BlockingIOError:
        return 0


def _nothing(_: int) -> None:
    pass
