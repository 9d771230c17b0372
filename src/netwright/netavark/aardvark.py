"""A program that netavark accepts as its aardvark-dns: `aardvark-dns -c DIR -p PORT [-f DOMAIN] run`.

How it works. netavark writes a file for each network into DIR (line 1: the addresses to listen on, and perhaps servers; then a line for
each container: id, IPv4, IPv6, names, perhaps servers; "%int" behind the file's name: an internal network), reads aardvark.pid, and
sends SIGHUP to that process or starts this program, which comes back when its child is ready. The names are then served by the
same server as those of our own networks: what has not changed goes on undisturbed. Without any network it ends.
Source: the files that netavark 1.4 writes, and aardvark-dns(8).
"""

import os
import sys

from ..errors import NetwrightError
from ..networks.dns.zone import Host, Zone, why_no_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..networks.dns.server import Server

VERSION = "1.4.0"  # whose files and words these are
PID = "aardvark.pid"
_INTERNAL = "%int"
_DOMAIN = "dns.podman"
_OPTIONS = {"-c": "config", "--config": "config", "-p": "port", "--port": "port", "-f": "filter", "--filter-search-domain": "filter"}
_USAGE = "usage: aardvark-dns [-c DIR] [-p PORT] [-f DOMAIN] run|version"


class WrongWords(NetwrightError):
    """The words make no sense."""


def main(argv: list[str]) -> int:
    """0 done, 1 failed; `run` comes back when the server is ready, which goes on by itself."""
    try:
        given, command = _read_words(argv[1:])
        if command == "version":
            sys.stdout.write(f"aardvark-dns {VERSION} (netwright)\n")
            return 0
        return run(given.get("config", ""), _port(given.get("port", "5533")), given.get("filter", _DOMAIN).strip("."))
    except (NetwrightError, OSError) as error:
        sys.stderr.write(f"aardvark-dns: {error}\n")
        return 1


def _read_words(words: list[str]) -> tuple[dict[str, str], str]:
    given: dict[str, str] = {}
    rest, command = list(words), ""
    while rest:
        word, equals, text = rest.pop(0).partition("=")
        if word in ("-V", "--version"):
            return given, "version"
        if word in _OPTIONS:
            if not equals and not rest:
                raise WrongWords(f"{word} needs a value", fix=_USAGE)
            given[_OPTIONS[word]] = text if equals else rest.pop(0)
        elif word in ("run", "version") and not command:
            command = word
        else:
            raise WrongWords(f"{word!r} is unknown", fix=_USAGE)
    if not command or (command == "run" and not given.get("config")):
        raise WrongWords("-c DIR is missing" if command else "run or version is missing", fix=_USAGE)
    return given, command


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise WrongWords(f"{text!r} is no port", fix=_USAGE)
    return int(text)


# -- its files ---------------------------------------------------------------------------------------------------------------


def zone_of(file: str, text: str, port: int, domain: str) -> tuple[Zone, list[str]]:
    """The network in a file, and what in it makes no sense: such a line is passed over, for the others must go on."""
    mistakes: list[str] = []
    lines = text.splitlines()
    head = lines[0].split(" ") if lines else [""]
    listen = _addresses(head[0], f"{file}:1", mistakes)
    servers = _addresses(head[1], f"{file}:1", mistakes) if len(head) > 1 else ()
    hosts = [host for n, line in enumerate(lines[1:], 2) if line and (host := _host(line, f"{file}:{n}", mistakes))]
    network, internal = file.removesuffix(_INTERNAL), file.endswith(_INTERNAL)
    return Zone(network, listen, port, domain, (), not internal, servers, tuple(hosts)), mistakes


def _host(line: str, place: str, mistakes: list[str]) -> Host | None:
    """`ID V4,V4 V6,V6 NAME,NAME SERVER,SERVER`; a field may be empty, the last missing."""
    fields = line.split(" ")
    if len(fields) < 4 or not fields[0]:
        mistakes.append(f"{place}: four words are wanted: id, IPv4, IPv6, names")
        return None
    addresses = _addresses(f"{fields[1]},{fields[2]}", place, mistakes)
    names = []
    for name in _listed(fields[3]):
        if why := why_no_name(name):
            mistakes.append(f"{place}: {name!r}: {why}")
        else:
            names.append(name)
    return Host(fields[0], tuple(names), addresses, (), _addresses(fields[4], place, mistakes) if len(fields) > 4 else ())


