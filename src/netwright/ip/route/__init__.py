"""`ip route`: which command."""

from ..context import Context
from ..front import object_command

# In ip's order.
COMMANDS = {
    "add": "change", "change": "change", "chg": "change", "replace": "change", "prepend": "change", "append": "change",
    "test": "change", "delete": "change", "list": "show", "show": "show", "lst": "show", "get": "get", "flush": "flush",
    "save": "", "restore": "", "showdump": "", "help": "",
}  # fmt: skip


def main(context: Context, words: list[str]) -> int:
    """Run `route COMMAND …`; the exit code."""
    return object_command(context, "route", COMMANDS, words)
