"""Addresses as text and as bytes; the C library's own rules (`_socket`: importing `socket` costs as much as Python's start)."""

import _socket

AF_UNSPEC, AF_INET, AF_BRIDGE, AF_INET6, AF_PACKET, AF_MPLS = 0, 2, 7, 10, 17, 28


def aton(text: str, family: int = AF_UNSPEC) -> bytes:
    """The 4 or 16 bytes of an address in text. ValueError when it is none."""
    try:
        if family == AF_INET6 or (family == AF_UNSPEC and ":" in text):
            return _socket.inet_pton(AF_INET6, text)
        return _socket.inet_pton(AF_INET, text)
    except OSError:
        raise ValueError(f"not an IP address: {text!r}") from None


def ntoa(data: bytes) -> str:
    """The text of 4 or 16 bytes. ValueError for any other length."""
    if len(data) == 4:
        return "%d.%d.%d.%d" % tuple(data)
    if len(data) == 16:
        return _socket.inet_ntop(AF_INET6, data)
    raise ValueError("an IP address has 4 or 16 bytes")


def mac_aton(text: str) -> bytes:
    """The bytes of a hardware address `aa:bb:…` (also an IPv4 or IPv6 address, as tunnels have). ValueError when it is none."""
    if "." in text:
        return aton(text, AF_INET)
    if text.count(":") != 5 and ("::" in text or text.count(":") == 7):
        return aton(text, AF_INET6)
    parts = text.split(":")
    if any(not 1 <= len(part) <= 2 for part in parts):
        raise ValueError(f"not a hardware address: {text!r}")
    return bytes([int(part, 16) for part in parts])


def mac_ntoa(data: bytes) -> str:
    """`aa:bb:cc:dd:ee:ff` for any number of bytes."""
    return data.hex(":")


def host_name(text: str) -> str:
    """The name that the system's resolver has for an address; OSError when it has none. `ip -resolve`"""
    return _socket.gethostbyaddr(text)[0]
