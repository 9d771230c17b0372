"""One namespace: what has to be undone before devices change, and what is to be set afterwards."""

from ..model.state import Device, Namespace
from . import links, ops
from .messages import (
    add_address,
    add_neighbour,
    add_route,
    add_rule,
    delete_address,
    delete_neighbour,
    delete_route,
    delete_rule,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeVar

    from ..model.address import Address
    from ..model.filter import Filter
    from ..model.neighbour import Neighbour
    from ..model.qdisc import Qdisc
    from ..model.route import Route
    from ..model.state import End
    from .ops import Op

    T = TypeVar("T")


# -- undo ----------------------------------------------------------------------------------------------------------------------


def undo(name: str, have: Namespace, want: Namespace, doomed: set[str]) -> "Iterator[Op]":
    """Remove what is not wanted, and what the changes of devices would take away without a word."""
    if have is want or (have == want and not doomed):
        return
    affected = links.affected(have.devices, want.devices)
    down, moved = affected.down, affected.moved
    leaving = _leaving(have, want, down) - {a for a in have.addresses if a.link in doomed}
    poorer = {a.link for a in leaving} | down
    sources = {a.address.partition("/")[0] for a in leaving}
    yield from (delete_rule(r, name) for r in ordered(have.rules - want.rules))
    for route in ordered(have.routes):
        if route.link in doomed and not route.nexthops:
            continue
        if route not in want.routes or _rests_on(route, poorer | doomed, sources):
            yield delete_route(route, name)
    for neighbour in ordered(have.neighbours):
        if neighbour.link not in doomed and (neighbour not in want.neighbours or _forgets(neighbour, affected)):
            yield delete_neighbour(neighbour, name)
    # Secondaries before their primary, which would take them along.
    yield from (delete_address(a, name) for a in sorted(leaving, key=lambda a: (a.link, "secondary" not in a.flags, a.address)))
    yield from (ops.DeleteFilter(f, name) for f in _filters_leaving(have, want, doomed))
    yield from (ops.DeleteQdisc(q, name) for q in _queues_leaving(have, want, doomed))
    # A port can carry nothing else: unplugged before something is made on it.
    yield from (ops.SetLink({"index": d}, {"master": 0}, name) for d in sorted(moved - doomed) if have.devices[d].master not in ("", *doomed))


def _leaving(have: Namespace, want: Namespace, down: "frozenset[str]") -> "set[Address]":
    """Addresses that go: unwanted ones; their neighbours in the subnet, whose order would change; IPv6 ones of a device that goes down."""
    gone = set(have.addresses - want.addresses)
    subnets = {(a.link, _subnet(a)) for a in gone if a.family == 4}
    for address in have.addresses:
        if (address.family == 6 and address.link in down) or (address.link, _subnet(address)) in subnets:
            gone.add(address)
    return gone


def _subnet(address: "Address") -> str:
    """The network of an IPv4 address in hex, with its length; any text that is equal for equal networks."""
    if address.family != 4:
        return ""
    host, _, length = (address.peer if "/" in address.peer else address.address).partition("/")
    a, b, c, d = map(int, host.split("."))
    bits = int(length or 32)
    return f"{((a << 24 | b << 16 | c << 8 | d) >> (32 - bits)) if bits else 0:x}/{bits}"


def _rests_on(route: "Route", poorer: "frozenset[str] | set[str]", sources: set[str]) -> bool:
    """The route goes through a device that loses an address or goes down, or starts from an address that goes."""
    return route.link in poorer or route.source in sources or any(hop.link in poorer for hop in route.nexthops)


def _forgets(neighbour: "Neighbour", affected: links.Affected) -> bool:
    """Even a permanent neighbour goes when its device goes down or gets another hardware address."""
    if neighbour.family == 7:
        return neighbour.link in affected.moved
    return neighbour.link in affected.down or neighbour.link in affected.readdressed


def _queues_leaving(have: Namespace, want: Namespace, doomed: set[str]) -> "Iterator[Qdisc]":
    """Only roots are removed: what hangs below goes along. Leaves of a device in which anything differs go as well."""
    changed = {q.link for q in have.qdiscs ^ want.qdiscs} - doomed
    return (q for q in ordered(have.qdiscs) if q.link in changed and q.parent in ("root", "ingress", "clsact"))


def _filters_leaving(have: Namespace, want: Namespace, doomed: set[str]) -> "Iterator[Filter]":
    """Those whose queue stays: the others go with it."""
    if have.filters:
        away = doomed | {q.link for q in have.qdiscs ^ want.qdiscs}
        yield from (f for f in ordered(have.filters) if f.link not in away and (f not in want.filters or f.redirect in doomed))


# -- configure -----------------------------------------------------------------------------------------------------------------


def configure(name: str, have: Namespace, want: Namespace, made: "dict[End, Device]") -> "Iterator[Op]":
    """Everything of one namespace after its devices are there. `have`: what is left of it; `made`: devices as just made."""
    if have is want:
        return
    yield from (ops.SetSysctl(k, v, name) for k, v in want.sysctls.items() if have.sysctls.get(k) != v)
    if have.devices is not want.devices:
        # What others stand on comes first: nothing may be larger than the device below it.
        for device, wanted in sorted(want.devices.items(), key=lambda item: item[1].lower is not None):
            found = made.get((name, device)) or have.devices.get(device)
            if found is not None and found != wanted:
                yield from links.change(name, device, found, wanted)
                yield from links.vlans(name, device, found, wanted)
    yield from _queues(name, have, want)
    yield from _filters(name, have, want)
    affected = links.affected(have.devices, want.devices)
    down = affected.down
    leaving = _leaving(have, want, down) if have.addresses else set()
    staying = have.addresses - leaving
    yield from (add_address(a, name) for a in ordered(want.addresses - staying))
    kept = {n for n in have.neighbours if not _forgets(n, affected)}
    yield from (add_neighbour(n, name) for n in ordered(want.neighbours - kept))
    yield from _routes(name, have, want, {a.link for a in leaving} | down, {a.address.partition("/")[0] for a in leaving})
    yield from (add_rule(r, name) for r in ordered(want.rules - have.rules))
    if have.tables != want.tables:
        from .tables import difference

        yield from difference(have.tables, want.tables, name)


def _queues(name: str, have: Namespace, want: Namespace) -> "Iterator[Op]":
    changed = {q.link for q in have.qdiscs ^ want.qdiscs}
    if changed:
        yield from (ops.AddQdisc(q, "add", name) for q in sorted((q for q in want.qdiscs if q.link in changed), key=_parents_first))


def _filters(name: str, have: Namespace, want: Namespace) -> "Iterator[Op]":
    if want.filters:
        anew = {q.link for q in have.qdiscs ^ want.qdiscs}
        yield from (ops.AddFilter(f, name) for f in ordered(want.filters) if f.link in anew or f not in have.filters)


def _parents_first(queue: "Qdisc") -> tuple[object, ...]:
    return queue.link, queue.parent not in ("root", "ingress", "clsact"), not queue.leaf_class, queue.parent, queue.handle


def _routes(name: str, have: Namespace, want: Namespace, poorer: "frozenset[str] | set[str]", sources: set[str]) -> "Iterator[Op]":
    """Straight routes before those through a gateway, which may have to be reached by one of them."""
    staying = {r for r in have.routes if not _rests_on(r, poorer, sources)} if have.routes else frozenset()
    missing = ordered(want.routes - staying)
    yield from (add_route(r, name) for r in missing if not (r.via or r.nexthops))
    yield from (add_route(r, name) for r in missing if r.via or r.nexthops)


def ordered(values: "Iterable[T]") -> "list[T]":
    """In an order that does not depend on hashing, so that a plan reads the same every time."""
    many = list(values)
    return sorted(many, key=repr) if len(many) > 1 else many
