"""Numbers of namespaces (nsid): private to the namespace that holds them. RTM_GETNSID, RTM_NEWNSID; linux/net_namespace.h.

Written out by hand, header and attributes, since `netns list` asks once per name and needs nothing else of rtnetlink: the
tables cost 2 ms to import.
"""

from struct import Struct

from ..errors import KernelError
from .codec import attribute, split
from .netlink import Netlink, Request

_NEWNSID, _GETNSID = 88, 90
_NSID, _FD = 1, 3
_S32 = Struct("=i")
_HEADER = b"\0\0\0\0"  # struct rtgenmsg: a family, padded


def get_nsid(netlink: Netlink, fd: int) -> int:
    """The nsid of the namespace `fd` as seen from the socket's namespace; -1 when it has none. KernelError for a dead fd."""
    answers = netlink.get(Request(_GETNSID, 0, _HEADER + attribute(_FD, _S32.pack(fd))))
    found = split(answers[0].body, 4) if answers else {}
    return int(_S32.unpack_from(found[_NSID])[0]) if len(found.get(_NSID, b"")) >= 4 else -1


def nsid_of_fd(netlink: Netlink, fd: int) -> int:
    """The same, and -1 too when `fd` is no network namespace."""
    try:
        return get_nsid(netlink, fd)
    except KernelError:
        return -1


def set_nsid(netlink: Netlink, fd: int, nsid: int) -> None:
    """Give the namespace `fd` a number as seen from the socket's namespace; -1: any free one. Exists when it has one."""
    body = _HEADER + attribute(_FD, _S32.pack(fd)) + attribute(_NSID, _S32.pack(nsid))
    netlink.request(Request(_NEWNSID, 0, body))
