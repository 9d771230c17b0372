"""The routes of a lab: those that are written down, the hosts' default routes, and those that follow from the wiring.

Between routers: to every subnet by the fewest routers in between, the first of equals. A host that is in several subnets gets
the same where its default route does not lead there at once. With an uplink the namespace of the switches is a router to the
outside, and only to there: it is nobody's way to another subnet of the lab.
"""

from __future__ import annotations

from ..model.addressing import Net, around, net, number_of, split, text_of
from ..model.route import Route
from .draft import Draft, Lan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .draft import Path
    from .topology import Host
    from .topology import Route as Written

    Way = tuple[str, str]  # (gateway, device)
    Seats = list[tuple[str, Lan, list[Net]]]  # (device, its lan, the subnets that it has an address in)

STATIC = 4
_EVERYWHERE = {"0.0.0.0/0": 4, "::/0": 6}


class Ways:
    """What is asked for many hosts, worked out once: who is where, and which routers lead on from a lan."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self._seats: dict[str, Seats] = {}
        self._leading: dict[int, list[str]] = {}

    def seats(self, name: str) -> Seats:
        """The devices of a host that are up, with the subnets that they are in."""
        if name not in self._seats:
            found = self.draft.of_host(name)
            self._seats[name] = [(plug.device, s.lan, [around(*n) for n in plug.addresses]) for plug, s in found if plug.link.up]
        return self._seats[name]

    def leading(self, lan: Lan) -> list[str]:
        """The routers of a lan that are in another one too."""
        if id(lan) not in self._leading:
            names = dict.fromkeys(plug.host for plug in lan.routers)
            self._leading[id(lan)] = [name for name in names if any(other is not lan for _, other, _ in self.seats(name))]
        return self._leading[id(lan)]

    def outside(self, name: str) -> Way | None:
        """The own address of a switch that a host is plugged into."""
        for device, lan, networks in self.seats(name):
            for number, family, _ in (own for segment in lan.segments for own in segment.own):
                if family == 4 and any(n.holds(number, family) for n in networks):
                    return text_of(number, family), device
        return None

    def towards(self, seats: Seats, other: str, family: int) -> list[Way]:
        """Ways from devices straight to an address of another host: one in a subnet of ours."""
        out = []
        for device, lan, networks in seats:
            for plug, segment in self.draft.of_host(other):
                if segment.lan is lan and plug.link.up:
                    out += [(text_of(n, f), device) for n, f, _ in plug.addresses if f == family and any(own.holds(n, f) for own in networks)]
        return out


def routes(draft: Draft) -> dict[str, list[Route]]:
    """Routes by host."""
    ways, out = Ways(draft), {}
    static = draft.topology.routing == "static"
    for name, spec in draft.topology.hosts.items():
        found = [route for at, item in enumerate(spec.routes) for route in _written(draft, ways, name, spec, at, item)]
        if spec.default_route:
            found += _unless(found, _defaults(draft, ways, name, spec), any_metric=True)
        if static and (spec.router or (spec.default_route and len(ways.seats(name)) > 1)):
            found += _unless(found, _reached(draft, ways, ways.seats(name), name, found))
        out[name] = found
    return out


def of_the_switches(draft: Draft) -> list[Route]:
    """With an uplink: the ways back from the outside to subnets that no switch is in itself."""
    ways = Ways(draft)
    seats = [(s.name, s.lan, [around(*n) for n in s.own]) for s in draft.segments.values() if s.own]
    return [r for r in _reached(draft, ways, seats, "", []) if r.family == 4]


def _unless(known: list[Route], more: list[Route], *, any_metric: bool = False) -> list[Route]:
    """Those of `more` that do not lead where a known one does."""
    there = {(r.to, r.family) for r in known if any_metric or not r.metric}
    return [r for r in more if (r.to, r.family) not in there]


def _route(to: str, family: int, via: str, device: str, metric: int = 0, kind: str = "unicast") -> Route:
    straight = family == 4 and not via and kind == "unicast"
    return Route(to, family, via, device, kind, protocol=STATIC, scope="link" if straight else "global", metric=metric)


# -- what is written -----------------------------------------------------------------------------------------------------------


def _written(draft: Draft, ways: Ways, name: str, spec: Host, at: int, item: Written) -> list[Route]:
    path: Path = ("hosts", name, "routes", at)
    if any((r.to, r.metric) == (item.to, item.metric) and (r.via == item.via or item.to != "default") for r in spec.routes[:at]):
        draft.wrong(path, f"a second route to {item.to}", "one of them, or give them different metrics")
    targets = _targets(draft, path, item)
    if item.type not in ("unicast", "blackhole", "unreachable", "prohibit"):
        draft.wrong(path, f'"{item.type}" is no type of a route', draft.known(item.type, ("unicast", "blackhole", "unreachable", "prohibit")))
    if item.type != "unicast":
        return [_route(to, family, "", "", item.metric, item.type) for to, family in targets]
    before = len(draft.problems)
    found = [(to, family, _way(draft, ways, name, spec, item, family, path)) for to, family in targets]
    out = [_route(to, family, *way, item.metric) for to, family, way in found if way]
    if targets and not out and len(draft.problems) == before:
        draft.wrong(path, f"{name} has no way to {item.via or item.link or item.to}", "a gateway has to be in a subnet of this host")
    return out


def _targets(draft: Draft, path: Path, item: Written) -> list[tuple[str, int]]:
    """(network or "default", family) of what a route leads to."""
    if item.to in _EVERYWHERE:
        return [("default", _EVERYWHERE[item.to])]
    if item.to == "default":
        return [("default", 6)] if ":" in item.via else [("default", 4)] if _is_address(item.via) else [("default", 4), ("default", 6)]
    if item.to in draft.topology.switches:
        return [(str(n), n.family) for n in draft.segments[item.to].lan.subnets]
    looks = item.to[:1].isdigit() or ":" in item.to
    try:
        number, family, length = split(item.to)
        return [(str(net(item.to)) if length < (128 if family == 6 else 32) else f"{text_of(number, family)}/{length}", family)]
    except ValueError as error:
        fix = "as in 10.9.0.0/16" if looks else draft.known(item.to, draft.topology.switches)
        draft.wrong((*path, "to"), str(error) if looks else f'"{item.to}" is no network and no switch', fix)
        return []


def _is_address(text: str) -> bool:
    try:
        number_of(text)
    except ValueError:
        return False
    return True


def _way(draft: Draft, ways: Ways, name: str, spec: Host, item: Written, family: int, path: Path) -> Way | None:
    """(gateway, device) of a written route for one family; None when there is none."""
    if item.link and item.link not in spec.links:
        draft.wrong((*path, "link"), f'{name} has no device "{item.link}"', draft.known(item.link, spec.links))
        return None
    if not item.via:
        return ("", item.link) if item.link else None
    if item.via in draft.topology.hosts:
        return next((way for way in ways.towards(ways.seats(name), item.via, family) if item.link in ("", way[1])), None)
    try:
        number, of = number_of(item.via)
    except ValueError:
        draft.wrong((*path, "via"), f'"{item.via}" is no address and no host', draft.known(item.via, draft.topology.hosts))
        return None
    if of != family:
        return None
    gateway = text_of(number, family)
    if family == 6 and gateway.startswith("fe80") and item.link:
        return gateway, item.link
    for device, network in (*_networks(draft, name), *_straight(spec)):
        if network.holds(number, family) and item.link in ("", device):
            if any(n == number and f == family for _, (n, f, _) in draft.addresses_of(name)):
                draft.wrong((*path, "via"), f"{gateway} is an address of {name} itself", "a gateway is another host")
            return gateway, device
    return None


def _networks(draft: Draft, name: str) -> list[tuple[str, Net]]:
    """The connected networks of a host, by device."""
    return [(device, around(*numbers)) for device, numbers in draft.addresses_of(name)]


def _straight(spec: Host) -> list[tuple[str, Net]]:
    """What a host reaches without a gateway because a route says so."""
    out = []
    for item in spec.routes:
        if item.link and not item.via:
            try:
                out.append((item.link, around(*split(item.to))))
            except ValueError:
                continue  # told where the route is read; or the name of a switch
    return out


# -- defaults ------------------------------------------------------------------------------------------------------------------


def _defaults(draft: Draft, ways: Ways, name: str, spec: Host) -> list[Route]:
    """Through the first router on the host's lans, in the order of the lab; with an uplink, else through the switch."""
    out = []
    for family in (4, 6):
        way = None if spec.router else _first_router(draft, ways, name, family)
        if way is None and draft.topology.uplink and family == 4:
            way = _outside(draft, ways, name)
        if way:
            out.append(_route("default", family, *way))
    return out


