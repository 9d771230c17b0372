"""Networks and addresses as numbers: parsing, containing, handing out the next free one. Standard library only, and little of it.

`ipaddress` checks more and costs ten times as much; here a network is parsed once and its addresses are handed out by adding.
"""

from .value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_BITS = {4: 32, 6: 128}
_HEX = frozenset("0123456789abcdefABCDEF")


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
        return _six(text.partition("%")[0]), 6
    parts = text.split(".")
    if len(parts) != 4 or not all(p.isascii() and p.isdigit() and int(p) < 256 and (p == "0" or p[0] != "0") for p in parts):
        raise ValueError(f"{text!r} is no address: four numbers from 0 to 255, as in 10.0.0.1")
    a, b, c, d = map(int, parts)
    return a << 24 | b << 16 | c << 8 | d, 4


def text_of(number: int, family: int) -> str:
    """The address as text, IPv6 in its short form (RFC 5952)."""
    if family == 4:
        return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return _text_of_six(number)


def _six(text: str) -> int:
    """An IPv6 address. Here and not by `ipaddress`, which takes as long to import as half of Python; what is rare, and every error
    with its reason, is left to it."""
    before, gap, behind = text.partition("::")
    first, last = before.split(":") if before else [], behind.split(":") if behind else []
    groups = first + last
    zeros = 8 - len(groups)
    if not (zeros >= 1 if gap else zeros == 0) or not all(0 < len(g) < 5 and _HEX.issuperset(g) for g in groups):
        from ipaddress import IPv6Address

        return int(IPv6Address(text))
    return int("".join(g.zfill(4) for g in first) + "0000" * zeros + "".join(g.zfill(4) for g in last), 16)


def _text_of_six(number: int) -> str:
    groups = [f"{number >> shift & 0xFFFF:x}" for shift in range(112, -1, -16)]
    best, length, at = 0, 0, 0
    while at < 8:
        end = at
        while end < 8 and groups[end] == "0":
            end += 1
        if end - at > length:  # of two that are as long, the first
            best, length = at, end - at
        at = max(end, at + 1)
    if length < 2:
        return ":".join(groups)
    return f"{':'.join(groups[:best])}::{':'.join(groups[best + length :])}"


def split(text: str) -> tuple[int, int, int]:
    """("10.0.0.1/24") -> (number, family, prefix length); without a length the whole address. ValueError."""
    host, slash, behind = text.partition("/")
    number, family = number_of(host)
    bits = _BITS[family]
    if not slash:
        return number, family, bits
    if not (behind.isascii() and behind.isdigit()) or int(behind) > bits:
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
    """Subnets of a network around those that are in use: switches' from the beginning, cables' from the end, so that one more of
    either moves none of the others."""

    def __init__(self, network: Net, used: "Iterable[Net]" = ()) -> None:
        self.network = network
        self._busy = Ranges()
        for other in used:
            if other.overlaps(network):
                self._busy.add(other.base, other.last)
        self._at = network.base
        self._block: int | None = None

    def take(self, length: int) -> "Net | None":
        """The next free subnet with that prefix length; None when there is none left."""
        length = max(length, self.network.length)
        size = 1 << (_BITS[self.network.family] - length)
        found = self._first(self._at, self.network.last, size)
        if found is None:
            return None
        self._at = found + size
        return self._taken(found, length)

    def take_small(self, length: int) -> "Net | None":
        """The same for a cable: from the last 256 addresses of the network (in IPv6: 256 subnets), then from those before them."""
        length = max(length, self.network.length)
        size = 1 << (_BITS[self.network.family] - length)
        room = max(256, size) if self.network.family == 4 else 256 * size
        room = min(room, self.network.size)
        at = self.network.last + 1 - room if self._block is None else self._block
        while at >= self.network.base:
            self._block = at
            found = self._first(at, at + room - 1, size)
            if found is not None:
                return self._taken(found, length)
            at -= room
        return None

    def _first(self, at: int, last: int, size: int) -> "int | None":
        """The first free and even place for so many addresses."""
        at = -(-at // size) * size
        while at + size - 1 <= last:
            end = self._busy.end(at, at + size - 1)
            if end is None:
                return at
            at = -(-(end + 1) // size) * size
        return None

    def _taken(self, base: int, length: int) -> Net:
        found = Net(self.network.family, base, length)
        self._busy.add(found.base, found.last)
        return found


class Ranges:
    """Numbers that are taken, as ranges that do not touch each other's insides."""

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []

    def add(self, first: int, last: int) -> None:
        """Take all from `first` to `last`."""
        from bisect import bisect_left, bisect_right

        low, high = bisect_left(self._lasts, first), bisect_right(self._firsts, last)
        if low < high:
            first, last = min(first, self._firsts[low]), max(last, self._lasts[high - 1])
        self._firsts[low:high], self._lasts[low:high] = [first], [last]

    def end(self, first: int, last: int) -> "int | None":
        """The end of the last range that shares a number with `first`..`last`; None when all of it is free."""
        from bisect import bisect_right

        at = bisect_right(self._firsts, last) - 1
        return self._lasts[at] if at >= 0 and self._lasts[at] >= first else None
