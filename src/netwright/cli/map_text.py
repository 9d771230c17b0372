"""The map as a tree on stdout: on a terminal cut to its width, and in colour where that is wanted; whole and plain in a pipe."""

import os

from ..hostmap import tree
from ..hostmap.model import HostMap
from ..hostmap.spoken import shown
from .text import coloured, paint, put

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

_STYLES = {"name": "bold", "device": "cyan", "kind": "dim", "address": "green", "bad": "red", "dim": "dim", "": ""}


def show(host: HostMap, only: "Collection[str] | None" = None, *, whole: bool = False) -> None:
    """The tree (`whole`: nothing folded), then what is wrong or could not be seen."""
    parts = tree.tree(host, only, whole=whole)
    if not parts:
        put("nothing on the map is like that; see: nw map")
    elif coloured():
        _rich(parts)
    else:
        width = _width()
        put("\n".join(_cut(line, width) if width else line for line in tree.lines(parts)))
    if only is None:
        for problem in host.problems:
            more = "; ".join(shown(part) for part in (problem.why, problem.fix) if part)
            put(paint(f"! {shown(problem.what)}" + (f": {more}" if more else ""), "dim"))


def _width() -> int:
    """Columns of the terminal; 0 where there is none."""
    from shutil import get_terminal_size

    return get_terminal_size().columns if os.isatty(1) else 0


def _cut(line: str, width: int) -> str:
    from ..hostmap.drawing.words import cells

    if cells(line) <= width:
        return line
    while cells(line) >= width and line:
        line = line[:-1]
    return line + "…"


def _rich(parts: "list[tree.Line]") -> None:
    from rich.console import Console
    from rich.tree import Tree

    console = Console(highlight=False, soft_wrap=False)
    for part in parts:
        root = Tree(_words(part), guide_style="dim")
        _below(root, part.below)
        console.print(root, no_wrap=True, overflow="ellipsis")


def _below(node: "Any", lines: "list[tree.Line]") -> None:
    for line in lines:
        _below(node.add(_words(line)), line.below)


def _words(line: tree.Line) -> "Any":
    """As Text, never as markup: a name may have brackets in it."""
    from rich.text import Text

    return Text(" ", no_wrap=True, overflow="ellipsis").join(Text(text, style=_STYLES[how]) for text, how in line.words if text)


def signed(line: str) -> str:
    """A line of a difference in its colour."""
    return paint(line, {"+": "new", "-": "old"}.get(line[:1], "bold"))
