"""The states and flags of a neighbour: linux/neighbour.h NUD_*, NTF_*."""

from ..exits import Exit, wrong
from ..words import matches, unsigned

NONE, INCOMPLETE, REACHABLE, STALE, DELAY, PROBE, FAILED, NOARP, PERMANENT = 0, 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80
USE, PROXY, EXT_LEARNED, OFFLOADED, ROUTER = 1, 8, 0x10, 0x20, 0x80
EXT_MANAGED = 1

# name -> bit, in the order in which they are printed
STATES = {
    "incomplete": INCOMPLETE, "reachable": REACHABLE, "stale": STALE, "delay": DELAY, "probe": PROBE, "failed": FAILED,
    "noarp": NOARP, "permanent": PERMANENT,
}  # fmt: skip
_ABBREVIATED = ("permanent", "reachable", "failed")


def find_state(word: str) -> int | None:
    """The state called `word` (permanent, reachable and failed may be cut short), or a single bit in digits."""
    if word in STATES:
        return STATES[word]
    if word == "none":
        return NONE
    short = next((name for name in _ABBREVIATED if matches(word, name)), "")
    if short:
        return STATES[short]
    number = unsigned(word)
    return number if number is not None and number < 0x100 and number & (number - 1) == 0 else None


def bad_state(word: str, *more: str) -> Exit:
    """`argument "x" is wrong: nud state is bad`, with the states that there are."""
    from ...model.meant import did_you_mean

    known = ["none", *STATES, *more]
    return wrong(word, "nud state is bad", why=f"one of {', '.join(known)}", fix=did_you_mean(word, known))
