"""Published ports as one writes them: `docker run -p` with one rule of our own, and which port is taken when any will do.

    [ADDRESS:][PORT[-LAST]:]PORT[-LAST][/tcp|udp|sctp]

    80                  any free port of the host -> 80               8080:80             this one
    8000-8010:80        the first free one of these                   8000-8010:80-90     each to its own
    127.0.0.1::80       any free port of that address                 [::1]:8080:80       IPv6 in brackets
    0.0.0.0:8080:80     every IPv4 address; [::] every IPv6 address   *:8080:80           every address

Where no address is given the port can be reached from this machine alone: 127.0.0.1 and ::1.
"""

from ..errors import Conflict
from ..model.addressing import Ranges, number_of, text_of
from ..model.value import value
from .mistakes import Mistake, Mistakes, Wrong, near, shown, told
from .values import PROTOCOLS, Port

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Held = tuple[Port, str]

LOCAL = ("127.0.0.1", "::1")
ANYWHERE = ("", "0.0.0.0", "::")
ANY_PORT = (32768, 60999)  # net.ipv4.ip_local_port_range as the kernel has it
LOOKED_AT = 8  # ports of a range of which none is free, for their owners
_TOLD = 3


@value
class Publish:
    """What was asked for. `hosts`: addresses of the host, "" every one. `first`..`last`: its ports, 0 any free one; one of them
    when `count` is 1, all of them otherwise. `port` and the `count` - 1 after it: the container's."""

    port: int
    first: int = 0
    last: int = 0
    count: int = 1
    protocol: str = "tcp"
    hosts: "tuple[str, ...]" = LOCAL

    def at(self, first: int) -> "tuple[Port, ...]":
        """The ports, when those of the host begin at `first`."""
        return tuple(Port(self.protocol, host, first, self.port, self.count) for host in self.hosts)


# -- reading -----------------------------------------------------------------------------------------------------------------


def parse_all(texts: "Sequence[str]", hosts: "tuple[str, ...]" = LOCAL) -> "tuple[Publish, ...]":
    """Every one; Mistakes with all of theirs. `hosts`: what is meant where no address is given."""
    out: list[Publish] = []
    wrong: list[Mistake] = []
    for text in texts:
        try:
            found = parse(text, hosts)
            if found not in out:
                out.append(found)
        except Mistakes as error:
            wrong += error.problems
    told(wrong)
    return tuple(out)


def parse(text: str, hosts: "tuple[str, ...]" = LOCAL) -> Publish:
    """One. Mistakes with the reason and the form that is right."""
    try:
        return _parsed(text, hosts)
    except Wrong as wrong:
        raise Mistakes([Mistake((text,), wrong.what, wrong.fix)]) from None


def exposed(text: str, hosts: "tuple[str, ...]" = LOCAL) -> Publish:
    """A port that a container offers, `80`, `8000-8010/udp`: published on any free port (-P). Mistakes."""
    if ":" in text:
        raise Mistakes([Mistake((text,), "a port that is offered has no address and no port of the host", f"write {text.rpartition(':')[2] or '80'}")])
    return parse(text, hosts)


def _parsed(text: str, hosts: "tuple[str, ...]") -> Publish:
    before, slash, word = text.partition("/")
    protocol = _protocol(word) if slash else "tcp"
    host, outside, inside = _parts(before)
    if not inside:
        raise Wrong("no port of the container", f"write {before.rstrip(':') or '8080'}:80" if before.count(":") == 1 else "write 8080:80")
    port, end = _range(inside, "the container")
    if port == 0:
        raise Wrong("0 is no port of a container", "from 1 to 65535; 0:80 asks for any free port of the host")
    first, last = _range(outside, "the host") if outside else (0, 0)
    if first == 0 and last != 0:
        raise Wrong(f"{shown(outside)} begins with port 0", f"write 1-{last}")
    count = end - port + 1
    if count > 1 and first and last - first + 1 != count:
        one = f"{last - first + 1} ports of the host" if last > first else f"port {first}"
        raise Wrong(f"{one} for {count} ports of the container", _as_long(first, port, count))
    return Publish(port, first, last, count, protocol, _hosts(host, hosts))


def _as_long(first: int, port: int, count: int) -> str:
    first = min(first, 65536 - count)
    return f"write {first}-{first + count - 1}:{port}-{port + count - 1}"


