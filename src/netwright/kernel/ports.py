"""Who has a port of this machine: /proc/net/tcp and relatives say which socket, the open files of processes whose it is. proc(5)"""

from __future__ import annotations

import os

from ..model.value import value
from .inet import aton, ntoa

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Place = tuple[str, str, int]

_LISTENS, _CONNECTED = "0A", "01"


@value
class Owner:
    """A process that has a socket. `pid` 0: it could not be seen, because it is another user's or in another pid namespace."""

    pid: int
    name: str = ""

    def __str__(self) -> str:
        return f"process {self.pid} ({self.name})" if self.pid else "a process of another user"


def owner(protocol: str, address: str, port: int) -> Owner | None:
    """Whose socket keeps us from `port` of `address` ("tcp" or "udp"), as the calling thread's network namespace has it; None: nobody's."""
    found = [entry for name in (protocol, f"{protocol}6") for entry in _sockets(name) if entry[1] == port]
    exact = [inode for there, _, inode in found if there == packed(address)]
    every = [inode for there, _, inode in found if not there.strip("0")]
    inodes = exact or every or [inode for _, _, inode in found]
    return _whose({f"socket:[{inode}]" for inode in inodes}) if inodes else None


def hearing(wanted: Iterable[Place]) -> Iterator[tuple[Place, Owner]]:
    """Of the places (protocol, address, port) those where a program hears, with its process; address "" is every one of this machine.

    A UDP socket that is connected hears its peer alone: it does not count.
    """
    # Reading a list of the kernel's takes 5 ms and more, whatever is in it; almost always nobody is there.
    places = [place for place in wanted if not _is_free(*place)]
    for protocol in dict.fromkeys(place[0] for place in places):
        heard = [(protocol + v6, *socket) for v6 in ("", "6") for socket in _sockets(protocol + v6, clients=False)]
        for place in places:
            inodes = {inode for name, there, port, inode in heard if (protocol, port) == (place[0], place[2]) and _meet(name, there, place[1])}
            if inodes:
                yield place, _whose({f"socket:[{inode}]" for inode in inodes})


def _is_free(protocol: str, address: str, port: int) -> bool:
    """Whether we could listen there: nobody else does. False where it is not known."""
    import _socket
    import errno

    kind = _socket.SOCK_STREAM if protocol == "tcp" else _socket.SOCK_DGRAM
    try:
        socket = _socket.socket(_socket.AF_INET6 if not address or ":" in address else _socket.AF_INET, kind | _socket.SOCK_CLOEXEC)
    except OSError as error:  # EAFNOSUPPORT: a kernel without IPv6
        return not address and error.errno == errno.EAFNOSUPPORT and _is_free(protocol, "0.0.0.0", port)
    try:
        if not address:  # at :: for both families
            socket.setsockopt(_socket.IPPROTO_IPV6, _socket.IPV6_V6ONLY, 0)
        if protocol == "tcp":  # connections that are just over are in nobody's way; who listens is all the same
            socket.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
        socket.bind((address or "::", port))
    except OSError as error:
        return error.errno == errno.EADDRNOTAVAIL
    finally:
        socket.close()
    return True


def _meet(name: str, there: str, address: str) -> bool:
    """Whether a socket of /proc/net/NAME at the packed address hears what is sent to `address`. One at :: hears IPv4 as well."""
    everywhere, v6, wanted_v6 = not there.strip("0"), name.endswith("6"), ":" in address
    if not address:
        return True
    if address in ("0.0.0.0", "::"):
        return v6 == wanted_v6 or (v6 and everywhere)
    return there == packed(address) or (everywhere and (v6 or not wanted_v6))


def packed(address: str) -> str:
    """An address as /proc/net writes it: words of 32 bits in the machine's byte order."""
    import sys

    data = aton(address)
    words = [data[at : at + 4] for at in range(0, len(data), 4)]
    return "".join((word[::-1] if sys.byteorder == "little" else word).hex().upper() for word in words)


def _sockets(name: str, *, clients: bool = True) -> list[tuple[str, int, str]]:
    """(address, port, inode) of each that listens (TCP) or is bound (UDP; with or without those that are connected)."""
    out = []
    try:
        with open(f"/proc/thread-self/net/{name}", encoding="ascii") as file:
            next(file, None)
            for line in file:
                fields = line.split()
                address, _, port = fields[1].partition(":")
                if fields[3] == _LISTENS if name.startswith("tcp") else clients or fields[3] != _CONNECTED:
                    out.append((address, int(port, 16), fields[9]))
    except OSError:
        return []  # a kernel without IPv6 has no tcp6
    return out


def _whose(links: set[str]) -> Owner:
    for entry in os.listdir("/proc"):
        if entry.isdigit() and _has_one(entry, links):
            with open(f"/proc/{entry}/comm", encoding="utf-8", errors="replace") as file:
                return Owner(int(entry), file.read().strip())
    return Owner(0)


def _has_one(pid: str, links: set[str]) -> bool:
    directory = f"/proc/{pid}/fd"
    try:
        for fd in os.listdir(directory):
            if os.readlink(f"{directory}/{fd}") in links:
                return True
    except OSError:
        return False  # it ended, or is not ours to see
    return False


def listeners() -> list[tuple[str, str, int]]:
    """(protocol, address, port) of everything that listens in the calling thread's network namespace."""
    names = ("tcp", "tcp6", "udp", "udp6")
    return [(name.rstrip("6"), unpacked(address), port) for name in names for address, port, _ in _sockets(name, clients=False)]


def unpacked(text: str) -> str:
    """An address that /proc/net writes."""
    import sys

    words = [bytes.fromhex(text[at : at + 8]) for at in range(0, len(text), 8)]
    return ntoa(b"".join(word[::-1] if sys.byteorder == "little" else word for word in words))
