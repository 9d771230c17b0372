"""Maps as JSON, there and back."""

import json
import types
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.errors import Invalid
from netwright.hostmap import model, plain
from netwright.model import address, neighbour, route, rule

MODULES = (model, address, route, rule, neighbour)
NAMES = {name: found for module in MODULES for name, found in vars(module).items() if isinstance(found, type) and hasattr(found, "__slots__")}
TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
PAIRS = st.lists(st.tuples(TEXT, st.one_of(st.integers(0, 99), TEXT, st.booleans(), st.tuples(st.integers(0, 9)))), max_size=2).map(tuple)
END = st.tuples(TEXT, TEXT)


def values(kind: type) -> st.SearchStrategy:
    """Any value of a class of the map, by its annotations."""
    return st.builds(kind, **{name: field(kind, name) for name in kind.__slots__})


def field(kind: type, name: str) -> st.SearchStrategy:
    inner = plain.INNER.get(kind, {}).get(name)
    if name in plain._SINGLE:
        return st.none() | values(inner)
    if inner:
        return st.lists(values(inner), max_size=2).map(tuple)
    return by_annotation(kind.__init__, str(ANNOTATIONS[kind][name]))


def by_annotation(_: object, words: str) -> st.SearchStrategy:
    simple = {
        "str": TEXT, "int": st.integers(0, 1 << 64), "bool": st.booleans(), "float": st.floats(0, 1e10), "int | None": st.none() | st.integers(0, 99),
        "tuple[str, ...]": st.lists(TEXT, max_size=2).map(tuple), "Pairs": PAIRS, "tuple[tuple[str, Any], ...]": PAIRS,
        "tuple[tuple[str, int], ...]": st.lists(st.tuples(TEXT, st.integers(0, 99)), max_size=2).map(tuple), "End": END, "End | None": st.none() | END,
        "tuple[int, int] | None": st.none() | st.tuples(st.integers(0, 9), st.integers(0, 9)),
    }  # fmt: skip
    return simple[words]


def _annotations(kind: type) -> dict[str, str]:
    return {name: found if isinstance(found, str) else found.__name__ for name, found in kind.__annotations__.items()}


ANNOTATIONS = {kind: _annotations(kind) for kind in NAMES.values() if not isinstance(kind, types.GenericAlias) and kind is not typing.Any}


@given(values(model.HostMap))
def test_there_and_back_through_json(host: model.HostMap) -> None:
    assert plain.from_plain(json.loads(json.dumps(plain.to_plain(host)))) == host


def test_an_empty_map_says_what_it_is_and_has_its_lists() -> None:
    lists: dict[str, list[object]] = {"detail": [], "namespaces": [], "cables": [], "problems": []}
    assert plain.to_plain(model.HostMap()) == {"format": "netwright-map", "version": 1, **lists}


def test_fields_of_a_later_program_are_ignored() -> None:
    document = {**plain.to_plain(model.HostMap(host="a", namespaces=(model.Space("1"),))), "weather": "fine"}
    document["namespaces"][0]["colour"] = "red"
    assert plain.from_plain(document) == model.HostMap(host="a", namespaces=(model.Space("1"),))


@pytest.mark.parametrize(
    "document",
    [None, [], 7, {}, {"format": "x"}, {"format": "netwright-map"}, {"format": "netwright-map", "version": 2}]
    + [{"format": "netwright-map", "version": 1, "namespaces": found} for found in (7, [7], [{}], {"a": 1})],
)
def test_what_is_no_map_is_refused(document: object) -> None:
    with pytest.raises(Invalid):
        plain.from_plain(document)
