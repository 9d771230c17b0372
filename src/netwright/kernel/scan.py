"""Everything that holds a network namespace, of all namespaces, in one pass over /proc.

How it works. For each process: its own namespace, those of its threads, its open namespace files, and the namespaces of its
sockets and tun devices (a copy of the file by pidfd_getfd is asked; a socket that several processes have is asked once). For
each mount namespace that any process is in: the nsfs mounts of /proc/PID/mountinfo. What may not be read is counted, and told
by `unreadable`. Processes come and go meanwhile: each answer is true of the moment at which it was given.
"""

from __future__ import annotations

import os

from . import nsfs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = "net:["
_MOST_SOCKETS = 50_000


class Hold:
    """One hold: kind, pid, number (thread or file), path, and the mount namespace of a bind (its inode)."""

    __slots__ = ("kind", "number", "path", "pid", "space")

    def __init__(self, kind: str, pid: int = 0, number: int = 0, path: str = "", space: str = "") -> None:
        self.kind, self.pid, self.number, self.path, self.space = kind, pid, number, path, space


class Scan:
    """`holds` by the inode of the namespace; `sockets`: whose a socket is, by its inode; how many processes there are, and how
    many of them would not be looked at; `mounts` that could not be read; whether there were too many sockets to ask."""

    def __init__(self) -> None:
        self.holds: dict[int, list[Hold]] = {}
        self.sockets: dict[int, int] = {}
        self.processes = self.unreadable = self.unasked = 0
        self.space = os.readlink("/proc/self/ns/mnt")  # our own mount namespace
        self.device = nsfs.device()
        self._spaces: set[str] = set()
        self._binds: set[tuple[int, str]] = set()
        self._asked: set[str] = set()

    def add(self, inode: int, hold: Hold) -> None:
        """One more hold of the namespace with this inode."""
        self.holds.setdefault(inode, []).append(hold)

    def everything(self, *, sockets: bool = True) -> Scan:
        """Look at all processes; without `sockets` those that only a socket holds are not found."""
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
        """nsfs mounts, once per mount namespace; the inode stands in the mount's root: net:[4026532000]."""
        try:
            space = os.readlink(f"/proc/{process}/ns/mnt")
        except FileNotFoundError:
            return
        if space in self._spaces:
            return
        self._spaces.add(space)
        with open(f"/proc/{process}/mountinfo", "rb") as file:
            data = file.read()
        for inode, path in _binds(data) if b" - nsfs " in data else ():
            # Copies of a mount namespace have the same mounts: `ip netns exec` makes one each time.
            if (inode, path) not in self._binds:
                self._binds.add((inode, path))
                self.add(inode, Hold("bind", 0 if process == "self" else int(process), 0, path, space))

    def _files(self, pid: int, sockets: bool) -> None:
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
                        self._socket(pid, pidfd, int(number), False)
                elif what == "/dev/net/tun" and sockets:
                    pidfd = pidfd if pidfd >= 0 else os.pidfd_open(pid)
                    self._socket(pid, pidfd, int(number), True)
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

    def _socket(self, pid: int, pidfd: int, number: int, tun: bool) -> None:
        try:
            fd = nsfs.space_of_socket(pidfd, number, tun)
        except OSError:
            return  # closed meanwhile, no network socket at all (ENOTTY), an older kernel, or not permitted: then it is in others' hands
        try:
            self.add(os.fstat(fd).st_ino, Hold("tun" if tun else "socket", pid, number))
        finally:
            os.close(fd)


def _inode(path: str) -> int:
    """The inode in the name of a namespace file; 0 when the process has ended."""
    try:
        return int(os.readlink(path)[5:-1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _binds(data: bytes) -> Iterator[tuple[int, str]]:
    for line in data.split(b"\n"):
        fields = line.split(b" ", 6)
        if len(fields) > 6 and fields[3].startswith(b"net:[") and b" - nsfs " in line:
            yield int(fields[3][5:-1]), _unescaped(fields[4])


def _unescaped(path: bytes) -> str:
    if b"\\" in path:
        first, *rest = path.split(b"\\")
        path = first + b"".join(bytes((int(part[:3], 8),)) + part[3:] for part in rest)
    return os.fsdecode(path)


# -- opening ---------------------------------------------------------------------------------------------------------------


def opened(inode: int, holds: list[Hold]) -> int:
    """An open fd (close-on-exec) of the namespace, by any of its holds. OSError of the last way that was tried."""
    failure = OSError(2, os.strerror(2))
    for hold in holds:
        try:
            return _open(inode, hold)
        except OSError as error:
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
        fd = nsfs.space_of_socket(pidfd, hold.number, hold.kind == "tun")
    finally:
        os.close(pidfd)
    if nsfs.same(fd, inode):
        return fd
    os.close(fd)
    raise FileNotFoundError(2, os.strerror(2), f"/proc/{hold.pid}/fd/{hold.number}")


def path_of(hold: Hold) -> str:
    """Where the namespace file of a hold is for us."""
    if hold.kind == "bind":
        return f"/proc/{hold.pid}/root{hold.path}" if hold.pid else hold.path
    below = {"process": "ns/net", "thread": f"task/{hold.number}/ns/net", "fd": f"fd/{hold.number}"}
    return f"/proc/{hold.pid}/{below[hold.kind]}"
