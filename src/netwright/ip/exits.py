"""How a command ends other than well: the exit code that ip(8) has for it, and the line that ip prints on stderr.

Codes: 1 a local failure, 2 the kernel said no, 255 the words are wrong. `why` and `fix` are ours: they make the second,
indented line. `fatal` ends a batch even with -force, as ip's own exit(-1) does.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LOCAL, KERNEL, SYNTAX = 1, 2, 255


class Exit(Exception):
    """The command is over with exit code `code`, after printing `text` on stderr (empty: nothing)."""

    def __init__(
        self,
        code: int,
        text: str = "",
        *,
        why: str = "",
        fix: str = "",
        fatal: bool | None = None,
        advice: "Callable[[], tuple[str, str]] | None" = None,
    ) -> None:
        """`advice` gives (why, fix) later, when it is known that somebody will read them."""
        super().__init__(text)
        self.advice = advice
        self.code, self.text, self.why, self.fix = code, text, why, fix
        self.fatal = code == SYNTAX if fatal is None else fatal


class Usage(Exit):
    """The user asked for help, or gave words that ip answers with its usage (`command`: "link", "netns exec" …)."""

    def __init__(self, command: str = "", code: int = SYNTAX) -> None:
        super().__init__(code)
        self.command = command


def wrong(argument: str, message: str, *, why: str = "", fix: str = "") -> Exit:
    """`Error: argument "X" is wrong: MESSAGE`, exit 255."""
    return Exit(SYNTAX, f'Error: argument "{argument}" is wrong: {message}', why=why, fix=fix)


def duplicate(key: str, second: str) -> Exit:
    """`Error: duplicate "K": "V" is the second value.`, exit 255."""
    return Exit(SYNTAX, f'Error: duplicate "{key}": "{second}" is the second value.')


def duplicate_or_garbage(key: str, word: str) -> Exit:
    """`Error: either "K" is duplicate, or "V" is a garbage.`, exit 255."""
    return Exit(SYNTAX, f'Error: either "{key}" is duplicate, or "{word}" is a garbage.')


def required(key: str) -> Exit:
    """`Error: argument "K" is required`, exit 255."""
    return Exit(SYNTAX, f'Error: argument "{key}" is required')


def incomplete() -> Exit:
    """`Command line is not complete. Try option "help"`, exit 255."""
    return Exit(SYNTAX, 'Command line is not complete. Try option "help"')


def no_device(name: str) -> Exit:
    """`Cannot find device "X"`, exit 1."""
    return Exit(LOCAL, f'Cannot find device "{name}"')
