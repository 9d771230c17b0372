"""`nw run`: a program of this machine with a container's network. Checked, made, supervised, taken away.

    everything that is wrong, told at once       nothing was done
    directory, namespace, networks, files        all or nothing
    the program; signals are passed on to it     this process waits, holding the container alive
    what it left running, networks, namespace    taken away by whoever is the last in the namespace
"""

import os
import time
from errno import ENOENT, EPERM

from ..errors import CallFailed, Conflict, Gone, NetwrightError
from ..model.value import replace
from . import containers, files, joining, members, publish, standing, wanted
from .mistakes import Mistake, near, told
from .nicknames import nickname
from .publish import Publish
from .wanted import CONTAINER, HOST, NETWORKS, Wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..kernel.contained import Away, Room
    from .joining import Joining
    from .store import Attached, Store

NAME = "NETWRIGHT_CONTAINER"


class Ready:
    """A container that stands and waits for its program. `life`: the open file by which it is alive; `net`: of its namespace."""

    def __init__(self, name: str, life: int, room: "Room", net: int) -> None:
        self.name, self.life, self.room, self.net = name, life, room, net


def run(asked: Wanted, warn: "Callable[[str], None]", away: "Away | None" = None, log: int = -1) -> int:
    """Run it to its end: its exit code, 128 + N when signal N ended it. NetwrightError, after which nothing of it is left.

    `away`: in the background, where what it writes goes to the open file `log`.
    """
    from ..kernel import contained
    from .store import Store

    allowed()
    mask = contained.block_signals()  # what comes while it is made waits: half a container would be the answer otherwise
    with Store() as store:
        collected(store, warn)
        check(store, asked)
        ready = set_up(store, asked)
        _unreached(store, asked, ready.name, warn)
    try:
        number = contained.asked_to_end()
        code = 128 + number if number else _supervised(asked, ready, mask, warn, away, log)
    finally:
        _end(ready, asked, warn)
    return code


def _unreached(store: "Store", asked: Wanted, name: str, warn: "Callable[[str], None]") -> None:
    """A port on an address that is nobody's is made, and worth a word; so is what others drop."""
    from .looking import absent, stopped, worth_a_word

    def ports() -> "list[str]":
        return absent(port for one in store.attachments(container=name) for port in one.attachment.ports) if asked.publish else []

    for words in worth_a_word(name, ports, lambda: stopped(store, name)):
        warn(words)


def collected(store: "Store", warn: "Callable[[str], None]") -> None:
    """Containers that were killed are taken away first; what there is to tell is told."""
    containers.collect(store)
    for notice in store.notices:
        warn(notice)


# -- checking ------------------------------------------------------------------------------------------------------------------


def allowed() -> None:
    """CallFailed where this user may make no networks."""
    from ..kernel.userns import capable

    if not capable():
        why = "namespaces and devices are made by root, or by who is root in a user namespace"
        raise CallFailed("you may not make networks", EPERM, why=why, fix="sudo nw run …, or without root: nw rootless nw run …")


def check(store: "Store", asked: Wanted) -> None:
    """Everything that can be known to be wrong, before anything is done. Mistakes, Conflict, NotStarted."""
    from ..kernel.contained import NotStarted
    from ..kernel.process import is_there

    _refuse_nested(asked)
    wrong = [*wanted.mistakes(asked, store.networks()), *_name_taken(store, asked), *_nobody(asked), *_no_files(asked)]
    told(list(dict.fromkeys(wrong)))
    if not asked.argv[0] or not is_there(asked.argv[0]):
        raise NotStarted(f'exec of "{asked.argv[0]}" failed: {os.strerror(ENOENT)}', ENOENT)


def _refuse_nested(asked: Wanted) -> None:
    if asked.mode == CONTAINER:
        return
    here = os.stat("/proc/self/ns/net")
    for name in containers.known():
        path = f"{containers.place(name)}/net"
        if containers.has_namespace(name) and os.path.samestat(os.stat(path), here):
            why = "networks are made on the machine, and this is not it"
            raise Conflict(f"we are in the container {name}", why=why, fix=f"leave it first; or, with its network: nw run --network container:{name} …")


