"""A HostMap as what JSON can hold, and back: `from_plain(to_plain(m)) == m`. This is the format of `nw map --format json`.

The document is {"format": "netwright-map", "version": 1, …} and then the fields of HostMap. A value is an object with the
fields of its class in model.py, model/address.py, route.py, rule.py, neighbour.py; a field that has its default (empty, 0, false,
null) is left out, but for the document's own lists (namespaces, cables, problems, detail), which are always there; a tuple is a list, a
pair or an end a list of two. Within version 1 fields are only ever added, and a reader
shall ignore those that it does not know; version 2 would be one that such a reader misunderstands.
"""

from itertools import islice

from ..errors import Invalid
from ..model.address import Address
from ..model.neighbour import Neighbour
from ..model.route import Nexthop, Route
from ..model.rule import Rule
from . import model
from .checked import mistakes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Plain = dict[str, Any]

FORMAT, VERSION = "netwright-map", 1
ALWAYS = ("detail", "namespaces", "cables", "problems")
_ABSENT = object()
# class -> field -> the class of what is in it
INNER: "dict[type, dict[str, type]]" = {
    model.HostMap: {"namespaces": model.Space, "cables": model.Cable, "problems": model.Problem},
    model.Space: {
        "owners": model.Owner, "holders": model.Holder, "links": model.Link, "addresses": Address, "routes": Route, "rules": Rule,
        "neighbours": Neighbour, "chains": model.Chain, "nat": model.NatRule, "published": model.Published, "listeners": model.Listener,
    },
    model.Link: {"counters": model.Counters},
    Route: {"nexthops": Nexthop},
}  # fmt: skip
SINGLE = ("counters",)


# -- to plain --------------------------------------------------------------------------------------------------------------


def to_plain(host: model.HostMap) -> "Plain":
    """The map as dicts, lists, texts and numbers."""
    return {"format": FORMAT, "version": VERSION, **{name: [] for name in ALWAYS}, **record(host)}


def record(item: "Any") -> "Plain":
    """Any value of the map as the dict of what is not its default."""
    out: Plain = {}
    defaults = item.__defaults__
    for name in item.__slots__:
        found = getattr(item, name)
        if found != defaults.get(name, _ABSENT):
            out[name] = _plain(found)
    return out


def _plain(item: "Any") -> "Any":
    if item is None or isinstance(item, str | int | float):
        return item
    if isinstance(item, tuple):
        return [_plain(inner) for inner in item]
    return {"bytes": item.hex()} if isinstance(item, bytes) else record(item) if hasattr(item, "__slots__") else {k: _plain(v) for k, v in item.items()}


# -- from plain ------------------------------------------------------------------------------------------------------------


def from_plain(data: "Any") -> model.HostMap:
    """The map of which `to_plain` made this. Invalid for anything else."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise Invalid("this is no map", why=f'a map begins with "format": "{FORMAT}"', fix="make one with: nw map --format json > FILE")
    if data.get("version") != VERSION:
        raise Invalid(f"a map of version {data.get('version')} cannot be read", why=f"this program knows version {VERSION}")
    try:
        host: model.HostMap = made(model.HostMap, data)
    except (TypeError, AttributeError, ValueError, KeyError) as error:
        raise _damaged(str(error)) from None
    if wrong := list(islice(mistakes(host), 5)):
        raise _damaged("; ".join(wrong))
    return host


def _damaged(why: str) -> Invalid:
    return Invalid("this map is damaged", why=why, fix="make a new one with: nw map --format json > FILE")


def made(kind: "Callable[..., Any]", data: "Plain") -> "Any":
    """A value of class `kind` from its dict; fields that it does not have are ignored."""
    inner: dict[str, type] = INNER.get(kind, {})  # type: ignore[call-overload]
    known = kind.__slots__  # type: ignore[attr-defined]
    return kind(**{name: _read(found, inner.get(name), name) for name, found in data.items() if name in known})


def _read(item: "Any", kind: "type | None", name: str) -> "Any":
    if kind is None:
        return _tupled(item)
    return made(kind, item) if name in SINGLE else tuple([made(kind, one) for one in item])


def _tupled(item: "Any") -> "Any":
    if isinstance(item, list):
        return tuple([_tupled(inner) for inner in item])
    return bytes.fromhex(item["bytes"]) if isinstance(item, dict) and item.keys() == {"bytes"} else item
