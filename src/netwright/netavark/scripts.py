"""The executables `netavark` and `aardvark-dns` as podman finds them: in a directory of helper_binaries_dir."""

import os
import sys

from ..errors import CallFailed, Conflict
from ..kernel.python import search_path
from ..networks.directories import write_whole

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
    """Write both, each whole or not at all; their paths. Conflict when somebody else's are there, CallFailed."""
    strange = [path for path in paths(directory) if os.path.lexists(path) and not is_ours(path)]
    if strange:
        fix = "choose another directory, and put it first in helper_binaries_dir of containers.conf"
        raise Conflict(f"{', '.join(strange)}: there already, and not of netwright", fix=fix)
    for path, module in zip(paths(directory), PROGRAMS.values(), strict=True):
        put(path, text_of(module), 0o755)
    return paths(directory)


def remove(directory: str) -> "list[str]":
    """Take away what `write` wrote, and nothing else; the paths that are gone. CallFailed."""
    gone = [path for path in paths(directory) if is_ours(path)]
    for path in gone:
        try:
            os.unlink(path)
        except OSError as error:
            raise CallFailed(f"cannot remove {path}", error.errno or 0, why=error.strerror or "") from None
    return gone


def paths(directory: str) -> "list[str]":
    """Where they are."""
    return [f"{directory}/{name}" for name in PROGRAMS]


def is_ours(path: str) -> bool:
    """Whether a file is one of these scripts."""
    try:
        with open(path, "rb") as file:
            return b"netwright.netavark." in file.read(4096)
    except OSError:
        return False


def put(path: str, text: str, mode: int) -> None:
    """Write a file, whole or not at all, and its directory. CallFailed."""
    new = f"{os.path.dirname(path)}/.{os.path.basename(path)}.new"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_whole(path, text.encode("utf-8", "surrogateescape"), new, mode)
    except OSError as error:
        raise CallFailed(f"cannot write {path}", error.errno or 0, why=error.strerror or "") from None
