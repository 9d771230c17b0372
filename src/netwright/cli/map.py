"""`nw map`: every network namespace of this host, who holds it, how it is wired; as a tree, JSON or a picture; and what changed."""

import os
import sys

from ..errors import CallFailed, Conflict, Invalid
from .map_choice import ENDINGS, comparable, filters, format_of, only, theme_of
from .text import put, put_all
from .words import Words, Wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..hostmap.compared import Difference
    from ..hostmap.model import HostMap
    from .map_choice import Filters

_OPTIONS = {
    "--format": "FORMAT", "-f": "--format", "--json": "", "-o": "--output", "--output": "FILE", "--force": "",
    "--namespace": "NAME", "-n": "--namespace", "--kind": "KIND", "--container": "NAME", "--path": "", "--detail": "WORDS", "--from": "FILE",
    "--remote": "URL", "--sudo": "", "--lab": "NAME", "--diff": "FILE", "--all": "", "--schema": "", "--theme": "light|dark|auto",
}  # fmt: skip
_PICTURES = ("svg", "html", "dot", "mermaid", "png")
FORMATS = ("text", "json", *_PICTURES)
_FORMATS = {name: name for name in FORMATS} | ENDINGS


def main(words: list[str]) -> int:
    """What was asked for on stdout, or into FILE. `--diff` ends with 1 when there is a difference."""
    given = Words(words, _OPTIONS, "[A] [B]")
    if "--schema" in given:
        from ..hostmap import schema

        put_all(schema.text())
        return 0
    kind = format_of(given, _FORMATS, "text")
    if "--diff" in given:
        return _diff(given, kind)
    theme_of(given)
    if bool(given.names) != ("--path" in given) or ("--path" in given and len(given.names) != 2):
        raise Wrong("--path takes two namespaces, and nothing else takes a name", fix="nw map --path A B; or nw map --namespace NAME")
    output = given.get("--output")
    may_write(kind, output, "--force" in given)
    wanted = filters(given)
    whole = the_map(given, _details(given, kind), wanted)
    host = only(whole, wanted)
    if kind == "text" and not output:
        from .map_text import show

        show(whole if "--path" not in given else host, {space.id for space in host.namespaces} if host is not whole else None, whole="--all" in given)
        return 0
    put_file(written(host, kind, given), output)
    return 0


def may_write(kind: str, output: str, force: bool) -> None:
    """Before anything is looked at. Conflict, CallFailed when it cannot be done in the end."""
    if output and output != "-" and os.path.isdir(output):
        raise Conflict(f"{output} is a directory", fix=f"name a file in it: -o {os.path.join(output, 'map.' + (kind if kind != 'text' else 'txt'))}")
    if output and output != "-" and os.path.exists(output) and not force:
        stem, ending = os.path.splitext(output)
        raise Conflict(f"{output} is there already", fix=f"--force overwrites it, or take another name: -o {stem}.new{ending}")
    if kind == "png":
        from .map_png import renderer

        renderer()


def _details(given: Words, kind: str) -> "Sequence[str]":
    from ..hostmap.take import DETAILS

    words = given.get("--detail", "all" if kind == "json" else "nft").split(",")
    unknown = [word for word in words if word not in (*DETAILS, "all", "none")]
    if unknown:
        raise Wrong(f'there is no detail "{unknown[0]}"', fix=f"details are {', '.join(DETAILS)}; all; none")
    details = DETAILS if "all" in words else tuple(word for word in words if word != "none")
    # A way out is told by routes.
    return (*details, "routes") if "--path" in given and "routes" not in details else details


def the_map(given: Words, details: "Sequence[str]", wanted: "Filters" = ()) -> "HostMap":
    """Of this host, of the file that --from names, or of the machine that --remote does. `wanted`: what will be left of it."""
    if "--sudo" in given and "--remote" not in given:
        raise Wrong("--sudo is for another machine", fix="here: sudo nw map; there: nw map --remote ssh://HOST --sudo")
    if "--from" in given and "--remote" in given:
        raise Wrong("one map at a time", why="--from is a file, --remote another machine", fix="nw map --remote ssh://HOST")
    if "--from" in given:
        return read(given.get("--from"))
    if "--remote" in given:
        from .map_remote import taken

        return taken(given.get("--remote"), details, sudo="--sudo" in given)
    return of_this_host(details, [word for name, word in wanted if name == "lab"])


