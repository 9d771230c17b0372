"""A program that is given its whole input and answers on its standard output: no subprocess, no threads, no deadlock."""

import os


def exchange(path: str, argv: "list[str]", environment: "dict[str, str]", text: bytes, seconds: float = 0) -> "tuple[int, bytes]":
    """Start a program, give it `text`, and wait: its exit code (128 + number for a signal) and output; errors go where ours go.

    OSError when it cannot start; TimeoutError when it takes longer than `seconds` (0: it may take for ever), after which it is no more.
    """
    from .process import exit_code

    # The input is a file in memory, not a pipe: a program that never reads it, or answers before it has, blocks nobody.
    given = os.memfd_create("input", os.MFD_CLOEXEC)
    ours, theirs = os.pipe2(os.O_CLOEXEC)
    try:
        _fill(given, text)
        ways = [(os.POSIX_SPAWN_DUP2, given, 0), (os.POSIX_SPAWN_DUP2, theirs, 1)]
        pid = os.posix_spawn(path, argv, environment, file_actions=ways)
        os.close(theirs)
        theirs = -1
        try:
            out = _all_of(ours, seconds)
        except TimeoutError:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
            raise
        return exit_code(os.waitpid(pid, 0)[1]), out
    finally:
        for fd in (given, ours, theirs):
            if fd >= 0:
                os.close(fd)


def _fill(fd: int, text: bytes) -> None:
    rest = memoryview(text)
    while rest:
        rest = rest[os.write(fd, rest) :]
    os.lseek(fd, 0, os.SEEK_SET)


def _all_of(fd: int, seconds: float) -> bytes:
    parts = []
    while part := _read(fd, seconds):
        parts.append(part)
    return b"".join(parts)


def _read(fd: int, seconds: float) -> bytes:
    """The next piece; TimeoutError when none comes for so long."""
    if seconds:
        from select import select

        if not select([fd], [], [], seconds)[0]:
            raise TimeoutError(f"no answer in {seconds:g} s")
    return os.read(fd, 1 << 16)