def _name_taken(store: "Store", asked: Wanted) -> "list[Mistake]":
    name = asked.name
    if not name or (not containers.is_alive(name) and not _connected(store, name)):
        return _not_free(asked)
    what = f'the name "{name}" is taken by a container that runs' if containers.is_alive(name) else f'the name "{name}" is taken by a namespace that is connected'
    return [Mistake(("--name",), what, f"take another; or end that one: nw {'stop' if containers.is_alive(name) else 'network disconnect NETWORK'} {name}")]


def _connected(store: "Store", name: str) -> bool:
    return not containers.has_namespace(name) and bool(store.attachments(container=name))


def _not_free(asked: Wanted) -> "list[Mistake]":
    """A namespace that others still use cannot become the machine's, or another's."""
    if not asked.name or asked.mode not in (HOST, CONTAINER):
        return []
    there = containers.users(asked.name)
    if not there:
        return []
    return [Mistake(("--name",), f'{", ".join(there)} use the network of "{asked.name}"', f"end them first (nw stop {there[0]}), or take another name")]


def _nobody(asked: Wanted) -> "list[Mistake]":
    """container:X where there is no X."""
    if asked.mode != CONTAINER or ":" in asked.of or "/" in asked.of:
        return []
    if containers.state(asked.of) is not None:
        return []
    return [Mistake(("--network",), f'there is no container "{asked.of}"', near(asked.of, containers.known()) or "nw containers lists them")]


def _no_files(asked: Wanted) -> "list[Mistake]":
    needed = [files.HOSTS, files.RESOLV]
    if asked.mode == HOST:
        needed = [*([files.HOSTS] if asked.hosts or asked.hostname else []), *([files.RESOLV] if asked.dns or asked.search or asked.options else [])]
    return [Mistake((path,), "this machine has no such file to lay another over", f"sudo touch {path}") for path in needed if not os.path.exists(path)]


# -- making --------------------------------------------------------------------------------------------------------------------


def set_up(store: "Store", asked: Wanted) -> Ready:
    """The container without its program; all or nothing. NetwrightError."""
    name = asked.name or nickname(containers.known(), os.urandom)
    try:
        with containers.held(name, make=True) as directory:
            if containers.is_alive(name):
                raise Conflict(f"a container {name} has just been started", fix="take another name")
            life = containers.live(name)
            before = containers.state(name) if containers.has_namespace(name) else None
            try:
                containers.write_state(name, _state(asked, name))
                return _made(store, asked, name, directory, life)
            except (NetwrightError, OSError):
                if before is not None:
                    containers.write_state(name, before)
                os.close(life)
                raise
    except (NetwrightError, OSError):
        containers.settle(store, name, wait=False)
        raise


def _state(asked: Wanted, name: str) -> "dict[str, Any]":
    return {
        "mode": asked.mode, "of": _root_of(asked.of) if asked.mode == CONTAINER else "", "argv": list(asked.argv), "pid": os.getpid(), "program": 0,
        "mark": os.urandom(8).hex(), "since": time.time(), "labels": dict(text.partition("=")[::2] for text in asked.labels),
        "hostname": hostname_of(asked, name), "domainname": asked.domainname, "dns": list(asked.dns), "search": list(asked.search),
        "options": list(asked.options), "hosts": [wanted.added(text) for text in asked.hosts],
    }  # fmt: skip


def hostname_of(asked: Wanted, name: str) -> str:
    """What the program is told that its host is called: what is given, else the container's name, made into one of a host."""
    from . import names

    if asked.hostname or asked.mode in (HOST, CONTAINER):
        return asked.hostname
    return name if not names.why_not_hostname(name) else names.file_name(name)[:12]


def _root_of(name: str) -> str:
    """Whose namespace it really is that NAME has; another runtime's is nobody's here."""
    mine = containers.state(name) if ":" not in name and "/" not in name else None
    return "" if mine is None else str(mine.get("of") or name)


