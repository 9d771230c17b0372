"""A lab file written out: defaults, templates and ranges are gone, every host, switch and cable stands there by itself.

What lies over what: defaults, then templates in the order of their names, then the host itself; the later wins.
"""

from __future__ import annotations

from . import shapes
from .merging import Substitution, merged
from .nodes import Fields, Items, Scalar, Wrong, nothing, weight
from .ranges import MOST, Named, expanded, ranged
from .read_yaml import twice
from .shapes import problem_of
from .topology import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .nodes import Budget, Node, Path, Place

    Shape = Callable[[Node, Path, list[Problem]], Node]
    Entries = dict[str, tuple[Place, Node]]

DEFAULTS = ("hosts", "switches", "links", "cables")
_SHAPES: dict[str, Shape] = {"hosts": shapes.host, "switches": shapes.switch, "links": shapes.link, "cables": shapes.cable}
_GONE = ("defaults", "templates", "include")


def written_out(root: Fields, problems: list[Problem], budget: Budget) -> Fields:
    """The whole file; mistakes in what is written out here go to `problems`."""
    return _Expansion(root, problems, budget).whole()


def _unknown(entries: Entries) -> set[str]:
    empty = {key for key, (_, node) in entries.items() if nothing(node)}
    if not empty:
        return empty
    from . import schema
    from .validate import keys_of

    return empty - set(keys_of(schema.LabFile))


