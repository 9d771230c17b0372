"""`nw explain FILE`: a shell script of plain commands that builds the same lab."""

from .text import put_all
from .which import wanted
from .words import Words


def main(words: list[str]) -> int:
    """The script on stdout; nothing is done."""
    given = Words(words, {"--name": "NAME"}, "FILE|LAB")
    from ..lab.script import script

    put_all(script(wanted(given.names[0], given.get("--name"))))
    return 0
