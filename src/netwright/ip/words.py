"""The words of a command line, read one by one, and the numbers in them, by ip(8)'s rules."""

from .exits import incomplete, wrong


def matches(word: str, full: str) -> bool:
    """ip's abbreviation rule: `word` is a prefix of `full`; the empty word abbreviates nothing."""
    return word != "" and full.startswith(word)


class Words:
    """A cursor over the words of a command line.

    >>> w = Words(["dev", "eth0"]); w.next(); w.next(); w.more
    'dev'
    'eth0'
    False
    """

    __slots__ = ("all", "at")

    def __init__(self, words: list[str]) -> None:
        self.all, self.at = words, 0

    @property
    def more(self) -> bool:
        """True while there is a word left."""
        return self.at < len(self.all)

    @property
    def peek(self) -> str:
        """The next word, not taken; `` when there is none."""
        return self.all[self.at] if self.more else ""

    @property
    def rest(self) -> list[str]:
        """All words that are left."""
        return self.all[self.at :]

    def next(self) -> str:
        """Take the next word. Exit 255 `Command line is not complete` when there is none."""
        if not self.more:
            raise incomplete()
        self.at += 1
        return self.all[self.at - 1]

    def take(self, *exact: str) -> bool:
        """Take the next word when it is exactly one of these."""
        if self.more and self.peek in exact:
            self.at += 1
            return True
        return False

    def take_prefix(self, *full: str) -> bool:
        """Take the next word when it abbreviates one of these."""
        if self.more and any(matches(self.peek, word) for word in full):
            self.at += 1
            return True
        return False


_DIGITS = {8: "01234567", 10: "0123456789", 16: "0123456789abcdefABCDEF"}


def strtol(text: str, base: int = 0) -> int | None:
    """C's strtol with the whole text used: base 0 means decimal, 0x hex, 0 octal. None when it is no number."""
    body = text.strip(" \t\n\v\f\r") if text[-1:] not in " \t\n\v\f\r" else ""
    sign = -1 if body[:1] == "-" else 1
    body = body[1:] if body[:1] in ("+", "-") else body
    if base in (0, 16) and body[:2] in ("0x", "0X") and len(body) > 2:
        base, body = 16, body[2:]
    elif base == 0:
        base = 8 if body[:1] == "0" and len(body) > 1 else 10
    if not body or any(c not in _DIGITS[base] for c in body):
        return None
    return sign * int(body, base)


def number(text: str, low: int, high: int, base: int = 0) -> int | None:
    """A number in [low, high], or None: not a number, or too small or large."""
    found = strtol(text, base)
    return found if found is not None and low <= found <= high else None


def signed(text: str, base: int = 0) -> int | None:
    """get_integer: a 32-bit signed number."""
    return number(text, -(1 << 31), (1 << 31) - 1, base)


def unsigned(text: str, base: int = 0, bits: int = 32) -> int | None:
    """get_unsigned, get_u32, get_u16, get_u8: an unsigned number of `bits` bits. A minus sign is no number here."""
    return number(text, 0, (1 << bits) - 1, base)


def want_number(text: str, message: str, low: int, high: int, base: int = 0) -> int:
    """A number in [low, high], or exit 255 with `argument "…" is wrong: MESSAGE`."""
    found = number(text, low, high, base)
    if found is None:
        raise wrong(text, message, why=f"a number from {low} to {high} belongs here")
    return found
