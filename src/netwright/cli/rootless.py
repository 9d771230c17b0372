"""`nw rootless [COMMAND…]`: a command as root of namespaces of its own; without a command, a shell."""

import os
import sys

from .words import Words


def main(words: list[str]) -> int:
    """It takes our place: its exit code is ours."""
    given = Words(words, {}, "[COMMAND…]", stop=1)
    argv = [*given.names, *given.rest] or [os.environ.get("SHELL") or "/bin/sh"]
    from ..kernel.private_run import NETWORKS
    from ..kernel.process import become, is_there
    from ..kernel.userns import become_root_inside

    become_root_inside()
    # Container networks of this namespace are not those of the machine.
    os.environ.setdefault("NETWRIGHT_RUN_DIR", NETWORKS)
    os.environ.setdefault("NETWRIGHT_STATE_DIR", f"{NETWORKS}/.state")
    error = become(argv[0], argv)
    code = 126 if is_there(argv[0]) else 127
    sys.stderr.write(f'nw rootless: exec of "{argv[0]}" failed: {error.strerror}\n')
    return code
