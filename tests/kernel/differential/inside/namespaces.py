"""Runs inside a sandbox: a walk through its network namespaces, and just enough rtnetlink to look at them.

Own netlink on purpose: the harness must not depend on what it tests, and a look must not cost a process start.
"""

import ctypes
import os
import socket
import struct
import threading
from collections.abc import Callable

DIRECTORY = "/run/netns"
RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE, RTM_GETNEIGH, RTM_GETRULE, RTM_GETNSID = 18, 22, 26, 30, 34, 90
NLM_F_REQUEST, NLM_F_DUMP = 0x1, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
NETNSA_NSID, NETNSA_FD = 1, 3
CLONE_NEWNET = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)


def names() -> list[str]:
    """The entries of the netns directory."""
    try:
        return sorted(os.listdir(DIRECTORY))
    except FileNotFoundError:
        return []


def in_every_namespace(look: Callable[[str, socket.socket], list]) -> list:
    """`look(name, netlink socket)` in the first namespace, whose name is "", and in every named one; all results."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as channel:
        found = list(look("", channel))
    for name in names():
        # A thread of its own, which ends in that namespace: setns changes only the calling thread.
        thread = threading.Thread(target=_visit, args=(name, look, found))
        thread.start()
        thread.join()
    return found


def request(channel: socket.socket, kind: int, body: bytes, flags: int = NLM_F_DUMP) -> list[bytes]:
    """The payloads of the answers to one request; none if the kernel answers with an error."""
    channel.send(struct.pack("=IHHII", 16 + len(body), kind, NLM_F_REQUEST | flags, 1, 0) + body)
    payloads: list[bytes] = []
    while True:
        data = channel.recv(1 << 18)
        while data:
            length, answer = struct.unpack_from("=IH", data)
            if answer in (NLMSG_DONE, NLMSG_ERROR):
                return payloads
            payloads.append(data[16:length])
            data = data[(length + 3) & ~3 :]
        if not flags & NLM_F_DUMP:
            return payloads


def attributes(data: bytes) -> dict[int, bytes]:
    """Attributes by type."""
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        found[kind & 0x3FFF] = data[4:length]
        data = data[(length + 3) & ~3 :]
    return found


def nsid(channel: socket.socket, path: str) -> int | None:
    """The id that the channel's namespace has for the one at this path; -1 if it has none, None if it is no namespace."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    answers = request(channel, RTM_GETNSID, struct.pack("=BxxxHHI", 0, 8, NETNSA_FD, fd), flags=0)
    os.close(fd)
    return struct.unpack("=i", attributes(answers[0][4:])[NETNSA_NSID])[0] if answers else None


def _visit(name: str, look: Callable[[str, socket.socket], list], found: list) -> None:
    try:
        fd = os.open(f"{DIRECTORY}/{name}", os.O_RDONLY)
    except OSError:
        return
    entered = _libc.setns(fd, CLONE_NEWNET) == 0
    os.close(fd)
    if entered:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as channel:
            found += look(name, channel)
