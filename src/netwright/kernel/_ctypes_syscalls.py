"""The four system calls through ctypes, for an installation without the C extension."""

import ctypes
import os

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, path: bytes | None = None) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)


def setns(fd: int, nstype: int) -> None:
    """setns(2)"""
    _check(_libc.setns(fd, nstype))


def unshare(flags: int) -> None:
    """unshare(2)"""
    _check(_libc.unshare(flags))


def mount(source: bytes | None, target: bytes, kind: bytes | None, flags: int, data: bytes | None) -> None:
    """mount(2)"""
    _check(_libc.mount(source, target, kind, ctypes.c_ulong(flags), data), target)


def umount2(target: bytes, flags: int) -> None:
    """umount2(2)"""
    _check(_libc.umount2(target, flags), target)
