"""`ip neighbour`: which command."""

from ..context import Context
from ..exits import SYNTAX, Exit, Usage
from ..words import matches, nearest

# ip's order: an abbreviation means the first that fits; chg is never abbreviated.
COMMANDS = {
    "add": "change", "change": "change", "chg": "change", "replace": "change", "delete": "change", "get": "get",
    "show": "show", "lst": "show", "list": "show", "flush": "flush", "help": "",
}  # fmt: skip
_WHOLE = ("chg",)


def main(context: Context, words: list[str]) -> int:
    """Run `neighbour COMMAND …`; the exit code."""
    word = words[0] if words else "show"
    command = next((name for name in COMMANDS if (word == name if name in _WHOLE else matches(word, name))), "")
    if not command:
        close = nearest(word, list(COMMANDS))
        fix = f'did you mean "{close}"?' if close else "see: nw neigh help"
        raise Exit(SYNTAX, f'Command "{word}" is unknown, try "ip neigh help".', fix=fix)
    if command == "help":
        raise Usage("neighbour", SYNTAX if context.applet else 0)
    return _run(context, command, words[1:])


def _run(context: Context, command: str, words: list[str]) -> int:
    if command == "get":
        from .get import main as get

        return get(context, words)
    if command == "flush":
        from .flush import main as flush

        return flush(context, words)
    if COMMANDS[command] == "show":
        from .show import main as show

        return show(context, words)
    from .change import main as change

    return change(context, words, "change" if command == "chg" else command)
