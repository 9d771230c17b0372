"""A State as what JSON can hold, and back: `from_plain(to_plain(state)) == state`, and equal States give equal text.

A value becomes a dict of those of its fields that are not their defaults; a tuple a list; bytes {"bytes": "hex"}; a frozenset a list
in an order that depends on nothing but its contents; the key of a table "FAMILY NAME". Names are sorted.
"""

from .address import Address
from .filter import Filter
from .neighbour import Neighbour
from .nft import Chain, Set, Table
from .qdisc import Qdisc
from .route import Nexthop, Route
from .rule import Rule
from .state import Device, Namespace, State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    Plain = dict[str, Any]

_ABSENT = object()
_AS_IT_IS = (str, int, bool, float, type(None))
_SETS: "dict[str, type]" = {"addresses": Address, "routes": Route, "rules": Rule, "neighbours": Neighbour, "qdiscs": Qdisc, "filters": Filter}


def _fields(kind: "Any") -> "list[tuple[str, Any]]":
    return [(name, kind.__defaults__.get(name, _ABSENT)) for name in kind.__slots__]


_FIELDS = {kind: _fields(kind) for kind in (Address, Neighbour, Chain, Set, Qdisc, Filter, Nexthop, Route, Rule, Device)}


# -- to plain --------------------------------------------------------------------------------------------------------------


def to_plain(state: State) -> "Plain":
    """The State as dicts, lists, texts and numbers."""
    namespaces = {name: _namespace(state.namespaces[name]) for name in sorted(state.namespaces)}
    files = {view: dict(sorted(state.files[view].items())) for view in sorted(state.files)}
    return {"namespaces": namespaces, "files": files}


def _namespace(namespace: Namespace) -> "Plain":
    out: Plain = {"devices": {name: record(namespace.devices[name]) for name in sorted(namespace.devices)}}
    for name in _SETS:
        if found := getattr(namespace, name):
            out[name] = _ordered(map(record, found))
    if namespace.sysctls:
        out["sysctls"] = dict(sorted(namespace.sysctls.items()))
    if namespace.tables:
        out["tables"] = {" ".join(key): table_plain(namespace.tables[key]) for key in sorted(namespace.tables)}
    if namespace.view:
        out["view"] = namespace.view
    return out


def record(item: "Any") -> "Plain":
    """An Address, a Route, a Device … as the dict of what is not its default."""
    out: Plain = {}
    for name, default in _FIELDS[type(item)]:
        found = getattr(item, name)
        if found is not default and found != default:
            out[name] = found if type(found) in _AS_IT_IS else _listed(found)
    return out


def _listed(item: "Any") -> "Any":
    if type(item) in _AS_IT_IS:
        return item
    if isinstance(item, tuple):
        return [_listed(inner) for inner in item]
    if isinstance(item, frozenset):
        return sorted(item)
    return {"bytes": item.hex()} if isinstance(item, bytes) else record(item)


def table_plain(table: Table) -> "Plain":
    """A table, without the family and the name that its key has."""
    out: Plain = {}
    for name in ("sets", "chains"):
        if found := getattr(table, name):
            out[name] = {key: record(found[key]) for key in sorted(found)}
    return out


def _ordered(records: "Iterable[Plain]") -> "list[Plain]":
    many = list(records)
    return sorted(many, key=repr) if len(many) > 1 else many


# -- from plain ------------------------------------------------------------------------------------------------------------


def from_plain(data: "Plain") -> State:
    """The State of which `to_plain` made this."""
    return State({name: _to_namespace(found) for name, found in data["namespaces"].items()}, data["files"])


def _to_namespace(data: "Plain") -> Namespace:
    changes: dict[str, Any] = {name: frozenset(_made(kind, found) for found in data[name]) for name, kind in _SETS.items() if name in data}
    if "tables" in data:
        changes["tables"] = dict(_to_table(key, found) for key, found in data["tables"].items())
    devices = {name: _made(Device, found) for name, found in data["devices"].items()}
    return Namespace(devices, sysctls=data.get("sysctls", {}), view=data.get("view", ""), **changes)


def _made(kind: "Callable[..., Any]", data: "Plain") -> "Any":
    return kind(**{name: found if type(found) in _AS_IT_IS else _READ.get(name, _tupled)(found) for name, found in data.items()})


def _tupled(item: "Any") -> "Any":
    if type(item) is list:
        return tuple([_tupled(inner) for inner in item])
    return bytes.fromhex(item["bytes"]) if type(item) is dict else item


_READ: "dict[str, Callable[[Any], Any]]" = {
    "nexthops": lambda hops: tuple([_made(Nexthop, hop) for hop in hops]),
    "elements": frozenset,
}


def _to_table(key: str, data: "Plain") -> "tuple[tuple[str, str], Table]":
    family, _, name = key.partition(" ")
    sets: Mapping[str, Set] = {name: _made(Set, found) for name, found in data.get("sets", {}).items()}
    chains: Mapping[str, Chain] = {name: _made(Chain, found) for name, found in data.get("chains", {}).items()}
    return (family, name), Table(family, name, sets, chains)
