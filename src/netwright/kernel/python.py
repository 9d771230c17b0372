"""Starting a second Python with a program of ours: quick (-IS: no site, no environment), and this package importable in it."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def interpreter() -> str:
    """The path of this Python; of this very file where its name leads nowhere for us: below a directory that this user may not enter."""
    return sys.executable if os.access(sys.executable, os.X_OK) else "/proc/self/exe"


def python_argv(program: str, *words: str) -> list[str]:
    """The words of a command that runs `program` (sys is imported), whose sys.argv[1:] are `words`."""
    return [sys.executable, "-IS", "-c", f"import sys; sys.path.append({_SOURCE!r}); {program}", *words]


def search_path() -> list[str]:
    """What a script of ours puts behind the standard library in sys.path: this package's directory, then the dependencies'.

    A script that was started so hands on what it was given; without `site` Python itself does not know its virtual environment.
    """
    if sys.flags.no_site and _SOURCE in sys.path:
        return list(dict.fromkeys(sys.path[sys.path.index(_SOURCE) :]))
    import sysconfig

    return list(dict.fromkeys((_SOURCE, sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))))


def little_environment() -> dict[str, str]:
    """What a process that stays for long needs of ours."""
    return {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}


def spawn_python(
    program: str, *words: str, fds: Sequence[tuple[int, int]] = (), environment: Mapping[str, str] | None = None, by: Sequence[str] = ()
) -> int:
    """The pid of a new Python that runs `program`. `fds` are (ours, its number): 0, 1 and 2 only, of which those that are not given
    are ours too. `environment`: little unless given. `by`: the words of a program that becomes it. OSError when it cannot start."""
    actions = [(os.POSIX_SPAWN_DUP2, ours, its) for ours, its in fds]
    env = little_environment() if environment is None else environment
    argv = [*by, *python_argv(program, *words)]
    return os.posix_spawn(by[0] if by else interpreter(), argv, env, file_actions=actions, setsigmask=())
