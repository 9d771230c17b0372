"""`nw explain FILE`: a shell script of plain commands that builds the same lab."""

import sys

from .which import wanted
from .words import Words


def main(words: list[str]) -> int:
    """The script on stdout; nothing is done."""
    given = Words(words, {"--name": "NAME"}, "FILE|LAB")
    from ..lab.script import script

    sys.stdout.write(script(wanted(given.names[0], given.get("--name"))))
    return 0
