"""Questions by TCP: nothing that one client does, or leaves undone, costs another one anything (CVE-2024-8418 of aardvark-dns).

A whole question must have come, and its answer must have been taken, within eight seconds of the one before, however the bytes
dribble. One address has sixteen connections, all together 256; when those are used up the oldest goes. A connection
with sixteen questions on their way to others, or with answers that are not taken, is not read from. RFC 7766
"""

import socket

from .loop import READ, WRITE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .answers import Responder
    from .loop import Loop

PATIENCE = 8.0
MOST, MOST_OF_ONE = 256, 16
_MOST_OPEN = 16
_BURST = 4
_LONGEST = 4096  # of a question
_ACCEPTS = 32


class Connections:
    """All TCP connections, of every address that we listen on, the oldest first."""

    def __init__(self, loop: "Loop", responder: "Responder") -> None:
        self.loop, self.responder = loop, responder
        self.all: dict[Connection, None] = {}
        self.of_address: dict[str, int] = {}

    def admit(self, made: socket.socket, address: str, network: str) -> None:
        """Take a connection in, or refuse it by closing it."""
        if self.of_address.get(address, 0) >= MOST_OF_ONE:
            made.close()
            return
        if len(self.all) >= MOST:
            next(iter(self.all)).close()
        self.of_address[address] = self.of_address.get(address, 0) + 1
        self.all[Connection(self, made, address, network)] = None


class Tcp:
    """The TCP socket of one address; `network` is whose it is."""

    def __init__(self, made: socket.socket, connections: Connections, network: str) -> None:
        self.socket, self.connections, self.network = made, connections, network

    def ready(self, _events: int) -> None:
        """Accept who is waiting."""
        for _ in range(_ACCEPTS):
            try:
                made, peer = self.socket.accept()
            except BlockingIOError:
                return
            except OSError:
                # Out of files: the oldest makes room, or the loop would be woken for this one without end.
                if not self.connections.all:
                    return
                next(iter(self.connections.all)).close()
                continue
            made.setblocking(False)
            self.connections.admit(made, peer[0], self.network)


class Connection:
    """One client. Each question is answered as its answer comes, in any order: RFC 7766 6.2.1.1."""

    def __init__(self, connections: Connections, made: socket.socket, address: str, network: str) -> None:
        self._connections, self._socket, self._address, self._network = connections, made, address, network
        self._in, self._out = b"", b""
        self._open = 0
        self._resting = False
        self._events = READ
        self._closed = False
        self._loop = connections.loop
        self._timer = self._loop.later(PATIENCE, self.close)
        self._loop.watch(made.fileno(), self._ready)

    def close(self) -> None:
        """End it; what is on its way for it is not waited for."""
        if self._closed:
            return
        self._closed = True
        self._timer.cancel()
        self._loop.forget(self._socket.fileno())
        self._socket.close()
        del self._connections.all[self]
        left = self._connections.of_address.pop(self._address) - 1
        if left:
            self._connections.of_address[self._address] = left
        self._connections.responder.forget(self._client())

    def _client(self) -> tuple[str, tuple[str, int]]:
        return self._network, (self._address, -id(self))

    def _ready(self, events: int) -> None:
        try:
            if events & WRITE:
                self._flush()
            if events & ~WRITE and self._events & READ:
                self._read()
            elif events & ~(WRITE | READ):
                self.close()  # an error, or the other end has gone, while nothing is read
        except OSError as error:
            if not isinstance(error, BlockingIOError):
                self.close()

    def _read(self) -> None:
        data = self._socket.recv(_LONGEST)
        if not data:
            self.close()
            return
        self._in += data
        self._answer()

    def _answer(self) -> None:
        """Answer the questions that are there: a few, then the others have their turn."""
        self._resting = False
        for _ in range(_BURST):
            if self._closed or self._out or self._open >= _MOST_OPEN or len(self._in) < 2:
                break
            length = int.from_bytes(self._in[:2], "big")
            if length < 12 or length > _LONGEST:
                self.close()  # no question of ours: what follows cannot be told apart either
                return
            if len(self._in) < 2 + length:
                break
            asked, self._in = self._in[2 : 2 + length], self._in[2 + length :]
            self._wait_anew()
            self._ask(asked)
        else:
            self._resting = True
            self._loop.later(0, self._go_on)
        self._listen()

    def _go_on(self) -> None:
        try:
            if not self._closed:
                self._answer()
        except OSError:
            self.close()

    def _ask(self, asked: bytes) -> None:
        book = self._connections.responder.book_or_none(self._network, self._address)
        if book is None:
            self.close()  # the network has gone
            return
        self._open += 1
        answer = self._connections.responder.ask(asked, book, self._client(), self._later, tcp=True)
        if answer is not None:
            self._open -= 1
            self._send(answer)
        elif asked[2] & 0x80:
            self.close()  # an answer, where a question belongs

    def _later(self, answer: bytes) -> None:
        self._open -= 1
        if self._closed:
            return
        try:
            self._send(answer)
            self._answer()
        except OSError:
            self.close()

    def _send(self, answer: bytes) -> None:
        self._out += len(answer).to_bytes(2, "big") + answer
        self._flush()

    def _flush(self) -> None:
        if self._out:
            try:
                self._out = self._out[self._socket.send(self._out) :]
            except BlockingIOError:
                pass  # it does not take its answers: nothing more is read until it does
        if not self._out and self._events & WRITE:
            self._wait_anew()
            self._answer()
        self._listen()

    def _listen(self) -> None:
        """Wait for what can be dealt with."""
        if self._closed:
            return
        events = WRITE if self._out else 0 if self._resting or self._open >= _MOST_OPEN else READ
        if events != self._events:
            self._events = events
            self._loop.change(self._socket.fileno(), events)

    def _wait_anew(self) -> None:
        self._timer.cancel()
        self._timer = self._loop.later(PATIENCE, self.close)
