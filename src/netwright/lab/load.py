"""A lab file as a Topology: text -> nodes with places -> written out -> validated -> values; or all its mistakes at once.

    read_yaml, read_json, read_toml     text to nodes
    sources                             files, and what they include
    shapes, merging, ranges, expand     short forms, defaults, templates, ranges: written out
    references                          names and devices that are not there
    schema, fields, words, phrases      what each field may be
    validate, build                     nodes to the model, the model to a Topology
"""

from __future__ import annotations

import os

from ..errors import Invalid
from .topology import Problem, Topology

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .nodes import Fields
    from .sources import Sources


class LabFileInvalid(Invalid):
    """A lab file with mistakes: `problems` has all of them, in the order of the file."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def load(path: str | os.PathLike[str]) -> Topology:
    """The lab in a file: YAML, or TOML or JSON by its name. LabFileInvalid with every mistake and its place."""
    from .sources import Sources

    name, problems = os.fspath(path), list[Problem]()
    sources = Sources(problems)
    return _topology(sources.file(name), _name_of(name), sources)


def loads(text: str, *, name: str = "<text>", form: str = "yaml") -> Topology:
    """The lab in a text; `name` is the file's in places, and includes are relative to it. LabFileInvalid as `load`."""
    from .sources import Sources

    if form not in ("yaml", "toml", "json"):
        raise Invalid(f"a lab file is yaml, toml or json, and not {form!r}")
    sources = Sources([])
    return _topology(sources.text(text, name, form), _name_of(name) if name != "<text>" else "lab", sources)


def dump(topology: Topology) -> str:
    """The Topology as a tidy lab file in YAML: `loads(dump(t))` is `t`, save for the places."""
    from .dump import dumped

    return dumped(topology)


def json_schema() -> dict[str, object]:
    """The JSON Schema of a lab file, for editors (lab.schema.json)."""
    from .json_schema import described

    return described()


def _name_of(path: str) -> str:
    """shop for shop.lab.yaml."""
    from .words import tidied

    stem, _ = os.path.splitext(os.path.basename(path))
    return tidied(stem.removesuffix(".lab")) or "lab"


def _topology(root: Fields | None, name: str, sources: Sources) -> Topology:
    if root is None:
        raise LabFileInvalid(_sorted(sources.problems))
    from .nodes import TooBig

    try:
        return _built(root, name, sources.problems)
    except TooBig as error:
        raise LabFileInvalid(_sorted([*sources.problems, error.problem])) from None


def _built(root: Fields, name: str, problems: list[Problem]) -> Topology:
    from . import references
    from .build import all_places, topology
    from .expand import written_out
    from .nodes import Budget
    from .validate import validated

    whole = written_out(root, problems, Budget())
    names = references.names_of(whole)
    whole, devices = references.with_devices(whole, names, problems)
    problems += references.missing(whole, names, devices)
    model, more = validated(whole, names)
    if model is None or more or problems:
        raise LabFileInvalid(_sorted([*problems, *more], whole))
    return topology(model, name, all_places(whole))


def _sorted(problems: list[Problem], root: Fields | None = None) -> tuple[Problem, ...]:
    """By place; what comes of one text (a range, a template) is said once."""
    from .nodes import find

    placed = [p if p.place or root is None else Problem(p.path, p.what, p.fix, find(root, p.path)[1]) for p in problems]
    first = {(problem.place, problem.what): problem for problem in reversed(placed)}
    return tuple(sorted(first.values(), key=lambda problem: (problem.place or ("", 0, 0), problem.what)))
