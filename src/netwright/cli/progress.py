"""How far a long piece of work has come: a bar on a terminal, and only when it takes more than half a second."""

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PATIENCE = 0.5
_BETWEEN = 0.05


class Progress:
    """Give it to Held.up as `progress`; use it in a `with`, so that the bar goes away at the end."""

    def __init__(self, what: str, *, quiet: bool = False) -> None:
        self._what = what
        self._quiet = quiet or not os.isatty(2)
        self._began = time.monotonic()
        self._drawn = 0.0
        self._bar: Any = None

    def __call__(self, done: int, whole: int) -> None:
        if self._quiet or time.monotonic() - self._began < _PATIENCE:
            return
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
            from rich.progress import Progress as Bar

            # It goes away when the work is done: what stays on the screen is the last line of the command. It is drawn by us and
            # not by a thread of its own, because this process forks.
            self._bar = Bar(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), transient=True, auto_refresh=False)
            self._task = self._bar.add_task(self._what, total=whole)
            self._bar.start()
        due = time.monotonic() - self._drawn > _BETWEEN
        self._bar.update(self._task, completed=done, total=whole, refresh=due)
        if due:
            self._drawn = time.monotonic()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
