"""The process that keeps a detached lab: it lives in the lab's namespaces, and everything of the lab lives by it.

How it works. `start` starts Python with holding.py, which makes a mount, a network and a pid namespace (and without root a
user namespace first), lays a private /run and becomes pid 1 of the pid namespace. Until `commit` it ends with the process that
started it, after that it lives on. The network namespaces of the lab are names in its /run/netns, which is in no other mount
namespace; its programs are in its pid namespace. So when it ends, even by kill -9, the kernel ends them all: nothing is left.
A holder is known by pid and start time together, because pids are given out again.
"""

from __future__ import annotations

import os
import sys

from ..errors import Busy, CallFailed, Gone
from ..model.value import value
from .python import spawn_python
from .syscalls import CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWUSER, setns
from .userns import CLONE_NEWPID, explained, threads

_SIGKILL = 9
_lives: dict[int, int] = {}  # pipes to holders that are not committed, and the process that started those
_PATIENCE = 10.0  # seconds for a killed process to be gone: the kernel reaps a whole pid namespace in that time


@value
class Holder:
    """A process: `pid` as its starter sees it, and `start`, its start time in clock ticks after boot (/proc/PID/stat)."""

    pid: int
    start: int


class Starting:
    """A holder that ends with this process, or with `abort`, until `commit`. `notes` are what it had to do without."""

    def __init__(self, holder: Holder, notes: tuple[str, ...], life: int) -> None:
        self.holder, self.notes, self._life = holder, notes, life
        _lives[life] = os.getpid()

    def commit(self) -> None:
        """The lab stands: the holder lives on by itself. Gone when it has ended."""
        try:
            os.write(self._life, b"c")
        except BrokenPipeError:
            raise _gone(self.holder) from None
        finally:
            self._close()
        if not alive(self.holder):
            raise _gone(self.holder)

    def abort(self) -> None:
        """End the holder, unless it is committed. In a fork of the starter this does nothing."""
        if _lives.get(self._life) == os.getpid():
            self._close()
            end(self.holder)

    def __enter__(self) -> Starting:
        return self

    def __exit__(self, *_: object) -> None:
        self.abort()

    def _close(self) -> None:
        _lives.pop(self._life)
        os.close(self._life)
        self._life = -1


def start(name: str) -> Starting:
    """Start the holder of the lab `name`. CallFailed with what mends it. What is to be seen in the lab's /run (a directory
    for its records) must be there before."""
    theirs_life, life = os.pipe()
    words, theirs_words = os.pipe()
    try:
        program = "from netwright.kernel.holding import main; main(sys.argv[1])"
        child = spawn_python(program, name, fds=((theirs_life, 0), (theirs_words, 1), (theirs_words, 2)))
    except OSError as error:
        os.close(life)
        os.close(words)
        raise CallFailed(f"cannot start {sys.executable}: {error.strerror}", error.errno or 0) from None
    finally:
        os.close(theirs_life)
        os.close(theirs_words)
    with open(words, encoding="utf-8", errors="surrogateescape") as file:
        lines = file.read().splitlines()
    os.waitpid(child, 0)
    try:
        holder = _understood(name, lines)
    except BaseException:
        os.close(life)
        raise
    return Starting(holder, tuple(line[5:] for line in lines if line.startswith("note ")), life)


def _understood(name: str, lines: list[str]) -> Holder:
    """The holder that says it is ready."""
    for line in lines:
        if line.startswith("error "):
            _, errno, step = line.split(" ", 2)
            raise explained(f"cannot make the namespaces of the lab {name}", OSError(int(errno), os.strerror(int(errno)), step))
    if "ready" not in lines:
        # What Python itself says: a traceback, or nothing when somebody killed it.
        raise CallFailed(f"the holder of the lab {name} did not start", 0, why="; ".join(lines[-3:]) or "it was ended")
    pid = next(int(line[4:]) for line in lines if line.startswith("pid "))
    return Holder(pid, start_time(pid))


# -- asking after it, and its end ------------------------------------------------------------------------------------------


