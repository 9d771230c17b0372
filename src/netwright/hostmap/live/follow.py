"""Following a host: the first map, then every change of it as it happens. For a loop of poll, or one of asyncio.

How it works. Three things wake us: the socket that hears all namespaces, the mounts (names in /run/netns, binds of container
runtimes), and a clock that runs only while `looked_at`: every few seconds it compares the namespaces of all processes with those
that are known, since a namespace that only a process has tells nobody that it is there (and whether nftables are others, where published ports are shown). Whatever an event cannot tell makes the map
stale; it is made anew 20 ms later, so that a burst costs one map, and never takes more than a fifth of the time.

    follower = Follower()              wait for follower.files() or follower.delay() seconds
    events = follower.turn()           what happened; then, when follower.due():
    events += follower.settle(follower.look())      look() may run in another thread, the rest may not
"""

from __future__ import annotations

import time

from ...kernel.everywhere import Everywhere
from ...kernel.mount_changes import MountChanges
from .. import take
from . import opening
from .book import Book
from .event import Event
from .rules import Rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...kernel.netlink import Raw
    from ..model import HostMap, Space

_SETTLE, _SHARE, _ROUND = 0.02, 4.0, 5.0
_LOST = "more came than could be read; the map was made anew"


class Follower:
    """`published`: with published ports. `looked_at`: somebody reads this now. `alone`: why only our own namespace is heard, "" when all are; `silent`: ids of
    namespaces that cannot be heard."""

    def __init__(self, *, published: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._rules = Rules() if published else None
        self._clock = clock
        self._ears = Everywhere()
        self._mounts = MountChanges()
        self.alone = self._ears.alone
        self.looked_at = True
        self.silent: set[str] = set()
        self._strangers: set[int] = set()
        self._stale_since = self._round = self._rest_until = 0.0
        self._looking = self._lost = False
        self._meanwhile: list[Raw] = []
        self.book = Book(self.look())
        self._looking = False
        self._number()

    def files(self) -> tuple[int, int]:
        """What to wait for."""
        return self._ears.fileno(), self._mounts.fileno()

    @property
    def map(self) -> HostMap:
        """The map as it is now."""
        return self.book.map()

    def places(self) -> dict[str, int | None]:
        """What our own namespace calls the others: id -> number, None for itself."""
        return {self.map.here: None, **{id: number for number, id in self.book.numbers.items()}}

    def close(self) -> None:
        """End it."""
        self._ears.close()
        self._mounts.close()

    # -- time ------------------------------------------------------------------------------------------------------------------

    def delay(self) -> float | None:
        """Seconds until there is something to do though nothing happened; None: never."""
        times = [self._when()] if self._stale_since else []
        times += [self._round] if self.looked_at else []
        return max(0.0, min(times) - self._clock()) if times and not self._looking else None

    def due(self) -> bool:
        """Whether the map is to be made anew now."""
        return bool(self._stale_since) and not self._looking and self._clock() >= self._when()

    def _when(self) -> float:
        return max(self._stale_since + _SETTLE, self._rest_until)

    def _stale(self) -> None:
        self._stale_since = self._stale_since or self._clock()

    # -- what happens ----------------------------------------------------------------------------------------------------------

    def turn(self) -> list[Event]:
        """Read what has come; without waiting."""
        raws, lost = self._ears.heard()
        out: list[Event] = []
        for raw in raws:
            out += self.book.hear(raw)
        if self._looking:
            self._meanwhile += raws
        if lost:
            self._lost = True
            self._stale()
        if self.book.stale:
            self.book.stale = False
            self._stale()
        return out

    def mounted(self) -> None:
        """The second file was readable: mounts have changed."""
        self._mounts.clear()
        self._stale()

    def rounds(self) -> None:
        """Look for namespaces of processes and for new rules, when it is time and somebody is looking."""
        if self.looked_at and not self._looking and self._clock() >= self._round:
            self._round = self._clock() + _ROUND
            new = opening.inodes() - {page.known.inode for page in self.book.pages.values()} - self._strangers
            if new or (self._rules and self._rules.changed(self.map)):
                self._stale()

    # -- the map anew ----------------------------------------------------------------------------------------------------------

    def look(self) -> HostMap:
        """Make a map. In a thread of its own where that matters; until `settle` no other may be begun."""
        self._looking, self._stale_since = True, 0.0
        self._meanwhile = []
        began = self._clock()
        try:
            host = take.take()
            return self._rules.told(host) if self._rules else host
        finally:
            self._rest_until = self._clock() + _SHARE * (self._clock() - began)

    def settle(self, host: HostMap) -> list[Event]:
        """The new map is the map. What was different and had not been told yet."""
        self._looking = False
        events = self.book.settle(host, self._meanwhile)
        self._meanwhile = []
        self.book.stale = False
        events += self._number()
        # What is still not on it although a process is there cannot be looked at: it must not be asked for again and again.
        self._strangers = opening.inodes() - {page.known.inode for page in self.book.pages.values()} if self.looked_at else set()
        if self._lost:
            self._lost = False
            events.insert(0, Event("lost", "changed", host.here, "", text=_LOST))
        return events

    def _number(self) -> list[Event]:
        """Give numbers to those that have none; what happened there before that moment, only another map can tell."""
        known = set(self.book.numbers.values())
        self.silent = set()
        given: dict[int, str] = {}
        for page in self.book.pages.values():
            space = page.known
            if space.id in known or space.id == self.map.here:
                continue
            number = self._number_of(space)
            if number < 0:
                self.silent.add(space.id)
            else:
                given[number] = space.id
        if not given:
            return []
        # A number that was freed a moment ago can be one of these: that end has to be heard before it means another namespace.
        events = self.turn()
        self.book.numbers.update(given)
        self._stale()
        return events

    def _number_of(self, space: Space) -> int:
        import os

        fd = -1 if self.alone or space.state != "ok" else opening.opened(space, self.map.here)
        if fd < 0:
            return -1
        try:
            return self._ears.number(fd)
        finally:
            os.close(fd)
