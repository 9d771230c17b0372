"""One responder for all networks of a host: `ensure` that it runs and knows what is written, `serve` is what it does.

How it works. Who serves holds the lock responder.lock for life; that is how it is known to run, even after kill -9. `ensure` asks it
over responder.sock to load, and gets what is the matter with each network. When nobody answers, `ensure` takes the lock and hands it to
a new process, together with a pipe on which that one says that it is ready, or why not. The responder ends by itself when there is
no network left: it takes its socket away first, so that whoever writes a network at that moment finds nobody, waits for the lock and
starts another one.
"""

import os

from ...errors import Busy, CallFailed, Conflict, NetwrightError
from . import zones

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LOCK, SOCKET, PID, LOG = "responder.lock", "responder.sock", "responder.pid", "responder.log"
_PATIENCE = 10.0
_SLOW = 0.005
_MOST_FILES = 1 << 16
_BUS = ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")  # how the user's systemd is found


def ensure(directory: str = "", network: str = "") -> None:
    """Every network that has a file is served when this returns. Conflict when the address of `network` cannot be had (of any network,
    where none is named): who has it. Busy when the responder gives no answer."""
    path = zones.made(directory)
    status = _loaded(path, f"load {network}".strip().encode())
    problems = status.get("files", {}), {name: found["problems"] for name, found in status.get("networks", {}).items()}
    told = [f"{name}: {words}" for part in problems for name, some in part.items() for words in some]
    if told:
        what = f"the names of {network or 'some networks'} cannot be served"
        raise Conflict(what, why="; ".join(told), fix="stop who has the address, or give the network another one; see: nw dns status")


def status(directory: str = "") -> "dict[str, Any] | None":
    """What the responder says of itself; None when none runs."""
    try:
        return _asked(zones.where(directory), b"status")
    except OSError:
        return None


def stop(directory: str = "") -> bool:
    """End the responder, and wait until it has. False when none runs."""
    path = zones.where(directory)
    try:
        _asked(path, b"stop")
    except OSError:
        return False
    _wait(lambda: _is_free(path))
    return True


def _is_free(path: str) -> bool:
    lock = _lock(path)
    if lock is not None:
        os.close(lock)
    return lock is not None


def _loaded(path: str, request: bytes) -> "dict[str, Any]":
    """The answer to `load`, of the responder that runs or of a new one; {} when there is no network to serve."""
    found: list[dict[str, Any]] = []

    def tried() -> bool:
        try:
            found.append(_asked(path, request))
            return True
        except OSError:
            pass  # none runs, or it is just ending
        if not zones.names(path):
            found.append({})
            return True
        lock = _lock(path)
        if lock is not None:
            _start(path, lock)
        return False

    _wait(tried)
    return found[-1]


def _asked(path: str, request: bytes) -> "dict[str, Any]":
    from ...kernel.control import ask
    from ...model.jsontext import read

    answer = ask(path, SOCKET, request, _PATIENCE)
    if not answer:
        raise ConnectionResetError("it ended")
    result: dict[str, Any] = read(answer)
    return result


def _wait(done: "Any") -> None:
    from time import monotonic, sleep

    until, pause = monotonic() + _PATIENCE, _SLOW
    while not done():
        if monotonic() > until:
            raise Busy("the responder for names gives no answer", why=f"in {_PATIENCE:g} s", fix="see: nw dns status")
        sleep(pause)
        pause = min(pause * 1.5, 0.1)


