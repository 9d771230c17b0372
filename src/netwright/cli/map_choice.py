"""What of a map is shown: the filters of `nw map`, which a document keeps, so that `--diff` compares only that; and how a picture is called.

Filters are pairs (filter, word) as in HostMap.chosen. Several of one kind add up, different ones must all fit.
"""

from ..errors import Gone, Invalid
from ..hostmap.spoken import shown
from ..model.value import replace
from .words import Words, Wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..hostmap.model import HostMap

    Filters = tuple[tuple[str, str], ...]

FILTERS = ("namespace", "kind", "lab", "container")
THEMES = ("auto", "light", "dark")
# Ending of a file -> format, beside the formats themselves.
ENDINGS = {"txt": "text", "htm": "html", "gv": "dot", "mmd": "mermaid"}


def filters(given: Words) -> "Filters":
    """Those that are among the words; --path is two of them."""
    if "--path" in given:
        return tuple(("path", word) for word in given.names)
    return tuple((name, word) for name in FILTERS for word in given.all(f"--{name}"))


def only(host: "HostMap", wanted: "Filters", *, lenient: bool = False) -> "HostMap":
    """The map of what the filters leave. Gone for a word that means nothing; `lenient`: nothing of that is left then."""
    from ..hostmap import select

    if not wanted:
        return host
    way = [word for name, word in wanted if name == "path"]
    if way:
        one, other = (select.the_one(host, word).id for word in way)
        if one == other:
            raise Invalid(f"there is no way from {shown(way[0])} to itself", why="--path takes two namespaces", fix=f"nw map --namespace {shown(way[0])}")
        return replace(select.on_the_way(host, select.path(host, one, other)), chosen=wanted)
    left = {space.id for space in host.namespaces}
    for name in dict.fromkeys(name for name, _ in wanted):
        left &= _of(host, name, [word for each, word in wanted if each == name], lenient)
    return replace(select.restricted(host, left), chosen=wanted)


def _of(host: "HostMap", name: str, words: "Iterable[str]", lenient: bool) -> "set[str]":
    out: set[str] = set()
    for word in words:
        try:
            out |= _found(host, name, word)
        except Gone:
            if not lenient:
                raise
    return out


def _found(host: "HostMap", name: str, word: str) -> "set[str]":
    from ..hostmap import select

    if name == "kind":
        return select.of_kinds(host, [word])
    if name == "lab":
        return select.of_lab(host, word)
    if name == "container":
        return select.of_containers(host, "" if word == "*" else word)
    return {space.id for space in select.named(host, word) or [select.the_one(host, word)]}


def comparable(before: "HostMap", after: "HostMap", wanted: "Filters" = ()) -> "tuple[HostMap, HostMap]":
    """Both, of the same part of the host: that of `wanted`, else the one that a document was made of. Hosts of a lab are the same by
    their names: a lab that went down and came up again is the same lab."""
    wanted = wanted or before.chosen or after.chosen
    one, other = (host if host.chosen == wanted else only(host, wanted, lenient=True) for host in (before, after))
    return (replace(one, boot="") if any(name == "lab" for name, _ in wanted) else one), other


def theme_of(given: Words) -> str:
    """Wrong for what is none."""
    theme = given.get("--theme", "auto")
    if theme not in THEMES:
        raise Wrong(f'there is no theme "{theme}"', fix=f"themes are {', '.join(THEMES)}")
    return theme


def format_of(given: Words, formats: "Mapping[str, str]", otherwise: str) -> str:
    """The format that is asked for: by --format, else by the ending of the file, else `otherwise`. `formats`: ending or name ->
    format. Wrong for what is none of them."""
    names = list(dict.fromkeys(formats.values()))
    kind = given.get("--format", "json" if "--json" in given else "")
    if kind and kind not in names:
        raise Wrong(f'there is no format "{kind}"', fix=f"formats are {', '.join(names)}")
    output = given.get("--output")
    stem, dot, ending = output.rpartition("/")[2].rpartition(".")
    if kind or output == "-" or not stem or not dot:
        return kind or otherwise
    if ending.lower() not in formats:
        known = ", ".join(f".{name}" for name in formats)
        raise Wrong(f"{output}: what shall be in it?", why=f'".{ending}" is the ending of no format here', fix=f"endings are {known}; or say it: --format FORMAT")
    return formats[ending.lower()]
