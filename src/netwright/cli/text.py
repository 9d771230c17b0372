"""Lines for people: colours where they are wanted, tables, counts."""

import os
import sys

from .outlet import OUTPUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_CODES = {"good": "32", "bad": "31", "dim": "2", "bold": "1", "new": "32", "old": "31"}


def coloured() -> bool:
    """Only on a terminal, and not where NO_COLOR says so (no-color.org)."""
    return os.isatty(1) and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "") != "dumb"


def paint(text: str, how: str) -> str:
    """`text` in the colour for good, bad, dim, bold, new or old; as it is where colours are not wanted."""
    return f"\033[{_CODES[how]}m{text}\033[0m" if text and coloured() else text


def many(number: int, one: str, several: str = "") -> str:
    """`1 host`, `2 hosts`, `2 switches`."""
    return f"{number} {one if number == 1 else several or one + 's'}"


def table(heads: "Sequence[str]", rows: "Sequence[Sequence[str]]") -> str:
    """Columns as wide as they need be, with their heads; the last one is not filled up."""
    widths = [max(len(row[at]) for row in (heads, *rows)) for at in range(len(heads))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (heads, *rows)]
    return "".join(f"{paint(line, 'dim') if not at else line}\n" for at, line in enumerate(lines))


def put(text: str) -> None:
    """To stdout, at once: lines of a long command are read as they come."""
    put_all(text + "\n")


def put_all(what: "str | bytes") -> None:
    """The same without an end of line, or of bytes. OSError has the name OUTPUT."""
    try:
        if isinstance(what, bytes):
            sys.stdout.flush()
            sys.stdout.buffer.write(what)
        else:
            sys.stdout.write(what)
        sys.stdout.flush()
    except OSError as error:
        error.filename = OUTPUT
        raise


def put_json(what: "Any") -> None:
    """One line of JSON to stdout."""
    import json

    put(json.dumps(what, ensure_ascii=False))
