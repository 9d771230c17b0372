"""Runs inside a sandbox: one short text for each namespace, the same as long as nothing in it has changed.

Reading the state with `ip -d -j` costs several processes for each namespace, and most command lines of the suite are
errors that change nothing. So the full comparison is made only where such a text, over the kernel's own bytes, has
changed on either side. What changes without a command (timers of a bridge, ages of neighbours) only causes a
comparison too many.
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


def settled_fingerprints(deadline: float) -> dict[str, str]:
    """Wait until the sandbox has settled (see settle.py), then the fingerprints of its namespaces by name."""
    settle(deadline)
    return dict(namespaces.in_every_namespace(_fingerprint))


def _fingerprint(where: str, channel: socket.socket) -> list[tuple[str, str]]:
    ids = [f"{name} {_inode(name)} {namespaces.nsid(channel, _path(name))}" for name in namespaces.names()]
    digest = hashlib.blake2b(os.fsencode(str(ids)), digest_size=16)
    for kind, body in QUESTIONS:
        for payload in request(channel, kind, body):
            digest.update(payload)
    return [(where, digest.hexdigest())]


def _path(name: str) -> str:
    return f"{namespaces.DIRECTORY}/{name}"


def _inode(name: str) -> int:
    return os.lstat(_path(name)).st_ino
