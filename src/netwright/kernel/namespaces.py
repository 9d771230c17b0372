"""Network namespaces by name: make, attach, list, identify, delete, enter; and their numbers (nsid).

How it works. A name is an empty file in /run/netns with the namespace bind-mounted on it (ip-netns(8)). ip makes the file
first and unshares then, so that for half a millisecond the name has no namespace. Here a short-lived thread unshares first
and the file and the mount follow each other at once, under the lock of the directory; a reader of ours that meets a name
without a namespace waits for that lock and looks again. The file is made with the sticky bit alone (mode 01000, ip: 0), so
that one left by a killed process can be told from anybody else's and is taken over by the next `create`.
"""

import errno
import fcntl
import os
import time

from ..errors import Busy, CallFailed, Conflict, Gone, KernelError, NetwrightError
from ..model.names import namespace_name
from ..model.value import value
from . import rtnl
from .netlink import Netlink, my_namespace
from .references import DIRECTORY, cannot_open, exists, locate, open_namespace, path_of, register
from .spaces import run_apart, run_inside
from .syscalls import (
    CLONE_NEWNET,
    MNT_DETACH,
    MS_BIND,
    MS_PRIVATE,
    MS_REC,
    MS_SHARED,
    UMOUNT_NOFOLLOW,
    mount,
    setns,
    umount,
    unshare,
)

__all__ = [
    "DIRECTORY", "Entry", "attach", "create", "delete", "enter", "entries", "entry", "exists", "get_nsid", "identify",
    "locate", "names", "nsid_of_fd", "open_namespace", "path_of", "prepare_directory", "register", "run_inside", "set_nsid", "wait_until_freed",
]  # fmt: skip

LOCK_SECONDS = 10.0
_MODE = 0o1000
_NS_GET_NSTYPE = 0xB703


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
    """The state of one name; Gone when there is none. A name that is just being made is waited for."""
    found = _look(name)
    if found.state == "pending":
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
        status = os.stat(path)
    except FileNotFoundError:
        if os.path.islink(path):
            return Entry(name, "dead", why=f"a link to {os.readlink(path)}, which is not there")
        raise Gone(f'Cannot open network namespace "{name}": No such file or directory') from None
    except OSError as error:
        return Entry(name, "dead", why=error.strerror or str(error))
    if status.st_dev == _nsfs_device():
        return _nsfs_entry(name, path, status)
    return _not_mounted(name, path, status)


def _nsfs_entry(name: str, path: str, status: os.stat_result) -> Entry:
    if _kind_of_namespace(path) not in (0, CLONE_NEWNET):
        return Entry(name, "dead", why="a namespace, but not a network namespace")
    if os.path.islink(path):
        return Entry(name, "link", status.st_dev, status.st_ino, f"a link to {os.readlink(path)}")
    return Entry(name, "ok", status.st_dev, status.st_ino)


def _not_mounted(name: str, path: str, status: os.stat_result) -> Entry:
    import stat

    if stat.S_ISDIR(status.st_mode):
        return Entry(name, "dead", why="a directory")
    if status.st_mode & 0o777 or status.st_size:
        return Entry(name, "dead", why="a plain file")
    young = time.time() - status.st_ctime < 1.0
    return Entry(name, "pending" if young else "dead", why="no namespace is mounted on it")


def _kind_of_namespace(path: str) -> int:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        return fcntl.ioctl(fd, _NS_GET_NSTYPE)
    except OSError:
        return -1
    finally:
        os.close(fd)


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
        _lock(fd, fcntl.LOCK_SH)
    finally:
        os.close(fd)


# -- making ------------------------------------------------------------------------------------------------------------------


def create(name: str) -> None:
    """Make a namespace called `name` (`ip netns add NAME`); lo is down in it.

    Invalid for a bad name, Conflict when it is there, CallFailed when a system call says no (privilege, user.max_net_namespaces).
    """
    namespace_name(name)
    _refuse_existing(name)
    directory = _prepared()
    try:

        def make() -> None:
            try:
                unshare(CLONE_NEWNET)
            except OSError as error:
                raise _no_namespace(name, error) from None
            _pin(name, "/proc/thread-self/ns/net", directory)

        run_apart(make)
    finally:
        os.close(directory)


