"""`ip rule`: which command."""

from ..context import Context
from ..front import object_command

# In ip's order.
COMMANDS = {
    "list": "show", "lst": "show", "show": "show", "save": "", "restore": "", "add": "change", "delete": "change",
    "flush": "flush", "help": "",
}  # fmt: skip


def main(context: Context, words: list[str]) -> int:
    """Run `rule COMMAND …`; the exit code."""
    return object_command(context, "rule", COMMANDS, words)
