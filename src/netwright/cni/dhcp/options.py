"""What options say, and the names that a configuration may call them by (those of dhcp-options(5), or a number)."""

from . import packet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

BY_NAME = {
    "subnet-mask": 1, "time-offset": 2, "routers": 3, "domain-name-servers": 6, "host-name": 12, "domain-name": 15,
    "interface-mtu": 26, "broadcast-address": 28, "static-routes": 33, "ntp-servers": 42, "vendor-encapsulated-options": 43,
    "dhcp-requested-address": 50, "dhcp-lease-time": 51, "dhcp-server-identifier": 54, "dhcp-message": 56, "dhcp-renewal-time": 58,
    "dhcp-rebinding-time": 59, "vendor-class-identifier": 60, "dhcp-client-identifier": 61, "tftp-server-name": 66,
    "bootfile-name": 67, "user-class": 77, "fqdn": 81, "domain-search": 119, "rfc3442-classless-static-routes": 121,
    "classless-static-routes": 121,
}  # fmt: skip
# Routes before routers: RFC 3442 wants that order. Times and server come whether asked for or not.
DEFAULTS = (121, 1, 3, 33, 6, 15, 119, 12, 26, 42, 51, 54, 58, 59)
OURS = (packet.KIND, packet.PARAMETERS, packet.LARGEST, packet.OVERLOAD, packet.SERVER, packet.REQUESTED_ADDRESS)


def number(name: str) -> int:
    """The number of an option. ValueError with what could be said."""
    found = BY_NAME.get(name)
    if found is None and name.isascii() and name.isdigit() and len(name) < 4 and 0 < int(name) < 255:
        found = int(name)
    if found is None:
        raise ValueError(f"{name!r} is no option: a number from 1 to 254, or {', '.join(BY_NAME)}")
    return found


def addresses(data: bytes) -> "tuple[str, ...]":
    """The addresses of an option that lists some; 0.0.0.0 is nobody's."""
    found = (packet.text(data[at : at + 4]) for at in range(0, len(data) - 3, 4))
    return tuple(one for one in found if one != packet.NOWHERE)


def prefix_length(data: bytes) -> "int | None":
    """The length that a mask stands for; None when it is none, as 255.0.255.0."""
    if len(data) != 4:
        return None
    mask = int.from_bytes(data, "big")
    length = mask.bit_count()
    return length if mask == 0xFFFFFFFF >> (32 - length) << (32 - length) else None


def seconds(data: bytes) -> "int | None":
    """A time; None when it is none."""
    return int.from_bytes(data, "big") if len(data) == 4 else None


def routes(options: "Mapping[int, bytes]") -> "tuple[tuple[str, str], ...]":
    """(network, router) of each route; router "" is the link itself. With option 121 (or Microsoft's 249), 3 and 33 do not count."""
    classless = options.get(packet.CLASSLESS_ROUTES) or options.get(packet.CLASSLESS_ROUTES_OLD)
    found = classless_routes(classless) if classless else ()
    if found:
        return found
    default = tuple(("0.0.0.0/0", one) for one in addresses(options.get(packet.ROUTERS, b""))[:1])
    return classful_routes(options.get(packet.STATIC_ROUTES, b"")) + default


def classless_routes(data: bytes) -> "tuple[tuple[str, str], ...]":
    """Option 121 (RFC 3442). Damaged data gives none: half of somebody's routes would lead astray."""
    out, at = [], 0
    while at < len(data):
        length = data[at]
        many = (length + 7) // 8
        stop = at + 1 + many + 4
        if length > 32 or stop > len(data):
            return ()
        net = int.from_bytes(data[at + 1 : at + 1 + many].ljust(4, b"\0"), "big")
        net = net >> (32 - length) << (32 - length)
        router = packet.text(data[stop - 4 : stop])
        out.append((f"{packet.text(net.to_bytes(4, 'big'))}/{length}", "" if router == packet.NOWHERE else router))
        at = stop
    return tuple(out)


def classful_routes(data: bytes) -> "tuple[tuple[str, str], ...]":
    """Option 33: each network is as long as its class says (RFC 2132); 0.0.0.0 must not be among them."""
    out = []
    for at in range(0, len(data) - 7, 8):
        first = data[at]
        length = 8 if first < 128 else 16 if first < 192 else 24
        net = int.from_bytes(data[at : at + 4], "big") >> (32 - length) << (32 - length)
        if 0 < first < 224:
            out.append((f"{packet.text(net.to_bytes(4, 'big'))}/{length}", packet.text(data[at + 4 : at + 8])))
    return tuple(out)


def names(data: bytes) -> "tuple[str, ...]":
    """Option 119 (RFC 3397): domain names as DNS writes them, with pointers. Damaged data gives none."""
    out, at = [], 0
    while at < len(data):
        found, at = _name(data, at)
        if at < 0:
            return ()
        if found:
            out.append(found)
    return tuple(out)


def _name(data: bytes, at: int) -> "tuple[str, int]":
    """(the name, where the next begins), or ("", -1). Pointers only lead back, so it ends."""
    labels: list[str] = []
    after, least = -1, at
    while at < len(data):
        size = data[at]
        if size >= 0xC0 and at + 1 < len(data):
            after = at + 2 if after < 0 else after
            at = (size & 0x3F) << 8 | data[at + 1]
            if at >= least:
                return "", -1
            least = at
        elif size == 0:
            return ".".join(labels), at + 1 if after < 0 else after
        elif size < 64 and at + 1 + size < len(data) and (label := plain(data[at + 1 : at + 1 + size], dots=False)):
            labels.append(label)
            at += 1 + size
        else:
            return "", -1
        if len(labels) > 127:
            return "", -1
    return "", -1


def plain(data: bytes, *, dots: bool = True) -> str:
    """A name of letters, digits, "-" and "_" (and "."): what may go into a resolv.conf. "" for anything else."""
    found = data.rstrip(b"\0").decode("ascii", "replace")
    return found if all(c.isascii() and (c.isalnum() or c in "-_" or (dots and c == ".")) for c in found) else ""