def attach(name: str, pid: int) -> None:
    """Give the network namespace of process `pid` the name `name` (`ip netns attach NAME PID`)."""
    namespace_name(name)
    _refuse_existing(name)
    directory = _prepared()
    try:
        _pin(name, f"/proc/{pid}/ns/net", directory)
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
        found = _look(name)
    except Gone:
        found = Entry(name, "dead")
    why = "a namespace of that name is there" if found.state in ("ok", "link", "pending") else f"the name is dead: {found.why}"
    fix = f"use it, or remove it with: nw netns delete {name}"
    return Conflict(f'Cannot create namespace file "{path}": File exists', why=why, fix=fix)


def _pin(name: str, source: str, directory: int) -> None:
    """File and mount, one right after the other, under the directory's lock."""
    path = path_of(name)
    _lock(directory, fcntl.LOCK_EX)
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
        raise _not_allowed(f'Cannot create namespace file "{path}": {error.strerror}', error) from None
    return True


def _no_namespace(name: str, error: OSError) -> CallFailed:
    text = f'Failed to create a new network namespace "{name}": {error.strerror}'
    if error.errno == errno.ENOSPC:
        why = "this user has as many network namespaces as user.max_net_namespaces allows"
        fix = "delete some (nw netns list), or raise it: sysctl -w user.max_net_namespaces=N"
        return CallFailed(text, error.errno, why=why, fix=fix)
    return _not_allowed(text, error)


def _no_mount(name: str, source: str, error: OSError) -> CallFailed:
    path = path_of(name)
    shown = "/proc/self/ns/net" if source == "/proc/thread-self/ns/net" else source
    text = f"Bind {shown} -> {path} failed: {error.strerror}"
    if error.errno == errno.ENOENT:
        return CallFailed(text, error.errno, why=f"there is no process {source.split('/')[2]}", fix="see: ps -e")
    return _not_allowed(text, error)


def _not_allowed(text: str, error: OSError) -> CallFailed:
    if error.errno in (errno.EPERM, errno.EACCES):
        why = "this needs CAP_SYS_ADMIN in the user namespace that owns the mounts"
        return CallFailed(text, error.errno, why=why, fix="run it with sudo, or inside: unshare -Urnm")
    return CallFailed(text, error.errno or 0)


# -- the directory -----------------------------------------------------------------------------------------------------------

_ready: set[tuple[int, int]] = set()


