"""An exception for another thread of this process: it is raised there as soon as it runs Python again."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from threading import Thread


def raise_in(thread: Thread, kind: type[BaseException]) -> None:
    """Raise kind() in the thread. One that waits in a system call for ever is not reached. PyThreadState_SetAsyncExc"""
    import ctypes

    if thread.ident is not None and thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(kind))
