"""Writes the start-up scripts `nw` and `netwright`: python -m netwright.cli.launcher DIRECTORY [--name NAME]...

How it works. A console script made by pip runs `site`, reads every .pth file and often imports `re`: 10 ms and more
before the first line of ours, about as long as Python itself takes to start. Ours begins with

    #!/path/to/python -IS

`-S` leaves `site` out, and `-I` the environment and the current directory. Without `site` nothing but the standard
library is on sys.path, so the script appends what it needs by name: the directory that holds this package, then the
site-packages of the interpreter that wrote it (where the dependencies are). Both go behind the standard library, so
that a package found there can never stand in for a module of Python's.

The kernel hands a script's interpreter line to the interpreter as one argument, cuts it at 127 bytes (255 since Linux
5.1) and knows no quoting. Where the interpreter's path has a blank or is too long, the script is one for /bin/sh, which
has neither limit and starts Python with the same program.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from ..kernel.python import search_path

NAMES = ("nw", "netwright")
LONGEST_INTERPRETER_LINE = 127  # BINPRM_BUF_SIZE - 1 before Linux 5.1; include/uapi/linux/binfmts.h

_PROGRAM = """\
import sys

try:
    sys.path += {path!r}
    from netwright.cli.main import main

    code = main(sys.argv)
except KeyboardInterrupt:
    code = 130
sys.exit(code)
"""


def script(interpreter: str, path: list[str], program: str = _PROGRAM) -> str:
    """The text of a launcher: `interpreter` runs `program` (`netwright.cli.main.main`), with `path` behind the standard library."""
    program = program.format(path=path)
    line = f"#!{interpreter} -IS"
    if len(os.fsencode(line)) <= LONGEST_INTERPRETER_LINE and not any(c.isspace() for c in interpreter):
        return f"{line}\n{program}"
    # After -c, sys.argv is ["-c", $0, ...]: the program drops the first, and argv[0] is the script's path as elsewhere.
    program = program.replace("import sys\n", "import sys\n\ndel sys.argv[0]\n", 1)
    return f'#!/bin/sh\nexec {_quoted(interpreter)} -IS -c {_quoted(program)} "$0" "$@"\n'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\"'\"'") + "'"


def write(directory: Path, names: list[str], root: str = "") -> Iterator[Path]:
    """Write a launcher under each name into `directory`, replacing what is there at once, and yield its path.

    `root` is a staging directory (a package builder's DESTDIR): paths inside the script are without it.
    """
    interpreter, *path = (place.removeprefix(root.rstrip("/")) for place in (sys.executable, *search_path()))
    text = script(interpreter, path)
    directory.mkdir(parents=True, exist_ok=True)
    for name in names:
        new, final = directory / f".{name}.new", directory / name
        new.write_bytes(os.fsencode(text))
        new.chmod(0o755)
        new.replace(final)
        yield final


def main() -> int:
    """The command line: a directory, and the names (`nw` and `netwright` unless given)."""
    import argparse

    parser = argparse.ArgumentParser(prog="python -m netwright.cli.launcher", description="Write the start-up scripts.")
    parser.add_argument("directory", type=Path, help="where to write them, for example .venv/bin")
    parser.add_argument("--root", default="", help="leave this prefix out of the paths inside the script (a DESTDIR)")
    parser.add_argument("--name", action="append", help="a name to write (repeatable; nw and netwright unless given)")
    wanted = parser.parse_args()
    for path in write(wanted.directory, wanted.name or list(NAMES), wanted.root):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
