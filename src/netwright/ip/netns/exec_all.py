"""`-all netns exec COMMAND …`: the command in every namespace.

Under nw as many at a time as there are processors (--jobs N), the output of each kept together below `netns: NAME`, and the
exit code tells: the greatest of all. Under the name ip one after the other, and 0.
"""

import os

from ...kernel import namespaces
from ...kernel.process import exit_code
from ..context import Context
from ..exits import LOCAL, Exit
from .exec import Way, _become, go


def exec_all(context: Context, argv: list[str], way: Way) -> int:
    """Run the command everywhere; the exit code."""
    if not argv:
        raise Exit(LOCAL, "No command specified", fix="nw -all netns exec COMMAND …")
    names = namespaces.names()
    if context.options.dry_run:
        for name in names:
            context.show_command(["netns", "exec", name, *argv])
        return 0
    if context.applet:
        for name in names:
            context.stdout(f"\nnetns: {name}\n")
            os.waitpid(_start(context, name, argv, way, None), 0)
        return 0
    return _in_parallel(context, names, argv, way)


def _in_parallel(context: Context, names: list[str], argv: list[str], way: Way) -> int:
    jobs = way.jobs or os.cpu_count() or 1
    running: list[tuple[str, int, int]] = []
    worst = 0
    for name in names:
        if len(running) >= jobs:
            worst = max(worst, _finish(context, *running.pop(0)))
        output = os.memfd_create("netns-exec", os.MFD_CLOEXEC)
        running.append((name, _start(context, name, argv, way, output), output))
    for entry in running:
        worst = max(worst, _finish(context, *entry))
    return worst


def _start(context: Context, name: str, argv: list[str], way: Way, output: int | None) -> int:
    """The pid of a child that runs the command in `name`, with its output in the file `output`."""
    pid = os.fork()
    if pid:
        return pid
    from ..front import report

    try:
        if output is not None:
            os.dup2(output, 1)
            os.dup2(output, 2)
        go(context, name, way)
        _become(context, argv)
    except Exit as end:
        report(context, end)
        os._exit(end.code)
    os._exit(LOCAL)


def _finish(context: Context, name: str, pid: int, output: int) -> int:
    code = exit_code(os.waitpid(pid, 0)[1])
    with os.fdopen(output, "rb") as file:
        file.seek(0)
        text = file.read().decode("utf-8", "surrogateescape")
    context.stdout(f"\nnetns: {name}\n{text}" + (f"exit code {code}\n" if code else ""))
    return code
