"""Programs and functions somewhere else: in a network namespace, with the files of a view, under a guard.

A short-lived thread goes there and starts the program, which inherits what the thread has; the caller does not move. Going to
a mount namespace puts a thread at its root directory, so the working directory is taken up again by its path.
"""

from __future__ import annotations

import os

from ..errors import CallFailed
from .run import _cannot_start
from .spaces import run_apart
from .syscalls import CLONE_NEWNET, CLONE_NEWNS, setns, unshare
from .views import CLONE_FS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    T = TypeVar("T")

CLONE_NEWPID = 0x20000000


class Where:
    """Open files of a network namespace, of a mount namespace (None: the caller's), of a pid namespace (None: the caller's)."""

    __slots__ = ("mounts", "net", "pids")

    def __init__(self, net: int, mounts: int | None = None, pids: int | None = None) -> None:
        self.net, self.mounts, self.pids = net, mounts, pids


def there(where: Where, work: Callable[[], T], *, pids: bool = False) -> T:
    """work() in a thread that went there. CallFailed when it may not."""

    def body() -> T:
        try:
            go(where, pids=pids)
        except OSError as error:
            raise _may_not(error) from None
        return work()

    return run_apart(body)


def go(where: Where, *, pids: bool = False) -> None:
    """Move the calling thread. OSError."""
    if where.mounts is not None:
        cwd = _cwd()
        unshare(CLONE_FS)
        setns(where.mounts, CLONE_NEWNS)
        _back_to(cwd)
    if pids and where.pids is not None:
        setns(where.pids, CLONE_NEWPID)
    setns(where.net, CLONE_NEWNET)


def _cwd() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:
        return "/"


def _back_to(cwd: str) -> None:
    try:
        os.chdir(cwd)
    except OSError:
        os.chdir("/")


def _may_not(error: OSError) -> CallFailed:
    why = "needs CAP_SYS_ADMIN in the user namespace that owns the lab"
    return CallFailed(f"cannot enter the host: {error.strerror}", error.errno or 0, why=why, fix="run it as root, or where the lab was made")


def popen(where: Where, argv: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
    """subprocess.Popen there, with its keyword arguments. CallFailed when the program cannot start."""
    import subprocess

    try:
        return there(where, lambda: subprocess.Popen(list(argv), **options), pids=True)
    except OSError as error:
        raise _cannot_start(argv[0], error) from None


def run(where: Where, argv: Sequence[str], *, input: Any = None, timeout: float | None = None, check: bool = False, **options: Any) -> subprocess.CompletedProcess[Any]:
    """subprocess.run there, with output captured as text unless said otherwise. CallFailed; subprocess.TimeoutExpired, CalledProcessError."""
    import subprocess

    pipe = subprocess.PIPE
    options = {"stdout": pipe, "stderr": pipe, "text": True, "stdin": subprocess.DEVNULL if input is None else pipe, **options}
    with popen(where, argv, **options) as process:
        try:
            out, err = process.communicate(input, timeout)
        except BaseException:
            process.kill()
            process.wait()
            raise
    done = subprocess.CompletedProcess(list(argv), process.returncode, out, err)
    if check:
        done.check_returncode()
    return done


class Visit:
    """`with Visit(where): …`: the calling thread lives there until the end of the `with`. CallFailed where it could not come back."""

    def __init__(self, where: Where) -> None:
        self._where = where
        self._back: list[tuple[int, int, str]] = []

    def __enter__(self) -> Visit:
        net = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        mounts = os.open("/proc/thread-self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        try:
            setns(net, CLONE_NEWNET)  # whoever may not come here again does not leave
            go(self._where)
        except OSError as error:
            os.close(net)
            os.close(mounts)
            raise _stranded(error) from None
        self._back.append((net, mounts, _cwd()))
        return self

    def __exit__(self, *_: object) -> None:
        net, mounts, _before = self._back.pop()
        cwd = _cwd()
        try:
            if self._where.mounts is not None:
                setns(mounts, CLONE_NEWNS)
                _back_to(cwd)
            setns(net, CLONE_NEWNET)
        finally:
            os.close(net)
            os.close(mounts)


def _stranded(error: OSError) -> CallFailed:
    why = "this thread could not come back: the machine's network belongs to another user namespace"
    fix = "host.run(), host.call(), host.socket() and host.connect() do not move you; or start the program with: nw rootless PROGRAM"
    return CallFailed(f"cannot enter the host: {error.strerror}", error.errno or 0, why=why, fix=fix)
