"""Files that programs of a lab see in place of the machine's: /etc/hosts, /etc/resolv.conf.

A mount namespace in which the file is laid over its namesake; a program that is started there sees it through libc as any
other. Text is written into the file itself when it changes, so that programs that run already see the new one.
`OwnViews` keeps its mount namespaces by open files of this process; `HeldViews` works inside the mount namespace of a lab's
holder, whose /run/nw-lab keeps them.
"""

from __future__ import annotations

import os
from errno import EINVAL

from ..errors import CallFailed
from .spaces import run_apart
from .syscalls import (
    CLONE_NEWNS,
    MNT_DETACH,
    MS_BIND,
    MS_NODEV,
    MS_NOSUID,
    MS_PRIVATE,
    MS_REC,
    mount,
    setns,
    umount,
    unshare,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

CLONE_FS = 0x200
HELD = "/run/nw-lab"
_NAMELESS = f"{HELD}/nameless"


def _over(source: str, path: str) -> None:
    try:
        mount(source, path, None, MS_BIND)
    except OSError as error:
        why = f"this machine has no {path} to lay a file over" if error.errno == 2 else ""
        raise CallFailed(f"cannot lay a file over {path}: {error.strerror}", error.errno or 0, why=why, fix=f"sudo touch {path}") from None


def _rewrite(fd: int, text: str) -> None:
    data = text.encode()
    os.pwrite(fd, data, 0)
    os.ftruncate(fd, len(data))


class OwnViews:
    """Views of this process alone: they end with it. `mounts(view)` is the open file of a view's mount namespace."""

    def __init__(self) -> None:
        self._mounts: dict[str, int] = {}
        self._files: dict[tuple[str, str], tuple[int, str]] = {}

    def mounts(self, view: str) -> int | None:
        """For setns(2) with CLONE_NEWNS; None where the view has no files of its own."""
        return self._mounts.get(view)

    def files(self) -> dict[str, dict[str, str]]:
        """Text by view and path."""
        out: dict[str, dict[str, str]] = {}
        for (view, path), (_, text) in self._files.items():
            out.setdefault(view, {})[path] = text
        return out

    def put(self, view: str, path: str, text: str) -> None:
        """Lay a file over `path` in the view, or give the one that is there a new text. CallFailed."""
        if (view, path) in self._files:
            fd = self._files[view, path][0]
        else:
            fd = self._within(view, lambda: _unnamed_over(path))
        _rewrite(fd, text)
        self._files[view, path] = fd, text

    def remove(self, view: str, path: str) -> None:
        """Take a file away again; the machine's own shows."""
        fd, _ = self._files.pop((view, path))
        os.close(fd)
        self._within(view, lambda: _away(path))
        if not any(other == view for other, _ in self._files):
            os.close(self._mounts.pop(view))

    def _within(self, view: str, work: Callable[[], int]) -> int:
        """work() in the view's mount namespace, which is made when it is not there."""

        def body() -> int:
            # A thread shares its working directory with its process, and may change its mounts only when it does not.
            unshare(CLONE_FS)
            if view in self._mounts:
                setns(self._mounts[view], CLONE_NEWNS)
                return work()
            unshare(CLONE_NEWNS)
            mount("", "/", None, MS_REC | MS_PRIVATE)
            result = work()
            self._mounts[view] = os.open("/proc/thread-self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
            return result

        try:
            return run_apart(body)
        except OSError as error:
            why = "a mount namespace needs CAP_SYS_ADMIN"
            raise CallFailed(f"cannot make a mount namespace: {error.strerror}", error.errno or 0, why=why) from None

    def close(self) -> None:
        """Let go of everything."""
        for fd, _ in self._files.values():
            os.close(fd)
        for fd in self._mounts.values():
            os.close(fd)
        self._files.clear()
        self._mounts.clear()


def _unnamed_over(path: str) -> int:
    """A new file over `path`, open for writing; it has no name anywhere else."""
    stage = next(place for place in ("/tmp", "/mnt", "/srv", "/var/tmp", "/run") if os.path.isdir(place))
    mount("nw-lab", stage, "tmpfs", MS_NOSUID | MS_NODEV, "size=16m")
    try:
        fd = os.open(f"{stage}/file", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        _over(f"{stage}/file", path)
    finally:
        umount(stage, MNT_DETACH)
    return fd


def _away(path: str) -> int:
    umount(path, MNT_DETACH)
    return 0


def _write(path: str, text: str) -> None:
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _rewrite(fd, text)
    finally:
        os.close(fd)


def _is_ours(path: str) -> bool:
    """Is it a file of the lab's own /run?"""
    return os.path.exists(path) and os.stat(path).st_dev == os.stat(HELD).st_dev


def _bare(path: str) -> None:
    """Take everything of ours off `path`: more than one where somebody was killed after laying it."""
    while _is_ours(path):
        umount(path, MNT_DETACH)


class HeldViews:
    """The views of a lab's holder, for a process that has entered it: the view "" is the holder's own mount namespace."""

    def mounts(self, view: str) -> int | None:
        """The open file of the view's mount namespace (the caller closes it); None for "", where the caller is already."""
        path = f"{HELD}/views/{view}"
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC) if view and os.path.exists(path) else None

    def files(self) -> dict[str, dict[str, str]]:
        """Text by view and path."""
        out: dict[str, dict[str, str]] = {}
        top = f"{HELD}/files"
        for directory, _, names in os.walk(top):
            for name in names:
                view, _, rest = directory.removeprefix(top + "/").partition("/")
                with open(f"{directory}/{name}", encoding="utf-8") as file:
                    out.setdefault("" if view == "@" else view, {})[f"/{rest}/{name}"] = file.read()
        return out

    def put(self, view: str, path: str, text: str) -> None:
        """Lay a file over `path` in the view, or give the one that is there a new text. CallFailed."""
        source = self._source(view, path)
        try:
            if os.path.exists(source):
                _write(source, text)
            else:
                self._lay(view, path, source, text)
        except OSError as error:
            raise CallFailed(f"cannot lay a file over {path}: {error.strerror}", error.errno or 0, why=f"{error.filename or source}") from None

    def _lay(self, view: str, path: str, source: str, text: str) -> None:
        """It has its name only when it is laid and whole: whoever is killed in between leaves a file that nobody counts."""
        os.makedirs(os.path.dirname(source), exist_ok=True)
        _write(_NAMELESS, text)

        def work() -> None:
            _bare(path)
            _over(_NAMELESS, path)

        self._within(view, work)
        os.rename(_NAMELESS, source)

    def remove(self, view: str, path: str) -> None:
        """Take a file away again; the machine's own shows. The last one takes the view with it."""
        os.rename(self._source(view, path), _NAMELESS)
        self._within(view, lambda: _bare(path))
        os.unlink(_NAMELESS)
        if view and not any(names for _, _, names in os.walk(f"{HELD}/files/{view}")):
            self._forget(view)

    def _forget(self, view: str) -> None:
        """Programs that are in its mount namespace stay there, and see the machine's files."""
        pin = f"{HELD}/views/{view}"
        umount(pin, MNT_DETACH)
        os.unlink(pin)
        for directory, _, _ in os.walk(f"{HELD}/files/{view}", topdown=False):
            os.rmdir(directory)

    def close(self) -> None:
        """Nothing is open."""

    def _source(self, view: str, path: str) -> str:
        return f"{HELD}/files/{view or '@'}{path}"

    def _within(self, view: str, work: Callable[[], None]) -> None:
        if not view:
            return work()
        pin = f"{HELD}/views/{view}"
        if not os.path.exists(pin) or _is_ours(pin):  # or nothing is bound to the name yet: its maker was killed
            self._make(pin)
        fd = os.open(pin, os.O_RDONLY | os.O_CLOEXEC)

        def body() -> None:
            unshare(CLONE_FS)
            setns(fd, CLONE_NEWNS)
            work()

        try:
            return run_apart(body)
        finally:
            os.close(fd)

    def _make(self, pin: str) -> None:
        """A mount namespace under a name. It is bound from the holder's: a mount namespace cannot be seen in itself.

        The kernel lets a mount namespace be bound only in one with a smaller number (mnt_ns_loop, EINVAL), and since Linux
        6.18 each processor hands out numbers from a stock of its own: on the processor where the holder's was made the next
        number is greater. Which one that was nobody knows, so each is tried.
        """
        os.makedirs(os.path.dirname(pin), exist_ok=True)
        os.close(os.open(pin, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        here = os.sched_getaffinity(0)
        for processors in [here, *({number} for number in sorted(here))]:
            error = _bound_new_namespace(pin, processors)
            if error is None or error.errno != EINVAL:
                break
        if error:
            os.unlink(pin)
            raise CallFailed(f"cannot make a mount namespace: {error.strerror}", error.errno or 0)


def _bound_new_namespace(pin: str, processors: set[int]) -> OSError | None:
    """Bind a new mount namespace, which a thread makes on one of these processors, to the file `pin`; what was in the way."""
    import _thread

    made, bound = _thread.allocate_lock(), _thread.allocate_lock()
    made.acquire()
    bound.acquire()
    box: list[int | OSError] = []

    def body() -> None:
        try:
            os.sched_setaffinity(0, processors)
            unshare(CLONE_NEWNS)
            mount("", "/", None, MS_REC | MS_PRIVATE)
            box.append(_thread.get_native_id())
        except OSError as error:
            box.append(error)
        made.release()
        bound.acquire()

    _thread.start_new_thread(body, ())
    made.acquire()
    try:
        if isinstance(box[0], OSError):
            return box[0]
        mount(f"/proc/self/task/{box[0]}/ns/mnt", pin, None, MS_BIND)
    except OSError as error:
        return error
    finally:
        bound.release()
    return None
