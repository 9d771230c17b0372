"""Runs inside a sandbox: one short text that is the same as long as nothing in any of its namespaces has changed.

Reading the state with `ip -d -j` costs a dozen processes; most command lines of the suite are errors that change
nothing. So the full comparison is made only where this text, over the kernel's own bytes, has changed on either side.
What changes without a command (timers of a bridge, ages of neighbours) only causes a comparison too many.
"""

import hashlib
import os
import socket
import struct

import namespaces
from namespaces import RTM_GETADDR, RTM_GETLINK, RTM_GETNEIGH, RTM_GETROUTE, RTM_GETRULE, request
from settle import settle

IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS = 29, 1 << 3
NTF_PROXY = 0x08

QUESTIONS = [
    (RTM_GETLINK, struct.pack("=BxHiIIHHI", 0, 0, 0, 0, 0, 8, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)),
    (RTM_GETADDR, struct.pack("=BBBBI", 0, 0, 0, 0, 0)),
    (RTM_GETROUTE, struct.pack("=BBBBBBBBI", 0, 0, 0, 0, 0, 0, 0, 0, 0)),
    (RTM_GETNEIGH, struct.pack("=BxxxiHBB", 0, 0, 0, 0, 0)),
    (RTM_GETNEIGH, struct.pack("=BxxxiHBB", 0, 0, 0, NTF_PROXY, 0)),
    (RTM_GETRULE, struct.pack("=BBBBBBBBI", 0, 0, 0, 0, 0, 0, 0, 0, 0)),
]


def settled_fingerprint(deadline: float) -> str:
    """Wait until the sandbox has settled (see settle.py), then the fingerprint of all of it."""
    settle(deadline)
    digest = hashlib.blake2b(digest_size=16)
    for part in namespaces.in_every_namespace(_parts):
        digest.update(part)
    return digest.hexdigest()


def _parts(where: str, channel: socket.socket) -> list[bytes]:
    ids = [f"{name} {_inode(name)} {namespaces.nsid(channel, _path(name))}" for name in namespaces.names()]
    dumps = [payload for kind, body in QUESTIONS for payload in request(channel, kind, body)]
    return [os.fsencode(f"{where}: {ids}"), *dumps]


def _path(name: str) -> str:
    return f"{namespaces.DIRECTORY}/{name}"


def _inode(name: str) -> int:
    return os.lstat(_path(name)).st_ino
