"""`ip neighbour`: which command."""

from ..context import Context
from ..front import object_command

# In ip's order.
COMMANDS = {
    "add": "change", "change": "change", "chg": "change", "replace": "change", "delete": "change", "get": "get",
    "show": "show", "lst": "show", "list": "show", "flush": "flush", "help": "",
}  # fmt: skip


def main(context: Context, words: list[str]) -> int:
    """Run `neighbour COMMAND …`; the exit code."""
    return object_command(context, "neigh", COMMANDS, words)
