"""Work in a process of its own, forked from the sandbox's server, which has everything imported: a tenth of the time of a new Python."""

import importlib
import os
import sys
from collections.abc import Callable


def imported(places: list[str], *modules: str) -> None:
    """Import what the work will need, once, from these places."""
    sys.path += [place for place in places if place not in sys.path]
    for name in modules:
        importlib.import_module(name)


def called(module: str, function: str, places: list[str], words: list[str], env: dict[str, str], stdin: str = "") -> dict[str, object]:
    """`function(*words)` of a module beside this one; its answer is the exit code."""
    imported(places, module)
    return forked(lambda: getattr(sys.modules[module], function)(*words), env, stdin)


def forked(work: Callable[[], int], env: dict[str, str], stdin: str = "") -> dict[str, object]:
    """Do the work to its end: code (negative for a signal), out, err."""
    files = [os.memfd_create(name) for name in ("in", "out", "err")]
    os.write(files[0], os.fsencode(stdin))
    os.lseek(files[0], 0, os.SEEK_SET)
    pid = os.fork()
    if pid == 0:
        _child(work, env, files)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    _, out, err = (_content(fd) for fd in files)
    return {"code": code, "out": out, "err": err}


def _content(fd: int) -> str:
    os.lseek(fd, 0, os.SEEK_SET)
    with os.fdopen(fd, "rb") as file:
        return os.fsdecode(file.read())


def _child(work: Callable[[], int], env: dict[str, str], files: list[int]) -> None:
    code = 70
    try:
        os.setsid()
        for number, fd in enumerate(files):
            os.dup2(fd, number)
        os.environ.update(env)
        streams = ((0, "r", "strict"), (1, "w", "strict"), (2, "w", "backslashreplace"))
        sys.stdin, sys.stdout, sys.stderr = (os.fdopen(fd, mode, errors=errors) for fd, mode, errors in streams)
        code = work()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1 if end.code else 0
    finally:
        if sys.exc_info()[0]:
            import traceback

            traceback.print_exc()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)
