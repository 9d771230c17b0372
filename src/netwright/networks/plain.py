"""An attachment as what JSON can hold, and back: `attachment(plain(item)) == item`. What is as usual is left out."""

from ..model.route import Nexthop, Route
from .values import Attachment, Leg, Port

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_PARTS: "dict[str, Callable[..., Any]]" = {"legs": Leg, "routes": Route, "ports": Port, "nexthops": Nexthop}


def plain(item: "Any") -> "Any":
    """A value (an Attachment, a Port) as a dict, a tuple as a list."""
    if isinstance(item, tuple):
        return [plain(part) for part in item]
    usual = getattr(type(item), "__defaults__", None)
    if usual is None:
        return item
    given = ((name, getattr(item, name)) for name in type(item).__slots__)
    return {name: plain(found) for name, found in given if name not in usual or found != usual[name]}


def attachment(data: "dict[str, Any]") -> Attachment:
    """The attachment of which `plain` made this."""
    return Attachment(**_fields(data))


def port(data: "dict[str, Any]") -> Port:
    """The port of which `plain` made this."""
    return Port(**data)


def _fields(data: "dict[str, Any]") -> "dict[str, Any]":
    return {name: _read(name, found) for name, found in data.items()}


def _read(name: str, found: "Any") -> "Any":
    if name in _PARTS:
        return tuple(_PARTS[name](**_fields(part)) for part in found)
    return tuple(_read("", part) for part in found) if isinstance(found, list) else found
