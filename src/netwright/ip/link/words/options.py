"""Read the options of a kind by its table (model/kinds/options.py)."""

from ...exits import LOCAL, Exit, Usage, duplicate_or_garbage, incomplete, wrong
from ...words import matches, strtol, unsigned
from ..devices import as_setting
from ..switches import exactly_on_or_off, on_or_off

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from ....model.kinds.options import Options
    from ...words import Words
    from ..command import Command

    Read = Callable[["One"], None]


class One:
    """One option on the way: its word, field and form, the words behind it, and the values found so far."""

    __slots__ = ("command", "field", "form", "options", "values", "word", "words")

    def __init__(
        self, row: tuple[str, str, str], options: "Options", words: "Words", values: "dict[str, Any]", command: "Command"
    ) -> None:
        self.word, self.field, self.form = row
        self.options, self.words, self.values, self.command = options, words, values, command

    def wrong(self, value: str, why: str = "", fix: str = "") -> Exit:
        """ip's complaint about the value of this option, exit 255."""
        return wrong(value, self.options.wrong.get(self.word, f"invalid {self.word}"), why=why, fix=fix)


def read(
    kind: str, options: "Options", words: "Words", command: "Command", forms: "Mapping[str, Read] | None" = None
) -> "dict[str, Any]":
    """The fields that the words set. Exit 1 for an unknown word; `forms` are those that only this kind has."""
    known = {**FORMS, **(forms or {})}
    values: dict[str, Any] = {}
    seen: set[str] = set()
    while words.more:
        row = options.row(words.peek)
        if row is None:
            raise unknown(kind, options, words.peek)
        typed = words.next()
        _only_once(options, row, typed, words, seen)
        known[row[2].split(" ")[0]](One(row, options, words, values, command))
    return values


def _only_once(options: "Options", row: tuple[str, str, str], typed: str, words: "Words", seen: set[str]) -> None:
    if options.once is None or row[2] == "group":
        return
    bare = row[2] in ("flag", "=0", "=1", "external", "noexternal")
    if not bare and not words.more:
        raise incomplete()
    if row[1] in seen:
        raise duplicate_or_garbage(typed if bare else options.once.get(row[0], row[0]), typed if bare else words.peek)
    seen.add(row[1])


def unknown(kind: str, options: "Options", word: str) -> Exit:
    """`KIND: unknown option "X"?`, exit 1; the help when X is `help`."""
    if matches(word, "help"):
        return Usage("link", LOCAL)
    from ....model.meant import did_you_mean

    fix = did_you_mean(word, options.words()) or f"ip link help {kind} lists them"
    return Exit(LOCAL, f'{kind}: unknown {options.unknown} "{word}"?', fix=fix)


# -- forms -----------------------------------------------------------------------------------------------------------------


def _number(one: One) -> None:
    bits = int(one.form[1:])
    text = one.words.next()
    found = strtol(text) if bits == 64 else unsigned(text, bits=bits)
    if found is None or abs(found) >> bits:
        raise one.wrong(text, why=f"a number from 0 to {(1 << bits) - 1} belongs here")
    one.values[one.field] = found & ((1 << bits) - 1)


def _signed(one: One) -> None:
    from ...words import signed

    text = one.words.next()
    found = signed(text)
    if found is None:
        raise one.wrong(text, why="a whole number belongs here")
    one.values[one.field] = found


def _flag(one: One) -> None:
    one.values[one.field] = True


def _zero(one: One) -> None:
    one.values[one.field] = 0


def _one(one: One) -> None:
    one.values[one.field] = 1


def _on_off(one: One) -> None:
    one.values[one.field] = int(on_or_off(one.word, one.words.next(), fatal=True))


def _bit(one: One) -> None:
    text = one.words.next()
    on = unsigned(text, bits=8)
    if on is None:
        raise one.wrong(text, why="0 or 1 belongs here")
    _set_bit(one, bool(on))


def _switch(one: One) -> None:
    _set_bit(one, exactly_on_or_off(one.word, one.words.next()))


def _set_bit(one: One, on: bool) -> None:
    bit = 1 << int(one.form.split(" ")[1])
    pair = one.values.setdefault(one.field, {"value": 0, "mask": 0})
    pair["mask"] |= bit
    pair["value"] = pair["value"] | bit if on else pair["value"] & ~bit


def _mac(one: One) -> None:
    from ..lladdr import setting

    one.values[one.field] = setting(one.words.next())


def _proto(one: One) -> None:
    from ....model.kinds.options import PROTOCOLS

    text = one.words.next()
    named = next((number for name, number in PROTOCOLS.items() if name.lower() == text.lower()), None)
    found = unsigned(text, bits=16) if named is None else named
    if found is None:
        from .protocols import ETHER_TYPES

        found = ETHER_TYPES.get(text.lower())
    if found is None:
        raise one.wrong(text, why="802.1Q, 802.1ad, or the number of an Ethernet type belongs here")
    one.values[one.field] = found


def _choice(one: One) -> None:
    names = one.options.choices[one.field]
    text = one.words.next()
    found = strtol(text, 10)
    if found is None or not 0 <= found < len(names):
        if text not in names:
            raise one.wrong(text, why="one of " + ", ".join(names))
        found = names.index(text)
    one.values[one.field] = found


def _device(one: One) -> None:
    name = one.words.next()
    found = one.command.links.index(name)
    if not found and one.word in one.options.wrong:
        raise one.wrong(name)
    if not found:
        from ...exits import no_device

        raise no_device(name)
    one.values[one.field] = as_setting(name, found)


def _table(one: One) -> None:
    from ...tables import number_of

    text = one.words.next()
    found = number_of("rt_tables", text, (1 << 32) - 1)
    if found is None:
        raise one.wrong(text, why="a routing table is a number from 0 to 4294967295, or a name of /etc/iproute2/rt_tables")
    one.values[one.field] = found


_MOST_TARGETS = 16  # BOND_MAX_ARP_TARGETS


def _listed(one: One) -> list[str]:
    """A comma list of at most 16; the word alone empties the list."""
    words = one.words.next().split(",") if one.words.more else []
    return [word for word in words if word][:_MOST_TARGETS]


def _ips(one: One) -> None:
    from .ip import address32

    one.values[one.field] = [address32(part) for part in _listed(one)]


def _ip6s(one: One) -> None:
    from ...prefix import address
    from .ip import INET6

    one.values[one.field] = [address(part, INET6).text or "::" for part in _listed(one)]


def _map(one: One) -> None:
    """FROM:TO pairs as long as there are words with a colon."""
    if not one.words.more:
        raise incomplete()
    pairs = []
    while one.words.more and ":" in one.words.peek:
        left, _, right = one.words.next().partition(":")
        numbers = unsigned(left), unsigned(right)
        if None in numbers:
            raise one.wrong(left, why="pairs of numbers with a colon belong here, as in 0:3")
        pairs.append({"from": numbers[0], "to": numbers[1]})
    one.values[one.field] = pairs


FORMS: "dict[str, Read]" = {
    "u8": _number, "u16": _number, "u32": _number, "u64": _number, "s32": _signed, "flag": _flag, "=0": _zero, "=1": _one,
    "onoff": _on_off, "bit": _bit, "switch": _switch, "mac": _mac, "proto": _proto, "choice": _choice, "device": _device,
    "table": _table, "ips": _ips, "ip6s": _ip6s, "map": _map,
}  # fmt: skip
