"""`nw up FILE`: bring a lab up, or lead a running one to what the file says now."""

import os

from ..errors import Invalid, NetwrightError
from .text import many, paint, put, put_json
from .which import written
from .words import Words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..lab.held import Change, Held, LabFailed
    from ..lab.topology import Topology

_OPTIONS = {
    "--pin": "", "--no-pin": "", "--name": "NAME", "--verify": "", "--dry-run": "", "-n": "--dry-run", "--json": "", "--quiet": "",
    "-q": "--quiet", "-v": "", "--verbose": "-v",
}  # fmt: skip


class UpFailed(NetwrightError):
    """An `up` that was taken back, in the words of the file."""


def main(words: list[str]) -> int:
    """Bring it up; the lab, its hosts, and how to go on are told at the end."""
    given = Words(words, _OPTIONS, "FILE")
    if "--pin" in given and "--no-pin" in given:
        raise Invalid("--pin and --no-pin at once", fix="one of them")
    path = given.names[0]
    topology = written(path, given.get("--name"))
    from ..lab.held import Held, LabFailed

    held = Held(topology.name)
    if "--dry-run" in given:
        from .plan import show

        return show(held, topology, json="--json" in given, verbose="-v" in given)
    quiet = "--quiet" in given or "--json" in given
    try:
        change = _led(held, topology, os.path.abspath(path), given, quiet)
    except LabFailed as error:
        raise explained(error, topology, new=held.name not in _up_before(held)) from None
    _tell(held, topology, change, given)
    return 0


def _up_before(held: "Held") -> list[str]:
    return [held.name] if held.exists() and held.status().state == "up" else []


def _led(held: "Held", topology: "Topology", path: str, given: Words, quiet: bool) -> "Change":
    from .progress import Progress

    pin = True if "--pin" in given else False if "--no-pin" in given else None
    with Progress(f"bringing {held.name} up", quiet=quiet) as progress:
        return held.up(topology, file=path, pin=pin, progress=progress, verify="--verify" in given)


def explained(error: "LabFailed", topology: "Topology", *, new: bool) -> UpFailed:
    """What, which object, which line, why; and that nothing has changed."""
    where = ""
    if error.op is not None:
        from ..lab.blame import blamed
        from ..lab.compile import compile
        from ..lab.topology import dotted

        problem = blamed(error.op, topology, compile(topology))
        where = ":".join(map(str, problem.place)) + ": " if problem.place else ""
        where += f"{dotted(problem.path)}: "
    now = "the lab was taken away again" if new else "everything is as it was before"
    why = "; ".join(part for part in (error.why, now) if part)
    return UpFailed(f"{where}{error.what}", why=why, fix=error.fix)


def _tell(held: "Held", topology: "Topology", change: "Change", given: Words) -> None:
    hosts, switches = len(topology.hosts), len(topology.switches)
    if "--json" in given:
        put_json({"lab": held.name, "made": change.made, "operations": len(change.plan), "hosts": hosts, "switches": switches, "seconds": round(change.seconds, 4)})
        return
    if "--quiet" in given:
        return
    size = f"{many(hosts, 'host')}, {many(switches, 'switch', 'switches')}"
    if not change.made and not change.plan:
        put(f"nothing to do: {held.name} already is as wanted ({size})")
        return
    done = "" if change.made else f", {many(len(change.plan), 'operation')}"
    put(paint(f"{held.name} is up: {size}{done} in {change.seconds:.2f} s", "good"))
    if topology.hosts:
        first = next(iter(topology.hosts))
        checks = f"   nw check {held.name}" if topology.checks else ""
        put(paint(f"  nw exec {held.name}/{first} COMMAND   nw shell {held.name}/{first}{checks}   nw down {held.name}", "dim"))
