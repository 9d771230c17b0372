"""A lab of one's own on the map, without being root: its namespaces are read by a child process inside the lab.

Without root nobody enters a namespace from outside (it takes CAP_SYS_ADMIN here, too); into a lab of one's own the way leads through
its user namespace, from which there is no way back. Names, holders and process numbers stay those that are seen from outside.
"""

from ..hostmap.model import HostMap, Problem, Space
from ..model.value import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OUTSIDE = ("name", "owners", "names", "held", "holders", "device")


def entered(host: HostMap, lab: str, details: "Sequence[str]") -> HostMap:
    """The map with what is in the namespaces of this lab, if it runs and is the caller's."""
    from ..errors import NetwrightError
    from ..hostmap.take import take
    from ..lab.held import Held
    from ..lab.inside import inside

    unseen = {space.id: space for space in host.namespaces if space.state == "unseen" and any(o.kind == "lab" and o.group == lab for o in space.owners)}
    if not unseen:
        return host
    try:
        found: HostMap = inside(Held(lab).holder(), lambda _: take(details))
    except NetwrightError:
        return host  # another user's: it stays unseen, and the map says why
    there = {space.id: _seen(space, unseen[space.id]) for space in found.namespaces if space.id in unseen}
    spaces = tuple(there.get(space.id, space) for space in host.namespaces)
    cables = tuple(cable for cable in found.cables if cable.one[0] in there or cable.other[0] in there)
    wired = tuple(sorted({*host.cables, *cables}, key=lambda cable: (cable.one, cable.other)))
    return replace(host, namespaces=spaces, cables=wired, problems=tuple(_problems(host, spaces)))


def _problems(host: HostMap, spaces: "Sequence[Space]") -> "Iterator[Problem]":
    """Those of before; how many namespaces could not be entered is counted anew."""
    left = sum(1 for space in spaces if space.state == "unseen" and space.inode)
    for problem in host.problems:
        if problem.kind != "unentered":
            yield problem
        elif left:
            yield replace(problem, what=f"{left} namespace{'s' if left > 1 else ''} could not be entered")


def _seen(space: Space, outside: Space) -> Space:
    return replace(space, **{field: getattr(outside, field) for field in _OUTSIDE})
