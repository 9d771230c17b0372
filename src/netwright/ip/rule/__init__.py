"""`ip rule`: which command."""

from ..context import Context
from ..exits import SYNTAX, Exit, Usage
from ..words import matches, nearest

# ip's order: an abbreviation means the first that fits.
COMMANDS = {
    "list": "show", "lst": "show", "show": "show", "save": "", "restore": "", "add": "change", "delete": "change",
    "flush": "flush", "help": "",
}  # fmt: skip


def main(context: Context, words: list[str]) -> int:
    """Run `rule COMMAND …`; the exit code."""
    word = words[0] if words else "list"
    command = next((name for name in COMMANDS if matches(word, name)), "")
    if not command:
        close = nearest(word, list(COMMANDS))
        fix = f'did you mean "{close}"?' if close else "see: nw rule help"
        raise Exit(SYNTAX, f'Command "{word}" is unknown, try "ip rule help".', fix=fix)
    if command == "help":
        raise Usage("rule", SYNTAX if context.applet else 0)
    if not COMMANDS[command]:
        from ..front import NotOurs

        raise NotOurs(f"ip rule {command}")
    return _run(context, command, words[1:])


def _run(context: Context, command: str, words: list[str]) -> int:
    if command == "flush":
        from .flush import main as flush

        return flush(context, words)
    if COMMANDS[command] == "show":
        from .show import main as show

        return show(context, words)
    from .change import main as change

    return change(context, words, command)
