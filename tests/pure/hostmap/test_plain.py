"""Maps as JSON, there and back."""

import json
import sys
import types
import typing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from json_schema import wrong
from netwright.errors import Invalid
from netwright.hostmap import model, plain, schema
from netwright.model import address, neighbour, route, rule

MODULES = (model, address, route, rule, neighbour)
NAMES = {name: found for module in MODULES for name, found in vars(module).items() if isinstance(found, type) and hasattr(found, "__slots__")}
TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
PAIRS = st.lists(st.tuples(TEXT, st.one_of(st.integers(0, 99), TEXT, st.booleans(), st.tuples(st.integers(0, 9)))), max_size=2).map(tuple)
END = st.tuples(TEXT, TEXT)
SCHEMA = schema.described()


def values(kind: type) -> st.SearchStrategy:
    """Any value of a class of the map, by its annotations."""
    return st.builds(kind, **{name: field(kind, name) for name in kind.__slots__})


def field(kind: type, name: str) -> st.SearchStrategy:
    inner = plain.INNER.get(kind, {}).get(name)
    if name in plain.SINGLE:
        return st.none() | values(inner)
    if inner:
        return st.lists(values(inner), max_size=2, unique_by=(lambda space: space.id) if inner is model.Space else None).map(tuple)
    return by_annotation(kind.__init__, str(ANNOTATIONS[kind][name]))


def by_annotation(_: object, words: str) -> st.SearchStrategy:
    simple = {
        "str": TEXT, "int": st.integers(0, 1 << 64), "bool": st.booleans(), "float": st.floats(0, 1e10), "int | None": st.none() | st.integers(0, 99),
        "tuple[str, ...]": st.lists(TEXT, max_size=2).map(tuple), "Pairs": PAIRS, "tuple[tuple[str, Any], ...]": PAIRS,
        "tuple[tuple[str, str], ...]": st.lists(END, max_size=2).map(tuple),
        "tuple[tuple[str, int], ...]": st.lists(st.tuples(TEXT, st.integers(0, 99)), max_size=2).map(tuple), "End": END, "End | None": st.none() | END,
        "tuple[int, int] | None": st.none() | st.tuples(st.integers(0, 9), st.integers(0, 9)),
    }  # fmt: skip
    return simple[words]


def _annotations(kind: type) -> dict[str, str]:
    return {name: found if isinstance(found, str) else found.__name__ for name, found in kind.__annotations__.items()}


ANNOTATIONS = {kind: _annotations(kind) for kind in NAMES.values() if not isinstance(kind, types.GenericAlias) and kind is not typing.Any}


@given(values(model.HostMap))
def test_any_document_is_as_the_schema_says(host: model.HostMap) -> None:
    assert wrong(json.loads(json.dumps(plain.to_plain(host))), SCHEMA, SCHEMA) == []


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
    + [{"format": "netwright-map", "version": 1, "namespaces": found} for found in (7, [7], [{}], {"a": 1})]
    + [{"format": "netwright-map", "version": 1, **odd} for odd in ({"host": 7}, {"namespaces": [{"id": "1", "links": [{"index": "x", "name": 5}]}]}, {"cables": [{"one": "a", "other": 1}]})],
)
def test_what_is_no_map_is_refused(document: object) -> None:
    with pytest.raises(Invalid):
        plain.from_plain(document)


# -- the schema ------------------------------------------------------------------------------------------------------------


def test_the_published_schema_is_the_one_of_the_code() -> None:
    published = Path(__file__).resolve().parents[3] / "docs" / "map.schema.json"
    assert published.read_text() == schema.text(), "make docs"


def test_every_class_and_field_is_described() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for part in (SCHEMA, *SCHEMA["$defs"].values()):
        assert part["description"]
    assert {"Space", "Link", "Route", "Nexthop", "Address", "Cable", "Problem"} <= set(SCHEMA["$defs"])


@pytest.mark.parametrize(
    "change",
    [
        {"format": "x"}, {"version": 2}, {"taken": "now"}, {"namespaces": {}}, {"namespaces": [{}]}, {"namespaces": [{"id": 7}]}, {"chosen": [["lab"]]},
        {"namespaces": [{"id": "1", "links": [{"name": "lo"}]}]}, {"cables": [{"one": ["1", "a"]}]}, {"cables": [{"one": ["1"], "other": ["2", "b"]}]},
        {"problems": [{"kind": "x"}]}, {"namespaces": [{"id": "1", "held": [["process", "1"]]}]}, {"namespaces": [{"id": "1", "forwarding": 1}]},
    ],
)  # fmt: skip
def test_what_is_no_map_is_against_the_schema(change: dict) -> None:
    document = {**plain.to_plain(model.HostMap()), "weather": "fine"}
    assert wrong(document, SCHEMA, SCHEMA) == []
    assert wrong({**document, **change}, SCHEMA, SCHEMA) != []
