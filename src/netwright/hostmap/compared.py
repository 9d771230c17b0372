"""Two maps of one host, and what is different: `nw map --diff before.json [after.json]`. Pure.

Namespaces are matched by their number where both maps are of one boot, else by name; devices by name, what repeats by its value.
Counters, times and process numbers are no difference.
"""

from __future__ import annotations

from ..model.value import value
from . import spoken
from .model import HostMap, Link, Space
from .spoken import Index, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

_LINK_FIELDS = ("kind", "up", "state", "mac", "mtu", "master", "altnames", "alias", "group", "qdisc", "options", "port", "flags")


@value
class Difference:
    """`sign` is + (new), - (gone) or ~ (changed); `kind` namespace, device, cable, address, route …; `where` the namespace;
    `what` it is about, and `detail` how it changed."""

    sign: str
    kind: str
    where: str
    what: str
    detail: str = ""

    def __str__(self) -> str:
        head = " ".join(word for word in (self.sign, self.kind, shown(self.where), self.what) if word)
        return shown(f"{head}: {self.detail}" if self.detail else head)


def compared(before: HostMap, after: HostMap) -> list[Difference]:
    """What is different, namespace by namespace."""
    details = set(before.detail) & set(after.detail)
    old, new = Index(before), Index(after)
    pairs = _matched(before, after)
    out = [Difference("-", "namespace", space.name, "", _owner(space)) for space in before.namespaces if space.id not in pairs]
    arrived = set(pairs.values())
    for space in after.namespaces:
        if space.id not in arrived:
            out.append(Difference("+", "namespace", space.name, "", _owner(space)))
    for one, other in pairs.items():
        out += _space(old, new, old.spaces[one], new.spaces[other], details)
    return [*out, *_cables(old, new, pairs, before, after)]


def _matched(before: HostMap, after: HostMap) -> dict[str, str]:
    """id before -> id after."""
    if before.boot == after.boot and before.boot:
        now = {(space.id, space.cookie) for space in after.namespaces}
        return {space.id: space.id for space in before.namespaces if (space.id, space.cookie) in now}
    names = {space.name: space.id for space in after.namespaces}
    return {space.id: names[space.name] for space in before.namespaces if space.name in names}


def _owner(space: Space) -> str:
    return shown(f"{space.owners[0].kind} {space.owners[0].name}") if space.owners else ""


def _space(old: Index, new: Index, before: Space, after: Space, details: set[str]) -> Iterator[Difference]:
    if before.name != after.name:
        yield Difference("~", "namespace", after.name, "", f"was called {shown(before.name)}")
    if before.state != after.state:
        yield Difference("~", "namespace", after.name, "", f"{before.state} → {after.state} {shown(after.why)}".strip())
    yield from _links(old, new, before, after)
    yield from _sets("address", after.name, _addresses(before), _addresses(after))
    if "routes" in details:
        yield from _sets("route", after.name, _routes(before), _routes(after))
        yield from _sets("rule", after.name, map(_plain, before.rules), map(_plain, after.rules))
        if before.forwarding != after.forwarding:
            yield Difference("~", "forwarding", after.name, "", "on" if after.forwarding else "off")
    if "nft" in details:
        yield from _sets("published", after.name, map(_published, before.published), map(_published, after.published))
        yield from _sets("chain", after.name, map(_chain, before.chains), map(_chain, after.chains))
        yield from _sets("nat", after.name, (r.text for r in before.nat), (r.text for r in after.nat))
    if "sockets" in details:
        yield from _sets("listener", after.name, map(_listener, before.listeners), map(_listener, after.listeners))


def _links(old: Index, new: Index, before: Space, after: Space) -> Iterator[Difference]:
    had, has = ({link.name: link for link in space.links} for space in (before, after))
    yield from (Difference("-", "device", after.name, shown(name), had[name].kind) for name in had if name not in has)
    for name, link in has.items():
        if name not in had:
            yield Difference("+", "device", after.name, shown(name), link.kind)
        elif changes := list(_changes(had[name], link)):
            yield Difference("~", "device", after.name, shown(name), ", ".join(changes))


def _changes(before: Link, after: Link) -> Iterator[str]:
    for field in _LINK_FIELDS:
        was, now = getattr(before, field), getattr(after, field)
        if was != now:
            yield f"{field} {_word(was)} → {_word(now)}"


def _word(item: Any) -> str:
    if isinstance(item, bool):
        return "yes" if item else "no"
    if isinstance(item, tuple):
        return shown(" ".join(f"{one[0]}={one[1]}" if isinstance(one, tuple) else str(one) for one in item)) or "none"
    return shown(str(item)) or "none"


def _sets(kind: str, where: str, before: Iterable[str], after: Iterable[str]) -> Iterator[Difference]:
    had, has = dict.fromkeys(before), dict.fromkeys(after)
    yield from (Difference("-", kind, where, one) for one in had if one not in has)
    yield from (Difference("+", kind, where, one) for one in has if one not in had)


def _addresses(space: Space) -> Iterator[str]:
    """Without fe80::, which comes and goes with its device."""
    return (shown(f"{one.address} on {one.link}") for one in space.addresses if not one.address.startswith("fe80:"))


def _routes(space: Space) -> Iterator[str]:
    return (_route(one) for one in space.routes if not one.to.startswith(("fe80:", "ff00:")))


def _route(one: Any) -> str:
    words = [one.to, f"via {one.via}" if one.via else "", f"dev {one.link}" if one.link else "", one.type if one.type != "unicast" else ""]
    words += [f"via {hop.via} dev {hop.link}" for hop in one.nexthops]
    words += [f"metric {one.metric}" if one.metric else "", f"table {one.table}" if one.table != 254 else ""]
    return shown(" ".join(word for word in words if word))


def _plain(one: Any) -> str:
    return shown(" ".join(f"{name} {getattr(one, name)}" for name in one.__slots__ if getattr(one, name) != one.__defaults__.get(name)))


def _published(one: Any) -> str:
    return f"{spoken.port(one)} → {spoken.target(one)}"


def _chain(one: Any) -> str:
    return shown(f"{one.table} {one.name} hook {one.hook} priority {one.priority} policy {one.policy}")


def _listener(one: Any) -> str:
    return shown(f"{one.protocol} {one.address or '*'}:{one.port} {one.comm}".strip())


def _cables(old: Index, new: Index, pairs: dict[str, str], before: HostMap, after: HostMap) -> Iterator[Difference]:
    def told(index: Index, host: HostMap, now: dict[str, str]) -> Iterator[str]:
        for cable in host.cables:
            # By the names of today: one that is called otherwise now has the same cables.
            ends = sorted(f"{new.name(now[id]) if id in now else index.name(id)} {shown(name)}" for id, name in (cable.one, cable.other))
            yield " ↔ ".join(ends)

    yield from _sets("cable", "", told(old, before, pairs), told(new, after, {}))
