"""A test without root that uses labs: its function runs in a thread whose home is a network namespace of ours.

`with host:` moves a thread into a host and back, and without root the way back into the machine's network is barred. So the
function gets a thread with an empty network of its own (lo is up), fresh for each test. Fixtures stay in the main thread.
"""

from __future__ import annotations

import contextvars
import inspect
import threading
from contextlib import contextmanager

import pytest

from ..kernel.interrupt import raise_in
from ..kernel.loopback import bring_lo_up
from ..kernel.syscalls import CLONE_NEWNET, unshare
from .rights import stranded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_GRACE = 1.0


@contextmanager
def moved(item: pytest.Function) -> Iterator[None]:
    """For as long as this lasts, the item's function is one that runs it in such a thread, where that is needed."""
    function = item.obj
    if inspect.iscoroutinefunction(function) or not stranded():
        yield
        return

    def in_a_thread(**arguments: Any) -> Any:
        __tracebackhide__ = True
        return at_home(lambda: function(**arguments))

    item.obj = in_a_thread
    try:
        yield
    finally:
        item.obj = function


def at_home(work: Callable[[], Any]) -> Any:
    """work() in a fresh thread with a fresh network; its result, or its exception. Context variables are copied."""
    __tracebackhide__ = True
    box: list[tuple[bool, Any]] = []
    done = threading.Lock()
    done.acquire()

    def body() -> None:
        __tracebackhide__ = True
        try:
            unshare(CLONE_NEWNET)
            bring_lo_up()
            box.append((True, work()))
        except BaseException as error:  # noqa: BLE001 - carried to the main thread, whatever it is
            box.append((False, error))
        finally:
            done.release()

    # A daemon: one that waits for ever in a system call may not keep pytest from ending.
    thread = threading.Thread(target=contextvars.copy_context().run, args=(body,), name="test", daemon=True)
    thread.start()
    try:
        done.acquire()
    except BaseException as error:
        _break_off(thread, done, error, box)
        raise
    thread.join()
    good, result = box[0]
    if not good:
        raise result
    return result


def _break_off(thread: threading.Thread, done: threading.Lock, error: BaseException, box: list[tuple[bool, Any]]) -> None:
    """Ctrl-C or the signal of a time-out came to the main thread: pass it on, and show where in the test it came."""
    raise_in(thread, type(error))
    if done.acquire(timeout=_GRACE) and box and isinstance(box[0][1], type(error)):
        error.__traceback__ = box[0][1].__traceback__
