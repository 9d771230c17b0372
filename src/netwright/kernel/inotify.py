"""inotify(7) for one directory: which names appear and vanish. Python has no inotify; ctypes is imported for this only."""

import ctypes
import os
from struct import Struct

from ..errors import CallFailed

CLOSE_WRITE, CREATE, DELETE, IGNORED, DELETE_SELF, MOVED_TO, MOVED_FROM = 0x8, 0x100, 0x200, 0x8000, 0x400, 0x80, 0x40
_EVENT = Struct("=iIII")


class Watch:
    """The events of one directory. `read()` waits and gives (mask, name) pairs; CallFailed when the kernel refuses."""

    def __init__(self, directory: str) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.inotify_init1(os.O_CLOEXEC)
        self._check(self.fd, "inotify_init")
        mask = CLOSE_WRITE | CREATE | DELETE | MOVED_TO | MOVED_FROM | DELETE_SELF
        self._check(libc.inotify_add_watch(self.fd, os.fsencode(directory), mask), "inotify_add_watch")

    @staticmethod
    def _check(result: int, call: str) -> None:
        if result < 0:
            number = ctypes.get_errno()
            raise CallFailed(f"{call} failed: {os.strerror(number)}", number, fix="see: sysctl fs.inotify")

    def read(self) -> list[tuple[int, str]]:
        """Wait for events."""
        data, out, at = os.read(self.fd, 65536), [], 0
        while at + _EVENT.size <= len(data):
            _, mask, _, length = _EVENT.unpack_from(data, at)
            name = data[at + _EVENT.size : at + _EVENT.size + length].partition(b"\0")[0]
            out.append((mask, os.fsdecode(name)))
            at += _EVENT.size + length
        return out

    def close(self) -> None:
        """End the watch."""
        os.close(self.fd)
