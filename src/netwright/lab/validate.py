"""A file that is written out against the schema: the model, or every mistake with the place of the text that it is about."""

from __future__ import annotations

from pydantic import ValidationError

from . import schema
from .nodes import Fields, as_plain, find, key_place
from .shapes import ETH0, SYNONYMS
from .topology import Problem
from .words import near

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .nodes import Path
    from .words import Names

WRITTEN = {name: word for word, name in SYNONYMS.items() if name != "template"}  # as the schema calls it -> the shorter word of a file
_PARTS: dict[tuple[str, int], tuple[str, type[schema.Open]]] = {
    ("hosts", 2): ("a host", schema.HostFile), ("links", 4): ("a link", schema.LinkFile), ("routes", 4): ("a route", schema.RouteFile),
    ("switches", 2): ("a switch", schema.SwitchFile), ("cables", 2): ("a cable", schema.CableFile),
    ("policy", 2): ("a policy", schema.PolicyFile), ("checks", 2): ("a check", schema.CheckFile),
}  # fmt: skip
_WANTED = {
    "model_type": "a mapping", "model_attributes_type": "a mapping", "dict_type": "a mapping", "list_type": "a list", "tuple_type": "a list",
}  # fmt: skip
_LIKE = {"routes": "write it like {default: gw}", "ends": 'write it like ["a:eth0", "b:eth0"]', "checks": 'write it like ["a -> b:80"]', "publish": 'write it like ["8080:web1:80"]'}


def validated(root: Fields, names: Names) -> tuple[schema.LabFile | None, list[Problem]]:
    """The file as a model, or its mistakes."""
    plain = as_plain(root)
    try:
        return schema.LabFile.model_validate(plain, context=names), []
    except ValidationError as error:
        return None, [_problem(item, root) for item in error.errors(include_url=False)]


def _problem(error: Any, root: Fields) -> Problem:
    loc: Path = tuple(part for part in error["loc"] if not (isinstance(part, str) and part in ("[key]", "[text]", "[mapping]")))
    path, place = find(root, loc)
    kind, context = error["type"], error.get("ctx") or {}
    if kind == "extra_forbidden":
        return Problem(loc, *_unknown(loc), key_place(root, loc) or place)
    if error["loc"] and error["loc"][-1] == "[key]":
        place = key_place(root, path) or place
    if kind == "lab":
        return Problem(path, context["what"], context["fix"], place)
    if kind == "missing":
        return Problem(path, f"{loc[-1]!r} is missing", place=place)
    return Problem(path, _shape(kind, error), _LIKE.get(str(path[-1]), "") if path else "", place)


def _shape(kind: str, error: Any) -> str:
    if kind not in _WANTED:
        return str(error["msg"])
    given = error.get("input")
    seen = "a list" if isinstance(given, (list, tuple)) else "a mapping" if isinstance(given, dict) else "a text" if given else "nothing"
    return f"{_WANTED[kind]} is wanted here, and this is {seen}"


def _unknown(loc: Path) -> tuple[str, str]:
    """What is said to a key that is none."""
    kinds = [str(part) for part in loc[:-1:2]]
    what, part = _PARTS.get((kinds[-1], len(loc) - 1), ("a lab file", schema.LabFile)) if kinds else ("a lab file", schema.LabFile)
    return f"{loc[-1]!r} is no key of {what}", near(str(loc[-1]), keys_of(part))


def unknown_key(key: str) -> tuple[str, str] | None:
    """What is said to a key of a template that no host and no switch has."""
    known = {*keys_of(schema.HostFile), *keys_of(schema.SwitchFile)}
    if key in known or key in SYNONYMS or key in SYNONYMS.values():
        return None
    return f"{key!r} is no key of a host or a switch", near(key, known)


def keys_of(part: type[schema.Open]) -> list[str]:
    """The keys that may be written in a host, a switch and so on."""
    own = [field.alias or name for name, field in part.model_fields.items()]
    if part is schema.HostFile:
        own = ["switch", *ETH0, *own]
    if part in (schema.HostFile, schema.SwitchFile):
        own.append("template")
    if part is schema.LabFile:
        own += ["include", "defaults", "templates"]
    return [WRITTEN.get(name, name) for name in own]
