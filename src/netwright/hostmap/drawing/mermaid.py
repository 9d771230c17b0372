"""The map for Mermaid, which GitHub and others draw inside Markdown. It has no ports: devices are written at the cables.

Labels are entities throughout, because Mermaid reads Markdown, HTML and its own words in them.
"""

from .graph import graph
from .words import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ..model import HostMap
    from .graph import Graph, Node, Wire

_PLAIN = " .:/-(),·…×→"


def mermaid(host: "HostMap", opened: "Collection[str]" = (), fewest: int = 4) -> str:
    """The text, without the Markdown fence."""
    return "\n".join(_lines(graph(host, opened, fewest))) + "\n"


def _lines(made: "Graph") -> "Iterator[str]":
    yield "flowchart LR"
    for node in made.nodes:
        yield from _node(node)
    for wire in made.wires:
        yield f"  {_edge(made, wire)}"


def _node(node: "Node") -> "Iterator[str]":
    name = label(" ".join(word for word in (node.title, f"({node.note})" if node.note else "") if word))
    loose = [plug for plug in node.plugs.values() if plug.rail not in node.rails]
    rows = [label(f"{plug.name} {plug.address}".rstrip()) for plug in loose]
    rows += [label("  ".join(cell)) for cell in node.cells if node.open]
    rows += [label(extra) for extra in node.extras]
    if not node.rails:
        yield f'  n{node.number}["{"<br/>".join([name, *rows])}"]'
        return
    yield f'  subgraph n{node.number}["{name}"]'
    for at, own in enumerate(node.rails.values()):
        yield f'    n{node.number}r{at}(["{label(f"{own.name} {own.address}".rstrip())}"])'
    if rows:
        yield f'    n{node.number}x["{"<br/>".join(rows)}"]'
    yield "  end"


def label(text: str) -> str:
    """Every character that could mean something, as its number; a first one that is no letter too (it may begin a list)."""
    text = clean(text)
    return "".join(char if char.isalnum() or (at and char in _PLAIN) else f"#{ord(char)};" for at, char in enumerate(text))


def _edge(made: "Graph", wire: "Wire") -> str:
    (one, first), (other, second) = (_end(made, *end) for end in (wire.one, wire.other))
    line = "-.-" if wire.kind == "stands" or not wire.up else "===" if wire.count > 1 else "---"
    return f'{one} {line}|"{label(f"{first} - {second}")}"| {other}'


def _end(made: "Graph", number: int, key: str) -> "tuple[str, str]":
    """The thing in the diagram that has this plug, and the plug's name."""
    node = made.nodes[number]
    plug = node.plugs.get(key) or node.rails[key]
    rails = list(node.rails)
    if not rails:
        return f"n{number}", plug.name
    rail = plug.key if plug.key in node.rails else plug.rail
    return (f"n{number}r{rails.index(rail)}" if rail in node.rails else f"n{number}x"), plug.name
