"""All that is wrong with a request, told at once: each mistake with where it is and what would be right."""

from ..errors import Invalid
from ..model.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    Path = tuple[str | int, ...]


@value
class Mistake:
    """One of them: `path` to it in what was asked for, `what` is wrong, the `fix`; `place` in a file, if it stands in one."""

    path: "tuple[str | int, ...]"
    what: str
    fix: str = ""
    place: "tuple[str, int, int] | None" = None

    def __str__(self) -> str:
        where = dotted(self.path)
        return f"{where + ': ' if where else ''}{self.what}{', ' + self.fix if self.fix else ''}"


class Mistakes(Invalid):
    """A request that is wrong in itself: every mistake in `problems`, a line each in str()."""

    def __init__(self, problems: "Iterable[Mistake]") -> None:
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__("\n".join(map(str, self.problems)))


class Wrong(ValueError):
    """A word that is not one of its kind: `what` is wrong and the `fix`. Who reads it knows where the word stood."""

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(what)
        self.what, self.fix = what, fix


def told(problems: "Collection[Mistake]") -> None:
    """Mistakes, if there are any."""
    if problems:
        raise Mistakes(problems)


def dotted(path: "Path") -> str:
    """`subnets[0].gateway`."""
    out = ""
    for part in path:
        if isinstance(part, int):
            out += f"[{part}]"
        else:
            word = part if part.isprintable() and len(part) <= 80 else shown(part)
            out += f".{word}" if out else word
    return out


def shown(given: object) -> str:
    """What somebody wrote, in quotes and not too long, without anything that a terminal would obey."""
    if isinstance(given, str):
        word = f'"{given[:81]}"' if given[:81].isprintable() else ascii(given[:81])
    elif isinstance(given, int) and abs(given) > 2**64:
        return "a number beyond all bounds"  # Python refuses to print very long ones
    else:
        word = type(given).__name__ if isinstance(given, (list, dict)) and len(given) > 20 else repr(given)
    return word if len(word) <= 80 else word[:78] + "…" + word[-1]


def near(word: str, known: "Iterable[str]") -> str:
    """`did you mean "x"?`; what there is, if nothing is like it."""
    from difflib import get_close_matches  # only errors pay for it

    every = sorted(set(known))
    if found := get_close_matches(word[:80], every[:1000], 1, 0.6 if len(word) > 4 else 0.5):
        return f'did you mean "{found[0]}"?'
    if not every:
        return ""
    return f"there is {', '.join(every[:8])}" + (f" and {len(every) - 8} more" if len(every) > 8 else "")
