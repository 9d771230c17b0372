"""`nw check [LAB|FILE]`: do the checks that are part of a lab; a file whose lab is not up is built for it and goes away again."""

import os
import sys

from ..errors import Gone
from .text import many, paint, put, put_json
from .which import is_file, lab_of, recorded, written
from .words import Words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..kernel.holder import Holder
    from ..lab.checks import Result
    from ..lab.topology import Topology

    Listen = Callable[[Result], None]

_OPTIONS = {"--timeout": "SECONDS", "-t": "--timeout", "--json": "", "--name": "NAME", "--quiet": "", "-q": "--quiet"}


def main(words: list[str]) -> int:
    """A line for each check; 1 when one fails."""
    given = Words(words, _OPTIONS, "[LAB|FILE]")
    from ..lab.held import Held

    word = given.names[0] if given.names else ""
    topology = written(word, given.get("--name")) if word and is_file(word) else recorded(Held(lab_of(word)))
    if not topology.checks:
        raise Gone(f"{topology.name} has no checks", fix='write some into its file: checks: ["a -> b:80", "a -x b:22", "a ping b"]')
    silent = "--json" in given or "--quiet" in given
    listen = _nothing if silent else _Lines(max(len(check.text or _words(check)) for check in topology.checks))
    results = _performed(topology, given.seconds("--timeout", 2.0), listen)
    bad = [result for result in results if not result]
    if "--json" in given:
        put_json({"lab": topology.name, "good": not bad, "checks": [_plain(result) for result in results]})
    elif "--quiet" not in given:
        put(paint(f"{topology.name}: {len(results) - len(bad)} of {many(len(results), 'check')} as they should be", "bad" if bad else "good"))
    return 1 if bad else 0


def _nothing(_: "Result") -> None:
    pass


def _performed(topology: "Topology", timeout: float, listen: "Listen") -> "list[Result]":
    """In the running lab, or in one that is made for it and lives in this process."""
    from ..lab.held import Held

    held = Held(topology.name)
    if held.exists() and held.status().state == "up":
        return in_holder(held.holder(), topology, timeout, listen)
    from ..lab.lab import Lab

    with Lab(topology=topology) as lab:
        return _one_by_one(lab, topology, timeout, listen)


def in_holder(holder: "Holder", topology: "Topology", timeout: float, listen: "Listen") -> "list[Result]":
    """From inside a held lab."""
    from ..lab.entered import Entered
    from ..lab.inside import inside

    return inside(holder, lambda tell: _one_by_one(Entered(topology.name, topology), topology, timeout, tell), listen)


def _one_by_one(lab: "object", topology: "Topology", timeout: float, listen: "Listen") -> "list[Result]":
    from ..lab.checks import perform

    out = []
    for check in topology.checks:
        result = perform(lab, [check], timeout)[0]
        listen(result)
        out.append(result)
    return out


def _words(check: object) -> str:
    """The check as it is written in a file."""
    kinds = {"connect": "->", "refuse": "-x", "ping": "ping", "noping": "-x ping"}
    port = f":{check.port}" if check.port else ""  # type: ignore[attr-defined]
    protocol = "/udp" if check.protocol == "udp" and port else ""  # type: ignore[attr-defined]
    return f"{check.source} {kinds[check.kind]} {check.target}{port}{protocol}"  # type: ignore[attr-defined]


class _Lines:
    """A line for each result, as it comes."""

    def __init__(self, width: int) -> None:
        self._width = width
        encoding = (sys.stdout.encoding or "").lower().replace("-", "")
        self._marks = ("✓", "✗") if os.isatty(1) and encoding == "utf8" else ("ok", "FAILED")

    def __call__(self, result: "Result") -> None:
        mark = self._marks[0 if result else 1].ljust(max(map(len, self._marks)))
        text = (result.check.text or _words(result.check)).ljust(self._width)
        put(f"{paint(mark, 'good' if result else 'bad')} {text}  {result.seen}")


def _plain(result: "Result") -> dict[str, object]:
    check = result.check
    return {
        "check": check.text or _words(check), "source": check.source, "kind": check.kind, "target": check.target, "port": check.port,
        "protocol": check.protocol, "good": result.good, "seen": result.seen, "seconds": round(result.seconds, 4),
    }  # fmt: skip