def start_time(pid: int) -> int:
    """When a process started, in clock ticks after boot; 0 when there is none (a zombie is none)."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return 0 if fields[0] in (b"Z", b"X") else int(fields[19])


def alive(holder: Holder) -> bool:
    """Is it there, and the same process, and has it not been killed?"""
    return holder.start == start_time(holder.pid) != 0 and not _has_let_go(holder.pid)


def _has_let_go(pid: int) -> bool:
    """A killed init of a pid namespace has given its namespaces back, and then waits for whoever has to wait for the last
    program in it: with a pid 1 that reaps nothing (a container without an init) that is for ever. Nothing of the lab is left."""
    try:
        os.readlink(f"/proc/{pid}/ns/net")
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def opened(holder: Holder) -> int:
    """The pidfd of a holder. Gone when it is not there any more. pidfd_open(2)"""
    try:
        fd = os.pidfd_open(holder.pid)
    except ProcessLookupError:
        raise _gone(holder) from None
    if not alive(holder):  # asked after opening: from here on the number means no other process
        os.close(fd)
        raise _gone(holder)
    return fd


def _gone(holder: Holder) -> Gone:
    return Gone(f"the process {holder.pid} that keeps it has ended", why="everything in it ended with it", fix="bring it up again: nw up")


def end(holder: Holder, *, wait: bool = True) -> None:
    """Kill it, and with it everything in its pid namespace; nothing when it has ended already. With `wait` it is gone then.

    Busy when it still has its namespaces after 10 s.
    """
    try:
        fd = opened(holder)
    except Gone:
        reap(holder.pid)
        return
    try:
        _kill(fd)
        if wait and not _ended(fd, holder.pid):
            raise Busy(f"process {holder.pid} does not end", why="it was killed and goes on: the kernel waits for something that it does", fix=f"cat /proc/{holder.pid}/stack, as root")
    finally:
        os.close(fd)
    reap(holder.pid)


def _ended(fd: int, pid: int) -> bool:
    """Wait until it has ended, or has nothing any more."""
    return any(gone_within(fd, 0.1) or _has_let_go(pid) for _ in range(round(_PATIENCE / 0.1)))


def _kill(fd: int) -> None:
    import _signal  # type: ignore[import-not-found]

    try:
        _signal.pidfd_send_signal(fd, _SIGKILL)
    except ProcessLookupError:
        pass  # it ended by itself just now


def gone_within(pidfd: int, seconds: float) -> bool:
    """Wait for the end of a process."""
    import select

    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def reap(pid: int) -> None:
    """Take the exit status where the process is a child of ours."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass


def reach(holder: Holder, path: str) -> str:
    """The same file from outside the lab: /proc/PID/root/PATH."""
    return f"/proc/{holder.pid}/root/{path.lstrip('/')}"


# -- going in --------------------------------------------------------------------------------------------------------------


def enter(holder: Holder) -> None:
    """This single-threaded process goes on inside the lab, as pid, user and all; it returns in a child of the caller.

    Only a child is in the pid namespace, and only there /proc/self, which the engine works with, means the process itself.
    So the caller forks: the child returns, the parent waits, passes signals on, and ends as the child ends. When the parent
    is killed, the child is too. The working directory stays where it is to be seen. Gone, CallFailed.
    """
    # Before the move: in a user's lab the files of Python itself may be out of root's reach.
    from .inside import go_on_in_child

    move(holder)
    go_on_in_child()


def move(holder: Holder) -> None:
    """Move this process (not into the pid namespace: its children will be) with one setns(2). Gone, CallFailed.

    Its /proc is the lab's from then on, in which it has no entry itself.
    """
    many = threads()
    if many > 1:
        why = f"this process has {many} threads, and the kernel moves only a process with one"
        raise CallFailed("cannot enter the lab", 22, why=why, fix="start a program for it: nw exec")
    _let_go()
    fd = opened(holder)
    place = _working_directory()
    try:
        setns(fd, CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | foreign_user_namespace(holder))
    except OSError as error:
        why = "it belongs to another user" if error.errno == 1 else ""
        raise CallFailed(f"cannot enter the lab: {error.strerror}", error.errno or 0, why=why, fix="sudo nw …" if why else "") from None
    finally:
        os.close(fd)
    _become_its_root()
    if place:
        _back_to(place)


def _let_go() -> None:
    """A fork of a starter has its pipes to holders too, and must keep none of them alive when the starter is killed."""
    for fd in [fd for fd, owner in _lives.items() if owner != os.getpid()]:
        del _lives[fd]
        os.close(fd)


def foreign_user_namespace(holder: Holder) -> int:
    """CLONE_NEWUSER when the holder is in another user namespace: entering one's own is refused (EINVAL). CallFailed."""
    try:
        return 0 if os.path.samestat(os.stat("/proc/self/ns/user"), os.stat(f"/proc/{holder.pid}/ns/user")) else CLONE_NEWUSER
    except PermissionError as error:
        raise CallFailed("cannot enter the lab", error.errno or 0, why="it belongs to another user", fix="sudo nw …") from None
    except FileNotFoundError:
        raise _gone(holder) from None


def _become_its_root() -> None:
    """The machine's root in the lab of a user has all rights there and no number: it takes that of the user."""
    if os.geteuid() != 0:
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)


def _working_directory() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:
        return ""


def _back_to(place: str) -> None:
    """After setns(2) into a mount namespace the working directory is its root."""
    try:
        os.chdir(place)
    except OSError:
        os.chdir("/")
