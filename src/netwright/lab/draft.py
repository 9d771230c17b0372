"""A lab while it is worked out: who is plugged into what, with which addresses; and every mistake that was met."""

from __future__ import annotations

from ..model.addressing import Net
from .topology import Link, Problem, Topology, placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Path = tuple[str | int, ...]
    Numbers = tuple[int, int, int]  # an address: (number, family, prefix length)


class Plug:
    """A device of a host in a segment. `addresses` in order; `path` where it is written. `port` False: it has no cable of its
    own, but stands on one that has (macvlan, ipvlan, a bridge or bond of the host)."""

    __slots__ = ("addresses", "device", "given", "host", "link", "path", "port", "router")

    def __init__(self, host: str, device: str, link: Link, path: Path, router: bool, given: tuple[str, ...] | None, *, port: bool = True) -> None:
        self.host, self.device, self.link, self.path, self.router, self.given, self.port = host, device, link, path, router, given, port
        self.addresses: list[Numbers] = []


class Lan:
    """What frames reach: a cable, or a switch with every switch that it is cabled to. Subnets are the whole lan's."""

    __slots__ = ("plugs", "routers", "segments", "subnets")

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.plugs: list[Plug] = []
        self.routers: list[Plug] = []  # those of them that forward
        self.subnets: list[Net] = []


class Segment:
    """What is plugged together: a switch, or a cable between two hosts. `subnets` are its own; `lan` may have more."""

    __slots__ = ("is_switch", "lan", "mtu", "name", "own", "path", "plugs", "subnets", "wanted")

    def __init__(self, name: str, path: Path, wanted: tuple[str, ...] | None, mtu: int, *, is_switch: bool) -> None:
        self.name, self.path, self.wanted, self.mtu, self.is_switch = name, path, wanted, mtu, is_switch
        self.plugs: list[Plug] = []
        self.subnets: list[Net] = []
        self.own: list[Numbers] = []  # the switch's own addresses
        self.lan = Lan()
        self.lan.segments.append(self)

    def join(self, other: Segment) -> None:
        """A cable between two switches makes one lan of theirs. (Before anything is plugged in.)"""
        if other.lan is not self.lan:
            self.lan.segments += other.lan.segments
            for segment in other.lan.segments:
                segment.lan = self.lan

    def plug(self, plug: Plug) -> None:
        """Plug a device in."""
        self.plugs.append(plug)
        self.lan.plugs.append(plug)
        if plug.router and plug.link.up:
            self.lan.routers.append(plug)


class Draft:
    """The topology, its segments by name ("cable" and a number for cables), and the problems."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.problems: list[Problem] = []
        self.segments: dict[str, Segment] = {}
        self.plugs: dict[tuple[str, str], tuple[Plug, Segment]] = {}
        self._of_host: dict[str, list[tuple[Plug, Segment]]] = {}

    def plug(self, plug: Plug, segment: Segment) -> None:
        """Plug a device into a segment."""
        segment.plug(plug)
        self.plugs[plug.host, plug.device] = plug, segment
        self._of_host.setdefault(plug.host, []).append((plug, segment))

    def lans(self) -> list[Lan]:
        """Every lan once, in the order of its first segment."""
        return list({id(segment.lan): segment.lan for segment in self.segments.values()}.values())

    def wrong(self, path: Path, what: str, fix: str = "") -> None:
        """A mistake."""
        self.problems.append(placed(Problem(path, what, fix), self.topology.places))

    def told(self, path: Path) -> bool:
        """Whether a mistake was told there, or in a part of it."""
        return any(problem.path[: len(path)] == path for problem in self.problems)

    def of_host(self, name: str) -> list[tuple[Plug, Segment]]:
        """A host's plugs: those with a cable in the order of its links, then what stands on them."""
        return self._of_host.get(name, [])

    def addresses_of(self, name: str) -> list[tuple[str, Numbers]]:
        """(device, address) of everything that a host has, in the order of its links."""
        out = []
        for device, link in self.topology.hosts[name].links.items():
            plugged = self.plugs.get((name, device))
            found = plugged[0].addresses if plugged else [n for text in link.addresses or () if (n := _numbers(text))]
            out += [(device, numbers) for numbers in found]
        return out

    def known(self, name: str, among: Any) -> str:
        """A suggestion for a name that is not there."""
        from ..model.meant import did_you_mean

        return did_you_mean(name, among) or "known are: " + (", ".join(list(among)[:12]) or "none")


def _numbers(text: str) -> Numbers | None:
    from ..model.addressing import split

    try:
        return split(text)
    except ValueError:
        return None  # told by compile.py
