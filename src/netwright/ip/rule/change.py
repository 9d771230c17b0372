"""`ip rule add|delete`: words -> one operation."""

from ...kernel.inet import AF_INET
from ...plan.ops import AddRule, DeleteRule
from ..exits import LOCAL, Exit, Usage
from ..prefix import prefix
from ..words import Words, matches
from . import values
from .actions import GOTO, INVERT, NONE, NOP, TO_TABLE, TYPES, find_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..context import Context

_EINVAL = 22
_MAIN = 254


def main(context: "Context", words: list[str], verb: str) -> int:
    """Do it; the exit code."""
    op = parse(context, words, verb)
    if context.options.echo and not context.options.dry_run:
        from ..echo import apply_and_print
        from .show import print_rule

        return apply_and_print(context, op, print_rule)
    code = _apply(context, op)
    if verb == "add" and not context.applet and not context.options.dry_run and "priority" not in op.settings:
        _warn_of_twins(context, op)
    return code


def _apply(context: "Context", op: AddRule | DeleteRule) -> int:
    try:
        return context.apply(op)
    except Exit as end:
        six = next((text for text in (op.settings.get("src"), op.settings.get("dst")) if ":" in str(text)), None)
        if six and op.header["family"] == AF_INET:
            verb = "add" if isinstance(op, AddRule) else "delete"
            end.advice = lambda: (
                f"{six} is an IPv6 address, and rules are for IPv4 unless -6 says otherwise",
                f"nw -6 rule {verb} …",
            )
        raise


def _warn_of_twins(context: "Context", op: AddRule | DeleteRule) -> None:
    """The kernel gives a rule without a preference a new one each time, and so takes the same rule twice."""
    from .twins import twins

    others = twins(context, op)
    if others:
        at = ", ".join(map(str, others))
        context.stderr(
            f"    an identical rule exists (priority {at}): delete one of them with: nw rule delete pref {others[0]}\n"
        )


def parse(context: "Context", words: list[str], verb: str) -> AddRule | DeleteRule:
    """The operation that the words behind `rule add` (or delete) ask for."""
    if not words:
        raise Exit(LOCAL, f'"ip rule {"add" if verb == "add" else "del"}" requires arguments.', fix="see: nw rule help")
    said = Said(context.options.family, verb)
    cursor = Words(words)
    while cursor.more:
        said.read(cursor)
    return said.operation()


