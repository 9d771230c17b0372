"""DHCP messages, as values and as bytes. RFC 2131 (the message), 2132 (its options), 3396 (options longer than 255 bytes).

What comes from the network is not trusted: `unpack` gives a Message or raises ValueError with the reason, and never reads beyond
the end of what it was given.
"""

from struct import Struct

from ...model.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE = 1, 2, 3, 4, 5, 6, 7
NAMES = {1: "DISCOVER", 2: "OFFER", 3: "REQUEST", 4: "DECLINE", 5: "ACK", 6: "NAK", 7: "RELEASE", 8: "INFORM"}

SUBNET_MASK, ROUTERS, DNS_SERVERS, HOST_NAME, DOMAIN_NAME, MTU, STATIC_ROUTES, NTP_SERVERS = 1, 3, 6, 12, 15, 26, 33, 42
REQUESTED_ADDRESS, LEASE_TIME, OVERLOAD, KIND, SERVER, PARAMETERS, MESSAGE, LARGEST = 50, 51, 52, 53, 54, 55, 56, 57
RENEWAL_TIME, REBINDING_TIME, CLIENT_ID, SEARCH, CLASSLESS_ROUTES, CLASSLESS_ROUTES_OLD = 58, 59, 61, 119, 121, 249
_PAD, _END = 0, 255

_HEAD = Struct("!BBBBIHH4s4s4s4s16s64s128s4s")
_COOKIE = bytes([99, 130, 83, 99])
_ETHERNET = 1
_SMALLEST = 300  # what BOOTP relays expect; shorter messages are dropped by some
_BROADCAST = 0x8000
NOWHERE = "0.0.0.0"


@value
class Message:
    """One message. `op` 1 is from a client, 2 from a server; `options` are the bytes of each by its number; addresses are text."""

    op: int
    xid: int
    mac: bytes
    options: "Mapping[int, bytes]"
    seconds: int = 0
    broadcast: bool = False
    client: str = NOWHERE  # ciaddr
    yours: str = NOWHERE  # yiaddr
    next_server: str = NOWHERE  # siaddr
    relay: str = NOWHERE  # giaddr

    @property
    def kind(self) -> int:
        """Option 53; 0 when it is not there (BOOTP)."""
        found = self.options.get(KIND, b"")
        return found[0] if len(found) == 1 else 0

    @property
    def server(self) -> str:
        """Option 54, the server's identity; "" when it is not there."""
        return text(self.options[SERVER]) if len(self.options.get(SERVER, b"")) == 4 else ""


def text(data: bytes) -> str:
    """The text of the 4 bytes of an address."""
    return "%d.%d.%d.%d" % tuple(data)


def packed(address: str) -> bytes:
    """The 4 bytes of an address in text. ValueError."""
    return bytes(map(int, address.split(".")))


def pack(message: Message) -> bytes:
    """The bytes of a message."""
    places = [packed(a) for a in (message.client, message.yours, message.next_server, message.relay)]
    flags = _BROADCAST if message.broadcast else 0
    head = _HEAD.pack(
        message.op, _ETHERNET, len(message.mac), 0, message.xid, min(message.seconds, 0xFFFF), flags, *places, message.mac, b"", b"", _COOKIE
    )
    return (head + b"".join(_packed_options(message.options)) + bytes([_END])).ljust(_SMALLEST, b"\0")


def _packed_options(options: "Mapping[int, bytes]") -> "Iterator[bytes]":
    """The kind first, as everybody does; longer values in pieces (RFC 3396)."""
    for number in sorted(options, key=lambda n: (n != KIND, n)):
        data = options[number]
        for at in range(0, max(len(data), 1), 255):
            piece = data[at : at + 255]
            yield bytes([number, len(piece)]) + piece


def unpack(data: bytes) -> Message:
    """The message in these bytes. ValueError with the reason."""
    if len(data) < _HEAD.size:
        raise ValueError(f"{len(data)} bytes are no DHCP message")
    op, hardware, length, _, xid, seconds, flags, c, y, s, g, mac, sname, file, cookie = _HEAD.unpack_from(data)
    if cookie != _COOKIE or op not in (1, 2):
        raise ValueError("not a DHCP message: its cookie or operation is another's")
    if hardware != _ETHERNET or length > 16:
        raise ValueError(f"hardware address of type {hardware} with {length} bytes")
    options: dict[int, bytes] = {}
    _read(data, _HEAD.size, options)
    overload = options.get(OVERLOAD, b"\0")
    if len(overload) != 1 or overload[0] > 3:
        raise ValueError("option 52 is neither 1, 2 nor 3")
    for bit, more in ((1, file), (2, sname)):
        if overload[0] & bit:
            _read(more, 0, options)
    return Message(op, xid, mac[:length], options, seconds, bool(flags & _BROADCAST), text(c), text(y), text(s), text(g))


def _read(data: bytes, at: int, into: "dict[int, bytes]") -> None:
    """Options up to the end mark, or to the end: some servers leave the mark out."""
    while at < len(data) and data[at] != _END:
        number = data[at]
        if number == _PAD:
            at += 1
            continue
        stop = at + 2 + (data[at + 1] if at + 1 < len(data) else 256)
        if stop > len(data):
            raise ValueError(f"option {number} is longer than the message")
        into[number] = into.get(number, b"") + data[at + 2 : stop]
        at = stop
