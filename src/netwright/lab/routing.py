"""The routes of a lab: those that are written down, the hosts' default routes, and between routers those that follow from the wiring."""

from __future__ import annotations

from ..model.addressing import Net, net, number_of, split, text_of
from ..model.route import Route
from .draft import Draft, Plug, Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .topology import Host
    from .topology import Route as Written

    Way = tuple[str, str]  # (gateway, device)

STATIC = 4


def routes(draft: Draft) -> dict[str, list[Route]]:
    """Routes by host."""
    out: dict[str, list[Route]] = {}
    ways = _between_routers(draft) if draft.topology.routing == "static" else {}
    for name, spec in draft.topology.hosts.items():
        written = [route for at, item in enumerate(spec.routes) for route in _written(draft, name, spec, at, item)]
        known = {(r.to, r.family, r.metric) for r in written}
        out[name] = written + [r for r in ways.get(name, ()) if (r.to, r.family, r.metric) not in known]
        known |= {(r.to, r.family, r.metric) for r in out[name]}
        if spec.default_route:
            out[name] += [r for r in _defaults(draft, name, spec) if (r.to, r.family, 0) not in known]
    return out


def _route(to: str, family: int, via: str, device: str, metric: int = 0, kind: str = "unicast") -> Route:
    straight = family == 4 and not via and kind == "unicast"
    return Route(to, family, via, device, kind, protocol=STATIC, scope="link" if straight else "global", metric=metric)


# -- what is written -----------------------------------------------------------------------------------------------------------


def _written(draft: Draft, name: str, spec: Host, at: int, item: Written) -> list[Route]:
    path = ("hosts", name, "routes", item.to)
    targets = _targets(draft, path, item)
    out = []
    for to, family in targets:
        if item.type != "unicast":
            out.append(_route(to, family, "", "", item.metric, item.type))
            continue
        way = _way(draft, name, item, family, path)
        if way is not None:
            out.append(_route(to, family, *way, item.metric))
    if targets and not out and item.type == "unicast" and not _told(draft, path):
        draft.wrong(path, f"{name} has no way to {item.via or item.link or item.to}", "a gateway has to be in a subnet of this host")
    return out


def _told(draft: Draft, path: tuple[str | int, ...]) -> bool:
    return any(problem.path == path for problem in draft.problems)


def _targets(draft: Draft, path: tuple[str | int, ...], item: Written) -> list[tuple[str, int]]:
    """(network or "default", family) of what a route leads to."""
    if item.to == "default":
        return [("default", 6)] if ":" in item.via else [("default", 4)] if "." in item.via else [("default", 4), ("default", 6)]
    if item.to in draft.segments:
        return [(str(n), n.family) for n in draft.segments[item.to].subnets]
    try:
        number, family, length = split(item.to)
        return [(str(net(item.to)) if length < (32, 128)[family == 6] else f"{text_of(number, family)}/{length}", family)]
    except ValueError as error:
        known = draft.known(item.to, draft.topology.switches) if not item.to[:1].isdigit() else "as in 10.9.0.0/16"
        draft.wrong(path, str(error) if item.to[:1].isdigit() or ":" in item.to else f'"{item.to}" is no network and no switch', known)
        return []


def _way(draft: Draft, name: str, item: Written, family: int, path: tuple[str | int, ...]) -> Way | None:
    """(gateway, device) of a written route for one family; None when there is none."""
    if not item.via:
        return ("", item.link) if item.link in draft.topology.hosts[name].links else None
    if item.via in draft.topology.hosts:
        return next((way for way in _towards(draft, name, item.via, family) if not item.link or way[1] == item.link), None)
    try:
        number, of = number_of(item.via)
    except ValueError:
        draft.wrong(path, f'"{item.via}" is no address and no host', draft.known(item.via, draft.topology.hosts))
        return None
    if of != family:
        return None
    for device, networks in _networks(draft, name):
        if any(n.holds(number, family) for n in networks) and item.link in ("", device):
            return text_of(number, family), device
    if item.link or (family == 6 and item.via.startswith("fe80")):
        return (text_of(number, family), item.link) if item.link and family == 6 and item.via.startswith("fe80") else None
    return None


