"""One function in many namespaces, quickly."""

from __future__ import annotations

from ..errors import NetwrightError
from ..kernel.spaces import run_apart
from .namespace import Namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    T = TypeVar("T")


def sweep(
    names: Iterable[str | Namespace], function: Callable[[Namespace], T], *, errors: dict[str, NetwrightError] | None = None
) -> dict[str, T]:
    """function(namespace) in each of `names`, one after the other; results by name. `ip -all netns exec …`

    One worker thread goes through all of them: the function runs in that thread, which is inside the namespace. Each one
    is closed before the next, so that thousands need no more than a few open files. The caller does not move. An error of
    a namespace goes into `errors` when that is given; else it is raised, and what follows is not visited.
    """
    found = [name if isinstance(name, Namespace) else Namespace(name) for name in names]
    results: dict[str, T] = {}

    def visit_all() -> None:
        for namespace in found:
            try:
                results[namespace.name] = namespace.visited(function)
            except NetwrightError as error:
                if errors is None:
                    raise
                errors[namespace.name] = error

    run_apart(visit_all)
    return results
