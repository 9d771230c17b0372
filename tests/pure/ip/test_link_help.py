"""`ip link help` names every command, every word and every kind."""

import importlib
import re

import pytest

from netwright.ip.help import help_text
from netwright.ip.link import COMMANDS
from netwright.ip.link.parse import WORDS
from netwright.ip.link.words import READERS, WITHOUT_OPTIONS
from netwright.model.kinds import MODULES
from netwright.model.kinds.options import Options

TEXT = help_text("link")
NAMED = set(re.findall(r"[\w%-]+", TEXT))
TABLES: dict[str, Options] = {}
for kind, name in MODULES.items():
    module = importlib.import_module(f"netwright.model.kinds.{name}")
    for suffix, table in (("", "OPTIONS"), ("_slave", "SLAVE_OPTIONS")):
        if hasattr(module, table):
            TABLES[kind + suffix] = getattr(module, table)


@pytest.mark.parametrize("word", [*(command for command in COMMANDS if command not in ("lst", "list")), *(entry[0] for entry in WORDS)])
def test_command_or_word(word: str) -> None:
    assert word in NAMED


@pytest.mark.parametrize("kind", [*MODULES, *READERS, *WITHOUT_OPTIONS[:2]])
def test_kind(kind: str) -> None:
    assert kind in NAMED


@pytest.mark.parametrize("kind", TABLES)
def test_options_of_a_kind(kind: str) -> None:
    words = TABLES[kind].words()
    missing = [word for word in words if word not in NAMED and word.removeprefix("no") not in NAMED]
    assert missing == []
