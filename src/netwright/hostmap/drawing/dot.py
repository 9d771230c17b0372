"""The map for Graphviz: `nw map --format dot | dot -Tsvg`. Namespaces are tables with a port for each device, so that cables end
at devices; alike namespaces are folded as in the picture."""

from .graph import graph
from .palette import TONES
from .words import clean, escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ..model import HostMap
    from .graph import Graph, Node, Plug, Wire

LOOKS = {"up": "color=gray30", "down": "color=firebrick,style=dashed", "stands": "color=goldenrod4,style=dotted,arrowhead=normal,dir=forward"}


def dot(host: "HostMap", opened: "Collection[str]" = (), fewest: int = 4) -> str:
    """The text."""
    return "\n".join(_lines(graph(host, opened, fewest), host.host)) + "\n"


def _lines(made: "Graph", name: str) -> "Iterator[str]":
    yield f"graph {quoted(name or 'host')} {{"
    yield '  graph [rankdir=LR, nodesep=0.25, ranksep=1.2]; node [shape=plain, fontname="monospace", fontsize=10]; edge [fontsize=9];'
    ports = []
    for node in made.nodes:
        keys = {key: f"p{at}" for at, key in enumerate({**node.rails, **node.plugs})}
        ports.append(keys)
        yield f"  n{node.number} [label=<{_table(node, keys)}>];"
    for wire in made.wires:
        yield f"  {_edge(wire, ports)};"
    yield "}"


def quoted(text: str) -> str:
    """A string of dot: nothing in it can end it, and backslashes are no escapes of labels."""
    return '"' + clean(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _table(node: "Node", keys: "dict[str, str]") -> str:
    rows = [f"<TR><TD><B>{_cell(node.title)}</B></TD></TR>"]
    if node.note:
        rows.append(f"<TR><TD>{_cell(node.note)}</TD></TR>")
    for key, own in node.rails.items():
        rows.append(_row(own, keys[key], "gray80"))
        rows += [_row(plug, keys[plug.key], "") for plug in node.plugs.values() if plug.rail == key]
    rows += [_row(plug, keys[plug.key], "") for plug in node.plugs.values() if plug.rail not in node.rails]
    for cell in node.cells if node.open else ():
        rows.append(f'<TR><TD ALIGN="LEFT">{_cell("  ".join(cell))}</TD></TR>')
    rows += [f"<TR><TD>{_cell(extra)}</TD></TR>" for extra in node.extras]
    fill, frame = TONES[node.tone][:2]
    return f'<TABLE BGCOLOR="{fill}" COLOR="{frame}" BORDER="1" CELLBORDER="0" CELLSPACING="0" STYLE="ROUNDED">{"".join(rows)}</TABLE>'


def _row(plug: "Plug", port: str, colour: str) -> str:
    background = f' BGCOLOR="{colour}"' if colour else ""
    return f'<TR><TD PORT="{port}" BORDER="1" ALIGN="LEFT"{background}>{_cell(f"{plug.name}  {plug.address}".rstrip())}</TD></TR>'


def _cell(text: str) -> str:
    return escaped(text).replace("&#39;", "'") or " "


def _edge(wire: "Wire", ports: "list[dict[str, str]]") -> str:
    ends = [f"n{number}:{ports[number][key]}" for number, key in (wire.one, wire.other)]
    look = LOOKS["stands" if wire.kind == "stands" else "up" if wire.up else "down"]
    count = f',label="×{wire.count}",penwidth=3' if wire.count > 1 else ""
    return f"{ends[0]} -- {ends[1]} [{look}{count}]"
