"""`ip route add|append|prepend|change|replace|test|delete`: words -> one operation."""

from ...kernel.inet import AF_INET
from ...model.routing import (
    FEATURE_ECN,
    ONLINK,
    PROTOCOL_BOOT,
    PROTOCOL_UNSPEC,
    UNICAST,
    UNSPEC,
    lock_bit,
    usual_scope,
    usual_table,
)
from ...plan.ops import AddRoute, DeleteRoute
from ..exits import Exit, Usage, duplicate_or_garbage, no_device, wrong
from ..link.devices import as_setting
from ..prefix import Prefix, address, prefix
from ..rule.actions import find_type
from ..words import Words, matches
from . import values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..context import Context


def main(context: "Context", words: list[str], verb: str) -> int:
    """Do it; the exit code."""
    op = parse(context, words, verb)
    if context.options.echo and not context.options.dry_run:
        from ..echo import apply_and_print
        from .show import print_route

        return apply_and_print(context, op, print_route)
    return context.apply(op)


def parse(context: "Context", words: list[str], verb: str) -> AddRoute | DeleteRoute:
    """The operation that the words behind `route add` (or append, delete …) ask for."""
    said = Said(context, verb)
    cursor = Words(words)
    while cursor.more and cursor.peek != "nexthop":
        said.read(cursor)
    return said.operation(cursor)


def gateway_setting(family: int, found: Prefix) -> "dict[str, Any]":
    """A gateway as a setting: one of another family than the route's is called via."""
    if found.family == family:
        return {"gateway": found.setting}
    return {"via": {"family": found.family, "host": found.setting}}


