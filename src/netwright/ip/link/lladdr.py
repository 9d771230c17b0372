"""Hardware addresses as ip(8) reads them: any number of hex bytes with colons, or an IPv4 address (tunnels have such)."""

from ..exits import LOCAL, Exit

_MOST_BYTES = 32  # MAX_ADDR_LEN of linux/netdevice.h
_HEX = "0123456789abcdefABCDEF"


def lladdr(text: str) -> bytes:
    """The bytes of `text`. Exit 1 with ip's words when it is none."""
    if "." in text:
        from .words.ip import ipv4

        found = ipv4(text)
        if found is None:
            raise _invalid(text)
        return found
    return bytes([_byte(part) for part in text.split(":")[:_MOST_BYTES]])


def _byte(part: str) -> int:
    """One part, by scanf's %x: white space, a sign and 0x may stand in front, anything may follow."""
    body = part.lstrip(" \t\n\v\f\r")
    sign = -1 if body[:1] == "-" else 1
    body = body[1:] if body[:1] in ("+", "-") else body
    if body[:2] in ("0x", "0X") and body[2:3] in tuple(_HEX):
        body = body[2:]
    digits = body[: len(body) - len(body.lstrip(_HEX))]
    value = sign * int(digits, 16) if digits else -1
    if not 0 <= value <= 255:
        raise _invalid(part)
    return value


def _invalid(part: str) -> Exit:
    return Exit(
        LOCAL, f'"{part}" is invalid lladdr.', why="a hardware address is bytes in hex with colons, as in 02:00:00:00:00:01"
    )


def setting(text: str) -> str | bytes:
    """The address as a setting of an operation: text where text means the same to everybody, bytes where it does not."""
    from ...kernel.inet import mac_aton

    data = lladdr(text)
    plain = data.hex(":")
    return plain if mac_aton(plain) == data else data
