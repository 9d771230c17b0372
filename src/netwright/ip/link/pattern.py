"""Shell patterns, as `label PATTERN` has them: * ? [a-z] [!a-z] and a backslash. (fnmatch would cost the import of re.)"""


def fits(pattern: str, text: str) -> bool:
    """True when `text` as a whole fits.

    >>> fits("eth0:*", "eth0:1"), fits("eth[0-3]", "eth4")
    (True, False)
    """
    at = 0
    while at < len(pattern):
        first = pattern[at]
        if first == "*":
            rest = pattern[at + 1 :]
            return any(fits(rest, text[skip:]) for skip in range(len(text) + 1))
        accepted, at = _one(pattern, at, text[:1])
        if not accepted:
            return False
        text = text[1:]
    return not text


def _one(pattern: str, at: int, character: str) -> tuple[bool, int]:
    """Whether `character` (empty at the end) fits the one element at `at`, and where the next element begins."""
    if pattern[at] == "?":
        return bool(character), at + 1
    end = _end_of_set(pattern, at) if pattern[at] == "[" else 0
    if end:
        return bool(character) and _in_set(pattern[at + 1 : end], character), end + 1
    if pattern[at] == "\\" and at + 1 < len(pattern):
        at += 1
    return character == pattern[at], at + 1


def _end_of_set(pattern: str, at: int) -> int:
    """Where the ] is; 0 when there is none. A ] that stands first belongs to the set."""
    first = at + 2 if pattern[at + 1 : at + 2] in ("!", "^") else at + 1
    return max(pattern.find("]", first + 1), 0)


def _in_set(inside: str, character: str) -> bool:
    negative = inside[:1] in ("!", "^")
    at, found = int(negative), False
    while at < len(inside):
        if inside[at + 1 : at + 2] == "-" and at + 2 < len(inside):
            found = found or inside[at] <= character <= inside[at + 2]
            at += 3
        else:
            found = found or character == inside[at]
            at += 1
    return found != negative
