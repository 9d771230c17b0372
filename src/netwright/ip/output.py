"""What a command prints: the same calls make ip's text or ip's JSON.

`put(key, text, value)` appends `text` in text mode and sets `key: value` in JSON mode. JSON is written as iproute2's writer
does: keys in the order of the calls, repeated keys kept, control characters other than \\t \\n \\r \\f \\b raw.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_ESCAPES = str.maketrans(
    {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\f": "\\f", "\b": "\\b", "\\": "\\\\", '"': '\\"'}
)
_LIGHT = {"ifname": "36", "mac": "33", "inet": "35", "inet6": "34", "up": "32", "down": "31"}
_CLEAR = "\033[0m"


def quoted(text: str) -> str:
    """A JSON string as iproute2 writes it."""
    return '"' + text.translate(_ESCAPES) + '"'


def scalar(value: Any) -> str:
    """A JSON scalar."""
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    return quoted(value) if isinstance(value, str) else str(value)


class Output:
    """Collects what is printed; `text()` gives it whole. `write` (a function) is called by `flush`."""

    def __init__(self, *, json: bool = False, pretty: bool = False, oneline: bool = False, color: bool = False, dark: bool = False) -> None:
        self.json, self.pretty, self.color, self.dark = json, pretty, color, dark
        self.newline = "\\" if oneline else "\n"
        self._parts: list[str] = []
        self._depth = 0
        self._separator = ""
        self._array = [False]

    # -- what commands call ----------------------------------------------------------------------------------------

    def put(self, key: str | None, text: str, value: Any = None, color: str = "") -> None:
        """`text` in text mode; in JSON mode `key: value` (no key inside an array: the bare value; key None: nothing)."""
        if not self.json:
            self._parts.append(self.paint(text, color) if color else text)
        elif key is not None:
            self.field(key, value)

    def text_only(self, text: str, color: str = "") -> None:
        """Only in text mode."""
        if not self.json:
            self._parts.append(self.paint(text, color) if color else text)

    def field(self, key: str, value: Any) -> None:
        """Only in JSON mode: `key: value`, or the bare value when key is empty. A list or dict is written whole."""
        if not self.json:
            return
        if isinstance(value, dict):
            self.open_object(key)
            for inner, item in value.items():
                self.field(inner, item)
            self.close_object()
        elif isinstance(value, (list, tuple)):
            self.open_array(key)
            for item in value:
                self.field("", item)
            self.close_array()
        else:
            self._name(key)
            self._comma()
            self._parts.append(scalar(value))

    def open_object(self, key: str = "") -> None:
        """JSON: `"key": {`, or `{`."""
        self._open(key, "{", array=False)

    def close_object(self) -> None:
        """JSON: `}`."""
        self._close("}", array=False)

    def open_array(self, key: str = "") -> None:
        """JSON: `"key": [`, or `[`."""
        self._open(key, "[", array=True)

    def close_array(self) -> None:
        """JSON: `]`."""
        self._close("]", array=True)

    def line(self) -> None:
        """The end of a line inside an entry: `\\` with -oneline."""
        self.text_only(self.newline)

    def paint(self, text: str, color: str) -> str:
        """`text` in the colour called ifname, mac, inet, inet6, up or down, when colours are on."""
        if not self.color or color not in _LIGHT:
            return text
        return f"\033[{'1;' if self.dark else ''}{_LIGHT[color]}m{text}{_CLEAR}"

    def text(self) -> str:
        """All that was collected, and begin anew."""
        whole = "".join(self._parts)
        self._parts.clear()
        return whole

    # -- iproute2's JSON layout ------------------------------------------------------------------------------------

    def _comma(self) -> None:
        if self._separator:
            self._parts.append(self._separator)
        self._separator = ","

    def _line_in_json(self) -> None:
        if self.pretty:
            self._parts.append("\n" + " " * 4 * self._depth)

    def _name(self, key: str) -> None:
        if key:
            self._comma()
            self._line_in_json()
            self._separator = ""
            self._parts.append(quoted(key) + (": " if self.pretty else ":"))

    def _open(self, key: str, bracket: str, *, array: bool) -> None:
        if not self.json:
            return
        self._name(key)
        self._comma()
        self._parts.append(bracket)
        self._depth += 1
        self._separator = ""
        if array and self.pretty:
            self._parts.append(" ")

    def _close(self, bracket: str, *, array: bool) -> None:
        if not self.json:
            return
        self._depth -= 1
        if array:
            if self.pretty and self._separator:
                self._parts.append(" ")
            self._parts.append(bracket)
        else:
            if self._separator:
                self._line_in_json()
            self._parts.append(bracket)
        self._separator = ","

    def finish_json(self) -> None:
        """The newline that ends a JSON document."""
        if self.json:
            self._parts.append("\n")
            self._separator = ""

    def extend(self, texts: Iterable[str]) -> None:
        """Text pieces as they are (text mode only)."""
        if not self.json:
            self._parts.extend(texts)
