"""IP addresses among the options of a kind; ip/prefix.py reads them."""

from ...exits import LOCAL, Exit
from ...prefix import find_address

INET, INET6 = 2, 10


def address32(text: str) -> str:
    """An IPv4 address where ip wants a 32-bit word: it has another complaint then, exit 1."""
    found = find_address(text, INET)
    if found is None:
        raise Exit(LOCAL, f'Error: an IP address is expected rather than "{text}"', fatal=True)
    return found.text or "0.0.0.0"


def is_multicast(text: str) -> bool:
    """224.0.0.0/4 or ff00::/8."""
    found = find_address(text)
    return found is not None and found.multicast
