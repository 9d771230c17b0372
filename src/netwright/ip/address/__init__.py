"""`ip address`: which command."""

from ..context import Context
from ..front import object_command

# In ip's order.
COMMANDS = {
    "add": "change", "change": "change", "chg": "change", "replace": "change", "delete": "change", "list": "show",
    "show": "show", "lst": "show", "flush": "flush", "save": "", "showdump": "", "restore": "", "help": "",
}  # fmt: skip


def main(context: Context, words: list[str]) -> int:
    """Run `address COMMAND …`; the exit code."""
    return object_command(context, "address", COMMANDS, words)
