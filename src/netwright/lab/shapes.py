"""Short forms written out: `web1: front` is `web1: {links: {eth0: {switch: front}}}`, one address is a list of one.

Each function takes a node as somebody wrote it and gives one in the shape of the schema. What has no such shape is left as it
is: the schema says what is wrong with it.
"""

from __future__ import annotations

from .merging import merged
from .nodes import Fields, Items, Scalar, Wrong, nothing
from .ranges import Named, expanded, ranged
from .read_yaml import twice
from .topology import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .nodes import Node, Path, Place

    Entries = dict[str, tuple[Place, Node]]

# As it may be written -> as the schema calls it.
SYNONYMS = {"address": "addresses", "subnet": "subnets", "route": "routes", "sysctl": "sysctls", "alias": "aliases", "templates": "template"}
ETH0 = ("addresses", "mtu", "mac", "rate", "delay", "loss")  # of a host: of its eth0
LISTS = ("addresses", "subnets", "nat", "publish", "dns", "search", "aliases", "trunk", "allow", "deny", "pool")
WORDS = {"addresses": ("none", "auto"), "subnets": ("none", "auto"), "allow": ("none",)}  # alone instead of a list
NAMES = ("nat",)  # lists of names: ranges are written out
ROUTE_TYPES = ("blackhole", "unreachable", "prohibit")
_NULL = ("", "~", "null", "Null", "NULL")


def problem_of(error: Wrong, path: Path, place: Place) -> Problem:
    """A wrong word as a problem."""
    return Problem(path, error.what, error.fix, error.place or place)


def empty(node: Node) -> bool:
    """A host or switch with nothing behind its name."""
    return isinstance(node, Scalar) and node.plain and node.text in _NULL


def canonical(node: Fields, path: Path, problems: list[Problem]) -> Entries:
    """The entries under the schema's names, with lists where there is a list."""
    entries: Entries = {}
    for key, (place, child) in node.entries.items():
        name = SYNONYMS.get(key, key)
        if name in entries:
            problems.append(twice((*path, key), place, entries[name][0]))
            continue
        entries[name] = (place, listed(name, child, (*path, name), problems) if name in LISTS else child)
    return entries


def listed(name: str, node: Node, path: Path, problems: list[Problem]) -> Node:
    """A list of one where there is only the one."""
    if isinstance(node, Scalar) and not nothing(node) and node.text not in WORDS.get(name, ()):
        node = Items([node], node.place)
    return named(node, path, problems) if name in NAMES else node


def named(node: Node, path: Path, problems: list[Problem]) -> Node:
    """A list of names (or one), with its ranges written out."""
    if isinstance(node, Fields) or nothing(node):
        return node
    items = node if isinstance(node, Items) else Items([node], node.place)
    if not any(isinstance(item, Scalar) and "{" in item.text for item in items.items):
        return items
    out: list[Node] = []
    for item in items.items:
        if isinstance(item, Scalar):
            out += [Scalar(name.text, item.place, item.plain) for name in names_of(item, path, problems)]
        else:
            out.append(item)
    return Items(out, node.place)


def names_of(node: Scalar, path: Path, problems: list[Problem]) -> list[Named]:
    """What a text with ranges stands for; one with a mistake in it for nothing."""
    if not ranged(node.text):
        return [Named(node.text, (), 0)]
    try:
        return expanded(node.text)
    except Wrong as error:
        problems.append(problem_of(error, path, node.place))
        return []


# -- hosts and their links -------------------------------------------------------------------------------------------------


def host(node: Node, path: Path, problems: list[Problem]) -> Node:
    """A host: what it says of eth0 stands in its links."""
    if empty(node):
        return Fields({}, node.place)
    if not isinstance(node, Fields):
        node = Fields({"switch": (node.place, node)}, node.place)
    entries = canonical(node, path, problems)
    plugs = _plugs(entries, path, problems)
    if "links" in entries:
        place, given = entries["links"]
        links = _links(given, (*path, "links"), problems)
        plugs = merged(Fields(plugs, place), links).entries if isinstance(links, Fields) else plugs  # type: ignore[union-attr]
        entries["links"] = (place, Fields(plugs, place) if isinstance(links, Fields) else links)
    elif plugs:
        place = next(iter(plugs.values()))[0]
        entries["links"] = (place, Fields(plugs, place))
    if "routes" in entries:
        entries["routes"] = (entries["routes"][0], _routes(entries["routes"][1]))
    return Fields(entries, node.place)


def _plugs(entries: Entries, path: Path, problems: list[Problem]) -> Entries:
    """eth0, eth1 … out of `switch`, `address` and so on, which leave `entries`."""
    plugs: Entries = {}
    if "switch" in entries:
        place, node = entries.pop("switch")
        switches = named(node, (*path, "switch"), problems)
        for number, item in enumerate(switches.items if isinstance(switches, Items) else [switches]):
            where = item.place if isinstance(item, Scalar) and item.text else place
            plugs[f"eth{number}"] = (place, item if nothing(item) else Fields({"switch": (where, item)}, where))
    own = {key: entries.pop(key) for key in ETH0 if key in entries}
    if own:
        place = next(iter(own.values()))[0]
        first = plugs.get("eth0", (place, Fields({}, place)))
        plugs["eth0"] = (first[0], merged(first[1], Fields(own, place)))
    return plugs