def _networks(draft: Draft, name: str) -> list[tuple[str, list[Net]]]:
    """The connected networks of a host, by device: links into segments, and devices with addresses of their own."""
    from ..model.addressing import around

    out = [(plug.device, [around(*address) for address in plug.addresses]) for plug, _ in draft.of_host(name)]
    for device, link in draft.topology.hosts[name].links.items():
        if (name, device) not in draft.plugs and link.addresses:
            out.append((device, [around(*_split_or_nothing(a)) for a in link.addresses if _split_or_nothing(a)[0]]))
    return out


def _split_or_nothing(text: str) -> tuple[int, int, int]:
    try:
        return split(text)
    except ValueError:
        return 0, 4, 32


def _towards(draft: Draft, name: str, other: str, family: int) -> list[Way]:
    """Ways from a host straight to an address of another."""
    out = []
    for plug, segment in draft.of_host(name):
        if any(f == family for _, f, _ in plug.addresses):
            for theirs, _ in (found for found in draft.of_host(other) if found[1] is segment):
                out += [(text_of(number, f), plug.device) for number, f, _ in theirs.addresses if f == family]
    return out


# -- defaults ------------------------------------------------------------------------------------------------------------------


def _defaults(draft: Draft, name: str, spec: Host) -> list[Route]:
    """Through the first router on the host's segments, in the order of the lab; with an uplink, else through the switch."""
    out = []
    for family in (4, 6):
        way = None if spec.router else _first_router(draft, name, family)
        if way is None and draft.topology.uplink:
            way = _through_switch(draft, name, family)
        if way:
            out.append(_route("default", family, *way))
    return out


def _first_router(draft: Draft, name: str, family: int) -> Way | None:
    for plug, segment in draft.of_host(name):
        if not any(f == family for _, f, _ in plug.addresses):
            continue
        for other in segment.plugs:
            if other.router and other.host != name:
                for number, f, _ in other.addresses:
                    if f == family:
                        return text_of(number, f), plug.device
    return None


def _through_switch(draft: Draft, name: str, family: int) -> Way | None:
    for plug, segment in draft.of_host(name):
        for number, f, _ in segment.own:
            if f == family and any(of == family for _, of, _ in plug.addresses):
                return text_of(number, f), plug.device
    return None


# -- between routers -----------------------------------------------------------------------------------------------------------


def _between_routers(draft: Draft) -> dict[str, list[Route]]:
    """For each router a route to every subnet that it is not in, by the fewest routers in between; the first of equals."""
    routers = [name for name, spec in draft.topology.hosts.items() if spec.router]
    if len(routers) < 2:
        return {}
    of = {name: [(plug, segment) for plug, segment in draft.of_host(name)] for name in routers}
    return {name: _reached(draft, name, of) for name in routers}


def _reached(draft: Draft, name: str, of: dict[str, list[tuple[Plug, Segment]]]) -> list[Route]:
    connected = {segment.name for _, segment in of[name]}
    first: dict[str, str] = {name: name}  # router -> the neighbour it is reached by
    out, seen, waiting = [], set(connected), [name]
    while waiting:
        here = waiting.pop(0)
        for _, segment in of[here]:
            for other in segment.plugs:
                if not other.router or other.host in first:
                    continue
                first[other.host] = other.host if here == name else first[here]
                waiting.append(other.host)
                for _, beyond in of[other.host]:
                    if beyond.name not in seen:
                        seen.add(beyond.name)
                        out += _into(draft, name, first[other.host], beyond)
    return out


def _into(draft: Draft, name: str, neighbour: str, beyond: Segment) -> list[Route]:
    out = []
    for subnet in beyond.subnets:
        ways = _towards(draft, name, neighbour, subnet.family)
        if ways:
            out.append(_route(str(subnet), subnet.family, *ways[0]))
    return out
