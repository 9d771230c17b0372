"""Programs that run in another namespace, started from here.

A short-lived thread goes there and starts the program: the child inherits the thread's namespace, and neither the caller
nor its process moves. /sys and /etc/netns stay the caller's, as with `nsenter --net`.
"""

from __future__ import annotations

import os
from errno import ENOENT

from ..errors import CallFailed, NetwrightError
from ..model.value import value
from .process import exit_code, is_there
from .spaces import run_inside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


@value
class Completed:
    """How a program ended: exit code (128 + number for a signal), what it wrote to stdout and stderr."""

    code: int
    out: str = ""
    err: str = ""


class ProgramFailed(NetwrightError):
    """A program ended with an exit code other than 0, or took too long: see `completed`."""

    def __init__(self, what: str, completed: Completed, *, why: str = "") -> None:
        super().__init__(what, why=why)
        self.completed = completed


def execute(inside: int, argv: Sequence[str]) -> int:
    """Run a program in the foreground, with our stdin, stdout and stderr; its exit code. CallFailed when it cannot start."""
    try:
        pid = run_inside(inside, lambda: os.posix_spawnp(argv[0], list(argv), os.environ))
    except OSError as error:
        raise _cannot_start(argv[0], error) from None
    return exit_code(os.waitpid(pid, 0)[1])


def run(
    inside: int, argv: Sequence[str], *, input: str | bytes | None = None, capture: bool = True, timeout: float | None = None
) -> Completed:
    """Run a program to its end; text that is not UTF-8 comes through as surrogates. CallFailed, ProgramFailed (time-out)."""
    import subprocess

    pipe = subprocess.PIPE
    given = input.encode("utf-8", "surrogateescape") if isinstance(input, str) else input
    stdin = subprocess.DEVNULL if given is None else pipe
    ways = (pipe, pipe) if capture else (None, None)
    try:
        process = run_inside(inside, lambda: subprocess.Popen(list(argv), stdin=stdin, stdout=ways[0], stderr=ways[1]))
    except OSError as error:
        raise _cannot_start(argv[0], error) from None
    with process:
        try:
            out, err = process.communicate(given, timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            ended = Completed(137, *map(_text, process.communicate()))
            raise ProgramFailed(f"{argv[0]} was ended", ended, why=f"it took longer than {timeout:g} s") from None
    return Completed(process.returncode if process.returncode >= 0 else 128 - process.returncode, _text(out), _text(err))


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "surrogateescape")


def _cannot_start(program: str, error: OSError) -> CallFailed:
    if isinstance(error, FileNotFoundError) or not is_there(program):
        # Also where a directory of PATH may not be read: that gives EACCES for a program that is nowhere.
        return CallFailed(f'exec of "{program}" failed: {os.strerror(ENOENT)}', ENOENT, why="no such program in PATH")
    return CallFailed(f'exec of "{program}" failed: {error.strerror}', error.errno or 0)
