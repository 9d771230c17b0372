"""`[-all] netns delete [NAME] [--wait[=SECONDS]]`"""

from ...errors import NetwrightError
from ...kernel import namespaces
from ...plan.ops import DeleteNamespace
from ..context import Context
from ..exits import LOCAL, Exit


def main(context: Context, words: list[str]) -> int:
    """Remove a name, or all; under nw say what still holds the namespace, with --wait return when it is gone."""
    wait, names = _own_words(context, words)
    if context.options.all:
        return _delete_all(context)
    if not names:
        raise Exit(LOCAL, "No netns name specified", fix="nw netns delete NAME, or nw -all netns delete")
    if context.options.dry_run:
        return context.apply(DeleteNamespace(names[0]))
    if wait:
        return _delete_and_wait(context, names[0], wait)
    _delete(context, names[0])
    return 0


def _own_words(context: Context, words: list[str]) -> tuple[float, list[str]]:
    if context.applet:
        return 0.0, words
    wait, rest = 0.0, []
    for word in words:
        if word == "--wait":
            wait = 30.0
        elif word.startswith("--wait="):
            wait = _seconds(word)
        else:
            rest.append(word)
    return wait, rest


def _seconds(word: str) -> float:
    try:
        return float(word.partition("=")[2])
    except ValueError:
        raise Exit(255, f'Error: argument "{word}" is wrong: a number of seconds belongs behind --wait=') from None


def _delete(context: Context, name: str) -> None:
    """The name goes; who still holds the namespace is told on stderr."""
    tell = not context.applet and not context.in_batch
    found = _found(name) if tell else None
    namespaces.delete(name)
    if found is not None and found.state == "ok":
        context.stderr(_still_held(name, found))


def _found(name: str) -> namespaces.Entry | None:
    try:
        return namespaces.entry(name)
    except NetwrightError:
        return None


def _still_held(name: str, found: namespaces.Entry) -> str:
    from ...kernel.holders import holders

    held = holders(found.device, found.inode)
    words = [describe(holder.kind, holder.pid, holder.detail) for holder in held.found]
    if not words:
        return ""
    shown = ", ".join(words[:5]) + (f" and {len(words) - 5} more" if len(words) > 5 else "")
    return f"{name}: the name is gone; the namespace lives on, held by {shown}\n"


def describe(kind: str, pid: int, detail: str) -> str:
    """One holder in words."""
    if kind == "process":
        return f"process {pid} ({detail})"
    if kind == "thread":
        return f"thread {detail} of process {pid}"
    return f"{detail} (a mount seen by process {pid})" if kind == "mount" else f"fd {detail} of process {pid}"


def _delete_all(context: Context) -> int:
    for name in namespaces.names():
        if context.options.dry_run:
            context.apply(DeleteNamespace(name))
            continue
        try:
            _delete(context, name)
        except NetwrightError as error:
            # ip stops at the first failure, and its exit code does not tell.
            if context.applet:
                context.stderr(f"{error.what}\n")
                return 0
            raise
    return 0


def _delete_and_wait(context: Context, name: str, seconds: float) -> int:
    found = namespaces.entry(name)
    if found.state != "ok":
        namespaces.delete(name)
        return 0
    from ...kernel.freed import wait_until_freed

    fd = namespaces.open_namespace(name)
    if wait_until_freed(context.netlink, fd, lambda: namespaces.delete(name), seconds):
        return 0
    told = _still_held(name, found).strip() or f"{name}: the kernel has not freed it yet; something that cannot be seen from here holds it"
    raise Exit(LOCAL, f"{name} is not freed after {seconds:g} s", why=told, fix="end those processes, or look for its cables in other namespaces")

