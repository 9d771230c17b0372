"""`ip netns`: which command, and the check of the name that ip makes before any of them."""

from ...model.names import is_namespace_name
from ..context import Context
from ..exits import SYNTAX, Exit, Usage
from ..front import unknown_command
from ..words import matches

# ip's order: an abbreviation means the first that fits.
COMMANDS = {
    "list": "list", "show": "list", "lst": "list", "list-id": "list_id", "help": "", "add": "add", "set": "set",
    "delete": "delete", "identify": "identify", "pids": "pids", "exec": "exec", "monitor": "monitor", "attach": "attach",
}  # fmt: skip
_TAKE_REFERENCES = ("exec", "pids", "set")


def main(context: Context, words: list[str]) -> int:
    """Run `netns COMMAND …`; the exit code."""
    command = next((name for name in COMMANDS if matches(words[0], name)), "") if words else "list"
    _check_name(context, command, words)
    if not command:
        raise unknown_command("netns", COMMANDS, words[0])
    if command == "help":
        raise Usage("netns", SYNTAX if context.applet else 0)
    code: int = __import__(f"{__package__}.{COMMANDS[command]}", fromlist=["main"]).main(context, words[1:])
    return code


def _check_name(context: Context, command: str, words: list[str]) -> None:
    if context.options.all or len(words) < 2 or is_namespace_name(words[1]):
        return
    if not context.applet and command in _TAKE_REFERENCES and words[1] not in ("", ".", ".."):
        return
    if not context.applet and words[1][:2] == "--":
        return
    from ...errors import Invalid
    from ...model.names import namespace_name

    try:
        namespace_name(words[1])
    except Invalid as error:
        raise Exit(SYNTAX, error.what, why=error.why) from None
