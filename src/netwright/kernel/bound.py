"""Network namespaces that are bound to a file of ours, wherever it lies: made, recognised, let go. (ip's own are in namespaces.py.)"""

from __future__ import annotations

import os
from errno import EINVAL, ENOENT

from ..errors import CallFailed
from .loopback import bring_lo_up
from .spaces import run_apart
from .syscalls import CLONE_NEWNET, MNT_DETACH, MS_BIND, UMOUNT_NOFOLLOW, mount, umount, unshare


def new_namespace(path: str) -> int:
    """Make one, with lo up, and bind it to the file `path`; its open file. CallFailed, after which there is no file."""

    def work() -> int:
        unshare(CLONE_NEWNET)
        bring_lo_up()
        mount("/proc/thread-self/ns/net", path, None, MS_BIND)
        return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    try:
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o444))
        return run_apart(work)
    except OSError as error:
        let_go(path)
        why = "user.max_net_namespaces is used up" if error.errno == 28 else "it needs CAP_SYS_ADMIN"
        fix = "sysctl user.max_net_namespaces" if error.errno == 28 else "run it as root, or in: nw rootless"
        raise CallFailed(f"cannot make a network namespace: {error.strerror}", error.errno or 0, why=why, fix=fix) from None


def is_namespace(path: str) -> bool:
    """Whether a namespace is bound to the file."""
    try:
        return os.stat(path).st_dev == os.stat("/proc/self/ns/net").st_dev
    except OSError:
        return False


def let_go(path: str) -> None:
    """Unbind it and remove the file, which unbinds it in every other mount namespace too (unlink(2)). Nothing when it is not there.

    CallFailed.
    """
    while True:
        try:
            umount(path, MNT_DETACH | UMOUNT_NOFOLLOW)
        except OSError as error:
            if error.errno in (EINVAL, ENOENT):
                break  # nothing is mounted on it (any more)
            raise CallFailed(f"cannot unmount {path}: {error.strerror}", error.errno or 0, why="it needs CAP_SYS_ADMIN") from None
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise CallFailed(f"cannot remove {path}: {error.strerror}", error.errno or 0) from None
