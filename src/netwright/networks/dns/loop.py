"""Waiting for many sockets at once, and for times: epoll and a heap. (asyncio costs 10 MB of memory and half of the speed.)"""

import select
from heapq import heappop, heappush
from time import monotonic

READ, WRITE = select.EPOLLIN, select.EPOLLOUT
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Timer:
    """A call that is to come; `cancel` lets it be forgotten."""

    __slots__ = ("call",)

    def __init__(self, call: "Callable[[], None]") -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        """It will not be called."""
        self.call = None


class Loop:
    """`watch` a file, be called when it is ready; `later`, when a time has come. One thread; calls never wait."""

    def __init__(self) -> None:
        self._poll = select.epoll()
        self._calls: dict[int, Callable[[int], None]] = {}
        self._timers: list[tuple[float, int, Timer]] = []
        self._count = 0
        self._stopped = False

    def watch(self, fd: int, call: "Callable[[int], None]", events: int = READ) -> None:
        """Call `call(events)` whenever the file is ready."""
        self._calls[fd] = call
        self._poll.register(fd, events)

    def change(self, fd: int, events: int) -> None:
        """Wait for other events of the file from now on."""
        self._poll.modify(fd, events)

    def forget(self, fd: int) -> None:
        """Before it is closed."""
        if self._calls.pop(fd, None) is not None:
            self._poll.unregister(fd)

    def later(self, seconds: float, call: "Callable[[], None]") -> Timer:
        """Call once, after so many seconds."""
        timer = Timer(call)
        self._count += 1
        heappush(self._timers, (monotonic() + seconds, self._count, timer))
        return timer

    def stop(self) -> None:
        """`run` ends when the call that is under way is done."""
        self._stopped = True

    def run(self) -> None:
        """Wait and call, until `stop`."""
        poll, calls = self._poll.poll, self._calls
        while not self._stopped:
            for fd, events in poll(self._patience()):
                call = calls.get(fd)
                if call is not None:
                    call(events)
            if self._timers:
                self._due()

    def _patience(self) -> float:
        """Seconds until the next timer that still counts; -1 for no end."""
        while self._timers and self._timers[0][2].call is None:
            heappop(self._timers)
        return max(0.0, self._timers[0][0] - monotonic()) if self._timers else -1

    def _due(self) -> None:
        now = monotonic()
        while self._timers and self._timers[0][0] <= now:
            call = heappop(self._timers)[2].call
            if call is not None:
                call()
