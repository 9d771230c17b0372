"""Standard output and error of the executables that a runtime calls: whole, or an exit code that says it was not."""

import os
import sys


def answer(who: str, text: str, code: int) -> int:
    """Write a line to standard output ("" is none). The exit code; 1 where nobody takes it: a runtime takes the container away then."""
    rest = f"{text}\n".encode() if text else b""
    try:
        while rest:
            rest = rest[os.write(1, rest) :]
    except OSError as error:
        say(who, f"the answer cannot be written: {error.strerror}")
        return 1
    return code


def say(who: str, text: str) -> None:
    """A line to whoever reads standard error. Nothing fails where nobody does."""
    put(f"{who}: {text}\n")


def put(text: str) -> None:
    """The same as it stands."""
    if sys.stderr is None:
        return  # closed from the start: the number may be another file's by now
    try:
        os.write(2, text.encode("utf-8", "backslashreplace"))
    except OSError:
        return
