"""Ports of the machine that lead to hosts of a lab, without NAT and without root: a process that passes bytes (relaying.py).

The listening sockets are made here, before anything is started, so that a port that is taken is an error of the command that wanted
it, with the name of who has it. They are handed to the process over its stdin. It ends with the lab.
"""

from __future__ import annotations

import os
import socket
from errno import EACCES, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT

from ..errors import CallFailed, Conflict
from ..kernel import holder as holders
from ..kernel.holder import Holder
from ..model.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from ..kernel.guard import Guard
    from .topology import Publish

_LOOPBACK = ("127.0.0.1", "::1")
_BACKLOG = 4096
_MOST = 4096  # listening sockets of one lab


@value
class Port:
    """One port of the machine. `implied`: the address was not asked for, and the machine may lack it (::1 without IPv6)."""

    protocol: str
    address: str
    port: int
    host: str
    target: int
    implied: bool = False

    def __str__(self) -> str:
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{address}:{self.port}/{self.protocol}"


def ports(rules: Sequence[Publish]) -> tuple[Port, ...]:
    """Every single port of the rules."""
    out = []
    for rule in rules:
        for address in (rule.address,) if rule.address else _LOOPBACK:
            for number in range(rule.port, (rule.last or rule.port) + 1):
                target = rule.target_port + number - rule.port
                out.append(Port(rule.protocol, address, number, rule.host, target, not rule.address))
    return tuple(out)


def targets_of(addresses: Sequence[str], family: int) -> list[tuple[int, str]]:
    """Where a server of a host may listen: its addresses, then its loopback; those of the client's family first."""
    every = [(socket.AF_INET6 if ":" in address else socket.AF_INET, address) for address in (*addresses, *_LOOPBACK)]
    return sorted(dict.fromkeys((int(f), a) for f, a in every), key=lambda target: target[0] != family)


# -- is it free? -----------------------------------------------------------------------------------------------------------


def check_free(rules: Sequence[Publish], lab: str = "") -> list[str]:
    """Why ports cannot be had, a line each; none when all can. Those that the relay of `lab` itself has are free."""
    every = ports(rules)
    if len(every) > _MOST:
        return [f"{len(every)} ports are to be published: {_MOST} are the most (each address counts)"]
    own = _own_relay(lab) if lab else 0
    problems = []
    for port in every:
        try:
            _listener(port).close()
        except OSError as error:
            if not (port.implied and error.errno in (EADDRNOTAVAIL, EAFNOSUPPORT)):
                problems += _problem(port, error, own)
    return problems


def _own_relay(lab: str) -> int:
    from ..engine.journal import Journal
    from . import runtime

    directory = runtime.directory(lab)
    if not os.path.exists(f"{directory}/lab.db"):
        return 0
    with Journal(directory) as journal:
        return next((int(thing.data.get("pid", 0)) for thing in journal.outside("relay") if running(thing.data)), 0)


def _problem(port: Port, error: OSError, own: int) -> list[str]:
    from ..kernel.ports import owner

    if error.errno == EADDRINUSE:
        found = owner(port.protocol, port.address, port.port)
        if found and found.pid and found.pid == own:
            return []
        return [f"{port} is taken by {found}" if found else f"{port} is taken"]
    if error.errno == EACCES:
        mend = f"sudo sysctl -w net.ipv4.ip_unprivileged_port_start={port.port}"
        return [f"{port}: ports below {_first_free()} are for root only; publish another one, or: {mend}"]
    if error.errno == EADDRNOTAVAIL:
        return [f"{port}: this machine has no address {port.address}; see: ip addr"]
    return [f"{port}: {error.strerror}"]


def _first_free() -> str:
    try:
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return "1024"


def _listener(port: Port) -> socket.socket:
    """The socket that listens at a port of the machine. OSError."""
    family = socket.AF_INET6 if ":" in port.address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM if port.protocol == "tcp" else socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if port.protocol == "tcp":
            # Connections of an earlier relay that linger must not keep us from the port; a socket that listens still does.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((port.address, port.port))
        if port.protocol == "tcp":
            made.listen(_BACKLOG)
    except BaseException:
        made.close()
        raise
    return made


