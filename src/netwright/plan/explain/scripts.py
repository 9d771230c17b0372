"""A plan as a script for /bin/sh that stops at the first mistake.

It differs from its commands one by one in two points: files are laid over for each namespace that sees them, and an IPv4 address
that may have gone along with the first one of its subnet is looked for before it is deleted (the engine takes what is gone for
removed).
"""

from .. import ops
from . import files, joined, shell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..ops import Op

    Places = set[tuple[str, str]]

HEAD = "#!/bin/sh\nset -e\n"
_INET = 2


def script(plan: "Iterable[Op]", views: "Mapping[str, Iterable[str]]") -> str:
    """The whole, with a line end; `views`: the namespaces that see the files of each view."""
    todo = list(plan)
    several = _several(todo)
    return HEAD + "".join(f"{_piece(op, views, several)}\n" for op in todo)


def _piece(op: "Op", views: "Mapping[str, Iterable[str]]", several: "Places") -> str:
    if isinstance(op, (ops.PutFile, ops.RemoveFile)):
        return files.shell(op, views.get(op.view))
    if isinstance(op, ops.DeleteAddress) and op.header["family"] == _INET and _place(op) in several:
        inside = ["-n", op.namespace] if op.namespace else []
        look = joined(["ip", *inside, "address", "show", "dev", str(op.header["index"]), "to", op.settings["local"]])
        return f'[ -z "$({look})" ] || {shell(op)}'
    return shell(op)


def _place(op: ops.DeleteAddress) -> tuple[str, str]:
    return op.namespace, op.header["index"]


def _several(todo: "list[Op]") -> "Places":
    """Devices that lose more than one IPv4 address."""
    seen: Places = set()
    twice: Places = set()
    for op in todo:
        if isinstance(op, ops.DeleteAddress) and op.header["family"] == _INET and op.settings.get("local"):
            (twice if _place(op) in seen else seen).add(_place(op))
    return twice
