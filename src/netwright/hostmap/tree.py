"""The map as a tree of lines for a terminal: by switch, cables named at both ends, what looks alike folded into one line.

A namespace that has a single device is told where its cable ends, and not again; one with several has a part of its own. `Line`
says what is what, so that whoever prints it can colour it. Pure.
"""

from __future__ import annotations

from . import spoken
from .model import HostMap, Link, Space
from .spoken import Index, ranged, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from .model import End

    Words = list[tuple[str, str]]  # (text, how: name, device, kind, address, bad, dim, "")

_FEWEST = 4
_DEEPEST = 32  # devices on devices; the kernel allows 8, a file any number
_INSIDE = "⇄"  # between the ends of a cable within one namespace
_HIDDEN_OWNERS = ("name", "process", "host", "bind")


class Line:
    """One line of words, and the lines below it. `alike` is what has to be the same in lines that are folded, "" for never."""

    __slots__ = ("alike", "below", "leaf", "words")

    def __init__(self, words: Words, below: list[Line] | None = None, alike: str = "", leaf: tuple[str, str, str, tuple[str, ...]] | None = None) -> None:
        # Whatever it is made of: a kind and a state are the kernel's words here, but anybody's in a map from a file or another machine.
        self.words: Words = [(shown(text), how) for text, how in words]
        self.below, self.alike, self.leaf = below or [], alike, leaf

    @property
    def text(self) -> str:
        """The words in a row."""
        return " ".join(text for text, _ in self.words if text)


def tree(host: HostMap, only: Collection[str] | None = None, *, whole: bool = False) -> list[Line]:
    """A part for each namespace that is not told at the end of a cable; `only`: ids of those that are wanted; `whole`: nothing folded."""
    return _Tree(host, only, whole).parts()


def lines(parts: Iterable[Line]) -> list[str]:
    """The tree in plain text."""
    out: list[str] = []
    for part in parts:
        out.append(part.text)
        _drawn(part.below, "", out)
    return out


def _drawn(below: list[Line], margin: str, out: list[str]) -> None:
    for at, line in enumerate(below, 1):
        last = at == len(below)
        out.append(f"{margin}{'└─' if last else '├─'} {line.text}")
        _drawn(line.below, margin + ("   " if last else "│  "), out)


