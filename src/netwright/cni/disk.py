"""Small files, a lock with a time limit, and what goes wrong with a disk in CNI's words."""

import os
import time
from errno import EACCES, EDQUOT, ENOSPC, EPERM, EROFS

from .protocol.errors import IO_FAILURE, TRY_AGAIN_LATER, CniError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

_FIXES = {
    ENOSPC: "the disk is full: make room on it, or set ipam.dataDir to a directory elsewhere",
    EDQUOT: "the quota is used up: raise it, or set ipam.dataDir to a directory elsewhere",
    EACCES: "let root write there, or set ipam.dataDir to a directory elsewhere",
    EPERM: "let root write there, or set ipam.dataDir to a directory elsewhere",
    EROFS: "the file system is mounted read-only: set ipam.dataDir to a directory elsewhere",
}


class Told:
    """`with Told(directory): …`: an OSError becomes a CniError 5 that says what to do."""

    def __init__(self, directory: str) -> None:
        self._directory = directory

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: "type[BaseException] | None", error: "BaseException | None", trace: "TracebackType | None") -> None:
        if isinstance(error, OSError):
            where = error.filename if isinstance(error.filename, str) else self._directory
            fix = _FIXES.get(error.errno or 0, "ipam.dataDir says where reservations are kept")
            raise CniError(IO_FAILURE, f"{where}: {error.strerror}", fix) from None


def lock(path: str, *, longest: float, shared: bool = False) -> int:
    """An open file with a flock(2), exclusive unless said; its end is the lock's. CniError 11 that names the holder after `longest` s."""
    import fcntl

    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    how = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB
    end, pause = time.monotonic() + longest, 0.001
    while True:
        try:
            fcntl.flock(fd, how)
            return fd
        except BlockingIOError:
            pass
        if time.monotonic() > end:
            holder = _holder(fd)
            os.close(fd)
            details = f"{holder} holds it; if that one hangs, end it"
            raise CniError(TRY_AGAIN_LATER, f"{path}: not to be had within {longest:g} s", details)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)


def _holder(fd: int) -> str:
    """Who has the lock, by /proc/locks: "1: FLOCK  ADVISORY  WRITE 4711 08:01:131073 0 EOF"."""
    inode = str(os.fstat(fd).st_ino)
    for line in read("/proc/locks").splitlines():
        words = line.split()
        if len(words) > 5 and words[1] == "FLOCK" and words[5].rpartition(":")[2] == inode:
            return f"process {words[4]} ({read(f'/proc/{words[4]}/comm').strip() or 'of another pid namespace'})"
    return "another process"


def read(path: str) -> str:
    """What a file has in it, any bytes; "" when it is not there."""
    return read_bytes(path).decode("utf-8", "surrogateescape")


def read_bytes(path: str) -> bytes:
    """The same as bytes."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return b""
    try:
        parts = [os.read(fd, 1 << 16)]
        while parts[-1]:
            parts.append(os.read(fd, 1 << 16))
    finally:
        os.close(fd)
    return b"".join(parts)


def write(path: str, text: str) -> None:
    """Put a text into a file."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        rest = memoryview(text.encode("utf-8", "surrogateescape"))
        while rest:
            rest = rest[os.write(fd, rest) :]
    finally:
        os.close(fd)


def remove(path: str) -> None:
    """Remove a file if it is there."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
