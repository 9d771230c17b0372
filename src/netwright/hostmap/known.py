"""What other parts of this product know of namespaces: each registers a source here, and the map asks all of them.

A source gives (path, Owner): a path at which the namespace can be found (a bind mount, /proc/PID/ns/net). The rooms that know of
labs and networks stand beside this one and may not be imported here; the command line, which knows both, fills the list.
"""

import os

from .model import Owner, Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Source = Callable[[], Iterable[tuple[str, Owner]]]

_sources: "dict[str, Source]" = {}


def register(kind: str, source: "Source") -> None:
    """From now on the map asks this source too; one of the same kind is replaced."""
    _sources[kind] = source


def gathered() -> "tuple[dict[int, list[Owner]], list[Problem]]":
    """inode -> whose it is, by all sources; a source that fails is a problem of the map, not its end."""
    from ..errors import NetwrightError

    out: dict[int, list[Owner]] = {}
    problems = []
    for kind, source in _sources.items():
        try:
            for path, owner in source():
                if inode := _inode(path):
                    out.setdefault(inode, []).append(owner)
        except (NetwrightError, OSError) as error:
            problems.append(Problem("names", f"names of {kind}s are not known", why=str(error)))
    return out, problems


def _inode(path: str) -> int:
    try:
        return os.stat(path).st_ino
    except OSError:
        return 0
