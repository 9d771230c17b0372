"""setns, unshare, mount, umount2: from `os` where Python has them, else from our C extension, else from ctypes.

Python 3.11 has no os.setns; ctypes costs 2 to 4 ms to import, which is why the small extension exists. It is optional:
without a compiler the package still works.
"""

import os

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
MS_SLAVE = 1 << 19
MS_SHARED = 1 << 20

MNT_DETACH = 2
UMOUNT_NOFOLLOW = 8

try:
    from . import _syscalls as _c
except ImportError:  # no compiler when the package was installed
    from . import _ctypes_syscalls as _c  # type: ignore[no-redef]


def setns(fd: int, nstype: int) -> None:
    """Move the calling thread into the namespace that `fd` refers to. OSError on failure. setns(2)"""
    (getattr(os, "setns", None) or _c.setns)(fd, nstype)


def unshare(flags: int) -> None:
    """Give the calling thread new namespaces. OSError on failure. unshare(2)"""
    (getattr(os, "unshare", None) or _c.unshare)(flags)


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """mount(2). OSError on failure."""
    _c.mount(_bytes(source), os.fsencode(target), _bytes(kind), flags, _bytes(data))


def umount(target: str, flags: int = 0) -> None:
    """umount2(2). OSError on failure."""
    _c.umount2(os.fsencode(target), flags)


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else os.fsencode(text)
