"""A program that is given its whole input and answers on its standard output: no subprocess, no threads, no deadlock."""

import os


def exchange(path: str, argv: "list[str]", environment: "dict[str, str]", text: bytes) -> "tuple[int, bytes]":
    """Start a program, give it `text`, and wait: its exit code (128 + number for a signal) and output; errors go where ours go.

    OSError when it cannot start.
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
        out = _all_of(ours)
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


def _all_of(fd: int) -> bytes:
    parts = []
    while part := os.read(fd, 1 << 16):
        parts.append(part)
    return b"".join(parts)
