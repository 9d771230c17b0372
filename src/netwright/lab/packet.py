"""An Ethernet frame taken apart, and as a line of text in the manner of tcpdump(8): who, to whom, what.

Only headers are read, and only as far as they are there: a frame that is cut short or broken gives a line too.
"""

from __future__ import annotations

from struct import Struct

from ..model.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_IPV4, _ARP, _VLAN, _IPV6, _QINQ = 0x0800, 0x0806, 0x8100, 0x86DD, 0x88A8
_NAMES = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 47: "gre", 50: "esp", 58: "icmp6", 89: "ospf", 132: "sctp"}
_EXTENSIONS = (0, 43, 60)  # hop-by-hop, routing, destination options: RFC 8200
_PORTS = ("tcp", "udp", "sctp")
_TWO, _FOUR = Struct(">H"), Struct(">I")


@value
class Packet:
    """`protocol` is tcp, udp, icmp, icmp6, arp, … or "" ; `source` and `target` are addresses, `ports` both or None.

    `family` 4, 6 or 0; `vlan` 0 for none; `size` is what the frame had on the wire; `text` says what it carries.
    """

    protocol: str = ""
    family: int = 0
    source: str = ""
    target: str = ""
    ports: tuple[int, int] | None = None
    vlan: int = 0
    size: int = 0
    text: str = ""


def taken_apart(frame: bytes, size: int = 0, *, ethernet: bool = True) -> Packet:
    """What is in a frame of `size` bytes of which these were kept; `ethernet` False for a device without a link layer."""
    size = size or len(frame)
    kind, rest, vlan = _link_layer(frame) if ethernet else ({4: _IPV4, 6: _IPV6}.get(frame[0] >> 4 if frame else 0, 0), frame, 0)
    try:
        read: Callable[[bytes], Packet] | None = {_IPV4: _ipv4, _IPV6: _ipv6, _ARP: _arp}.get(kind)
        found = read(rest) if read else Packet(text=_stp(rest) if kind < 1536 else f"ethertype 0x{kind:04x}")
    except (IndexError, ValueError):
        found = Packet(text="cut short")
    return Packet(found.protocol, found.family, found.source, found.target, found.ports, vlan, size, found.text)


def _link_layer(frame: bytes) -> tuple[int, bytes, int]:
    """Type, what is behind it, and the innermost VLAN."""
    at, vlan = 12, 0
    kind = _number(frame, at)
    while kind in (_VLAN, _QINQ):
        vlan, at = _number(frame, at + 2) & 0xFFF, at + 4
        kind = _number(frame, at)
    return kind, frame[at + 2 :], vlan


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")


def _dotted(data: bytes) -> str:
    return ".".join(map(str, data)) if len(data) == 4 else "?"


def _colons(data: bytes) -> str:
    from socket import AF_INET6, inet_ntop

    return inet_ntop(AF_INET6, data) if len(data) == 16 else "?"


def _stp(rest: bytes) -> str:
    return "STP" if rest[:3] == b"\x42\x42\x03" else "802.3"


# -- network layer ---------------------------------------------------------------------------------------------------------


def _ipv4(data: bytes) -> Packet:
    start, whole = (data[0] & 15) * 4, _number(data, 2)
    source, target, fragment = _dotted(data[12:16]), _dotted(data[16:20]), _number(data, 6)
    name = _NAMES.get(data[9], f"protocol {data[9]}")
    if fragment & 0x1FFF:
        return Packet(name, 4, source, target, None, text=f"{name} fragment at {(fragment & 0x1FFF) * 8}, {whole - start} bytes")
    return _transport(name, 4, source, target, data[start:], whole - start)


def _ipv6(data: bytes) -> Packet:
    source, target, kind, at = _colons(data[8:24]), _colons(data[24:40]), data[6], 40
    while kind in _EXTENSIONS:
        kind, at = data[at], at + (data[at + 1] + 1) * 8
    return _transport(_NAMES.get(kind, f"protocol {kind}"), 6, source, target, data[at:], _number(data, 4) - (at - 40))


