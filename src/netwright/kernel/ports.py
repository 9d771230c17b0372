"""Who has a port of this machine: /proc/net/tcp and relatives say which socket, the open files of processes whose it is. proc(5)"""

from __future__ import annotations

import os

from ..model.value import value

_LISTENS = "0A"


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


def packed(address: str) -> str:
    """An address as /proc/net writes it: words of 32 bits in the machine's byte order."""
    from ipaddress import ip_address

    data = ip_address(address).packed
    import sys

    words = [data[at : at + 4] for at in range(0, len(data), 4)]
    return "".join((word[::-1] if sys.byteorder == "little" else word).hex().upper() for word in words)


def _sockets(name: str) -> list[tuple[str, int, str]]:
    """(address, port, inode) of each that listens (TCP) or is bound (UDP)."""
    out = []
    try:
        with open(f"/proc/thread-self/net/{name}", encoding="ascii") as file:
            next(file, None)
            for line in file:
                fields = line.split()
                address, _, port = fields[1].partition(":")
                if name.startswith("udp") or fields[3] == _LISTENS:
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
    return [(name.rstrip("6"), unpacked(address), port) for name in ("tcp", "tcp6", "udp", "udp6") for address, port, _ in _sockets(name)]


def unpacked(text: str) -> str:
    """An address that /proc/net writes."""
    import sys
    from ipaddress import ip_address

    words = [bytes.fromhex(text[at : at + 8]) for at in range(0, len(text), 8)]
    return str(ip_address(b"".join(word[::-1] if sys.byteorder == "little" else word for word in words)))
