"""Stream sockets with a name in the file system, for a daemon and those who ask it. unix(7)

`_socket` alone: importing `socket` would cost a command of a runtime as much as starting Python.
"""

import _socket
import os
from struct import Struct

_MANY = 4096  # who may wait to be accepted; the kernel's own limit is net.core.somaxconn
_PEER = Struct("=iII")  # struct ucred


def connected(path: str, timeout: float) -> _socket.socket:
    """A connection to the daemon that listens at `path`; what is done with it later raises TimeoutError. OSError."""
    made = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM | _socket.SOCK_CLOEXEC)
    try:
        # Waiting, without a time: with one, the kernel would refuse (EAGAIN) while many others are about to be accepted.
        made.connect(path)
        made.settimeout(timeout)
    except OSError:
        made.close()
        raise
    return made


def listening(path: str) -> _socket.socket:
    """A socket that listens at `path`, for its owner only. What was there before is replaced in one step. OSError.

    It gets its name when it listens already: whoever finds it can connect.
    """
    made = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM | _socket.SOCK_CLOEXEC | _socket.SOCK_NONBLOCK)
    aside = f"{path}.{os.getpid()}"
    before = os.umask(0o177)
    try:
        made.bind(aside)
        made.listen(_MANY)
        os.rename(aside, path)
    except OSError:
        made.close()
        if os.path.exists(aside):
            os.unlink(aside)
        raise
    finally:
        os.umask(before)
    return made


def inherited(fd: int) -> _socket.socket:
    """The listening socket that whoever started us has opened (systemd's socket activation). OSError."""
    made = _socket.socket(fileno=fd)
    made.setblocking(False)
    os.set_inheritable(fd, False)
    return made


def accepted(listener: _socket.socket) -> "_socket.socket | None":
    """The next client; None when there is none (any more)."""
    try:
        fd, _ = listener._accept()  # type: ignore[attr-defined]  # close-on-exec, as socket.accept() has it
    except (BlockingIOError, ConnectionAbortedError):
        return None
    made = _socket.socket(fileno=fd)
    made.setblocking(False)
    return made


def peer(made: _socket.socket) -> tuple[int, int, int]:
    """(pid, uid, gid) of who is at the other end, as the kernel knows it."""
    found: tuple[int, int, int] = _PEER.unpack(made.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, _PEER.size))
    return found
