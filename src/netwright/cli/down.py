"""`nw down [LAB|FILE|--all]`: end a lab and everything in it."""

from ..errors import Gone, Invalid
from .text import put, put_json
from .which import lab_of
from .words import Words


def main(words: list[str]) -> int:
    """0 when there was one."""
    given = Words(words, {"--all": "", "-a": "--all", "--json": "", "--quiet": "", "-q": "--quiet"}, "[LAB|FILE…]")
    from ..lab import runtime
    from ..lab.held import Held

    if "--all" in given and given.names:
        raise Invalid("--all, or names of labs", fix="nw down --all")
    names = runtime.names() if "--all" in given else [lab_of(word) for word in given.names or [""]]
    lost = [name for name in names if not Held(name).down()]
    gone = [name for name in names if name not in lost]
    if "--json" in given:
        put_json({"down": gone})
    elif "--quiet" not in given:
        for name in gone:
            put(f"{name} is down")
        if not names:
            put("nothing to do: there is no lab")
    if lost:
        raise _no_such_lab(lost)
    return 0


def _no_such_lab(lost: list[str]) -> Gone:
    from ..lab.held import Held

    try:
        Held(lost[0]).status()
    except Gone as error:
        return error
    return Gone(f"{lost[0]} was not there")
