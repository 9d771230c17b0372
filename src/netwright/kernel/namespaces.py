"""Network namespaces by name: make, attach, list, identify, delete, enter; and their numbers (nsid).

How it works. A name is an empty file in /run/netns with the namespace bind-mounted on it (ip-netns(8)). ip makes the file
first and unshares then, so that for half a millisecond the name has no namespace. Here a short-lived thread unshares first
and the file and the mount follow each other at once, under the lock of the directory; a reader of ours that meets a name
without a namespace waits for that lock and looks again. The file is made with the sticky bit alone (mode 01000, ip: 0), so
that one left by a killed process can be told from anybody else's and is taken over by the next `create`.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time

from ..errors import CallFailed, Conflict, Gone, NetwrightError
from ..model.names import namespace_name
from ..model.value import value
from .netns_directory import lock, not_allowed, prepare_directory, prepared
from .nsid import get_nsid, nsid_of_fd, set_nsid
from .references import DIRECTORY, cannot_open, exists, locate, open_namespace, path_of, register
from .spaces import run_apart, run_inside
from .syscalls import CLONE_NEWNET, MNT_DETACH, MS_BIND, UMOUNT_NOFOLLOW, mount, setns, umount, unshare

__all__ = [
    "DIRECTORY", "Entry", "attach", "create", "delete", "enter", "entries", "entry", "exists", "get_nsid", "identify",
    "locate", "names", "names_of", "nsid_of_fd", "open_namespace", "path_of", "pin", "prepare_directory", "register",
    "run_inside",
    "set_nsid",
]  # fmt: skip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .ahead import Ahead

_MODE = 0o1000
_NS_GET_NSTYPE = 0xB703
_EMPTY = "no namespace is mounted on it"


# -- what is there ---------------------------------------------------------------------------------------------------------


@value
class Entry:
    """One name: its state (ok, dead, pending, link), the namespace's device and inode (0 when there is none), and why."""

    name: str
    state: str
    device: int = 0
    inode: int = 0
    why: str = ""


def names() -> list[str]:
    """Every entry of the netns directory in the directory's own order (`ip netns list`); [] without a directory."""
    try:
        return os.listdir(DIRECTORY)
    except FileNotFoundError:
        return []


def entries() -> list[Entry]:
    """Every name with its state."""
    return [entry(name) for name in names()]


def entry(name: str) -> Entry:
    """The state of one name; Gone when there is none. A name that is just being made or removed is waited for."""
    found = _look(name)
    if not found.inode and found.why == _EMPTY:
        _wait_for_makers()
        found = _look(name)
        deadline = time.monotonic() + 1.0
        while found.state == "pending" and time.monotonic() < deadline:
            time.sleep(0.002)  # somebody else's maker (ip) takes no lock while it mounts
            found = _look(name)
    return found


def _look(name: str) -> Entry:
    path = path_of(name)
    try:
        # One open file for all questions: between two looks at a path the name may be unmounted.
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        return _closed(name, path, error)
    try:
        status = os.fstat(fd)
        if status.st_dev != _nsfs_device():
            return _not_mounted(name, status)
        if _kind_of_namespace(fd) != CLONE_NEWNET:
            return Entry(name, "dead", why="a namespace, but not a network namespace")
    finally:
        os.close(fd)
    return _with_link(name, path, status)


def _closed(name: str, path: str, error: OSError) -> Entry:
    """A name that cannot be opened: gone, a link to nowhere, or a file that only root may open."""
    if isinstance(error, FileNotFoundError):
        if os.path.islink(path):
            return Entry(name, "dead", why=f"a link to {os.readlink(path)}, which is not there")
        raise Gone(f'Cannot open network namespace "{name}": No such file or directory') from None
    try:
        status = os.stat(path)
    except OSError:
        return Entry(name, "dead", why=error.strerror or str(error))
    return _with_link(name, path, status) if status.st_dev == _nsfs_device() else _not_mounted(name, status)


def _with_link(name: str, path: str, status: os.stat_result) -> Entry:
    if os.path.islink(path):
        return Entry(name, "link", status.st_dev, status.st_ino, f"a link to {os.readlink(path)}")
    return Entry(name, "ok", status.st_dev, status.st_ino)