class Said:
    """What the words say, taken in one by one."""

    def __init__(self, context: "Context", verb: str) -> None:
        self.context, self.verb = context, verb
        self.family: int = context.options.family
        self.settings: dict[str, Any] = {}
        self.metrics: dict[str, Any] = {}
        self.destination: Prefix | None = None
        self.source_length = self.tos = self.flags = self.lock = 0
        self.kind = UNSPEC if verb == "delete" else UNICAST
        self.protocol = PROTOCOL_UNSPEC if verb == "delete" else PROTOCOL_BOOT
        self.table: int | None = None
        self.scope: int | None = None
        self.device: str | None = None

    def read(self, words: Words) -> None:
        """Take one keyword with its value."""
        word = words.peek
        reader = next((how for full, how, whole in KEYWORDS if (word == full if whole else matches(word, full))), None)
        if reader is None:
            self.read_destination(words)
        else:
            words.next()
            reader(self, words)

    def settle_family(self, found: Prefix) -> "Any":
        """The first address decides the family. Returns the address as a setting."""
        self.family = self.family or found.family
        return found.setting

    def read_address(self, words: Words, name: str) -> None:
        """An address without a length."""
        self.settings[name] = self.settle_family(address(words.next(), self.family))

    def read_prefix(self, found: Prefix, name: str) -> None:
        """A prefix; all of the address space needs no attribute."""
        self.settle_family(found)
        if found.length or any(found.data):
            self.settings[name] = found.setting

    def read_gateway(self, words: Words) -> None:
        if {"gateway", "via"} & set(self.settings):
            raise wrong(words.all[words.at - 1], "use nexthop syntax to specify multiple via", fix=_TWO_WAYS)
        self.settings.update(read_gateway(words, self))

    def read_source(self, words: Words) -> None:
        found = prefix(words.next(), self.family)
        self.read_prefix(found, "src")
        self.source_length = found.length

    def read_tos(self, words: Words) -> None:
        self.tos = values.traffic_class(words.next(), '"tos" value is invalid')

    def read_scope(self, words: Words) -> None:
        self.scope = values.named("rt_scopes", words.next(), 'invalid "scope" value')

    def read_protocol(self, words: Words) -> None:
        self.protocol = values.named("rt_protos", words.next(), '"protocol" value is invalid')

    def read_table(self, words: Words) -> None:
        word = words.next()
        self.table = values.routing_table(word)
        if self.table is None:
            raise values.bad_table(word, '"table" value is invalid')

    def read_vrf(self, words: Words) -> None:
        from .vrf import table_of

        self.table = table_of(self.context, words.next())

    def read_device(self, words: Words) -> None:
        self.device = words.next()

    def read_onlink(self, words: Words) -> None:
        self.flags |= ONLINK

    def read_realms(self, words: Words) -> None:
        self.settings["flow"] = values.realms(words.next(), '"realm" value is invalid')

    def read_preference(self, words: Words) -> None:
        self.settings["pref"] = values.preference(words.next())

    def read_ttl(self, words: Words) -> None:
        word = words.next()
        if not matches(word, "enabled") and not matches(word, "disabled"):
            raise wrong(word, '"ttl-propagate" value is invalid', why="enabled or disabled belongs here")
        self.settings["ttl_propagate"] = int(matches(word, "enabled"))

    def read_new_destination(self, words: Words) -> None:
        from ..front import NotOurs

        raise NotOurs("ip route … as ADDRESS")

    def read_encapsulation(self, words: Words) -> None:
        from .encap import leave_to_ip

        leave_to_ip(words)

    # -- metrics -----------------------------------------------------------------------------------------------------

    def take_lock(self, words: Words, metric: str) -> None:
        """`lock` in front of a value keeps the kernel from adapting it."""
        if words.take("lock"):
            self.lock |= lock_bit(metric)

    def read_metric(self, words: Words, metric: str, message: str, high: int = 0xFFFFFFFF) -> None:
        self.take_lock(words, metric)
        self.metrics[metric] = values.number(words.next(), message, high)

    def read_time(self, words: Words, metric: str, unit: int) -> None:
        """The kernel counts in parts of milliseconds (rtt: 8, rttvar: 4); a number without a unit is in those."""
        self.take_lock(words, metric)
        time, raw = values.duration(words.next(), f'"{metric}" value is invalid')
        self.metrics[metric] = time if raw else time * unit & 0xFFFFFFFF

    def read_rto_min(self, words: Words) -> None:
        """Always locked, since the kernel heeds it only then."""
        self.lock |= lock_bit("rto_min")
        self.metrics["rto_min"] = values.duration(words.next(), '"rto_min" value is invalid')[0]

    def read_features(self, words: Words) -> None:
        word = words.next()
        if word != "ecn":
            raise wrong(word, '"features" value not valid', fix="the one feature is ecn")
        self.metrics["features"] = FEATURE_ECN

    def read_congestion(self, words: Words) -> None:
        self.take_lock(words, "cc_algo")
        self.metrics["cc_algo"] = words.next()

    # -- the destination -----------------------------------------------------------------------------------------------

    def read_destination(self, words: Words) -> None:
        """`[to] [TYPE] PREFIX`"""
        words.take("to")
        word = words.next()
        kind = None if word[:1] in "0123456789" and word else find_type(word)
        if kind is not None:
            self.kind, word = kind, words.next()
        if matches(word, "help"):
            raise Usage("route")
        if self.destination is not None:
            raise _garbage(word)
        self.destination = values.prefix_or_keyword(word, self.family, _known)
        self.read_prefix(self.destination, "dst")

    # -- when all is read ----------------------------------------------------------------------------------------------

    def operation(self, words: Words) -> AddRoute | DeleteRoute:
        """The checks that ip makes at the end, in its order, then the nexthops, and the operation."""
        if self.destination is None:
            raise Usage("route")
        if self.device is not None:
            index = self.context.links.index(self.device)
            if not index:
                raise no_device(self.device)
            self.settings["oif"] = as_setting(self.device, index)
        if self.metrics:
            self.settings["metrics"] = {**self.metrics, **({"lock": self.lock} if self.lock else {})}
        if words.more:
            from .nexthops import read_nexthops

            self.settings["multipath"] = read_nexthops(words, self)
        if self.verb == "delete":
            return DeleteRoute(self.header(self.destination), self.settings)
        return AddRoute(self.header(self.destination), self.settings, self.verb)

    def header(self, destination: Prefix) -> "dict[str, Any]":
        family = self.family or AF_INET
        gateway = bool({"gateway", "via", "multipath"} & set(self.settings) or self.settings.get("nh_id"))
        usual = usual_scope(family, self.kind, delete=self.verb == "delete", gateway=gateway)
        table = usual_table(self.kind) if self.table is None else self.table
        if table > 255:
            # Too large for the header's one byte.
            self.settings["table"], table = table, 0
        return {
            "family": family, "dst_len": destination.length, "src_len": self.source_length, "tos": self.tos,
            "table": table, "protocol": self.protocol, "scope": usual if self.scope is None else self.scope,
            "type": self.kind, "flags": self.flags,
        }  # fmt: skip