def _prepared() -> int:
    """An open fd of the netns directory, made and shared as ip does, so that names propagate to other mount namespaces."""
    try:
        os.mkdir(DIRECTORY, 0o755)
    except FileExistsError:
        pass
    except OSError as error:
        raise _not_allowed(f"mkdir {DIRECTORY} failed: {error.strerror}", error) from None
    fd = os.open(DIRECTORY, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        status = os.fstat(fd)
        if (status.st_dev, status.st_ino) not in _ready:
            _share(fd)
            _ready.add((status.st_dev, status.st_ino))
    except BaseException:
        os.close(fd)
        raise
    return fd


def prepare_directory() -> None:
    """Make the netns directory and share it, as `add` does."""
    os.close(_prepared())


def _share(fd: int) -> None:
    _refuse_slave()
    _lock(fd, fcntl.LOCK_EX)
    try:
        try:
            mount("", DIRECTORY, "none", MS_SHARED | MS_REC)
        except OSError as error:
            # EINVAL: not a mount point yet. Bind it on itself; private first, or the new mount shows up twice where /run is shared.
            if error.errno != errno.EINVAL:
                raise _not_allowed(f"mount --make-shared {DIRECTORY} failed: {error.strerror}", error) from None
            _bind_on_itself()
    finally:
        fcntl.flock(fd, fcntl.LOCK_UN)


def _bind_on_itself() -> None:
    try:
        mount(DIRECTORY, DIRECTORY, "none", MS_BIND | MS_REC)
        mount("", DIRECTORY, "none", MS_PRIVATE)
        mount("", DIRECTORY, "none", MS_SHARED | MS_REC)
    except OSError as error:
        raise _not_allowed(f"mount --bind {DIRECTORY} {DIRECTORY} failed: {error.strerror}", error) from None


def _refuse_slave() -> None:
    """A name made in a slave mount namespace would be dead outside: its file is seen there, its mount is not."""
    from .mounts import mount_of

    found = mount_of(DIRECTORY)
    if found is None or not found.master or found.shared:
        return
    raise CallFailed(
        f"Cannot add a name in {DIRECTORY}: it is a slave mount here",
        errno.EINVAL,
        why="outside this mount namespace the name would be dead: the file is seen there, the mount is not "
        "(this happens inside `ip netns exec` and `ip -n`)",
        fix="leave it and run the command outside, or make the directory your own first: mount --make-private "
        + found.target,
    )


def _lock(fd: int, how: int) -> None:
    """flock with a time-out: the same lock that ip takes. Busy when somebody holds it for more than LOCK_SECONDS."""
    deadline = time.monotonic() + LOCK_SECONDS
    pause = 0.0005
    while True:
        try:
            return fcntl.flock(fd, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Busy(
                    f"{DIRECTORY} is locked",
                    why=f"another process has held its lock for more than {LOCK_SECONDS:g} s",
                    fix=f"who it is: fuser -v {DIRECTORY}",
                ) from None
        time.sleep(pause)
        pause = min(pause * 2, 0.05)


# -- removing ----------------------------------------------------------------------------------------------------------------


def delete(name: str) -> None:
    """Remove a name (`ip netns delete NAME`). The namespace itself lives on while something holds it: see holders.

    A symbolic link is only unlinked: what it points to (often Docker's own mount) is not ours. Gone, CallFailed.
    """
    namespace_name(name)
    path = path_of(name)
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
    return _not_allowed(text, error)


def wait_until_freed(netlink: Netlink, fd: int, remove: "object", seconds: float = 30.0) -> bool:
    """Call remove() and wait until the kernel has freed the namespace of `fd` (closed here); False after `seconds`.

    The kernel tells of a dying namespace (RTM_DELNSID) before it takes its devices apart. It buries one batch after the
    other, so a throw-away namespace that dies after the message is only told of when the first one is gone for good.
    """
    with Netlink(groups=[rtnl.GROUPS["nsid"]]) as events:
        nsid = _numbered(netlink, fd)
        os.close(fd)
        remove()  # type: ignore[operator]
        if not _wait_for_nsid(events, nsid, seconds):
            return False
        return _wait_for_nsid(events, _throw_away(netlink), seconds)


def _numbered(netlink: Netlink, fd: int) -> int:
    if get_nsid(netlink, fd) < 0:
        set_nsid(netlink, fd, -1)
    return get_nsid(netlink, fd)


def _throw_away(netlink: Netlink) -> int:
    """The number of a namespace that is gone as soon as it was made."""

    def make() -> int:
        unshare(CLONE_NEWNET)
        fd = my_namespace()
        try:
            return _numbered(netlink, fd)
        finally:
            os.close(fd)

    return run_apart(make)


def _wait_for_nsid(events: Netlink, nsid: int, seconds: float) -> bool:
    import select

    poll = select.poll()
    poll.register(events.fileno(), select.POLLIN)
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if poll.poll(left * 1000):
            for message in rtnl.decoded(events.receive()):
                if message.kind == rtnl.DELNSID and message.get("nsid") == nsid:
                    return True
    return False


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


def get_nsid(netlink: Netlink, fd: int) -> int:
    """The nsid of the namespace `fd` as seen from the socket's namespace; -1 when it has none. KernelError for a dead fd."""
    return int(rtnl.get(netlink, rtnl.GETNSID, {}, {"fd": fd}).get("nsid", -1))


def nsid_of_fd(netlink: Netlink, fd: int) -> int:
    """The same, and -1 too when `fd` is no network namespace."""
    try:
        return get_nsid(netlink, fd)
    except KernelError:
        return -1


def set_nsid(netlink: Netlink, fd: int, nsid: int) -> None:
    """Give the namespace `fd` a number as seen from the socket's namespace; -1: any free one. Exists when it has one."""
    netlink.request(rtnl.NSID.request(rtnl.NEWNSID, 0, {}, {"nsid": nsid, "fd": fd}))
