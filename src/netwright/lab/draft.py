"""A lab while it is worked out: who is plugged into what, with which addresses; and every mistake that was met."""

from __future__ import annotations

from ..model.addressing import Net
from .topology import Link, Problem, Topology, placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Path = tuple[str | int, ...]


class Plug:
    """A device of a host in a segment. `addresses` as (number, family, length), in order; `path` where it is written."""

    __slots__ = ("addresses", "device", "given", "host", "link", "path", "router")

    def __init__(self, host: str, device: str, link: Link, path: Path, router: bool, given: tuple[str, ...] | None) -> None:
        self.host, self.device, self.link, self.path, self.router, self.given = host, device, link, path, router, given
        self.addresses: list[tuple[int, int, int]] = []


class Segment:
    """What is plugged together: a switch, or a cable between two hosts. `subnets` are found or handed out."""

    __slots__ = ("is_switch", "mtu", "name", "own", "path", "plugs", "subnets", "wanted")

    def __init__(self, name: str, path: Path, wanted: tuple[str, ...] | None, mtu: int, *, is_switch: bool) -> None:
        self.name, self.path, self.wanted, self.mtu, self.is_switch = name, path, wanted, mtu, is_switch
        self.plugs: list[Plug] = []
        self.subnets: list[Net] = []
        self.own: list[tuple[int, int, int]] = []  # the switch's own addresses


class Draft:
    """The topology, its segments by name ("" and a number for cables), and the problems."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.problems: list[Problem] = []
        self.segments: dict[str, Segment] = {}
        self.plugs: dict[tuple[str, str], tuple[Plug, Segment]] = {}

    def wrong(self, path: Path, what: str, fix: str = "") -> None:
        """A mistake."""
        self.problems.append(placed(Problem(path, what, fix), self.topology.places))

    def of_host(self, name: str) -> list[tuple[Plug, Segment]]:
        """A host's plugs in the order of its links."""
        return [found for device in self.topology.hosts[name].links if (found := self.plugs.get((name, device)))]

    def known(self, name: str, among: Any) -> str:
        """A suggestion for a name that is not there."""
        from difflib import get_close_matches

        close = get_close_matches(name, list(among), 1)
        return f'did you mean "{close[0]}"?' if close else "known are: " + (", ".join(list(among)[:12]) or "none")
