"""Devices whose other end is a program, made to stay: `ip tuntap add mode tap`. linux/if_tun.h, Documentation/networking/tuntap.rst.

The kernel takes no netlink message for these. The device belongs to the namespace in which /dev/net/tun is opened.
"""

from __future__ import annotations

import errno
import os

from ..errors import CallFailed, Conflict, NetwrightError, NotPermitted, NotSupported
from ..model.value import value
from .spaces import run_inside

_PATH = "/dev/net/tun"
_SETIFF, _SETPERSIST, _SETOWNER, _SETGROUP = 0x400454CA, 0x400454CB, 0x400454CC, 0x400454CE  # TUNSETIFF …
_TAP, _NO_PACKET_INFO, _VNET_HDR, _MULTI_QUEUE = 0x0002, 0x1000, 0x4000, 0x0100  # IFF_…


@value
class Tap:
    """`name`; `many`: several queues; `owner` and `group` are numbers, None for whoever may."""

    name: str
    many: bool = False
    owner: int | None = None
    group: int | None = None


def make(inside: int, tap: Tap) -> None:
    """Make it in the namespace of the fd `inside`, unless it is there. Conflict where a program has it open; NotSupported,
    NotPermitted, CallFailed."""
    try:
        run_inside(inside, lambda: _made(tap))
    except OSError as error:
        raise _explained(tap, error) from None


def _made(tap: Tap) -> None:
    import fcntl
    from struct import pack

    fd = os.open(_PATH, os.O_RDWR | os.O_CLOEXEC)
    try:
        # As upstream's plugin and ip(8) make them; with the header of virtual machines, which a program may switch off.
        flags = _TAP | _NO_PACKET_INFO | _VNET_HDR | (_MULTI_QUEUE if tap.many else 0)
        fcntl.ioctl(fd, _SETIFF, pack("16sH22x", tap.name.encode("utf-8", "surrogateescape"), flags))
        if tap.owner is not None:
            fcntl.ioctl(fd, _SETOWNER, tap.owner)
        if tap.group is not None:
            fcntl.ioctl(fd, _SETGROUP, tap.group)
        fcntl.ioctl(fd, _SETPERSIST, 1)
    finally:
        os.close(fd)


def _explained(tap: Tap, error: OSError) -> NetwrightError:
    number = error.errno or 0
    if number in (errno.ENOENT, errno.ENXIO, errno.ENODEV):
        return NotSupported(errno.EOPNOTSUPP, f"this kernel lacks CONFIG_TUN, or this machine has no {_PATH}", subject=f"ip tuntap add {tap.name}")
    if number in (errno.EPERM, errno.EACCES):
        return NotPermitted(number, subject=f"cannot make {tap.name}", fix="this needs CAP_NET_ADMIN, and /dev/net/tun to be writable")
    if number == errno.EBUSY:
        return Conflict(f"{tap.name} is in use", why="a program has it open", fix="end it: its file is /dev/net/tun")
    if number == errno.EINVAL:
        return Conflict(f'there is a device "{tap.name}" already', why="it is no tap, or has another number of queues")
    return CallFailed(f"cannot make {tap.name}: {os.strerror(number)}", number)
