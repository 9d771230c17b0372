"""Questions by UDP: the loop that does the work.

How it works. What was answered once is kept, by the bytes of the question, for everybody who sees the same names: an answer is then
one look-up and two system calls. Only what is new goes through `Responder.ask`, and with it through dnspython.
"""

import socket

from . import message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .answers import Book, Responder

_LONGEST = 4096  # of a question
_BURST = 64  # before the other sockets have their turn
_MOST_CLIENTS = 4096


class Udp:
    """The UDP socket of one address; `network` is whose it is."""

    def __init__(self, made: socket.socket, responder: "Responder", network: str) -> None:
        self.socket, self.responder, self.network = made, responder, network
        self.books: dict[str, Book] = {}

    def ready(self, _events: int) -> None:
        """Answer what is waiting."""
        receive, send, books = self.socket.recvfrom, self.socket.sendto, self.books
        for _ in range(_BURST):
            try:
                data, peer = receive(_LONGEST + 1)
            except OSError:
                return  # nothing more; or the kernel passes on that somebody did not want an answer
            book = books.get(peer[0])
            if book is None:
                book = self._book(peer[0])
            end = data.find(0, 12)
            kept = book.kept.get(data[2:end].lower() + data[end:])
            try:
                if kept is not None:
                    head, tail = next(kept)
                    send(b"".join((data[:2], head, data[12:end], tail)), peer)
                elif (answer := self._new(data, peer, book)) is not None:
                    send(answer, peer)
            except OSError:
                continue  # the client has gone, or a rule says no: it asks again or it does not

    def _book(self, address: str) -> "Book":
        if len(self.books) >= _MOST_CLIENTS:
            self.books.clear()
        book = self.books[address] = self.responder.book(self.network, address)
        return book

    def _new(self, data: bytes, peer: "tuple[str, int]", book: "Book") -> bytes | None:
        """An answer, or None: others are asked, or there is nothing to say."""
        if len(data) > _LONGEST:
            return message.refusal(data, message.FORMERR) if not data[2] & 0x80 else None

        def later(answer: bytes) -> None:
            try:
                self.socket.sendto(answer, peer)
            except OSError:
                return  # as above; or the network has gone meanwhile

        return self.responder.ask(data, book, (self.network, peer), later)