def _arp(data: bytes) -> Packet:
    asking, source, target = _number(data, 6) == 1, _dotted(data[14:18]), _dotted(data[24:28])
    text = f"who has {target}? tell {source}" if asking else f"{source} is at {data[8:14].hex(':')}"
    return Packet("arp", 4, source, target, None, text=text)


# -- transport layer -------------------------------------------------------------------------------------------------------

_FLAGS = ((0x02, "S"), (0x01, "F"), (0x04, "R"), (0x08, "P"), (0x20, "U"), (0x10, "."))
_ICMP = {0: "echo reply", 3: "unreachable", 5: "redirect", 8: "echo request", 11: "time exceeded", 12: "parameter problem"}
_ICMP6 = {
    1: "unreachable", 2: "packet too big", 3: "time exceeded", 4: "parameter problem", 128: "echo request", 129: "echo reply",
    130: "listener query", 131: "listener report", 133: "router solicitation", 134: "router advertisement",
    135: "neighbour solicitation", 136: "neighbour advertisement", 137: "redirect", 143: "listener report v2",
}  # fmt: skip
_UNREACHABLE = {0: "network", 1: "host", 2: "protocol", 3: "port", 4: "needs fragmenting", 9: "prohibited", 10: "prohibited", 13: "prohibited"}


def _transport(name: str, family: int, source: str, target: str, data: bytes, length: int) -> Packet:
    ports = (_number(data, 0), _number(data, 2)) if name in _PORTS else None
    if name == "tcp":
        text = _tcp(data, length)
    elif name == "udp":
        text = f"udp, {max(0, length - 8)} bytes"
    elif name in ("icmp", "icmp6"):
        text = _icmp(data, name == "icmp6", length)
    else:
        text = f"{name}, {length} bytes"
    return Packet(name, family, source, target, ports, text=text)


def _tcp(data: bytes, length: int) -> str:
    flags = "".join(letter for bit, letter in _FLAGS if data[13] & bit) or "none"
    body = length - (data[12] >> 4) * 4
    (sequence,), (answer,) = _FOUR.unpack_from(data.ljust(12, b"\0"), 4), _FOUR.unpack_from(data.ljust(12, b"\0"), 8)
    seen = f"seq {sequence}" + (f":{(sequence + body) & 0xFFFFFFFF}" if body else "")
    return f"tcp [{flags}] {seen}{f', ack {answer}' if data[13] & 0x10 else ''}, {body} bytes"


def _icmp(data: bytes, six: bool, length: int) -> str:
    kind, code = data[0], data[1]
    name = (_ICMP6 if six else _ICMP).get(kind, f"type {kind}")
    if kind in ((128, 129) if six else (8, 0)):
        return f"{'icmp6' if six else 'icmp'} {name}, id {_number(data, 4)}, seq {_number(data, 6)}, {max(0, length - 8)} bytes"
    if six and kind in (135, 136):
        return f"icmp6 {name}: {_colons(data[8:24])}"
    more = f" ({_UNREACHABLE.get(code, code)})" if name == "unreachable" and not six else ""
    return f"{'icmp6' if six else 'icmp'} {name}{more}"


# -- as text ---------------------------------------------------------------------------------------------------------------


def line(packet: Packet) -> str:
    """`10.0.0.1.43210 > 10.0.0.2.80: tcp [S] seq 1, 0 bytes`"""
    vlan = f"vlan {packet.vlan} " if packet.vlan else ""
    if packet.protocol == "arp" or not packet.source:
        return f"{vlan}{packet.protocol or 'frame'}{' ' if packet.protocol else ', '}{packet.text}{'' if packet.protocol else f', {packet.size} bytes'}"
    ports = (f".{packet.ports[0]}", f".{packet.ports[1]}") if packet.ports else ("", "")
    return f"{vlan}{packet.source}{ports[0]} > {packet.target}{ports[1]}: {packet.text}"


def clock(nanoseconds: int) -> str:
    """The local time of day, to the microsecond."""
    from time import localtime, strftime

    return strftime("%H:%M:%S", localtime(nanoseconds // 10**9)) + f".{nanoseconds % 10**9 // 1000:06}"
