"""The followed host in asyncio's loop: reads events, makes the map anew in a thread, tells the listeners, measures while they look.

How it works. A change makes a new version of the map; listeners are told its number at once (at most ten times a second), and fetch what
they show of it. Drawings are kept by what is open in them, so that a hundred pages cost one. While nobody listens events are still
written into the map, but nothing is looked at anew, measured or drawn: an idle host costs nothing.
"""

from __future__ import annotations

import asyncio
import time

from ..errors import NetwrightError
from ..hostmap.live.event import plain
from ..hostmap.live.follow import Follower
from . import sampling
from .rates import rates
from .stream import Backlog, message
from .view import narrowed, view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from ..hostmap.live.event import Event
    from ..hostmap.model import HostMap
    from .rates import Sample

APART, MEASURED = 0.1, 2.0
_DRAWN = 16


class Listener:
    """One open page: what it has not been told yet, and the bell that says there is something."""

    def __init__(self) -> None:
        self.backlog = Backlog()
        self.bell = asyncio.Event()

    async def next(self, seconds: float) -> bytes:
        """What there is to tell; b"" when there was nothing for so long."""
        try:
            await asyncio.wait_for(self.bell.wait(), seconds)
        except TimeoutError:
            return b""
        self.bell.clear()
        return self.backlog.take()


class Live:
    """`version` counts the maps. To be made and used in the loop's thread."""

    def __init__(self, lab: str = "", control: bool = False) -> None:
        self.lab, self.control = lab, control
        self.version = 1
        self.trouble = ""
        self._follower = Follower(published=True)
        self._follower.looked_at = False
        self._listeners: set[Listener] = set()
        self._drawn: dict[tuple[str, ...], bytes] = {}
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._telling: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._told_at = 0.0
        self._sample: Sample = {}
        self._sampled_at = 0.0
        ears, mounts = self._follower.files()
        self._loop.add_reader(ears, self._heard)
        self._loop.add_reader(mounts, self._mounted)

    def close(self) -> None:
        """End it."""
        for file in self._follower.files():
            self._loop.remove_reader(file)
        for task in self._tasks:
            task.cancel()
        for timer in (self._timer, self._telling):
            if timer:
                timer.cancel()
        self._follower.close()

    @property
    def map(self) -> HostMap:
        """What is shown: of one lab, or all."""
        return narrowed(self._follower.map, self.lab)

    @property
    def whole(self) -> HostMap:
        """All of it."""
        return self._follower.map

    @property
    def limits(self) -> list[str]:
        """What will not be heard."""
        out = [self._follower.alone] if self._follower.alone else []
        return out + ([self.trouble] if self.trouble else [])

    def drawn(self, opened: Collection[str]) -> bytes:
        """The view as JSON."""
        import json

        known = {space.id for space in self.map.namespaces}
        key = tuple(sorted(id for id in opened if id in known or id == "all"))
        if key not in self._drawn:
            if len(self._drawn) >= _DRAWN:
                self._drawn.clear()
            found = view(self.map, self.version, key)
            found |= {"limits": self.limits, "control": self.control, "here": self.map.here}
            self._drawn[key] = json.dumps(found, separators=(",", ":")).encode()
        return self._drawn[key]

    # -- listeners -----------------------------------------------------------------------------------------------------------

    @property
    def listeners(self) -> int:
        """How many pages are open."""
        return len(self._listeners)

    def join(self) -> Listener:
        """One more page; it is told the version first."""
        listener = Listener()
        listener.backlog.version(self.version)
        listener.bell.set()
        self._listeners.add(listener)
        if not self._follower.looked_at:
            self._follower.looked_at = True
            self._sample, self._sampled_at = {}, 0.0
            self._keep(self._measure())
        self._wind()
        return listener

    def leave(self, listener: Listener) -> None:
        """That page is closed."""
        self._listeners.discard(listener)
        self._follower.looked_at = bool(self._listeners)

    def _ring(self) -> None:
        for listener in self._listeners:
            listener.bell.set()

    # -- events --------------------------------------------------------------------------------------------------------------

    def _heard(self) -> None:
        self._happened(self._follower.turn())
        self._wind()

    def _mounted(self) -> None:
        self._follower.mounted()
        self._wind()

    def _happened(self, events: list[Event]) -> None:
        """Tell these; the map has a new version when it looks different."""
        now = time.time()
        shown = [plain(event, now) for event in events if event.kind != "neighbour" and self._shown(event)]
        if shown:
            for listener in self._listeners:
                listener.backlog.events(shown)
        if self._follower.book.changed:
            self._changed()
        elif shown:
            self._ring()

    def _shown(self, event: Event) -> bool:
        return not self.lab or event.kind == "lost" or any(space.id == event.space for space in self.map.namespaces)

    def _changed(self) -> None:
        """A new version. The first of a burst is told at once, the rest together."""
        self.version += 1
        self._drawn.clear()
        if self._telling:
            return
        wait = self._told_at + APART - self._loop.time()
        if wait <= 0:
            self._tell()
        else:
            self._telling = self._loop.call_later(wait, self._tell)

    def _tell(self) -> None:
        self._telling = None
        self._told_at = self._loop.time()
        for listener in self._listeners:
            listener.backlog.version(self.version)
        self._ring()

    # -- the clock: it runs only while somebody looks --------------------------------------------------------------------------

    def _wind(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        delay = self._follower.delay() if self._listeners else None
        if delay is not None:
            self._timer = self._loop.call_later(delay + 0.001, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._follower.rounds()
        if self._follower.due():
            self._keep(self._anew())
        else:
            self._wind()

    def _keep(self, work: Any) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _anew(self) -> None:
        try:
            host = await self._loop.run_in_executor(None, self._follower.look)
            self.trouble = ""
        except (NetwrightError, OSError) as error:
            self.trouble = f"the map cannot be made anew: {error}"
            host = self._follower.map
        before = self._follower.map
        events = self._follower.settle(host)
        if events or _looks(before) != _looks(self._follower.map):
            self._follower.book.changed = True
        self._happened(events)
        self._wind()

    async def _measure(self) -> None:
        """Rates of cables, as long as somebody looks."""
        with sampling.Counting() as counting:
            while self._listeners:
                await self._sampled(counting)
                await asyncio.sleep(MEASURED)

    async def _sampled(self, counting: sampling.Counting) -> None:
        cables = self.map.cables
        places = dict(self._follower.places())
        try:
            after = await self._loop.run_in_executor(None, counting.sample, cables, places)
        except (NetwrightError, OSError):
            return  # a namespace that ended meanwhile: the next map is without it
        now = time.monotonic()
        found = rates(self._sample, after, now - self._sampled_at)
        self._sample, self._sampled_at = after, now
        encoded = message("rates", [[*end, round(received), round(sent)] for end, (received, sent) in found.items()])
        for listener in self._listeners:
            listener.backlog.rates(encoded)
        self._ring()


def _looks(host: HostMap) -> Any:
    """What a drawing shows: not when it was taken, nor counters."""
    return host.cables, host.problems, [(space.id, space.name, space.owners, space.published, space.state) for space in host.namespaces]
