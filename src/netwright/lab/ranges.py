"""Names with ranges, `n{1..3}`, `web{01..12}`, `n{1..9..2}`, `{a,b}x{1..2}`, and what stands for their numbers in values.

In what belongs to a name with a range, `{i}` (or `{n}`) is the number of the last range that has numbers, `{1}`, `{2}` are the
first and second range, `{name}` is the whole name; `{i+10}`, `{i-1}`, `{i*4}` reckon, `{i:02x}` writes in hexadecimal.
"""

from __future__ import annotations

import re

from .nodes import Wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 10_000  # names from all ranges of one file

_GROUP = re.compile(r"\{([^{}]*)\}")
_NUMBERS = re.compile(r"(-?[0-9]{1,9})\.\.(-?[0-9]{1,9})(?:\.\.(-?[0-9]{1,9}))?")
_STANDS = re.compile(r"\{(i|n|name|[1-9])(?:([+*-])([0-9]{1,9}))?(?::(0?[0-9]{0,2}[dxX]))?\}")
_RECKON = {"+": int.__add__, "-": int.__sub__, "*": int.__mul__}


class Named:
    """One name out of a range: its `text`, what each range gave (`parts`), and the number `i`."""

    __slots__ = ("i", "parts", "text")

    def __init__(self, text: str, parts: tuple[str, ...], i: int) -> None:
        self.text, self.parts, self.i = text, parts, i


def ranged(text: str) -> bool:
    """Whether there is a range in it."""
    return "{" in text and any(".." in group or "," in group for group in _GROUP.findall(text))


def expanded(pattern: str, most: int = MOST) -> list[Named]:
    """All the names, in order. Wrong for a range that is none, or more than `most` names."""
    if "{" not in pattern and "}" not in pattern:
        return [Named(pattern, (), 0)]
    pieces = _GROUP.split(pattern)
    if any("{" in text or "}" in text for text in pieces[::2]):
        raise Wrong(f"{pattern!r} has a brace without its partner", "n{1..3} or {a,b}")
    choices = [_choices(group, pattern, most) for group in pieces[1::2]]
    count = 1
    for found in choices:
        count *= len(found)
    if count > most:
        raise Wrong(f"{pattern!r} stands for {count} names; {most} is the most")
    return list(_names(pieces[::2], choices))


def _choices(group: str, pattern: str, most: int) -> list[str]:
    if found := _NUMBERS.fullmatch(group):
        return _numbers(found[1], found[2], int(found[3] or 1), pattern, most)
    if "," in group:
        return [part.strip() for part in group.split(",")]
    raise Wrong(f"{{{group}}} in {pattern!r} is no range", "write {1..3}, {01..12}, {1..9..2} or {a,b}")


def _numbers(first: str, last: str, step: int, pattern: str, most: int) -> list[str]:
    start, stop = int(first), int(last)
    if step <= 0:
        raise Wrong(f"{pattern!r} has a range with the step {step}", "a step is 1 or more")
    if abs(stop - start) // step >= most:
        raise Wrong(f"{pattern!r} stands for {abs(stop - start) // step + 1} names; {most} is the most")
    padded = any(len(word) > 1 and word.lstrip("-").startswith("0") for word in (first, last))
    width = max(len(first), len(last)) if padded else 0
    numbers = range(start, stop + 1, step) if stop >= start else range(start, stop - 1, -step)
    return [f"{number:0{width}d}" for number in numbers]


def _names(fixed: list[str], choices: list[list[str]]) -> Iterator[Named]:
    from itertools import product

    counts = [n for n, found in enumerate(choices) if all(word.lstrip("-").isdecimal() for word in found)]
    for position, parts in enumerate(product(*choices), 1):
        text = fixed[0] + "".join(part + after for part, after in zip(parts, fixed[1:], strict=True))
        yield Named(text, parts, int(parts[counts[-1]]) if counts else position)


def substituted(text: str, name: Named) -> str:
    """The text with numbers where {i} and its kin stand. Wrong where there is no such number."""
    return _STANDS.sub(lambda found: _stands_for(found, name), text) if "{" in text else text


def stands(text: str) -> bool:
    """Whether {i} or one of its kin is in it."""
    return "{" in text and _STANDS.search(text) is not None


def _stands_for(found: re.Match[str], name: Named) -> str:
    what, sign, number, form = found.groups()
    if not name.parts:
        if what == "name" and not sign and not form:
            return name.text
        raise Wrong(f"{found[0]} is the number of a range, and the name {name.text!r} has no range", 'write the name like "n{1..3}"')
    if what.isdecimal() and int(what) > len(name.parts):
        ranges = "is one range" if len(name.parts) == 1 else f"are {len(name.parts)} ranges"
        raise Wrong(f"{found[0]}: there {ranges} in the name of {name.text!r}")
    value = name.text if what == "name" else str(name.i) if what in "in" else name.parts[int(what) - 1]
    if value.lstrip("-").isdecimal() and what != "name":
        return _written(int(value), sign, number, form)
    if sign or form:
        raise Wrong(f"{found[0]}: {value!r} is no number")
    return value


def _written(value: int, sign: str | None, number: str | None, form: str | None) -> str:
    if sign and number:
        value = _RECKON[sign](value, int(number))
    return format(value, form or "d")
