"""A question to a process of ours over its unix socket, and such a socket: mode 0600, and only for who may. unix(7)

The name of a unix socket has 107 bytes at most; a directory may be deeper than that, so it is reached through its open file.
"""

from __future__ import annotations

import _socket
import os
from struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket

_PEER = Struct("=iII")  # struct ucred: pid, uid, gid
_SO_PEERCRED = 17
_LONGEST = 1 << 24


def ask(directory: str, name: str, request: bytes, seconds: float) -> bytes:
    """What the process that listens at DIRECTORY/NAME answers. OSError when there is none, or when it says nothing in time."""
    place = os.open(directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    made = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM | _socket.SOCK_CLOEXEC)
    try:
        made.settimeout(seconds)
        made.connect(f"/proc/self/fd/{place}/{name}")
        made.sendall(request)
        made.shutdown(_socket.SHUT_WR)
        parts, size = [], 0
        while (part := made.recv(1 << 16)) and size < _LONGEST:
            parts.append(part)
            size += len(part)
        return b"".join(parts)
    finally:
        made.close()
        os.close(place)


def listen(directory: str, name: str) -> socket.socket:
    """A socket that listens at DIRECTORY/NAME, in the place of one that nobody listens to any more. OSError.

    Whoever calls this holds a lock: what is there is left over.
    """
    import socket

    place = os.open(directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        try:
            os.unlink(name, dir_fd=place)
        except FileNotFoundError:
            pass
        # The mode is the socket's before anybody can connect: bind(2) takes it from the open file, less the umask.
        os.fchmod(made.fileno(), 0o600)
        made.bind(f"/proc/self/fd/{place}/{name}")
        made.listen(64)
    except BaseException:
        made.close()
        raise
    finally:
        os.close(place)
    return made


def accept(made: socket.socket) -> socket.socket | None:
    """Whoever is next and may ask: root, or the user that we are. None for others, who are turned away. OSError: BlockingIOError."""
    one, _ = made.accept()
    _, uid, _ = _PEER.unpack(one.getsockopt(_socket.SOL_SOCKET, _SO_PEERCRED, _PEER.size))
    if uid in (0, os.getuid()):
        one.setblocking(False)
        return one
    one.close()
    return None
