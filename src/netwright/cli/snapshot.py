"""`nw snapshot LAB`, `nw snapshot --netns NAME…`: a lab file from what is live."""

import os

from ..errors import Conflict, Gone
from .which import lab_of, recorded
from .words import Words, Wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..lab.snapshot import Taken
    from ..model.state import State

_OPTIONS = {"--netns": "", "--name": "NAME", "-o": "--output", "--output": "FILE", "--force": ""}


def main(words: list[str]) -> int:
    """The file on stdout, or into FILE."""
    given = Words(words, _OPTIONS, "[LAB|NAME…]")
    output = given.get("--output")
    if output and os.path.exists(output) and "--force" not in given:
        raise Conflict(f"{output} is there already", fix=f"--force overwrites it, or take another name: -o {output}.new")
    if "--netns" in given:
        taken = _of_namespaces(given.names, given.get("--name", "snapshot"))
    elif len(given.names) > 1:
        raise Wrong("one lab at a time", why="several names are namespaces", fix="nw snapshot --netns " + " ".join(given.names))
    else:
        taken = _of_lab(lab_of(given.names[0] if given.names else ""), given.get("--name"))
    _put(text(taken), output)
    return 0


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


def _put(text: str, output: str) -> None:
    from ..errors import CallFailed

    if not output:
        import sys

        sys.stdout.write(text)
        return
    try:
        with open(output, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise CallFailed(f"cannot write {output}: {error.strerror}", error.errno or 0) from None