def _parts(text: str) -> "tuple[str | None, str, str]":
    """(address or None, ports of the host, ports of the container)."""
    if text.startswith("["):
        inside, bracket, rest = text[1:].partition("]")
        if not bracket:
            raise Wrong("a [ that is not closed", "an IPv6 address stands in brackets: [::1]:8080:80")
        if not rest.startswith(":") or rest.count(":") != 2:
            raise Wrong("after the address come the host's port and the container's", f"write [{inside}]:8080:80, or [{inside}]::80 for any free port")
        _, outside, port = rest.split(":")
        if ":" not in inside:
            raise Wrong(f"[{inside}] is no IPv6 address", f"only these stand in brackets: {inside or '127.0.0.1'}:{outside}:{port}")
        return inside, outside, port
    parts = text.split(":")
    if len(parts) < 3:
        outside = parts[0] if len(parts) == 2 else ""
        if "." in outside or outside in ("*", "localhost"):
            raise Wrong("an address, and no port of the host", f"write {outside}:{parts[1] or 80}:{parts[1] or 80}, or {outside}::{parts[1] or 80} for any free port")
        return None, outside, parts[-1]
    # As Docker reads it: an IPv6 address without brackets is all but the last two.
    return ":".join(parts[:-2]) or None, parts[-2], parts[-1]


def _protocol(word: str) -> str:
    found = word.lower()
    if found in PROTOCOLS:
        return found
    if not found:
        raise Wrong("nothing behind the /", "write /tcp, /udp or /sctp, or leave it out")
    raise Wrong(f"{shown(word)} is no protocol with ports", near(found, PROTOCOLS))


def _range(text: str, whose: str) -> "tuple[int, int]":
    first, dash, last = text.partition("-")
    low = _number(first, whose)
    high = _number(last, whose) if dash else low
    if high < low:
        raise Wrong(f"{text} runs backwards", f"write {high}-{low}")
    return low, high


