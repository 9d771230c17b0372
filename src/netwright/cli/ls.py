"""`nw ls`: the labs of this user."""

import time

from ..errors import CallFailed
from ..lab import runtime
from .text import put, put_json, table
from .words import Words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..lab.held import Status


def main(words: list[str]) -> int:
    """A line for each."""
    given = Words(words, {"--json": "", "--quiet": "", "-q": "--quiet"})
    names = runtime.names()
    if "--quiet" in given:
        for name in names:
            put(name)
        return 0
    found = [_status(name) for name in names]
    if "--json" in given:
        put_json([_plain(status) for status in found])
    elif not found:
        put("there is no lab; make one with: nw up FILE")
    else:
        put(table(("LAB", "STATE", "HOSTS", "SWITCHES", "SINCE", "FILE"), [_row(status) for status in found]).rstrip("\n"))
    return 0


def _status(name: str) -> "Status":
    from ..lab.held import Held, Status

    held = Held(name)
    try:
        return held.status() if held.exists() else Status(name, "half")
    except CallFailed:  # its journal is no database: `nw gc` removes it
        return Status(name, "broken")


def _row(status: "Status") -> tuple[str, ...]:
    since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(status.since)) if status.since else "-"
    more = " (pinned)" if status.pinned else ""
    return status.name, status.state + more, str(len(status.hosts)), str(len(status.switches)), since, status.file or "-"


def _plain(status: "Status") -> dict[str, object]:
    return {
        "lab": status.name, "state": status.state, "hosts": list(status.hosts), "switches": list(status.switches), "file": status.file,
        "since": status.since or None, "holder": status.holder or None, "pinned": status.pinned,
    }  # fmt: skip