def _first_router(draft: Draft, ways: Ways, name: str, family: int) -> Way | None:
    for device, lan, networks in ways.seats(name):
        for other in lan.routers:
            if other.host != name:
                for number, f, _ in other.addresses:
                    if f == family and any(n.holds(number, f) for n in networks):
                        return text_of(number, f), device
    return None


def _outside(draft: Draft, ways: Ways, name: str) -> Way | None:
    """The way to the uplink: through the own address of a switch, for a router also through the nearest router that has that."""
    own = ways.outside(name)
    if own or not draft.topology.hosts[name].router:
        return own
    for router, first in _order(ways, ways.seats(name), name).items():
        if ways.outside(router):
            return next(iter(ways.towards(ways.seats(name), first, 4)), None)
    return None


# -- between routers -----------------------------------------------------------------------------------------------------------


def _order(ways: Ways, seats: Seats, name: str) -> dict[str, str]:
    """Every router that is reached from these seats, the nearest first; and for each the neighbour through which."""
    first: dict[str, str] = {name: name}
    seen: set[int] = set()
    waiting = [name]
    for here in waiting:
        for _, lan, _ in seats if here == name else ways.seats(here):
            if id(lan) in seen:
                continue
            seen.add(id(lan))
            for other in ways.leading(lan):
                if other not in first:
                    first[other] = other if here == name else first[here]
                    waiting.append(other)
    del first[name]
    return first


def _reached(draft: Draft, ways: Ways, seats: Seats, name: str, known: list[Route]) -> list[Route]:
    """A route to every subnet that none of the seats is in, save where a default route through the same router does."""
    connected = {id(lan) for _, lan, _ in seats}
    gateways: dict[tuple[str, int], Way | None] = {}
    default = {(r.family, r.via) for r in known if r.to == "default"}
    out = []
    for router, first in _order(ways, seats, name).items():
        for _, lan, _ in ways.seats(router):
            if id(lan) in connected:
                continue
            connected.add(id(lan))
            for subnet in lan.subnets:
                key = first, subnet.family
                if key not in gateways:
                    gateways[key] = next(iter(ways.towards(seats, *key)), None)
                way = gateways[key]
                if way and (name in draft.topology.hosts and not draft.topology.hosts[name].router and (subnet.family, way[0]) in default):
                    continue
                if way:
                    out.append(_route(str(subnet), subnet.family, *way))
    return out
