"""Moving a link to another namespace and keeping what the kernel drops on the way: addresses, routes, up.

A move loses addresses, routes, the UP flag, the bridge it was a port of and its permanent neighbours, without a word.
"""

import os

from ..errors import Gone, KernelError
from ..kernel.references import open_namespace
from ..plan import ops
from ..plan.restore import Snapshot
from .apply import apply, apply_one
from .session import Session
from .snapshot import snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..plan.ops import MessageOp


def keep(session: Session, link: str, target: str, name: str = "") -> list[str]:
    """Move `link` into the namespace `target` (as `name`), and give it there what it had; what could not be kept, in words.

    Gone when link or namespace is not there; KernelError when the move is refused: then everything is as it was. When the
    link cannot be given its things there, it is moved back and set up as before, and the error is raised.
    """
    index = session.index(link)
    before = _of_link(snapshot(session), index)
    inside = open_namespace(target)
    try:
        with Session(inside) as there:
            renamed = {"ifname": name} if name else {}
            apply_one(ops.SetLink({"index": index}, {"net_ns_fd": target, **renamed}), session)
            return _settle(there, name or link, before)
    finally:
        os.close(inside)


def _of_link(whole: Snapshot, index: int) -> Snapshot:
    """What belongs to one link."""
    mine = {key: op for key, op in whole.objects.items() if index in (op.header.get("index"), op.settings.get("oif"))}
    return Snapshot({index: whole.links[index]}, mine)


def _settle(there: Session, name: str, before: Snapshot) -> list[str]:
    """Up, addresses, neighbours, routes in the new place; the last ones that were refused, in words."""
    found = there.link(name)
    if found is None:
        raise Gone(f'Cannot find device "{name}" after the move')
    old = next(iter(before.links))
    links = before.links[old]
    wanted: list[MessageOp] = []
    if links["flags"] & 1:
        wanted.append(ops.SetLink({"index": found["index"], "flags": 1, "change": 1}, {}))
    wanted += [_moved(op, old, int(found["index"])) for op in before.objects.values()]
    results = apply(wanted, there)
    refused = [f"{type(op).__name__}: {error}" for op, error in zip(wanted, results, strict=True) if _counts(error)]
    return refused + (["it is no longer a port of its bridge"] if links.get("master") else [])


def _counts(error: KernelError | None) -> bool:
    """EEXIST is what was wanted: the kernel makes an IPv6 link-local address by itself."""
    return error is not None and error.errno != 17


def _moved(op: "MessageOp", old: int, new: int) -> "MessageOp":
    """The same object for the link's index in the new place."""
    header = {**op.header, "index": new} if op.header.get("index") == old else op.header
    settings = {**op.settings, "oif": new} if op.settings.get("oif") == old else op.settings
    return type(op)(header, settings)
