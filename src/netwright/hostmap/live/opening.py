"""Opening a namespace of the map again, by any of its holders: maps keep nothing open, so that nothing lives on because of them."""

from __future__ import annotations

import os

from ...kernel import scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Holder, Space


def opened(space: Space, here: str) -> int:
    """An open fd (close-on-exec) of it, -1 when there is no way. `here`: the id of our own."""
    try:
        if space.id == here:
            return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        return scan.opened(space.inode, [hold(one) for one in space.holders])
    except OSError:
        return -1


def hold(holder: Holder) -> scan.Hold:
    """The holder as scan.py knows it."""
    kind = "bind" if holder.kind == "name" else holder.kind
    return scan.Hold(kind, holder.pid, holder.number, holder.path)


def inodes() -> set[int]:
    """The network namespaces of all processes, and nothing else: cheap enough to be asked now and then."""
    found = set()
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                found.add(int(os.readlink(f"/proc/{name}/ns/net")[5:-1]))
            except (OSError, ValueError):
                continue  # ended, a kernel thread's on its way, or not ours to know
    return found