def of_this_host(details: "Sequence[str]", labs: "Sequence[str]" = ()) -> "HostMap":
    """As this user may see it; their own `labs` are looked at from inside where it takes that."""
    from ..hostmap.take import take
    from .map_names import register_all

    register_all()
    host = take(details, check=os.geteuid() == 0)
    if labs and os.geteuid():
        from .map_labs import entered

        for lab in labs:
            host = entered(host, lab, details)
    return host


def read(path: str) -> "HostMap":
    """A map from a file (-: from stdin). CallFailed, Invalid."""
    import json

    from ..hostmap.plain import from_plain

    try:
        if path == "-":
            return from_plain(json.load(sys.stdin))
        with open(path, encoding="utf-8") as file:
            return from_plain(json.load(file))
    except OSError as error:
        raise CallFailed(f"cannot read {path}: {error.strerror}", error.errno or 0, fix="make one with: nw map --format json > FILE") from None
    except (ValueError, RecursionError) as error:
        raise Invalid(f"{path} is no map", why=str(error), fix="make one with: nw map --json > FILE") from None


# -- writing ---------------------------------------------------------------------------------------------------------------


def written(host: "HostMap", kind: str, given: Words) -> "str | bytes":
    if kind == "json":
        import json

        from ..hostmap.plain import to_plain

        return json.dumps(to_plain(host)) + "\n"
    if kind == "text":
        from ..hostmap.tree import lines, tree

        return "\n".join([*lines(tree(host, whole="--all" in given)), ""])
    return _picture(host, kind, given)


def _picture(host: "HostMap", kind: str, given: Words) -> "str | bytes":
    from ..hostmap.drawing import formats

    fewest = 0 if "--all" in given else formats.FEWEST
    if kind == "png":
        from .map_png import png

        return png(formats.drawn(host, "svg", fewest=fewest, theme="light"))
    return formats.drawn(host, kind, fewest=fewest, theme=theme_of(given))


def put_file(what: "str | bytes", output: str) -> None:
    data = what if isinstance(what, bytes) else what.encode("utf-8", "surrogateescape")
    if not output or output == "-":
        put_all(data)
        return
    try:
        with open(output, "wb") as file:
            file.write(data)
    except OSError as error:
        raise CallFailed(f"cannot write {output}: {error.strerror}", error.errno or 0) from None


def _diff(given: Words, kind: str) -> int:
    """Nothing is printed, and 0 returned, when nothing is different. The file that was asked for is written in any case."""
    from ..hostmap.compared import compared

    if len(given.names) > 1 or "--path" in given:
        raise Wrong("--diff takes one file, and one more to compare it with", fix="nw map --diff before.json [after.json]")
    if kind in _PICTURES:
        raise Wrong("a difference is no picture", fix="as text: -o FILE.txt; as JSON: --json, -o FILE.json; a picture of what is now: nw map -o FILE.svg")
    output = given.get("--output")
    may_write(kind, output, "--force" in given)
    before = read(given.get("--diff"))
    wanted = filters(given)
    after = read(given.names[0]) if given.names else the_map(given, before.detail, wanted or before.chosen)
    found = compared(*comparable(before, after, wanted))
    _put_differences(found, kind, output)
    return 1 if found else 0


def _put_differences(found: "Sequence[Difference]", kind: str, output: str) -> None:
    from ..hostmap.plain import record

    if kind == "json":
        import json

        put_file(json.dumps([record(one) for one in found], ensure_ascii=False) + "\n", output)
    elif output and output != "-":
        put_file("".join(f"{one}\n" for one in found), output)
    else:
        from .map_text import signed

        for one in found:
            put(signed(str(one)))
