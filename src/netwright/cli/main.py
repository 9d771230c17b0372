"""`nw`, `netwright` and, under the name `ip`, the applet: picks the front end by the program's name."""

import sys


def main(argv: list[str] | None = None) -> int:
    """Run one command line (default: this process's own); returns the exit code. argv[0] is the program's path."""
    argv = sys.argv if argv is None else argv
    name = argv[0].rpartition("/")[2]
    try:
        return _main(argv, name)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 141


def _main(argv: list[str], name: str) -> int:
    from ..ip.front import main as ip_main

    if name == "ip" or (name.startswith("ip") and len(name) > 2):
        return ip_main(argv, applet=True)
    if len(argv) > 1 and argv[1] == "ip":
        return ip_main([argv[0], *argv[2:]], applet=True)
    return ip_main(argv, applet=False)
