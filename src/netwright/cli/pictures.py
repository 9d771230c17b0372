"""The pictures of `nw map --format svg|html|dot|mermaid|png`: drawn, and put where they are wanted."""

import os
import sys

from ..errors import CallFailed, Conflict
from .words import Wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..hostmap.model import HostMap

FORMATS = ("svg", "html", "dot", "mermaid", "png")
# What `nw map` takes for a picture, next to its own options.
OPTIONS = {"--format": "FORMAT", "-o": "--output", "--output": "FILE", "--force": "", "--open": "NAME", "--no-fold": "", "--theme": "light|dark|auto"}
_SUFFIXES = {".svg": "svg", ".html": "html", ".htm": "html", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".png": "png"}


def format_of(given: str, output: str) -> str:
    """The format: what was given, else what the name of the file says, else ""."""
    return given or _SUFFIXES.get(os.path.splitext(output)[1].lower(), "")


def check(format: str, output: str, force: bool, theme: str = "") -> None:
    """Everything that can be wrong before the host is looked at. Wrong, Conflict, NoRenderer."""
    from ..hostmap.rendering import renderer

    if format not in FORMATS:
        raise Wrong(f'there is no format "{format}"', fix="pictures are: " + " ".join(FORMATS))
    if theme not in ("", "light", "dark", "auto"):
        raise Wrong(f'there is no theme "{theme}"', fix="one of: light dark auto")
    if output and output != "-" and os.path.exists(output) and not force:
        raise Conflict(f"{output} is there already", fix=f"--force overwrites it, or take another name: -o new-{os.path.basename(output)}")
    if format == "png":
        if not output and sys.stdout.isatty():
            raise Wrong("a PNG does not go to a terminal", fix="nw map --format png -o map.png")
        renderer()


def picture(host: "HostMap", format: str, opened: "tuple[str, ...]" = (), fold: bool = True, theme: str = "") -> bytes:
    """The picture. `opened` are names or ids of namespaces whose groups are drawn open, or "all"."""
    from ..hostmap.drawing.formats import drawn

    fewest = 4 if fold else 0
    ids = _ids(host, opened)
    if format != "png":
        return drawn(host, format, ids, fewest, theme or "auto").encode()
    from ..hostmap.drawing.layout import layout
    from ..hostmap.drawing.svg import svg
    from ..hostmap.rendering import png

    laid = layout(host, ids, fewest)
    return png(svg(laid, "dark" if theme == "dark" else "light"), laid.width, laid.height)


def _ids(host: "HostMap", opened: "tuple[str, ...]") -> "set[str]":
    """Ids of what was named. Wrong when nothing is called so."""
    out = set()
    for word in opened:
        found = {word} if word == "all" else {space.id for space in host.namespaces if word in (space.id, space.name, *space.names)}
        if not found:
            raise Wrong(f'no namespace of this map is called "{word}"', fix="nw map lists them; --open all opens every group")
        out |= found
    return out


def put(data: bytes, output: str) -> None:
    """To a file, whole or not at all; or to standard output."""
    if output in ("", "-"):
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return
    new = f"{output}.{os.getpid()}.new"
    try:
        with open(new, "wb") as file:
            file.write(data)
        os.replace(new, output)
    except OSError as error:
        if os.path.exists(new):
            os.unlink(new)
        raise CallFailed(f"cannot write {output}: {error.strerror}", error.errno or 0) from None
