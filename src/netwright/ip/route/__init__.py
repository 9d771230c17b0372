"""`ip route`: which command."""

from ..context import Context
from ..exits import SYNTAX, Exit, Usage
from ..words import matches, nearest

# ip's order: an abbreviation means the first that fits; chg is never abbreviated.
COMMANDS = {
    "add": "change", "change": "change", "chg": "change", "replace": "change", "prepend": "change", "append": "change",
    "test": "change", "delete": "change", "list": "show", "show": "show", "lst": "show", "get": "get", "flush": "flush",
    "save": "", "restore": "", "showdump": "", "help": "",
}  # fmt: skip
_WHOLE = ("chg",)


def main(context: Context, words: list[str]) -> int:
    """Run `route COMMAND …`; the exit code."""
    word = words[0] if words else "list"
    command = next((name for name in COMMANDS if (word == name if name in _WHOLE else matches(word, name))), "")
    if not command:
        close = nearest(word, list(COMMANDS))
        fix = f'did you mean "{close}"?' if close else "see: nw route help"
        raise Exit(SYNTAX, f'Command "{word}" is unknown, try "ip route help".', fix=fix)
    if command == "help":
        raise Usage("route", SYNTAX if context.applet else 0)
    if not COMMANDS[command]:
        from ..front import NotOurs

        raise NotOurs(f"ip route {command}")
    return _run(context, command, words[1:])


def _run(context: Context, command: str, words: list[str]) -> int:
    if COMMANDS[command] == "show":
        from .show import main as show

        return show(context, words)
    if command == "get":
        from .get import main as get

        return get(context, words)
    if command == "flush":
        from .flush import main as flush

        return flush(context, words)
    from .change import main as change

    return change(context, words, "change" if command == "chg" else command)