def _addresses(text: str, place: str, mistakes: list[str]) -> tuple[str, ...]:
    from ..model.addressing import number_of

    out = []
    for one in _listed(text):
        try:
            number_of(one)
            out.append(one)
        except ValueError as error:
            mistakes.append(f"{place}: {error}")
    return tuple(out)


def _listed(text: str) -> "Iterator[str]":
    return (word for word in text.split(",") if word)


def read(directory: str, port: int, domain: str) -> tuple[dict[str, Zone], list[str]]:
    """All networks of a directory, and what in their files makes no sense."""
    zones: dict[str, Zone] = {}
    mistakes: list[str] = []
    for name in sorted(os.listdir(directory)):
        path = f"{directory}/{name}"
        # aardvark.pid, aardvark.lock: netavark's and ours.
        if name.startswith(("aardvark.", ".")) or not os.path.isfile(path):
            continue
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read()
        except FileNotFoundError:
            continue
        zone, wrong = zone_of(name, text, port, domain)
        mistakes += wrong
        if zone.listen:
            zones[zone.network] = zone
    return zones, mistakes


# -- its life ----------------------------------------------------------------------------------------------------------------


def run(directory: str, port: int, domain: str) -> int:
    """Start the server in a child, and come back when it is ready. NetwrightError when it cannot be, OSError."""
    if not os.path.isdir(directory):
        raise NetwrightError(f"{directory} is no directory", fix=_USAGE)
    ours, theirs = os.pipe2(os.O_CLOEXEC)
    if os.fork():
        os.close(theirs)
        with os.fdopen(ours, "rb") as pipe:
            said = pipe.read().decode(errors="replace")
        if said != "ready":
            raise NetwrightError("the server did not start", why=said or "it ended at once")
        return 0
    os.close(ours)
    _let_go(theirs)
    code = 1
    try:
        _serve(directory, port, domain, theirs)
        code = 0
    except (NetwrightError, OSError, ImportError) as error:
        os.write(theirs, str(error).encode())
    finally:
        os._exit(code)


def _let_go(kept: int) -> None:
    """Netavark waits until nobody holds its pipes any more; its other open files, locks among them, are none of ours."""
    os.setsid()
    nothing = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    os.closerange(3, kept)
    os.closerange(kept + 1, 1 << 16)


def _serve(directory: str, port: int, domain: str, pipe: int) -> None:
    import signal

    from ..networks.dns.loop import Loop
    from ..networks.dns.server import Server
    from ..networks.dns.signals import Signals

    loop = Loop()
    server = Server(loop)

    def load() -> None:
        _load(server, directory, port, domain)

    # Before anybody can read our pid: SIGHUP would end us.
    Signals(loop, {signal.SIGHUP: load, signal.SIGTERM: loop.stop, signal.SIGINT: loop.stop})
    load()
    if server.problems:
        raise NetwrightError("; ".join(words for some in server.problems.values() for words in some))
    with open(f"{directory}/{PID}", "w", encoding="ascii") as file:
        file.write(str(os.getpid()))
    os.write(pipe, b"ready")
    os.close(pipe)
    if server.zones:
        loop.run()
    server.close()
    _forget(directory)


def _load(server: "Server", directory: str, port: int, domain: str) -> None:
    try:
        zones, mistakes = read(directory, port, domain)
    except FileNotFoundError:
        zones, mistakes = {}, []
    for words in mistakes:
        _log(words)
    server.load(zones)
    if not zones:
        server.loop.stop()


def _log(words: str) -> None:
    """Where aardvark-dns writes too: the system's log, if there is one."""
    import syslog

    syslog.openlog("aardvark-dns", syslog.LOG_PID, syslog.LOG_DAEMON)
    syslog.syslog(syslog.LOG_WARNING, words)


def _forget(directory: str) -> None:
    try:
        with open(f"{directory}/{PID}", encoding="ascii") as file:
            if file.read().strip() != str(os.getpid()):
                return
        os.unlink(f"{directory}/{PID}")
    except FileNotFoundError:
        return  # somebody has cleaned up before us
