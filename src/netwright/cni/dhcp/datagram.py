"""UDP in IPv4, made and read by hand: a client without an address cannot use the kernel's. RFC 791, 768, 1071"""

from struct import Struct

from .packet import packed, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .packet import Message

CLIENT_PORT, SERVER_PORT = 68, 67
EVERYBODY = "255.255.255.255"
_IP = Struct("!BBHHHBBH4s4s")
_UDP = Struct("!HHHH")
_PSEUDO = Struct("!4s4sBBH")
_UDP_NUMBER = 17
_LOW_DELAY = 0x10
_FRAGMENT = 0x3FFF  # more fragments, or an offset


def checksum(data: bytes) -> int:
    """The Internet checksum: 0 over what carries its own."""
    if len(data) % 2:
        data += b"\0"
    total = int.from_bytes(data, "big") % 0xFFFF  # the sum of 16-bit words with end-around carry is the number modulo 2^16-1
    return 0xFFFF - total if total else (0xFFFF if not any(data) else 0)


def wrap(payload: bytes, source: str, target: str, *, ports: "tuple[int, int]" = (CLIENT_PORT, SERVER_PORT)) -> bytes:
    """An IPv4 packet with one UDP datagram."""
    a, b = packed(source), packed(target)
    length = 8 + len(payload)
    udp = _UDP.pack(*ports, length, 0) + payload
    total = checksum(_PSEUDO.pack(a, b, 0, _UDP_NUMBER, length) + udp) or 0xFFFF
    udp = _UDP.pack(*ports, length, total) + payload
    head = _IP.pack(0x45, _LOW_DELAY, 20 + length, 0, 0, 64, _UDP_NUMBER, 0, a, b)
    return head[:10] + checksum(head).to_bytes(2, "big") + head[12:] + udp


def unwrap(packet: bytes, *, port: int = CLIENT_PORT, verify: bool = True) -> "tuple[bytes, str] | None":
    """(the payload, the sender) of a datagram to `port`; None for anything else and for what is damaged.

    `verify` False: the sender is on this machine and left the UDP checksum to a network card that the packet never met.
    """
    if len(packet) < 28 or packet[0] >> 4 != 4:
        return None
    head = (packet[0] & 15) * 4
    _, _, total, _, part, _, protocol, _, source, target = _IP.unpack_from(packet)
    if head < 20 or protocol != _UDP_NUMBER or part & _FRAGMENT or not head + 8 <= total <= len(packet) or checksum(packet[:head]):
        return None
    _, to, length, total_sum = _UDP.unpack_from(packet, head)
    if to != port or not 8 <= length <= total - head:
        return None
    udp = packet[head : head + length]
    if verify and total_sum and checksum(_PSEUDO.pack(source, target, 0, _UDP_NUMBER, length) + udp):
        return None
    return udp[8:], text(source)


def described(message: "Message") -> str:
    """A message in a few words, for the log."""
    from .packet import NAMES

    said = message.options.get(56, b"").decode("utf-8", "replace")
    more = f" from {message.server}" if message.server else ""
    return f"{NAMES.get(message.kind, 'BOOTP')}{more}{f': {said}' if said.isprintable() and said else ''}"
