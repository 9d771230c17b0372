"""Which lab is meant: a name, a file, or the only one there is."""

import os

from ..errors import Gone, Invalid
from ..lab import runtime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..lab.held import Held
    from ..lab.topology import Topology

_ENDINGS = (".yaml", ".yml", ".toml", ".json")


def is_file(word: str) -> bool:
    """A lab's file by the look of it: an ending, a slash, or a file that is there and no lab of that name."""
    if "/" in word or word.endswith(_ENDINGS):
        return True
    return os.path.isfile(word) and word not in runtime.names()


def written(path: str, name: str = "") -> "Topology":
    """The lab that a file describes, under `name` where one is given. LabFileInvalid with every mistake."""
    from ..lab.load import load

    topology = load(path)
    return renamed(topology, name) if name else topology


def renamed(topology: "Topology", name: str) -> "Topology":
    """The same lab under another name. Invalid for what is none."""
    from ..model.value import replace

    runtime.directory(name)
    return replace(topology, name=name)


def lab_of(word: str) -> str:
    """The name of the lab that `word` means: a lab, or the file from which one was brought up; "" is the only one there is."""
    if not word:
        return only_lab()
    if not is_file(word):
        return word
    from ..lab.held import Held

    path = os.path.abspath(word)
    found = [name for name in runtime.names() if Held(name).exists() and Held(name).status().file == path]
    if len(found) > 1:
        raise Invalid(f"{word} is up under several names", why=", ".join(found), fix="say which: nw down LAB")
    return found[0] if found else written(word).name


def only_lab() -> str:
    """The lab, when there is just one. Gone or Invalid when not."""
    known = runtime.names()
    if not known:
        raise Gone("there is no lab", fix="make one with: nw up FILE")
    if len(known) > 1:
        raise Invalid("which lab?", why=f"there are {len(known)}: {', '.join(known[:10])}", fix="say its name")
    return known[0]


def recorded(held: "Held") -> "Topology":
    """What was written down about a lab when it was brought up. Gone when there is no such lab, or it never came up."""
    from ..engine.journal import Journal
    from ..lab.topology_json import read

    held.status()  # Gone, with the nearest name
    with Journal(held.directory) as journal:
        found = journal.get("topology")
    if found is None:
        raise Gone(f"lab {held.name} never came up", fix=f"nw up FILE, or remove it: nw down {held.name}")
    return renamed(read(found), held.name)


def wanted(word: str, name: str = "") -> "Topology":
    """What a file says, or what was written down about a running lab."""
    if word and is_file(word):
        return written(word, name)
    from ..lab.held import Held

    return recorded(Held(lab_of(word)))
