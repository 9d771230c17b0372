"""TOML into nodes: tomllib says what it means, a scanner over the same text finds where each key is.

Places are those of keys; of values they are those of their key.
"""

from __future__ import annotations

import re
import tomllib

from .nodes import Fields, Items, Scalar, TooBig, measured
from .topology import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .nodes import Node, Path, Place

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LITERAL = re.compile(r"[^,\]}#\n]+")
_POSITION = re.compile(r" ?\(at (?:line (\d+), column (\d+)|end of document)\)$")


def read(text: str, file: str, problems: list[Problem]) -> Node | None:
    """The tree, None when it is no TOML: then there is one problem more."""
    try:
        data = tomllib.loads(text, parse_float=str)
        return _node(data, (), (file, 1, 1), _Scanner(text, file).places())
    except tomllib.TOMLDecodeError as error:
        problems.append(_syntax(error, text, file))
    except RecursionError:
        problems.append(Problem((), "not TOML for us: too many lists in each other", place=(file, 1, 1)))
    except TooBig as error:
        problems.append(error.problem)
    except ValueError as error:  # a number of more than 4300 digits
        problems.append(Problem((), f"not TOML for us: {error}", place=(file, 1, 1)))
    return None


def _syntax(error: tomllib.TOMLDecodeError, text: str, file: str) -> Problem:
    words = str(error)
    position = _POSITION.search(words)
    last = text.split("\n")
    line, column = (len(last), len(last[-1]) + 1)
    if position and position[1]:
        line, column = int(position[1]), int(position[2])
    return Problem((), f"not TOML: {_POSITION.sub('', words)}", place=(file, line, column))


def _node(item: Any, path: Path, above: Place, places: dict[Path, Place]) -> Node:
    place = places.get(path, above)
    node: Node
    if isinstance(item, dict):
        node = Fields({}, place)
        for key, child in item.items():
            inner = (*path, key)
            node.entries[key] = (places.get(inner, place), _node(child, inner, place, places))
    elif isinstance(item, list):
        node = Items([_node(child, (*path, number), place, places) for number, child in enumerate(item)], place)
    else:
        return _scalar(item, place)
    measured(node)
    return node


def _scalar(item: Any, place: Place) -> Scalar:
    if isinstance(item, bool):
        return Scalar("true" if item else "false", place)
    if isinstance(item, str):
        return Scalar(item, place, plain=False)
    return Scalar(str(item), place)


class _Scanner:
    """Over a text that is known to be TOML."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file, self.offset = text.replace("\r\n", "\n"), file, 0
        self.found: dict[Path, Place] = {}
        self.arrays: dict[Path, int] = {}
        self.line, self.line_start, self.counted = 1, 0, 0

    def places(self) -> dict[Path, Place]:
        """The place of every key and of every item of a list."""
        table: Path = ()
        while self._blank() < len(self.text):
            if self.text[self.offset] == "[":
                table = self._header()
            else:
                self._assignment(table)
        return self.found

    def _blank(self) -> int:
        self.offset = _BLANK.match(self.text, self.offset).end()  # type: ignore[union-attr]
        return self.offset

    def _peek(self) -> str:
        return self.text[self.offset : self.offset + 1]

    def _mark(self, path: Path) -> None:
        self.line += self.text.count("\n", self.counted, self.offset)
        self.line_start = max(self.line_start, self.text.rfind("\n", self.counted, self.offset) + 1)
        self.counted = self.offset
        self.found.setdefault(path, (self.file, self.line, self.offset - self.line_start + 1))

    def _header(self) -> Path:
        double = self.text.startswith("[[", self.offset)
        self.offset += 2 if double else 1
        path = self._key(())
        self.offset += 2 if double else 1
        if double:
            number = self.arrays.get(path, 0)
            self.arrays[path] = number + 1
            self.found.setdefault((*path, number), self.found[path] if not number else self._here_line())
            return (*path, number)
        return path

    def _here_line(self) -> Place:
        self.line += self.text.count("\n", self.counted, self.offset)
        self.line_start = max(self.line_start, self.text.rfind("\n", self.counted, self.offset) + 1)
        self.counted = self.offset
        return self.file, self.line, 1

    def _key(self, path: Path) -> Path:
        """A dotted key: each part is marked; a part that is a list of tables means its last one."""
        while True:
            self.offset = _SPACE.match(self.text, self.offset).end()  # type: ignore[union-attr]
            start = self.offset
            part = self._word()
            path = (*path, part)
            end, self.offset = self.offset, start
            self._mark(path)
            self.offset = _SPACE.match(self.text, end).end()  # type: ignore[union-attr]
            if self._peek() != ".":
                return path
            self.offset += 1
            if path in self.arrays:
                path = (*path, self.arrays[path] - 1)

    def _word(self) -> str:
        bare = _BARE.match(self.text, self.offset)
        found = bare or _STRING.match(self.text, self.offset)
        if not found:
            raise ValueError(f"no key in line {self.line}")
        self.offset = found.end()
        if bare or found[0][0] == "'":
            return found[0].strip("'")
        return str(tomllib.loads(f"k={found[0]}")["k"])

    def _assignment(self, table: Path) -> None:
        path = self._key(table)
        self.offset += 1  # =
        self._value(path)

    def _value(self, path: Path) -> None:
        self._blank()
        first = self._peek()
        if first == "[":
            self._list(path)
        elif first == "{":
            self._inline(path)
        else:
            found = _STRING.match(self.text, self.offset) or _LITERAL.match(self.text, self.offset)
            self.offset = found.end() if found else self.offset + 1

    def _list(self, path: Path) -> None:
        self.offset += 1
        number = 0
        while self._blank() < len(self.text) and self._peek() != "]":
            self._mark((*path, number))
            self._value((*path, number))
            number += 1
            self._blank()
            self.offset += self._peek() == ","
        self.offset += 1

    def _inline(self, path: Path) -> None:
        self.offset += 1
        while self._blank() < len(self.text) and self._peek() != "}":
            self._assignment(path)
            self._blank()
            self.offset += self._peek() == ","
        self.offset += 1
