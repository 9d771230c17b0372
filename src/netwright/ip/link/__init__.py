"""`ip link`: make, change, delete and show devices. One file per command; the table is in ip's order."""

from importlib import import_module

from ..exits import SYNTAX, Usage
from ..front import NotOurs, unknown_command
from ..words import matches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..context import Context

# command -> file; `` for what only the real ip does
COMMANDS = {
    "add": "add", "set": "set", "change": "set", "replace": "add", "delete": "delete", "show": "show", "lst": "show",
    "list": "show", "xstats": "", "afstats": "", "property": "property", "help": "",
}  # fmt: skip


def main(context: "Context", words: list[str]) -> int:
    """Run one `ip link` command; its exit code."""
    if not words:
        from .show import main as show

        return show(context, [])
    command = next((name for name in COMMANDS if matches(words[0], name)), "")
    if not command:
        raise unknown_command("link", COMMANDS, words[0])
    if command == "help":
        raise _help(words[1:])
    if not COMMANDS[command]:
        raise NotOurs(f"ip link {command}")
    module = import_module(f".{COMMANDS[command]}", __package__)
    if command == "replace":
        return int(module.main(context, words[1:], "replace"))
    return int(module.main(context, words[1:]))


def _help(words: list[str]) -> Usage:
    """`help` is an error to ip, `help KIND` is not."""
    from .words import KINDS

    return Usage("link", 0 if words and words[0] in KINDS else SYNTAX)
