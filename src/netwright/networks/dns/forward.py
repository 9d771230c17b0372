"""Asking others: one socket for each question, by UDP or TCP; the next server when one is silent or cannot; in time or not at all.

How it works. Every question goes out with a number and from a port that nobody can guess, through a socket that is connected to the
server: what others send is not even seen (RFC 5452). An answer counts when number and question are the same. Each server has a second
and a half, then the next is asked; after four and a half seconds the client is told SERVFAIL, before it gives up by itself.
A client that asks too much at a time is told SERVFAIL too, and does not keep others from asking.
"""

import os
import socket

from . import message
from .loop import READ, WRITE, Loop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from .loop import Timer
    from .message import Question

EACH, TRIES = 1.5, 3
MOST, MOST_OF_ONE = 512, 64
PORT = 53
_CANNOT = (message.SERVFAIL, message.NOTIMP, message.REFUSED)


class Forwarder:
    """All questions that others have been asked."""

    def __init__(self, loop: Loop, port: int = PORT) -> None:
        self.loop, self.port = loop, port
        self.open: dict[tuple[Hashable, bytes], _Asked] = {}
        self._of_client: dict[Hashable, int] = {}

    def forward(
        self, question: "Question", servers: "Sequence[str]", client: "Hashable", later: "Callable[[bytes], None]", *, tcp: bool
    ) -> bool:
        """Ask; `later` gets the answer. False when nobody is there to be asked, or too much is asked already."""
        key, who = (client, question.data), _address(client)
        if key in self.open:
            return True  # asked twice, answered once
        if not servers or len(self.open) >= MOST or self._of_client.get(who, 0) >= MOST_OF_ONE:
            return False
        self._of_client[who] = self._of_client.get(who, 0) + 1

        def done(answer: bytes) -> None:
            self._forget(key, who)
            later(answer)

        asked = self.open[key] = (_ByTcp if tcp else _ByUdp)(self, question, servers, done)
        asked.next()
        return True

    def drop(self, client: "Hashable") -> None:
        """A client has gone: nobody waits for its answers."""
        for key in [key for key in self.open if key[0] == client]:
            self.open[key].close()
            self._forget(key, _address(client))

    def _forget(self, key: "tuple[Hashable, bytes]", who: "Hashable") -> None:
        del self.open[key]
        left = self._of_client.pop(who) - 1
        if left:
            self._of_client[who] = left


def _address(client: "Hashable") -> "Hashable":
    """(network, (address, port)) -> (network, address): ports cost a client nothing."""
    return (client[0], client[1][0]) if isinstance(client, tuple) else client


class _Asked:
    """One question on its way."""

    kind = socket.SOCK_DGRAM

    def __init__(self, all: Forwarder, question: "Question", servers: "Sequence[str]", done: "Callable[[bytes], None]") -> None:
        self._all, self._question, self._done = all, question, done
        self._servers = [servers[turn % len(servers)] for turn in range(TRIES)]
        self._server = ""
        self._socket: socket.socket | None = None
        self._timer: Timer | None = None
        self._last = b""  # the answer of a server that could not

    def next(self) -> None:
        """Ask the next server; when there is none left, say what the last one said, or SERVFAIL."""
        self.close()
        while self._servers:
            server = self._server = self._servers.pop(0)
            self._number = os.urandom(2)
            self._timer = self._all.loop.later(EACH, self.next)
            try:
                self._start(server)
                return
            except OSError:
                self.close()  # no way there: no use waiting
        self._done(self._fitting(self._last) if self._last else message.failed(self._question, message.SERVFAIL))

    def close(self) -> None:
        """Wait for nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._socket is not None:
            self._all.loop.forget(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _start(self, server: str) -> None:
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        made = self._socket = socket.socket(family, self.kind)
        made.setblocking(False)
        self._connect(made, (server, self._all.port))

    def _connect(self, made: socket.socket, server: "tuple[str, int]") -> None:
        raise NotImplementedError

    def _asked_with(self) -> bytes:
        return self._number + self._question.data[2:]

    def _heard(self, data: bytes) -> None:
        """An answer, or something that is none: then we go on waiting for the true one."""
        if len(data) < 12 or data[:2] != self._number or not data[2] & 0x80 or not _same_question(self._question.data, data):
            return
        # One that said that it cannot is not asked again: where the question comes round to us, each round would ask more often.
        if data[3] & 15 in _CANNOT and (others := [server for server in self._servers if server != self._server]):
            self._servers, self._last = others, data
            self.next()
            return
        self.close()
        self._done(self._fitting(data))

    def _fitting(self, answer: bytes) -> bytes:
        answer = self._question.data[:2] + answer[2:]
        return answer if len(answer) <= self._question.allowed else message.truncated(self._question.data, answer)


def _same_question(asked: bytes, answer: bytes) -> bool:
    """The name may come back in other letters, small or capital. Refusals of some servers have no question at all."""
    end = asked.find(0, 12) + 5
    if answer[4:6] == b"\0\0":
        return answer[3] & 15 in _CANNOT or answer[3] & 15 == message.FORMERR
    return answer[4:6] == b"\0\1" and answer[12:end].lower() == asked[12:end].lower()


class _ByUdp(_Asked):
    def _connect(self, made: socket.socket, server: "tuple[str, int]") -> None:
        made.connect(server)
        made.send(self._asked_with())
        self._all.loop.watch(made.fileno(), self._ready)

    def _ready(self, _events: int) -> None:
        while (made := self._socket) is not None:
            try:
                data = made.recv(65535)
            except BlockingIOError:
                return
            except OSError:
                self.next()  # nobody listens there: the kernel passes on what ICMP said
                return
            self._heard(data)


class _ByTcp(_Asked):
    kind = socket.SOCK_STREAM

    def _connect(self, made: socket.socket, server: "tuple[str, int]") -> None:
        asked = self._asked_with()
        self._out, self._in = len(asked).to_bytes(2, "big") + asked, b""
        try:
            made.connect(server)
        except BlockingIOError:
            pass  # under way
        self._all.loop.watch(made.fileno(), self._ready, WRITE)

    def _ready(self, _events: int) -> None:
        made = self._socket
        if made is None:
            return
        try:
            if self._out:
                self._out = self._out[made.send(self._out) :]
                if not self._out:
                    self._all.loop.change(made.fileno(), READ)
                return
            data = made.recv(65535)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._in += data
        if not data:
            self.next()
        elif len(self._in) >= 2 and len(self._in) - 2 >= int.from_bytes(self._in[:2], "big"):
            whole = self._in[2 : 2 + int.from_bytes(self._in[:2], "big")]
            self._heard(whole)
            if self._socket is made:
                self.next()  # one answer was expected, and this was none