def _number(text: str, whose: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Wrong(f"{shown(text)} is no port of {whose}", "a number from 1 to 65535, or two with - between them")
    if len(text) > 9 or int(text) > 65535:
        raise Wrong(f"{shown(text)} is no port of {whose}", "65535 is the last")
    return int(text)


def _hosts(text: "str | None", otherwise: "tuple[str, ...]") -> "tuple[str, ...]":
    if text is None:
        return otherwise
    if text == "*":
        return ("",)
    return LOCAL if text == "localhost" else (host_address(text),)


def host_address(text: str) -> str:
    """An address that a port can be published on, in its shortest form. Wrong for what is none."""
    if "%" in text:
        raise Wrong(f"{shown(text)} names a device", "an address without %DEVICE; link-local ones (fe80::) cannot be published on")
    try:
        number, family = number_of(text)
    except ValueError:
        raise Wrong(f"{shown(text)} is no address of the host", "an address as 192.168.1.5 or [fd00::5], or * for every one") from None
    if family == 6 and number >> 32 == 0xFFFF:
        raise Wrong(f"{text} is an IPv4 address in IPv6", f"write {text_of(number & 0xFFFFFFFF, 4)}")
    if (family == 4 and (number >> 28 == 14 or number == 0xFFFFFFFF)) or (family == 6 and number >> 120 == 0xFF):
        raise Wrong(f"{text} is an address of a group", "an address of one of the host's devices")
    if family == 6 and number >> 118 == 0xFE80 >> 6:
        raise Wrong(f"{text} is a link-local address: many devices have it", "a global one, or [::] for every address")
    return text_of(number, family)


# -- writing -----------------------------------------------------------------------------------------------------------------


def text_of_publish(item: Publish, hosts: "tuple[str, ...]" = LOCAL) -> str:
    """The text of which `parse` makes the item; for an item whose addresses no single text gives: that of its first."""
    out = f"{item.port}" if item.count == 1 else f"{item.port}-{item.port + item.count - 1}"
    outside = "" if not item.first else f"{item.first}" if item.last == item.first else f"{item.first}-{item.last}"
    address = _address_text(item.hosts, hosts)
    if address is not None:
        out = f"{address}:{outside}:{out}"
    elif outside:
        out = f"{outside}:{out}"
    return out if item.protocol == "tcp" else f"{out}/{item.protocol}"


def _address_text(given: "tuple[str, ...]", otherwise: "tuple[str, ...]") -> "str | None":
    if given == otherwise:
        return None
    if given == LOCAL:
        return "localhost"
    return {"": "*"}.get(given[0], f"[{given[0]}]" if ":" in given[0] else given[0])


def text_of_port(port: Port) -> str:
    """`127.0.0.1:8080->80/tcp`, as `ls` and errors say it."""
    host = f"[{port.host_ip}]" if ":" in port.host_ip else port.host_ip or "*"
    return f"{host}:{_span(port.host_port, port.count)}->{_span(port.port, port.count)}/{port.protocol}"


def _span(first: int, count: int) -> str:
    return f"{first}" if count == 1 else f"{first}-{first + count - 1}"


# -- choosing ----------------------------------------------------------------------------------------------------------------


class PortsTaken(Conflict):
    """Ports that somebody has: a line for each in str()."""


def settled(wanted: "Iterable[Publish]", held: "Iterable[Held]", any_port: "tuple[int, int]" = ANY_PORT) -> "tuple[Port, ...]":
    """Which ports they are: fixed ones as they stand, else the first that are free on each of its addresses.

    `held` are the ports that are taken, each with its owner's words. PortsTaken names the owner of every one that is not free.
    """
    book = _Book(held)
    out: list[Port] = []
    refused: list[str] = []
    # What is fixed goes first: what can go elsewhere gives way to it.
    for item in sorted(wanted, key=lambda p: p.first == 0 or (p.count == 1 and p.last > p.first)):
        first = _first_free(book, item, any_port)
        if first is None:
            refused.append(_why_taken(book, item, any_port))
            continue
        for port in item.at(first):
            book.add(port, "another port of the same request")
            out.append(port)
    if refused:
        raise PortsTaken("; ".join(refused), fix="take another port of the host, or write only the container's port for any free one")
    return tuple(out)


def _window(item: Publish, any_port: "tuple[int, int]") -> "tuple[int, int]":
    """Where its first port of the host may lie."""
    if not item.first:
        return any_port[0], min(any_port[1], 65535) - item.count + 1
    return item.first, item.last if item.count == 1 else item.first


def _first_free(book: "_Book", item: Publish, any_port: "tuple[int, int]") -> "int | None":
    at, last = _window(item, any_port)
    while at <= last:
        ends = [end for host in item.hosts if (end := book.end(item.protocol, host, at, at + item.count - 1)) is not None]
        if not ends:
            return at
        at = max(ends) + 1
    return None


def _why_taken(book: "_Book", item: Publish, any_port: "tuple[int, int]") -> str:
    first, last = _window(item, any_port)
    if last > first:
        owners = dict.fromkeys(owner for number in range(first, min(last, first + LOOKED_AT) + 1) for port in item.at(number) if (owner := book.owner(port)))
        return f"all of the ports {first}-{last}/{item.protocol} are taken{_some(list(owners))}"
    if last < first:
        return f"{item.count} ports in a row are more than there are from {any_port[0]} to {any_port[1]}"
    for port in item.at(first):
        if owner := book.owner(port):
            return f"port {_span(first, item.count)}/{item.protocol} on {port.host_ip or 'every address'} is taken by {owner}"
    return f"port {_span(first, item.count)}/{item.protocol} is taken"


def _some(owners: "list[str]") -> str:
    if not owners:
        return ""
    return f", by {', '.join(owners[:_TOLD])}{' and others' if len(owners) > _TOLD else ''}"


class _Book:
    """Who has which ports."""

    def __init__(self, held: "Iterable[Held]") -> None:
        self._held: list[Held] = []
        self._taken: dict[tuple[str, str], Ranges] = {}
        for port, owner in held:
            self.add(port, owner)

    def add(self, port: Port, owner: str) -> None:
        self._held.append((port, owner))
        taken = self._taken.setdefault((port.protocol, port.host_ip), Ranges())
        taken.add(port.host_port, port.host_port + port.count - 1)

    def end(self, protocol: str, host: str, first: int, last: int) -> "int | None":
        """The end of what is taken of them on that address; None when all are free."""
        found = [
            end
            for (other, there), taken in self._taken.items()
            if other == protocol and meet(host, there) and (end := taken.end(first, last)) is not None
        ]
        return max(found, default=None)

    def owner(self, port: Port) -> str:
        """Who has it, in words. A port without one of a container is that of a program of the host."""
        for other, owner in self._held:
            if clash(port, other):
                return f"{owner} ({text_of_port(other) if other.port else 'it listens there'})"
        return ""


def meet(one: str, other: str) -> bool:
    """Whether two addresses of the host may be one: the same, or one of them every address of the other's family."""
    if one == other or not one or not other:
        return True
    return (":" in one) == (":" in other) and (one in ANYWHERE or other in ANYWHERE)


def clash(one: Port, other: Port) -> bool:
    """Whether two published ports would take each other's packets."""
    apart = one.host_port + one.count <= other.host_port or other.host_port + other.count <= one.host_port
    return not apart and one.protocol == other.protocol and meet(one.host_ip, other.host_ip)


def matches(item: Publish, port: Port) -> bool:
    """Whether a published port is meant by words such as 8080:80 or 80 (the container's); `hosts` () is any address."""
    if port.protocol != item.protocol or (port.port, port.count) != (item.port, item.count):
        return False
    if item.hosts and port.host_ip not in item.hosts:
        return False
    return not item.first or item.first <= port.host_port <= item.last