class _Tree:
    def __init__(self, host: HostMap, only: Collection[str] | None, whole: bool) -> None:
        self.host, self.only, self.whole, self.index = host, only, whole, Index(host)
        self.uppers: dict[End, list[End]] = {}
        self.ports: dict[End, list[Link]] = {}
        for space in host.namespaces:
            for link in space.links:
                if link.master:
                    self.ports.setdefault((space.id, link.master), []).append(link)
                if link.lower and (only is None or space.id in only):
                    self.uppers.setdefault(link.lower, []).append((space.id, link.name))
        self.told = self._inline()
        self.trail: list[End] = []

    def _inline(self) -> set[str]:
        """Namespaces with one device, whose other end is in a namespace that has a part of its own."""
        single: dict[str, End] = {}
        for space in self._wanted():
            devices = [link for link in space.links if "loopback" not in link.flags]
            if len(devices) == 1 and (there := devices[0].peer or devices[0].lower) and there[0] != space.id and not space.published:
                single[space.id] = there
        apart = {space.id for space in self._wanted()}
        single = {id: there for id, there in single.items() if there[0] in apart}
        return {id for id in single if not _is_first(id, single)}

    def _wanted(self) -> list[Space]:
        return [space for space in self.host.namespaces if self.only is None or space.id in self.only]

    def parts(self) -> list[Line]:
        """All of them; those that are empty and alike in one line."""
        full = [space for space in self._wanted() if space.id not in self.told]
        fewest = len(full) + 1 if self.whole else _FEWEST
        why: dict[tuple[str, str], list[Space]] = {}
        for space in full:
            if space.state != "ok" and not space.links:
                why.setdefault((space.state, space.why), []).append(space)
        closed = {key: spaces for key, spaces in why.items() if len(spaces) >= fewest}
        folded_ones = {space.id for spaces in closed.values() for space in spaces}
        full = [space for space in full if space.id not in folded_ones]
        empty = [space for space in full if _is_empty(space)]
        out = [self._part(space) for space in full if not _is_empty(space) or len(empty) < fewest]
        if len(empty) >= fewest:
            out.append(Line([(ranged([space.name for space in empty]), "name"), (f"({len(empty)} with nothing but lo)", "dim")]))
        for (state, reason), spaces in closed.items():
            out.append(Line([(ranged([space.name for space in spaces]), "name"), (f"({len(spaces)} {state}: {shown(reason)})", "bad")]))
        return out

    def _part(self, space: Space) -> Line:
        below = [self._switch(space, link) for link in space.links if self._is_switch(space, link) and not link.master]
        others = [link for link in space.links if not link.master and not self._is_switch(space, link) and "loopback" not in link.flags]
        others = [link for link in others if not self._is_second(space, link)]
        below += folded([self._device(space, link) for link in others if not (link.lower and link.lower[0] == space.id)])
        below += [self._published(space)] if space.published else []
        return Line([(shown(space.name), "name"), *_whose(space)], below)

    def _is_switch(self, space: Space, link: Link) -> bool:
        return link.kind in ("bridge", "bond", "vrf", "team") or (space.id, link.name) in self.ports

    def _switch(self, space: Space, link: Link) -> Line:
        ports = self._ports(space, link)
        words: Words = [(shown(link.name), "device"), (link.kind, "kind"), *self._addresses((space.id, link.name)), *_state(link)]
        return Line(words, folded(ports) + self._upper((space.id, link.name)))

    def _ports(self, space: Space, link: Link) -> list[Line]:
        """A bond can be the port of a bridge, and that one be in a vrf; a map from a file can have a ring of them."""
        end = (space.id, link.name)
        if end in self.trail or len(self.trail) > _DEEPEST:
            return []
        self.trail.append(end)
        ports = [self._device(space, port) for port in self.ports.get(end, ()) if not self._is_second(space, port)]
        self.trail.pop()
        return ports

    def _device(self, space: Space, link: Link) -> Line:
        end = (space.id, link.name)
        own = self._addresses(end)
        other = self.index.links.get(link.peer) if link.peer else None
        near, far = spoken.states(link, other)
        words: Words = [(shown(link.name), "device"), (_kind(link), "kind"), *own, *_bad(near)]
        below = self._ports(space, link) + self._upper(end) + (self._upper(link.peer, True) if link.peer and self._is_told_here(space, link.peer) else [])
        if link.lost:
            alike = "" if own or below or self.whole else f"lost {link.kind} {spoken.state(link)} {link.port}"
            return Line([*words, ("──", "dim"), ("?", "bad"), (shown(link.lost), "dim")], below, alike, (link.name, "", "", ()))
        if link.lower and link.lower[0] != space.id:
            words += [("on", "dim"), (self.index.name(link.lower[0]), "name"), (shown(link.lower[1]), "device")]
        if not link.peer:
            return Line(words, below)
        if link.peer[0] == space.id:
            return self._inside(link, words, below, link.peer)
        there, name = link.peer
        addresses = self.index.told(link.peer)
        words += [("──", "dim"), (self.index.name(there), "name"), (shown(name), "device"), *_listed(addresses), *_bad(far)]
        if there in self.told:
            words += _whose(self.index.spaces[there])
        alike = f"{link.kind} {near}/{far} {link.port} {name} {len(addresses)} {there in self.told} {_owner_kind(self.index.spaces.get(there))}"
        foldable = not (own or below or self.whole) and there in self.told
        return Line(words, below, alike if foldable else "", (link.name, self.index.name(there), name, addresses))

    def _is_second(self, space: Space, link: Link) -> bool:
        """The end of a cable within one namespace that is told with the other one, in one line: that in a switch, or the first by its name.
        A cable between two switches is told in both."""
        if not link.peer or link.peer[0] != space.id or link.lost:
            return False
        other = self.index.links.get(link.peer)
        if other is None or other.lost or other.peer != (space.id, link.name) or other is link:
            return False
        if link.master and other.master and link.master != other.master:
            return False
        return (not link.master, spoken.natural(link.name)) > (not other.master, spoken.natural(other.name))

    def _is_told_here(self, space: Space, far: End) -> bool:
        """Whether the other end of a cable from this namespace has no line of its own."""
        other = self.index.links.get(far)
        return far[0] in self.told or (far[0] == space.id and other is not None and self._is_second(space, other))

    def _inside(self, link: Link, words: Words, below: list[Line], peer: End) -> Line:
        """Both ends of a cable within one namespace."""
        other = self.index.links.get(peer)
        near, far = spoken.states(link, other)
        addresses = self.index.told(peer)
        words += [(_INSIDE, "dim"), (shown(peer[1]), "device"), *_listed(addresses), *_bad(far)]
        switch = (other.master,) if other and other.master and other.master != link.master else ()
        words += [word for name in switch for word in (("in", "dim"), (shown(name), "device"))]
        foldable = not (self.index.told((peer[0], link.name)) or addresses or below or self.whole)
        alike = f"{_INSIDE} {link.kind} {near}/{far} {link.port} {other.port if other else ''} {other.master if other else ''}"
        return Line(words, below, alike if foldable else "", (link.name, "", peer[1], switch))

    def _upper(self, end: End, far: bool = False) -> list[Line]:
        """What stands on a device: macvlans, vxlans, here and elsewhere; and what stands on these. A map from a file can have a ring.
        `far`: it is the other end of the line's cable, which is said."""
        if end in self.trail:
            return []
        if len(self.trail) > _DEEPEST:
            return [Line([("…", "dim")])] if end in self.uppers else []
        self.trail.append(end)
        out = [self._stands(end, *upper, far) for upper in self.uppers.get(end, ())]
        self.trail.pop()
        return folded(out)

    def _stands(self, on: End, there: str, name: str, far: bool) -> Line:
        link = self.index.links[there, name]
        addresses = self.index.told((there, name))
        words: Words = [] if there == on[0] else [(self.index.name(there), "name")]
        words += [(shown(name), "device"), (_kind(link), "kind"), *_listed(addresses), *_state(link)]
        words += [("on", "dim"), (self.index.name(on[0]), "name"), (shown(on[1]), "device")] if far else []
        below = self._upper((there, name)) if there == on[0] or there in self.told else []
        foldable = there in self.told and not (below or far or self.whole)
        alike = f"{link.kind} {name} {spoken.state(link)} {len(addresses)}" if foldable else ""
        return Line(words, below, alike, ("", self.index.name(there), name, addresses))

    def _addresses(self, end: End) -> Words:
        return _listed(self.index.told(end))

    def _published(self, space: Space) -> Line:
        below = []
        for one in space.published:
            owner = self.index.owner(space, one.to_address)
            words: Words = [(spoken.port(one), "address"), ("→", "dim")]
            words += [(self.index.name(owner[0]), "name")] if owner and owner[0] != space.id else []
            below.append(Line([*words, (spoken.target(one), "address"), (f"({shown(one.by)})", "dim")]))
        return Line([("published", "kind")], below)


