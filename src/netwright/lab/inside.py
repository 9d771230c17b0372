"""Work inside a lab's holder, by a child process that goes there: the caller stays where it is, and can do what only outside can be done.

Without root there is no way back out of a user namespace, so it is a child that enters. It sends back a value, or the error.
"""

from __future__ import annotations

import os
import pickle
import sys
from struct import Struct

from ..errors import NetwrightError
from ..kernel.holder import Holder, enter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    T = TypeVar("T")
    Tell = Callable[[Any], None]

_SIZE = Struct("=I")
_VALUE, _ERROR, _NEWS = 0, 1, 2


class InsideFailed(NetwrightError):
    """What went wrong inside; `op` is the operation that was refused, None when it was something else; `kind` the error's class, "" when the child was killed."""

    def __init__(self, what: str, *, why: str = "", fix: str = "", op: Any = None, kind: str = "") -> None:
        super().__init__(what, why=why, fix=fix)
        self.op, self.kind = op, kind


def inside(holder: Holder, work: Callable[[Tell], T], listen: Callable[[Any], None] | None = None) -> T:
    """work(tell) in a child process inside the holder; its result. What it `tell`s comes to `listen` meanwhile.

    The caller has one thread. InsideFailed with the words of any NetwrightError that `work` raises; also when the child is
    killed.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _child(holder, work, writing)
    os.close(writing)
    try:
        return _answer(reading, child, listen)  # type: ignore[no-any-return]
    finally:
        os.close(reading)


def _child(holder: Holder, work: Callable[[Tell], Any], writing: int) -> None:
    """Never returns: no clean-up of the parent's may run a second time here."""
    code = 1
    try:
        enter(holder)
        _send(writing, _VALUE, work(lambda news: _send(writing, _NEWS, news)))
        code = 0
    except NetwrightError as error:
        _send(writing, _ERROR, (error.what, error.why, error.fix, getattr(error, "op", None), type(error).__name__))
    except OSError as error:
        _send(writing, _ERROR, (str(error), "", "", None, "OSError"))
    except KeyboardInterrupt:
        _send(writing, _ERROR, ("interrupted", "Ctrl-C", "", None, "KeyboardInterrupt"))
        code = 130
    finally:
        if code == 1 and sys.exc_info()[0]:
            sys.excepthook(*sys.exc_info())  # a mistake of ours: nobody further up would tell it
        os._exit(code)


def _send(fd: int, kind: int, what: Any) -> None:
    data = pickle.dumps((kind, what))
    view = memoryview(_SIZE.pack(len(data)) + data)
    while view:
        view = view[os.write(fd, view) :]


def _answer(reading: int, child: int, listen: Callable[[Any], None] | None) -> Any:
    try:
        while True:
            kind, what = _received(reading)
            if kind == _VALUE:
                return what
            if kind == _ERROR:
                raise InsideFailed(what[0], why=what[1], fix=what[2], op=what[3], kind=what[4])
            if listen:
                listen(what)
    except EOFError:
        raise InsideFailed("the work inside the lab was broken off", why="its process ended before it had an answer", fix="try again, or: nw gc") from None
    finally:
        os.waitpid(child, 0)


def _received(fd: int) -> tuple[int, Any]:
    (size,) = _SIZE.unpack(_exactly(fd, _SIZE.size))
    found: tuple[int, Any] = pickle.loads(_exactly(fd, size))
    return found


def _exactly(fd: int, size: int) -> bytes:
    parts, left = [], size
    while left:
        part = os.read(fd, min(left, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
