"""Where labs are written down: /run/netwright of root, $XDG_RUNTIME_DIR/netwright of anybody else; a directory for each lab.

The directory is the mark of ownership: what is not in it was not made by us, whatever it is called.
"""

from __future__ import annotations

import fcntl
import os
import time

from ..errors import Busy, CallFailed, Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

_PATIENCE = 60.0


def top() -> str:
    """The directory of all labs of this user, which exists afterwards. CallFailed when it cannot be made or is not ours."""
    path = os.environ.get("NETWRIGHT_RUNTIME_DIR") or _usual()
    try:
        os.makedirs(path, 0o700, exist_ok=True)
        status = os.stat(path)
    except OSError as error:
        why = f"{path}: {error.strerror}"
        raise CallFailed("there is no place to write a lab down", error.errno or 0, why=why, fix="NETWRIGHT_RUNTIME_DIR=/some/directory") from None
    if status.st_uid != os.getuid():
        raise CallFailed(f"{path} belongs to somebody else", 1, why=f"its owner is uid {status.st_uid}", fix="NETWRIGHT_RUNTIME_DIR=/some/directory of yours")
    return path


def _usual() -> str:
    uid = os.getuid()
    if uid == 0:
        return "/run/netwright"
    given = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{uid}"
    return f"{given}/netwright" if os.path.isdir(given) else f"/tmp/netwright-{uid}"


def names() -> list[str]:
    """The labs that are written down, in order."""
    try:
        return sorted(entry.name for entry in os.scandir(top()) if entry.is_dir())
    except OSError as error:
        raise CallFailed(f"cannot read {top()}", error.errno or 0, why=error.strerror or "") from None


def directory(name: str, *, make: bool = False) -> str:
    """The directory of one lab. Invalid for what is no name."""
    if not name or len(name) > 63 or not all(c.isascii() and (c.isalnum() or c in "-_.") for c in name) or name[0] in ".-":
        raise Invalid(f'"{name}" is no name of a lab', why="letters, digits, - and _ , 63 at the most", fix="see: nw ls")
    path = f"{top()}/{name}"
    if make:
        os.makedirs(path, 0o700, exist_ok=True)
    return path


class Lock:
    """The lock of one lab: two commands on it wait for each other. Busy after a minute, with who holds it."""

    def __init__(self, path: str) -> None:
        self._path = f"{path}/lock"
        self._fd = -1

    def __enter__(self) -> Lock:
        deadline, pause = time.monotonic() + _PATIENCE, 0.001
        while not self._taken():
            if time.monotonic() > deadline:
                raise Busy(f"{self._path} is held", why=f"another command has worked on this lab for {_PATIENCE:g} s", fix=f"who it is: fuser -v {self._path}")
            time.sleep(pause)
            pause = min(pause * 2, 0.05)
        return self

    def _taken(self) -> bool:
        """The lock is good when its file is still the one with that name: `down` removes it while others wait."""
        os.makedirs(os.path.dirname(self._path), 0o700, exist_ok=True)
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(fd), os.stat(self._path)):
                self._fd = fd
                return True
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(fd)
        return False

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        os.close(self._fd)
