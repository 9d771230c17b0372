"""/run/netns itself: made, shared as ip does, locked as ip does."""

import errno
import fcntl
import os
import time

from ..errors import Busy, CallFailed, NetwrightError
from .references import DIRECTORY
from .syscalls import MS_BIND, MS_PRIVATE, MS_REC, MS_SHARED, mount

LOCK_SECONDS = 10.0


def not_allowed(text: str, error: OSError) -> CallFailed:
    if error.errno in (errno.EPERM, errno.EACCES):
        why = "this needs CAP_SYS_ADMIN in the user namespace that owns the mounts"
        return CallFailed(text, error.errno, why=why, fix="run it with sudo, or inside: unshare -Urnm")
    return CallFailed(text, error.errno or 0)


_ready: set[tuple[int, int]] = set()


def prepared() -> int:
    """An open fd of the netns directory, made and shared as ip does, so that names propagate to other mount namespaces."""
    try:
        fd = os.open(DIRECTORY, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        fd = _made()
    try:
        status = os.fstat(fd)
        if (status.st_dev, status.st_ino) not in _ready:
            _share(fd)
            _ready.add((status.st_dev, status.st_ino))
    except (NetwrightError, OSError):
        os.close(fd)
        raise
    return fd


def _made() -> int:
    try:
        os.makedirs(DIRECTORY, 0o755, exist_ok=True)
    except OSError as error:
        raise not_allowed(f"mkdir {DIRECTORY} failed: {error.strerror}", error) from None
    return os.open(DIRECTORY, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def prepare_directory() -> None:
    """Make the netns directory and share it, as `add` does."""
    os.close(prepared())


def _share(fd: int) -> None:
    _refuse_slave()
    lock(fd, fcntl.LOCK_EX)
    try:
        try:
            mount("", DIRECTORY, "none", MS_SHARED | MS_REC)
        except OSError as error:
            # EINVAL: not a mount point yet. Bind it on itself; private first, or the new mount shows up twice where /run is shared.
            if error.errno != errno.EINVAL:
                raise not_allowed(f"mount --make-shared {DIRECTORY} failed: {error.strerror}", error) from None
            _bind_on_itself()
    finally:
        fcntl.flock(fd, fcntl.LOCK_UN)


def _bind_on_itself() -> None:
    try:
        mount(DIRECTORY, DIRECTORY, "none", MS_BIND | MS_REC)
        mount("", DIRECTORY, "none", MS_PRIVATE)
        mount("", DIRECTORY, "none", MS_SHARED | MS_REC)
    except OSError as error:
        raise not_allowed(f"mount --bind {DIRECTORY} {DIRECTORY} failed: {error.strerror}", error) from None


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


def lock(fd: int, how: int) -> None:
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