class Said:
    """What the words say, taken in one by one."""

    def __init__(self, family: int, verb: str) -> None:
        self.family, self.verb = family, verb
        self.settings: dict[str, Any] = {}
        self.flags = self.tos = self.table = self.source_length = self.destination_length = 0
        self.action = TO_TABLE if verb == "add" else NONE
        self.table_said = False

    def read(self, words: Words) -> None:
        """Take one keyword with its value."""
        word = words.peek
        reader = KEYWORDS.get(word) or next((how for full, how in ABBREVIATED if matches(word, full)), None)
        if reader is None:
            words.take("type")
            self.read_type(words)
        else:
            words.next()
            reader(self, words)

    def read_not(self, words: Words) -> None:
        self.flags |= INVERT

    def read_from(self, words: Words) -> None:
        found = prefix(words.next(), self.family)
        self.source_length, self.settings["src"] = found.length, found.setting

    def read_to(self, words: Words) -> None:
        found = prefix(words.next(), self.family)
        self.destination_length, self.settings["dst"] = found.length, found.setting

    def read_preference(self, words: Words) -> None:
        self.settings["priority"] = values.preference(words.next())

    def read_tos(self, words: Words) -> None:
        self.tos = values.traffic_class(words.next())

    def read_mark(self, words: Words) -> None:
        mark, mask = values.mark(words.next())
        self.settings["fwmark"] = mark
        if mask is not None:
            self.settings["fwmask"] = mask

    def read_realms(self, words: Words) -> None:
        self.settings["flow"] = values.realms(words.next())

    def read_protocol(self, words: Words) -> None:
        self.settings["protocol"] = values.origin(words.next(), '"protocol" value is invalid')

    def read_tunnel(self, words: Words) -> None:
        self.settings["tun_id"] = values.tunnel(words.next())

    def read_table(self, words: Words) -> None:
        self.table = values.routing_table(words.next(), "invalid table ID")
        self.table_said = True
        if self.table > 255:
            self.settings["table"] = self.table

    def read_prefix_limit(self, words: Words) -> None:
        self.settings["suppress_prefixlen"] = values.prefix_limit(words.next())

    def read_group(self, words: Words) -> None:
        self.settings["suppress_ifgroup"] = values.group(words.next())

    def read_input(self, words: Words) -> None:
        self.settings["iifname"] = values.device(words.next(), '"iif"/"dev"')

    def read_output(self, words: Words) -> None:
        self.settings["oifname"] = values.device(words.next(), '"oif"')

    def read_l3mdev(self, words: Words) -> None:
        self.settings["l3mdev"] = 1
        self.table_said = True

    def read_users(self, words: Words) -> None:
        self.settings["uid_range"] = values.users(words.next())

    def read_ip_protocol(self, words: Words) -> None:
        self.settings["ip_proto"] = values.ip_protocol(words.next())

    def read_source_ports(self, words: Words) -> None:
        self.settings["sport_range"] = values.ports(words.next(), "invalid port range")

    def read_destination_ports(self, words: Words) -> None:
        self.settings["dport_range"] = values.ports(words.next(), "invalid dport range")

    def read_nat(self, words: Words) -> None:
        from ..front import NotOurs

        raise NotOurs("ip rule … nat")

    def read_type(self, words: Words) -> None:
        word = words.next()
        if matches(word, "help"):
            raise Usage("rule")
        if matches(word, "goto"):
            self.settings["goto"] = values.target(words.next())
            kind: int | None = GOTO
        else:
            kind = NOP if matches(word, "nop") else find_type(word)
        if kind is None:
            raise values.unknown(word, [*KEYWORDS, *(full for full, _ in ABBREVIATED), "goto", "nop", *TYPES])
        self.action, self.table_said = kind, True

    # -- when all is read ------------------------------------------------------------------------------------------

    def operation(self) -> AddRule | DeleteRule:
        """The checks that ip makes at the end, and the operation."""
        if self.settings.get("l3mdev") and self.table:
            # ip's own function returns -EINVAL here, and that becomes the exit code.
            raise Exit(_EINVAL, "table can not be specified for l3mdev rules", why="the device's vrf says which table")
        # A number that does not fit into the header's one byte stands in an attribute, and the kernel looks there first.
        table = 0 if "table" in self.settings else self.table
        if self.verb == "add" and not self.table_said:
            table = _MAIN
        header = {
            "family": self.family or AF_INET, "dst_len": self.destination_length, "src_len": self.source_length,
            "tos": self.tos, "table": table, "action": self.action, "flags": self.flags,
        }  # fmt: skip
        if self.verb == "add":
            return AddRule(header, self.settings)
        return DeleteRule(header, self.settings)


KEYWORDS: "dict[str, Callable[[Said, Words], None]]" = {
    "not": Said.read_not, "from": Said.read_from, "to": Said.read_to, "tos": Said.read_tos, "fwmark": Said.read_mark,
    "lookup": Said.read_table, "sup_pl": Said.read_prefix_limit, "sup_group": Said.read_group, "dev": Said.read_input,
    "iif": Said.read_input, "oif": Said.read_output, "l3mdev": Said.read_l3mdev, "uidrange": Said.read_users,
    "nat": Said.read_nat, "ipproto": Said.read_ip_protocol, "sport": Said.read_source_ports,
    "dport": Said.read_destination_ports,
}  # fmt: skip
ABBREVIATED: "tuple[tuple[str, Callable[[Said, Words], None]], ...]" = (
    ("preference", Said.read_preference), ("order", Said.read_preference), ("priority", Said.read_preference),
    ("dsfield", Said.read_tos), ("realms", Said.read_realms), ("protocol", Said.read_protocol),
    ("tun_id", Said.read_tunnel), ("table", Said.read_table), ("suppress_prefixlength", Said.read_prefix_limit),
    ("suppress_ifgroup", Said.read_group), ("map-to", Said.read_nat),
)  # fmt: skip
