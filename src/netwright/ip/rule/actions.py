"""What a rule does with what it selects: linux/fib_rules.h FR_ACT_*, called as types of routes (linux/rtnetlink.h RTN_*)."""

from ..words import matches, unsigned

NONE, TO_TABLE, GOTO, NOP, NAT = 0, 1, 2, 3, 10
INVERT, UNRESOLVED, IIF_DETACHED, OIF_DETACHED = 2, 4, 8, 0x10

TYPES = (
    "none", "unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit", "throw",
    "nat", "xresolve",
)  # fmt: skip
# ip's order of asking; local, nat and throw are never abbreviated, brd is short for broadcast
_ABBREVIATED = ("broadcast", "anycast", "multicast", "prohibit", "unreachable", "blackhole", "xresolve", "unicast")


def find_type(word: str) -> int | None:
    """The number of a type of route, or of a number in words; None when it is neither."""
    if word in ("local", "nat", "throw"):
        return TYPES.index(word)
    short = "broadcast" if word == "brd" else next((name for name in _ABBREVIATED if matches(word, name)), "")
    return TYPES.index(short) if short else unsigned(word, bits=8)


def type_name(number: int, *, numeric: bool = False) -> str:
    """`prohibit` for 8; the number itself with -Numeric, or when it has no name."""
    return str(number) if numeric or number >= len(TYPES) else TYPES[number]
