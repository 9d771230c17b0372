"""Called inside the sandbox's server by the hosts of the tests: namespaces that are quiet, cables that stand; no process for either."""

import ctypes
import os
import socket
import struct
import threading
import time
from collections.abc import Callable

DIRECTORY = "/run/netns"
CLONE_NEWNET = 0x40000000
RTM_GETLINK, IFLA_IFNAME, IFLA_OPERSTATE, OPERSTATE_UP = 18, 3, 16, 6
QUIET = ("accept_dad", "dad_transmits", "router_solicitations")

_libc = ctypes.CDLL(None, use_errno=True)


def quiet(names: list[str]) -> None:
    """As Sandbox.quiet, for each of these namespaces ("" is the box's own)."""
    for name in names:
        _inside(name, _quieten)


def carried(ends: list[tuple[str, str]], seconds: float = 60.0) -> None:
    """Until these devices, each with the name of its namespace, have their carrier, and their IPv6 addresses the routes that come then."""
    end = time.monotonic() + seconds
    for device, name in ends:
        while not _inside(name, lambda device=device: _state(device) == OPERSTATE_UP and _has_routes(device)):
            if time.monotonic() > end:
                raise ValueError(f"{device} has no carrier")
            time.sleep(0.002)


def _quieten() -> None:
    for device in ("all", "default"):
        for key in QUIET:
            with open(f"/proc/sys/net/ipv6/conf/{device}/{key}", "w") as file:
                file.write("0")


def _inside(name: str, work: Callable[[], object]) -> object:
    """What `work` says in that namespace: in a thread of its own, which ends there."""
    found: list[object] = []

    def visit() -> None:
        if name:
            fd = os.open(f"{DIRECTORY}/{name}", os.O_RDONLY)
            failed = _libc.setns(fd, CLONE_NEWNET)
            os.close(fd)
            if failed:
                return
        found.append(work())

    thread = threading.Thread(target=visit)
    thread.start()
    thread.join()
    if not found:
        raise ValueError(f"no way into the namespace {name!r}")
    return found[0]


def _has_routes(device: str) -> bool:
    """A work queue gives each address its local route, without duplicate address detection too."""
    addresses = {words[0] for words in _rows("if_inet6") if words[5] == device}
    return addresses <= {words[0] for words in _rows("ipv6_route") if words[1] == "80" and words[9] == device}


def _rows(name: str) -> list[list[str]]:
    try:
        with open(f"/proc/thread-self/net/{name}") as file:
            return [line.split() for line in file]
    except FileNotFoundError:  # a kernel without IPv6
        return []


def _state(device: str) -> int:
    """The operational state. Asked for by its name the kernel looks at the carrier now, and not when a work queue gets to it."""
    name = device.encode() + b"\0"
    attribute = struct.pack("=HH", 4 + len(name), IFLA_IFNAME) + name
    body = bytes(16) + attribute + bytes(-len(attribute) % 4)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as channel:
        channel.send(struct.pack("=IHHII", 16 + len(body), RTM_GETLINK, 1, 1, 0) + body)
        data = channel.recv(1 << 16)
    at = 32
    while at + 4 <= len(data):
        size, kind = struct.unpack_from("=HH", data, at)
        if kind == IFLA_OPERSTATE:
            return data[at + 4]
        at += (size + 3) & ~3 or 4
    return 0