class _Expansion:
    """One file, on its way to be written out."""

    def __init__(self, root: Fields, problems: list[Problem], budget: Budget) -> None:
        self.root, self.problems, self.budget = root, problems, budget
        self.substitute = Substitution(budget)
        self.defaults = self._defaults()
        self.templates = self._mapping("templates")
        self.resolved: dict[tuple[str, str], Node | None] = {}

    def whole(self) -> Fields:
        """The file written out."""
        written = {k: e for k, e in self.root.entries.items() if k not in _GONE and not k.startswith("x-")}
        unknown = _unknown(written)  # a key that is none is a mistake with nothing behind it, too
        entries = {k: e for k, e in written.items() if k in unknown or not nothing(e[1])}
        for key in ("hosts", "switches"):
            if key in entries:
                entries[key] = (entries[key][0], self._things(key, entries[key][1]))
        for key, each in (("cables", self._cable), ("policy", self._policy), ("checks", self._check)):
            if key in entries:
                entries[key] = (entries[key][0], self._list(key, entries[key][1], each))
        if "zones" in entries:
            entries["zones"] = (entries["zones"][0], self._zones(entries["zones"][1]))
        for key in ("pool", "publish"):
            if key in entries:
                entries[key] = (entries[key][0], shapes.listed(key, entries[key][1], (key,), self.problems))
        self._unused_templates()
        return Fields(entries, self.root.place)

    def _unused_templates(self) -> None:
        """What nobody begins with is not validated, but its keys can be looked at."""
        from .validate import unknown_key

        used = {name for _, name in self.resolved}
        for name, (_, node) in self.templates.items():
            for key, (place, _) in node.entries.items() if isinstance(node, Fields) and name not in used else ():
                if wrong := unknown_key(key):
                    self.problems.append(Problem(("templates", name, key), *wrong, place))

    def _problem(self, error: Wrong, path: Path, place: Place) -> None:
        self.problems.append(problem_of(error, path, place))

    def _mapping(self, key: str) -> Entries:
        node = self.root.get(key)
        if node is None or nothing(node):
            return {}
        if isinstance(node, Fields):
            return node.entries
        self.problems.append(Problem((key,), f"{key} is a mapping", place=node.place))
        return {}

    def _defaults(self) -> dict[str, Node]:
        from .words import near

        found: dict[str, Node] = {}
        for key, (place, node) in self._mapping("defaults").items():
            if key not in DEFAULTS:
                self.problems.append(Problem(("defaults", key), f"there are no defaults for {key!r}", near(key, DEFAULTS), place))
            elif isinstance(node, Fields):
                found[key] = _SHAPES[key](node, ("defaults", key), self.problems)
            elif not nothing(node):
                self.problems.append(Problem(("defaults", key), "a mapping is wanted here", place=node.place))
        return found

    # -- hosts and switches ------------------------------------------------------------------------------------------------

    def _things(self, kind: str, node: Node) -> Node:
        """All hosts, or all switches."""
        if isinstance(node, Items) and all(isinstance(item, Scalar) for item in node.items):
            node = Fields(self._listed_names(kind, node), node.place)
        if not isinstance(node, Fields):
            return node
        out: Entries = {}
        for key, (place, child) in node.entries.items():
            try:
                names = expanded(key, MOST)
                if len(out) + len(names) > MOST:
                    raise Wrong(f"more than {MOST} {kind} with {key!r}", "make the ranges smaller")
            except Wrong as error:
                self._problem(error, (kind, key), place)
                continue
            body = self._body(kind, child, (kind, key))
            self.budget.spend(body, weight(body) * len(names))
            self._named(kind, names, place, body, out)
        return Fields(out, node.place)

    def _listed_names(self, kind: str, node: Items) -> Entries:
        entries: Entries = {}
        for item in node.items:
            if isinstance(item, Scalar) and item.text in entries:
                self.problems.append(twice((kind, item.text), item.place, entries[item.text][0]))
            elif isinstance(item, Scalar):
                entries[item.text] = (item.place, Scalar("", item.place))
        return entries

    def _named(self, kind: str, names: list[Named], place: Place, body: Node, out: Entries) -> None:
        done = None if self.substitute.needed(body) else shapes.finished(body)
        for name in names:
            if name.text in out:
                self.problems.append(twice((kind, name.text), place, out[name.text][0]))
                continue
            try:
                out[name.text] = (place, done or shapes.finished(self.substitute(body, name)))
            except Wrong as error:
                self._problem(error, (kind, name.text), place)
                out[name.text] = (place, Fields({}, place))

    def _body(self, kind: str, node: Node, path: Path) -> Node:
        """A host or switch over its templates over the defaults."""
        own = _SHAPES[kind](node, path, self.problems)
        if not isinstance(own, Fields):
            return own
        body = self.defaults.get(kind)
        for template in self._templates_of(kind, own, path, ()):
            body = merged(body, template)
        body = merged(body, _without(own, "template"))
        return self._link_defaults(_without(body, "template")) if kind == "hosts" else _without(body, "template")

    def _link_defaults(self, host: Node) -> Node:
        """The defaults for links, under each of a host that is a cable."""
        default, links = self.defaults.get("links"), host.get("links") if isinstance(host, Fields) else None
        if default is None or not isinstance(links, Fields) or not isinstance(host, Fields):
            return host
        entries = {key: (place, merged(default, node) if _is_veth(node) else node) for key, (place, node) in links.entries.items()}
        return Fields({**host.entries, "links": (host.entries["links"][0], Fields(entries, links.place))}, host.place)

    def _templates_of(self, kind: str, body: Fields, path: Path, trail: tuple[str, ...]) -> list[Node]:
        node = body.get("template")
        names = node.items if isinstance(node, Items) else [] if node is None or nothing(node) else [node]
        found = [self._template(kind, name, (*path, "template"), trail) for name in names]
        return [template for template in found if template is not None]

    def _template(self, kind: str, name: Node, path: Path, trail: tuple[str, ...]) -> Node | None:
        from .words import near

        if not isinstance(name, Scalar):
            self.problems.append(Problem(path, "the name of a template is wanted here", place=name.place))
        elif name.text not in self.templates:
            self.problems.append(Problem(path, f"there is no template {name.text!r}", near(name.text, self.templates), name.place))
        elif name.text in trail:
            circle = " -> ".join([*trail[trail.index(name.text) :], name.text])
            self.problems.append(Problem(path, f"templates in a circle: {circle}", place=name.place))
        else:
            key = (kind, name.text)
            if key not in self.resolved:
                self.resolved[key] = None  # asked for again before it is known: a circle, and there is a problem
                self.resolved[key] = self._resolve(kind, name.text, trail)
            return self.resolved[key]
        return None

    def _resolve(self, kind: str, name: str, trail: tuple[str, ...]) -> Node:
        path = ("templates", name)
        own = _SHAPES[kind](self.templates[name][1], path, self.problems)
        if not isinstance(own, Fields):
            return own
        body: Node | None = None
        for template in self._templates_of(kind, own, path, (*trail, name)):
            body = merged(body, template)
        return merged(body, _without(own, "template"))

    # -- cables, policy, checks, zones -------------------------------------------------------------------------------------

    def _list(self, key: str, node: Node, each: Callable[[Node, Path], list[Node]]) -> Node:
        if not isinstance(node, Items):
            if key == "checks" and isinstance(node, Scalar):
                node = Items([node], node.place)
            else:
                return node
        out: list[Node] = []
        for number, item in enumerate(node.items):
            out += each(item, (key, number))
            if len(out) > MOST:
                self.problems.append(Problem((key, number), f"more than {MOST} {key} from all ranges", place=item.place))
                return Items([], node.place)
        return Items(out, node.place)

    def _cable(self, node: Node, path: Path) -> list[Node]:
        body = merged(self.defaults.get("cables"), shapes.cable(node, path, self.problems))
        ends = body.get("ends") if isinstance(body, Fields) else None
        if not isinstance(body, Fields) or not isinstance(ends, Items) or len(ends.items) != 2:
            return [shapes.finished(body)]
        one, two = ends.items
        if not isinstance(one, Scalar) or not isinstance(two, Scalar) or "{" not in one.text + two.text:
            return [shapes.finished(body)]
        place = body.entries["ends"][0]
        out: list[Node] = []
        for a, b in self._pairs(one, two, (*path, "ends")):
            pair = Items([Scalar(a.text, one.place), Scalar(b.text, two.place)], ends.place)
            try:
                rest = self.substitute(_without(body, "ends"), a if a.parts else b)
                out.append(shapes.finished(Fields({"ends": (place, pair), **_entries(rest)}, body.place)))
                self.budget.spend(body, len(_entries(rest)))
            except Wrong as error:
                self._problem(error, path, body.place)
        return out

    def _pairs(self, one: Scalar, two: Scalar, path: Path) -> list[tuple[Named, Named]]:
        """Ends that belong together: the first with the first; one single end with all."""
        left, right = (shapes.names_of(end, path, self.problems) for end in (one, two))
        if len(left) == 1 or len(right) == 1:
            return [(a, b) for a in left for b in right]
        if left and right and len(left) != len(right):
            what = f"{one.text!r} stands for {len(left)} ends, {two.text!r} for {len(right)}"
            self.problems.append(Problem(path, what, "as many on both sides, or one", one.place))
            return []
        return list(zip(left, right, strict=False))

    def _policy(self, node: Node, path: Path) -> list[Node]:
        if not isinstance(node, Fields):
            return [node]
        entries = {key: entry for key, entry in shapes.canonical(node, path, self.problems).items() if not nothing(entry[1])}
        sides = [self._side(entries, key, path) for key in ("from", "to")]
        if len(sides[0]) * len(sides[1]) > MOST:
            self.problems.append(Problem(path, f"this stands for {len(sides[0]) * len(sides[1])} pairs; {MOST} is the most", place=node.place))
            return []
        return [Fields({**entries, **a, **b}, node.place) for a in sides[0] for b in sides[1]]

    def _side(self, entries: Entries, key: str, path: Path) -> list[Entries]:
        """The entry of one side, once for each name in it."""
        if key not in entries:
            return [{}]
        place, node = entries[key]
        names = shapes.named(node, (*path, key), self.problems)
        return [{key: (place, item)} for item in names.items] if isinstance(names, Items) else [{key: (place, node)}]

    def _check(self, node: Node, path: Path) -> list[Node]:
        if isinstance(node, Fields):
            return self._policy(node, path)
        if not isinstance(node, Scalar) or not ranged(node.text):
            return [node]
        first, *middle, last = node.text.split() if len(node.text.split()) > 1 else (node.text, "")
        sources, targets = (shapes.names_of(Scalar(text, node.place), path, self.problems) for text in (first, last))
        if len(sources) * len(targets) > MOST:
            what = f"{node.text!r} stands for {len(sources) * len(targets)} checks; {MOST} is the most"
            self.problems.append(Problem(path, what, place=node.place))
            return []
        pairs = [(a, b) for a in sources for b in targets if not _with_itself(a, b)]
        return [Scalar(" ".join([a.text, *middle, b.text]), node.place) for a, b in pairs]

    def _zones(self, node: Node) -> Node:
        if not isinstance(node, Fields):
            return node
        entries: Entries = {}
        for key, (place, child) in node.entries.items():
            members = Items([], place) if nothing(child) else shapes.named(child, ("zones", key), self.problems)
            entries[key] = (place, members)
        return Fields(entries, node.place)


def _with_itself(a: Named, b: Named) -> bool:
    """From a range to a range: a host is not its own partner."""
    return bool(a.parts and b.parts) and a.text == b.text.partition(":")[0]


def _is_veth(node: Node) -> bool:
    kind = node.get("kind") if isinstance(node, Fields) else None
    return isinstance(node, Fields) and (kind is None or (isinstance(kind, Scalar) and kind.text == "veth"))


def _without(node: Node, key: str) -> Node:
    if not isinstance(node, Fields) or key not in node.entries:
        return node
    return Fields({k: entry for k, entry in node.entries.items() if k != key}, node.place)


def _entries(node: Node) -> Entries:
    return node.entries if isinstance(node, Fields) else {}
