"""Whom the host itself asks: the nameservers of its /etc/resolv.conf, read again when the file is another. resolv.conf(5)"""

import os
from time import monotonic

_MOST = 3
_LOOK_AGAIN = 1.0  # seconds: no stat(2) for each question
_WORDS_WITH_LISTS = ("search", "domain")


def parse(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(nameservers, search list) of a resolv.conf; what makes no sense in it is passed over, as the C library does."""
    from ...model.addressing import number_of

    servers, search = [], []
    for line in text.splitlines():
        words = line.split()
        if len(words) < 2 or line[0] in "#;":
            continue
        if words[0] == "nameserver":
            try:
                number_of(words[1])
            except ValueError:
                continue
            servers.append(words[1])
        elif words[0] in _WORDS_WITH_LISTS:
            search = [word.strip(".") for word in words[1:] if word.strip(".")]
    return tuple(servers[:_MOST]), tuple(search)


class Upstream:
    """The host's own servers, without those that are ours: a question must not come back to us."""

    def __init__(self, path: str = "/etc/resolv.conf") -> None:
        self.path = path
        self.ours: frozenset[str] = frozenset()
        self._seen: tuple[int, int, int] | None = None
        self._servers: tuple[str, ...] = ()
        self._next_look = 0.0

    def servers(self) -> tuple[str, ...]:
        """At most three of them."""
        now = monotonic()
        if now >= self._next_look:
            self._next_look = now + _LOOK_AGAIN
            self._look()
        return tuple(server for server in self._servers if server not in self.ours)

    def _look(self) -> None:
        try:
            status = os.stat(self.path)
            seen = (status.st_mtime_ns, status.st_ino, status.st_size)
            if seen != self._seen:
                with open(self.path, encoding="utf-8", errors="replace") as file:
                    self._servers = parse(file.read(65536))[0]
            self._seen = seen
        except OSError:
            self._seen, self._servers = None, ()  # none there: nobody to ask until there is
