"""`nw`, `netwright` and, under the name `ip`, the applet: picks the front end by the program's name and the first word."""

import sys

RUNTIMES = ("docker", "podman", "kubernetes", "containerd", "cni", "lxc", "machine", "systemd")


def main(argv: list[str] | None = None) -> int:
    """Run one command line (default: this process's own); returns the exit code. argv[0] is the program's path."""
    argv = sys.argv if argv is None else argv
    if argv[1:4] == ["netns", "exec", "--fast"] and len(argv) > 5:
        _fast(argv[4], argv[5:])
    if argv[1:2] == ["exec"] and len(argv) > 3 and argv[2][:1] != "-" and argv[3][:1] != "-":
        code = _fast_in_lab(argv[2], argv[3:])
        if code >= 0:
            return code
    if sys.stdin is None or sys.stdout is None or sys.stderr is None:
        from .outlet import opened

        opened()
    name = argv[0].rpartition("/")[2]
    try:
        return _main(argv, name)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 141
    except OSError as error:
        from .outlet import OUTPUT, unwritten

        if error.filename != OUTPUT:
            raise
        return unwritten(error)


def _fast(name: str, command: list[str]) -> None:
    """The shortest way into a namespace by its plain name. Comes back when there is anything to say or to look up."""
    if "/" in name or ":" in name or name[:1] == "-":
        return
    try:
        from ..kernel.fastexec import become_inside
    except ImportError:  # no C extension here: the long way does it through os or ctypes
        return
    become_inside(f"/run/netns/{name}", command)


def _fast_in_lab(reference: str, command: list[str]) -> int:
    """The shortest way into a host of a lab. -1: it has to be the long one."""
    try:
        from .fast import become_in_lab
    except ImportError:  # no C extension here
        return -1
    return become_in_lab(reference, command)


def _main(argv: list[str], name: str) -> int:
    if name == "ip" or (name.startswith("ip") and len(name) > 2):
        return run_ip(argv, applet=True)
    if len(argv) > 1 and argv[1] == "ip":
        return run_ip([argv[0], *argv[2:]], applet=True)
    if len(argv) > 1:
        from . import commands

        if argv[1] in commands.NAMES:
            return commands.run(argv[1], argv[2:])
        if argv[1] == "help" and len(argv) == 3 and argv[2] in commands.NAMES:
            return commands.run(argv[2], ["--help"])
        if argv[1:3] == ["netns", "exec"] and len(argv) > 4 and _is_host(argv[3]):
            return commands.run("exec", argv[3:])
        if argv[1] in ("-n", "-netns") and len(argv) > 3 and _is_host(argv[2]):
            return commands.run("inside", argv[2:])
        if argv[1:] == ["--version"]:
            argv = [argv[0], "-Version"]
    return run_ip(argv, applet=False)


def _is_host(word: str) -> bool:
    """LAB/HOST, and no path."""
    return word.count("/") == 1 and word[0] not in "/."


def run_ip(argv: list[str], *, applet: bool) -> int:
    """ip's grammar, in which LAB/HOST is a namespace too."""
    from ..ip.front import main as ip_main
    from .commands import NAMES

    register_names()
    return ip_main(argv, applet=applet, others=() if applet else NAMES, instead=None if applet else _in_its_place)


def _in_its_place(word: str) -> str:
    """What to say here for a command of docker."""
    from .docker_words import COMMANDS

    return COMMANDS.get(word, "")


def register_names() -> None:
    """From now on LAB/HOST, container:NAME and docker:NAME (podman:, kubernetes: …) are namespaces, wherever one can be named."""
    from ..kernel.references import register

    register("lab", _of_a_lab)
    register("container", _of_a_container)
    for runtime in RUNTIMES:
        register(runtime, lambda name, runtime=runtime: _of_a_runtime(runtime, name))  # type: ignore[misc]


def _of_a_runtime(runtime: str, name: str) -> str:
    from .map_references import path_of

    return path_of(runtime, name)


def _of_a_container(name: str) -> str:
    from ..networks.containers import path_of

    return path_of(name)


def _of_a_lab(reference: str) -> str:
    from ..lab.entry import reached

    return reached(reference)
