"""What becomes of a name, step by step: which resolver file, which responder, which network, the answer or why there is none."""

import os
import socket
from time import monotonic

from ...errors import Gone, Invalid
from ...model.value import value
from . import responder, zones
from .upstream import parse
from .view import FORWARD, FOUND, Answer, Index, View, of_client
from .zone import Zone, why_no_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = {"A": 1, "PTR": 12, "AAAA": 28, "SRV": 33, "ANY": 255}
_RESOLV_CONF = "/etc/resolv.conf"
_PATIENCE = 2.0


@value
class Step:
    """One step: what was looked at, what was seen, how long it took in seconds (-1: no time worth telling), and whether a name was found."""

    what: str
    said: str
    seconds: float = -1.0
    found: bool = False


def trace(name: str, kind: str = "", *, network: str = "", client: str = "", directory: str = "") -> "Iterator[Step]":
    """The way of a name. `network`: as somebody on it asks; `client`: as who has that address. Without either: as whoever uses this
    host's resolv.conf where that leads to a network, else on every network. Invalid, Gone."""
    name, kind = _checked(name, kind)
    known = {found: zone for found in zones.names(directory) if (zone := zones.read(found, directory)) is not None}
    if network and network not in known:
        raise Gone(f"network {network} has no names", why=f"there are: {', '.join(known) or 'none'}", fix="see: nw dns status; what was lost comes back by: nw network reload")
    servers, search = _resolver()
    if not (network or client):
        yield Step("resolver", _file(servers, search))
    yield _served(directory)
    indexes = tuple(Index(zone) for zone in known.values())
    asked = _asked(indexes, network, client, servers)
    if not asked:
        yield Step("network", "none is asked: the host's own servers are")
        yield from _others(servers, name, kind)
    for index in asked:
        yield from _on(indexes, index, name, kind, client, search if not (network or client) else ())


def _checked(name: str, kind: str) -> tuple[str, str]:
    from ...model.addressing import number_of

    try:
        number_of(name)
    except ValueError:
        pass
    else:
        from .view import reverse_name

        name, kind = reverse_name(name), kind or "PTR"
    name = name.rstrip(".").lower()
    if why := why_no_name(name):
        raise Invalid(f"{name!r} is no name", why=why)
    kind = kind.upper() or "A"
    if kind not in KINDS:
        raise Invalid(f"{kind!r} is no type that is known here", fix=f"one of {', '.join(KINDS)}")
    return name, kind


def _resolver() -> tuple[tuple[str, ...], tuple[str, ...]]:
    try:
        with open(_RESOLV_CONF, encoding="utf-8", errors="replace") as file:
            return parse(file.read())
    except OSError:
        return (), ()


def _file(servers: tuple[str, ...], search: tuple[str, ...]) -> str:
    if not servers:
        return f"{_RESOLV_CONF} names no server"
    return f"{_RESOLV_CONF}: nameserver {' '.join(servers)}" + (f", search {' '.join(search)}" if search else "")


def _served(directory: str) -> Step:
    start = monotonic()
    status = responder.status(directory)
    if status is None:
        return Step("responder", f"none runs for {zones.where(directory)}: nobody answers; start it with: nw network reload")
    return Step("responder", f"process {status['pid']} serves {zones.where(directory)}", monotonic() - start)


def _asked(indexes: tuple[Index, ...], network: str, client: str, servers: tuple[str, ...]) -> tuple[Index, ...]:
    """The networks that are asked: the one that is named; those of a client; those that resolv.conf leads to, else all."""
    if network:
        return tuple(index for index in indexes if index.zone.network == network)
    if client:
        found = tuple(index for index in indexes if index.at(client))
        if not found:
            raise Gone(f"no container has the address {client}", fix="see: nw dns status")
        return found
    led = tuple(index for index in indexes if set(index.zone.listen) & set(servers))
    return led or indexes


