"""Networks and addresses as numbers: parsing, containing, handing out the next free one. Standard library only, and little of it.

`ipaddress` checks more and costs ten times as much; here a network is parsed once and its addresses are handed out by adding.
"""

from .value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_BITS = {4: 32, 6: 128}


@value
class Net:
    """A network: `family` 4 or 6, `base` its first address as a number, `length` of the prefix."""

    family: int
    base: int
    length: int

    @property
    def size(self) -> int:
        """How many addresses it has."""
        return 1 << (_BITS[self.family] - self.length)

    @property
    def last(self) -> int:
        """The last of them."""
        return self.base + self.size - 1

    def overlaps(self, other: "Net") -> bool:
        """Whether they share an address."""
        return self.family == other.family and self.base <= other.last and other.base <= self.last

    def holds(self, number: int, family: int) -> bool:
        """Whether an address is one of its."""
        return family == self.family and self.base <= number <= self.last

    def usable(self, number: int) -> bool:
        """Whether a host may have it: not the network's own, and in IPv4 not the broadcast address (RFC 3021: /31 and /32 have neither)."""
        if self.length >= _BITS[self.family] - 1:
            return True
        return number != self.base and (self.family == 6 or number != self.last)

    def __str__(self) -> str:
        return f"{text_of(self.base, self.family)}/{self.length}"


def number_of(text: str) -> tuple[int, int]:
    """("10.0.0.1") -> (the number, the family). ValueError with the reason for what is no address."""
    if ":" in text:
        from ipaddress import IPv6Address

        return int(IPv6Address(text.partition("%")[0])), 6
    parts = text.split(".")
    if len(parts) != 4 or not all(p.isascii() and p.isdigit() and int(p) < 256 and (p == "0" or p[0] != "0") for p in parts):
        raise ValueError(f"{text!r} is no address: four numbers from 0 to 255, as in 10.0.0.1")
    a, b, c, d = map(int, parts)
    return a << 24 | b << 16 | c << 8 | d, 4


def text_of(number: int, family: int) -> str:
    """The address as text, IPv6 in its short form (RFC 5952)."""
    if family == 4:
        return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    from ipaddress import IPv6Address

    return str(IPv6Address(number))


def split(text: str) -> tuple[int, int, int]:
    """("10.0.0.1/24") -> (number, family, prefix length); without a length the whole address. ValueError."""
    host, slash, behind = text.partition("/")
    number, family = number_of(host)
    bits = _BITS[family]
    if not slash:
        return number, family, bits
    if not behind.isdigit() or int(behind) > bits:
        raise ValueError(f"{text!r}: a prefix length is a number from 0 to {bits}")
    return number, family, int(behind)


def net(text: str) -> Net:
    """A network. ValueError when it is none, or when it is an address inside one (10.0.0.1/24)."""
    number, family, length = split(text)
    found = around(number, family, length)
    if found.base != number:
        raise ValueError(f"{text!r} is an address in {found}, not a network")
    return found


def around(number: int, family: int, length: int) -> Net:
    """The network of that length that an address is in."""
    rest = _BITS[family] - length
    return Net(family, number >> rest << rest, length)


class Free:
    """The free addresses of a network. Hosts are handed out from the tenth on, routers from the first, so that a gateway is .1
    and another router does not move the hosts; in a network of fewer than 32 addresses both begin at the first."""

    def __init__(self, network: Net, taken: "Iterable[int]" = ()) -> None:
        self.network = network
        self.taken = set(taken)
        self._next = {True: network.base, False: network.base + (10 if network.size >= 32 else 0)}

    def take(self, router: bool = False) -> "int | None":
        """The next free one; None when there is none left."""
        at = self._next[router]
        for _ in range(2):
            while at <= self.network.last:
                if at not in self.taken and self.network.usable(at):
                    self.taken.add(at)
                    self._next[router] = at + 1
                    return at
                at += 1
            at = self.network.base  # from the beginning: what was kept for routers
        return None


class Pool:
    """Subnets of a network, one after the other, around those that are in use."""

    def __init__(self, network: Net, used: "Iterable[Net]" = ()) -> None:
        self.network = network
        self._used = [other for other in used if other.overlaps(network)]
        self._at = network.base

    def take(self, length: int) -> "Net | None":
        """The next free subnet with that prefix length; None when there is none left."""
        length = max(length, self.network.length)
        size = 1 << (_BITS[self.network.family] - length)
        at = -(-self._at // size) * size
        while at + size - 1 <= self.network.last:
            found = Net(self.network.family, at, length)
            clash = next((other for other in self._used if other.overlaps(found)), None)
            if clash is None:
                self._at = at + size
                self._used.append(found)
                return found
            at = -(-(clash.last + 1) // size) * size
        return None
