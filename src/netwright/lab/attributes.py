"""The options of a link or a switch in a person's words as the kernel's attributes: mode: bridge -> ("mode", 4).

A name is the kernel's own (model/kinds/: stp_state, port, id) or ip(8)'s word for it (vni, dstport, remote).
"""

from __future__ import annotations

from importlib import import_module

from ..model.kinds import MODULES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

    Told = Callable[[str, str, str], None]  # (option, what is wrong, fix)

_LARGEST = {"u8": 0xFF, "u16": 0xFFFF, "be16": 0xFFFF, "u32": 0xFFFFFFFF, "be32": 0xFFFFFFFF, "u64": (1 << 64) - 1}


def attributes(kind: str, given: dict[str, Any], wrong: Told) -> dict[str, Any]:
    """The attributes; every mistake is told. Without the kind in model/kinds/, as they are."""
    if kind not in MODULES:
        return given
    module = import_module(f"..model.kinds.{MODULES[kind]}", __package__)
    fields = {field.name: field.type for field in (module.KINDS.get(kind) or module.FIELDS).values()}
    out: dict[str, Any] = {}
    for word, item in given.items():
        name, form = _named(module, word)
        if word in fields and name != word:
            name, form = word, ""
        if name not in fields:
            from ..model.meant import did_you_mean

            wrong(word, f'a {kind} has no option "{word}"', did_you_mean(word, [*fields, *_words(module)]))
            continue
        found = _valued(_choices(module, name), fields[name], form, item)
        if found is None:
            allowed = ", ".join(map(str, _choices(module, name))) or f"a whole number from 0 to {_LARGEST.get(fields[name], 'its limit')}"
            wrong(word, f"{word}: {item!r} is not possible", f"possible are {allowed}")
        elif out.setdefault(name, found) != found:
            wrong(word, f"{word} says the same thing as another option, but otherwise", "one of them")
    return out


def _words(module: ModuleType) -> list[str]:
    options = getattr(module, "OPTIONS", None)
    return options.words() if options else []


def _named(module: ModuleType, word: str) -> tuple[str, str]:
    """(field, form) of one of ip(8)'s words, not abbreviated."""
    options = getattr(module, "OPTIONS", None)
    row = next((row for row in options.rows if row[0] == word), None) if options else None
    return (row[1], row[2]) if row else ("", "")


def _choices(module: ModuleType, name: str) -> dict[str, int]:
    """The words that a field's numbers have."""
    if name == "mode" and hasattr(module, "MODES"):
        modes = module.MODES
        return dict(modes) if isinstance(modes, dict) else {word: number for number, word in enumerate(modes)}
    options = getattr(module, "OPTIONS", None)
    return {word: number for number, word in enumerate(options.choices.get(name, ()))} if options else {}


def _valued(choices: dict[str, int], kind: str, form: str, item: Any) -> Any:
    """The value of a field; None for none that it can have."""
    if isinstance(item, str) and item in choices:
        return choices[item]
    if form[:1] == "=" and isinstance(item, bool):
        return int(form[1:]) if item else 1 - int(form[1:])
    if form == "proto" and isinstance(item, str):
        from ..model.kinds.options import PROTOCOLS

        return PROTOCOLS.get(item)
    if kind not in _LARGEST:
        return item
    if isinstance(item, str) and item.isascii() and item.isdigit():
        item = int(item)
    elif isinstance(item, str) and item in ("on", "off", "yes", "no"):
        item = item in ("on", "yes")
    return int(item) if isinstance(item, int) and 0 <= item <= _LARGEST[kind] else None