_TWO_WAYS = "several ways to one destination: … nexthop via A nexthop via B"


def read_gateway(words: Words, said: Said) -> "dict[str, Any]":
    """What stands behind `via`: `[FAMILY] ADDRESS`."""
    word = words.next()
    family = values.family(word)
    found = address(words.next() if family else word, family or said.family)
    said.settle_family(found)
    return gateway_setting(said.family, found)


def _known() -> list[str]:
    from ..rule.actions import TYPES

    return [*(full for full, _, _ in KEYWORDS), "nexthop", *TYPES]


def _garbage(word: str) -> Exit:
    end = duplicate_or_garbage("to", word)
    end.fix = values.similar(word, _known())
    return end


def _number(name: str, keyword: str = "") -> "Callable[[Said, Words], None]":
    """A reader of a number that is a setting of its own."""

    def read(said: Said, words: Words) -> None:
        said.settings[name] = values.number(words.next(), f'"{keyword or name}" value is invalid')

    return read


def _metric(name: str, keyword: str = "", high: int = 0xFFFFFFFF) -> "Callable[[Said, Words], None]":
    return lambda said, words: said.read_metric(words, name, f'"{keyword or name}" value is invalid', high)


def _time(name: str, unit: int) -> "Callable[[Said, Words], None]":
    return lambda said, words: said.read_time(words, name, unit)


def _switch(name: str) -> "Callable[[Said, Words], None]":
    """A metric that is 0 or 1."""

    def read(said: Said, words: Words) -> None:
        said.metrics[name] = values.switch(words.next(), name)

    return read


def _priority(said: Said, words: Words) -> None:
    said.settings["priority"] = values.number(words.next(), '"metric" value is invalid')


# (keyword, reader, True when it is never abbreviated), in ip's order: an abbreviation means the first that fits.
KEYWORDS: "tuple[tuple[str, Callable[[Said, Words], None], bool], ...]" = (
    ("src", lambda said, words: said.read_address(words, "prefsrc"), True),
    ("as", Said.read_new_destination, True),
    ("via", Said.read_gateway, True),
    ("from", Said.read_source, True),
    ("tos", Said.read_tos, True),
    ("dsfield", Said.read_tos, False),
    ("expires", _number("expires"), True),
    ("metric", _priority, False),
    ("priority", _priority, False),
    ("preference", _priority, True),
    ("scope", Said.read_scope, True),
    ("mtu", _metric("mtu"), True),
    ("hoplimit", _metric("hoplimit", high=255), True),
    ("advmss", _metric("advmss", "mss"), True),
    ("reordering", _metric("reordering"), False),
    ("rtt", _time("rtt", 8), True),
    ("rto_min", Said.read_rto_min, True),
    ("window", _metric("window"), False),
    ("cwnd", _metric("cwnd"), False),
    ("initcwnd", _metric("initcwnd"), False),
    ("initrwnd", _metric("initrwnd"), False),
    ("features", Said.read_features, False),
    ("quickack", _switch("quickack"), False),
    ("congctl", Said.read_congestion, False),
    ("rttvar", _time("rttvar", 4), False),
    ("ssthresh", _metric("ssthresh"), False),
    ("realms", Said.read_realms, False),
    ("onlink", Said.read_onlink, True),
    ("nhid", _number("nh_id", "id"), True),
    ("protocol", Said.read_protocol, False),
    ("table", Said.read_table, False),
    ("vrf", Said.read_vrf, False),
    ("dev", Said.read_device, True),
    ("oif", Said.read_device, True),
    ("pref", Said.read_preference, False),
    ("encap", Said.read_encapsulation, True),
    ("ttl-propagate", Said.read_ttl, True),
    ("fastopen_no_cookie", _switch("fastopen_no_cookie"), False),
)
