"""A network's names as a value, and its file: `{"network": "blue", "listen": ["10.1.0.1"], "hosts": [{"id": …, "names": […]}]}`. Pure.

    network   its name                            domain    the suffix that is its own: what is not known below it is nowhere
    listen    addresses on which it is asked      search    more suffixes under which its names are found
    port      53 unless said otherwise            forward   whether other names are asked of others (false: an internal network)
    servers   whom to ask; empty: those of the host's /etc/resolv.conf
    hosts     id, names, addresses; servers of its own; services: {"service": "_http", "protocol": "_tcp", "port": 80}
"""

from ...errors import Invalid
from ...model.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_MOST_SERVERS = 8
_FIX = "mend it, or have it written anew: nw network reload"
_BLANK: tuple[object, ...] = (None, "", (), [])


@value
class Service:
    """What an SRV record says: `service` and `protocol` with their underscores, and the port."""

    service: str
    protocol: str
    port: int


@value
class Host:
    """A container: the same `id` in every network it is attached to. `servers` go before those of its networks."""

    id: str
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    services: tuple[Service, ...] = ()
    servers: tuple[str, ...] = ()


@value
class Zone:
    """A network's names: see the module's page."""

    network: str
    listen: tuple[str, ...] = ()
    port: int = 53
    domain: str = ""
    search: tuple[str, ...] = ()
    forward: bool = True
    servers: tuple[str, ...] = ()
    hosts: tuple[Host, ...] = ()


def why_no_name(text: str) -> str:
    """Why `text` cannot be a name here; "" when it can. RFC 1035 2.3.4, with the underscore that containers use."""
    if not text or len(text) > 253:
        return "a name has 1 to 253 characters"
    for label in text.split("."):
        if not label or len(label) > 63:
            return "each part between dots has 1 to 63 characters"
        if not label.replace("-", "a").replace("_", "a").isalnum() or not label.isascii():
            return "letters, digits, - and _ only"
    return ""


def why_no_network(text: str) -> str:
    """Why a network cannot be called so: its name is a file's."""
    if not text or len(text.encode(errors="replace")) > 100 or text[0] == "." or any(c in "/\0" or not c.isprintable() for c in text):
        return "1 to 100 characters that can be seen, no / and no . in front"
    return ""


# -- reading -----------------------------------------------------------------------------------------------------------------


class _Reader:
    """Fields of one JSON object, each mistake noted with its path."""

    def __init__(self, data: "Any", path: str, mistakes: "list[str]", known: "tuple[str, ...]") -> None:
        self._data: dict[str, Any] = data if isinstance(data, dict) else {}
        self._path, self._mistakes = path, mistakes
        if not isinstance(data, dict):
            self.wrong("", "an object is wanted")
        for key in self._data:
            if key not in known:
                self.wrong(key, f"unknown; there are {', '.join(known)}")

    def wrong(self, key: str, why: str) -> None:
        place = ".".join(part for part in (self._path, key) if part)
        self._mistakes.append(f"{place or 'it'}: {why}")

    def text(self, key: str, check: "Callable[[str], str]", *, needed: bool = False) -> str:
        found = self._data.get(key, "")
        if not isinstance(found, str):
            self.wrong(key, "text is wanted")
            return ""
        if (found or needed) and (why := check(found)):
            self.wrong(key, f"{found!r}: {why}")
        return found

    def texts(self, key: str, check: "Callable[[str], str]", most: int = 1 << 20) -> tuple[str, ...]:
        found = self.items(key, most)
        for at, one in enumerate(found):
            if not isinstance(one, str):
                self.wrong(f"{key}[{at}]", "text is wanted")
            elif why := check(one):
                self.wrong(f"{key}[{at}]", f"{one!r}: {why}")
        return tuple(one for one in found if isinstance(one, str))

    def items(self, key: str, most: int = 1 << 20) -> "list[Any]":
        found = self._data.get(key, [])
        if not isinstance(found, list):
            self.wrong(key, "a list is wanted")
            return []
        if len(found) > most:
            self.wrong(key, f"{len(found)} of them: {most} are the most")
        return found

    def flag(self, key: str, default: bool) -> bool:
        found = self._data.get(key, default)
        if not isinstance(found, bool):
            self.wrong(key, "true or false is wanted")
            return default
        return found

    def port(self, key: str, default: int = 0) -> int:
        found = self._data.get(key, default)
        if isinstance(found, bool) or not isinstance(found, int) or not 0 < found < 65536:
            self.wrong(key, "a port is a number from 1 to 65535")
            return default
        return found