def _on(indexes: tuple[Index, ...], asked: Index, name: str, kind: str, client: str, search: tuple[str, ...]) -> "Iterator[Step]":
    """The steps on one network."""
    seen = of_client(indexes, asked, client) if client else (asked,)
    host = asked.at(client) if client else None
    view = View(seen, asked, host.servers if host else ())
    names = ", ".join(index.zone.network for index in seen)
    yield Step("network", f"{asked.zone.network} listens on {_listen(asked.zone)}; names of {names} are seen")
    for full in _tried(name, search):
        answer = view.answer(full, KINDS[kind])
        yield Step("name", f"{full} {kind}: {answer.verdict}: {answer.why}", found=answer.verdict == FOUND)
        yield from (Step("record", f"{r.name} {_kind(r.kind)} {_data(r.data)}") for r in answer.records)
        yield from _asking(asked.zone, view, full, kind, answer)
        if answer.verdict == FOUND:
            break


def _tried(name: str, search: tuple[str, ...]) -> list[str]:
    """As the C library does with `ndots:1`: a single word gets the suffixes first, a name with dots last."""
    with_suffix = [f"{name}.{suffix}".lower() for suffix in search]
    return [name, *with_suffix] if "." in name else [*with_suffix, name]


def _listen(zone: Zone) -> str:
    return ", ".join(f"[{a}]:{zone.port}" if ":" in a else f"{a}:{zone.port}" for a in zone.listen) or "no address"


def _kind(number: int) -> str:
    return next(text for text, other in KINDS.items() if other == number)


def _data(data: "str | tuple[int, int, int, str]") -> str:
    return data if isinstance(data, str) else " ".join(map(str, data))


def _asking(zone: Zone, view: View, name: str, kind: str, answer: Answer) -> "Iterator[Step]":
    """What really answers: the responder, and where the name is passed on, those that it is passed on to."""
    for address in zone.listen[:1]:
        yield _question("asked", address, zone.port, name, kind)
    if answer.verdict == FORWARD:
        servers = view.servers() or _resolver()[0]
        yield from _others(tuple(server for server in servers if server not in zone.listen), name, kind)


def _others(servers: tuple[str, ...], name: str, kind: str) -> "Iterator[Step]":
    if not servers:
        yield Step("passed on", "to nobody: there is no server; name one in the network or in /etc/resolv.conf")
    for server in servers:
        yield _question("passed on", server, 53, name, kind)


def _question(what: str, address: str, port: int, name: str, kind: str) -> Step:
    """Ask, and say what came back."""
    import dns.exception
    import dns.message
    import dns.rcode

    query = dns.message.make_query(name + ".", kind, use_edns=0, id=int.from_bytes(os.urandom(2), "big"))
    place, start = f"[{address}]:{port}" if ":" in address else f"{address}:{port}", monotonic()
    try:
        answer = dns.message.from_wire(_answer(query.to_wire(), address, port), ignore_trailing=True)
    except TimeoutError:
        return Step(what, f"{place} says nothing", monotonic() - start)
    except OSError as error:
        return Step(what, f"{place}: {error.strerror}", monotonic() - start)
    except (dns.exception.DNSException, ValueError) as error:
        return Step(what, f"{place} answers with nonsense: {error}", monotonic() - start)
    records = [f"{rdata}" for rrset in answer.answer for rdata in rrset]
    said = f"{place} answers {dns.rcode.to_text(answer.rcode())} {', '.join(records) or 'without a record'}"
    return Step(what, said, monotonic() - start, bool(records))


def _answer(query: bytes, address: str, port: int) -> bytes:
    """The answer with our number on it. OSError, TimeoutError."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    until = monotonic() + _PATIENCE
    with socket.socket(family, socket.SOCK_DGRAM) as made:
        made.connect((address, port))
        made.send(query)
        while True:
            made.settimeout(max(0.001, until - monotonic()))
            data = made.recv(65535)
            if data[:2] == query[:2]:
                return data
