"""`nw exec LAB/HOST COMMAND…`: a program in a host of a running lab."""

import os
import sys

from ..lab.entry import go_in, split
from .words import Words, Wrong


def main(words: list[str]) -> int:
    """Run it; its exit code is ours, and a signal that ends it ends us."""
    given = Words(words, {}, "LAB/HOST", stop=1)
    lab, host = split(given.names[0])
    if not given.rest:
        raise Wrong("no command to run", fix=f"nw exec {lab}/{host} COMMAND …, or: nw shell {lab}/{host}")
    return become_there("exec", lab, host, given.rest, {})


def become_there(command: str, lab: str, host: str, argv: list[str], more: dict[str, str]) -> int:
    """Go there, with the names of lab and host in the environment, and become the program; 126 or 127 when that fails."""
    warnings = go_in(lab, host)
    for warning in warnings:
        sys.stderr.write(f"nw {command}: {warning}\n")
    sys.stderr.flush()
    from ..kernel.process import become, is_there

    environment = {**os.environ, "NETWRIGHT_LAB": lab, "NETWRIGHT_HOST": host, **more}
    error = become(argv[0], argv, environment)
    code = 126 if is_there(argv[0]) else 127
    why = "" if code == 126 else "no such program in PATH" if "/" not in argv[0] else "there is no such file"
    sys.stderr.write(f'nw {command}: exec of "{argv[0]}" failed: {error.strerror if code == 126 else os.strerror(2)}\n' + (f"    {why}\n" if why else ""))
    sys.stderr.flush()
    return code
