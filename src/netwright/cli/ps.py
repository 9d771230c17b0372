"""`nw ps [LAB]`: the processes of a lab, host by host."""

from ..errors import NetwrightError
from ..lab.entry import holder_and_views
from .text import put, put_json, table
from .which import lab_of
from .words import Words


def main(words: list[str]) -> int:
    """A line for each: its host, its pid inside the lab, its command."""
    from .docker_words import PS

    given = Words(words, {"--json": ""}, "[LAB]", instead=PS)
    lab = _lab(given.names[0] if given.names else "")
    from ..lab.inside import inside
    from ..lab.processes import processes

    holder, _ = holder_and_views(lab)
    found = inside(holder, lambda _: processes())
    if "--json" in given:
        put_json([{"lab": lab, "host": p.host, "pid": p.pid, "state": p.state, "command": p.command} for p in found])
    elif not found:
        put(f"nothing runs in {lab}")
    else:
        put(table(("HOST", "PID", "COMMAND"), [(p.host or "-", str(p.pid), p.command) for p in found]).rstrip("\n"))
    return 0


def _lab(name: str) -> str:
    try:
        return lab_of(name)
    except NetwrightError as error:
        from ..networks import containers

        if not name and containers.known():  # `docker ps` lists containers
            error.fix = f"{error.fix}; containers are listed by: nw containers"
        raise
