"""`nw who WORD`: whose a device, an address, a port, a container or a process is, where its other end is, and its way out."""

from ..errors import Gone
from ..hostmap.spoken import number, shown
from .map import the_map
from .text import paint, put, put_json
from .words import Words, Wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..hostmap.model import HostMap
    from ..hostmap.who import Hit


def main(words: list[str]) -> int:
    """A paragraph for each. Gone when there is nothing of that name."""
    given = Words(words, {"--json": "", "--from": "FILE", "--remote": "URL", "--sudo": ""}, "WORD")
    from ..hostmap.take import DETAILS
    from ..hostmap.who import hits

    word = given.names[0]
    details = DETAILS if ":" in word else ("routes",)
    host = the_map(given, details)
    found = hits(host, word) or hits(host, _of_pid(given, word))
    if not found:
        raise _nothing(host, word)
    if "--json" in given:
        put_json([_plain(hit) for hit in found])
        return 0
    for at, hit in enumerate(found):
        put(("\n" if at else "") + _told(hit))
    return 0


def _nothing(host: "HostMap", word: str) -> Gone | Wrong:
    """With what is not seen, and the name that may have been meant."""
    from ..hostmap.who import impossible, is_port, nearest

    if why := impossible(word):
        return Wrong(f'"{shown(word)}" is no port', why=why, fix="nw who :8080, tcp:8080 or ADDRESS:8080")
    why = "; ".join(problem.what for problem in host.problems if problem.kind in ("unreadable", "unentered"))
    if is_port(word):
        seen = "nobody that can be seen" if why else "nobody"
        return Gone(f'{seen} listens at "{shown(word)}", and it is published nowhere', why=why, fix="who listens in one namespace: nw netns exec NAME ss -lntup")
    near = nearest(host, word)
    fix = f'did you mean "{shown(near)}"?' if near else "a device, an address, :PORT, a namespace, a container or a PID; all there is: nw map"
    return Gone(f'nothing here is "{shown(word)}"', why=why, fix=fix)


def _of_pid(given: Words, word: str) -> str:
    """The inode of the namespace that a process of this host is in: the map tells the first few of each namespace only."""
    import os

    try:
        return str(os.stat(f"/proc/{number(word)}/ns/net").st_ino) if number(word) > 0 and "--from" not in given and "--remote" not in given else ""
    except OSError:
        return ""


def _told(hit: "Hit") -> str:
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
