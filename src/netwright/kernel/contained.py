"""A program with a network namespace, files and a host name of its own, that ends with the process that started it.

How it works. The process itself forks, not a thread of it: the kernel sends what PR_SET_PDEATHSIG asks for when the *thread* that
forked ends. The child takes its own mount namespace, lays the files over, goes into the network namespace and becomes the program;
what fails on the way it says on a pipe that the exec closes. Where orphans are adopted (PR_SET_CHILD_SUBREAPER), whatever the
program leaves running comes to us when it ends, and can be ended too. prctl(2)
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import os

from ..errors import CallFailed
from ..model.value import value
from .process import become
from .syscalls import CLONE_NEWNET, CLONE_NEWNS, MS_BIND, MS_REC, MS_SLAVE, mount, setns, unshare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, NoReturn

CLONE_NEWUTS = 0x04000000
MARK = "NETWRIGHT_RUN"  # in the environment of a program and all that it starts: which run it is of
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_EXEC = "exec"


@value
class Room:
    """`net`: the open file of a network namespace, -1 for ours. `files`: (source, target) each laid over its target.
    `hostname` and `domainname`: "" for ours. `streams`: open files for stdin, stdout and stderr; () for ours."""

    net: int = -1
    files: tuple[tuple[str, str], ...] = ()
    hostname: str = ""
    domainname: str = ""
    streams: tuple[int, ...] = ()


class NotStarted(CallFailed):
    """The program could not be run: `errno` is that of exec(2)."""


def block_signals() -> set[int]:
    """From now on signals wait for `inside.watch`; those that were blocked before."""
    before: set[int] = _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
    return before


def asked_to_end() -> int:
    """A signal that waits and means that we shall end; 0."""
    waiting = _signal.sigpending()
    ends = (_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP, _signal.SIGQUIT)
    return next((int(number) for number in ends if number in waiting), 0)


def start(argv: Sequence[str], environment: Mapping[str, str], room: Room, mask: set[int], *, orphans: bool, ours: Sequence[int] = ()) -> tuple[int, list[str]]:
    """(pid, warnings). `mask` are the signals that the program finds blocked; `orphans`: what it leaves running comes to us.
    `ours`: open files that mean something as long as anybody has them (locks): the child lets go of them at once.

    NotStarted when the program cannot be run, CallFailed when its room cannot be had.
    """
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    reading, writing = os.pipe()
    mother = os.getpid()
    libc.prctl(_PR_SET_CHILD_SUBREAPER, int(orphans), 0, 0, 0)
    try:
        pid = os.fork()
    except OSError as error:
        os.close(reading)
        os.close(writing)
        raise CallFailed(f"cannot start a process: {error.strerror}", error.errno or 0) from None
    if not pid:
        for fd in ours:
            os.close(fd)
        _child(libc, mother, writing, argv, dict(environment), room, mask)
    os.close(writing)
    with open(reading, encoding="utf-8", errors="surrogateescape") as file:
        said = file.read().splitlines()
    for line in said:
        if line.startswith("error\t"):
            os.waitpid(pid, 0)
            raise _refused(argv[0], line.split("\t"))
    return pid, [line.partition("\t")[2] for line in said]


def _refused(program: str, words: list[str]) -> CallFailed:
    _, errno, step, why, fix = words
    number = int(errno)
    if step == _EXEC:
        return NotStarted(f'exec of "{program}" failed: {os.strerror(number)}', number)
    return CallFailed(step, number, why=why, fix=fix)


def _child(libc: Any, mother: int, writing: int, argv: Sequence[str], environment: dict[str, str], room: Room, mask: set[int]) -> NoReturn:
    libc.prctl(_PR_SET_PDEATHSIG, int(_signal.SIGKILL), 0, 0, 0)
    if os.getppid() != mother:
        os._exit(137)  # it was killed before we asked
    try:
        for warning in _move_in(room):
            _say(writing, f"note\t{warning}")
    except CallFailed as error:
        _say(writing, f"error\t{error.errno}\t{error.what}\t{error.why}\t{error.fix}")
        os._exit(126)
    except OSError as error:
        _say(writing, f"error\t{error.errno}\tcannot make a place for the program: {error.strerror}\tit needs CAP_SYS_ADMIN and CAP_NET_ADMIN\t")
        os._exit(126)
    # As a program expects to find them; Python ignores SIGPIPE, and has an answer of its own to SIGINT.
    for number in (_signal.SIGPIPE, _signal.SIGXFSZ, _signal.SIGINT):
        if number != _signal.SIGINT or _signal.getsignal(number) != _signal.SIG_IGN:
            _signal.signal(number, _signal.SIG_DFL)
    _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)
    failure = become(argv[0], list(argv), environment)
    _say(writing, f"error\t{failure.errno}\t{_EXEC}\t\t")
    os._exit(127)


def _say(fd: int, line: str) -> None:
    os.write(fd, (line.replace("\n", " ") + "\n").encode("utf-8", "surrogateescape"))


def _move_in(room: Room) -> list[str]:
    """The calling process goes on in the room; warnings. CallFailed, OSError."""
    from .switch import mount_sysfs

    for number, fd in enumerate(room.streams):
        os.dup2(fd, number)
    if room.files or room.net >= 0:
        unshare(CLONE_NEWNS)
        # Slave, not private: what is mounted on the machine later is seen by the program too.
        mount("", "/", None, MS_REC | MS_SLAVE)
    for source, target in room.files:
        _lay(source, target)
    if room.hostname or room.domainname:
        unshare(CLONE_NEWUTS)
        _call_host(room)
    if room.net < 0:
        return []
    setns(room.net, CLONE_NEWNET)
    warning = mount_sysfs("container")
    return [warning] if warning else []


def _lay(source: str, target: str) -> None:
    try:
        mount(source, target, None, MS_BIND)
    except OSError as error:
        missing = not os.path.exists(target)
        why = f"this machine has no {target} to lay a file over" if missing else ""
        raise CallFailed(f"cannot lay a file over {target}: {error.strerror}", error.errno or 0, why=why, fix=f"sudo touch {target}" if missing else "") from None


def _call_host(room: Room) -> None:
    import _socket

    if room.hostname:
        _socket.sethostname(room.hostname)
    if room.domainname:
        # setdomainname(2), for which Python has no name.
        with open("/proc/sys/kernel/domainname", "w", encoding="ascii") as file:
            file.write(room.domainname)


# -- what it left running ----------------------------------------------------------------------------------------------------


def end_children() -> None:
    """Kill every child, and every orphan that comes to us meanwhile, until there is none. Then orphans come no more."""
    import ctypes

    while _has_children():
        for pid in _children():
            _kill(pid)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            break
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def _has_children() -> bool:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _children() -> list[int]:
    mine = str(os.getpid()).encode()
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and _mother(entry) == mine]


def _mother(pid: str) -> bytes:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[1]
    except (OSError, IndexError):
        return b""


def _kill(pid: int) -> None:
    try:
        os.kill(pid, _signal.SIGKILL)
    except ProcessLookupError:
        pass


def end_marked(mark: str) -> list[int]:
    """Kill every process that is of a run whose supervisor was killed; their pids. (Those that took the mark out of their
    environment are not found.)"""
    wanted = f"{MARK}={mark}".encode()
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and _is_marked(entry, wanted) and _killed(entry, wanted)]


def _is_marked(pid: str, wanted: bytes) -> bool:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return wanted in file.read().split(b"\0")
    except OSError:
        return False


def _killed(pid: str, wanted: bytes) -> bool:
    try:
        fd = os.pidfd_open(int(pid))
    except OSError:
        return False
    try:
        if not _is_marked(pid, wanted):  # asked again after opening: from here on the number means no other process
            return False
        _signal.pidfd_send_signal(fd, _signal.SIGKILL)
        return True
    except ProcessLookupError:
        return False
    finally:
        os.close(fd)


# -- into the background -----------------------------------------------------------------------------------------------------


class Away:
    """The process that went into the background: `stands(text)` has the one that waits print it and end with 0."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def stands(self, text: str, out: int) -> None:
        """From now on nothing is read from, or written to, where we were started; what is written goes to the open file `out`."""
        nothing = os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
        os.dup2(nothing, 0)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.close(nothing)
        try:
            os.write(self._fd, text.encode("utf-8", "surrogateescape"))
        except BrokenPipeError:
            pass  # who waited was ended; we stand all the same
        os.close(self._fd)


def go_away() -> Away:
    """Fork: the child returns, in a session of its own. The parent waits until it stands, or ends as it ends. CallFailed (EAGAIN)."""
    from .process import exit_code

    reading, writing = os.pipe()
    try:
        pid = os.fork()
    except OSError as error:
        raise CallFailed(f"cannot go into the background: {error.strerror}", error.errno or 0) from None
    if not pid:
        os.close(reading)
        os.setsid()
        return Away(writing)
    os.close(writing)
    with open(reading, "rb") as file:
        text = file.read()
    if not text:
        os._exit(exit_code(os.waitpid(pid, 0)[1]))
    try:
        os.write(1, text)
    except OSError as error:
        error.filename = "standard output"  # so that it is told from what the kernel refuses
        raise
    os._exit(0)
