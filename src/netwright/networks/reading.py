"""JSON of any shape, read field by field: what is not of the wanted type, and what nobody asked for, is told at the end at once."""

from .mistakes import Mistake, near, shown, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    Path = tuple[str | int, ...]

_WORDS = {str: "a text", bool: "true or false", int: "a whole number", list: "a list", dict: "an object"}
_LARGEST = 2**63 - 1


class Reader:
    """One object. `done()` of the outermost one raises Mistakes with those of all parts."""

    def __init__(self, data: object, path: "Path" = (), found: "list[Mistake] | None" = None) -> None:
        self._outermost = found is None
        self._wrong: list[Mistake] = [] if found is None else found
        self._path = path
        self._asked: set[str] = set()
        self._data: dict[str, Any] = {}
        if isinstance(data, dict):
            self._data = data
        else:
            self._tell((), data, dict)

    def _tell(self, below: "Path", found: object, kind: type) -> None:
        self._wrong.append(Mistake(self._path + below, f"{shown(found)} is not {_WORDS[kind]}"))

    def _get(self, key: str, kind: type, usual: "Any") -> "Any":
        self._asked.add(key)
        if key not in self._data:
            return usual
        found = self._data[key]
        # bool is an int to Python, and true is no number.
        if type(found) is kind and (not isinstance(found, int) or abs(found) <= _LARGEST):
            return found
        self._tell((key,), found, kind)
        return usual

    def text(self, key: str, usual: str = "") -> str:
        """A text."""
        return str(self._get(key, str, usual))

    def flag(self, key: str, usual: bool = False) -> bool:
        """true or false."""
        return bool(self._get(key, bool, usual))

    def number(self, key: str, usual: int = 0) -> int:
        """A whole number."""
        return int(self._get(key, int, usual))

    def texts(self, key: str, usual: "tuple[str, ...]" = ()) -> "tuple[str, ...]":
        """A list of texts."""
        found = self._get(key, list, list(usual))
        for at, item in enumerate(found):
            if not isinstance(item, str):
                self._tell((key, at), item, str)
        return tuple(item for item in found if isinstance(item, str))

    def pairs(self, key: str) -> "tuple[tuple[str, str], ...]":
        """An object whose values are texts."""
        found = self._get(key, dict, {})
        for name, item in found.items():
            if not isinstance(item, str):
                self._tell((key, str(name)), item, str)
        return tuple((name, item) for name, item in found.items() if isinstance(name, str) and isinstance(item, str))

    def part(self, key: str) -> "Reader":
        """An object inside."""
        return Reader(self._get(key, dict, {}), (*self._path, key), self._wrong)

    def parts(self, key: str) -> "list[Reader]":
        """A list of objects."""
        return [Reader(item, (*self._path, key, at), self._wrong) for at, item in enumerate(self._get(key, list, []))]

    def done(self, needed: "Iterable[str]" = ()) -> None:
        """Everything was asked for."""
        for key in self._data:
            if key not in self._asked:
                word = key if isinstance(key, str) else repr(key)
                self._wrong.append(Mistake(self._path, f"there is no key {shown(word)}", near(word, self._asked)))
        for key in needed:
            if key not in self._data:
                self._wrong.append(Mistake(self._path, f'"{key}" is missing'))
        if self._outermost:
            told(self._wrong)
