"""lo of a network namespace that was just made: `ip link set lo up`, without a netlink socket. netdevice(7)"""

from __future__ import annotations

_SIOCGIFFLAGS = 0x8913
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1
_NAME = 16  # struct ifreq: the name, then the flags


def bring_lo_up() -> None:
    """lo of the calling thread's network namespace. OSError."""
    import _socket
    import fcntl

    channel = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM | _socket.SOCK_CLOEXEC)
    try:
        request = bytearray(b"lo".ljust(40, b"\0"))
        fcntl.ioctl(channel.fileno(), _SIOCGIFFLAGS, request)
        request[_NAME] |= _IFF_UP
        fcntl.ioctl(channel.fileno(), _SIOCSIFFLAGS, request)
    finally:
        channel.close()
