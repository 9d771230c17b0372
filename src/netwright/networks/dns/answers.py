"""From a question to an answer: what was answered before, what the networks know, what others know."""

from itertools import cycle

from . import message
from .view import FORWARD, Index, View, of_client

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping

    from .forward import Forwarder
    from .upstream import Upstream
    from .zone import Zone

_MOST_KEPT = 2048
_LONGEST_KEPT = 600


class Book:
    """A view, and the answers that its clients were given: question -> what stands before the name and behind it, in turn."""

    __slots__ = ("kept", "view")

    def __init__(self, view: View) -> None:
        self.view = view
        self.kept: dict[bytes, Iterator[tuple[bytes, bytes]]] = {}

    def keep(self, data: bytes, answers: list[bytes]) -> None:
        """Keep the answers to a question for whoever asks the same."""
        if sum(map(len, answers)) > _LONGEST_KEPT * 4 or not message.is_plain(data):
            return
        if len(self.kept) >= _MOST_KEPT:
            self.kept.clear()
        self.kept[message.key(data)] = cycle([message.parts(data, answer) for answer in answers])


class Responder:
    """All networks of a host: `load` zones, find the `book` of a client, `ask` it."""

    def __init__(self, forwarder: "Forwarder", upstream: "Upstream") -> None:
        self._forwarder, self.upstream = forwarder, upstream
        self._indexes: dict[str, Index] = {}
        self._books: dict[tuple[str, ...], Book] = {}

    def load(self, zones: "Mapping[str, Zone]") -> None:
        """Take these zones in the place of those before. Whoever holds a book must let go of it."""
        old = self._indexes
        self._indexes = {
            name: old[name] if name in old and old[name].zone is zone else Index(zone) for name, zone in zones.items()
        }
        self._books.clear()

    def book(self, network: str, address: str) -> Book:
        """The book of whoever asks this network from an address; clients that see the same share one."""
        asked = self._indexes[network]
        seen = of_client(tuple(self._indexes.values()), asked, address.partition("%")[0])
        host = next((found for index in seen if (found := index.at(address))), None)
        own = host.servers if host else ()
        key = (network, "", *(index.zone.network for index in seen), "", *own)
        if key not in self._books:
            self._books[key] = Book(View(seen, asked, own))
        return self._books[key]

    def book_or_none(self, network: str, address: str) -> Book | None:
        """The same; None when the network has gone."""
        return self.book(network, address) if network in self._indexes else None

    def forget(self, client: "Hashable") -> None:
        """A client has gone."""
        self._forwarder.drop(client)

    def ask(self, data: bytes, book: Book, client: "Hashable", later: "Callable[[bytes], None]", *, tcp: bool = False) -> bytes | None:
        """The answer to a question; None when `later` will be called with it, or when nothing is to be said at all."""
        question = message.read(data, tcp=tcp)
        if question is None or isinstance(question, bytes):
            return question
        answer = book.view.answer(question.name, question.kind)
        if answer.verdict != FORWARD:
            answers = message.answered(question, answer)
            if not tcp:
                book.keep(data, answers)
            return answers[0]
        # To ask ourselves would be to ask without end.
        servers = tuple(server for server in book.view.servers() if server not in self.upstream.ours) or self.upstream.servers()
        if not self._forwarder.forward(question, servers, client, later, tcp=tcp):
            return message.failed(question, message.SERVFAIL)
        return None
