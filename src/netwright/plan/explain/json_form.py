"""An operation as what JSON can hold: its name, its fields, the command, the sentence."""

from ...model.filter import Filter
from ...model.nft import Table
from ...model.plain import record, table_plain
from ...model.qdisc import Qdisc
from . import sentence, shell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..ops import Op


def plain(op: "Op") -> "dict[str, Any]":
    """{"op": "AddAddress", "namespace": "web1", "header": …, "settings": …, "verb": "add", "command": …, "sentence": …}"""
    kind: Any = type(op)
    names: tuple[str, ...] = kind.__slots__
    out: dict[str, Any] = {"op": type(op).__name__}
    for name in sorted(names, key=lambda name: name != "namespace"):
        out[name] = _json(getattr(op, name))
    return {**out, "command": shell(op), "sentence": sentence(op)}


def _json(item: "Any") -> "Any":
    if isinstance(item, dict):
        return {str(name): _json(inner) for name, inner in item.items()}
    if isinstance(item, (list, tuple)):
        return [_json(inner) for inner in item]
    if isinstance(item, bytes):
        return item.hex(":")
    if isinstance(item, Table):
        return {"family": item.family, "name": item.name, **table_plain(item)}
    return record(item) if isinstance(item, (Qdisc, Filter)) else item
