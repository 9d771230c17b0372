"""`[-all] netns exec [--fast] [--sysfs=auto|off] [--jobs N] [NAME] COMMAND …`"""

import os

from ...errors import NetwrightError
from ...kernel.namespaces import enter
from ...kernel.process import become, is_there
from ..context import Context
from ..exits import LOCAL, SYNTAX, Exit


class Way:
    """How to go there: `fast` setns alone; `sysfs` False keeps /sys as it is; `jobs` at a time with -all."""

    __slots__ = ("fast", "jobs", "sysfs")

    def __init__(self) -> None:
        self.fast, self.sysfs, self.jobs = False, True, 0


def main(context: Context, words: list[str]) -> int:
    """Run a command in a namespace: it takes our place, so that its exit code and signals are ours."""
    way, words = _own_words(context, words)
    if context.options.all:
        from .exec_all import exec_all

        return exec_all(context, words, way)
    if not words:
        raise Exit(LOCAL, "No netns name specified", fix="nw netns exec NAME COMMAND …")
    if len(words) < 2:
        raise Exit(LOCAL, "No command specified", fix=f"nw netns exec {words[0]} COMMAND …")
    if context.options.dry_run:
        return context.show_command(["netns", "exec", *words])
    if context.in_batch:
        return _in_a_child(context, words, way)
    go(context, words[0], way)
    return _become(context, words[1:])


def _own_words(context: Context, words: list[str]) -> tuple[Way, list[str]]:
    way = Way()
    at = 0
    while not context.applet and at < len(words) and words[at][:2] == "--" and words[at] != "--":
        word = words[at]
        if word == "--fast":
            way.fast = True
        elif word in ("--sysfs=off", "--sysfs=auto"):
            way.sysfs = word.endswith("auto")
        elif word == "--jobs" and at + 1 < len(words) and words[at + 1].isdigit():
            at += 1
            way.jobs = int(words[at])
        else:
            raise Exit(SYNTAX, f'Option "{word}" is unknown.', why="netns exec has --fast, --sysfs=auto|off, --jobs N")
        at += 1
    return way, words[at:]


def go(context: Context, name: str, way: Way) -> None:
    """Move this process into the namespace and, unless that is not wanted, give it the /sys and /etc that belong to it."""
    try:
        enter(name)
        if way.fast:
            return
        from ...kernel import switch

        if not way.sysfs and not switch.needs_mounts(name):
            return
        switch.own_mounts()
        warnings = [switch.mount_sysfs(name)] if way.sysfs else []
        for text in [*warnings, *switch.bind_etc(name)]:
            if text:
                context.stderr(text + "\n")
    except NetwrightError as error:
        raise Exit(SYNTAX, error.what, why=error.why, fix=error.fix) from None


def _become(context: Context, argv: list[str]) -> int:
    error = become(argv[0], argv)
    # A directory of PATH that may not be read gives EACCES for a program that is nowhere: a shell says 127 then.
    code = LOCAL if context.applet else 126 if is_there(argv[0]) else 127
    why = "no such program in PATH" if code == 127 else ""
    raise Exit(code, f'exec of "{argv[0]}" failed: {error.strerror}', why=why)


def _in_a_child(context: Context, words: list[str], way: Way) -> int:
    """In a batch the next line still has to run."""
    from ...kernel.process import exit_code
    from ..front import report

    context.flush()
    pid = os.fork()
    if pid:
        return exit_code(os.waitpid(pid, 0)[1])
    try:
        go(context, words[0], way)
        _become(context, words[1:])
    except Exit as end:
        report(context, end)
        os._exit(end.code)
    os._exit(LOCAL)
