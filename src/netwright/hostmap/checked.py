"""Whether a map that was read from a file is one: every field of the type that its class says, every namespace there once.

A map is drawn, compared and searched by code that trusts its types. A file can have been cut, edited, or written by somebody else.
"""

from .model import HostMap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    Check = Callable[[Any], bool]


def _text(item: "Any") -> bool:
    return isinstance(item, str)


def _whole(item: "Any") -> bool:
    return isinstance(item, int) and not isinstance(item, bool)


def _two(one: "Check", other: "Check") -> "Check":
    return lambda item: isinstance(item, tuple) and len(item) == 2 and one(item[0]) and other(item[1])


def _each(check: "Check") -> "Check":
    return lambda item: isinstance(item, tuple) and all(map(check, item))


def _or_none(check: "Check") -> "Check":
    return lambda item: item is None or check(item)


_END = _two(_text, _text)
_PAIRS = _each(_two(_text, lambda item: not isinstance(item, dict)))
# The annotations of the classes -> (what it has to be, the check)
TYPES: "dict[str, tuple[str, Check]]" = {
    "str": ("a text", _text), "int": ("a number", _whole), "int | None": ("a number", _or_none(_whole)), "bool": ("true or false", lambda item: isinstance(item, bool)),
    "float": ("a number", lambda item: _whole(item) or isinstance(item, float)), "tuple[str, ...]": ("a list of texts", _each(_text)),
    "End": ("[id, device]", _END), "End | None": ("[id, device]", _or_none(_END)), "Pairs": ("a list of [name, value]", _PAIRS),
    "tuple[tuple[str, Any], ...]": ("a list of [name, value]", _PAIRS), "tuple[tuple[str, int], ...]": ("a list of [name, number]", _each(_two(_text, _whole))),
    "tuple[tuple[str, str], ...]": ("a list of [name, text]", _each(_END)), "tuple[int, int] | None": ("[number, number]", _or_none(_two(_whole, _whole))),
}  # fmt: skip


def mistakes(host: HostMap) -> "Iterator[str]":
    """What is wrong, and where: `namespaces[3].links[1].mtu is no number`."""
    yield from _wrong(host, "")
    seen = set()
    for at, space in enumerate(host.namespaces):
        if space.id in seen:
            yield f"namespaces[{at}].id is there twice"
        seen.add(space.id)


def _wrong(item: "Any", where: str) -> "Iterator[str]":
    for name, annotation in type(item).__annotations__.items():
        found, place = getattr(item, name), f"{where}.{name}" if where else name
        known = TYPES.get(annotation if isinstance(annotation, str) else annotation.__name__)
        if known:
            if not known[1](found):
                yield f"{place} is not {known[0]}"
            continue
        for at, inner in enumerate(found if isinstance(found, tuple) else (found,) if found is not None else ()):
            yield from _wrong(inner, f"{place}[{at}]" if isinstance(found, tuple) else place)
