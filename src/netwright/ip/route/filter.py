"""Which routes `ip route show` and `flush` mean, and what need not be said about them since the filter says it."""

from ...kernel.inet import AF_INET, AF_INET6, AF_UNSPEC, aton
from ...model.routing import BROADCAST, CLONED, LOCAL, TABLE_LOCAL, TABLE_MAIN
from ..exits import Usage, no_device, wrong
from ..prefix import Prefix, prefix
from ..rule.actions import find_type
from ..words import Words, matches
from . import values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...kernel.rtnl import Message
    from ..context import Context

BITS = {AF_INET: 32, AF_INET6: 128, 28: 20}
_WHOLE = 0xFFFFFFFF


class Filter:
    """What the words of show or flush ask for; `wants(message)` is True for a route that fits.

    Without words it lets every route of `family` through, and nothing is left out when one is printed: what get and monitor need.
    """

    def __init__(self, family: int = AF_UNSPEC) -> None:
        self.family = self.dump_family = family
        self.table = 0
        self.cloned: bool | None = None
        self.types: int = 0
        self.realm = self.realm_mask = 0
        # Header fields and attributes that have to be equal (an absent attribute counts as 0).
        self.header: dict[str, int] = {}
        self.same: dict[str, int] = {}
        self.via: Prefix | None = None
        self.preferred_source: Prefix | None = None
        self.roots: dict[str, Prefix] = {}
        self.matches: dict[str, Prefix] = {}
        self._v6_tables = False

    def wants(self, route: "Message") -> bool:
        """True when the message of a route fits."""
        if self.family and route["family"] != self.family:
            return False
        if self.cloned is not None and self.cloned != bool(route["flags"] & CLONED):
            return False
        if not self.wants_table(route) or (self.types and not self.types >> route["type"] & 1):
            return False
        if any(route[name] != value for name, value in self.header.items()):
            return False
        if any(route.get(name, 0) != value for name, value in self.same.items()):
            return False
        if (route.get("flow", 0) ^ self.realm) & self.realm_mask:
            return False
        return self.covers(route)

    def wants_table(self, route: "Message") -> bool:
        """A kernel without several IPv6 tables has all routes in one, and their type tells them apart."""
        table = table_of(route)
        if route["family"] == AF_INET6:
            self._v6_tables = self._v6_tables or table != TABLE_MAIN
            if self.table and not self._v6_tables:
                local = route["type"] == LOCAL
                return local if self.table == TABLE_LOCAL else not local and self.table == TABLE_MAIN
        return self.table in (0, table)

    def covers(self, route: "Message") -> bool:
        """True when destination, source, gateway and preferred source are in the prefixes that were given."""
        for name, root in self.roots.items():
            if not _inside(route, name, root, root.length):
                return False
        for name, match in self.matches.items():
            if match.length < route[f"{name}_len"] or not _inside(route, name, match, route[f"{name}_len"]):
                return False
        source = self.preferred_source
        if source and not (route["family"] == source.family and _same(_bytes(route, "prefsrc"), source.data, source.length)):
            return False
        return self.via is None or _through(route, self.via)

    # -- what need not be said -----------------------------------------------------------------------------------------

    def hides(self, name: str) -> bool:
        """True for a header field or attribute with a value that the words gave."""
        return name in self.header or name in self.same

    def hides_address(self, asked: Prefix | None, family: int) -> bool:
        """True when the words gave this very address."""
        return asked is not None and asked.length == BITS.get(family, 0)


def table_of(route: "Message") -> int:
    """The table of a route: one beyond 255 stands in an attribute."""
    return int(route.get("table", route["table"]))


def _inside(route: "Message", name: str, wanted: Prefix, bits: int) -> bool:
    """True when the first `bits` bits of the route's prefix, which has that many, are those of `wanted`."""
    if wanted.family and route["family"] != wanted.family:
        return False
    return bits <= route[f"{name}_len"] and _same(_bytes(route, name), wanted.data, bits)


def _bytes(route: "Message", name: str) -> bytes:
    text = route.get(name)
    return aton(text) if text else b""


def _same(one: bytes, other: bytes, bits: int) -> bool:
    """True when the first `bits` bits are the same; missing bytes count as 0."""
    size = (bits + 7) // 8
    difference = int.from_bytes(one[:size].ljust(size, b"\0")) ^ int.from_bytes(other[:size].ljust(size, b"\0"))
    return not difference >> size * 8 - bits


def _through(route: "Message", gateway: Prefix) -> bool:
    via = route.get("via")
    family = via["family"] if via else route["family"]
    if family != gateway.family:
        return False
    return _same(aton(via["host"]) if via else _bytes(route, "gateway"), gateway.data, gateway.length)


# -- words -> Filter -----------------------------------------------------------------------------------------------------


def parse(context: "Context", words: list[str]) -> Filter:
    """The filter that the words behind `route show` (or flush) describe."""
    wanted = Filter(context.options.family)
    wanted.table, wanted.cloned = TABLE_MAIN, False
    devices: dict[str, str] = {}
    cursor = Words(words)
    while cursor.more:
        _read(context, wanted, cursor, devices)
    if wanted.dump_family == AF_UNSPEC and wanted.table:
        wanted.dump_family = AF_INET
    for name in ("iif", "oif"):
        if name in devices:
            wanted.same[name] = context.links.index(devices[name])
            if not wanted.same[name]:
                raise no_device(devices[name])
    return wanted


