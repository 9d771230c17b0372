"""The numbers of many namespaces by few system calls: windows of RTM_GETNSID, each answered by one message or one error."""

from struct import Struct

from .netlink import REQUEST, Netlink, messages

_GETNSID, _NEWNSID = 90, 88
_MESSAGE = Struct("=IHHII4xHHi")  # the header, struct rtgenmsg, NETNSA_FD
_NSID, _FD, _WINDOW = 1, 3, 128
_ANSWER = Struct("=4xHHi")


def nsids_of_fds(netlink: Netlink, fds: "list[int]") -> list[int]:
    """For each open namespace its number as seen from the socket's namespace; -1 when it has none, or is none."""
    out: list[int] = []
    for at in range(0, len(fds), _WINDOW):
        out += _window(netlink, fds[at : at + _WINDOW])
    return out


def _window(netlink: Netlink, fds: "list[int]") -> list[int]:
    first = netlink._sequence + 1
    netlink._sequence += len(fds)
    parts = [_MESSAGE.pack(_MESSAGE.size, _GETNSID, REQUEST, first + at, 0, 8, _FD, fd) for at, fd in enumerate(fds)]
    netlink.socket.send(b"".join(parts))
    found = [-1] * len(fds)
    left = len(fds)
    while left:
        for answer in messages(netlink.socket.recv(1 << 16)):
            at = answer.sequence - first
            if not 0 <= at < len(fds):
                continue
            left -= 1
            if answer.kind == _NEWNSID and len(answer.body) >= _ANSWER.size:
                _, kind, number = _ANSWER.unpack_from(answer.body)
                found[at] = number if kind == _NSID else -1
    return found
