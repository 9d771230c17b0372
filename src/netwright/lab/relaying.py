"""The process that carries connections from ports of the machine to hosts of a lab. `main` is what lab/relay.py starts.

How it works. One thread, one epoll. A listening socket stands outside, in the machine's network namespace; for each client a socket
is made inside, in the namespace of the host, by a short-lived thread that goes there (a socket stays where it was made), and
connected to the host's own address, then to its loopback: whatever the server there listens on. Nothing else is needed: no
tun device, no NAT, no root.

TCP (streams.py): bytes are copied through one buffer for all; what one end does not take is kept, and the other end is not read
until it has. The end of one direction is passed on and the other goes on; a reset is passed on as a reset. Copying was as
quick as splice(2) through a pipe when measured (19 to 22 Gbit/s each, one core), and needs no pipes.
UDP (datagrams.py): a socket inside for each client, closed after a minute without a datagram.
"""

from __future__ import annotations

import os
import select
import socket
from errno import EMFILE, ENFILE, ENOBUFS, ENOMEM
from time import monotonic

from .datagrams import Desk
from .streams import Flow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .relay import Port

    Open = Callable[[str, int, int], socket.socket]  # (host, family, kind): a socket inside
    Targets = Callable[[str, int], list[tuple[int, str]]]  # (host, family of the client): (family, address), best first

_OUT_OF_FILES = (EMFILE, ENFILE, ENOBUFS, ENOMEM)
_AT_ONCE = 64  # connections accepted before the others get their turn
_TICK = 5.0
_SPARE = 16  # files that are not connections


class Loop:
    """An epoll: files, and what to do when they are ready."""

    def __init__(self, most_flows: int) -> None:
        self.epoll = select.epoll()
        self.buffer = memoryview(bytearray(1 << 18))
        self._calls: dict[int, tuple[int, Callable[[int], None]]] = {}
        self.paused: list[Callable[[], None]] = []
        self.ticks: list[Callable[[], None]] = []
        self.most_flows = most_flows
        self.open_flows = 0
        self.draining = False

    def watch(self, fd: int, mask: int, call: Callable[[int], None]) -> None:
        """Call when the file is ready for one of `mask`; 0 is not at all. A file that is not waited for is not registered: an
        error would otherwise wake us for ever."""
        before = self._calls.get(fd)
        if mask == 0:
            if before:
                del self._calls[fd]
                self.epoll.unregister(fd)
        elif before is None:
            self.epoll.register(fd, mask)
        elif before[0] != mask:
            self.epoll.modify(fd, mask)
        if mask:
            self._calls[fd] = mask, call

    def run(self) -> None:
        """Serve, until `drain` was called and the last connection has ended."""
        next_tick = monotonic() + _TICK
        while not (self.draining and not self.open_flows):
            for fd, mask in self.epoll.poll(_TICK if self.ticks else -1):
                # One that was called before it may have closed this file.
                found = self._calls.get(fd)
                if found:
                    found[1](mask)
            if self.ticks and monotonic() >= next_tick:
                next_tick = monotonic() + _TICK
                for tick in self.ticks:
                    tick()

    def flow_ended(self) -> None:
        """A connection has gone, and its files: whoever waits for some may try again."""
        self.open_flows -= 1
        waiting, self.paused = self.paused, []
        for resume in waiting:
            resume()


class Doors:
    """The listening sockets of TCP ports."""

    def __init__(self, loop: Loop, targets: Targets, inside: Open) -> None:
        self._loop, self._targets, self._inside = loop, targets, inside
        self._doors: dict[int, tuple[socket.socket, Port]] = {}

    def open(self, door: socket.socket, port: Port) -> None:
        """Accept from now on."""
        door.setblocking(False)
        self._doors[door.fileno()] = door, port
        self._listen(door.fileno())

    def close(self) -> None:
        """Accept no more."""
        for fd, (door, _) in self._doors.items():
            self._loop.watch(fd, 0, _nothing)
            door.close()
        self._doors.clear()

    def _listen(self, fd: int) -> None:
        if fd in self._doors:
            self._loop.watch(fd, select.EPOLLIN, lambda _: self._accept(fd))

    def _accept(self, fd: int) -> None:
        door, port = self._doors[fd]
        for _ in range(_AT_ONCE):
            if self._loop.open_flows >= self._loop.most_flows:
                self._pause(fd)
                return
            try:
                client, _ = door.accept()
            except (BlockingIOError, ConnectionError):
                return
            except OSError as error:
                if error.errno in _OUT_OF_FILES and self._loop.open_flows:
                    self._pause(fd)
                return
            self._loop.open_flows += 1
            Flow(self._loop, client, port, self._targets(port.host, client.family), self._inside).begin()

    def _pause(self, fd: int) -> None:
        """Until a connection ends: asking again at once would only burn the processor. Clients wait in the backlog meanwhile."""
        self._loop.watch(fd, 0, _nothing)
        self._loop.paused.append(lambda: self._listen(fd))


