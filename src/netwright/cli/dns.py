"""`nw dns status | trace NAME`: the responder for container names, and what becomes of a name."""

from .network import no_verb
from .text import paint, put, put_json, table
from .words import Words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..networks.dns.trace import Step

_TRACE = {"--network": "NETWORK", "--from": "ADDRESS", "--type": "TYPE", "--json": ""}
_WORDS = {"status": ({"--json": ""}, ""), "trace": (_TRACE, "NAME")}


def main(words: list[str]) -> int:
    """0 done, 1 the name has no answer or nothing runs."""
    if not words or words[0] not in _WORDS:
        raise no_verb("dns", words, [*_WORDS])
    options, names = _WORDS[words[0]]
    given = Words(words[1:], options, names)
    return _trace(given) if words[0] == "trace" else _status(given)


def _trace(given: Words) -> int:
    from ..networks.dns.trace import trace

    steps = trace(given.names[0], given.get("--type"), network=given.get("--network"), client=given.get("--from"))
    found, told = False, []
    for step in steps:
        found = found or step.found
        told.append(_plain(step))
        if "--json" not in given:
            put(_line(step))
    if "--json" in given:
        put_json(told)
    return 0 if found else 1


def _line(step: "Step") -> str:
    took = f"  ({step.seconds * 1000:.1f} ms)" if step.seconds >= 0 else ""
    return f"{paint(step.what.ljust(10), 'dim')} {step.said}{paint(took, 'dim')}"


def _plain(step: "Step") -> "dict[str, Any]":
    out: dict[str, Any] = {"step": step.what, "said": step.said, "found": step.found}
    return {**out, "milliseconds": round(step.seconds * 1000, 2)} if step.seconds >= 0 else out


def _status(given: Words) -> int:
    from ..networks.dns import responder, zones

    status = responder.status()
    if "--json" in given:
        put_json(status or {"pid": 0, "directory": zones.where(), "networks": {}})
        return 0 if status or not zones.names() else 1
    if status is None:
        known = zones.names()
        put(f"no responder runs for {zones.where()}" + (f": nobody answers for {', '.join(known)}; nw network reload" if known else ""))
        return 1 if known else 0
    _told(status)
    return 0


def _told(status: "dict[str, Any]") -> None:
    put(f"process {status['pid']} serves {status['directory']}")
    servers = ", ".join(status["forwarding"]["servers"]) or "nobody"
    put(f"other names are asked of {servers}; {status['forwarding']['open']} questions and {status['connections']} connections are open")
    rows = [
        (name, str(one["hosts"]), "yes" if one["forward"] else "no", ", ".join(one["listen"]) or "-")
        for name, one in sorted(status["networks"].items())
    ]
    if rows:
        put(table(("NETWORK", "HOSTS", "FORWARD", "LISTENS ON"), rows).rstrip("\n"))
    for name, one in sorted(status["networks"].items()):
        for words in [*one["problems"], *(f"{address} is not an address of this host (yet)" for address in one["absent"])]:
            put(paint(f"{name}: {words}", "bad"))
    for name, some in sorted(status["files"].items()):
        for words in some:
            put(paint(f"{name}: {words}", "bad"))
