"""The sockets of a responder: one for UDP and one for TCP at each address and port. They stay while their address is wanted."""

import socket
from errno import EADDRINUSE, EADDRNOTAVAIL

_IP_FREEBIND, _IPV6_FREEBIND = 15, 78  # linux/in.h, linux/in6.h
_BACKLOG = 256
_ROOM, _ROOM_OF_ONE = 1 << 20, 1 << 17


def bound(address: str, port: int, protocol: str) -> socket.socket:
    """A socket for "udp" or "tcp" at an address. OSError when somebody has it.

    The address need not be there: a bridge without ports has its IPv6 address "tentative" for as long as it likes, and an
    address that is taken away and put back must not cost the socket. ip(7): IP_FREEBIND
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        made.setsockopt(socket.IPPROTO_IP, _IP_FREEBIND, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            made.setsockopt(socket.IPPROTO_IPV6, _IPV6_FREEBIND, 1)
        if protocol == "tcp":
            # Connections that linger from before must not keep us from the port; a socket that listens still does.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # For each connection: who does not take his answers shall not cost megabytes of the kernel's memory.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ROOM_OF_ONE)
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM)
        made.bind((address, port))
        if protocol == "tcp":
            made.listen(_BACKLOG)
    except BaseException:
        made.close()
        raise
    return made


def is_here(address: str) -> bool:
    """Whether this network namespace has the address now."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError as error:
        return error.errno != EADDRNOTAVAIL
    return True


def why(address: str, port: int, protocol: str, error: OSError) -> str:
    """Why an address and port cannot be had: who has it."""
    place = f"[{address}]:{port}/{protocol}" if ":" in address else f"{address}:{port}/{protocol}"
    if error.errno != EADDRINUSE:
        return f"{place}: {error.strerror}"
    from ...kernel.ports import owner

    found = owner(protocol, address, port)
    return f"{place} is taken by {found}" if found else f"{place} is taken"
