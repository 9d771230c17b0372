"""What one client sees: the names of all networks that it is attached to, and what becomes of every other name. Pure.

How it works. A client is known by its address in the network whose responder it asks, and through its id in all its networks; so
a container on an internal network and on another one gets the names of both, whichever it asks (aardvark-dns 1.4 says that
there is no such name). Who is nobody's container (the host itself) sees the network it asked.

    web               a container, an alias, in any of the networks; several containers: all addresses
    web.DOMAIN        the same; what is unknown below the domain is nowhere
    web.SUFFIX        the same, for the search suffixes and the network's own name; what is unknown there may be somewhere else
    _http._tcp.web    services, also _http._tcp.DOMAIN for all of the network
    2.0.1.10.in-addr.arpa
    host.netwright.internal, host.containers.internal, host.docker.internal: the network's first addresses of this host
"""

from ...model.value import value
from .zone import Host, Zone, suffixes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

A, PTR, AAAA, SRV, ANY = 1, 12, 28, 33, 255
GATEWAY_NAMES = ("host.netwright.internal", "host.containers.internal", "host.docker.internal")
FOUND, EMPTY, UNKNOWN, FORWARD = "found", "empty", "unknown", "forward"


@value
class Record:
    """One record: its owner, its type, and an address, a name, or (priority, weight, port, target)."""

    name: str
    kind: int
    data: "str | tuple[int, int, int, str]"


@value
class Answer:
    """What becomes of a question. `verdict`: found, empty (the name is there, but nothing of that type), unknown (NXDOMAIN), or
    forward (ask others). `why` in words; `records` the answer, `extra` what will be asked next."""

    verdict: str
    why: str
    records: tuple[Record, ...] = ()
    extra: tuple[Record, ...] = ()


def reverse_name(address: str) -> str:
    """The name below which the name of an address is looked up: 2.0.1.10.in-addr.arpa"""
    from ...model.addressing import number_of

    number, family = number_of(address)
    if family == 4:
        return ".".join(reversed(address.split("."))) + ".in-addr.arpa"
    return ".".join(reversed(f"{number:032x}")) + ".ip6.arpa"


class Index:
    """A zone with its hosts by name, by address and by reverse name: made for each version of a zone, when it is first looked into."""

    __slots__ = ("_addresses", "_names", "_reverse", "ids", "suffixes", "zone")

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.suffixes = tuple(suffixes(zone))
        self.ids = {host.id for host in zone.hosts}
        self._names: dict[str, list[Host]] = {}
        self._addresses: dict[str, Host] = {}
        self._reverse: dict[str, Host] = {}

    def called(self, name: str) -> "list[Host]":
        """The hosts of just this name."""
        if not self._names:
            for host in self.zone.hosts:
                for one in dict.fromkeys(one.lower() for one in host.names):
                    self._names.setdefault(one, []).append(host)
        return self._names.get(name, [])

    def at(self, address: str) -> Host | None:
        """The host that has an address."""
        if not self._addresses:
            self._addresses = {_plain(address): host for host in reversed(self.zone.hosts) for address in host.addresses}
        return self._addresses.get(address)

    def behind(self, name: str) -> Host | None:
        """The host of a reverse name."""
        if not self._reverse:
            self._reverse = {reverse_name(address): host for host in reversed(self.zone.hosts) for address in host.addresses}
        return self._reverse.get(name)

    def stems(self, name: str) -> "Iterator[str]":
        """The name as it stands, and without each suffix that it has."""
        yield name
        for suffix in self.suffixes:
            if name.endswith(suffix):
                yield name[: -len(suffix)]

    def hosts(self, name: str) -> "list[Host]":
        """Who is called so."""
        return next((found for stem in self.stems(name) if (found := self.called(stem))), [])

    def full(self, host: Host) -> str:
        """The first name of a host, with the network's domain where it has one."""
        name = host.names[0] if host.names else f"{host.id[:12]}.invalid"
        return f"{name}{self.suffixes[0]}" if self.zone.domain else name


def _plain(address: str) -> str:
    """One way to write an address: the shortest."""
    if ":" not in address:
        return address
    from ...model.addressing import number_of, text_of

    return text_of(*number_of(address))


def of_client(indexes: "Sequence[Index]", asked: Index, address: str) -> "tuple[Index, ...]":
    """The networks of whoever asks `asked` from an address: those of the container that has it, else the one that was asked.

    A container that asks a network that it is not attached to sees its own networks only: isolation holds for names too.
    """
    host = asked.at(address)
    if host is None:
        host = next((found for index in indexes if (found := index.at(address))), None)
    if host is None:
        return (asked,)
    mine = [index for index in indexes if host.id in index.ids]
    return tuple(sorted(mine, key=lambda index: (index is not asked, index.zone.network)))


