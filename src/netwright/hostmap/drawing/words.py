"""Texts of a picture: made harmless, measured, cut.

Names come from anybody who may make a namespace or a container: every text passes `clean`, and `escaped` on its way into markup.
"""

import unicodedata

from .. import spoken

ELLIPSIS = "…"
clean, natural = spoken.shown, spoken.natural
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def escaped(text: str) -> str:
    """For HTML, SVG and attributes in quotes."""
    return clean(text).translate(_MARKUP)


def cells(text: str) -> int:
    """The width in columns of a fixed-width font."""
    return len(text) if text.isascii() else sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def cut(text: str, room: int) -> str:
    """At most `room` columns: the middle goes first, because names of one family differ at their ends."""
    if cells(text) <= room:
        return text
    if room < 2:
        return ELLIPSIS[: max(room, 0)]
    head, tail = _fitting(text, room // 2), _fitting(text[::-1], room - 1 - room // 2)
    return head + ELLIPSIS + tail[::-1]


def _fitting(text: str, room: int) -> str:
    if text[:room].isascii():
        return text[:room]
    used = 0
    for at, char in enumerate(text):
        used += cells(char)
        if used > room:
            return text[:at]
    return text
