"""Where container networks are written down: what outlives the machine's boot, and what ends with it."""

import os

from ..errors import CallFailed

STATE, RUN = "/var/lib/netwright", "/run/netwright"


def state_directory() -> str:
    """/var/lib/netwright, or NETWRIGHT_STATE_DIR; not made here."""
    return os.environ.get("NETWRIGHT_STATE_DIR") or STATE


def run_directory() -> str:
    """/run/netwright, or NETWRIGHT_RUN_DIR; not made here."""
    return os.environ.get("NETWRIGHT_RUN_DIR") or RUN


def made(path: str) -> str:
    """The directory, which is there afterwards and only its owner's. CallFailed with the way out."""
    try:
        os.makedirs(path, 0o700, exist_ok=True)
    except OSError as error:
        raise refused(f"cannot make {path}", error.errno or 0) from None
    return path


def write_whole(path: str, data: bytes, new: str, mode: int = 0o600) -> None:
    """Write a file as `new`, beside it, and move it there: who reads it finds all of it, or what was there before. OSError; then there is
    no `new`."""
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            if mode != 0o600:
                os.fchmod(fd, mode)  # whatever the umask is
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(fd, rest) :]
        finally:
            os.close(fd)
        os.rename(new, path)
    except OSError:
        remove(new)
        raise


def remove(path: str) -> None:
    """Remove a file if it is there. OSError."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def absent(path: str, errno: "int | None") -> None:
    """Nothing is there, as the error says. CallFailed where nobody could look: what may be there must not be taken for gone."""
    import errno as numbers

    if errno in (numbers.EMFILE, numbers.ENFILE, numbers.ENOMEM, numbers.EIO):
        raise refused(f"cannot look at {path}", errno)


def refused(what: str, errno: int, why: str = "") -> CallFailed:
    """The error of a file that cannot be written, with what mends it."""
    import errno as numbers

    elsewhere = "or take another place: NETWRIGHT_STATE_DIR and NETWRIGHT_RUN_DIR"
    root = "run it with sudo; or without root, in namespaces of your own: nw rootless nw …"
    fixes = {
        numbers.ENOSPC: f"make room, {elsewhere}", numbers.EDQUOT: f"make room, {elsewhere}",
        numbers.EROFS: f"make it writable, {elsewhere}",
        numbers.EEXIST: f"move it away, {elsewhere}", numbers.ENOTDIR: f"move it away, {elsewhere}",
        numbers.EACCES: f"{root}, {elsewhere}", numbers.EPERM: f"{root}, {elsewhere}",
        numbers.EMFILE: "raise the limit of open files: ulimit -n 1024", numbers.ENFILE: "sudo sysctl -w fs.file-max=1000000",
    }  # fmt: skip
    return CallFailed(what, errno, why=why or os.strerror(errno), fix=fixes.get(errno, ""))
