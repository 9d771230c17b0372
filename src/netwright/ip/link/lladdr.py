"""Hardware addresses as settings of an operation."""

from ...kernel.inet import mac_aton
from ..prefix import hardware_address


def setting(text: str) -> str | bytes:
    """The address in text where text means the same to everybody, as bytes where it does not (8 bytes read as IPv6)."""
    data = hardware_address(text)
    plain = data.hex(":")
    return plain if mac_aton(plain) == data else data
