"""`nw who`: whose a device, an address, a port, a container or a process is; its other end, and its way to the outside. Pure."""

from __future__ import annotations

from . import spoken
from .model import HostMap, Link, Space, link_of
from .select import named
from .spoken import Index, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import End, Published

_LONGEST = 32


class Hit:
    """Something that a word means: `kind` (device, address, port, published, namespace), where, and what is to be told of it."""

    __slots__ = ("device", "kind", "lines", "space", "what")

    def __init__(self, kind: str, what: str, space: Space, device: str = "", lines: tuple[tuple[str, str], ...] = ()) -> None:
        self.kind, self.what, self.space, self.device = kind, shown(what), space, device
        self.lines = tuple((name, shown(text)) for name, text in lines)


def hits(host: HostMap, word: str) -> list[Hit]:
    """Everything that a word means: `:8080`, `tcp:8080`, `10.0.0.5:8080`, an address, a hardware address, a device, a namespace, the
    path of one, a container, a PID."""
    index = Index(host)
    protocol, colon, port = word.rpartition(":")
    number = spoken.number(port)
    if colon and number >= 0 and protocol in ("", "tcp", "udp"):
        return list(_ports(host, index, protocol, number))
    address = _address(word)
    found = [*_addresses(host, index, address), *_devices(host, index, word)]
    if colon and number >= 0 and not address and (address := _address(protocol)):
        owners = {id for id, _ in index.owned.get(address, ())}
        return [hit for hit in _ports(host, index, "", number, address) if hit.space.id in owners]
    return found + [_namespace(host, index, space) for space in named(host, word)]


def is_port(word: str) -> bool:
    """Whether a port is asked for, of all or of one address. An IPv6 or hardware address can end like one."""
    before, colon, port = word.rpartition(":")
    return bool(colon) and spoken.number(port) > 0 and (before in ("", "tcp", "udp") or (not _address(word) and bool(_address(before))))


def impossible(word: str) -> str:
    """Why nothing can ever be meant by a word that is written like a port; "" where something could be."""
    before, colon, port = word.rpartition(":")
    if not colon or before not in ("", "tcp", "udp"):
        return ""
    if not (port.isascii() and port.isdigit()):
        return "a port is a number"
    return "" if 0 < spoken.number(port) < 65536 else "ports are 1 to 65535"


def nearest(host: HostMap, word: str) -> str:
    """The name on the map that a word which means nothing is most like; "" for none."""
    from difflib import get_close_matches

    names = {space.name for space in host.namespaces} | {owner.name for space in host.namespaces for owner in space.owners}
    names |= {name for space in host.namespaces for link in space.links for name in (link.name, *link.altnames)}
    return next(iter(get_close_matches(word, sorted(names), 1, 0.7)), "")


def _address(word: str) -> str:
    """As the map has it: without a prefix's length, a zone, brackets; a mapped one as the IPv4 address that it is. "" for what is none."""
    from ipaddress import ip_address

    word = word.partition("/")[0].partition("%")[0]
    try:
        found = ip_address(word[1:-1] if word[:1] + word[-1:] == "[]" else word)
    except ValueError:
        return ""
    return str(getattr(found, "ipv4_mapped", None) or found)


def _ports(host: HostMap, index: Index, protocol: str, port: int, address: str = "") -> Iterator[Hit]:
    """`address`: only those that are reached at it."""
    for space in host.namespaces:
        for one in space.published:
            if one.port <= port <= one.last and protocol in ("", one.protocol) and _is_at(one.address, address):
                end = index.owner(space, one.to_address)
                end = None if end and end[0] == space.id else end
                lines = [("leads to", f"{spoken.target(one)} {_at(index, end) if end else ''}".strip()), ("by", shown(one.by))]
                lines += _behind(host, index, end, one, port) if end else []
                yield Hit("published", spoken.port(one), space, end[1] if end else "", tuple(lines))
        for listener in space.listeners:
            if listener.port == port and protocol in ("", listener.protocol) and _is_at(listener.address, address):
                where = f"{listener.protocol} {listener.address or '*'}:{port}"
                process = f"{shown(listener.comm)} (pid {listener.pid})" if listener.pid else "not known: its process cannot be seen"
                lines = [*(("owner", _owner(owner)) for owner in space.owners[:2]), ("process", process), *_way(host, index, space, _default(index, space))]
                yield Hit("port", where, space, listener.device, tuple(lines))


def _behind(host: HostMap, index: Index, end: End, one: Published, port: int) -> Iterator[tuple[str, str]]:
    """Whose the namespace is that a port (of several, maybe) is handed on to, and who listens there."""
    space = index.spaces[end[0]]
    yield from (("owner", _owner(owner)) for owner in space.owners[:2])
    for listener in space.listeners:
        if (listener.protocol, listener.port) == (one.protocol, one.to_port or port) and _is_at(listener.address, one.to_address) and listener.pid:
            yield "process", f"{shown(listener.comm)} (pid {listener.pid})"
    yield from _way(host, index, space, link_of(space, end[1]))


