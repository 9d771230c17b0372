"""A process that kills itself at a given step of its work, as kill -9 or a power cut would; what is a step is said here.

    counted = killed_at(7)
    count_operations(counted)
    count_calls(counted, records, "put", "remove")
"""

import os
import signal
from collections.abc import Callable


def killed_at(step: int) -> Callable[[], None]:
    """To be called at each step: at this one it does not come back."""
    count = [0]

    def counted() -> None:
        count[0] += 1
        if count[0] == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return counted


def count_operations(counted: Callable[[], None]) -> None:
    """Every operation is a step, and a message to the kernel of its own."""
    import netwright.engine.enact as enact

    runs = enact.runs

    def runs_counted(plan: object) -> object:
        for run in runs(plan):
            for op in run:
                counted()
                yield [op]

    enact.runs = runs_counted


def count_calls(counted: Callable[[], None], owner: object, *names: str) -> None:
    """Before and after each call of these functions (of a module, or a class) is a step."""
    for name in names:
        setattr(owner, name, _around(counted, getattr(owner, name)))


def _around(counted: Callable[[], None], work: Callable[..., object]) -> Callable[..., object]:
    def wrapped(*arguments: object, **more: object) -> object:
        counted()
        found = work(*arguments, **more)
        counted()
        return found

    return wrapped