def _not_mounted(name: str, status: os.stat_result) -> Entry:
    import stat

    if stat.S_ISDIR(status.st_mode):
        return Entry(name, "dead", why="a directory")
    if status.st_mode & 0o777 or status.st_size:
        return Entry(name, "dead", why="a plain file")
    young = time.time() - status.st_ctime < 1.0
    return Entry(name, "pending" if young else "dead", why=_EMPTY)


def _kind_of_namespace(fd: int) -> int:
    try:
        return fcntl.ioctl(fd, _NS_GET_NSTYPE)
    except OSError:
        return CLONE_NEWNET  # before 4.11 there is no such question


_device: list[int] = []


def _nsfs_device() -> int:
    if not _device:
        _device.append(os.stat("/proc/self/ns/net").st_dev)
    return _device[0]


def _wait_for_makers() -> None:
    """Returns when no maker of ours is between the file and the mount."""
    try:
        fd = os.open(DIRECTORY, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        lock(fd, fcntl.LOCK_SH)
    finally:
        os.close(fd)


# -- making ------------------------------------------------------------------------------------------------------------------


def create(name: str, ahead: Ahead | None = None) -> None:
    """Make a namespace called `name` (`ip netns add NAME`); lo is down in it. `ahead`: take one that is made already.

    Invalid for a bad name, Conflict when it is there, CallFailed when a system call says no (privilege,
    user.max_net_namespaces).
    """
    namespace_name(name)
    if os.path.lexists(path_of(name)):
        _refuse_existing(name)
    directory = prepared()
    try:
        if ahead is None:
            run_apart(lambda: _make(name, directory))
        else:
            _take(name, directory, ahead)
    finally:
        os.close(directory)


def _make(name: str, directory: int) -> None:
    """Unshare first, so that the name never exists without its namespace for longer than two system calls."""
    try:
        unshare(CLONE_NEWNET)
    except OSError as error:
        raise _no_namespace(name, error) from None
    _pin(name, "/proc/thread-self/ns/net", directory)


def _take(name: str, directory: int, ahead: Ahead) -> None:
    try:
        fd = ahead.next()
    except OSError as error:
        raise _no_namespace(name, error) from None
    try:
        _pin(name, f"/proc/self/fd/{fd}", directory)
    finally:
        os.close(fd)


def attach(name: str, pid: int) -> None:
    """Give the network namespace of process `pid` the name `name` (`ip netns attach NAME PID`)."""
    pin(name, f"/proc/{pid}/ns/net")


def pin(name: str, source: str) -> None:
    """Give the network namespace at the path `source` (below /proc) a name."""
    namespace_name(name)
    _refuse_existing(name)
    directory = prepared()
    try:
        _pin(name, source, directory)
    finally:
        os.close(directory)


def _refuse_existing(name: str) -> None:
    path = path_of(name)
    try:
        status = os.lstat(path)
    except OSError:
        return
    if not _left_over(status):
        raise _file_exists(name)


def _left_over(status: os.stat_result) -> bool:
    """A file that a killed maker of ours left: our mode, empty, nothing mounted on it."""
    return status.st_mode & 0o7777 == _MODE and status.st_size == 0 and status.st_dev != _nsfs_device()


def _file_exists(name: str) -> Conflict:
    path = path_of(name)
    try:
        found = entry(name)
    except Gone:
        found = Entry(name, "dead", why="it has just been removed")
    why = "a namespace of that name is there" if found.state in ("ok", "link", "pending") else f"the name is dead: {found.why}"
    fix = f"use it, or remove it with: nw netns delete {name}"
    return Conflict(f'Cannot create namespace file "{path}": File exists', why=why, fix=fix)


def _pin(name: str, source: str, directory: int) -> None:
    """File and mount, one right after the other, under the directory's lock."""
    path = path_of(name)
    lock(directory, fcntl.LOCK_EX)
    try:
        made = _make_file(name, path)
        try:
            mount(source, path, "none", MS_BIND)
        except OSError as error:
            if made:
                os.unlink(path)
            raise _no_mount(name, source, error) from None
    finally:
        fcntl.flock(directory, fcntl.LOCK_UN)


def _make_file(name: str, path: str) -> bool:
    """True; or Conflict. A left-over of ours is used again."""
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE))
    except FileExistsError:
        try:
            left = _left_over(os.lstat(path))
        except OSError:
            left = False
        if not left:
            raise _file_exists(name) from None
    except OSError as error:
        raise not_allowed(f'Cannot create namespace file "{path}": {error.strerror}', error) from None
    return True


