"""`netns pids NAME`"""

import os

from ...kernel.holders import Holders, holders
from ...kernel.references import open_namespace
from ..context import Context
from ..exits import LOCAL, Exit


def main(context: Context, words: list[str]) -> int:
    """Print the processes in a namespace, those included that are there with one thread only."""
    if not words:
        raise Exit(LOCAL, "No netns name specified", fix="nw netns pids NAME")
    if len(words) > 1:
        raise Exit(LOCAL, "extra arguments specified", fix="nw netns pids NAME")
    held = _held(words[0])
    if context.options.json and not context.applet:
        context.out.field("", held.pids())
        context.out.finish_json()
    else:
        context.stdout("".join(f"{pid}\n" for pid in held.pids()))
    if held.unreadable and not context.applet:
        context.flush()
        context.stderr(f"{held.unreadable} processes of other users could not be read; run it with sudo to see them\n")
    return 0


def _held(name: str) -> Holders:
    from ...errors import CallFailed, Gone

    try:
        fd = open_namespace(name)
    except (Gone, CallFailed) as error:
        # ip does not name the namespace here
        text = error.what.replace(f' "{name}"', "", 1)
        raise Exit(LOCAL, text, why=error.why, fix=error.fix) from None
    try:
        status = os.fstat(fd)
    finally:
        os.close(fd)
    return holders(status.st_dev, status.st_ino, deep=False)
