"""The map with events written into it: which namespace a number means, its devices by index, its addresses.

How it works. `hear` takes one message and gives the events that follow: a device is compared with what was known of it, so that the
kernel's many repetitions say nothing. What a message cannot tell (the other end of a new cable, whose a new namespace is) makes the
book `stale`: the map is to be made anew, and `settle` takes the new one and tells whatever no event had said. Messages that came
while it was made are written into it again: each says how a thing is, so that the last one is right in any case.
"""

from __future__ import annotations

from struct import Struct

from ...engine import observe
from ...kernel import rtnl
from ...kernel.codec import split
from ...model.value import replace
from .. import reading
from ..model import HostMap
from . import difference
from .event import Event, neighbour_words, route_words, rule_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.netlink import Raw
    from ...model.address import Address
    from ...model.neighbour import Neighbour
    from ..model import Cable, Link, Space

_GONE = (rtnl.DELLINK, rtnl.DELADDR, rtnl.DELROUTE, rtnl.DELNEIGH, rtnl.DELRULE)
_BRIDGE, _PROTINFO = 7, 12
_LOCAL, _CLONED = 255, 0x200
_INDEX = Struct("=I")
_NEIGHBOURS = 1024  # of a namespace that are remembered, in order not to tell every refresh


class Page:
    """One namespace: what changes often is in dicts; `space()` is the value again."""

    __slots__ = ("_space", "addresses", "changed", "links", "neighbours")

    def __init__(self, space: Space) -> None:
        self._space = space
        self.links: dict[int, Link] = {link.index: link for link in space.links}
        self.addresses: dict[tuple[str, str], Address] = {(one.address, one.link): one for one in space.addresses}
        self.neighbours: dict[tuple[str, str], str] = {}
        self.changed = False

    def space(self) -> Space:
        """How it is now."""
        if self.changed:
            self._space = replace(self._space, links=tuple(self.links.values()), addresses=tuple(self.addresses.values()))
            self.changed = False
        return self._space

    def name_of(self, index: int) -> str:
        """A device by its index."""
        return self.links[index].name if index in self.links else ""

    def rename(self, old: str, new: str) -> None:
        """Its addresses go with a device: the kernel tells them again, by the new name."""
        own = {key: one for key, one in self.addresses.items() if key[1] == old}
        for key, one in own.items():
            del self.addresses[key]
            self.addresses[key[0], new] = replace(one, link=new)

    @property
    def known(self) -> Space:
        """Its id and name; devices may be old."""
        return self._space


