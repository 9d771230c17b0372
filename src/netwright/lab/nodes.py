"""A lab file as a tree in which everything knows its place: texts, lists, mappings. What a text means is decided by who reads it.

The three readers (read_yaml.py, read_json.py, read_toml.py) make it, include.py and expand.py turn it into another one without
short forms, and whatever a node was copied from, it keeps the place where somebody wrote it. Nodes are never changed once they
are read: trees share them.
"""

from __future__ import annotations

from .topology import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Place = tuple[str, int, int]
    Path = tuple[str | int, ...]

DEEPEST = 60  # containers in containers, aliases followed
LARGEST = 1_000_000  # nodes, aliases followed: a bomb of aliases stops here


class Scalar:
    """A text as it was written, without its quotes. `plain`: it had none."""

    __slots__ = ("place", "plain", "text")
    size, depth = 1, 0

    def __init__(self, text: str, place: Place, plain: bool = True) -> None:
        self.text, self.place, self.plain = text, place, plain


class Items:
    """A list."""

    __slots__ = ("depth", "items", "place", "size")

    def __init__(self, items: list[Node], place: Place) -> None:
        self.items, self.place, self.size, self.depth = items, place, 1, 1


class Fields:
    """A mapping: key -> (place of the key, node), in the order of the file."""

    __slots__ = ("depth", "entries", "place", "size")

    def __init__(self, entries: dict[str, tuple[Place, Node]], place: Place) -> None:
        self.entries, self.place, self.size, self.depth = entries, place, 1, 1

    def get(self, key: str) -> Node | None:
        """The node of a key, or None."""
        found = self.entries.get(key)
        return found[1] if found else None


if TYPE_CHECKING:
    Node = Scalar | Items | Fields


class Quoted(str):
    """A text that had quotes: a number in it is no number."""

    __slots__ = ()


class Wrong(ValueError):
    """A word that is not one of its kind: `what` is wrong, the `fix`, and the `place` where that is known."""

    def __init__(self, what: str, fix: str = "", place: Place | None = None) -> None:
        super().__init__(what)
        self.what, self.fix, self.place = what, fix, place


class TooBig(Exception):
    """A tree that would not end: the problem says where."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem


class Budget:
    """How many nodes a lab may have in all, templates and aliases written out."""

    def __init__(self, left: int = LARGEST) -> None:
        self.left = left

    def spend(self, node: Node, count: int = 1) -> None:
        """TooBig when there is no room for `count` more nodes."""
        self.left -= count
        if self.left < 0:
            raise TooBig(Problem((), f"this is more than {LARGEST} entries, written out", "make the lab smaller", node.place))


def measured(node: Node) -> None:
    """Note how large and how deep a container is, from what is known of its children. TooBig beyond the limits."""
    if isinstance(node, Scalar):
        return
    inner = node.items if isinstance(node, Items) else [child for _, child in node.entries.values()]
    node.size = 1 + sum([child.size for child in inner])
    node.depth = 1 + max([child.depth for child in inner], default=0)
    if node.size > LARGEST:
        raise TooBig(Problem((), f"this is more than {LARGEST} entries with its aliases written out", "use fewer aliases", node.place))
    if node.depth > DEEPEST:
        raise TooBig(Problem((), f"more than {DEEPEST} levels of lists and mappings in each other", place=node.place))


def weight(node: Node) -> int:
    """How many nodes there are in it, written out."""
    if isinstance(node, Scalar):
        return 1
    inner = node.items if isinstance(node, Items) else [child for _, child in node.entries.values()]
    return 1 + sum([weight(child) for child in inner])


def nothing(node: Node) -> bool:
    """A key with nothing behind it (YAML's empty value or ~, JSON's null)."""
    return isinstance(node, Scalar) and node.plain and node.text in ("", "~")


def kind_of(node: Node) -> str:
    """In words, for messages."""
    return "a list" if isinstance(node, Items) else "a mapping" if isinstance(node, Fields) else "a text"


def as_plain(node: Node) -> Any:
    """The same as dicts, lists and texts (Quoted where there were quotes)."""
    if isinstance(node, Scalar):
        return node.text if node.plain else Quoted(node.text)
    if isinstance(node, Items):
        return [as_plain(item) for item in node.items]
    return {key: as_plain(child) for key, (_, child) in node.entries.items()}


def place_of(key_place: Place, node: Node) -> Place:
    """Where a field is: its value if that is a text, its key if not (or if there is no text to point at)."""
    return node.place if isinstance(node, Scalar) and node.text else key_place


def find(root: Node, path: Path) -> tuple[Path, Place]:
    """The longest part of `path` that is in the tree, and its place."""
    node, place = root, root.place
    for depth, part in enumerate(path):
        if isinstance(node, Fields) and isinstance(part, str) and part in node.entries:
            key_place, node = node.entries[part]
            place = place_of(key_place, node)
        elif isinstance(node, Items) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            place = node.place
        else:
            return path[:depth], place
    return path, place


def key_place(root: Node, path: Path) -> Place | None:
    """The place of the key that `path` ends with."""
    node: Node | None = root
    for part in path[:-1]:
        if isinstance(node, Fields) and isinstance(part, str):
            node = node.get(part)
        elif isinstance(node, Items) and isinstance(part, int):
            node = node.items[part]
    last = path[-1] if path else None
    found = node.entries.get(last) if isinstance(node, Fields) and isinstance(last, str) else None
    return found[0] if found else None


def places(root: Node) -> dict[Path, Place]:
    """The place of everything in the tree by its path."""
    found: dict[Path, Place] = {(): root.place}
    _collect(root, (), found)
    return found


def _collect(node: Node, path: Path, found: dict[Path, Place]) -> None:
    if isinstance(node, Items):
        for number, item in enumerate(node.items):
            here = (*path, number)
            found[here] = item.place
            if not isinstance(item, Scalar):
                _collect(item, here, found)
    elif isinstance(node, Fields):
        for key, (key_place, child) in node.entries.items():
            here = (*path, key)
            if isinstance(child, Scalar):
                found[here] = child.place if child.text else key_place
            else:
                found[here] = key_place
                _collect(child, here, found)
