"""The executables `netavark` and `aardvark-dns` as podman finds them: in a directory of helper_binaries_dir."""

import os
import sys

from ..errors import CallFailed
from ..kernel.python import search_path

PROGRAMS = {"netavark": "main", "aardvark-dns": "aardvark"}
_LONGEST_LINE = 127  # what the kernel takes of a script's first line; include/uapi/linux/binfmts.h
_TEXT = """\
import sys

sys.path += {path!r}
from netwright.netavark.{module} import main

sys.exit(main(sys.argv))
"""


def text_of(module: str) -> str:
    """The script: Python without site and without anything of the environment, which starts in half the time."""
    program, line = _TEXT.format(path=search_path(), module=module), f"#!{sys.executable} -ISE"
    if len(os.fsencode(line)) <= _LONGEST_LINE and not any(c.isspace() for c in sys.executable):
        return f"{line}\n{program}"
    program = program.replace("import sys\n", "import sys\n\ndel sys.argv[0]\n", 1)
    return f'#!/bin/sh\nexec {_quoted(sys.executable)} -ISE -c {_quoted(program)} "$0" "$@"\n'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\"'\"'") + "'"


def write(directory: str) -> "list[str]":
    """Write both, each whole or not at all; their paths. CallFailed."""
    out = []
    for name, module in PROGRAMS.items():
        path, new = f"{directory}/{name}", f"{directory}/.{name}.new"
        try:
            os.makedirs(directory, exist_ok=True)
            with open(new, "w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(text_of(module))
            os.chmod(new, 0o755)
            os.rename(new, path)
        except OSError as error:
            raise CallFailed(f"cannot write {path}", error.errno or 0, why=error.strerror or "") from None
        out.append(path)
    return out
