"""`nw who WORD`: whose a device, an address, a port, a container or a process is, where its other end is, and its way out."""

from ..errors import Gone
from .map import the_map
from .text import paint, put, put_json
from .words import Words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..hostmap.who import Hit


def main(words: list[str]) -> int:
    """A paragraph for each. Gone when there is nothing of that name."""
    given = Words(words, {"--json": "", "--from": "FILE", "--remote": "URL", "--sudo": ""}, "WORD")
    from ..hostmap.spoken import shown
    from ..hostmap.take import DETAILS
    from ..hostmap.who import hits

    word = given.names[0]
    details = DETAILS if ":" in word else ("routes",)
    host = the_map(given, details)
    found = hits(host, word) or hits(host, _of_pid(given, word))
    if not found:
        why = "; ".join(problem.what for problem in host.problems if problem.kind in ("unreadable", "unentered"))
        raise Gone(f'nothing here is "{shown(word)}"', why=why, fix="a device, an address, :PORT, a namespace, a container or a PID; all there is: nw map")
    if "--json" in given:
        put_json([_plain(hit) for hit in found])
        return 0
    for at, hit in enumerate(found):
        put(("\n" if at else "") + _told(hit))
    return 0


def _of_pid(given: Words, word: str) -> str:
    """The inode of the namespace that a process of this host is in: the map tells the first few of each namespace only."""
    import os

    try:
        return str(os.stat(f"/proc/{int(word)}/ns/net").st_ino) if word.isdigit() and "--from" not in given and "--remote" not in given else ""
    except OSError:
        return ""


def _told(hit: "Hit") -> str:
    from ..hostmap.spoken import shown

    where = "" if hit.kind == "namespace" else f" in {paint(shown(hit.space.name), 'bold')}"
    device = f" on {shown(hit.device)}" if hit.kind in ("address", "port") and hit.device else ""
    head = f"{hit.kind} {paint(hit.what, 'bold')}{device}{where}"
    return "\n".join([head, *(f"  {name + ':':<11} {text}" for name, text in hit.lines)])


def _plain(hit: "Hit") -> "dict[str, Any]":
    lines: dict[str, list[str]] = {}
    for name, text in hit.lines:
        lines.setdefault(name.replace(" ", "_"), []).append(text)
    out = {"kind": hit.kind, "what": hit.what, "namespace": hit.space.name, "id": hit.space.id, "device": hit.device}
    return {key: item for key, item in {**out, **lines}.items() if item}
