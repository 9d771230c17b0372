"""`dhcp daemon`, with the words of upstream's, and ours: `nw cni dhcp daemon`.

    -socketpath PATH      where to listen (default /run/cni/dhcp.sock); systemd's socket activation goes before it
    -pidfile PATH         write the process's number there, once it listens
    -hostprefix PATH      put this before the paths of namespaces and of the socket (the daemon in a container)
    -broadcast            ask servers to answer by broadcast
    -timeout 10s          the longest wait for one answer
    -resendmax 1m2s       the longest wait between two tries
    -resendtimeout 3m28s  when to give up
    -ready                say "ready" on standard output once it listens, then close it; for who starts it in the background

It ends by SIGTERM; leases stay, and the next daemon goes on with them.
"""

import os
import sys

from ...errors import Conflict, Invalid, NetwrightError
from ...kernel.local_socket import inherited, listening
from ...model.value import replace, value
from ...networks.directories import made
from .client import Patience
from .places import SOCKET, directory_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_FIRST_FD = 3  # SD_LISTEN_FDS_START


@value
class Settings:
    """The words of the command line; seconds."""

    socketpath: str = ""
    pidfile: str = ""
    hostprefix: str = ""
    broadcast: bool = False
    timeout: float = 10.0
    resendmax: float = 62.0
    resendtimeout: float = 208.0
    ready: bool = False

    @property
    def patience(self) -> Patience:
        """The same for a client."""
        longest = min(self.timeout, self.resendmax)
        return Patience(min(0.5, longest), longest, self.resendtimeout)

    @property
    def path(self) -> str:
        """Where to listen."""
        return self.hostprefix + (self.socketpath or SOCKET)


def main(argv: "list[str]") -> int:
    """Serve until SIGTERM; the exit code. `argv` are the words after `daemon`."""
    try:
        return serve(settings(argv))
    except (NetwrightError, OSError) as error:
        note(str(error))
        return 1


def settings(argv: "list[str]") -> Settings:
    """The words as Go's flag package reads them: -name value, -name=value, one dash or two. Invalid."""
    found = Settings()
    words = list(argv)
    while words:
        word = words.pop(0)
        name, equals, said = word.lstrip("-").partition("=")
        if not word.startswith("-") or name not in Settings.__match_args__:
            raise Invalid(f"dhcp daemon: {word!r} is none of -{', -'.join(Settings.__match_args__)}")
        default = getattr(Settings(), name)
        if isinstance(default, bool):
            found = replace(found, **{name: said not in ("false", "0", "f", "F", "FALSE", "False")})
            continue
        if not equals and not words:
            raise Invalid(f"dhcp daemon: -{name} needs a value")
        said = said if equals else words.pop(0)
        found = replace(found, **{name: duration(name, said) if isinstance(default, float) else said})
    if found.pidfile and not found.pidfile.startswith("/"):
        raise Invalid(f'Error writing pidfile "{found.pidfile}": path not absolute')
    return found


def duration(name: str, text: str) -> float:
    """Seconds of a duration as Go writes it: 10s, 1m30s, 500ms. Invalid."""
    total, number, rest = 0.0, "", text
    while rest:
        digits = len(rest) - len(rest.lstrip("0123456789."))
        number, rest = rest[:digits], rest[digits:]
        letters = len(rest) - len(rest.lstrip("nuµmsh"))
        unit, rest = rest[:letters], rest[letters:]
        if unit not in _UNITS or number.count(".") > 1 or not number.strip("."):
            break
        total += float(number) * _UNITS[unit]
    else:
        if total > 0:
            return total
    raise Invalid(f"dhcp daemon: -{name}: {text!r} is no time, as in 10s, 1m30s or 500ms")


def note(text: str) -> None:
    """A line for the log."""
    line = "".join(c if c.isprintable() else "?" for c in text)
    try:
        os.write(2, f"{line}\n".encode("utf-8", "backslashreplace"))
    except OSError:
        pass  # a full disk or a closed terminal must not end the leases


def serve(how: Settings) -> int:
    """The daemon. Conflict when another one has the socket already."""
    from ...engine.journal import boot_id
    from .daemon import Daemon
    from .written import Written

    _allow_many_files()
    directory = made(directory_of(how.path))
    lock = _locked(directory)
    listener = _listener(how.path)
    stopped = _on_signals()
    daemon = Daemon(
        listener, Written(directory, boot_id(), note), how.patience, note, prefix=how.hostprefix, broadcast=how.broadcast
    )
    _announce(how)
    try:
        daemon.run(stopped)
    finally:
        daemon.close()
        for path in (how.path if not _is_activated() else "", how.pidfile):
            if path and os.path.exists(path):
                os.unlink(path)
        os.close(lock)
    return 0


def _locked(directory: str) -> int:
    import fcntl

    fd = os.open(f"{directory}/lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise Conflict("another DHCP daemon keeps these leases already", fix="end it, or give this one another -socketpath") from None
    return fd


def _is_activated() -> bool:
    return os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS", "0") != "0"


def _listener(path: str) -> "_socket.socket":
    if _is_activated():
        if os.environ["LISTEN_FDS"] != "1":
            raise Invalid(f"Too many ({os.environ['LISTEN_FDS']}) FDs passed through socket activation")
        return inherited(_FIRST_FD)
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    return listening(path)


def _on_signals() -> int:
    """A file that can be read once SIGTERM or SIGINT has come."""
    import signal

    ours, theirs = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.set_wakeup_fd(theirs, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    return ours


def _allow_many_files() -> None:
    """A call and a lease that is being asked for have a file each."""
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _announce(how: Settings) -> None:
    if how.pidfile:
        with open(how.pidfile, "w", encoding="ascii") as file:
            file.write(str(os.getpid()))
    if how.ready:
        os.chdir("/")  # nobody's directory is kept from being unmounted
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        nothing = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        os.dup2(nothing, 1)
        os.close(nothing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
