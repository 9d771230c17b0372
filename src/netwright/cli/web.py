"""`nw web`: the map of this host as a page that lives, on this machine only."""

import sys

from ..errors import NetwrightError
from .words import Words, Wrong

_OPTIONS = {"--port": "N", "--lab": "NAME", "--control": ""}


def main(words: list[str]) -> int:
    """Until it is interrupted."""
    given = Words(words, _OPTIONS)
    port = given.number("--port", 0)
    if port > 65535:
        raise Wrong(f"there is no port {port}", fix="leave --port out, and a free one is taken")
    try:
        from ..web.run import run
    except ModuleNotFoundError as error:
        if error.name != "aiohttp":
            raise
        raise NetwrightError("the page needs aiohttp, which is not installed here", fix="pip install aiohttp") from None
    from .map_names import register_all

    register_all()
    run(port, given.get("--lab"), _say, _warn, _did if "--control" in given else None)
    return 0


def _say(address: str) -> None:
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()
    if sys.stdin and sys.stdin.isatty() and sys.stderr.isatty():
        sys.stderr.write("    good for one opening; Enter: another one, Ctrl-C: end\n")


def _warn(text: str) -> None:
    sys.stderr.write(f"nw web: not everything is heard: {text}\n")


def _did(command: str) -> None:
    from datetime import datetime

    sys.stderr.write(f"{datetime.now().isoformat(' ', 'milliseconds')} {command}\n")
    sys.stderr.flush()
