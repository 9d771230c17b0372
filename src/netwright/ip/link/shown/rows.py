"""How one attribute is printed, as a value: a kind is a tuple of such rows, in ip's order.

Each function here makes a row for the attribute `field`: `word value ` in text, `"key": value` in JSON. `key` is the field
when it is not given, `word` is the key. A row of an attribute that the link does not have prints nothing.
"""

from collections.abc import Callable

from ....kernel.codec import Attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...context import Context

Row = Callable[["Context", Attributes], None]


def show_rows(context: "Context", data: Attributes, rows: tuple[Row, ...]) -> None:
    """Print the rows one after the other."""
    for row in rows:
        row(context, data)


def number(field: str, key: str = "", word: str = "") -> Row:
    """A number in decimal."""
    key = key or field
    word = word or key

    def row(context: "Context", data: Attributes) -> None:
        value = data.get(field)
        if value is not None:
            context.out.put(key, f"{word} {value} ", value)

    return row


def text(field: str, of: "Callable[[Context, Any], str]", key: str = "", word: str = "") -> Row:
    """What the function `of` makes of the value."""
    key = key or field
    word = word or key

    def row(context: "Context", data: Attributes) -> None:
        value = data.get(field)
        if value is not None:
            shown = of(context, value)
            context.out.put(key, f"{word} {shown} ", shown)

    return row


def onoff(field: str, key: str = "", word: str = "") -> Row:
    """on or off; a boolean in JSON."""
    key = key or field
    word = word or key

    def row(context: "Context", data: Attributes) -> None:
        value = data.get(field)
        if value is not None:
            context.out.put(key, f"{word} {'on' if value else 'off'} ", bool(value))

    return row


def hexadecimal(field: str, key: str = "", word: str = "", *, zero: bool = True) -> Row:
    """A number in hex, a string in JSON. `zero`: print it when it is 0, too."""
    key = key or field
    word = word or key

    def row(context: "Context", data: Attributes) -> None:
        value = data.get(field)
        if value or (zero and value is not None):
            context.out.put(key, f"{word} {hexed(value)} ", hexed(value))

    return row


def hexed(value: int) -> str:
    """C's %#x: 0 has no 0x."""
    return f"{value:#x}" if value else "0"


def chosen(field: str, names: tuple[str, ...], key: str = "", word: str = "", unknown: str = "UNKNOWN") -> Row:
    """A number by its name in `names`."""
    return text(field, lambda _, value: names[value] if value < len(names) else unknown, key, word)


def present(field: str, key: str = "", word: str = "") -> Row:
    """Only the word, when the number is not 0 or the flag is set."""
    key = key or field
    word = word or key

    def row(context: "Context", data: Attributes) -> None:
        if data.get(field):
            context.out.put(key, f"{word} ", True)

    return row


def device(field: str, key: str = "", word: str = "") -> Row:
    """A device by its name, when there is one (not 0)."""
    key = key or field
    word = word or key

    def row(context: "Context", data: Attributes) -> None:
        index = data.get(field)
        if index:
            name = context.links.name(index)
            context.out.put(key, f"{word} {name} ", name)

    return row


def negatable(field: str, word: str) -> Row:
    """`word ` or `noword `; a boolean in JSON."""

    def row(context: "Context", data: Attributes) -> None:
        value = data.get(field)
        if value is not None:
            context.out.put(field, f"{'' if value else 'no'}{word} ", bool(value))

    return row


class Verbatim:
    """Written into JSON as it is: a number with its zeros."""

    def __init__(self, digits: str) -> None:
        self.digits = digits

    def __str__(self) -> str:
        return self.digits


def timer(field: str) -> Row:
    """A time in USER_HZ (1/100 s) as seconds with two digits."""

    def row(context: "Context", data: Attributes) -> None:
        ticks = data.get(field)
        if ticks is not None:
            seconds, hundredths = divmod(ticks, 100)
            context.out.put(field, f"{field} {seconds:4}.{hundredths:02} ", Verbatim(f"{seconds}.{hundredths:02}"))

    return row


def bridge_id(field: str, key: str = "", word: str = "") -> Row:
    """A bridge's priority and address: `8000.2:0:0:0:0:b0`."""
    return text(field, _bridge_id, key, word)


def _bridge_id(_: "Context", value: "dict[str, Any]") -> str:
    return f"{value['priority']:04x}.{':'.join(f'{byte:x}' for byte in value['address'])}"


def protocol(context: "Context", value: object) -> str:
    """An Ethernet type by its name, else `[N]`."""
    if context.options.numeric:
        return f"[{value}]"
    from ....model.kinds.options import PROTOCOLS

    for name, known in PROTOCOLS.items():
        if known == value:
            return name
    from ..words.protocols import ETHER_TYPES

    found = next((name for name, known in ETHER_TYPES.items() if known == value), f"[{value}]")
    return "LLDP" if found == "lldp" else found
