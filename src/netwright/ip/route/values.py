"""What stands behind the keywords of `ip route`. Each gives a value, or raises exit 255 with ip's `message`."""

from ...model.routing import PREFERENCES
from ..exits import Exit, wrong
from ..prefix import Prefix, prefix
from ..tables import number_of, table
from ..words import strtol, unsigned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_BLANKS = " \t\n\v\f\r"
_FAMILIES = {"inet": 2, "inet6": 10, "link": 17, "mpls": 28, "bridge": 7}
_MILLISECONDS = {"s": 1000, "sec": 1000, "secs": 1000, "ms": 1, "msec": 1, "msecs": 1}
_ANY_NUMBER = "a number from 0 to 4294967295 belongs here"


def number(word: str, message: str, high: int = 0xFFFFFFFF) -> int:
    """A number from 0 to `high`."""
    found = unsigned(word)
    if found is None or found > high:
        raise wrong(word, message, why=f"a number from 0 to {high} belongs here")
    return found


def switch(word: str, keyword: str) -> int:
    """0 or 1."""
    found = unsigned(word)
    if found is None:
        raise wrong(word, f'"{keyword}" value is invalid', why="0 or 1 belongs here")
    if found > 1:
        raise wrong(word, f'"{keyword}" value should be 0 or 1')
    return found


def traffic_class(word: str, message: str) -> int:
    """A name in rt_dsfield, or a number in hex."""
    named = next((value for value, name in table("rt_dsfield").items() if name == word), None)
    found = strtol(word, 16) if named is None else named
    if found is None or not 0 <= found <= 255:
        raise wrong(word, message, why="a name in /etc/iproute2/rt_dsfield, or a number in hex: 0 to ff")
    return found


def routing_table(word: str) -> int | None:
    """A name in rt_tables, or a number; None for anything else."""
    return number_of("rt_tables", word, 0xFFFFFFFF)


def bad_table(word: str, message: str, *more: str) -> Exit:
    """`argument "x" is wrong: MESSAGE`, with the tables that have a name."""
    known = [*sorted(table("rt_tables").values()), *more]
    return wrong(word, message, why=f"one of {', '.join(known)}, or a number", fix=similar(word, known))


def named(which: str, word: str, message: str) -> int:
    """A name in one of the files of /etc/iproute2 (rt_protos, rt_scopes), or a number up to 255."""
    found = number_of(which, word)
    if found is None:
        known = list(table(which).values())
        raise wrong(word, message, why=f"a name in /etc/iproute2/{which}, or 0 to 255", fix=similar(word, known))
    return found


def realms(word: str, message: str) -> int:
    """`[SOURCE/]DESTINATION` in names of rt_realms or numbers, or both as one number."""
    source, slash, destination = word.partition("/") if "/" in word else ("", "", word)
    low = number_of("rt_realms", destination) if destination else 0
    high = number_of("rt_realms", source) if slash else 0
    found = unsigned(word) if low is None or high is None or not word else high << 16 | low
    if found is None:
        raise wrong(word, message, why="[SOURCE/]DESTINATION, each a name in rt_realms or 0 to 255")
    return found


def duration(word: str, message: str) -> tuple[int, bool]:
    """(milliseconds, rounded up; True when no unit was given) of `300ms`, `1.5s`, `7`."""
    body = word.lstrip(_BLANKS)
    end = _end_of_number(body)
    unit = body[end:].lower()
    found = _decimal(body[:end]) if "." in word else strtol(body[:end])
    if found is None or found < 0 or (unit and unit not in _MILLISECONDS):
        raise wrong(word, message, why="a time belongs here: 300ms, 1.5s")
    exact = found * _MILLISECONDS.get(unit, 1)
    if exact > 0xFFFFFFFF:
        raise wrong(word, message, why=_ANY_NUMBER)
    return int(exact) + (int(exact) < exact), not unit


def _end_of_number(body: str) -> int:
    """Where the unit begins: hex digits count only behind 0x."""
    digits = "0123456789abcdefABCDEFxX" if body[:2] in ("0x", "0X") else "0123456789.+-"
    return next((at for at, c in enumerate(body) if c not in digits), len(body))


def _decimal(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def preference(word: str) -> int:
    """low, medium or high, or a number of 8 bits."""
    found = PREFERENCES.get(word, unsigned(word, bits=8))
    if found is None:
        raise wrong(word, '"pref" value is invalid', why="one of low, medium, high", fix=similar(word, list(PREFERENCES)))
    return found


def prefix_or_keyword(word: str, family: int, known: "Callable[[], list[str]]") -> Prefix:
    """A prefix; for a word that is none, the keyword that it was perhaps meant to be. Exit 1 as `prefix` has it."""
    try:
        return prefix(word, family)
    except Exit as end:
        before = end.advice

        def advice() -> tuple[str, str]:
            fix = similar(word, known()) if word.isalpha() else ""
            return ("", fix) if fix or not before else before()

        end.advice = advice
        raise


def family(word: str) -> int:
    """The family that `via inet6 …` names; 0 when the word is none."""
    return _FAMILIES.get(word, 0)


def similar(word: str, known: list[str]) -> str:
    """`did you mean "x"?`, or `` when no known word is like this one."""
    from ...model.meant import did_you_mean

    return did_you_mean(word, known)
