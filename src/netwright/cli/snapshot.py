"""`nw snapshot LAB`, `nw snapshot --netns NAME…`: what is live, as a document of the map that has the lab file in it; or as that file alone, or a picture."""

from ..errors import Gone
from .map_choice import ENDINGS, format_of, only
from .which import lab_of, recorded
from .words import Words, Wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..lab.snapshot import Taken
    from ..model.state import State
    from .map_choice import Filters

_OPTIONS = {
    "--netns": "", "--name": "NAME", "-o": "--output", "--output": "FILE", "--force": "", "--format": "FORMAT", "-f": "--format", "--json": "",
}  # fmt: skip
_FORMATS = {name: name for name in ("json", "lab", "text", "svg", "html", "dot", "mermaid", "png")} | ENDINGS | {"yaml": "lab", "yml": "lab"}


def main(words: list[str]) -> int:
    """On stdout, or into FILE."""
    from .map import may_write, put_file

    given = Words(words, _OPTIONS, "[LAB|NAME…]")
    kind, output = format_of(given, _FORMATS, "json"), given.get("--output")
    may_write(kind, output, "--force" in given)
    chosen: Filters
    if "--netns" in given:
        taken, chosen = _of_namespaces(given.names, given.get("--name", "snapshot")), tuple(("namespace", name) for name in given.names)
    elif len(given.names) > 1:
        raise Wrong("one lab at a time", why="several names are namespaces", fix="nw snapshot --netns " + " ".join(given.names))
    else:
        name = lab_of(given.names[0] if given.names else "")
        taken, chosen = _of_lab(name, given.get("--name")), (("lab", name),)
    put_file(text(taken) if kind == "lab" else _on_the_map(taken, chosen, kind, given), output)
    return 0


def _on_the_map(taken: "Taken", chosen: "Filters", kind: str, given: Words) -> "str | bytes":
    from ..hostmap.take import DETAILS
    from ..model.value import replace
    from .map import of_this_host, written

    whole = of_this_host(DETAILS if kind == "json" else ("nft",), [name for each, name in chosen if each == "lab"])
    return written(replace(only(whole, chosen), lab_file=text(taken)), kind, given)


def _of_lab(name: str, called: str) -> "Taken":
    from ..lab.held import Held, seen
    from ..lab.inside import inside
    from ..lab.snapshot import taken
    from ..model.state import projected

    held = Held(name)
    holder, record, want = held.holder(), recorded(held), held.wanted()
    found: State = projected(inside(holder, lambda _: seen(want, want)), want)
    return taken(found, called or name, record)


def _of_namespaces(names: list[str], called: str) -> "Taken":
    if not names:
        raise Wrong("NAME is missing", fix="nw snapshot --netns NAME…; names are listed by: nw netns list")
    from ..engine.look import look
    from ..engine.place import Names
    from ..kernel import sysctl
    from ..lab.snapshot import FORWARDING, taken
    from ..model.state import State
    from ..model.value import replace

    class Chosen(Names):
        """These namespaces and no others."""

        def names(self) -> list[str]:
            return list(dict.fromkeys(names))

    with Chosen() as place:
        lost = [name for name in place.names() if name not in Names().names()]
        if lost:
            place.fd(lost[0])  # Gone, with the nearest name
            raise Gone(f'there is no namespace "{lost[0]}"', fix="names are listed by: nw netns list")
        seen = look(place)
        found = {name: replace(there, sysctls=sysctl.read(place.fd(name), list(FORWARDING))) for name, there in seen.namespaces.items()}
    return taken(without_hardware(State(found)), called)


def without_hardware(state: "State") -> "State":
    """Without addresses of devices: whether somebody chose them or the kernel did cannot be seen."""
    from ..model.state import State
    from ..model.value import replace

    out = {}
    for name, there in state.namespaces.items():
        out[name] = replace(there, devices={key: replace(device, address="") for key, device in there.devices.items()})
    return State(out, state.files)


def text(taken: "Taken") -> str:
    """The file: first what it does not say."""
    from ..lab.load import dump

    head = [f"# A snapshot of {taken.topology.name}."]
    if taken.lost:
        head += ["# It does not say:", *(f"#   {line}" for line in taken.lost)]
    return "\n".join(head) + "\n" + dump(taken.topology)
