"""YAML into nodes, from the parser's events: every text stays what it looks like, whatever YAML 1.1 would make of it.

A key twice in one mapping is an error with both places. Anchors, aliases and merge keys (<<) work; an alias shares the node of
its anchor, whose size written out is known at once. Tags, several documents and keys that are no texts are errors.
"""

from __future__ import annotations

import re

import yaml

from .nodes import DEEPEST, LARGEST, Fields, Items, Scalar, TooBig, measured
from .topology import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .nodes import Node, Path, Place

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STANDARD = "tag:yaml.org,2002:"
_NOT_PRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MERGE = "<<"
_NO_KEY = Scalar("", ("", 0, 0), plain=False)


def read(text: str, file: str, problems: list[Problem]) -> Node | None:
    """The tree, None when there is nothing or when it is no YAML: then there is one problem more."""
    bad = _NOT_PRINTABLE.search(text)
    if bad:
        problems.append(Problem((), f"the character U+{ord(bad[0]):04X} cannot stand in YAML", "take it out", at(text, bad.start(), file)))
        return None
    builder = _Builder(file, problems)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        problems.append(_syntax(error, text, file))
        return None
    except yaml.YAMLError as error:
        problems.append(Problem((), f"not YAML: {error}", place=(file, 1, 1)))
        return None
    except TooBig as error:
        problems.append(error.problem)
        return None
    return builder.root


def at(text: str, offset: int, file: str) -> Place:
    """Line and column of an offset."""
    return file, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def twice(path: Path, place: Place, first: Place) -> Problem:
    """A key that one mapping has twice."""
    where = f"line {first[1]}, column {first[2]}" if first[0] == place[0] else ":".join(map(str, first))
    return Problem(path, f"{path[-1]!r} is here twice: first in {where}", "keep one", place)


def _syntax(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    lines = text.splitlines()
    here = lines[line] if line < len(lines) else ""
    what, fix = f"not YAML: {error.problem or error.context}", ""
    if "\t" in here[: column + 1]:
        what, fix = "not YAML: a tab, where only spaces may stand", "indent with spaces"
    elif re.search(r"\{[^{}]*(\.\.|,)[^{}]*\}", here):
        fix = 'a name with a range needs quotes inside [ ] and { }, and when it begins with {: "n{1..3}"'
    elif ": " in here[max(column - 1, 0) :] and "mapping values" in what:
        fix = "put the text in quotes"
    return Problem((), what, fix, (file, line + 1, column + 1))


class _Open:
    """A list or mapping that is being read: its node, its anchor, the key that waits for its value, the mappings to merge."""

    __slots__ = ("anchor", "key", "merged", "node")

    def __init__(self, node: Items | Fields, anchor: str | None) -> None:
        self.node, self.anchor = node, anchor
        self.key: Scalar | None = None
        self.merged: list[Fields] = []


class _Builder:
    """Puts events together."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file, self.problems = file, problems
        self.root: Node | None = None
        self.documents = 0
        self.anchors: dict[str, Node | None] = {}
        self.open: list[_Open] = []
        self.merges = 0

    def take(self, event: Any) -> None:
        """One event more."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._scalar(event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._start(event, kind is yaml.MappingStartEvent)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._end()
        elif kind is yaml.AliasEvent:
            self._alias(event)
        elif kind is yaml.DocumentStartEvent:
            self.documents += 1
            if self.documents == 2:
                self._problem("a second document: a lab file is one", self._place(event), "take out the line ---")

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return self.file, mark.line + 1, mark.column + 1

    def _problem(self, what: str, place: Place, fix: str = "") -> None:
        self.problems.append(Problem(self._path(), what, fix, place))

    def _path(self) -> Path:
        path: list[str | int] = []
        for frame in self.open:
            if isinstance(frame.node, Items):
                path.append(len(frame.node.items))
            elif frame.key is not None:
                path.append(frame.key.text)
        return tuple(path)

    def _scalar(self, event: Any) -> None:
        place, tag = self._place(event), event.tag
        if tag is not None:
            self._check_tag(tag, place)
        plain = not event.style and tag != _STANDARD + "str"
        self._add(self._anchored(event, Scalar(event.value, place, plain)))

    def _check_tag(self, tag: str, place: Place) -> None:
        if not tag.startswith(_STANDARD) or "python" in tag or tag[len(_STANDARD) :] in ("binary", "set", "omap", "pairs"):
            self._problem(f"the tag {tag!r} means nothing in a lab file", place, "take it out")

    def _start(self, event: Any, mapping: bool) -> None:
        place = self._place(event)
        if event.tag is not None:
            self._check_tag(event.tag, place)
        if len(self.open) >= DEEPEST:
            raise TooBig(Problem((), f"more than {DEEPEST} levels of lists and mappings in each other", place=place))
        # Until the node is complete its anchor is None: an alias inside of what it names would have no end.
        if event.anchor:
            self.anchors[event.anchor] = None
        self.open.append(_Open(Fields({}, place) if mapping else Items([], place), event.anchor))

    def _end(self) -> None:
        frame = self.open.pop()
        for other in frame.merged:
            self._take_over(frame.node, other)
        measured(frame.node)
        if frame.anchor:
            self.anchors[frame.anchor] = frame.node
        self._add(frame.node)

    def _take_over(self, node: Items | Fields, other: Fields) -> None:
        self.merges += len(other.entries)
        if self.merges > LARGEST:
            raise TooBig(Problem((), f"<< brings more than {LARGEST} entries in all", place=node.place))
        for key, entry in other.entries.items():
            node.entries.setdefault(key, entry)  # type: ignore[union-attr]

    def _anchored(self, event: Any, node: Node) -> Node:
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _alias(self, event: Any) -> None:
        node = self.anchors.get(event.anchor)
        if node is None:
            inside = event.anchor in self.anchors
            what = f"*{event.anchor} stands inside of &{event.anchor} itself" if inside else f"there is no &{event.anchor} before this alias"
            self._problem(what, self._place(event))
            node = Scalar("", self._place(event))
        self._add(node)

    def _add(self, node: Node) -> None:
        if not self.open:
            self.root = node if self.documents < 2 else self.root
            return
        frame = self.open[-1]
        if isinstance(frame.node, Items):
            frame.node.items.append(node)
        elif frame.key is None:
            frame.key = node if isinstance(node, Scalar) else self._no_key(node)
        else:
            key, frame.key = frame.key, None
            self._field(frame, key, node)

    def _no_key(self, node: Node) -> Scalar:
        self._problem("a key is a text, not a list or a mapping", node.place, "a name that begins with { needs quotes")
        return _NO_KEY

    def _field(self, frame: _Open, key: Scalar, node: Node) -> None:
        entries = frame.node.entries  # type: ignore[union-attr]
        if key.text == _MERGE and key.plain:
            self._merge(frame, node)
        elif key.text in entries:
            first = entries[key.text][0]
            self.problems.append(twice((*self._path(), key.text), key.place, first))
        elif key is not _NO_KEY:
            entries[key.text] = (key.place, node)

    def _merge(self, frame: _Open, node: Node) -> None:
        for part in node.items if isinstance(node, Items) else [node]:
            if isinstance(part, Fields):
                frame.merged.append(part)
            else:
                self._problem("<< takes a mapping or a list of mappings", part.place)
