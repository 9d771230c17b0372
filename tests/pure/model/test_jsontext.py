"""JSON without `import json`: the same answers as json's own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import netwright
from netwright.model.jsontext import Twice, read, write

TEXT = st.text(st.characters(codec="utf-8"))
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
)


@given(DOCUMENTS)
def test_it_reads_what_json_writes_and_the_other_way_round(document: object):
    assert read(json.dumps(document)) == document
    assert read(json.dumps(document, ensure_ascii=False).encode()) == document
    assert json.loads(write(document)) == document


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the document is empty"),
        (" \n", "the document is empty"),
        ("x", "no JSON value begins at character 0"),
        ("{} {}", "more follows after the end of the document, at character 2"),
        ("NaN", "NaN is no JSON"),
        ('{"a": -Infinity}', "-Infinity is no JSON"),
        ("[1e999]", "1e999 is too large a number"),
        ("{", "Expecting property name"),
        ('{"a": 1,}', "line 1 column"),
        ("[" * 201 + "]" * 201, "it is nested more than 200 levels deep"),
        ("[" * 100000, "nested too deeply"),
        ("9" * 5000, "limit"),
        ('"\n"', "Invalid control character"),
    ],
)
def test_what_is_no_json_is_a_value_error_with_the_reason(text: str, why: str):
    with pytest.raises(ValueError, match=why):
        read(text)


@given(st.binary() | TEXT.map(lambda t: f'{{"a": {t}'.encode()))
def test_any_bytes_are_a_document_or_a_value_error(data: bytes):
    try:
        read(data)
    except ValueError:
        pass


@pytest.mark.parametrize("text", ["{", "[1,", '{"a" 1}', '"abc', '{"a":1,}', "[1,,2]", '"\\x"'])
def test_where_nobody_has_imported_json_yet(text: str):
    """As in a plugin: the scanner's own exception is not there then."""
    program = "import sys; sys.path.insert(0, sys.argv[1]); from netwright.model.jsontext import read\ntry: read(sys.argv[2])\nexcept ValueError as e: print(e)"
    source = str(Path(netwright.__file__).parents[1])
    done = subprocess.run([sys.executable, "-IS", "-c", program, source, text], capture_output=True, text=True, check=True)
    assert done.stdout.strip()


def test_brackets_inside_of_texts_do_not_count_as_depth():
    assert read(json.dumps(["[" * 300, 'a\\"{' * 300])) == ["[" * 300, 'a\\"{' * 300]


def test_what_is_no_unicode_becomes_the_replacement_character():
    assert read(b'"a\xffb"') == "a\ufffdb"
    assert read(r'{"\ud800": ["\udc00x", "\ud83d\ude00"]}') == {"\ufffd": ["\ufffdx", "\U0001f600"]}


def test_names_that_stand_twice_are_remembered_and_the_last_counts():
    found = read('{"a": 1, "b": {"c": 1, "c": 2, "c": 3}, "a": 2}')
    assert found == {"a": 2, "b": {"c": 3}}
    assert isinstance(found, Twice)
    assert found.twice == ("a",)
    assert found["b"].twice == ("c",)


def test_many_names_one_of_them_twice():
    """Each name compared with each would take a minute."""
    found = read("{" + "".join(f'"{n}":1,' for n in range(30_000)) + '"7":2}')
    assert (found.twice, found["7"], len(found)) == (("7",), 2, 30_000)
