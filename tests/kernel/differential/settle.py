"""Runs inside a sandbox: wait until the kernel has finished what a command only began.

`ip` returns while three things still go on, and each of them shows in the next `ip link` or `ip address`:

- the operational state and the NO-CARRIER flag follow the carrier in a work queue (linkwatch), up to a second later,
  because it runs once a second for the whole machine; asking for one link by its index makes the kernel do it now;
- an IPv6 address is tentative until duplicate address detection is done (at once in a quiet namespace);
- a deleted namespace takes its veth ends, and so their peers here, with it some 20-50 ms later.

`settle` polls for all three with a deadline and says what was still open, or nothing. Own netlink on purpose: it must
not depend on what it tests, and it must not cost a process start.
"""

import ctypes
import os
import socket
import struct
import threading
import time

NETNS_DIRECTORY = "/run/netns"
RTM_GETLINK, RTM_GETADDR, RTM_GETNSID = 18, 22, 90
NLM_F_REQUEST, NLM_F_DUMP = 0x1, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
IFLA_IFNAME, IFLA_OPERSTATE, IFLA_CARRIER, IFLA_LINK_NETNSID = 3, 16, 33, 37
NETNSA_NSID, NETNSA_FD = 1, 3
IFF_UP = 0x1
IFA_F_DADFAILED, IFA_F_TENTATIVE = 0x08, 0x40
OPERSTATE_DOWN, OPERSTATE_LOWERLAYERDOWN, OPERSTATE_UP = 2, 3, 6
CLONE_NEWNET = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)


def settle(deadline: float) -> list[str]:
    """Poll until nothing is open any more or `deadline` seconds are over; what is open then."""
    end = time.monotonic() + deadline
    pause = 0.002
    while (still_open := _still_open()) and time.monotonic() < end:
        time.sleep(pause)
        pause = min(pause * 2, 0.05)
    return still_open


def caught_up(pid: int, deadline: float) -> bool:
    """Wait until a monitor has read all that came; False if it has ended or does not get there in time."""
    end = time.monotonic() + deadline
    while time.monotonic() < end and _condition(pid) != "Z":
        if _reads(pid) and _condition(pid) == "S":
            return True
        time.sleep(0.003)
    return False


def _reads(pid: int) -> bool:
    """The process sleeps with its multicast groups joined and nothing left to read, or watches a directory."""
    if _condition(pid) != "S":
        return False
    inodes = _socket_inodes(pid)
    rows = [line.split() for line in open(f"/proc/{pid}/net/netlink").read().splitlines()[1:]]
    joined = [row for row in rows if row[-1] in inodes and int(row[3], 16)]
    return all(row[4] == "0" for row in joined) if joined else _watches_directory(pid)


def names() -> list[str]:
    """The entries of the netns directory."""
    try:
        return sorted(os.listdir(NETNS_DIRECTORY))
    except FileNotFoundError:
        return []


def _still_open() -> list[str]:
    found = _in_namespace(None)
    for name in names():
        found += _in_namespace(name)
    return found


def _in_namespace(name: str | None) -> list[str]:
    if name is None:
        return _open_items("here")
    found: list[str] = []
    thread = threading.Thread(target=_visit, args=(name, found))
    thread.start()
    thread.join()
    return found


def _visit(name: str, found: list[str]) -> None:
    """In a thread of its own, which ends in that namespace: setns changes only the calling thread."""
    try:
        fd = os.open(f"{NETNS_DIRECTORY}/{name}", os.O_RDONLY)
    except OSError:
        return
    entered = _libc.setns(fd, CLONE_NEWNET) == 0
    os.close(fd)
    if entered:
        found += _open_items(name)


def _open_items(where: str) -> list[str]:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as channel:
        for payload in _links(channel):
            _request(channel, RTM_GETLINK, 0, struct.pack("=BxHiII", 0, 0, *struct.unpack_from("=i", payload, 4), 0, 0))
        links = _links(channel)
        items = [f"{where}: {text}" for text in map(_open_link, links) if text]
        peers = {nsid for nsid in map(_peer_nsid, links) if nsid is not None}
        if peers and peers - _known_nsids(channel):
            items.append(f"{where}: the peer of a link is in no named namespace")
        addresses = _request(channel, RTM_GETADDR, NLM_F_DUMP, struct.pack("=BBBBI", socket.AF_INET6, 0, 0, 0, 0))
        items += [f"{where}: a tentative address" for payload in addresses if _tentative(payload)]
    return items


def _links(channel: socket.socket) -> list[bytes]:
    return _request(channel, RTM_GETLINK, NLM_F_DUMP, struct.pack("=BxHiII", 0, 0, 0, 0, 0))


def _open_link(payload: bytes) -> str | None:
    up = struct.unpack_from("=I", payload, 8)[0] & IFF_UP
    attributes = _attributes(payload[16:])
    state, carrier = attributes[IFLA_OPERSTATE][0], attributes[IFLA_CARRIER][0]
    waits = up and carrier and state in (OPERSTATE_DOWN, OPERSTATE_LOWERLAYERDOWN)
    if waits or (not carrier and state == OPERSTATE_UP):
        return f"{attributes[IFLA_IFNAME][:-1].decode(errors='replace')}: carrier {carrier}, state {state}"
    return None


def _peer_nsid(payload: bytes) -> int | None:
    value = _attributes(payload[16:]).get(IFLA_LINK_NETNSID)
    return None if value is None else struct.unpack("=i", value)[0]


def _known_nsids(channel: socket.socket) -> set[int]:
    """The ids, in the channel's namespace, of the sandbox's first namespace and of all named ones."""
    found = set()
    for path in [f"/proc/{os.getpid()}/ns/net", *(f"{NETNS_DIRECTORY}/{name}" for name in names())]:
        try:
            fd = os.open(path, os.O_RDONLY)
        except OSError:
            continue
        answers = _request(channel, RTM_GETNSID, 0, struct.pack("=BxxxHHI", 0, 8, NETNSA_FD, fd))
        os.close(fd)
        found |= {struct.unpack("=i", _attributes(payload[4:])[NETNSA_NSID])[0] for payload in answers}
    return found


def _tentative(payload: bytes) -> bool:
    return payload[2] & (IFA_F_TENTATIVE | IFA_F_DADFAILED) == IFA_F_TENTATIVE


def _request(channel: socket.socket, kind: int, flags: int, body: bytes) -> list[bytes]:
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


def _attributes(data: bytes) -> dict[int, bytes]:
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        found[kind & 0x3FFF] = data[4:length]
        data = data[(length + 3) & ~3 :]
    return found


def _condition(pid: int) -> str:
    return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0]


def _socket_inodes(pid: int) -> set[str]:
    links = (_link(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd"))
    return {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}


def _watches_directory(pid: int) -> bool:
    return any("inotify" in _link(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd"))


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except FileNotFoundError:
        return ""
