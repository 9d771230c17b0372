"""An object of a configuration, read by typed getters that collect every mistake instead of stopping at the first.

Names are found whatever their case, as Go finds them: containerd writes HostPort where the specification has hostPort. An absent
name and null are the same. A wrong value is written down and the default is given back, so that reading goes on.
"""

from ...kernel.inet import aton, ntoa
from .jsontext import Twice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_MAPPED = bytes(10) + b"\xff\xff"


class Section:
    """`path` is where it stands ("ipam.ranges[0]"), `mistakes` the list that all sections of one document share."""

    __slots__ = ("_names", "_twice", "data", "mistakes", "path")

    def __init__(self, data: "dict[str, Any]", path: str = "", mistakes: "list[str] | None" = None) -> None:
        self.data, self.path = data, path
        self.mistakes: list[str] = [] if mistakes is None else mistakes
        self._names = {name.lower(): name for name in data}
        self._twice = {name.lower() for name in data.twice} if isinstance(data, Twice) else set()
        if len(self._names) < len(data):
            lows = [name.lower() for name in data]
            self._twice |= {low for low in self._names if lows.count(low) > 1}

    def __bool__(self) -> bool:
        return bool(self.data)

    def __contains__(self, name: str) -> bool:
        """Whether something other than null is said."""
        return self.data.get(self._names.get(name.lower(), name)) is not None

    def where(self, name: str) -> str:
        """The path of a name in here."""
        return f"{self.path}.{name}" if self.path else name

    def wrong(self, name: str, message: str) -> None:
        """Write down a mistake at `name`."""
        told = f"{self.where(name)}: {message}"
        if told not in self.mistakes:
            self.mistakes.append(told)

    def plain(self, name: str) -> "Any":
        """The value as JSON has it; None when absent."""
        low = name.lower()
        if low in self._twice:
            self.wrong(name, "it is said more than once; keep one of them")
        return self.data.get(self._names.get(low, name))

    def text(self, name: str, default: str = "", *, choices: "tuple[str, ...]" = ()) -> str:
        """A text without NUL and line breaks."""
        found = self.plain(name)
        if found is None:
            return default
        if not isinstance(found, str):
            self.wrong(name, f"a text belongs here, not {_shown(found)}")
        elif any(c in found for c in "\0\n\r"):
            self.wrong(name, "a text has no NUL and no line break")
        elif choices and found not in choices:
            self.wrong(name, f"{_shown(found)} is none of {', '.join(choices)}")
        else:
            return found
        return default

    def flag(self, name: str, default: bool = False) -> bool:
        """true or false."""
        found = self.plain(name)
        if found is None or isinstance(found, bool):
            return default if found is None else found
        self.wrong(name, f"true or false belongs here, not {_shown(found)}")
        return default

    def number(self, name: str, default: int = 0, *, least: int = 0, most: int = 0xFFFFFFFF) -> int:
        """A whole number from `least` to `most`."""
        found = self.plain(name)
        if found is None:
            return default
        if isinstance(found, bool) or not isinstance(found, int):
            self.wrong(name, f"a whole number belongs here, not {_shown(found)}")
        elif not least <= found <= most:
            self.wrong(name, f"{_shown(found)} is not from {least} to {most}")
        else:
            return found
        return default

    def list(self, name: str) -> "list[Any]":
        """A list as JSON has it; empty when absent."""
        found = self.plain(name)
        if found is not None and not isinstance(found, list):
            self.wrong(name, f"a list belongs here, not {_shown(found)}")
        return found if isinstance(found, list) else []

    def texts(self, name: str) -> "tuple[str, ...]":
        """A list of texts."""
        found = self.list(name)
        for n, item in enumerate(found):
            if not isinstance(item, str) or any(c in item for c in "\0\n\r"):
                self.wrong(f"{name}[{n}]", f"a text belongs here, not {_shown(item)}")
        return tuple(item for item in found if isinstance(item, str) and not any(c in item for c in "\0\n\r"))

    def section(self, name: str) -> "Section":
        """An object; an empty one when absent."""
        found = self.plain(name)
        if found is not None and not isinstance(found, dict):
            self.wrong(name, f"an object belongs here, not {_shown(found)}")
        return Section(found if isinstance(found, dict) else {}, self.where(name), self.mistakes)

    def sections(self, name: str) -> "tuple[Section, ...]":
        """A list of objects."""
        return self.sections_of(name, self.list(name))

    def sections_of(self, name: str, found: "Any") -> "tuple[Section, ...]":
        """The same of a value that stands at `name` (a list within a list)."""
        if not isinstance(found, list):
            self.wrong(name, f"a list belongs here, not {_shown(found)}")
            return ()
        for n, item in enumerate(found):
            if not isinstance(item, dict):
                self.wrong(f"{name}[{n}]", f"an object belongs here, not {_shown(item)}")
        return tuple(Section(d, self.where(f"{name}[{n}]"), self.mistakes) for n, d in enumerate(found) if isinstance(d, dict))

    def table(self, name: str) -> "dict[str, str]":
        """An object of texts whose names are data: they keep their case (sysctls, labels)."""
        found = self.plain(name)
        if found is not None and not isinstance(found, dict):
            self.wrong(name, f"an object belongs here, not {_shown(found)}")
        out = {}
        for key, item in found.items() if isinstance(found, dict) else ():
            if not isinstance(item, str) or any(c in key + item for c in "\0\n\r"):
                self.wrong(f"{name}.{key}", f"a text belongs here, not {_shown(item)}")
            else:
                out[key] = item
        for key in found.twice if isinstance(found, Twice) else ():
            self.wrong(f"{name}.{key}", "it is said more than once; keep one of them")
        return out

    def address(self, name: str, default: str = "", *, needed: bool = False) -> str:
        """An IP address, in its short form."""
        return self._read(name, default, address, needed)

    def prefixed(self, name: str, default: str = "", *, needed: bool = False) -> str:
        """An IP address with a prefix length ("10.1.0.2/24"), in its short form."""
        return self._read(name, default, prefixed, needed)

    def _read(self, name: str, default: str, reader: "Callable[[str], str]", needed: bool) -> str:
        found = self.text(name)
        if not found:
            if needed and self.plain(name) in (None, ""):
                self.wrong(name, "it is missing")
            return default
        try:
            return reader(found)
        except ValueError as error:
            self.wrong(name, str(error))
            return default


def address(text: str) -> str:
    """An IP address in its short form; an IPv4 address written as IPv6 (::ffff:10.0.0.1) is IPv4. ValueError."""
    try:
        data = aton(text)
    except ValueError:
        raise ValueError(f"{_shown(text)} is no IP address") from None
    return ntoa(data[12:] if len(data) == 16 and data[:12] == _MAPPED else data)


def prefixed(text: str) -> str:
    """The same with a prefix length behind it. ValueError."""
    host, slash, length = text.partition("/")
    found = address(host)
    most = 128 if ":" in found else 32
    if not slash or not (length.isascii() and length.isdigit()) or len(length) > 3 or int(length) > most:
        raise ValueError(f"{_shown(text)} is no address with a prefix length, as in 10.1.0.2/24")
    return f"{found}/{int(length)}"


def _shown(found: "Any") -> str:
    """A value of somebody else's in an error: not longer than a line."""
    from .jsontext import write

    text = write(found)
    return text if len(text) <= 60 else f"{text[:56]} …"
