"""Fields of podman's JSON, each mistake noted with its path. Pure."""

from ..errors import Invalid
from ..model.addressing import Net, around, number_of, split, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KINDS: "dict[type, str]" = {str: "text", bool: "true or false", int: "a number", list: "a list", dict: "an object"}


class Reader:
    """One object; a field that is missing or null is its default."""

    __slots__ = ("_path", "data", "mistakes")

    def __init__(self, data: "Any", path: str, mistakes: "list[str]") -> None:
        self._path, self.mistakes = path, mistakes
        if not isinstance(data, dict):
            mistakes.append(f"{path or 'the document'}: an object is wanted")
        self.data: dict[str, Any] = data if isinstance(data, dict) else {}

    def wrong(self, key: str, why: str) -> None:
        """Note a mistake."""
        self.mistakes.append(f"{'.'.join(part for part in (self._path, key) if part)}: {why}")

    def _found(self, key: str, kind: type) -> "Any":
        found = self.data.get(key)
        if found is None:
            return None
        if type(found) is not kind and not (kind is dict and isinstance(found, dict)):
            self.wrong(key, f"{_KINDS[kind]} is wanted")
            return None
        return found

    def text(self, key: str, *, needed: bool = False) -> str:
        """A text."""
        found: str = self._found(key, str) or ""
        if needed and not found and self.data.get(key) in (None, ""):
            self.wrong(key, "it is missing")
        return found

    def flag(self, key: str) -> bool:
        """True or false."""
        return bool(self._found(key, bool))

    def number(self, key: str, most: int, default: int = 0) -> int:
        """A number from 0 to `most`."""
        found = self._found(key, int)
        if found is None:
            return default
        if not 0 <= found <= most:
            self.wrong(key, f"{found} is not from 0 to {most}")
            return default
        return int(found)

    def items(self, key: str) -> "list[Any]":
        """A list."""
        return self._found(key, list) or []

    def texts(self, key: str) -> "tuple[str, ...]":
        """A list of texts."""
        found = self.items(key)
        for at, one in enumerate(found):
            if not isinstance(one, str):
                self.wrong(f"{key}[{at}]", "text is wanted")
        return tuple(one for one in found if isinstance(one, str))

    def pairs(self, key: str) -> "dict[str, str]":
        """An object whose values are texts."""
        found = self._found(key, dict) or {}
        for name, one in found.items():
            if not isinstance(one, str):
                self.wrong(f"{key}.{name}", "text is wanted")
        return {name: one for name, one in found.items() if isinstance(one, str)}

    def section(self, key: str) -> "Reader":
        """An object; an empty one where there is none."""
        return Reader(self._found(key, dict) or {}, self._inner(key), self.mistakes)

    def sections(self, key: str) -> "list[Reader]":
        """A list of objects."""
        return [Reader(one, self._inner(f"{key}[{at}]"), self.mistakes) for at, one in enumerate(self.items(key))]

    def named(self, key: str) -> "list[tuple[str, Reader]]":
        """Objects by name."""
        found = self._found(key, dict) or {}
        return [(name, Reader(one, self._inner(f"{key}.{name}"), self.mistakes)) for name, one in found.items()]

    def _inner(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def address(self, key: str) -> str:
        """An address in its usual form; "" where there is none."""
        found = self.text(key)
        return self._address(key, found) if found else ""

    def addresses(self, key: str) -> "tuple[str, ...]":
        """A list of addresses."""
        return tuple(found for at, one in enumerate(self.texts(key)) if (found := self._address(f"{key}[{at}]", one)))

    def _address(self, key: str, text: str) -> str:
        try:
            number, family = number_of(text)
        except ValueError as error:
            self.wrong(key, f"invalid IP address syntax ({error})")
            return ""
        return text_of(number, family)

    def net(self, key: str) -> "Net | None":
        """A network; an address in one stands for it."""
        found = self.text(key, needed=True)
        if not found:
            return None
        try:
            if "/" not in found:
                raise ValueError(f"{found!r} has no prefix length")
            return around(*split(found))
        except ValueError as error:
            self.wrong(key, f"invalid IP address syntax ({error})")
            return None


def settle(mistakes: "list[str]", what: str) -> None:
    """Invalid with all of them, if there are any."""
    if mistakes:
        raise Invalid(f"{what}: {'; '.join(mistakes)}")
