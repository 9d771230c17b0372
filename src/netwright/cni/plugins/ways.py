"""Routes of several interfaces of one container beside each other: the kernel takes two default routes where their metrics differ.

The interface that came first keeps the way it has; what comes later is the second choice. Which metric was given is in the record, for
the first one may go before the other.
"""

from ...engine.narrow import Spots
from ...model.value import replace
from ...networks.wiring import BOX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ...model.route import Route
    from ...networks.records import Record
    from ...networks.wiring import Wiring

    Place = tuple[int, str, int, int]  # family, network, table, metric: what the kernel tells routes apart by

_IPV6 = 1024  # the metric of an IPv6 route for which none is said


def apart(inside: int, wiring: "Wiring", record: "Record") -> "tuple[Wiring, Record]":
    """The same, with metrics that no other interface in the container has; written down in the record."""
    there = wiring.want.namespaces[BOX]
    taken = _of_others(inside, set(there.devices))
    metrics = {route: free(route, taken) for route in there.routes}
    given = [[*_subject(route), metric] for route, metric in metrics.items() if metric != route.metric]
    if not given:
        return wiring, record
    return _with(wiring, given), replace(record, data={**record.data, "metrics": given})


def as_made(wiring: "Wiring", record: "Record | None") -> "Wiring":
    """The same, with the metrics that ADD has given."""
    given = record.data.get("metrics") if record is not None else None
    return _with(wiring, given) if given else wiring


def free(route: "Route", taken: "Collection[Place]") -> int:
    """A metric for the route: its own, or the first behind it that is free. One that the configuration says stays."""
    first = _metric(route)
    if route.metric or (*_subject(route), first) not in taken:
        return route.metric
    metric = first + 1
    while (*_subject(route), metric) in taken:
        metric += 1
    return metric


def _with(wiring: "Wiring", given: "Iterable[list[object]]") -> "Wiring":
    metrics = {(family, to, table): metric for family, to, table, metric in given}
    there = wiring.want.namespaces[BOX]
    routes = frozenset(replace(r, metric=r.metric or metrics.get(_subject(r), 0)) for r in there.routes)
    return replace(wiring, want=replace(wiring.want, namespaces={**wiring.want.namespaces, BOX: replace(there, routes=routes)}))


def _subject(route: "Route") -> "tuple[int, str, int]":
    return route.family, route.to, route.table


def _metric(route: "Route") -> int:
    return route.metric or (_IPV6 if route.family == 6 else 0)


def _of_others(inside: int, mine: "set[str]") -> "set[Place]":
    from ...engine.observe import LinkNames
    from ...engine.observe import route as observed
    from ...kernel import rtnl

    with Spots({BOX: inside}) as place:
        session = place.session(BOX)
        messages = [m for m in rtnl.dump(session.netlink, rtnl.GETROUTE) if m["family"] in (2, 10)]
        names = LinkNames(session, {})
        found = [observed(message, names) for message in messages]
    return {(*_subject(route), _metric(route)) for route in found if route.type == "unicast" and route.link not in mine}