def _made(store: "Store", asked: Wanted, name: str, directory: str, life: int) -> Ready:
    from ..kernel.contained import Room

    if asked.mode == HOST:
        return Ready(name, life, _hosts_room(asked, directory), -1)
    if asked.mode == CONTAINER:
        net, shared = _shared(asked)
        return Ready(name, life, Room(net, *_files_of(shared)), net)
    net = containers.opened(name) if containers.has_namespace(name) else containers.pin(directory)
    try:
        if asked.mode == NETWORKS:
            default_network(store, asked)
        _joined(store, asked, name, net, f"{directory}/net")
        containers.write_files(store, name)
    except (NetwrightError, OSError):
        os.close(net)
        raise
    return Ready(name, life, Room(net, *_files_of(name)), net)


def _files_of(name: str) -> "tuple[tuple[tuple[str, str], ...], str, str]":
    """(files, hostname, domainname) of a container with files of its own."""
    mine = containers.state(name) if name else None
    if mine is None:
        return (), "", ""
    directory = containers.place(name)
    pairs = ((f"{directory}/hosts", files.HOSTS), (f"{directory}/resolv.conf", files.RESOLV), (f"{directory}/hostname", files.HOSTNAME))
    there = tuple((source, target) for source, target in pairs if os.path.exists(source) and os.path.exists(target))
    return there, mine["hostname"], mine["domainname"]


def _hosts_room(asked: Wanted, directory: str) -> "Room":
    """Of a program with the machine's own network: only what was asked for is another than the machine's."""
    from ..kernel.contained import Room

    pairs = []
    if asked.hosts or asked.hostname:
        named = files.names_of(asked.hostname, asked.domainname) if asked.hostname else ()
        more = [(name, "127.0.0.1" if address == wanted.GATEWAY else address) for name, address in map(wanted.added, asked.hosts)]
        pairs.append((f"{directory}/hosts", files.HOSTS, files.hosts_with(_text(files.HOSTS), named, more)))
    if asked.dns or asked.search or asked.options:
        pairs.append((f"{directory}/resolv.conf", files.RESOLV, files.resolv_conf_with(_text(files.RESOLV), asked.dns, asked.search, asked.options)))
    for source, _, text in pairs:
        containers.rewrite(source, text)
    return Room(-1, tuple((source, target) for source, target, _ in pairs), asked.hostname, asked.domainname)


def _text(path: str) -> str:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def _shared(asked: Wanted) -> "tuple[int, str]":
    """(the open file of another container's namespace, whose files go with it; -1 and "" for the machine's). Gone, Invalid."""
    from ..kernel.namespaces import open_namespace

    owner = _root_of(asked.of)
    if not owner:
        return open_namespace(asked.of), ""
    with containers.held(owner):  # who takes it away sees from now on that it is used
        if containers.has_namespace(owner):
            return containers.opened(owner), owner
        if (containers.state(owner) or {}).get("mode") == HOST and containers.is_alive(owner):
            return -1, ""
    raise containers.gone(owner)


def default_network(store: "Store", asked: Wanted) -> None:
    """Make the network that everybody has, when it is wanted and not there."""
    from .locks import locked

    if any(on.network == standing.DEFAULT for on in asked.on) and standing.DEFAULT not in store.networks():
        with locked(f"network:{standing.DEFAULT}"):
            standing.default_network(store)


# -- its networks --------------------------------------------------------------------------------------------------------------


def _joined(store: "Store", asked: Wanted, name: str, net: int, netns: str) -> None:
    """On the networks that are wanted, and no others; what it is on already, because others kept its namespace, stays as it is."""
    have = {one.attachment.network: one for one in store.attachments(container=name)}
    networks = store.networks()
    wish = wanted.joinings(asked, name, networks)
    for item in wish:
        if item.network in have:
            _same(item, have[item.network], netns)
    for network in have.keys() - {item.network for item in wish}:
        members.leave(store, name, network)
    new = []
    try:
        for item in wish:
            if item.network in have:
                _ports(store, item, have[item.network])
            members.join(store, item, net, netns)
            new += [] if item.network in have else [item.network]
    except (NetwrightError, OSError):
        for network in new:
            members.leave(store, name, network)
        raise


