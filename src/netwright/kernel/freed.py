"""Waiting until a namespace is gone for good, devices and all."""

import os
import time

from . import rtnl
from .netlink import Netlink, my_namespace
from .nsid import get_nsid, set_nsid
from .spaces import run_apart
from .syscalls import CLONE_NEWNET, unshare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def wait_until_freed(netlink: Netlink, fd: int, remove: "Callable[[], None]", seconds: float = 30.0) -> bool:
    """Call remove() and wait until the kernel has freed the namespace of `fd` (closed here); False after `seconds`.

    The kernel tells of a dying namespace (RTM_DELNSID) before it takes its devices apart. It buries one batch after the
    other, so a throw-away namespace that dies after the message is only told of when the first one is gone for good.
    """
    with Netlink(groups=[rtnl.GROUPS["nsid"]]) as events:
        nsid = _numbered(netlink, fd)
        os.close(fd)
        remove()
        if not _wait_for_nsid(events, nsid, seconds):
            return False
        return _wait_for_nsid(events, _throw_away(netlink), seconds)


def _numbered(netlink: Netlink, fd: int) -> int:
    if get_nsid(netlink, fd) < 0:
        set_nsid(netlink, fd, -1)
    return get_nsid(netlink, fd)


def _throw_away(netlink: Netlink) -> int:
    """The number of a namespace that is gone as soon as it was made."""

    def make() -> int:
        unshare(CLONE_NEWNET)
        fd = my_namespace()
        try:
            return _numbered(netlink, fd)
        finally:
            os.close(fd)

    return run_apart(make)


def _wait_for_nsid(events: Netlink, nsid: int, seconds: float) -> bool:
    import select

    poll = select.poll()
    poll.register(events.fileno(), select.POLLIN)
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if poll.poll(left * 1000):
            for message in rtnl.decoded(events.receive()):
                if message.kind == rtnl.DELNSID and message.get("nsid") == nsid:
                    return True
    return False
