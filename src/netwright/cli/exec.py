"""`nw exec LAB/HOST COMMAND…`: a program in a host of a running lab."""

import os
import sys
from errno import EACCES, ENOEXEC


def main(words: list[str]) -> int:
    """Run it; its exit code is ours, and a signal that ends it ends us."""
    from ..lab.entry import split
    from .docker_words import EXEC
    from .words import Words, Wrong

    given = Words(words, {}, "LAB/HOST", stop=1, instead=EXEC)
    _no_container(given.names[0])
    lab, host = split(given.names[0])
    if not given.rest:
        raise Wrong("no command to run", fix=f"nw exec {lab}/{host} COMMAND …, or: nw shell {lab}/{host}")
    return become_there("exec", lab, host, given.rest, {})


def _no_container(name: str) -> None:
    """Invalid for a container of nw run, with what to say in its place."""
    if "/" in name:
        return
    from ..errors import Invalid
    from ..networks import containers

    if name in containers.known():
        raise Invalid(f'"{name}" is a container, and no host of a lab', fix=f"a program in its network: nw run --network container:{name} COMMAND")


def become_there(command: str, lab: str, host: str, argv: list[str], more: dict[str, str], files: "dict[str, str] | None" = None) -> int:
    """Go there, with the names of lab and host in the environment, and become the program; 126 or 127 when that fails.

    `files` are written there first (paths below the lab's own /run/nw-lab, which goes with it).
    """
    from ..kernel.process import become
    from ..lab.entry import go_in

    for warning in go_in(lab, host):
        told(command, warning)
    if command == "shell":
        _take_terminal()
    for path, text in (files or {}).items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    environment = {**os.environ, "NETWRIGHT_LAB": lab, "NETWRIGHT_HOST": host, **more}
    return failed_to_run(command, argv[0], become(argv[0], argv, environment))


def _take_terminal() -> None:
    """A process group that has a number in the lab's pid namespace, in the foreground: shells ask for that of their parent."""
    import signal

    if not os.isatty(0):
        return
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpgrp())
    except OSError:
        pass  # not our terminal: the shell will find out itself
    signal.signal(signal.SIGTTOU, before)


def told(command: str, warning: str) -> None:
    """A warning on stderr, before the program begins."""
    sys.stderr.write(f"nw {command}: {warning}\n")
    sys.stderr.flush()


def failed_to_run(command: str, program: str, error: OSError, *, json: bool = False) -> int:
    """Say so: 127 when there is no such program, 126 when it cannot be run."""
    from ..errors import CallFailed
    from ..kernel.process import is_there
    from .report import report

    # A directory of PATH that may not be read gives EACCES for a program that is nowhere: a shell says 127 then.
    code = 126 if is_there(program) else 127
    why = _why_not(program, error) if code == 126 else "there is no such file" if "/" in program else "no such program in PATH"
    why += ": nw run starts programs of this machine, and knows no images" if command == "run" and code == 127 and "/" not in program else ""
    what = f'exec of "{program}" failed: {error.strerror if code == 126 else os.strerror(2)}'
    report(command, CallFailed(what, error.errno or 0, why=why), json=json)
    sys.stderr.flush()
    return code


def _why_not(program: str, error: OSError) -> str:
    if error.errno == ENOEXEC:
        return "it is no program of this machine, and no script that begins with #!"
    if error.errno != EACCES or "/" not in program:
        return ""
    return "it is a directory" if os.path.isdir(program) else "" if os.access(program, os.X_OK) else f"it is not executable; make it so with: chmod +x {program}"
