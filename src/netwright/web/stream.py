"""Server-sent events: their bytes, and what one listener still has to hear. Pure.

A listener that reads slowly is told less, never later: of the map's version and of the rates only the newest is kept, and of events a
limited number, with how many were left out.
"""

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

MOST = 200
KEEP_ALIVE = b":\n\n"
RETRY = b"retry: 1000\n\n"


def message(name: str, data: "Any") -> bytes:
    """One event. ASCII only, and JSON has no line breaks: nothing in a name can end the message."""
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode("ascii")


class Backlog:
    """What one listener has not been told yet."""

    __slots__ = ("_events", "_left_out", "_rates", "_version")

    def __init__(self) -> None:
        self._version = -1
        self._rates: bytes = b""
        self._events: list[Any] = []
        self._left_out = 0

    def version(self, number: int) -> None:
        """The map has this version now."""
        self._version = number

    def rates(self, encoded: bytes) -> None:
        """These are the rates now."""
        self._rates = encoded

    def events(self, events: "Iterable[Any]") -> None:
        """These happened, in plain form."""
        self._events += events
        if len(self._events) > MOST:
            self._left_out += len(self._events) - MOST
            del self._events[:-MOST]

    def take(self) -> bytes:
        """All of it as bytes, b"" for nothing; it is told then."""
        out = b""
        if self._events:
            out += message("changes", {"events": self._events, "left_out": self._left_out})
        if self._version >= 0:
            out += message("map", {"version": self._version})
        out += self._rates
        self._version, self._rates, self._events, self._left_out = -1, b"", [], 0
        return out
