"""Which rules `ip rule show` and `flush` mean."""

from ...kernel import inet
from ..exits import wrong
from ..prefix import Prefix, prefix
from ..tables import number_of
from ..words import Words, matches
from . import values
from .actions import INVERT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...kernel.rtnl import Message
    from ..context import Context


class Filter:
    """What the words of show or flush ask for; `wants(message)` is True for a rule that fits."""

    def __init__(self, context: "Context") -> None:
        self.family: int = context.options.family
        self.source: Prefix | None = None
        self.destination: Prefix | None = None
        self.inverted = False
        self.tos: int | None = None
        self.table = self.l3mdev = 0
        self.protocol: int | None = None
        self.same: dict[str, Any] = {}

    @property
    def dump_family(self) -> int:
        """The family that is asked for: IPv4 unless an option says otherwise."""
        return self.family or inet.AF_INET

    def wants(self, rule: "Message") -> bool:
        """True when the message of a rule fits. (`protocol` counts for flush only, as ip has it.)"""
        if self.family and rule["family"] != self.family:
            return False
        if self.inverted and not rule["flags"] & INVERT:
            return False
        if self.tos is not None and rule["tos"] != self.tos:
            return False
        if self.l3mdev and not rule.get("l3mdev"):
            return False
        if self.table and rule.get("table", rule["table"]) != self.table:
            return False
        return all(rule.get(name, _ABSENT.get(name)) == value for name, value in self.same.items()) and self.covers(
            rule
        )

    def covers(self, rule: "Message") -> bool:
        """True when the rule's prefixes lie in those that were asked for."""
        pairs = ((self.source, "src", "src_len"), (self.destination, "dst", "dst_len"))
        return all(wanted is None or _inside(rule, wanted, key, length) for wanted, key, length in pairs)

    def wants_protocol(self, rule: "Message") -> bool:
        """True when the rule's origin fits."""
        return self.protocol is None or rule.get("protocol", self.protocol) == self.protocol


# What a rule without the attribute counts as.
_ABSENT = {"priority": 0, "fwmark": 0, "fwmask": 0, "ip_proto": 0}


def _inside(rule: "Message", wanted: Prefix, key: str, length: str) -> bool:
    if rule["family"] != wanted.family or wanted.length > rule[length]:
        return False
    address = rule.get(key)
    return address is None or wanted.covers(inet.aton(address))


def parse(context: "Context", words: list[str]) -> Filter:
    """The filter that the words behind `rule show` (or flush) describe."""
    wanted = Filter(context)
    cursor = Words(words)
    while cursor.more:
        word = cursor.peek
        reader = _KEYWORDS.get(word) or next((how for full, how in _ABBREVIATED if matches(word, full)), None)
        if reader:
            cursor.next()
            reader(wanted, cursor)
        else:
            cursor.take_prefix("dst", "to")
            wanted.destination = prefix(cursor.next(), wanted.dump_family)
    return wanted


def _read_preference(wanted: Filter, words: Words) -> None:
    wanted.same["priority"] = values.preference(words.next())


def _read_not(wanted: Filter, words: Words) -> None:
    wanted.inverted = True


def _read_tos(wanted: Filter, words: Words) -> None:
    wanted.tos = values.traffic_class(words.next())


def _read_mark(wanted: Filter, words: Words) -> None:
    """A mark or mask of 0 asks for nothing."""
    mark, mask = values.mark(words.next())
    wanted.same.update({key: value for key, value in (("fwmark", mark), ("fwmask", mask)) if value})


def _read_input(wanted: Filter, words: Words) -> None:
    wanted.same["iifname"] = values.device(words.next(), '"iif"/"dev"')


def _read_output(wanted: Filter, words: Words) -> None:
    wanted.same["oifname"] = values.device(words.next(), '"oif"')


def _read_l3mdev(wanted: Filter, words: Words) -> None:
    wanted.l3mdev = 1


def _read_users(wanted: Filter, words: Words) -> None:
    wanted.same["uid_range"] = values.users(words.next())


def _read_tunnel(wanted: Filter, words: Words) -> None:
    number = values.tunnel(words.next())
    if number:
        wanted.same["tun_id"] = number


def _read_table(wanted: Filter, words: Words) -> None:
    wanted.table = values.routing_table(words.next(), "table id value is invalid")


def _read_source(wanted: Filter, words: Words) -> None:
    wanted.source = prefix(words.next(), wanted.dump_family)


def _read_protocol(wanted: Filter, words: Words) -> None:
    word = words.next()
    wanted.protocol = number_of("rt_protos", word)
    if wanted.protocol is None and word != "all":
        raise wrong(word, 'invalid "protocol"', why="a name in /etc/iproute2/rt_protos, 0 to 255, or all")


def _read_ip_protocol(wanted: Filter, words: Words) -> None:
    number = values.ip_protocol(words.next())
    if number:
        wanted.same["ip_proto"] = number


def _read_source_ports(wanted: Filter, words: Words) -> None:
    _read_ports(wanted, "sport_range", values.ports(words.next(), "invalid port range"))


def _read_destination_ports(wanted: Filter, words: Words) -> None:
    _read_ports(wanted, "dport_range", values.ports(words.next(), "invalid dport range"))


def _read_ports(wanted: Filter, key: str, ports: dict[str, int]) -> None:
    if ports["start"]:
        wanted.same[key] = ports


_KEYWORDS: "dict[str, Callable[[Filter, Words], None]]" = {
    "not": _read_not, "tos": _read_tos, "dsfield": _read_tos, "fwmark": _read_mark, "dev": _read_input,
    "iif": _read_input, "oif": _read_output, "l3mdev": _read_l3mdev, "uidrange": _read_users,
    "ipproto": _read_ip_protocol, "sport": _read_source_ports, "dport": _read_destination_ports,
}  # fmt: skip
_ABBREVIATED: "tuple[tuple[str, Callable[[Filter, Words], None]], ...]" = (
    ("preference", _read_preference), ("order", _read_preference), ("priority", _read_preference),
    ("tun_id", _read_tunnel), ("lookup", _read_table), ("table", _read_table), ("from", _read_source),
    ("src", _read_source), ("protocol", _read_protocol),
)  # fmt: skip
