"""Starting a second Python with a program of ours: quick (-IS: no site, no environment), and this package importable in it."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def spawn_python(program: str, *words: str, fds: Sequence[tuple[int, int]] = (), environment: Mapping[str, str] | None = None) -> int:
    """The pid of a new Python that runs `program`; sys.argv[1:] are `words`. `fds` are (ours, its number): 0, 1 and 2 only, of
    which those not given are ours too. `environment`: PATH and LD_LIBRARY_PATH unless given. OSError when it cannot start."""
    if environment is None:
        environment = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    argv = [sys.executable, "-IS", "-c", f"import sys; sys.path.append({_SOURCE!r}); {program}", *words]
    # By the path of this very file where its name leads nowhere for us: below a directory that this user may not enter.
    path = sys.executable if os.access(sys.executable, os.X_OK) else "/proc/self/exe"
    actions = [(os.POSIX_SPAWN_DUP2, ours, its) for ours, its in fds]
    return os.posix_spawn(path, argv, environment, file_actions=actions, setsigmask=())
