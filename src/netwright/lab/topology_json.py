"""A Topology as JSON and back: for the journal, so that a command of tomorrow knows what was written down today."""

from . import topology as here

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CLASSES: "dict[str, Any]" = {cls.__name__: cls for cls in (here.Link, here.Route, here.Publish, here.Host, here.Switch, here.Cable, here.Policy, here.Check, here.Topology)}
_NAME = "="  # the key that holds a value's class; no name of a host begins with it


def written(topology: here.Topology) -> "Any":
    """Lists and dicts of plain things; the places in files are left out."""
    return _plain(topology)


def read(data: "Any") -> here.Topology:
    """The Topology again. ValueError for anything else."""
    found = _value(data)
    if not isinstance(found, here.Topology):
        raise ValueError("not a topology")
    return found


def _plain(item: "Any") -> "Any":
    if type(item).__name__ in _CLASSES and isinstance(item, _CLASSES[type(item).__name__]):
        fields = {name: _plain(getattr(item, name)) for name in item.__slots__ if name != "places"}
        return {_NAME: type(item).__name__, **fields}
    if isinstance(item, (tuple, list)):
        return [_plain(part) for part in item]
    if hasattr(item, "items"):
        return {key: _plain(part) for key, part in item.items()}
    return item


def _value(data: "Any") -> "Any":
    if isinstance(data, list):
        return tuple(_value(part) for part in data)
    if not isinstance(data, dict):
        return data
    if _NAME not in data:
        return {key: _value(part) for key, part in data.items()}
    cls = _CLASSES[data[_NAME]]
    known = cls.__slots__
    return cls(**{key: _value(part) for key, part in data.items() if key in known})
