"""The way into one namespace: an open file of it and one netlink socket, opened when first needed, used under a lock."""

from __future__ import annotations

import _thread
import os
from contextlib import contextmanager

from ..engine.apply import apply
from ..engine.session import Session
from ..errors import Gone, KernelError
from ..kernel.namespaces import run_inside
from ..kernel.references import open_namespace
from ..kernel.syscalls import CLONE_NEWNET, setns
from .refused import refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeVar

    from ..plan.ops import MessageOp

    T = TypeVar("T")


class Channel:
    """`reference` is what the namespace is opened by, `inode` what must be found there (0: anything), `label` for messages."""

    def __init__(self, reference: str, label: str, inode: int = 0) -> None:
        self.reference, self.label = reference, label
        self._inode = inode
        self._fd = -1
        self._session: Session | None = None
        self._lock = _thread.RLock()

    def fd(self) -> int:
        """The open file. Gone when there is nothing (any more), CallFailed when it may not be opened."""
        with self._lock:
            if self._fd < 0:
                fd = open_namespace(self.reference)
                found = os.fstat(fd).st_ino
                if self._inode not in (0, found):
                    os.close(fd)
                    raise Gone(f"{self.label} is another namespace now", why="it was deleted and made anew", fix="open it again")
                self._fd, self._inode = fd, found
            return self._fd

    def inode(self) -> int:
        """The number of the namespace in nsfs."""
        if not self._inode:
            self.fd()
        return self._inode

    @contextmanager
    def session(self) -> Iterator[Session]:
        """The socket, for this thread alone until the end of the `with`."""
        with self._lock:
            if self._session is None:
                self._session = Session(self.fd())
            yield self._session

    def do(self, op: MessageOp) -> None:
        """One operation. KernelError with the operation as its subject; Gone for a device that is not there."""
        for error in self.do_all([op]):
            if error:
                raise error

    def do_all(self, wanted: Sequence[MessageOp]) -> list[KernelError | None]:
        """Many operations in as few messages as can be; for each None or its error."""
        with self.session() as session:
            try:
                results = apply(wanted, session)
            finally:
                session.chosen.clear()
                session.release()
        return [refused(error, op, self.label) if error else None for op, error in zip(wanted, results, strict=True)]

    def inside(self, work: Callable[[], T]) -> T:
        """work() in a short-lived thread in the namespace."""
        return run_inside(self.fd(), work)

    def visit(self) -> None:
        """Move the calling thread there and open the socket from inside. OSError when it may not enter."""
        setns(self.fd(), CLONE_NEWNET)
        self._session = Session()

    def close(self) -> None:
        """Close file and socket: they hold the namespace. The next use opens it again."""
        with self._lock:
            if self._session is not None:
                self._session.close()
                self._session = None
            if self._fd >= 0:
                os.close(self._fd)
                self._fd = -1
