"""Collecting what killed commands and dead holders left: only what is written down as ours, and only when its owner is gone."""

from __future__ import annotations

import os

from ..engine.journal import remove_files
from ..errors import CallFailed
from ..model.value import value
from . import runtime
from .held import Held


@value
class Collected:
    """What was done with one lab: "removed", "went back" (a change was broken off), "finished" (it lacked what is outside), or "" (it is well)."""

    lab: str
    what: str


def collect(*, dry_run: bool = False) -> list[Collected]:
    """Look at every lab that is written down; lead what is broken off to its end, remove what is dead. Living labs stay."""
    return [one(name, dry_run) for name in runtime.names()]


def one(name: str, dry_run: bool) -> Collected:
    """The same for one lab."""
    held = Held(name)
    if not held.exists():
        if not dry_run:
            with runtime.Lock(held.directory):
                remove_files(held.directory)
        return Collected(name, "removed")
    try:
        state = held.status().state
    except CallFailed:
        # The journal is no database: a holder of ours, if there is one, cannot be known by it.
        if not dry_run:
            os.unlink(f"{held.directory}/lab.db")
            with runtime.Lock(held.directory):
                remove_files(held.directory)
        return Collected(name, "removed")
    if state == "up":
        return Collected(name, "")
    if dry_run:
        return Collected(name, "would be led to its end" if state == "half" else "would be removed")
    return Collected(name, held.settle())
