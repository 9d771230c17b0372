"""`netns identify [PID]`"""

from ...kernel.namespaces import identify
from ..context import Context
from ..exits import LOCAL, Exit


def main(context: Context, words: list[str]) -> int:
    """Print the names of a process's namespace: all of them, one per line (under the name ip the last, as ip does)."""
    if len(words) > 1:
        raise Exit(LOCAL, "extra arguments specified", fix="nw netns identify [PID]")
    pid = words[0] if words else "self"
    if words and not (pid.isascii() and pid.isdigit()):
        raise Exit(LOCAL, f"Specified string '{pid}' is not a pid", fix="see: ps -e")
    found = identify(pid)
    if context.applet:
        context.stdout(f"{found[-1] if found else ''}\n")
        return 0
    if context.options.json:
        context.out.field("", found)
        context.out.finish_json()
        return 0
    context.stdout("".join(f"{name}\n" for name in found) or "\n")
    return 0
