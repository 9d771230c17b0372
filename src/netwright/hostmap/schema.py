"""The JSON Schema of the document that `nw map --format json` writes: what the classes of model.py say, as plain.py writes them.

docs/map.schema.json is this, and a test says when it is not; `make docs` writes it. It says what is always there and of which type a
field is. It forbids no further fields: within version 1 fields are added.
"""

from . import plain
from .model import HostMap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Schema = dict[str, Any]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: "Schema" = {"type": "string"}
_WHOLE: "Schema" = {"type": "integer"}


def _list(items: "Schema") -> "Schema":
    return {"type": "array", "items": items}


def _two(one: "Schema", other: "Schema") -> "Schema":
    return {"type": "array", "prefixItems": [one, other], "minItems": 2, "maxItems": 2}


# What the annotations of the classes are in JSON. A field that has its default is left out, so None is never written.
_END = _two(_TEXT, _TEXT)
_TYPES: "dict[str, Schema]" = {
    "str": _TEXT, "int": _WHOLE, "int | None": _WHOLE, "float": {"type": "number"}, "bool": {"type": "boolean"}, "tuple[str, ...]": _list(_TEXT),
    "End | None": _END, "End": _END, "Pairs": _list(_two(_TEXT, {})), "tuple[tuple[str, Any], ...]": _list(_two(_TEXT, {})),
    "tuple[tuple[str, int], ...]": _list(_two(_TEXT, _WHOLE)), "tuple[tuple[str, str], ...]": _list(_END), "tuple[int, int] | None": _two(_WHOLE, _WHOLE),
}  # fmt: skip


def described() -> "Schema":
    """The schema, draft 2020-12."""
    parts: dict[str, Schema] = {}
    for kind in sorted(_below(HostMap), key=lambda kind: kind.__name__):
        parts[kind.__name__] = _object(kind)
    whole = _object(HostMap)
    head = {"format": {"const": plain.FORMAT}, "version": {"const": plain.VERSION}}
    return {
        "$schema": _DRAFT, "title": "netwright map of a host", "description": whole["description"], "type": "object",
        "properties": {**head, **whole["properties"]}, "required": [*head, *plain.ALWAYS], "$defs": parts,
    }  # fmt: skip


def _below(kind: type) -> "set[type]":
    """The classes of what is in it."""
    found: set[type] = set()
    for inner in plain.INNER.get(kind, {}).values():
        found |= {inner} | _below(inner)
    return found


def _object(kind: "Any") -> "Schema":
    text = " ".join((kind.__doc__ or "").split())
    out: Schema = {"type": "object", "description": text, "properties": {name: _field(kind, name) for name in kind.__slots__}}
    needed = [name for name in kind.__slots__ if name not in kind.__defaults__]
    return out | ({"required": needed} if needed else {})


def _field(kind: "Any", name: str) -> "Schema":
    """The type; and what it is when it is left out, where that is not empty."""
    inner = plain.INNER.get(kind, {}).get(name)
    if inner:
        reference: Schema = {"$ref": f"#/$defs/{inner.__name__}"}
        return reference if name in plain.SINGLE else _list(reference)
    annotation = kind.__annotations__[name]
    default = kind.__defaults__.get(name)
    return {**_TYPES[annotation if isinstance(annotation, str) else annotation.__name__], **({"default": default} if default else {})}


def text() -> str:
    """The schema as it is published."""
    import json

    return json.dumps(described(), indent=2, ensure_ascii=False) + "\n"
