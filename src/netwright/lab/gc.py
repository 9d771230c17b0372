"""Collecting what killed commands and dead holders left: only what is written down as ours, and only when its owner is gone; and empty
directories that we made."""

from __future__ import annotations

from ..engine.journal import remove_files
from ..errors import CallFailed, Gone
from ..model.value import value
from . import runtime
from .held import Held


@value
class Collected:
    """What was done with one lab: "removed", "went back" (a change was broken off), or "" (it is well)."""

    lab: str
    what: str


def collect(*, dry_run: bool = False) -> list[Collected]:
    """Look at every lab that is written down; lead what is broken off to its end, remove what is dead. Living labs stay."""
    return [one(name, dry_run) for name in known()]


def known() -> list[str]:
    """What is to be looked at, in order."""
    return sorted([*runtime.names(), *runtime.abandoned()])


def one(name: str, dry_run: bool) -> Collected:
    """The same for one lab."""
    if runtime.is_abandoned(runtime.directory(name)):
        if dry_run:
            return Collected(name, "would be removed")
        if runtime.remove_empty(name):
            return Collected(name, "removed")
    held = Held(name)
    state = _state(held)
    if state == "up":
        return Collected(name, "")
    if dry_run:
        return Collected(name, "would be led to its end" if state == "half" else "would be removed")
    if state == "broken":
        with runtime.Lock(held.directory):
            if _state(held) == "broken":  # nobody has made it anew while we waited
                remove_files(held.directory)
                return Collected(name, "removed")
    return Collected(name, held.settle())


def _state(held: Held) -> str:
    """That of its status; "none" when there is no journal, "broken" when that is no database: then its holder cannot be known."""
    try:
        return held.status().state
    except Gone:
        return "none"
    except CallFailed:
        return "broken" if held.exists() else "none"
