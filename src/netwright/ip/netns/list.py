"""`netns list`: names, with their nsid; under nw also the dead ones marked, with -d and -j their state, inode and holders."""

import os

from ...errors import NetwrightError
from ...kernel import namespaces
from ...kernel.references import DIRECTORY
from ..context import Context


def main(context: Context, words: list[str]) -> int:
    """Print every entry of the netns directory in its own order; without a directory nothing at all."""
    try:
        names = os.listdir(DIRECTORY)
    except FileNotFoundError:
        return 0
    out = context.out
    out.open_array()
    for name in names:
        _print(context, name)
    out.close_array()
    out.finish_json()
    return 0


def _print(context: Context, name: str) -> None:
    out = context.out
    detailed = not context.applet and bool(context.options.details or context.options.json)
    entry = _entry(name)
    if entry is None:  # deleted while we looked: for ip it is a name without an id
        return
    nsid = _nsid(context, entry)
    out.open_object()
    out.put("name", name, name)
    if nsid >= 0:
        out.put("id", f" (id: {nsid})", nsid)
    if not context.applet and entry.state != "ok":
        out.text_only(f" ({entry.state}: {entry.why})")
    if detailed:
        _details(context, entry)
    out.text_only("\n")
    out.close_object()


def _entry(name: str) -> namespaces.Entry | None:
    try:
        return namespaces.entry(name)
    except NetwrightError:
        return None


def _nsid(context: Context, entry: namespaces.Entry) -> int:
    """The number, or -1; a dead name is told of on stderr as ip does (once, not twice)."""
    try:
        fd = namespaces.open_namespace(entry.name)
    except NetwrightError:
        return -1
    try:
        from ...errors import KernelError

        return namespaces.get_nsid(context.netlink, fd)
    except KernelError as error:
        from ..front import kernel_words

        context.stderr(kernel_words(error) + "\n")
        if not context.applet:
            context.stderr(f"    {entry.name} is dead: {entry.why or 'no namespace'}; remove it with: nw netns delete {entry.name}\n")
        return -1
    finally:
        os.close(fd)


def _details(context: Context, entry: namespaces.Entry) -> None:
    from ...kernel.holders import holders
    from .delete import describe

    out = context.out
    out.field("state", entry.state)
    if entry.why:
        out.field("why", entry.why)
    if not entry.inode:
        return
    held = holders(entry.device, entry.inode)
    found = [h for h in held.found if not (h.kind == "mount" and h.detail == namespaces.path_of(entry.name))]
    out.put("inode", f" inode {entry.inode}", entry.inode)
    if out.json:
        out.field("holders", [{"kind": h.kind, "pid": h.pid, "detail": h.detail} for h in found])
        out.field("unreadable", held.unreadable)
    else:
        out.text_only("".join(f"\n    held by {describe(h.kind, h.pid, h.detail)}" for h in found))
