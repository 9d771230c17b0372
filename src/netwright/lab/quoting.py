"""Texts as YAML scalars that any reader of YAML takes for the same text."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./%@+-]*(?: [A-Za-z0-9_./%@+-]+)*|\d+(?:\.\d+){3}(?:/\d+)?|\d+(?:\.\d+)?(?:[a-zµ]+|%)")
_NUMBER = re.compile(r"[+-]?(?:0[xob])?[0-9_]*\.?[0-9_]*(?:e[+-]?[0-9]+)?|[.](?:inf|nan)", re.IGNORECASE)
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
_SAFE = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e\xa1-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def scalar(item: str | int | float | bool) -> str:
    """A text with quotes where it needs them; numbers and truth values as they are."""
    if isinstance(item, bool):
        return "true" if item else "false"
    if not isinstance(item, str):
        return str(item)
    if _PLAIN.fullmatch(item) and item.lower() not in _WORDS and not _NUMBER.fullmatch(item):
        return item
    return '"' + "".join(map(_character, item)) + '"'


def _character(char: str) -> str:
    if _SAFE.fullmatch(char):
        return char
    if char in '"\\':
        return "\\" + char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def flow(item: object) -> str:
    """A list or mapping on one line."""
    if isinstance(item, dict):
        inner = ", ".join(f"{scalar(key)}: {flow(child)}" for key, child in item.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(item, (list, tuple)):
        return f"[{', '.join(map(flow, item))}]"
    return scalar(item)  # type: ignore[arg-type]


def block(item: object, indent: int = 0, width: int = 110) -> list[str]:
    """The lines of a mapping or list; what is small stands on one line."""
    pad = " " * indent
    lines: list[str] = []
    if isinstance(item, dict):
        for key, child in item.items():
            lines += _entry(f"{pad}{scalar(key)}:", child, indent, width)
    elif isinstance(item, (list, tuple)):
        for child in item:
            lines += _entry(f"{pad}-", child, indent, width)
    return lines


def _entry(head: str, child: object, indent: int, width: int) -> list[str]:
    if child is None:
        return [head]
    line = f"{head} {flow(child)}"
    large = isinstance(child, (dict, list, tuple)) and bool(child)
    whole = not indent and head[-1] == ":"  # a key of the file: only a list of few words stands on its line
    if not large or (len(line) <= width and not (whole and (isinstance(child, dict) or len(line) > 60 or "{" in line))):
        return [line]
    inner = block(child, indent + 2, width)
    return [head, *inner] if head[-1] == ":" else [f"{head} {inner[0].lstrip()}", *inner[1:]]
