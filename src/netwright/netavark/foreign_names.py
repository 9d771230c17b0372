"""Somebody else's aardvark-dns: the files that it reads, the signal that it reads them again by, and starting it.

    CONFIG/aardvark-dns/NETWORK[%int]   line 1: addresses to listen on, perhaps servers; then `ID V4S V6S NAMES [SERVERS]`
    CONFIG/aardvark.lock                held by whoever writes there
"""

import fcntl
import os
import signal
from contextlib import contextmanager

from ..errors import CallFailed
from ..networks.dns.zone import Host, Zone
from .making import How

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_INTERNAL = "%int"


def told(some: "Iterable[tuple[Zone, Host]]", how: How) -> None:
    """Write the names down, and have them read."""
    with _locked(how) as directory:
        for zone, host in some:
            _add(directory, zone, host)
        _notify(directory, how, start=True)


def forgotten(container: str, networks: "Iterable[str]", how: How) -> None:
    """Take the container's lines out, and files without containers away."""
    if not os.path.isdir(_directory(how)):
        return
    with _locked(how) as directory:
        gone = [_without(f"{directory}/{name}{kind}", container) for name in networks for kind in ("", _INTERNAL)]
        if any(gone):
            _notify(directory, how)


def changed(network: str, servers: "tuple[str, ...]", how: How) -> None:
    """Other servers in the first line."""
    if not os.path.isdir(_directory(how)):
        return
    with _locked(how) as directory:
        for path in (f"{directory}/{network}{kind}" for kind in ("", _INTERNAL)):
            lines = _lines(path)
            if lines:
                _put(path, [head(tuple(lines[0].split(" ")[0].split(",")), servers), *lines[1:]])
        _notify(directory, how)


def head(listen: "tuple[str, ...]", servers: "tuple[str, ...]") -> str:
    """The first line."""
    return " ".join(part for part in (",".join(listen), ",".join(servers)) if part)


def line(host: Host) -> str:
    """A container's."""
    by_family = {":" in a: ",".join(b for b in host.addresses if (":" in b) == (":" in a)) for a in host.addresses}
    words = [host.id, by_family.get(False, ""), by_family.get(True, ""), ",".join(host.names)]
    return " ".join([*words, ",".join(host.servers)] if host.servers else words)


def _add(directory: str, zone: Zone, host: Host) -> None:
    name = zone.network.partition(":")[2]
    path = f"{directory}/{name}{'' if zone.forward else _INTERNAL}"
    lines = _lines(path) or [head(zone.listen, zone.servers)]
    _put(path, [*(one for one in lines if one.split(" ")[0] != host.id), line(host)])


def _without(path: str, container: str) -> bool:
    lines = _lines(path)
    kept = [one for one in lines if one.split(" ")[0] != container]
    if len(kept) == len(lines):
        return False
    if len(kept) > 1:
        _put(path, kept)
    else:
        os.unlink(path)
    return True


def _lines(path: str) -> "list[str]":
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []


def _put(path: str, lines: "list[str]") -> None:
    # Behind a dot, for aardvark-dns reads every other name of the directory.
    new = f"{os.path.dirname(path)}/../.aardvark-new"
    with open(new, "w", encoding="utf-8") as file:
        file.write("".join(f"{one}\n" for one in lines))
    os.rename(new, path)


def _directory(how: How) -> str:
    return f"{how.config}/aardvark-dns"


@contextmanager
def _locked(how: How) -> "Iterator[str]":
    try:
        os.makedirs(_directory(how), 0o700, exist_ok=True)
        fd = os.open(f"{how.config}/aardvark.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CallFailed(f"cannot write in {how.config}", error.errno or 0, why=error.strerror or "", fix="give another directory: --config DIR") from None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield _directory(how)
    finally:
        os.close(fd)


def _notify(directory: str, how: How, *, start: bool = False) -> None:
    try:
        with open(f"{directory}/aardvark.pid", encoding="ascii") as file:
            pid = int(file.read())
        # After a kill -9 the number may be anybody's.
        with open(f"/proc/{pid}/cmdline", "rb") as file_of_it:
            there = b"aardvark" in file_of_it.read()
        if there:
            os.kill(pid, signal.SIGHUP)
            return
    except (OSError, ValueError):
        pass  # none runs
    if start:
        _start(directory, how)


def _start(directory: str, how: How) -> None:
    """It comes back when its child is ready."""
    from ..kernel.exchange import exchange

    argv = [how.aardvark, "--config", directory, "-p", str(how.dns_port), "run"]
    try:
        code, _ = exchange(how.aardvark, argv, dict(os.environ), b"")
    except OSError as error:
        raise CallFailed(f"cannot start {how.aardvark}", error.errno or 0, why=error.strerror or "") from None
    if code != 0:
        raise CallFailed(f"{how.aardvark} ended with exit code {code}", 0, why="what it said is on standard error")
