"""Files of a lab: their bytes, their form, and what they include."""

from __future__ import annotations

import os

from .merging import appended, merged
from .nodes import Fields, Items, Scalar, kind_of, nothing
from .topology import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .nodes import Node, Path

LARGEST_FILE = 16 << 20  # bytes
MOST_FILES = 200
FORMS = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".toml": "toml"}
_APPENDED = ("cables", "policy", "checks", "publish")  # lists of a whole file: those of includes come first


def is_map(root: Fields) -> bool:
    """Whether it is what `nw snapshot` writes, a document of the map."""
    node = root.get("format")
    return isinstance(node, Scalar) and node.text == "netwright-map"


def form_of(path: str) -> str:
    """yaml, toml or json, by the end of the name."""
    return FORMS.get(os.path.splitext(path)[1].lower(), "yaml")


class Sources:
    """The files of one lab, read once each."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.reading: list[str] = []
        self.read: set[str] = set()

    def file(self, path: str) -> Fields | None:
        """A file and what it includes; None when it cannot be read."""
        text = self._text(path)
        return None if text is None else self.text(text, path, form_of(path))

    def text(self, text: str, file: str, form: str) -> Fields | None:
        """A text that is there already, `file` being its name."""
        from importlib import import_module

        if not text.strip().strip("\ufeff"):
            self.problems.append(Problem((), "there is nothing in it", "begin with hosts: and switches:", (file, 1, 1)))
            return None
        before = len(self.problems)
        reader = import_module(f"{__package__}.read_{form}")
        root: Node | None = reader.read(text.removeprefix("\ufeff"), file, self.problems)
        if isinstance(root, Fields):
            return self._of_map(root, file) if is_map(root) else self._with_includes(root, file)
        if len(self.problems) == before:
            what = f"a lab is a mapping of keys, and this is {kind_of(root)}" if root is not None else "there is nothing in it"
            self.problems.append(Problem((), what, "begin with hosts: and switches:", root.place if root else (file, 1, 1)))
        return None

    def _of_map(self, root: Fields, file: str) -> Fields | None:
        """The lab file that a snapshot has in it, a text; lines of mistakes are counted in that."""
        node = root.get("lab_file")
        if isinstance(node, Scalar):
            return self.text(node.text, file, "yaml")
        self.problems.append(Problem((), "this is a map without a lab file in it", "nw snapshot LAB makes one that has it", root.place))
        return None

    def _text(self, path: str) -> str | None:
        try:
            with open(path, "rb") as stream:
                data = stream.read(LARGEST_FILE + 1)
        except (OSError, ValueError) as error:
            self.problems.append(_unreadable(path, error))
            return None
        if len(data) > LARGEST_FILE:
            self.problems.append(Problem((), f"larger than {LARGEST_FILE >> 20} MiB: this is no lab file", place=(path, 1, 1)))
            return None
        return self._decoded(data, path)

    def _decoded(self, data: bytes, path: str) -> str | None:
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            before = data[: error.start].decode(errors="replace")
            place = (path, before.count("\n") + 1, len(before) - before.rfind("\n"))
            self.problems.append(Problem((), f"the byte 0x{data[error.start]:02x} is not UTF-8: this is no text", "save it as UTF-8", place))
            return None

    # -- include -----------------------------------------------------------------------------------------------------------

    def _with_includes(self, root: Fields, file: str) -> Fields:
        node = root.get("include")
        if node is None or nothing(node):
            return root
        here = os.path.realpath(file)
        self.reading.append(here)
        self.read.add(here)
        base: Fields | None = None
        for number, item in enumerate(node.items if isinstance(node, Items) else [node]):
            found = self._included(item, ("include", number), file)
            base = found if base is None or found is None else _over(base, found)
            base = base or found
        self.reading.pop()
        own = Fields({key: entry for key, entry in root.entries.items() if key != "include"}, root.place)
        return own if base is None else _over(base, own)

    def _included(self, item: Node, path: Path, file: str) -> Fields | None:
        if not isinstance(item, Scalar):
            self.problems.append(Problem(path, "the name of a file is wanted here", place=item.place))
            return None
        target = os.path.join(os.path.dirname(file), item.text)
        real = os.path.realpath(target) if "\0" not in target else target
        if real in self.reading:
            circle = " -> ".join(os.path.basename(name) for name in [*self.reading[self.reading.index(real) :], real])
            self.problems.append(Problem(path, f"files include each other in a circle: {circle}", "take one include out", item.place))
            return None
        if real in self.read:  # two files that include a third bring its lists once
            return None
        if len(self.read) >= MOST_FILES:
            self.problems.append(Problem(path, f"more than {MOST_FILES} files", place=item.place))
            return None
        self.read.add(real)
        return self._file_named(target, path, item)

    def _file_named(self, target: str, path: Path, item: Scalar) -> Fields | None:
        if not os.path.isfile(target) and "\0" not in target:
            what = "is a directory" if os.path.isdir(target) else "is not there"
            self.problems.append(Problem(path, f"the file {target!r} {what}", "names are relative to the file that includes", item.place))
            return None
        return self.file(target)


def _over(first: Fields, later: Fields) -> Fields:
    """A file over those that it includes: mappings key by key, the lists of a lab after one another."""
    both = merged(first, later)
    if not isinstance(both, Fields):
        return later
    entries = dict(both.entries)
    for key in _APPENDED:
        one, two = first.get(key), later.get(key)
        if one is not None and two is not None:
            entries[key] = (entries[key][0], appended(one, two))
    return Fields(entries, later.place)


def _like(path: str) -> str:
    """A file beside it that is called nearly so."""
    from ..model.meant import did_you_mean

    name = os.path.basename(path)
    try:
        there = sorted(os.listdir(os.path.dirname(path) or "."))[:1000]
    except OSError:
        there = []
    # Its own name is there where it is a link to nothing.
    return did_you_mean(name, (other for other in there if other != name)) or "look at the name"


def _unreadable(path: str, error: OSError | ValueError) -> Problem:
    words = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    fixes: dict[type[Exception], str]
    fixes = {FileNotFoundError: _like(path), PermissionError: f"chmod +r {path}", IsADirectoryError: "name the file in it"}
    return Problem((), f"cannot be read: {words}", fixes.get(type(error), ""), (path, 1, 1))
