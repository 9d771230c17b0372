"""Signals as events of the loop: a handler of Python's would run in the middle of anything."""

import os
import signal

from .loop import Loop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Signals:
    """Signals as bytes in a pipe that the loop watches."""

    def __init__(self, loop: Loop, calls: "Mapping[int, Callable[[], None]]") -> None:
        self._calls = calls
        ours, theirs = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._fd = ours
        for number in calls:
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(theirs, warn_on_full_buffer=False)
        loop.watch(ours, self._ready)

    def _ready(self, _events: int) -> None:
        for number in dict.fromkeys(os.read(self._fd, 4096)):
            if number in self._calls:
                self._calls[number]()