def _lock(path: str) -> int | None:
    """The lock of who serves, as an open file; None when somebody has it."""
    import fcntl

    try:
        fd = os.open(f"{path}/{LOCK}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd


def _start(path: str, lock: int) -> None:
    """Start a responder that has the lock, and wait until it is ready. NetwrightError with what it says when it cannot."""
    try:
        said = _spawned(path, lock, _scope())
    finally:
        os.close(lock)
    if said != "ready":
        raise NetwrightError("the responder for names did not start", why=said.strip() or "it ended at once", fix=f"see {path}/{LOG}")


def _spawned(path: str, lock: int, by: "list[str]") -> str:
    """What the new process says. Where systemd gives no scope it does without."""
    from ...kernel.python import little_environment, spawn_python

    program = "from netwright.networks.dns.responder import detached; detached(*sys.argv[1:])"
    environment = {**little_environment(), **({name: os.environ[name] for name in _BUS if name in os.environ} if by else {})}
    ours, theirs = os.pipe2(os.O_CLOEXEC)
    nothing = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
    try:
        fds = [(lock, 0), (theirs, 1), (nothing, 2)]
        pid = spawn_python(program, path, _place_of_dnspython(), fds=fds, environment=environment, by=by)
    finally:
        os.close(theirs)
        os.close(nothing)
    with os.fdopen(ours, "rb") as pipe:
        said = pipe.read().decode(errors="replace")
    os.waitpid(pid, 0)
    return said if said or not by else _spawned(path, lock, [])


def _scope() -> "list[str]":
    """`systemd-run --scope`, where systemd runs: when a service or a session ends, systemd kills all that was started in it, and the names
    are those of other containers too."""
    if not os.path.isdir("/run/systemd/system"):
        return []
    from ...kernel.process import find_program

    with open("/proc/self/uid_map", encoding="ascii") as file:
        is_the_machines_root = os.geteuid() == 0 and file.read().split() == ["0", "0", "4294967295"]
    if not is_the_machines_root and "XDG_RUNTIME_DIR" not in os.environ:
        return []
    program = find_program("systemd-run", but_not=[])
    whose = [] if is_the_machines_root else ["--user"]
    return [program, "--quiet", "--scope", "--collect", *whose, "--"] if program else []


def _place_of_dnspython() -> str:
    """The directory that the package is in, not whatever else is called dns.py. CallFailed when it is not installed."""
    import errno
    import sys

    found = next((place for place in sys.path if os.path.isfile(f"{place or '.'}/dns/message.py")), None)
    if found is None:
        raise CallFailed("names need dnspython, which is not installed", errno.ENOENT, fix="pip install 'dnspython>=2.6'")
    return os.path.abspath(found)


def detached(path: str, place: str) -> None:
    """What the new process does: let go of whoever started it, and serve. Its file 0 is the lock, 1 the pipe to say that it is ready."""
    import sys

    os.setsid()
    if os.fork():
        os._exit(0)
    # Open files of whoever started us, a runtime's pipes or locks, must not stay open as long as we live.
    os.closerange(3, _MOST_FILES)
    os.chdir("/")
    sys.path.append(place)
    lock, pipe = (_moved(fd) for fd in (0, 1))
    log = os.open(f"{path}/{LOG}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    os.dup2(log, 2)
    os.close(log)
    try:
        serve(path, lock, pipe)
    except (NetwrightError, OSError, ImportError) as error:
        _say(pipe, f"{type(error).__name__}: {error}")
        raise


def _moved(fd: int) -> int:
    """The open file under another number, and nothing in its place."""
    import fcntl

    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)
    nothing = os.open("/dev/null", os.O_RDWR)
    os.dup2(nothing, fd)
    if nothing != fd:
        os.close(nothing)
    return moved


def _say(pipe: int, words: str) -> None:
    try:
        os.write(pipe, words.encode())
    except OSError:
        return  # who started us does not wait any more


def serve(directory: str = "", lock: int | None = None, pipe: int = -1) -> None:
    """Serve the networks of a directory until there is none left, or SIGTERM comes; SIGHUP loads anew. Conflict when somebody serves
    it already. In the foreground, unless started by `ensure`."""
    path = zones.made(directory)
    held = lock if lock is not None else _lock(path)
    if held is None:
        raise Conflict(f"the names in {path} are served already", fix="see: nw dns status")
    from .serving import Serving

    serving = Serving(path)
    if pipe >= 0:
        _say(pipe, "ready")
        os.close(pipe)
    try:
        serving.run()
    finally:
        serving.close()
        os.close(held)
