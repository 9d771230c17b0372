"""Two mappings over each other: the later wins, key by key; texts and lists are replaced whole.

A key of the later one with nothing behind it takes the key away.
"""

from __future__ import annotations

from .nodes import Fields, Items, Scalar, Wrong, nothing
from .ranges import stands, substituted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .nodes import Budget, Node
    from .ranges import Named


def merged(first: Node | None, later: Node) -> Node:
    """`later` over `first`."""
    if not isinstance(first, Fields) or not isinstance(later, Fields):
        return later
    if not first.entries:
        return later
    entries = dict(first.entries)
    for key, (place, node) in later.entries.items():
        if nothing(node):
            entries.pop(key, None)
        elif key in entries:
            entries[key] = (place, merged(entries[key][1], node))
        else:
            entries[key] = (place, node)
    return Fields(entries, later.place)


def appended(first: Node, later: Node) -> Node:
    """Two lists after one another."""
    if isinstance(first, Items) and isinstance(later, Items):
        return Items(first.items + later.items, later.place)
    return later


class Substitution:
    """Puts numbers where {i} stands, in a whole tree; trees without any are left as they are."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.known: dict[int, tuple[Node, bool]] = {}  # the node is kept, so that its id stays its own

    def needed(self, node: Node) -> bool:
        """Whether there is anything to put a number for."""
        found = self.known.get(id(node))
        if found is None:
            found = self.known[id(node)] = (node, self._look(node))
        return found[1]

    def _look(self, node: Node) -> bool:
        if isinstance(node, Scalar):
            return stands(node.text)
        if isinstance(node, Items):
            return any(self.needed(item) for item in node.items)
        return any(stands(key) or self.needed(child) for key, (_, child) in node.entries.items())

    def __call__(self, node: Node, name: Named) -> Node:
        """The tree for that name. Wrong, with its place, for {i} where there is no number."""
        if not self.needed(node):
            return node
        self.budget.spend(node)
        if isinstance(node, Scalar):
            return Scalar(_substituted(node.text, name, node), node.place, node.plain)
        if isinstance(node, Items):
            return Items([self(item, name) for item in node.items], node.place)
        entries = {_substituted(key, name, node): (place, self(child, name)) for key, (place, child) in node.entries.items()}
        return Fields(entries, node.place)


def _substituted(text: str, name: Named, node: Node) -> str:
    try:
        return substituted(text, name)
    except Wrong as error:
        raise Wrong(error.what, error.fix, node.place) from None