def _is_first(id: str, single: dict[str, End]) -> bool:
    """Of two that have only each other, one has to be told first; what stands on the device of a third one does not matter."""
    trail, last = {id}, id
    while last in single and (there := single[last][0]) not in trail:
        last = there
        trail.add(there)
    return last in single and single[last][0] == id == min(trail)


def _is_empty(space: Space) -> bool:
    return space.state == "ok" and not space.published and all("loopback" in link.flags for link in space.links)


def _kind(link: Link) -> str:
    """What is not said by there being a cable."""
    number = dict(link.options).get("id")
    return "" if link.kind in ("veth", "netkit") else f"{link.kind} {number}" if number else link.kind


def _listed(addresses: tuple[str, ...]) -> Words:
    return [(shown(address), "address") for address in addresses[:3]] + ([(f"and {len(addresses) - 3} more", "dim")] if len(addresses) > 3 else [])


def _state(link: Link) -> Words:
    return _bad(spoken.state(link))


def _bad(state: str) -> Words:
    return [(state, "bad")] if state else []


def _owner_kind(space: Space | None) -> str:
    return space.owners[0].kind if space and space.owners else ""


def _whose(space: Space) -> Words:
    """Its runtime, and what holds it where that is not what one would think."""
    out: Words = []
    if space.state != "ok":
        out.append((f"{space.state}: {shown(space.why)}", "bad"))
    if space.owners and space.owners[0].kind not in _HIDDEN_OWNERS:
        out.append((space.owners[0].kind, "dim"))
    held = [kind for kind, _ in space.held]
    if held and not {"process", "name"} & set(held) and (not space.owners or space.owners[0].kind in _HIDDEN_OWNERS):
        out.append((f"held by {', '.join(held)} only", "dim"))
    return out


def folded(given: list[Line]) -> list[Line]:
    """Lines of leaves that look alike, four or more of them, become one."""
    groups: dict[str, list[Line]] = {}
    for at, line in enumerate(given):
        groups.setdefault(line.alike or f"# {at}", []).append(line)
    return [line for some in groups.values() for line in (some if len(some) < _FEWEST else [_folded(some)])]


def _folded(some: list[Line]) -> Line:
    leaves = [line.leaf for line in some if line.leaf]
    ports, spaces, devices, addresses = zip(*leaves, strict=True)
    if some[0].alike.startswith(_INSIDE):
        switch = [word for name in addresses[0] for word in (("in", "dim"), (shown(name), "device"))]
        return Line([(ranged(ports), "device"), (_INSIDE, "dim"), (ranged(devices), "device"), *switch, *_wrong(some[0]), (f"({len(some)})", "dim")])
    if not any(spaces):
        state = [(text, how) for text, how in some[0].words if how == "bad" and text != "?"]
        return Line([(ranged(ports), "device"), *state, ("──", "dim"), ("?", "bad"), (f"({len(some)}, other ends not seen)", "dim")])
    words: Words = [(ranged(ports), "device"), ("──", "dim")] if ports[0] else []
    words += [(ranged(spaces), "name"), (shown(devices[0]), "device")]
    for first, last in zip(addresses[0], addresses[-1], strict=True):
        words.append((f"{first.partition('/')[0]}…{last}", "address"))
    return Line([*words, *_wrong(some[0]), (f"({len(some)})", "dim")])


def _wrong(line: Line) -> Words:
    """What is the matter with both ends, once where that is the same."""
    return list(dict.fromkeys(word for word in line.words if word[1] == "bad"))
