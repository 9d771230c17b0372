"""ADDRESS/LENGTH as rtnetlink wants it. (ipaddress costs 5 ms to import and 10 µs a network.)"""

from ..errors import Invalid
from ..kernel.inet import AF_INET, AF_INET6, aton


def prefix(text: str) -> tuple[int, bytes, int]:
    """(AF_INET or AF_INET6, the address's bytes, length); a whole address when there is no length. Invalid."""
    host, slash, length = text.partition("/")
    family = AF_INET6 if ":" in host else AF_INET
    longest = 128 if family == AF_INET6 else 32
    try:
        number = int(length) if slash else longest
        packed = aton(host, family)
    except ValueError:
        raise Invalid(f"{text!r} is no address or network", fix="like 10.0.0.1/24 or fd00::1/64") from None
    if not 0 <= number <= longest:
        raise Invalid(f"{text!r}: the length of a network is 0 to {longest}")
    return family, packed, number
