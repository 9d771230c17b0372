"""Locks between processes: a file for each subject, held by flock(2), let go by the kernel with its holder."""

import fcntl
import os
import time

from ..errors import Busy
from .directories import made, refused, run_directory

_PATIENCE = 60.0  # longer than whoever has one waits for a carrier (engine/ready.py)


def locked(subject: str, seconds: float = _PATIENCE) -> "Lock":
    """With it, nobody else works on the subject (a bridge's name, "firewall"). Busy after so many seconds."""
    return Lock(subject, seconds)


class Lock:
    """`with locked(subject):`; no contextmanager of contextlib's, whose import costs 2 ms in each call of a plugin."""

    __slots__ = ("_fd", "_seconds", "_subject")

    def __init__(self, subject: str, seconds: float) -> None:
        self._subject, self._seconds = subject, seconds

    def __enter__(self) -> None:
        self._fd = _opened(self._subject)
        try:
            _wait(self._fd, self._subject, self._seconds)
        except BaseException:
            os.close(self._fd)
            raise

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)


def _opened(subject: str) -> int:
    from .records import key

    path = f"{made(run_directory() + '/.locks')}/{key(subject)}"
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise refused(f"cannot open the lock {path}", error.errno or 0) from None


def _wait(fd: int, subject: str, seconds: float) -> None:
    deadline, pause = time.monotonic() + seconds, 0.001
    while True:
        try:
            return fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                why = f"another process has been working on it for {seconds:g} s"
                raise Busy(f"{subject} is being worked on", why=why, fix="try again; who it is: fuser -v the lock file") from None
        time.sleep(pause)
        pause = min(pause * 1.5, 0.01)
