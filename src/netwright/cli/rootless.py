"""`nw rootless [COMMAND…]`: a command as root of namespaces of its own; without a command, a shell."""

import os

from .words import Words


def main(words: list[str]) -> int:
    """It takes our place: its exit code is ours."""
    given = Words(words, {}, "[COMMAND…]", stop=1)
    argv = [*given.names, *given.rest] or [os.environ.get("SHELL") or "/bin/sh"]
    from ..kernel.private_run import NETWORKS
    from ..kernel.process import become
    from ..kernel.userns import become_root_inside
    from .exec import failed_to_run

    become_root_inside()
    # Container networks of this namespace are not those of the machine.
    os.environ.setdefault("NETWRIGHT_RUN_DIR", NETWORKS)
    os.environ.setdefault("NETWRIGHT_STATE_DIR", f"{NETWORKS}/.state")
    return failed_to_run("rootless", argv[0], become(argv[0], argv))
