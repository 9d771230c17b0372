"""`on` and `off`, in the two ways that ip(8) reads them."""

from ..exits import LOCAL, Exit
from ..words import matches


def on_or_off(word: str, text: str, code: int = LOCAL, *, fatal: bool = False) -> bool:
    """`on` or `off`, which may be abbreviated (`o` is off: it stands first in ip's table)."""
    if matches(text, "off"):
        return False
    if matches(text, "on"):
        return True
    raise Exit(code, f'Error: argument of "{word}" must be one of "off", "on", not "{text}"', fatal=fatal)


def exactly_on_or_off(word: str, text: str) -> bool:
    """`on` or `off` in full."""
    if text not in ("on", "off"):
        raise Exit(LOCAL, f'Error: argument of "{word}" must be "on" or "off", not "{text}"')
    return text == "on"
