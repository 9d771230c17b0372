"""`netns attach NAME PID`"""

from ...plan.ops import AttachNamespace
from ..context import Context
from ..exits import LOCAL, Exit
from ..words import strtol


def main(context: Context, words: list[str]) -> int:
    """Give the namespace of a running process a name."""
    if len(words) < 2:
        raise Exit(LOCAL, "No netns name and PID specified", fix="nw netns attach NAME PID")
    pid = strtol(words[1])
    if not pid:
        raise Exit(LOCAL, f"Invalid PID: {words[1]}", why="a process number belongs here", fix="see: ps -e")
    return context.apply(AttachNamespace(words[0], pid))
