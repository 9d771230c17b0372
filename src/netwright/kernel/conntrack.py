"""Connection tracking by message: forget what the kernel remembers of UDP through a port that is published no more.

A flow lives on for half a minute (three, where answers came) after its last packet, and each packet prolongs it: a client that goes
on sending would go on reaching a container that has left the port. Only flows to exactly that address and port are deleted.
Sources: linux/netfilter/nfnetlink_conntrack.h; ctnetlink_del_conntrack in net/netfilter/nf_conntrack_netlink.c.
"""

from __future__ import annotations

import _socket
from struct import Struct

from ..errors import Missing, NotPermitted, NotSupported
from .codec import NESTED, attribute, split
from .netlink import Request
from .nfnetlink import Nfnetlink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Flow = tuple[int, int, bytes, bytes, int, int]  # family, protocol, source, destination, source port, destination port

_SUBSYSTEM, _GET, _DELETE = 1 << 8, 1, 2
_ORIGINAL, _REPLY, _IP, _PROTOCOL = 1, 2, 1, 2
_NUMBER, _SOURCE_PORT, _DESTINATION_PORT = 1, 2, 3
_PROTOCOLS = {"tcp": 6, "udp": 17, "sctp": 132}
_PORT = Struct(">H")


def forget(inside: int, protocol: str, port: int, targets: Iterable[str], count: int = 1) -> int:
    """Delete the flows to `count` ports from `port` on that were sent on to one of the addresses `targets`; how many there were."""
    packed = {_packed(text) for text in targets}
    wanted = range(port, port + count)
    gone = 0
    with Nfnetlink(inside) as netlink:
        for family in (_socket.AF_INET, _socket.AF_INET6):
            for flow, answers_from in _flows(netlink, family, _PROTOCOLS[protocol]):
                if flow[5] in wanted and answers_from in packed:
                    gone += _deleted(netlink, flow)
    return gone


def _packed(text: str) -> bytes:
    return _socket.inet_pton(_socket.AF_INET6 if ":" in text else _socket.AF_INET, text)


def _flows(netlink: Nfnetlink, family: int, protocol: int) -> Iterator[tuple[Flow, bytes]]:
    """Each flow as it began, and who answers."""
    request = Request(_SUBSYSTEM | _GET, 0, bytes((family, 0, 0, 0)), subject="connections")
    try:
        raws = netlink.dump(request)
    except (NotSupported, NotPermitted):
        return  # without CONFIG_NF_CT_NETLINK nothing can be seen, and nothing deleted
    for raw in raws:
        found = split(raw.body, 4)
        flow = _tuple(found.get(_ORIGINAL, b""), family)
        answer = _tuple(found.get(_REPLY, b""), family)
        if flow and answer and flow[1] == protocol:
            yield flow, answer[2]


def _tuple(data: bytes, family: int) -> Flow | None:
    parts = split(data)
    ip, proto = split(parts.get(_IP, b"")), split(parts.get(_PROTOCOL, b""))
    first = 1 if family == _socket.AF_INET else 3
    if first not in ip or _SOURCE_PORT not in proto:
        return None
    ports = [_PORT.unpack(proto[kind])[0] for kind in (_SOURCE_PORT, _DESTINATION_PORT)]
    return family, proto[_NUMBER][0], ip[first], ip[first + 1], ports[0], ports[1]


def _deleted(netlink: Nfnetlink, flow: Flow) -> int:
    family, protocol, source, destination, source_port, destination_port = flow
    first = 1 if family == _socket.AF_INET else 3
    ip = attribute(first, source) + attribute(first + 1, destination)
    proto = attribute(_NUMBER, bytes((protocol,))) + attribute(_SOURCE_PORT, _PORT.pack(source_port)) + attribute(_DESTINATION_PORT, _PORT.pack(destination_port))
    body = attribute(_ORIGINAL | NESTED, attribute(_IP | NESTED, ip) + attribute(_PROTOCOL | NESTED, proto))
    try:
        netlink.request(Request(_SUBSYSTEM | _DELETE, 0, bytes((family, 0, 0, 0)) + body, subject="a connection"))
    except Missing:
        return 0  # it ended by itself
    return 1
