"""Runs inside a sandbox: wait until the kernel has finished what a command only began.

`ip` returns while three things still go on, and each of them shows in the next `ip link` or `ip address`:

- the operational state and the NO-CARRIER flag follow the carrier in a work queue (linkwatch), up to a second later,
  because it runs once a second for the whole machine; asking for one link by its index makes the kernel do it now;
- an IPv6 address is tentative until duplicate address detection is done (at once in a quiet namespace);
- a deleted namespace takes its veth ends, and so their peers here, with it some 20-50 ms later.
"""

import os
import socket
import struct
import time

import namespaces
from namespaces import RTM_GETADDR, RTM_GETLINK, attributes, request

IFLA_IFNAME, IFLA_OPERSTATE, IFLA_CARRIER, IFLA_LINK_NETNSID = 3, 16, 33, 37
IFF_UP = 0x1
IFA_F_DADFAILED, IFA_F_TENTATIVE = 0x08, 0x40
OPERSTATE_DOWN, OPERSTATE_LOWERLAYERDOWN, OPERSTATE_UP = 2, 3, 6


def settle(deadline: float) -> list[str]:
    """Poll until nothing is open any more or `deadline` seconds are over; what is open then."""
    end = time.monotonic() + deadline
    pause = 0.002
    while (still_open := namespaces.in_every_namespace(_open_items)) and time.monotonic() < end:
        time.sleep(pause)
        pause = min(pause * 2, 0.05)
    return still_open


def _open_items(where: str, channel: socket.socket) -> list[str]:
    for payload in _links(channel):
        index = struct.unpack_from("=i", payload, 4)[0]
        request(channel, RTM_GETLINK, struct.pack("=BxHiII", 0, 0, index, 0, 0), flags=0)
    links = _links(channel)
    items = [f"{where}: {text}" for text in map(_open_link, links) if text]
    peers = {peer for peer in map(_peer_nsid, links) if peer is not None}
    if peers and peers - _known_nsids(channel):
        items.append(f"{where}: the peer of a link is in no named namespace")
    addresses = request(channel, RTM_GETADDR, struct.pack("=BBBBI", socket.AF_INET6, 0, 0, 0, 0))
    return items + [f"{where}: a tentative address" for payload in addresses if _tentative(payload)]


def _links(channel: socket.socket) -> list[bytes]:
    return request(channel, RTM_GETLINK, struct.pack("=BxHiII", 0, 0, 0, 0, 0))


def _open_link(payload: bytes) -> str | None:
    up = struct.unpack_from("=I", payload, 8)[0] & IFF_UP
    link = attributes(payload[16:])
    state, carrier = link[IFLA_OPERSTATE][0], link[IFLA_CARRIER][0]
    waits = up and carrier and state in (OPERSTATE_DOWN, OPERSTATE_LOWERLAYERDOWN)
    if waits or (not carrier and state == OPERSTATE_UP):
        return f"{link[IFLA_IFNAME][:-1].decode(errors='replace')}: carrier {carrier}, state {state}"
    return None


def _peer_nsid(payload: bytes) -> int | None:
    value = attributes(payload[16:]).get(IFLA_LINK_NETNSID)
    return None if value is None else struct.unpack("=i", value)[0]


def _known_nsids(channel: socket.socket) -> set[int | None]:
    """The ids, in the channel's namespace, of the sandbox's first namespace and of all named ones."""
    paths = [f"/proc/{os.getpid()}/ns/net", *(f"{namespaces.DIRECTORY}/{name}" for name in namespaces.names())]
    return {namespaces.nsid(channel, path) for path in paths}


def _tentative(payload: bytes) -> bool:
    return payload[2] & (IFA_F_TENTATIVE | IFA_F_DADFAILED) == IFA_F_TENTATIVE
