"""Every word that a parser takes stands in the help text of its object, and so in docs/commands.md and behind `nw OBJECT help`.

The words are read out of the source: what is given to take(), take_prefix() and matches(), what `word` is compared with, and
the keys of the keyword tables.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

IP = Path(__file__).resolve().parents[2] / "src" / "netwright" / "ip"
OBJECTS = ("netns", "link", "address", "route", "neighbour", "rule", "monitor")
TABLES = ("KEYWORDS", "COMMANDS", "SETTINGS", "SELECTORS", "ACTIONS", "SWITCHES", "OPTIONS", "ABBREVIATED", "WORDS", "SHORTENED")


def _texts(nodes: list[ast.expr]) -> Iterator[str]:
    yield from (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


@cache
def words_of(name: str) -> frozenset[str]:
    """The words that an object takes."""
    return frozenset(word for path in (IP / name).rglob("*.py") for word in taken(path.read_text()))


def taken(source: str) -> Iterator[str]:
    """The words that a module takes from the command line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield from _texts(node.args if name in ("take", "take_prefix") else node.args[1:] if name == "matches" else [])
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name) and node.left.id == "word":
            yield from (text for text in _texts(node.comparators) if text)
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        if any(isinstance(target, ast.Name) and target.id.strip("_") in TABLES for target in targets):
            yield from _keys(node.value)


def _keys(table: ast.expr | None) -> Iterator[str]:
    """The keys of a dict, or what stands first in each row of a tuple of tuples."""
    if isinstance(table, ast.Dict):
        # A string behind a key makes it a table of names to print.
        rows = zip(table.keys, table.values, strict=True)
        yield from _texts([key for key, value in rows if key is not None and not isinstance(value, ast.Constant)])
    elif isinstance(table, ast.Tuple | ast.List):
        yield from _texts([row.elts[0] for row in table.elts if isinstance(row, ast.Tuple) and row.elts])



@pytest.mark.parametrize("name", OBJECTS)
def test_every_word_is_in_the_help_text(name: str):
    text = (IP / "help_texts" / f"{name}.txt").read_text()
    assert sorted(word for word in words_of(name) if word not in text and word.removeprefix("no") not in text) == []


def test_the_reader_of_words_reads_them():
    source = 'KEYWORDS = {"via": read}\nif words.take("dev") or words.take_prefix("metric") or matches(word, "scope"): pass'
    assert sorted(taken(source)) == ["dev", "metric", "scope", "via"]
    assert {"lladdr", "peer", "nexthop", "--fast"} <= set().union(*map(words_of, OBJECTS))
