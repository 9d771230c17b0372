"""Programs that work for a detached lab from outside of its network: they end with it, and can make sockets in it.

How it works. Such a program is in the user and the pid namespace of the lab's holder, and in the network and mount namespaces of
whoever started it. Being in the pid namespace, the kernel ends it with the holder; being in the user namespace, it may enter
the lab's network namespaces. A small Python goes there and forks twice: the first child is in the pid namespace, and when it ends,
its own child falls to the holder, which reaps. That last one says its pid by a message with credentials, which the kernel
translates, and becomes the program.
"""

from __future__ import annotations

import os

from ..errors import CallFailed
from .holder import Holder, foreign_user_namespace, opened, start_time
from .python import little_environment, spawn_python
from .syscalls import setns
from .userns import CLONE_NEWPID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_SO_PASSCRED = 16
_SCM_CREDENTIALS = 2


def beside(holder: Holder, path: str, argv: Sequence[str], channel: int, errors: int) -> Holder:
    """Start the program `path` beside a lab: stdin is `channel`, stdout and stderr are `errors`. Gone, CallFailed."""
    import socket

    os.close(opened(holder))
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        ours.setsockopt(socket.SOL_SOCKET, _SO_PASSCRED, 1)
        program = "from netwright.kernel.beside import _main; _main(sys.argv[1:])"
        words = [str(holder.pid), str(holder.start), str(channel), str(errors), path, *argv]
        os.set_inheritable(channel, True)
        os.set_inheritable(errors, True)
        try:
            child = spawn_python(program, *words, fds=((theirs.fileno(), 0),))
        finally:
            os.set_inheritable(channel, False)
            os.set_inheritable(errors, False)
        theirs.close()
        said, pid = _received(ours)
    os.waitpid(child, 0)
    if said != b"here":
        raise CallFailed(f"cannot start {argv[0]} beside the lab", 0, why=said.decode("utf-8", "replace") or "it was ended")
    return Holder(pid, start_time(pid))


def _received(channel: object) -> tuple[bytes, int]:
    from struct import unpack

    data, ancillary, _, _ = channel.recvmsg(4096, 64)  # type: ignore[attr-defined]
    credentials = next((value for _, kind, value in ancillary if kind == _SCM_CREDENTIALS), b"\0" * 12)
    return data, unpack("3i", credentials[:12])[0]


def _main(words: list[str]) -> None:
    """The small Python: words are the holder's pid and start, the numbers of the two files, the path and the argv."""
    holder, channel, errors = Holder(int(words[0]), int(words[1])), int(words[2]), int(words[3])
    try:
        fd = opened(holder)
        setns(fd, CLONE_NEWPID | foreign_user_namespace(holder))
        os.close(fd)
        child = os.fork()
    except Exception as error:  # noqa: BLE001 - carried to the starter, whatever it is
        os.write(0, str(error).encode("utf-8", "replace"))
        return
    if child:
        os.waitpid(child, 0)
    elif os.fork() == 0:
        _become(channel, errors, words[4], words[5:])
    os._exit(0)


def _become(channel: int, errors: int, path: str, argv: list[str]) -> None:
    import _signal  # type: ignore[import-not-found]

    for number in (_signal.SIGPIPE, _signal.SIGXFSZ):  # Python ignores these, and what is ignored stays so after execve(2)
        _signal.signal(number, _signal.SIG_DFL)
    os.setsid()
    starter = os.dup(0)
    os.dup2(channel, 0)
    os.dup2(errors, 1)
    os.dup2(errors, 2)
    os.closerange(3, starter)
    os.closerange(starter + 1, 1 << 30)
    os.chdir("/")
    os.write(starter, b"here")
    try:
        os.execve(path, argv, little_environment())
    except OSError as error:
        os.write(2, f"{path}: {error.strerror}".encode())
        os._exit(127)


