"""The ranges of host-local: read from a configuration, checked, and walked round robin. Nothing here acts."""

from ...kernel.inet import aton, ntoa
from ...model.value import value
from ..protocol.section import Section
from ..protocol.versions import at_least

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..protocol.config import Config


@value
class Range:
    """Addresses `first` to `last` of a network with prefix `length`, as numbers. `gateway` is never handed out."""

    family: int
    network: int
    length: int
    first: int
    last: int
    gateway: int

    @property
    def bits(self) -> int:
        """How many an address has."""
        return 32 if self.family == 4 else 128

    def holds(self, number: int, family: int) -> bool:
        """Whether an address is in the range."""
        return family == self.family and self.first <= number <= self.last

    def usable(self, number: int) -> bool:
        """Whether a container may have it: not the gateway's, not the network's own, not the IPv4 broadcast address."""
        broadcast = self.family == 4 and number == self.network + (1 << (self.bits - self.length)) - 1
        return number not in (self.gateway, self.network) and not broadcast

    @property
    def size(self) -> int:
        """How many containers may have one."""
        end = self.network + (1 << (self.bits - self.length)) - 1
        never = {self.network, self.gateway, *([end] if self.family == 4 else [])}
        return self.last - self.first + 1 - sum(self.first <= number <= self.last for number in never)

    def text(self, number: int) -> str:
        """An address of the range as text, which is also the name of its file."""
        return text_of(number, self.family)

    def __str__(self) -> str:
        return f"{self.text(self.first)}-{self.text(self.last)}"


def number_of(text: str) -> "tuple[int, int]":
    """(number, family) of an address that is one."""
    data = aton(text)
    return int.from_bytes(data, "big"), 4 if len(data) == 4 else 6


def text_of(number: int, family: int) -> str:
    """The address as text."""
    return ntoa(number.to_bytes(4 if family == 4 else 16, "big"))


def shown(ranges: "tuple[Range, ...]") -> str:
    """A set of ranges in a message."""
    return ",".join(map(str, ranges))


def walk(ranges: "tuple[Range, ...]", last: str) -> "Iterator[tuple[int, Range]]":
    """Every address of a set once, beginning behind `last` where that is one of them ("" for nothing yet)."""
    at, number = 0, ranges[0].first - 1
    if last:
        was = number_of(last)
        at, number = next(((n, was[0]) for n, one in enumerate(ranges) if one.holds(*was)), (at, number))
    begin = ranges[at]
    for one, first, end in (
        (begin, number + 1, begin.last),
        *((other, other.first, other.last) for other in (*ranges[at + 1 :], *ranges[:at])),
        (begin, begin.first, number),
    ):
        yield from ((n, one) for n in range(first, end + 1) if one.usable(n))


def read_ranges(config: "Config") -> "tuple[tuple[Range, ...], ...]":
    """The sets of ranges: one address is handed out of each. Mistakes go to the configuration's list."""
    ipam, runtime = config.ipam, config.runtime_config
    sets = [_set(runtime, f"ipRanges[{n}]", found) for n, found in enumerate(runtime.list("ipRanges"))]
    if "subnet" in ipam:
        sets.append(tuple(one for one in [_range(ipam)] if one))
    sets += [_set(ipam, f"ranges[{n}]", found) for n, found in enumerate(ipam.list("ranges"))]
    if not sets:
        ipam.wrong("subnet", 'no IP ranges specified: "subnet", or "ranges": [[{"subnet": "10.1.0.0/24"}]]')
    for family in (4, 6):
        if sum(one[0].family == family for one in sets if one) > 1 and not at_least(config.cni_version, "0.3.0"):
            ipam.wrong("ranges", f"CNI version {config.cni_version} does not support more than 1 address per family")
    _check_overlaps(ipam, [(n, one) for n, ranges in enumerate(sets) for one in ranges])
    return tuple(one for one in sets if one)


def _check_overlaps(ipam: Section, ranges: "list[tuple[int, Range]]") -> None:
    for at, (n, one) in enumerate(ranges):
        for m, other in ranges[at + 1 :]:
            if one.family == other.family and one.first <= other.last and other.first <= one.last:
                ipam.wrong("ranges", f"{one} (set {n}) overlaps with {other} (set {m})")


def _set(section: Section, name: str, found: object) -> "tuple[Range, ...]":
    ranges = tuple(one for one in map(_range, section.sections_of(name, found)) if one)
    if isinstance(found, list) and not found:
        section.wrong(name, "the set of ranges is empty")
    if len({one.family for one in ranges}) > 1:
        section.wrong(name, "one set has IPv4 and IPv6; make two sets of it")
    return ranges


def _range(section: Section) -> "Range | None":
    subnet = section.prefixed("subnet", needed=True)
    named = {name: section.address(name) for name in ("rangeStart", "rangeEnd", "gateway")}
    if not subnet:
        return None
    host, _, behind = subnet.partition("/")
    (number, family), length = number_of(host), int(behind)
    bits = 32 if family == 4 else 128
    network = number >> (bits - length) << (bits - length)
    if length > bits - 2:
        section.wrong("subnet", f"network {subnet} is too small to allocate from: at most a /{bits - 2}")
        return None
    if number != network:
        section.wrong("subnet", f"{subnet} has host bits set, the network is {text_of(network, family)}/{length}")
        return None
    end = network + (1 << (bits - length)) - 1
    numbers = {"rangeStart": network + 1, "rangeEnd": end - (family == 4), "gateway": network + 1}
    for name, text in named.items():
        if text:
            given, kind = number_of(text)
            if kind != family or (name != "gateway" and not network <= given <= end):
                section.wrong(name, f"{text} is not in network {subnet}")
            else:
                numbers[name] = given
    if numbers["rangeStart"] > numbers["rangeEnd"]:
        section.wrong("rangeEnd", f"{text_of(numbers['rangeEnd'], family)} is before rangeStart")
    return Range(family, network, length, numbers["rangeStart"], numbers["rangeEnd"], numbers["gateway"])