def _why_no_address(text: str) -> str:
    from ...model.addressing import number_of

    try:
        number_of(text)
    except ValueError as error:
        return str(error)
    return ""


def _why_no_word(text: str) -> str:
    """`_http`, `_tcp`: RFC 2782."""
    if text[:1] != "_" or "." in text:
        return "one word with an underscore in front, like _http"
    return why_no_name(text)


def _why_no_id(text: str) -> str:
    return "" if text and len(text) < 1024 and text.isprintable() else "an identifier has 1 to 1023 characters that can be seen"


_HOST_KEYS = ("id", "names", "addresses", "services", "servers")


def _host(data: "Any", path: str, mistakes: "list[str]") -> Host:
    reader = _Reader(data, path, mistakes, _HOST_KEYS)
    services = []
    for at, one in enumerate(reader.items("services")):
        inner = _Reader(one, f"{path}.services[{at}]".lstrip("."), mistakes, Service.__match_args__)
        service, protocol = (inner.text(key, _why_no_word, needed=True) for key in ("service", "protocol"))
        services.append(Service(service, protocol, inner.port("port")))
    return Host(
        reader.text("id", _why_no_id, needed=True), reader.texts("names", why_no_name),
        reader.texts("addresses", _why_no_address), tuple(services), reader.texts("servers", _why_no_address, _MOST_SERVERS),
    )  # fmt: skip


def from_plain(data: "Any") -> tuple[Zone, list[str]]:
    """The zone that plain data describes, and every mistake in it."""
    mistakes: list[str] = []
    reader = _Reader(data, "", mistakes, Zone.__match_args__)
    hosts = tuple(_host(one, f"hosts[{at}]", mistakes) for at, one in enumerate(reader.items("hosts")))
    zone = Zone(
        reader.text("network", why_no_network, needed=True), reader.texts("listen", _why_no_address, 64), reader.port("port", 53),
        reader.text("domain", why_no_name), reader.texts("search", why_no_name, 32), reader.flag("forward", True),
        reader.texts("servers", _why_no_address, _MOST_SERVERS), hosts,
    )  # fmt: skip
    return zone, mistakes


def to_plain(zone: Zone) -> "dict[str, Any]":
    """The other way; what is empty is left out."""
    return {**_bare(zone, hosts=[_plain(host) for host in zone.hosts]), "forward": zone.forward}


def _plain(host: Host) -> "dict[str, Any]":
    return _bare(host, services=[_bare(service) for service in host.services])


def _bare(this: "Any", **instead: "Any") -> "dict[str, Any]":
    fields = {key: instead.get(key, getattr(this, key)) for key in type(this).__match_args__}
    return {key: list(one) if isinstance(one, tuple) else one for key, one in fields.items() if one not in _BLANK}


def read(text: str, file: str) -> Zone:
    """The zone in a file's text. Invalid with every mistake."""
    zone, mistakes = from_plain(_loaded(text, file))
    raise_for(mistakes, file)
    return zone


def read_host(text: str, file: str) -> Host:
    """The same for one host."""
    mistakes: list[str] = []
    host = _host(_loaded(text, file), "", mistakes)
    raise_for(mistakes, file)
    return host


def _loaded(text: str, file: str) -> "Any":
    from ...model.jsontext import read as parsed

    try:
        return parsed(text)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"{file} is not JSON", why=str(error), fix=_FIX) from None


def write(zone: Zone) -> str:
    """A zone's file. Invalid when it could not be read again."""
    from ...model.jsontext import write as written

    plain = to_plain(zone)
    raise_for(from_plain(plain)[1], f"the names of network {zone.network!r}")
    return written(plain) + "\n"


def write_host(host: Host) -> str:
    """A host's file. Invalid when it could not be read again."""
    from ...model.jsontext import write as written

    plain, mistakes = _plain(host), list[str]()
    _host(plain, "", mistakes)
    raise_for(mistakes, f"the names of container {host.id!r}")
    return written(plain) + "\n"


def raise_for(mistakes: "list[str]", what: str) -> None:
    """Invalid, unless there is no mistake."""
    if mistakes:
        raise Invalid(f"{what} cannot be used", why="; ".join(mistakes[:20]), fix=_FIX)


def suffixes(zone: Zone) -> "Iterator[str]":
    """What may stand behind a name of the network, with the dot in front."""
    for suffix in (zone.domain, *zone.search, zone.network):
        if suffix:
            yield f".{suffix.lower()}"