def _is_at(own: str, address: str) -> bool:
    return not address or own in ("", address)


def _addresses(host: HostMap, index: Index, address: str) -> Iterator[Hit]:
    for id, name in index.owned.get(address, ()):
        space = index.spaces[id]
        found = next(a.address for a in space.addresses if a.link == name and a.address.partition("/")[0] == address)
        yield Hit("address", found, space, name, tuple(_about(host, index, space, link_of(space, name))))


def _devices(host: HostMap, index: Index, word: str) -> Iterator[Hit]:
    mac = word.lower().replace("-", ":")
    for space in host.namespaces:
        for link in space.links:
            if word in (link.name, *link.altnames) or (link.mac and mac == link.mac):
                yield Hit("device", shown(link.name), space, link.name, tuple(_about(host, index, space, link)))


def _namespace(host: HostMap, index: Index, space: Space) -> Hit:
    lines = [("owner", _owner(owner)) for owner in space.owners]
    lines += [("state", shown(f"{space.state}: {space.why}"))] if space.state != "ok" else []
    lines += [("held by", ", ".join(f"{count} {kind}" for kind, count in space.held))] if space.held else []
    lines += [("device", _device(index, space, link)) for link in space.links if "loopback" not in link.flags]
    return Hit("namespace", shown(space.name), space, "", (*lines, *_way(host, index, space, _default(index, space) or _only(space))))


def _owner(owner: object) -> str:
    kind, name, id, group = (getattr(owner, field) for field in ("kind", "name", "id", "group"))
    more = [f"of {group}"] if group else []
    more += [id[:12]] if id and id[:12] != name else []
    return shown(f"{kind} {name}" + (f" ({', '.join(more)})" if more else ""))


def _device(index: Index, space: Space, link: Link) -> str:
    parts = [shown(link.name), *index.told((space.id, link.name)), spoken.state(link)]
    parts += [f"↔ {_at(index, link.peer)}"] if link.peer else ["↔ ?"] if link.lost else []
    parts += [f"on {_at(index, link.lower)}"] if link.lower else []
    return " ".join(part for part in parts if part)


def _at(index: Index, end: End) -> str:
    return f"{index.name(end[0])} {shown(end[1])}"


def _about(host: HostMap, index: Index, space: Space, link: Link | None) -> Iterator[tuple[str, str]]:
    if link is None:
        return
    yield from (("owner", _owner(owner)) for owner in space.owners[:2])
    addresses = index.told((space.id, link.name))
    if addresses:
        yield "addresses", shown(", ".join(addresses))
    if link.master:
        yield "port of", shown(link.master)
    if link.peer:
        yield "other end", " ".join((_at(index, link.peer), *index.told(link.peer)))
    if link.lower:
        yield "stands on", _at(index, link.lower)
    if link.lost:
        yield "other end", shown(link.lost)
    yield from _way(host, index, space, link)


def _way(host: HostMap, index: Index, space: Space, link: Link | None) -> Iterator[tuple[str, str]]:
    way = way_out(host, index, space, link) if link else []
    if len(way) > 1:
        yield "way out", " → ".join(way)


def _default(index: Index, space: Space) -> Link | None:
    """The device of the default route."""
    return index.links.get((space.id, next((route.link for route in space.routes if route.to == "default" and route.link), "")))


def way_out(host: HostMap, index: Index, space: Space, link: Link) -> list[str]:
    """Device by device to where the default route of each namespace leads, as far as the map knows (routes are a detail)."""
    out = [_stop(index, (space.id, link.name))]
    been = {(space.id, link.name)}
    if onward := _onward(index, space.id, link):
        out.append(shown(onward.name))
    at = onward or link
    id = space.id
    while (there := at.peer or at.lower) and there not in been and there in index.links and len(out) < _LONGEST:
        been |= {(id, at.name), there}
        out.append(_stop(index, there))
        id = there[0]
        if not at.peer:
            at = index.links[there]  # what stands on a device uses it: it goes where that one goes
            continue
        onward = _onward(index, id, index.links[there])
        if onward is None or (id, onward.name) in been:
            break
        out.append(shown(onward.name))
        at = onward
    return out


def _only(space: Space) -> Link | None:
    """The one device that there is."""
    devices = [link for link in space.links if "loopback" not in link.flags]
    return devices[0] if len(devices) == 1 else None


def _onward(index: Index, id: str, came: Link) -> Link | None:
    """The device of the default route, where that is not the one (or the switch) that one has come by."""
    found = _default(index, index.spaces[id])
    return found if found and found.name not in (came.name, came.master) else None


def _stop(index: Index, end: End) -> str:
    master = index.links[end].master
    return _at(index, end) + (f" in {shown(master)}" if master else "")
