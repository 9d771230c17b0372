"""Who is plugged in where: every cable, and every device that stands on one in another namespace, as pairs of ends."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import End, HostMap, Link, Space

    Links = dict[str, dict[str, Link]]

STANDS_ON = "stands"


class Run:
    """One cable of the map: its ends, whether it carries, `kind` veth, netkit or STANDS_ON (`other` is then the lower device)."""

    __slots__ = ("kind", "one", "other", "up")

    def __init__(self, one: "End", other: "End", kind: str, up: bool) -> None:
        self.one, self.other, self.kind, self.up = one, other, kind, up


def links_of(host: "HostMap") -> "Links":
    """The devices of every namespace by name."""
    return {space.id: {link.name: link for link in space.links} for space in host.namespaces}


def runs(host: "HostMap", links: "Links") -> "list[Run]":
    """Every run between two devices that are on the map, in the map's order."""
    out = []
    for cable in host.cables:
        if _there(cable.one, links) and _there(cable.other, links):
            out.append(Run(cable.one, cable.other, cable.kind, cable.up))
    for space in host.namespaces:
        for link in space.links:
            if link.lower and link.lower[0] != space.id and _there(link.lower, links):
                out.append(Run((space.id, link.name), link.lower, STANDS_ON, link.state in ("up", "unknown")))
    return out


def _there(end: "End", links: "Links") -> bool:
    return end[1] in links.get(end[0], ())


def masters(space: "Space") -> "set[str]":
    """Names of the devices that others are ports of."""
    return {link.master for link in space.links if link.master}