class Book:
    """All namespaces. `numbers`: what our own namespace calls them, filled by whoever can ask the kernel."""

    def __init__(self, host: HostMap) -> None:
        self._host = host
        self.pages = {space.id: Page(space) for space in host.namespaces}
        self.numbers: dict[int, str] = {}
        self._ended: set[tuple[str, int]] = set()  # told as gone, and maybe still on a map that was begun before
        self.stale = False
        self.changed = False

    # -- the map ---------------------------------------------------------------------------------------------------------------

    def map(self) -> HostMap:
        """The map as it is now."""
        if self.changed:
            spaces = tuple(page.space() for page in self.pages.values())
            self._host = replace(self._host, namespaces=spaces, cables=self._cables())
            self.changed = False
        return self._host

    def _cables(self) -> tuple[Cable, ...]:
        ends = {(id, link.name): link for id, page in self.pages.items() for link in page.links.values()}
        kept = (cable for cable in self._host.cables if cable.one in ends and cable.other in ends)
        return tuple(replace(cable, up=_carries(ends[cable.one]) and _carries(ends[cable.other])) for cable in kept)

    def settle(self, host: HostMap, heard: list[Raw]) -> list[Event]:
        """The map was made anew, and `heard` came meanwhile. What no event had told."""
        before = self.map()
        self._host = host
        self.pages = {space.id: Page(space) for space in host.namespaces if (space.id, space.cookie) not in self._ended}
        self.changed = self.changed or len(self.pages) < len(host.namespaces)
        self._ended.clear()
        self.numbers = {number: id for number, id in self.numbers.items() if id in self.pages}
        for raw in heard:
            self.hear(raw)
        return difference.difference(before, self.map())

    # -- messages --------------------------------------------------------------------------------------------------------------

    def hear(self, raw: Raw) -> list[Event]:
        """Write one message down."""
        if raw.kind in (rtnl.NEWNSID, rtnl.DELNSID):
            return self._numbered(raw)
        id = self._host.here if raw.nsid is None else self.numbers.get(raw.nsid, "")
        page = self.pages.get(id)
        if page is None:
            self.stale = True  # somebody of whom we have not heard yet
            return []
        if raw.kind in (rtnl.NEWLINK, rtnl.DELLINK):
            return self._link(page, raw)
        if raw.kind in (rtnl.NEWADDR, rtnl.DELADDR):
            return self._address(page, raw)
        return self._other(page, raw)

    def _numbered(self, raw: Raw) -> list[Event]:
        """A number was given or freed. Those of other namespaces (nsid is not None) mean nothing here."""
        message = rtnl.decode(raw)
        if message is None or raw.nsid is not None:
            return []
        number = message.get("nsid", -1)
        if raw.kind == rtnl.NEWNSID:
            self.stale = self.stale or number not in self.numbers
            return []
        page = self.pages.pop(self.numbers.pop(number, ""), None)
        if page is None:
            return []
        self.stale = self.changed = True
        if page.known.cookie:  # without it (before Linux 6.18) it could be the next one, that has the same inode
            self._ended.add((page.known.id, page.known.cookie))
        return [Event("namespace", "gone", page.known.id, page.known.name)]

    def _link(self, page: Page, raw: Raw) -> list[Event]:
        if len(raw.body) < 16:
            return []
        if raw.body[0] == _BRIDGE:
            return self._port(page, raw)
        draft = reading.Draft(raw.body)
        known = page.links.get(draft.index)
        if raw.kind == rtnl.DELLINK:
            return self._link_gone(page, known)
        names = {index: page.name_of(index) for index in draft.beside()}
        link = draft.link(names, known.peer if known else None, known.lower if known else None, known.lost if known else "")
        if known is None:
            self.stale = self.stale or draft.paired or draft.mate != 0
            text = difference.new_link_words(link)
        else:
            text = difference.link_words(known, link)
            if known.name != link.name:
                self.stale = True
                page.rename(known.name, link.name)
        page.links[draft.index] = link
        page.changed = self.changed = True
        return self._told("changed" if known else "new", page, link, text) if text else []

    def _told(self, action: str, page: Page, link: Link, text: str = "") -> list[Event]:
        there = self.pages.get(link.peer[0]) if link.peer else None
        return [difference.link_event(action, page.known, link, text, there.known.name if there else "")]

    def _link_gone(self, page: Page, known: Link | None) -> list[Event]:
        if known is None:
            return []
        del page.links[known.index]
        page.addresses = {key: one for key, one in page.addresses.items() if key[1] != known.name}
        page.changed = self.changed = self.stale = True
        return self._told("gone", page, known)

    def _port(self, page: Page, raw: Raw) -> list[Event]:
        """What a bridge says of its port. (RTM_DELLINK of this family: it is no port any more. The device itself says that too.)"""
        index = reading._HEAD.unpack_from(raw.body)[2]
        known, found = page.links.get(index), split(raw.body, 16).get(_PROTINFO)
        if known is None or found is None or raw.kind == rtnl.DELLINK or not known.port:
            return []
        link = replace(known, port=reading.port(split(found)))
        text = difference.link_words(known, link)
        if not text:
            return []
        page.links[index] = link
        page.changed = self.changed = True
        return self._told("changed", page, link, text)

    def _address(self, page: Page, raw: Raw) -> list[Event]:
        if len(raw.body) < 8 or raw.body[0] not in (2, 10):
            return []
        index = _INDEX.unpack_from(raw.body, 4)[0]
        try:
            address = reading.address(raw.body, {index: page.name_of(index)})
        except ValueError:
            return []  # no address in it
        key = (address.address, address.link)
        known = page.addresses.pop(key, None)
        gone = raw.kind == rtnl.DELADDR
        if not gone:
            page.addresses[key] = address
        page.changed = self.changed = True
        if gone is (known is None):
            return []
        return [difference.address_event("gone" if gone else "new", page.known, address)]

    def _other(self, page: Page, raw: Raw) -> list[Event]:
        """Routes, rules and neighbours are not kept: they are told as they come."""
        message = rtnl.decode(raw)
        found = observe.value_of(message, page.name_of) if message is not None and raw.kind in _OTHERS else None
        if message is None or found is None:
            return []
        kind, thing = found
        action = "gone" if raw.kind in _GONE else "new"
        if kind == "route":
            if thing.table == _LOCAL or thing.type in ("multicast", "local", "broadcast", "anycast") or message["flags"] & _CLONED:
                return []
            return [Event(kind, action, page.known.id, page.known.name, thing.link, route_words(thing))]
        if kind == "rule":
            return [Event(kind, action, page.known.id, page.known.name, "", rule_words(thing))]
        return self._neighbour(page, action, thing)

    def _neighbour(self, page: Page, action: str, entry: Neighbour) -> list[Event]:
        """Only what a person would call news: another hardware address, reached or not."""
        key, state = (entry.address or entry.lladdr, entry.link), entry.lladdr + (entry.state if entry.state in ("failed", "incomplete", "none") else "")
        if action == "new" and page.neighbours.get(key) == state:
            return []
        if action == "gone":
            page.neighbours.pop(key, None)
        elif key in page.neighbours or len(page.neighbours) < _NEIGHBOURS:
            page.neighbours[key] = state
        return [Event("neighbour", action, page.known.id, page.known.name, entry.link, neighbour_words(entry))]


_OTHERS = (rtnl.NEWROUTE, rtnl.DELROUTE, rtnl.NEWRULE, rtnl.DELRULE, rtnl.NEWNEIGH, rtnl.DELNEIGH)


def _carries(link: Link) -> bool:
    return link.up and link.state in ("up", "unknown")
