"""`netns set NAME NETNSID|auto`"""

import os

from ...kernel.references import locate
from ...plan.ops import SetNsid
from ..context import Context
from ..exits import LOCAL, Exit, wrong
from ..words import signed


def main(context: Context, words: list[str]) -> int:
    """Give a namespace a number, as seen from the current one."""
    if not words:
        raise Exit(LOCAL, "No netns name specified", fix="nw netns set NAME NETNSID|auto")
    if len(words) < 2:
        raise Exit(LOCAL, "No nsid specified", fix=f"nw netns set {words[0]} auto")
    nsid = -1 if words[1] == "auto" else signed(words[1])
    if nsid is None:
        raise wrong(words[1], 'Invalid "netnsid" value', why="a number from 0 up, or auto, belongs here")
    if nsid < 0 and words[1] != "auto":
        raise wrong(words[1], '"netnsid" value should be >= 0', fix="use auto to let the kernel choose")
    path = locate(words[0])
    if not os.access(path, os.R_OK):
        from ...kernel.references import open_namespace

        os.close(open_namespace(words[0]))
    return context.apply(SetNsid(words[0], nsid))
