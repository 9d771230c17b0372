"""JSON into nodes: json says whether it is JSON, a walk of our own over the text finds the places."""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]

from .nodes import DEEPEST, Fields, Items, Scalar, TooBig, measured
from .read_yaml import at, twice
from .topology import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .nodes import Node, Path, Place

_BLANK = re.compile(r"[ \t\n\r]*")
_HALF = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"[^\s,\]}]+")


def read(text: str, file: str, problems: list[Problem]) -> Node | None:
    """The tree, None when it is no JSON: then there is one problem more."""
    try:
        json.loads(text)
        return _Walk(text, file, problems).value((), 0)
    except json.JSONDecodeError as error:
        problems.append(Problem((), f"not JSON: {error.msg}", place=(file, error.lineno, error.colno)))
    except (RecursionError, ValueError) as error:  # ValueError: a number of more than 4300 digits
        what = f"more than {DEEPEST} levels" if isinstance(error, RecursionError) else str(error)
        problems.append(Problem((), f"not JSON for us: {what}", place=(file, 1, 1)))
    except TooBig as error:
        problems.append(error.problem)
    return None


class _Walk:
    """Over a text that is known to be JSON."""

    def __init__(self, text: str, file: str, problems: list[Problem]) -> None:
        self.text, self.file, self.problems, self.offset = text, file, problems, 0
        self.line, self.line_start, self.counted = 1, 0, 0

    def _skip(self) -> str:
        self.offset = _BLANK.match(self.text, self.offset).end()  # type: ignore[union-attr]
        return self.text[self.offset]

    def _place(self) -> Place:
        """Lines are counted on from the last place, for places come in order."""
        self.line += self.text.count("\n", self.counted, self.offset)
        self.line_start = max(self.line_start, self.text.rfind("\n", self.counted, self.offset) + 1)
        self.counted = self.offset
        return self.file, self.line, self.offset - self.line_start + 1

    def value(self, path: Path, depth: int) -> Node:
        """The node that begins here."""
        first, place = self._skip(), self._place()
        if depth > DEEPEST:
            raise TooBig(Problem((), f"more than {DEEPEST} levels of lists and mappings in each other", place=place))
        if first == "{":
            return self._object(path, place, depth + 1)
        if first == "[":
            return self._array(path, place, depth + 1)
        if first == '"':
            return Scalar(self._string(), place, plain=False)
        word = _WORD.match(self.text, self.offset)
        self.offset = word.end()  # type: ignore[union-attr]
        return Scalar("" if word[0] == "null" else word[0], place)  # type: ignore[index]

    def _string(self) -> str:
        start = self.offset
        found: str
        found, self.offset = scanstring(self.text, start + 1, True)
        if _HALF.search(found):
            self.problems.append(Problem((), "half a character: a surrogate without its partner", place=at(self.text, start, self.file)))
            return _HALF.sub("?", found)
        return found

    def _array(self, path: Path, place: Place, depth: int) -> Node:
        node = Items([], place)
        self.offset += 1
        while self._skip() != "]":
            node.items.append(self.value((*path, len(node.items)), depth))
            self.offset += self._skip() == ","
        self.offset += 1
        measured(node)
        return node

    def _object(self, path: Path, place: Place, depth: int) -> Node:
        node = Fields({}, place)
        self.offset += 1
        while self._skip() != "}":
            key_place, key = self._place(), self._string()
            self._skip()
            self.offset += 1  # the colon
            child = self.value((*path, key), depth)
            if key in node.entries:
                self.problems.append(twice((*path, key), key_place, node.entries[key][0]))
            else:
                node.entries[key] = (key_place, child)
            self.offset += self._skip() == ","
        self.offset += 1
        measured(node)
        return node
