"""Going back: the operations that lead from what is now to what was before, in one namespace. Pure.

A `Snapshot` holds links by index (so that a rename is a change of a link and not another link), and addresses, routes,
neighbours and rules as the operations that would make them.
"""

from ..model.value import value
from . import ops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .ops import MessageOp

    Fields = dict[str, Any]

_UP = 1
# IFF_UP, NOARP, PROMISC, ALLMULTI, MULTICAST, DYNAMIC: what `ip link set` can change
_SETTABLE = 0x1 | 0x80 | 0x100 | 0x200 | 0x1000 | 0x8000


@value
class Snapshot:
    """One namespace: `links` index -> settings and flags; `objects` a key -> the operation that makes it."""

    links: "dict[int, Fields]"
    objects: "dict[str, MessageOp]"


_INVERSE: "dict[type, type[ops.DeleteAddress | ops.DeleteRoute | ops.DeleteNeighbour | ops.DeleteRule]]" = {
    ops.AddAddress: ops.DeleteAddress,
    ops.AddRoute: ops.DeleteRoute,
    ops.AddNeighbour: ops.DeleteNeighbour,
    ops.AddRule: ops.DeleteRule,
}


def restore(now: Snapshot, before: Snapshot) -> "list[MessageOp]":
    """What to do, in an order that the kernel accepts: objects go, links go, links change, objects come back."""
    wanted: list[MessageOp] = []
    for key in reversed([key for key in now.objects if key not in before.objects]):
        made = now.objects[key]
        wanted.append(_INVERSE[type(made)](made.header, made.settings))
    wanted += [ops.DeleteLink({"index": index}, {}) for index in now.links if index not in before.links]
    for index, link in before.links.items():
        if index in now.links:
            wanted += _changes(index, now.links[index], link)
    wanted += [op for key, op in before.objects.items() if key not in now.objects]
    return wanted


def _changes(index: int, now: "Fields", before: "Fields") -> "list[MessageOp]":
    different = {name: old for name, old in before.items() if name != "flags" and now.get(name) != old}
    flags = (now["flags"] ^ before["flags"]) & _SETTABLE
    out: list[MessageOp] = []
    if "ifname" in different and now["flags"] & _UP:
        # A device that is up keeps its name on older kernels.
        out.append(ops.SetLink({"index": index, "flags": 0, "change": _UP}, {}))
        flags |= before["flags"] & _UP
    if different:
        out.append(ops.SetLink({"index": index}, different))
    if flags:
        out.append(ops.SetLink({"index": index, "flags": before["flags"] & _SETTABLE, "change": flags}, {}))
    return out


def lost(now: Snapshot, before: Snapshot) -> list[str]:
    """The names of links that were there before and cannot be made again as they were."""
    return [str(link["ifname"]) for index, link in before.links.items() if index not in now.links]
