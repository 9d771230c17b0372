"""Errors of the product's own commands on stderr: what, why and the fix; every mistake of a file with its place; or as JSON."""

import sys

from ..errors import NetwrightError
from .outlet import lost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..lab.topology import Problem


def report(command: str, error: NetwrightError, *, json: bool = False) -> None:
    """`nw COMMAND: what`, and below it, indented, why and the fix."""
    lost()  # what was said before comes first; where nobody can read it, the error is told all the same
    if json:
        import json as js

        sys.stderr.write(js.dumps(as_plain(error), ensure_ascii=False) + "\n")
        return
    problems = getattr(error, "problems", ())
    if problems:
        sys.stderr.write(harmless(_listed(command, problems)))
        return
    more = joined(error.why, error.fix)
    sys.stderr.write(harmless(f"nw {command}: {error.what}\n" + (f"    {more}\n" if more else "")))


def joined(*parts: str) -> str:
    """One behind the other: `; ` between them, nothing where a question ends. Those that are empty are left out."""
    return "; ".join(part for part in parts if part).replace("?; ", "? ")


def harmless(text: str) -> str:
    """Names that somebody gave are shown, not obeyed: a terminal gets no control characters but the ends of lines."""
    return text if text.isascii() and text.replace("\n", "").isprintable() else "".join(c if c == "\n" or c.isprintable() else ascii(c)[1:-1] for c in text)


def _listed(command: str, problems: "tuple[Problem, ...]") -> str:
    return "".join(f"{problem}\n" for problem in problems) + f"nw {command}: {_many(problems)}; nothing was done\n"


def _many(problems: "tuple[Problem, ...]") -> str:
    return "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"


def as_plain(error: NetwrightError) -> "dict[str, Any]":
    """{error, why, fix, problems: [{place: {file, line, column}, path, what, fix}]}; what is empty is left out."""
    from ..lab.topology import dotted

    listed = getattr(error, "problems", ())
    out: dict[str, Any] = {"error": _many(listed) if listed else error.what, "why": error.why, "fix": error.fix}
    problems = []
    for problem in listed:
        place = dict(zip(("file", "line", "column"), problem.place, strict=True)) if problem.place else None
        one = {"place": place, "path": dotted(problem.path), "what": problem.what, "fix": problem.fix}
        problems.append({key: item for key, item in one.items() if item})
    return {key: item for key, item in {**out, "problems": problems}.items() if item}
