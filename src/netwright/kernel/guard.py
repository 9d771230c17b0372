"""Programs that may not outlive this process: a pid namespace of theirs, whose first process ends when this one does.

How it works. A short-lived thread makes a pid namespace and starts a small Python, which becomes its pid 1 and waits for the end
of this process (by pidfd: kill -9 counts). When pid 1 ends, the kernel ends everything else in the namespace. A program gets in
by being started from a thread that has gone there with setns(2): its parent is this process, as ever, and may wait for it.
"""

from __future__ import annotations

import os

from ..errors import CallFailed, Gone
from .holder import Holder, end, start_time
from .python import spawn_python
from .spaces import run_apart
from .syscalls import setns, unshare
from .userns import CLONE_NEWPID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

# Signals to ignore: those a terminal sends, and SIGCHLD (17), by which the kernel reaps the orphans itself.
_PROGRAM = """import os, select, _signal
for number in 1, 2, 3, 15, 17: _signal.signal(number, _signal.SIG_IGN)
os.setsid(); os.chdir("/"); os.closerange(3, 1 << 30)
open("/proc/thread-self/comm", "w").write("nw-guard")
os.write(1, b"r")
nothing = os.open("/dev/null", os.O_RDWR)
os.dup2(nothing, 1); os.dup2(nothing, 2)
poll = select.poll(); poll.register(0, select.POLLIN); poll.poll()
"""

_closed: list[int] = []  # pidfds: a number alone may be another process by then


def _reap_closed() -> None:
    """A guard that was told to end does so a moment later; its exit status is taken when the next one is started."""
    for fd in list(_closed):
        try:
            still_there = os.waitid(os.P_PIDFD, fd, os.WEXITED | os.WNOHANG) is None
        except ChildProcessError:
            still_there = False  # `ended` took it
        if not still_there:
            _closed.remove(fd)
            os.close(fd)


class Guard:
    """The guard of this process, and `fd`, its pid namespace: for setns(2) with CLONE_NEWPID in a thread that starts a program."""

    def __init__(self, holder: Holder, fd: int, owner: int) -> None:
        self.holder, self.fd, self._owner = holder, fd, owner

    @classmethod
    def start(cls) -> Guard:
        """Start one. CallFailed without CAP_SYS_ADMIN (userns.gain gives it)."""
        _reap_closed()
        me = os.pidfd_open(os.getpid())
        words, theirs = os.pipe()
        try:
            pid, fd = run_apart(lambda: _spawned(me, theirs))
        except OSError as error:
            os.close(words)
            why = "a pid namespace needs CAP_SYS_ADMIN" if error.errno == 1 else ""
            raise CallFailed(f"cannot start a guard: {error.strerror}", error.errno or 0, why=why) from None
        finally:
            os.close(me)
            os.close(theirs)
        with open(words, "rb") as file:
            said = file.read()
        if said != b"r":
            os.close(fd)
            os.waitpid(pid, 0)
            raise CallFailed("the guard did not start", 0, why=said.decode("utf-8", "replace")[-300:])
        return cls(Holder(pid, start_time(pid)), fd, os.getpid())

    def within(self, work: Callable[[], T]) -> T:
        """work() in a thread whose new processes are in the guard's pid namespace. Gone when the guard has ended."""
        if self.fd < 0 or not start_time(self.holder.pid):
            raise Gone("the guard has ended", why="no program can be started in its pid namespace any more")

        def body() -> T:
            setns(self.fd, CLONE_NEWPID)
            return work()

        return run_apart(body)

    def close(self) -> None:
        """End everything that was started in it. Wait for your programs afterwards: what nobody waits for keeps the guard.

        In a fork of the process that started it, nothing is ended: it is not that one's guard.
        """
        if self.fd < 0:
            return
        os.close(self.fd)
        self.fd = -1
        if os.getpid() == self._owner:
            self._remember()
            end(self.holder, wait=False)

    def _remember(self) -> None:
        try:
            _closed.append(os.pidfd_open(self.holder.pid))
        except ProcessLookupError:
            pass  # it was ended and waited for by somebody else

    def ended(self, seconds: float = 5.0) -> bool:
        """After `close`, and after every program was waited for: wait until nothing of it is left."""
        from .holder import gone_within, reap

        try:
            fd = os.pidfd_open(self.holder.pid)
        except ProcessLookupError:
            return True
        try:
            gone = gone_within(fd, seconds)
        finally:
            os.close(fd)
        if gone:
            reap(self.holder.pid)
        return gone

    def __enter__(self) -> Guard:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _spawned(me: int, words: int) -> tuple[int, int]:
    unshare(CLONE_NEWPID)
    pid = spawn_python(_PROGRAM, fds=((me, 0), (words, 1), (words, 2)))
    return pid, os.open("/proc/thread-self/ns/pid_for_children", os.O_RDONLY | os.O_CLOEXEC)
