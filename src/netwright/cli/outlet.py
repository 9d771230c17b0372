"""Where the output goes, when it cannot: closed standard files, a full disk, a reader that has gone."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..errors import NetwrightError

OUTPUT = "standard output"  # the file's name in errors of text.py and of ip/context.py
GONE = 141  # as a shell says it of who was ended by SIGPIPE


def opened() -> None:
    """Standard files that are closed lead nowhere from now on: what we open would get their numbers, and our output with them."""
    while (number := os.open(os.devnull, os.O_RDWR)) < 3:
        pass
    os.close(number)
    for name, at in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            os.set_inheritable(at, True)
            setattr(sys, name, os.fdopen(at, "r" if at == 0 else "w", encoding="utf-8", errors="replace", closefd=False))


def lost(error: OSError | None = None) -> "NetwrightError | None":
    """What is wrong with standard output, if `error` came from it or its last words cannot be written; they are forgotten then, so that
    nothing tries again."""
    from ..errors import CallFailed

    try:
        if error is not None and error.filename == OUTPUT:
            raise error
        sys.stdout.flush()
    except OSError as refused:
        forget()
        return CallFailed(f"the output cannot be written: {refused.strerror}", refused.errno or 0)
    return None


def unwritten(error: OSError) -> int:
    """Told, and the exit code."""
    forget()
    sys.stderr.write(f"nw: the output cannot be written: {error.strerror}\n")
    return 1


def forget() -> None:
    """What is still in the buffer goes nowhere: Python would complain at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