def _same(item: "Joining", one: "Attached", netns: str) -> None:
    """Conflict where something else is asked for than what it kept. (Ports can be changed.)"""
    if other := joining.differences(replace(item, publish=()), one, netns):
        there = containers.users(one.container)
        why = f"its namespace is still used by {', '.join(there)}: {'; '.join(other)}"
        raise Conflict(f"{one.container} cannot be had otherwise now", why=why, fix=f"nw stop {' '.join(there)}, or ask for nothing else")


def _ports(store: "Store", item: "Joining", one: "Attached") -> None:
    gone = [port for port in one.attachment.ports if not any(publish.matches(wish, port) for wish in item.publish)]
    new = [wish for wish in item.publish if not any(publish.matches(wish, port) for port in one.attachment.ports)]
    if gone:
        members.remove_ports(store, one.container, [Publish(p.port, p.host_port, p.host_port + p.count - 1, p.count, p.protocol, (p.host_ip,)) for p in gone])
    if new:
        members.add_ports(store, one.container, new)


# -- the program ---------------------------------------------------------------------------------------------------------------


def _supervised(asked: Wanted, ready: Ready, mask: "set[int]", warn: "Callable[[str], None]", away: "Away | None", log: int) -> int:
    from ..kernel import contained
    from ..kernel.inside import watch
    from ..kernel.process import exit_code

    mine = containers.state(ready.name) or {}
    environment = {**os.environ, NAME: ready.name, contained.MARK: mine["mark"]}
    if ready.room.hostname:
        environment["HOSTNAME"] = ready.room.hostname
    room = ready.room
    if away is not None:
        room = replace(room, streams=(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC), log, log))
    pid, warnings = contained.start(asked.argv, environment, room, mask, orphans=asked.mode != HOST, ours=(ready.life,))
    for warning in warnings:
        warn(warning)
    containers.write_state(ready.name, {**mine, "program": pid})
    if away is not None:
        away.stands(f"{ready.name}\n", log)
    return exit_code(watch(pid))


def _end(ready: Ready, asked: Wanted, warn: "Callable[[str], None]") -> None:
    """What it left running, then the container. What cannot be taken away is told: the program's exit code is the one that counts."""
    from ..kernel.contained import end_children
    from .store import Store

    if asked.mode != HOST:
        end_children()
    if ready.net >= 0:
        os.close(ready.net)
    os.close(ready.life)
    try:
        with Store() as store:
            containers.settle(store, ready.name)
    except (NetwrightError, OSError) as error:
        warn(f"{ready.name} is not taken away whole: {error}; the next nw command will go on with it")


# -- stopping ------------------------------------------------------------------------------------------------------------------


def stop(store: "Store", name: str, signal: int, seconds: float) -> None:
    """Send the program a signal; when it has not ended after so many seconds, kill it. Returns when the container is gone. Gone."""
    from ..kernel.holder import gone_within

    mine = containers.state(name)
    if mine is None or not containers.is_alive(name):
        there = containers.users(name)
        raise Gone(f"{name} has ended", why=f"its network is kept for {', '.join(there)}", fix=f"nw stop {there[0]}") if there else containers.gone(name)
    fd = os.pidfd_open(mine["pid"])
    try:
        if not containers.is_alive(name):
            return
        _send(fd, signal)
        if not gone_within(fd, seconds):
            _kill_program(name)
            if not gone_within(fd, 10.0):
                _send(fd, 9)
                gone_within(fd, 10.0)
    finally:
        os.close(fd)
    containers.settle(store, name)


def _send(fd: int, number: int) -> None:
    import signal

    try:
        signal.pidfd_send_signal(fd, number)
    except ProcessLookupError:
        pass  # it ended by itself


def _kill_program(name: str) -> None:
    program = int((containers.state(name) or {}).get("program", 0))
    if not program:
        return
    try:
        fd = os.pidfd_open(program)
    except ProcessLookupError:
        return
    try:
        if containers.is_alive(name):  # its supervisor has not reaped it: the number means no other process
            _send(fd, 9)
    finally:
        os.close(fd)
