"""Files laid over those of the machine, in the way of `ip netns exec`: /etc/netns/NAME/FILE lies over /etc/FILE there.

That way reaches files right below /etc and no others; for any other path a comment says so.
"""

from .. import ops
from . import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    FileOp = ops.PutFile | ops.RemoveFile

NETNS = "/etc/netns"


def shell(op: "FileOp", names: "Iterable[str] | None" = None) -> str:
    """The commands, for each of the namespaces `names` (without them: of the one called like the view, "@" for the view "")."""
    directory, _, file = op.path.rpartition("/")
    if directory != "/etc" or not file:
        return f"# {' '.join(op.path.split())}: ip netns exec lays files only over those right below /etc"
    seen_by = [op.view or "@"] if names is None else list(names)
    if not seen_by:
        return f"# {op.path}: no namespace sees it"
    return "\n".join(_one(op, f"{NETNS}/{name}", file) for name in seen_by)


def _one(op: "FileOp", directory: str, file: str) -> str:
    path = quoted(f"{directory}/{file}")
    if isinstance(op, ops.RemoveFile):
        return f"rm -f {path}"
    return f"mkdir -p {quoted(directory)}\n{_written(op.text, path)}"


def _written(text: str, path: str) -> str:
    if not text.endswith("\n"):
        return f"printf %s {quoted(text)} >{path}"  # a here-document always ends a line
    end = "EOF"
    while f"\n{end}\n" in "\n" + text:
        end += "_"
    return f"cat >{path} <<'{end}'\n{text}{end}"