def _nothing(_: int) -> None:
    pass


def serve(rules: Sequence[Port], listeners: Sequence[socket.socket], targets: Targets, inside: Open) -> Callable[[], None]:
    """Everything made ready to serve each rule at its listener; the call that does it returns when SIGTERM came and the last
    connection has ended."""
    import signal

    limit = _raised_limit()
    loop = Loop(max(4, (limit - len(listeners) - _SPARE) // 2))
    doors = Doors(loop, targets, inside)
    desks: list[Desk] = []
    for port, listener in zip(rules, listeners, strict=True):
        if port.protocol == "tcp":
            doors.open(listener, port)
        else:
            desks.append(Desk(loop, listener, port, targets, inside, max(4, min(4096, limit // 8))))
    if desks:
        loop.ticks.append(lambda: _each(desks))
    woken, waker = socket.socketpair()
    waker.setblocking(False)

    def drain(_: int) -> None:
        loop.watch(woken.fileno(), 0, _nothing)
        doors.close()
        for desk in desks:
            desk.close()
        desks.clear()
        loop.draining = True

    # poll(2) goes on after a signal: what wakes it is the byte that Python writes.
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.set_wakeup_fd(waker.detach())
    loop.watch(woken.fileno(), select.EPOLLIN, drain)
    return loop.run


def _each(desks: Sequence[Desk]) -> None:
    for desk in desks:
        desk.sweep()


# -- the process ---------------------------------------------------------------------------------------------------------------


def main() -> None:
    """Get the rules and the sockets from stdin, say "ready", serve."""
    import json
    from struct import unpack

    channel = socket.socket(fileno=os.dup(0))
    size, many = unpack("=II", _exactly(channel, 8))
    order = json.loads(_exactly(channel, size))
    files: list[int] = []
    while len(files) < many:
        _, some, _, _ = socket.recv_fds(channel, 1, 253)
        if not some:
            os._exit(1)
        files += some
    _serve(channel, order, files)


def _exactly(channel: socket.socket, size: int) -> bytes:
    out = b""
    while len(out) < size:
        part = channel.recv(size - len(out))
        if not part:
            os._exit(1)  # the starter has gone
        out += part
    return out


def _raised_limit() -> int:
    """How many files may be open, after raising that as far as we may."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def _serve(channel: socket.socket, order: dict[str, Any], files: list[int]) -> None:
    from .relay import Port, targets_of

    rules = [Port(*rule) for rule in order["rules"]]
    listeners = [socket.socket(fileno=fd) for fd in files[: len(rules)]]
    places = {**order["paths"], **dict(zip(order["files"], files[len(rules) :], strict=True))}
    addresses: dict[str, list[str]] = order["addresses"]
    with open("/proc/self/comm", "w", encoding="ascii") as comm:
        comm.write("nw-relay")
    run = serve(rules, listeners, lambda host, family: targets_of(addresses.get(host, []), family), _Inside(places))
    nothing = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
    channel.sendall(b"ready")
    channel.close()
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    os.close(nothing)
    run()


class _Inside:
    """Makes sockets in hosts, whose network namespaces are open files or paths."""

    def __init__(self, places: dict[str, int | str]) -> None:
        self._places = places

    def __call__(self, host: str, family: int, kind: int) -> socket.socket:
        from ..kernel.spaces import run_inside

        place = self._places[host]
        # By its path each time: a host that was made anew has another namespace, and the old one shall not be kept by us.
        fd = os.open(place, os.O_RDONLY | os.O_CLOEXEC) if isinstance(place, str) else place
        try:
            return run_inside(fd, lambda: socket.socket(family, kind | socket.SOCK_NONBLOCK))
        finally:
            if isinstance(place, str):
                os.close(fd)