def _read(context: "Context", wanted: Filter, words: Words, devices: dict[str, str]) -> None:
    word = words.peek
    if word in _DEVICES:
        words.next()
        devices[_DEVICES[word]] = words.next()
        return
    reader = next((how for full, how, whole in _KEYWORDS if (word == full if whole else matches(word, full))), None)
    if reader is None:
        words.take_prefix("to")
        _read_prefix(wanted, words, "dst")
    else:
        words.next()
        reader(context, wanted, words)


def _read_table(context: "Context", wanted: Filter, words: Words) -> None:
    word = words.next()
    table = values.routing_table(word)
    if table is not None:
        wanted.table = table
    elif word == "all":
        wanted.table = 0
    elif word == "cache":
        wanted.cloned = True
    elif word == "help":
        raise Usage("route")
    else:
        raise values.bad_table(word, "table id value is invalid", "all", "cache")


def _read_vrf(context: "Context", wanted: Filter, words: Words) -> None:
    from .vrf import table_of as table_of_vrf

    wanted.table = table_of_vrf(context, words.next())
    wanted.types = ~(1 << LOCAL | 1 << BROADCAST)


def _read_cloned(context: "Context", wanted: Filter, words: Words) -> None:
    wanted.cloned = True


def _read_tos(context: "Context", wanted: Filter, words: Words) -> None:
    wanted.header["tos"] = values.traffic_class(words.next(), "TOS value is invalid")


def _read_named(name: str, which: str) -> "Callable[[Context, Filter, Words], None]":
    """`proto` and `scope`: a name, a number, or `all` for any."""

    def read(context: "Context", wanted: Filter, words: Words) -> None:
        word = words.next()
        if word == "all":
            wanted.header.pop(name, None)
        else:
            wanted.header[name] = values.named(which, word, f'invalid "{name}"')

    return read


def _read_type(context: "Context", wanted: Filter, words: Words) -> None:
    word = words.next()
    kind = find_type(word)
    if kind is None:
        from ..rule.actions import TYPES

        known = list(TYPES[1:])
        raise wrong(word, "node type value is invalid", why=f"one of {', '.join(known)}", fix=values.similar(word, known))
    wanted.types = 1 << kind


def _read_mark(context: "Context", wanted: Filter, words: Words) -> None:
    wanted.same["mark"] = values.number(words.next(), "invalid mark value")


def _read_metric(context: "Context", wanted: Filter, words: Words) -> None:
    wanted.same["priority"] = values.number(words.next(), '"metric" value is invalid')


def _read_via(context: "Context", wanted: Filter, words: Words) -> None:
    word = words.next()
    family = values.family(word)
    wanted.via = _asked(prefix(words.next() if family else word, family or wanted.dump_family), plain=True)


def _read_preferred_source(context: "Context", wanted: Filter, words: Words) -> None:
    wanted.preferred_source = _asked(prefix(words.next(), wanted.dump_family), plain=True)


def _read_realms(context: "Context", wanted: Filter, words: Words) -> None:
    """`4/` asks for the source realm alone, `5` and `/5` for the destination's alone."""
    word = words.next()
    wanted.realm, wanted.realm_mask = values.realms(word, "invalid realms"), _WHOLE
    if not wanted.realm & 0xFFFF and word.endswith("/"):
        wanted.realm_mask &= ~0xFFFF
    if not wanted.realm & 0xFFFF0000 and ("/" not in word or word.startswith("/")):
        wanted.realm_mask &= 0xFFFF


def _read_from(context: "Context", wanted: Filter, words: Words) -> None:
    _read_prefix(wanted, words, "src")


def _read_prefix(wanted: Filter, words: Words, name: str) -> None:
    """`root P`: P and longer ones inside; `match P`: P and shorter ones around it; `[exact] P`: P itself."""
    root, match = words.take_prefix("root"), False
    if not root:
        match = words.take_prefix("match")
    if not root and not match:
        words.take_prefix("exact")
    found = _asked(values.prefix_or_keyword(words.next(), wanted.dump_family, _known))
    for kept, chosen in ((wanted.roots, not match), (wanted.matches, not root)):
        if chosen:
            kept.pop(name, None)
            if found:
                kept[name] = found


def _known() -> list[str]:
    return [*_DEVICES, *(full for full, _, _ in _KEYWORDS), "to", "root", "match", "exact"]


def _asked(found: Prefix, *, plain: bool = False) -> Prefix | None:
    """None for `any` and `all` (with `plain`, for `default` too) where no family is known: that asks for nothing."""
    return found if found.family or (found.given and not plain) else None


_DEVICES = {"dev": "oif", "oif": "oif", "iif": "iif"}
# (keyword, reader, True when it is never abbreviated), in ip's order.
_KEYWORDS: "tuple[tuple[str, Callable[[Context, Filter, Words], Any], bool], ...]" = (
    ("table", _read_table, False),
    ("vrf", _read_vrf, False),
    ("cached", _read_cloned, False),
    ("cloned", _read_cloned, False),
    ("tos", _read_tos, True),
    ("dsfield", _read_tos, False),
    ("protocol", _read_named("protocol", "rt_protos"), False),
    ("scope", _read_named("scope", "rt_scopes"), False),
    ("type", _read_type, False),
    ("mark", _read_mark, True),
    ("metric", _read_metric, False),
    ("priority", _read_metric, False),
    ("preference", _read_metric, True),
    ("via", _read_via, True),
    ("src", _read_preferred_source, True),
    ("realms", _read_realms, False),
    ("from", _read_from, False),
)
