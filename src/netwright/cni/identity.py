"""Which namespace it is: its path, and its inode, may later be another one's."""

import os

from ..kernel.syscalls import CLONE_NEWNET

_NS_GET_NSTYPE = 0xB703  # linux/nsfs.h


def identity(inside: int) -> "list[int]":
    """What tells the namespace of an open file from any that gets its path, and its inode, later."""
    from ..kernel.cookie import cookie

    there = os.fstat(inside)
    return [there.st_dev, there.st_ino, cookie(inside)]


def is_network_namespace(fd: int) -> bool:
    """Whether an open file is one: not a file of another file system, nor a namespace of another kind."""
    from fcntl import ioctl

    try:
        return ioctl(fd, _NS_GET_NSTYPE) == CLONE_NEWNET
    except OSError:
        return False


def lasting_identity(path: str) -> str:
    """That of the namespace which a path leads to, with the boot: after the next one the numbers begin anew. "" where the path leads
    to none, or to one that cannot be entered."""
    from ..networks.records import boot_id

    try:
        # Without O_NONBLOCK a pipe of that name would keep us waiting for whoever writes into it.
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        return " ".join([boot_id(), *map(str, identity(fd))]) if is_network_namespace(fd) else ""
    except OSError:
        return ""
    finally:
        os.close(fd)
