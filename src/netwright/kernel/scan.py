"""Everything that holds a network namespace, of all namespaces, in one pass over /proc.

How it works. For each process: its own namespace, those of its threads, its open namespace files, and the namespaces of its
sockets and tun devices (a copy of the file by pidfd_getfd is asked; a socket that several processes have is asked once). For
each mount namespace that any process is in: the nsfs mounts of /proc/PID/mountinfo. What may not be read is counted, and told
by `unreadable`. Processes come and go meanwhile: each answer is true of the moment at which it was given.

A process sees the mounts below its own root directory only: so mounts are read once for each mount namespace and root.
"""

from __future__ import annotations

import errno
import os

from . import nsfs
from .references import DIRECTORY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = "net:["
_MOST_SOCKETS = 50_000
# A file of /dev/net/tun holds the namespace that it was opened in. Its device, if it has one, can be in another by now.
_WAYS = {"socket": (False,), "tun": (False, True)}


class Hold:
    """One hold: kind, pid, number (thread or file), path, and the mount namespace of a bind (its inode)."""

    __slots__ = ("kind", "number", "path", "pid", "space")

    def __init__(self, kind: str, pid: int = 0, number: int = 0, path: str = "", space: str = "") -> None:
        self.kind, self.pid, self.number, self.path, self.space = kind, pid, number, path, space


class Scan:
    """`holds` by the inode of the namespace; `links`: what leads to it in /run/netns and holds nothing (people make links to
    /proc/PID/ns/net there, to give a container's namespace a name); `sockets`: whose a socket is, by its inode; how many processes there are, and how
    many of them would not be looked at; how many sockets were not asked because there were too many (`unasked`), and whether none
    could be, /proc being that of another pid namespace (`foreign`)."""

    def __init__(self) -> None:
        self.holds: dict[int, list[Hold]] = {}
        self.links: dict[int, list[str]] = {}
        self.sockets: dict[int, int] = {}
        self.processes = self.unreadable = self.unasked = 0
        # In /proc of another pid namespace processes have numbers that mean others, or nobody, to pidfd_open(2).
        self.foreign = os.readlink("/proc/self") != str(os.getpid())
        self.space = os.readlink("/proc/self/ns/mnt")  # our own mount namespace
        self.device = nsfs.device()
        self._places: set[tuple[str, str]] = set()
        self._mounted: set[int | tuple[int, str]] = set()

    def add(self, inode: int, hold: Hold) -> None:
        """One more hold of the namespace with this inode."""
        self.holds.setdefault(inode, []).append(hold)

    def everything(self, *, sockets: bool = True) -> Scan:
        """Look at all processes; without `sockets` those that only a socket holds are not found."""
        self._names()
        self._mounts("self")  # first: what we see ourselves needs no way through another process
        for pid in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):
            self.processes += 1
            try:
                self._process(pid, sockets)
            except PermissionError:
                self.unreadable += 1
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has ended
        return self

    def _names(self) -> None:
        try:
            found = [entry.path for entry in os.scandir(DIRECTORY) if entry.is_symlink()]
        except OSError:
            return
        for path in sorted(found):
            try:
                status = os.stat(path)
            except OSError:
                continue  # to nothing, or to what is not ours to see
            if status.st_dev == self.device:
                self.links.setdefault(status.st_ino, []).append(path)

    def _process(self, pid: int, sockets: bool) -> None:
        leader = _inode(f"/proc/{pid}/ns/net")
        if leader:
            self.add(leader, Hold("process", pid))
        self._threads(pid, leader)
        self._mounts(str(pid))
        self._files(pid, sockets)

    def _threads(self, pid: int, leader: int) -> None:
        tasks = os.listdir(f"/proc/{pid}/task")
        for task in tasks if len(tasks) > 1 else ():
            inode = _inode(f"/proc/{pid}/task/{task}/ns/net")
            if inode and inode != leader:
                self.add(inode, Hold("thread", pid, int(task)))

    def _mounts(self, process: str) -> None:
        """nsfs mounts, once per mount namespace and root directory. The root is known by its path: to look at it (stat) could wait for a
        file system that does not answer. Ours can lie deeper than that of others who have the same path, and is not counted."""
        try:
            place = space, _ = os.readlink(f"/proc/{process}/ns/mnt"), os.readlink(f"/proc/{process}/root")
        except FileNotFoundError:
            return
        if place in self._places:
            return
        for number, inode, path in binds(process):
            # Copies of a mount namespace have the same mounts: `ip netns exec` makes one each time.
            if not {number, (inode, path)} & self._mounted:
                self.add(inode, Hold("bind", 0 if process == "self" else int(process), 0, path, space))
            self._mounted |= {number, (inode, path)}
        if process != "self":
            self._places.add(place)

    def _files(self, pid: int, sockets: bool) -> None:
        sockets = sockets and not self.foreign
        place = f"/proc/{pid}/fd"
        pidfd = -1
        try:
            for number in os.listdir(place):
                try:
                    what = os.readlink(f"{place}/{number}")
                except (FileNotFoundError, ProcessLookupError):
                    continue
                if what.startswith(_PREFIX):
                    self.add(int(what[5:-1]), Hold("fd", pid, int(number)))
                elif what.startswith("socket:["):
                    if self._is_new(pid, what) and sockets:
                        pidfd = pidfd if pidfd >= 0 else os.pidfd_open(pid)
                        self._socket(pid, pidfd, int(number), "socket")
                elif what == "/dev/net/tun" and sockets:
                    pidfd = pidfd if pidfd >= 0 else os.pidfd_open(pid)
                    self._socket(pid, pidfd, int(number), "tun")
        finally:
            if pidfd >= 0:
                os.close(pidfd)

    def _is_new(self, pid: int, what: str) -> bool:
        inode = int(what[8:-1])
        if inode in self.sockets:
            return False
        self.sockets[inode] = pid
        if len(self.sockets) > _MOST_SOCKETS:
            self.unasked += 1
            return False
        return True

    def _socket(self, pid: int, pidfd: int, number: int, kind: str) -> None:
        found = set()
        for tun in _WAYS[kind]:
            try:
                fd = nsfs.space_of_socket(pidfd, number, tun)
            except OSError:
                continue  # closed meanwhile, no network socket at all (ENOTTY), an older kernel, or not permitted: then it is in others' hands
            try:
                found.add(os.fstat(fd).st_ino)
            finally:
                os.close(fd)
        for inode in found:
            self.add(inode, Hold(kind, pid, number))


