"""Where labs are written down: /run/netwright of root, $XDG_RUNTIME_DIR/netwright of anybody else; a directory for each lab.

The directory is the mark of ownership: what is not in it was not made by us, whatever it is called.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from contextlib import suppress

from ..errors import Busy, CallFailed, Conflict, Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

_PATIENCE = 60.0
_OURS = 0o1700  # of a lab's directory: "sticky" changes nothing for its owner, and no umask takes it away


def top() -> str:
    """The directory of all labs of this user, which exists afterwards. CallFailed when it cannot be made or is not ours."""
    path = os.environ.get("NETWRIGHT_RUNTIME_DIR") or _usual()
    try:
        os.makedirs(path, 0o700, exist_ok=True)
        status = os.stat(path)
    except OSError as error:
        raise refused("there is no place to write a lab down", error) from None
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
    """The labs that are written down, in order. Whatever else is in the directory is not ours."""
    place = top()
    return [name for name in _directories(place) if is_ours(f"{place}/{name}")]


def abandoned() -> list[str]:
    """Directories that we made with nothing in them: a `down` was killed before its last step, or an `up` after its first."""
    place = top()
    return [name for name in _directories(place) if is_abandoned(f"{place}/{name}")]


def remove_empty(name: str) -> bool:
    """Whether this one is gone; False where something is in it by now. An `up` that has just made it makes it again."""
    try:
        os.rmdir(directory(name))
    except FileNotFoundError:
        pass
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise refused(f"cannot remove {directory(name)}", error) from None
        return False
    return True


def _directories(place: str) -> list[str]:
    try:
        found = sorted(entry.name for entry in os.scandir(place) if entry.is_dir(follow_symlinks=False))
    except OSError as error:
        raise refused(f"cannot read {place}", error) from None
    return [name for name in found if is_name(name)]


def is_abandoned(path: str) -> bool:
    """Whether there is nothing in a directory that we made: that it has our mode is all that tells it from somebody else's."""
    try:
        return os.stat(path).st_mode & 0o7777 == _OURS and not os.listdir(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise refused(f"cannot read {path}", error) from None


def is_name(name: str) -> bool:
    """Whether a lab can be called so."""
    return 0 < len(name) < 64 and all(c.isascii() and (c.isalnum() or c in "-_.") for c in name) and name[0] not in ".-"


def is_ours(path: str) -> bool:
    """Whether a lab's directory was made by us: a lock is the first that is in it, and the last."""
    return any(os.path.isfile(f"{path}/{name}") for name in ("lock", "lab.db"))


def directory(name: str) -> str:
    """The directory of one lab. Invalid for what is no name."""
    if not is_name(name):
        raise Invalid(f'"{name}" is no name of a lab', why="letters, digits, - and _ , 63 at the most", fix="see: nw ls")
    return f"{top()}/{name}"


def refused(what: str, error: OSError) -> CallFailed:
    """A system call that failed where labs are written down, or on the way into a lab: what it means, and what mends it."""
    path = str(error.filename or "")
    fixes = {
        errno.ENOSPC: "make room, or take another place: NETWRIGHT_RUNTIME_DIR=/some/directory",
        errno.EDQUOT: "make room, or take another place: NETWRIGHT_RUNTIME_DIR=/some/directory",
        errno.EROFS: "make it writable, or take another place: NETWRIGHT_RUNTIME_DIR=/some/directory",
        errno.EACCES: "take a place of your own: NETWRIGHT_RUNTIME_DIR=/some/directory",
        errno.EMFILE: "raise the limit of open files: ulimit -n 4096",
        errno.ENFILE: "sudo sysctl -w fs.file-max=1000000",
        errno.EAGAIN: "raise the limit of processes: ulimit -u, or pids.max of the service",
        errno.ENOMEM: "free some memory, or make fewer hosts",
    }
    why = f"{path}: {error.strerror}" if path else error.strerror or str(error)
    fix = "mount -t proc proc /proc" if path.startswith("/proc/") and error.errno == errno.ENOENT else fixes.get(error.errno or 0, "")
    return CallFailed(what, error.errno or 0, why=why, fix=fix)


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
        fd = -1
        try:
            self._prepare()
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(fd), os.stat(self._path)):
                self._fd = fd
                return True
        except (BlockingIOError, FileNotFoundError):
            pass  # somebody has it, or `down` has just removed the directory
        except OSError as error:
            if fd >= 0:
                os.close(fd)
            raise refused("cannot write a lab down", error) from None
        if fd >= 0:
            os.close(fd)
        return False

    def _prepare(self) -> None:
        """A directory in which there is something that we did not put there is somebody else's."""
        directory = os.path.dirname(self._path)
        os.makedirs(os.path.dirname(directory), 0o700, exist_ok=True)  # it too may be gone by now
        with suppress(FileExistsError):
            os.mkdir(directory, _OURS)
        if not os.path.exists(self._path) and not is_ours(directory) and os.listdir(directory) and not is_ours(directory):
            raise Conflict(f"{directory} is not a lab's", why="there is something in it that was not made here", fix="move it away, or take another name: nw up FILE --name NAME")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        os.close(self._fd)
