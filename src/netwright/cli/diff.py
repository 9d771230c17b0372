"""`nw diff FILE|LAB`: what is against what is written down, host by host."""

from .text import paint, put, put_json
from .which import wanted
from .words import Words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..lab.held import Held
    from ..lab.topology import Topology
    from ..model.state import State


def main(words: list[str]) -> int:
    """0 when all is as written, 1 when not, as diff(1) has it."""
    given = Words(words, {"--name": "NAME", "--json": ""}, "FILE|LAB")
    topology = wanted(given.names[0], given.get("--name"))
    from ..lab.held import Held

    found = list(_differences(Held(topology.name), topology))
    if "--json" in given:
        objects = [{"object": name, "is": _only(lines, "-"), "written": _only(lines, "+")} for name, lines in found]
        put_json({"lab": topology.name, "same": not found, "differences": objects})
    elif not found:
        put(f"no difference: {topology.name} is as it is written")
    else:
        for name, lines in found:
            _show(topology.name, name, lines)
    return 1 if found else 0


def _only(lines: list[str], sign: str) -> list[str]:
    return [line[1:].strip() for line in lines if line[:1] == sign]


def _differences(held: "Held", topology: "Topology") -> "list[tuple[str, list[str]]]":
    from ..lab.compile import compile
    from ..lab.described import described, differences

    want = compile(topology)
    now = _now(held, want)
    left = {name: described(namespace) for name, namespace in now.namespaces.items()}
    right = {name: described(namespace) for name, namespace in want.namespaces.items()}
    for place, state in ((left, now), (right, want)):
        for view, files in state.files.items():
            for path, text in files.items():
                place[f"{path}{f' of {view}' if view else ''}"] = text.splitlines()
    return list(differences(left, right))


def _now(held: "Held", want: "State") -> "State":
    """What is in the kernel, saying no more about each thing than `want` does; nothing when the lab is not up."""
    from ..errors import Gone
    from ..lab.held import seen
    from ..lab.inside import inside
    from ..model.state import State, projected

    try:
        holder = held.holder()
    except Gone:
        return State()
    known = held.wanted()
    return projected(inside(holder, lambda _: seen(known, want)), want)


def _show(lab: str, name: str, lines: list[str]) -> None:
    label = f"{lab}{':' if name[0] == '/' else '/'}{name}"
    put(paint(f"--- {label}  as it is", "bold"))
    put(paint(f"+++ {label}  as it is written", "bold"))
    for line in lines:
        put(paint(line, {"+": "new", "-": "old", "@": "dim"}.get(line[:1], "dim")) if line[:1] in "+-@" else line)
