"""What is written into the boxes: the name of a namespace, whose it is, addresses, published ports."""

from ..spoken import Index
from .words import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...model.address import Address
    from ..model import HostMap, Link, Space

# Kinds of owners that have a colour of their own; all others look alike.
TONES = ("host", "docker", "podman", "kubernetes", "containerd", "lab", "network")


def tone(space: "Space") -> str:
    """The name of its colours."""
    kind = space.owners[0].kind if space.owners else ""
    return kind if kind in TONES else "other"


def title(space: "Space") -> str:
    """How it is called."""
    return clean(space.name or space.id)


def note(space: "Space") -> str:
    """Whose it is, or what keeps it alive, or why nothing is known of it."""
    if space.state != "ok":
        return clean(f"{space.state}: {space.why}" if space.why else space.state)
    owner = space.owners[0] if space.owners else None
    if owner is None:
        return clean(held(space))
    words = [owner.kind if owner.kind not in (space.name, "name") else "", owner.group]
    if owner.name not in (space.name, owner.kind):
        words.append(owner.name)
    return clean(" · ".join(word for word in words if word))


def held(space: "Space") -> str:
    """By what."""
    if space.names:
        return "named"
    kinds = ", ".join(f"{kind} ×{count}" if count > 1 else kind for kind, count in space.held)
    return f"held by {kinds}" if kinds else ""


def addresses(space: "Space") -> "dict[str, list[str]]":
    """The addresses of each device that somebody gave it: every device makes fe80:: for itself, and a picture has no room for that."""
    given: dict[str, list[str]] = {}
    for address in space.addresses:
        if not address.address.startswith("fe80:"):
            given.setdefault(address.link, []).append(_text(address))
    return given


def _text(address: "Address") -> str:
    return clean(f"{address.address} peer {address.peer}" if address.peer else address.address)


def few(found: "Iterable[str]") -> str:
    """The first, and how many more."""
    words = list(found)
    return "" if not words else words[0] if len(words) == 1 else f"{words[0]} +{len(words) - 1}"


def told(link: "Link", found: "Iterable[str]") -> str:
    """All of a device, for who rests the mouse on it."""
    words = [link.name, link.kind, link.state, f"mtu {link.mtu}" if link.mtu else "", link.mac, *found, *link.altnames, link.alias, link.lost]
    return clean(" · ".join(word for word in words if word))


def style(link: "Link", wired: bool) -> str:
    """How its mark looks: a lost end is one whose other end is not on the map."""
    if link.lost:
        return "lost"
    return "free" if not wired else "up" if link.up and link.state in ("up", "unknown") else "down"


def published(host: "HostMap") -> "dict[str, list[str]]":
    """id of a namespace -> the ports that are handed on to it; to an address that is not on the map: of the one that does it."""
    out: dict[str, list[str]] = {}
    publishing = [space for space in host.namespaces if space.published]
    index = Index(host) if publishing else None
    for space in publishing:
        for port in space.published:
            owner = index.owner(space, port.to_address) if index else None
            target = owner[0] if owner else ""
            ports = f"{port.port}-{port.last}" if port.last > port.port else str(port.port)
            behind = f" → {port.to_port}" if port.to_port and target else f" → {port.to_address}:{port.to_port or ports}" if not target else ""
            word = clean(f"⇥ {port.address}:{ports}{behind}/{port.protocol}")
            rows = out.setdefault(target or space.id, [])
            if word not in rows:
                rows.append(word)
    return out


def span(names: "list[str]") -> str:
    """First and last of many; of addresses in one network the last only by its end: 10.0.0.1 … 20/24."""
    known = list(dict.fromkeys(name for name in names if name))
    if len(known) < 2:
        return "".join(known)
    first, last = known[0], known[-1]
    (start, _, length), (end, _, same) = first.partition("/"), last.partition("/")
    dot = "." if "." in start else ":"
    if length and length == same and start.rpartition(dot)[0] == end.rpartition(dot)[0]:
        return f"{start} … {end.rpartition(dot)[2]}/{length}"
    return f"{first} … {last}"
