"""A network namespace, and what can be done with it from Python."""

from __future__ import annotations

import os
from _thread import _local

from ..errors import CallFailed, Gone
from ..kernel import namespaces, nsid
from ..kernel.holders import Holders, holders
from ..kernel.netlink import Netlink, my_namespace
from ..kernel.references import locate, path_of
from ..kernel.syscalls import CLONE_NEWNET, setns
from .addresses import Addresses
from .batch import Batch
from .channel import Channel
from .links import Links
from .neighbours import Neighbours
from .routes import Routes
from .rules import Rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeVar

    from ..kernel.run import Completed
    from .aevents import AsyncEvents
    from .events import Events

    T = TypeVar("T")

GROUPS = ("link", "address", "route", "neighbour", "rule", "nsid")


class Namespace:
    """A network namespace: `Namespace.create("red")`, `Namespace.open("red")`, `Namespace.current()`.

    It keeps a file and a socket of the namespace open from the first use until `close()` (or its own end): while they are,
    the namespace lives on, whatever becomes of its name. Threads may share it. `with ns:` moves the calling thread there;
    nothing else does. `Namespace(name)` opens nothing until it is used.
    """

    def __init__(self, name: str, *, path: str = "", inode: int = 0) -> None:
        self.name = name
        self._channel = Channel(path or path_of(name), name or path, inode)
        self._visits = _local()
        self.links, self.addresses = Links(self._channel), Addresses(self._channel)
        self.routes, self.neighbours, self.rules = Routes(self._channel), Neighbours(self._channel), Rules(self._channel)

    def __repr__(self) -> str:
        return f"<Namespace {self._channel.label}>"

    # -- which one -----------------------------------------------------------------------------------------------------

    @classmethod
    def create(cls, name: str) -> Namespace:
        """Make a namespace; lo is down in it. `ip netns add NAME`. Invalid, Conflict, CallFailed (privilege, limits)."""
        namespaces.create(name)
        return cls.open(name)

    @classmethod
    def open(cls, reference: str | int) -> Namespace:
        """An existing one by NAME, PID, path, `docker:NAME`, `LAB/HOST`. Gone, Invalid, CallFailed."""
        path = f"/proc/{reference}/ns/net" if isinstance(reference, int) else locate(reference)
        # By its name, so that an error can tell of names that are close.
        found = cls(_name_of(str(reference), path), path=str(reference) if path == path_of(str(reference)) else path)
        found.fileno()
        return found

    @classmethod
    def current(cls) -> Namespace:
        """That of the calling thread; `name` is "" when it has none. `ip netns identify`"""
        path = "/proc/thread-self/ns/net"
        status = os.stat(path)
        found = cls((namespaces.names_of(status.st_dev, status.st_ino) or [""])[0], path=path, inode=status.st_ino)
        found.fileno()
        return found

    @classmethod
    def list(cls) -> tuple[Namespace, ...]:
        """Every name behind which there is a namespace, none of them opened yet. `ip netns list`"""
        return tuple(cls(e.name, inode=e.inode) for e in namespaces.entries() if e.inode)

    def delete(self, wait: bool = False) -> None:
        """Remove the name. `ip netns delete NAME`. Gone, CallFailed.

        The namespace goes when its last holder does: see `holders()`. `wait=True` comes back when the kernel has freed it
        (CallFailed with EBUSY after 30 s).
        """
        if wait:
            return self._delete_and_wait()
        self.close()
        return namespaces.delete(self.name)

    def _delete_and_wait(self) -> None:
        from ..kernel.freed import wait_until_freed

        fd = os.dup(self.fileno())
        self.close()
        with Netlink() as here:
            if not wait_until_freed(here, fd, lambda: namespaces.delete(self.name)):
                raise CallFailed(f"{self.name} is not freed", 16, why="something holds it", fix="see holders() before deleting")

    def close(self) -> None:
        """Let go of the namespace. Using this object again opens it again."""
        self._channel.close()

    def __del__(self) -> None:
        self._channel.close()

    def fileno(self) -> int:
        """An open file of the namespace, for setns(2); it belongs to this object. Gone, CallFailed."""
        return self._channel.fd()

    @property
    def inode(self) -> int:
        """The number that `ls -i`, `lsns` and `readlink /proc/PID/ns/net` show."""
        return self._channel.inode()

    @property
    def nsid(self) -> int:
        """Its number as seen from the caller's namespace, -1 for none: `ip netns list-id`. Assign to give it one (-1: any).

        Exists when it has one already.
        """
        with Netlink() as here:
            return nsid.get_nsid(here, self.fileno())

    @nsid.setter
    def nsid(self, number: int) -> None:
        with Netlink() as here:
            nsid.set_nsid(here, self.fileno(), number)

    # -- who is in it --------------------------------------------------------------------------------------------------

    def pids(self) -> Sequence[int]:
        """The processes that are in it, by leader or by any thread: `ip netns pids NAME`."""
        return self._holders(deep=False).pids()

    def holders(self) -> Holders:
        """Everything that keeps it alive: processes, threads, open files (ours as well), mounts of every mount namespace."""
        return self._holders(deep=True)

    def _holders(self, deep: bool) -> Holders:
        status = os.fstat(self.fileno())
        return holders(status.st_dev, status.st_ino, deep=deep)

    # -- working there -------------------------------------------------------------------------------------------------

    def exec(self, argv: Sequence[str]) -> int:
        """Run a program there in the foreground, on our terminal, and give its exit code. `nw netns exec --fast NAME …`

        128 + number for a signal. /sys stays the caller's. CallFailed when it cannot start.
        """
        from ..kernel.run import execute

        return execute(self.fileno(), argv)

    def run(
        self,
        argv: Sequence[str],
        *,
        input: str | bytes | None = None,
        capture: bool = True,
        timeout: float | None = None,
        check: bool = False,
    ) -> Completed:
        """Run a program there to its end: Completed(code, out, err), text with surrogates for what is not UTF-8.

        `timeout` in seconds, after which it is killed. ProgramFailed after that, or with `check` for any code but 0;
        CallFailed when it cannot start.
        """
        from ..kernel.run import ProgramFailed, run

        done = run(self.fileno(), argv, input=input, capture=capture, timeout=timeout)
        if check and done.code:
            raise ProgramFailed(f"{argv[0]} ended with exit code {done.code}", done, why=done.err.strip())
        return done

    def socket(self, family: int = 2, type: int = 1, proto: int = 0) -> socket.socket:
        """An ordinary socket.socket that lives there for ever, whoever uses it; the caller does not move. OSError."""
        import socket

        return self._channel.inside(lambda: socket.socket(family, type, proto))

    def __enter__(self) -> Namespace:
        """Move the calling thread there (its netns only: /sys stays). CallFailed where it may not go, or not come back."""
        back = my_namespace()
        try:
            self._enter(back)
        except CallFailed:
            os.close(back)
            raise
        stack = self._visits.__dict__.setdefault("stack", [])
        stack.append(back)
        return self

    def _enter(self, back: int) -> None:
        try:
            setns(back, CLONE_NEWNET)
        except OSError as error:
            why = "this thread could not come back: its own namespace belongs to another user namespace"
            raise _may_not(self, error, why) from None
        try:
            setns(self.fileno(), CLONE_NEWNET)
        except OSError as error:
            raise _may_not(self, error, "needs CAP_SYS_ADMIN in the user namespace that owns it, and in your own") from None

    def __exit__(self, *_: object) -> None:
        back = self._visits.stack.pop()
        try:
            setns(back, CLONE_NEWNET)
        finally:
            os.close(back)

    def visited(self, function: Callable[[Namespace], T]) -> T:
        """function(self) with the calling thread moved here for good; for `sweep`'s own thread."""
        try:
            self._visit()
            return function(self)
        finally:
            self.close()

    def _visit(self) -> None:
        try:
            self._channel.visit()
        except OSError as error:
            raise _may_not(self, error, "needs CAP_SYS_ADMIN in the user namespace that owns it, and in your own") from None

    # -- changes and events --------------------------------------------------------------------------------------------

    def batch(self) -> Batch:
        """`with ns.batch() as b: b.links.add(…)`: everything in one go at the end of the `with`. BatchFailed."""
        return Batch(self._channel)

    def events(self, groups: Iterable[str] = GROUPS, *, timeout: float | None = None) -> Events:
        """What happens from now on, as an iterator of Event: `ip monitor`. See Events."""
        from .events import Events

        return Events(self._channel, tuple(groups), timeout)

    def aevents(self, groups: Iterable[str] = GROUPS) -> AsyncEvents:
        """The same for a running event loop: `async for event in ns.aevents(): …`"""
        from .aevents import AsyncEvents

        return AsyncEvents(self._channel, tuple(groups))


def _may_not(namespace: Namespace, error: OSError, why: str) -> CallFailed:
    text = f"cannot enter {namespace!r}: {error.strerror}"
    return CallFailed(text, error.errno or 0, why=why, fix="ns.run(), ns.socket() and ns.links need not move you")


def _name_of(reference: str, path: str) -> str:
    """The name in the netns directory, or "" for a namespace reached in another way that has none."""
    if path == path_of(reference):
        return reference
    try:
        status = os.stat(path)
    except FileNotFoundError:
        raise Gone(f'Cannot open network namespace "{reference}": No such file or directory', why=f"{path} is not there") from None
    except OSError as error:
        raise CallFailed(f'Cannot open network namespace "{reference}": {error.strerror}', error.errno or 0) from None
    return (namespaces.names_of(status.st_dev, status.st_ino) or [""])[0]
