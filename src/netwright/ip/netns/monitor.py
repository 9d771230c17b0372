"""`netns monitor`: names as they come and go; `add` is told when the namespace is there, not when the file is."""

from ...errors import NetwrightError
from ...kernel import namespaces
from ..context import Context


def main(context: Context, words: list[str]) -> int:
    """Print `add NAME` and `delete NAME` until interrupted; goes on when the directory is removed and made anew."""
    from ...kernel.inotify import CREATE, DELETE, IGNORED, MOVED_FROM, MOVED_TO, Watch

    namespaces.prepare_directory()
    watch = Watch(namespaces.DIRECTORY)
    while True:
        for mask, name in watch.read():
            if mask & (CREATE | MOVED_TO):
                _added(context, name)
            elif mask & (DELETE | MOVED_FROM):
                context.stdout(f"delete {name}\n")
            elif mask & IGNORED:
                context.stderr(f"{namespaces.DIRECTORY} was removed; it is made again\n")
                watch.close()
                namespaces.prepare_directory()
                watch = Watch(namespaces.DIRECTORY)


def _added(context: Context, name: str) -> None:
    """Entries wait until a maker is done; one that stays without a namespace is told as pending (under ip: as added)."""
    try:
        state = namespaces.entry(name).state
    except NetwrightError:
        return
    context.stdout(f"add {name}\n" if state in ("ok", "link") or context.applet else f"pending {name}\n")