class View:
    """The networks of a client, the one that it asked first; `own` are servers of its own, `gateway` the network it asked."""

    __slots__ = ("gateway", "indexes", "own")

    def __init__(self, indexes: "tuple[Index, ...]", gateway: Index, own: tuple[str, ...] = ()) -> None:
        self.indexes, self.gateway, self.own = indexes, gateway, own

    def answer(self, name: str, kind: int) -> Answer:
        """What becomes of a question; `name` in small letters without the last dot."""
        for found in (self._gateway(name, kind), self._addresses(name, kind), self._reverse(name, kind), self._services(name, kind)):
            if found is not None:
                return found
        return self._elsewhere(name)

    def servers(self) -> "tuple[str, ...]":
        """Whom the view itself says to ask; empty: those of the host."""
        lists = (self.own, *(index.zone.servers for index in self.indexes if index.zone.forward))
        return tuple(dict.fromkeys(server for servers in lists for server in servers))

    def _gateway(self, name: str, kind: int) -> Answer | None:
        listen = self.gateway.zone.listen
        if name in GATEWAY_NAMES:
            first = (next((a for a in listen if (":" in a) == v6), "") for v6 in (False, True))
            records = [Record(name, AAAA if ":" in a else A, a) for a in first if a]
            return _picked(records, kind, f"{name} is this host, as network {self.gateway.zone.network} sees it")
        if name.endswith(".arpa") and any(reverse_name(a) == name for a in listen):
            record = Record(name, PTR, GATEWAY_NAMES[0])
            return _picked([record], kind, f"the address of this host in network {self.gateway.zone.network}")
        return None

    def _addresses(self, name: str, kind: int) -> Answer | None:
        records, why = [], []
        for index in self.indexes:
            for host in index.hosts(name):
                records += [Record(name, AAAA if ":" in a else A, a) for a in host.addresses]
                why.append(f"{host.id[:12]} in network {index.zone.network}")
        return _picked(list(dict.fromkeys(records)), kind, f"{name} is {', '.join(why[:4])}") if why else None

    def _reverse(self, name: str, kind: int) -> Answer | None:
        if not name.endswith(".arpa"):
            return None
        found = [(index, host) for index in self.indexes if (host := index.behind(name))]
        records = [Record(name, PTR, index.full(host)) for index, host in found if host.names]
        return _picked(records, kind, f"the address of {found[0][1].id[:12]} in network {found[0][0].zone.network}") if found else None

    def _services(self, name: str, kind: int) -> Answer | None:
        """`_http._tcp.web`; `_tcp.web` is there too, though nothing is said of it (RFC 8020)."""
        if name[:1] != "_":
            return None
        service, _, rest = name.partition(".")
        protocol, _, target = rest.partition(".")
        whole = protocol[:1] == "_"
        words = (service, protocol) if whole else ("", service)
        found = list(self._offered(words, target if whole else rest))
        if not found:
            return None
        records = [Record(name, SRV, (10, 10, port, full)) for _, full, port in found] if whole else []
        named = [(host, full) for host, full, _ in found]
        extra = [Record(full, AAAA if ":" in a else A, a) for host, full in dict.fromkeys(named) for a in host.addresses]
        return _picked(records, kind, f"{len(records)} of {service}", tuple(extra))

    def _offered(self, words: tuple[str, str], target: str) -> "Iterator[tuple[Host, str, int]]":
        """(host, its full name, port) of each service of that name; without a service's name those of the protocol."""
        for index in self.indexes:
            every = f".{target}" in index.suffixes
            for host in index.zone.hosts if every else index.hosts(target):
                for one in host.services:
                    if one.protocol.lower() == words[1] and words[0] in ("", one.service.lower()) and host.names:
                        yield host, index.full(host), one.port

    def _elsewhere(self, name: str) -> Answer:
        if "." not in name and name:
            return Answer(UNKNOWN, "no container is called so, and single words are asked of nobody else")
        for index in self.indexes:
            domain = index.zone.domain.lower()
            if domain and (name == domain or name.endswith(f".{domain}")):
                why = f"{domain} is the domain of network {index.zone.network}"
                return Answer(EMPTY, why) if name == domain else Answer(UNKNOWN, f"{why}, and nothing in it is called so")
        if not any(index.zone.forward for index in self.indexes):
            return Answer(UNKNOWN, f"network {self.indexes[0].zone.network} is internal: names of others are not asked for")
        return Answer(FORWARD, "no container's name")


def _picked(records: "list[Record]", kind: int, why: str, extra: tuple[Record, ...] = ()) -> Answer:
    """Those of the type that was asked for. ANY is answered with what there is (RFC 8482 allows less)."""
    chosen = tuple(record for record in records if kind in (record.kind, ANY))
    if not chosen:
        return Answer(EMPTY, f"{why}; it has no record of this type")
    return Answer(FOUND, why, chosen, extra)
