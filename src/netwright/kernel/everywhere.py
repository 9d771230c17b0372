"""The events of all network namespaces on one socket (NETLINK_LISTEN_ALL_NSID).

How it works. The kernel hands a listener the events of every namespace that has a number (nsid) where the socket lives, and says
the number with each. A namespace without one stays silent: so `number` gives it one. A number is freed when its namespace ends
(RTM_DELNSID, heard on the same socket, in order) and may then be given to another. Numbers that the kernel gives by itself are
told by RTM_NEWNSID. Nothing is ever asked again and again: without events this costs nothing.
"""

from __future__ import annotations

from ..errors import KernelError, NotPermitted
from . import rtnl
from .netlink import Netlink, Overrun
from .nsid import nsid_of_fd, set_nsid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .netlink import Raw

GROUPS = ("link", "neigh", "ipv4_ifaddr", "ipv6_ifaddr", "ipv4_route", "ipv6_route", "ipv4_rule", "ipv6_rule", "nsid")
_MOST, _ALL = 512, 1 << 17  # datagrams at once; then somebody else gets a turn. More than _ALL have no room in the socket


class Everywhere:
    """`socket` hears, `asking` gives numbers. `alone` says why only our own namespace is heard ("" when all are)."""

    def __init__(self, groups: tuple[str, ...] = GROUPS) -> None:
        self.alone = ""
        self._hears = Netlink()
        self._asks = Netlink()
        self._hears.socket.setblocking(False)
        try:
            self._hears.listen_all_nsid()
        except PermissionError:
            self.alone = "to hear of other namespaces takes CAP_NET_BROADCAST in the user namespace that owns this one"
        for group in groups:
            try:
                self._hears.join(rtnl.GROUPS[group])
            except OSError:
                continue  # a kernel without it has no such events either

    def fileno(self) -> int:
        """For select, poll and event loops."""
        return self._hears.fileno()

    def number(self, fd: int) -> int:
        """The number here of the namespace behind `fd`, given now if need be; -1 when it can have none, so that it is not heard."""
        found = nsid_of_fd(self._asks, fd)
        if found >= 0 or self.alone:
            return found
        try:
            set_nsid(self._asks, fd, -1)
        except NotPermitted:
            return -1
        except KernelError:
            pass  # it got one meanwhile, or is none: the next answer says which
        return nsid_of_fd(self._asks, fd)

    def heard(self) -> tuple[list[Raw], bool]:
        """What has come, without waiting; and whether some was lost (then all has to be read anew).

        After a loss the kernel delivers nothing more until everything that waits has been read, and does not tell of that again: so it
        is read to the end, and what is read anew afterwards misses nothing.
        """
        out: list[Raw] = []
        lost = False
        for turn in range(_ALL):
            if turn >= _MOST and not lost:
                break
            try:
                out += self._hears.receive()
            except BlockingIOError:
                break
            except Overrun:
                lost = True
        return out, lost

    def close(self) -> None:
        """Close both sockets."""
        self._hears.close()
        self._asks.close()