def _inode(path: str) -> int:
    """The inode in the name of a namespace file; 0 when the process has ended."""
    try:
        return int(os.readlink(path)[5:-1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def binds(process: str) -> list[tuple[int, int, str]]:
    """The namespaces that are mounted, as a process (or "self") sees them: (number of the mount, inode, path)."""
    try:
        with open(f"/proc/{process}/mountinfo", "rb") as file:
            data = file.read()
    except OSError as error:
        if error.errno == errno.EINVAL:
            return []  # it is ending, and has left its mount namespace
        raise
    return list(_binds(data)) if b" - nsfs " in data else []


def _binds(data: bytes) -> Iterator[tuple[int, int, str]]:
    """The inode stands in the mount's root: net:[4026532000]."""
    for line in data.split(b"\n"):
        fields = line.split(b" ", 6)
        if len(fields) > 6 and fields[3].startswith(b"net:[") and b" - nsfs " in line:
            yield int(fields[0]), int(fields[3][5:-1]), _unescaped(fields[4])


def _unescaped(path: bytes) -> str:
    if b"\\" in path:
        first, *rest = path.split(b"\\")
        path = first + b"".join(bytes((int(part[:3], 8),)) + part[3:] for part in rest)
    return os.fsdecode(path)


# -- opening ---------------------------------------------------------------------------------------------------------------


def opened(inode: int, holds: list[Hold]) -> int:
    """An open fd (close-on-exec) of the namespace, by any of its holds. OSError of the way that says most: one that is gone says
    nothing where another one is closed to us."""
    failure = OSError(errno.ENOENT, os.strerror(errno.ENOENT))
    for hold in holds:
        try:
            return _open(inode, hold)
        except OSError as error:
            if failure.errno in (errno.ENOENT, errno.ESRCH):
                failure = error
    raise failure


def _open(inode: int, hold: Hold) -> int:
    if hold.kind == "kernel":
        return nsfs.open_by_cookie(hold.number, inode)
    if hold.kind in ("socket", "tun"):
        return _of_socket(inode, hold)
    return nsfs.open_path(path_of(hold), inode)


def _of_socket(inode: int, hold: Hold) -> int:
    pidfd = os.pidfd_open(hold.pid)
    try:
        for tun in _WAYS[hold.kind]:
            fd = _of_file(pidfd, hold.number, tun)
            if fd >= 0 and nsfs.same(fd, inode):
                return fd
            if fd >= 0:
                os.close(fd)
    finally:
        os.close(pidfd)
    raise FileNotFoundError(2, os.strerror(2), f"/proc/{hold.pid}/fd/{hold.number}")


def _of_file(pidfd: int, number: int, tun: bool) -> int:
    """-1 where a tun file has no device (yet)."""
    try:
        return nsfs.space_of_socket(pidfd, number, tun)
    except OSError:
        if tun:
            return -1
        raise


def bound(inode: int, holds: list[Hold]) -> bool:
    """Whether any of its bind mounts is still there, be it under another one."""
    for process in {str(hold.pid or "self") for hold in holds if hold.kind == "bind"}:
        try:
            if any(found == inode for _, found, _ in binds(process)):
                return True
        except OSError:
            continue
    return False


def path_of(hold: Hold) -> str:
    """Where the namespace file of a hold is for us."""
    if hold.kind == "bind":
        return f"/proc/{hold.pid}/root{hold.path}" if hold.pid else hold.path
    below = {"process": "ns/net", "thread": f"task/{hold.number}/ns/net", "fd": f"fd/{hold.number}"}
    return f"/proc/{hold.pid}/{below[hold.kind]}"
