"""`nw plan FILE`: what `up` would change, as sentences; with -v as commands of ip, bridge, nft and sysctl."""

from .text import many, paint, put, put_json
from .which import wanted
from .words import Words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..lab.held import Held
    from ..lab.topology import Topology


def main(words: list[str]) -> int:
    """Nothing is done."""
    given = Words(words, {"-v": "", "--verbose": "-v", "--name": "NAME", "--json": ""}, "FILE|LAB")
    topology = wanted(given.names[0], given.get("--name"))
    from ..lab.held import Held

    return show(Held(topology.name), topology, json="--json" in given, verbose="-v" in given)


def show(held: "Held", topology: "Topology", *, json: bool = False, verbose: bool = False) -> int:
    """Print what would be done."""
    from ..plan import explain

    change = held.pending(topology)
    if json:
        put_json({"lab": held.name, "new": change.made, "operations": [explain.plain(op) for op in change.plan]})
        return 0
    if not change.plan:
        put(f"nothing to do: {held.name} already is as wanted")
        return 0
    put(f"{held.name} {'would be made' if change.made else 'would be changed'}: {many(len(change.plan), 'operation')}")
    width = len(str(len(change.plan)))
    for number, op in enumerate(change.plan, 1):
        put(f"{number:{width}}. {explain.sentence(op)}")
        if verbose:
            for line in explain.shell(op).splitlines():
                put(paint(" " * (width + 4) + line, "dim"))
    return 0
