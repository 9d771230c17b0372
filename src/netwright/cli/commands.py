"""The product's own commands: names, and running one with its errors told."""

import os

LABS = (
    "up", "down", "plan", "diff", "explain", "check", "ls", "ps", "exec", "shell", "ping", "capture", "snapshot", "gc",
    "rootless", "preflight", "completion",
)  # fmt: skip
NETWORKS = ("network", "run", "containers", "stop", "connect", "disconnect", "publish", "dns", "cni", "netavark")
MAPS = ("map", "who", "watch", "web")
NAMES = (*LABS, *NETWORKS, *MAPS)
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..errors import NetwrightError

_FOREIGN = ("exec", "shell", "rootless", "run")  # words behind the first name belong to another program


def run(name: str, words: list[str]) -> int:
    """`nw NAME WORDS…`: 0 done, 1 failed, 2 the words make no sense; exec and shell give their program's code."""
    from ..errors import NetwrightError
    from .text import put_all
    from .words import Wrong

    try:
        code = _done(name, words)
        put_all("")
        return code
    except BrokenPipeError:  # whoever read our output has seen enough
        from . import outlet

        outlet.forget()
        return outlet.GONE
    except NetwrightError as error:
        return _told(name, words, error, 2 if isinstance(error, Wrong) else 1)
    except OSError as error:
        from .outlet import lost

        return _told(name, words, lost(error) or _refused(name, error), 1)


def _done(name: str, words: list[str]) -> int:
    from .text import put_all
    from .words import HelpWanted

    module = __import__(f"{__package__}.{name}", fromlist=["main"])
    try:
        code: int = module.main(words)
        return code
    except HelpWanted:
        put_all(help_text(name))
        return 0


def _refused(name: str, error: OSError) -> "NetwrightError":
    """A system call whose failure nobody has words of its own for."""
    what = error.strerror or str(error)
    if name in NETWORKS:
        from ..networks.directories import refused

        return refused(f"{error.filename}: {what}" if isinstance(error.filename, str) else what, error.errno or 0)
    from ..lab.runtime import refused as of_labs

    return of_labs(what, error)


def _told(name: str, words: list[str], error: "NetwrightError", code: int) -> int:
    from .report import joined, report

    if error.fix.startswith("what belongs here"):
        error.fix = joined(error.fix, f"nw {name} --help tells more")
    report("-n" if name == "inside" else name, error, json=wants_json(name, words))
    return code


def help_text(name: str) -> str:
    """The help of a command."""
    with open(os.path.join(os.path.dirname(__file__), "help", f"{name}.txt"), encoding="utf-8") as file:
        return file.read()


def wants_json(name: str, words: list[str]) -> bool:
    """Whether errors are wanted as JSON; it has to be known also where the words could not be read."""
    takes = _with_values(name)
    before = ""
    for word in words:
        value, before = before in takes, word
        if value:
            continue
        if word == "--" or (name in _FOREIGN and word[:1] != "-"):
            return False
        if word in ("--json", "--json-errors"):
            return True
    return False


def _with_values(name: str) -> "set[str]":
    """Options behind which a word stands that is neither one itself nor where the foreign command begins."""
    if name != "run":
        return set()
    from .run import OPTIONS

    return {option for option, takes in OPTIONS.items() if OPTIONS.get(takes, takes)}