def listeners(rules: Sequence[Publish]) -> list[tuple[Port, socket.socket]]:
    """All of them, or none. Conflict with every port that cannot be had."""
    out: list[tuple[Port, socket.socket]] = []
    problems = []
    for port in ports(rules):
        try:
            out.append((port, _listener(port)))
        except OSError as error:
            if not (port.implied and error.errno in (EADDRNOTAVAIL, EAFNOSUPPORT)):
                problems += _problem(port, error, 0)
    if problems:
        for _, made in out:
            made.close()
        raise Conflict("ports cannot be published", why="; ".join(problems), fix="stop who has them, or publish others")
    return out


# -- the process -----------------------------------------------------------------------------------------------------------


def start(holder: Holder, rules: Sequence[Publish], addresses: Mapping[str, str | Sequence[str]]) -> tuple[int, int]:
    """The relay of a detached lab: its pid and start time. To be called from outside the lab. Conflict, Gone, CallFailed.

    `addresses` are those at which each host answers inside itself; its loopback is tried after them. Hosts are looked up for each
    connection: they need not be there yet, and may be made anew.
    """
    from ..kernel.beside import beside
    from ..kernel.python import interpreter, python_argv

    paths = {rule.host: holders.reach(holder, f"/run/netns/{rule.host}") for rule in rules}
    made = listeners(rules)
    order = {"rules": [_plain(port) for port, _ in made], "addresses": _lists(addresses), "paths": paths, "files": []}
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            relay = beside(holder, interpreter(), python_argv(_PROGRAM), theirs.fileno(), theirs.fileno())
        _hand_over(ours, order, [sock.fileno() for _, sock in made], relay)
    finally:
        ours.close()
        for _, sock in made:
            sock.close()
    return relay.pid, relay.start


def start_attached(guard: Guard, rules: Sequence[Publish], addresses: Mapping[str, str | Sequence[str]], namespaces: Mapping[str, int]) -> Holder:
    """The relay of a lab of this process: it ends with the guard. `namespaces` are open files by host. Conflict, CallFailed."""
    from ..kernel.python import spawn_python

    made = listeners(rules)
    hosts = sorted({rule.host for rule in rules})
    order = {"rules": [_plain(port) for port, _ in made], "addresses": _lists(addresses), "paths": {}, "files": hosts}
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            fd = theirs.fileno()
            pid = guard.within(lambda: spawn_python(_PROGRAM, fds=((fd, 0), (fd, 1), (fd, 2))))
        relay = Holder(pid, holders.start_time(pid))
        _hand_over(ours, order, [*(sock.fileno() for _, sock in made), *(namespaces[host] for host in hosts)], relay)
    finally:
        ours.close()
        for _, sock in made:
            sock.close()
    return relay


_PROGRAM = "from netwright.lab.relaying import main; main()"


def _plain(port: Port) -> list[Any]:
    return [port.protocol, port.address, port.port, port.host, port.target, port.implied]


def _lists(addresses: Mapping[str, str | Sequence[str]]) -> dict[str, list[str]]:
    return {host: [given] if isinstance(given, str) else list(given) for host, given in addresses.items()}


def _hand_over(channel: socket.socket, order: dict[str, Any], files: list[int], relay: Holder) -> None:
    """Give it rules and sockets, and wait until it serves. CallFailed with what it said instead."""
    import json
    from struct import pack

    text = json.dumps(order).encode()
    said = b""
    try:
        channel.sendall(pack("=II", len(text), len(files)) + text)
        for at in range(0, len(files), 200):
            socket.send_fds(channel, [b"."], files[at : at + 200])
        while part := channel.recv(4096):
            said += part
    except ConnectionError:
        pass  # it died: what it said before is the reason
    if said != b"ready":
        holders.end(relay)
        why = said.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise CallFailed("the relay for published ports did not start", 0, why=why or "it was ended")


def running(data: Mapping[str, Any]) -> bool:
    """Is the relay that was written down there? `data` has its pid and start."""
    return bool(data.get("pid")) and holders.alive(Holder(int(data["pid"]), int(data["start"])))


def stop(relay: Holder) -> None:
    """Let go of the ports at once; connections that stand go on until they end or the lab does. Nothing when it is not there."""
    import signal

    from ..errors import Gone

    try:
        fd = holders.opened(relay)
    except Gone:
        return
    try:
        signal.pidfd_send_signal(fd, signal.SIGTERM)
    except ProcessLookupError:
        pass
    finally:
        os.close(fd)
