"""The formats of `nw map --format` that are pictures, by name."""

from ...errors import Invalid
from .folding import FEWEST as FEWEST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from ..model import HostMap

FORMATS = ("svg", "html", "dot", "mermaid")


def drawn(host: "HostMap", format: str, opened: "Collection[str]" = (), fewest: int = FEWEST, theme: str = "auto") -> str:
    """The host in one of FORMATS. `opened`: ids of namespaces whose groups are drawn open, or "all"; `fewest`: so many alike
    namespaces are folded (0: none); `theme`, of an SVG only: light, dark, auto. Invalid for any other format."""
    if format == "dot":
        from .dot import dot

        return dot(host, opened, fewest)
    if format == "mermaid":
        from .mermaid import mermaid

        return mermaid(host, opened, fewest)
    if format not in FORMATS:
        raise Invalid(f'there is no picture "{format}"', fix="one of: " + " ".join(FORMATS))
    from .layout import layout

    if format == "html":
        from .html import html

        # Groups stay closed in what is laid out: the page opens them itself.
        return html(layout(host, (), fewest, roomy=True), host)
    from .svg import svg

    return svg(layout(host, opened, fewest), theme)