def _no_namespace(name: str, error: OSError) -> CallFailed:
    text = f'Failed to create a new network namespace "{name}": {error.strerror}'
    if error.errno == errno.ENOSPC:
        why = "this user has as many network namespaces as user.max_net_namespaces allows"
        fix = "delete some (nw netns list), or raise it: sysctl -w user.max_net_namespaces=N"
        return CallFailed(text, error.errno, why=why, fix=fix)
    return not_allowed(text, error)


def _no_mount(name: str, source: str, error: OSError) -> CallFailed:
    path = path_of(name)
    shown = source if source.endswith("/ns/net") and "thread-self" not in source else "/proc/self/ns/net"
    text = f"Bind {shown} -> {path} failed: {error.strerror}"
    if error.errno == errno.ENOENT:
        return CallFailed(text, error.errno, why=f"there is no process {source.split('/')[2]}", fix="see: ps -e")
    return not_allowed(text, error)


# -- removing ----------------------------------------------------------------------------------------------------------------


def delete(name: str) -> None:
    """Remove a name (`ip netns delete NAME`). The namespace itself lives on while something holds it: see holders.

    A symbolic link is only unlinked: what it points to (often Docker's own mount) is not ours. Gone, CallFailed.
    """
    namespace_name(name)
    path = path_of(name)
    try:
        directory = os.open(DIRECTORY, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _cannot_remove(name, path, error) from None
    try:
        lock(directory, fcntl.LOCK_EX)
        _remove(name, path)
    finally:
        os.close(directory)


def _remove(name: str, path: str) -> None:
    if not os.path.islink(path):
        try:
            umount(path, MNT_DETACH | UMOUNT_NOFOLLOW)
        except OSError:
            pass  # nothing is mounted there: a dead name, or the unlink below says what is wrong
    try:
        os.unlink(path)
    except OSError as error:
        raise _cannot_remove(name, path, error) from None


def _cannot_remove(name: str, path: str, error: OSError) -> NetwrightError:
    text = f'Cannot remove namespace file "{path}": {error.strerror}'
    if isinstance(error, FileNotFoundError):
        return Gone(text, why="there is no such name", fix=cannot_open(name, path, error).fix)
    if isinstance(error, IsADirectoryError):
        return CallFailed(text, error.errno or 0, why="it is a directory, not a namespace", fix=f"rmdir {path}")
    return not_allowed(text, error)


# -- entering, identifying, numbers ------------------------------------------------------------------------------------------


def enter(reference: str | int) -> None:
    """Move the calling thread into a namespace. Gone, Invalid, CallFailed. `nsenter --net=…`"""
    fd = open_namespace(reference)
    try:
        setns(fd, CLONE_NEWNET)
    except OSError as error:
        raise _cannot_enter(str(reference), error) from None
    finally:
        os.close(fd)


def _cannot_enter(reference: str, error: OSError) -> CallFailed:
    text = f'setting the network namespace "{reference}" failed: {error.strerror}'
    if error.errno == errno.EINVAL:
        why = "no network namespace is mounted on that file: the name is dead"
        return CallFailed(text, errno.EINVAL, why=why, fix=f"remove it with: nw netns delete {reference}")
    if error.errno == errno.EPERM:
        why = f"needs CAP_SYS_ADMIN in the user namespace that owns {reference}, and in your own"
        return CallFailed(text, errno.EPERM, why=why, fix="run it with sudo, or inside: unshare -Urnm")
    return CallFailed(text, error.errno or 0)


def identify(pid: str) -> list[str]:
    """All names of the network namespace of process `pid` (digits or `self`), in the directory's order."""
    path = f"/proc/{pid}/ns/net"
    try:
        status = os.stat(path)
    except OSError as error:
        text = f"Cannot open network namespace: {error.strerror}"
        if isinstance(error, FileNotFoundError):
            raise Gone(text, why=f"there is no process {pid}", fix="see: ps -e") from None
        raise CallFailed(text, error.errno or 0, why=f"process {pid} belongs to somebody else", fix="use sudo") from None
    return names_of(status.st_dev, status.st_ino)


def names_of(device: int, inode: int) -> list[str]:
    """All names whose namespace has this device and inode."""
    found = []
    for name in names():
        try:
            status = os.stat(path_of(name))
        except OSError:
            continue
        if (status.st_dev, status.st_ino) == (device, inode):
            found.append(name)
    return found