def _links(node: Node, path: Path, problems: list[Problem]) -> Node:
    if isinstance(node, Items):
        return Fields({f"eth{n}": (item.place, link(item, (*path, n), problems)) for n, item in enumerate(node.items)}, node.place)
    if not isinstance(node, Fields):
        return node
    entries: Entries = {}
    for key, (place, child) in node.entries.items():
        for name in names_of(Scalar(key, place), path, problems):
            shaped = child if nothing(child) else link(child, (*path, name.text), problems)
            if name.text in entries:
                problems.append(twice((*path, name.text), place, entries[name.text][0]))
            entries[name.text] = (place, _numbered(shaped, name, (*path, name.text), problems))
    return Fields(entries, node.place)


def _numbered(node: Node, name: Named, path: Path, problems: list[Problem]) -> Node:
    """In a link with a range of its own, {i} is the number of that range."""
    if not name.parts:
        return node
    from .merging import Substitution
    from .nodes import Budget

    try:
        return Substitution(Budget())(node, name)
    except Wrong as error:
        problems.append(problem_of(error, path, node.place))
        return node


def link(node: Node, path: Path, problems: list[Problem]) -> Node:
    """A link: a text is the switch."""
    if isinstance(node, Scalar):
        return Fields({"switch": (node.place, node)}, node.place)
    return Fields(canonical(node, path, problems), node.place) if isinstance(node, Fields) else node


def _routes(node: Node) -> Node:
    """{TO: GATEWAY} as {TO: {via: GATEWAY}}; a list of mappings stays one."""
    if not isinstance(node, Fields):
        return node
    return Fields({key: (place, _route(child)) for key, (place, child) in node.entries.items()}, node.place)


def _route(node: Node) -> Node:
    if not isinstance(node, Scalar) or nothing(node):
        return node
    key = "type" if node.text in (*ROUTE_TYPES, "none") else "via"
    return Fields({key: (node.place, node)}, node.place)


def finished(node: Node) -> Node:
    """A host, switch or cable when everything has been laid over it: keys with nothing go, routes are a list."""
    if not isinstance(node, Fields):
        return node
    entries = {key: (place, _without_nothing(child)) for key, (place, child) in node.entries.items() if not nothing(child)}
    if "routes" in entries:
        place, routes = entries["routes"]
        entries["routes"] = (place, _route_list(routes))
    return Fields(entries, node.place)


def _without_nothing(node: Node) -> Node:
    if not isinstance(node, Fields) or not any(nothing(child) or isinstance(child, Fields) for _, child in node.entries.values()):
        return node
    return Fields({key: (place, _without_nothing(child)) for key, (place, child) in node.entries.items() if not nothing(child)}, node.place)


def _route_list(node: Node) -> Node:
    if not isinstance(node, Fields):
        return node
    items: list[Node] = []
    for to, (place, child) in node.entries.items():
        entries = child.entries if isinstance(child, Fields) else {"via": (child.place, child)}
        items.append(Fields({"to": (place, Scalar(to, place)), **entries}, place))
    return Items(items, node.place)


# -- the others ------------------------------------------------------------------------------------------------------------


def switch(node: Node, path: Path, problems: list[Problem]) -> Node:
    """A switch: a text or a list is its subnets."""
    if empty(node):
        return Fields({}, node.place)
    if not isinstance(node, Fields):
        node = Fields({"subnets": (node.place, node)}, node.place)
    return Fields(canonical(node, path, problems), node.place)


def cable(node: Node, path: Path, problems: list[Problem]) -> Node:
    """A cable: a text or a list is its ends, "a:eth0 -- b:eth1" is two of them."""
    if not isinstance(node, Fields):
        node = Fields({"ends": (node.place, node)}, node.place)
    addresses = {key: entry for key, entry in node.entries.items() if SYNONYMS.get(key, key) == "addresses"}
    entries = canonical(Fields({k: e for k, e in node.entries.items() if k not in addresses}, node.place), path, problems)
    for place, given in addresses.values():  # one for each end, so that a list of one is no list of two
        entries["addresses"] = (place, _per_end(given))
    if "ends" in entries:
        place, ends = entries["ends"]
        if isinstance(ends, Scalar):
            ends = Items([Scalar(part.strip(), ends.place) for part in ends.text.split(" -- ")], ends.place)
        entries["ends"] = (place, ends)
    return Fields(entries, node.place)


def _per_end(node: Node) -> Node:
    if not isinstance(node, Items):
        return node
    return Items([listed("addresses", item, (), []) for item in node.items], node.place)
