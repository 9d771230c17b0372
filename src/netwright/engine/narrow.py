"""A few devices of a namespace that holds hundreds: looked at, led to what they should be, and led back on failure.

`look` and `plan` take a namespace whole, which is right where it is ours. The host of containers is not: its hundreds of other
devices cost time to read and are none of our business. Here a State holds the named devices alone, with their addresses and
routes, and the cost does not grow with the others. What several share (a bridge) keeps the addresses that it has.
"""

from __future__ import annotations

import os
from errno import ENODEV

from ..errors import Conflict, Missing, NetwrightError
from ..kernel import rtnl
from ..kernel.netlink import Netlink
from ..model.state import Namespace, State
from ..model.value import replace
from ..plan import ops
from ..plan.planner import plan
from . import look as wide
from . import observe
from .enact import enact
from .place import Place, PlaceSession

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import Any

    from ..model.address import Address
    from ..model.route import Route
    from ..model.state import Device, End
    from ..plan.ops import Op

    Only = Mapping[str, Collection[str]]

_TRIES = 10


class Spots(Place):
    """Namespaces by open files that stay the caller's; None is the caller's own. `Spots({"": None, "box": fd})`."""

    chooses = False  # indices: reading the highest one would mean reading every device

    def __init__(self, spots: Mapping[str, int | None]) -> None:
        super().__init__()
        self.spots = spots

    def names(self) -> list[str]:
        return list(self.spots)

    def _opened(self, name: str) -> int:
        fd = self.spots[name]
        return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC) if fd is None else os.dup(fd)

    def __enter__(self) -> Spots:
        return self

    def session(self, name: str) -> PlaceSession:
        """The socket in a namespace."""
        if name not in self._sessions and self.spots[name] is None:
            self._sessions[name] = PlaceSession(self, Netlink())
        return super().session(name)


def look_at(place: Place, only: Only, like: State | None = None) -> State:
    """What is there of the named devices; `like` says which sysctls are read, and where queues and rules are looked for."""
    for _ in range(_TRIES):
        try:
            return _looked_at(place, only, like)
        except Missing as error:
            if error.errno != ENODEV:  # it has gone between two questions about it: it is not there
                raise
    return _looked_at(place, only, like)


def _looked_at(place: Place, only: Only, like: State | None) -> State:
    ends = wide.Ends()
    found: dict[str, Namespace] = {}
    links: dict[str, list[wide.RawLink]] = {}
    for name, wanted in only.items():
        known = like.namespaces.get(name) if like else None
        links[name] = [m for device in wanted if (m := _link(place.session(name), device)) is not None]
        found[name] = _namespace(place, name, links[name], known, ends)
    namespaces = wide._paired(found, ends, place)
    if like:
        namespaces = {name: _more(n, place, name, like.namespaces.get(name), links[name]) for name, n in namespaces.items()}
    return State(namespaces)


def _namespace(place: Place, name: str, messages: list[wide.RawLink], like: Namespace | None, ends: wide.Ends) -> Namespace:
    session = place.session(name)
    names = observe.LinkNames(session, {m.index: m.name for m in messages})
    known = like.devices if like else {}
    devices = {m.name: _device(place, m, name, names, ends, known.get(m.name)) for m in messages}
    addresses: set[Address] = set()
    routes: set[Route] = set()
    for message in messages:
        addresses |= {a for a in wide._addresses(session.netlink, names, set(), message.index) if a.link == message.name}
        routes |= _routes(session, names, message.index)
    rules = wide._rules(session.netlink) if like and like.rules else frozenset()
    qdiscs = _queues(session, names, messages) if like and like.qdiscs else frozenset()
    filters = wide.filters(session, names, messages, qdiscs) if like and like.filters else frozenset()
    return Namespace(devices, frozenset(addresses), frozenset(routes), rules, frozenset(), {}, qdiscs, filters=filters)


def _link(session: PlaceSession, name: str) -> wide.RawLink | None:
    from ..errors import Refused

    request = rtnl.LINK.request(rtnl.GETLINK, 0, {}, {"ifname": name, "ext_mask": rtnl.EXT_FILTER_SKIP_STATS})
    try:
        return wide.RawLink(session.netlink.get(request)[0].body)
    except (Missing, Refused):
        return None


def _device(place: Place, message: wide.RawLink, name: str, names: observe.LinkNames, ends: wide.Ends, like: Device | None) -> Device:
    device = wide._device(message, name, names, ends, like)
    if device.kind and device.kind not in ("veth", "netkit") and device.lower is None and wide._LINK_NETNSID in message.raw:
        return replace(device, lower=_lower(place, message, name))
    return device


def _lower(place: Place, message: wide.RawLink, name: str) -> End | None:
    """What a macvlan stands on, where that is in another namespace of the place."""
    from ..kernel.nsid import nsid_of_fd

    nsid, index = message.number(wide._LINK_NETNSID), message.number(wide._LINK)
    netlink = place.session(name).netlink
    for other in place.names():
        if other != name and nsid_of_fd(netlink, place.fd(other)) == nsid:
            below = place.session(other).link_at(index)
            return (other, below["ifname"]) if below else None
    return None


def _routes(session: PlaceSession, names: observe.LinkNames, index: int) -> set[Route]:
    """Routes through the device that somebody asked for; also local ones, which make ::1 answer on a bridge."""
    out: set[Route] = set()
    for raw in wide._raws(session.netlink, rtnl.GETROUTE, {}, {"oif": index}):
        if raw.body[0] not in (2, 10) or raw.body[5] not in wide._ASKED_PROTOCOLS:
            continue
        message = rtnl.decode(raw)
        if message is None or message["flags"] & wide._CLONED or message.get("oif") != index:
            continue
        route = observe.route(message, names)
        out.add(replace(found, link=route.link) if route.type == "local" else found) if (found := canonical(route)) else None
    return out


def canonical(route: Route) -> Route | None:
    """As it was asked for."""
    if route.type != "local":
        return wide._canonical(route)
    return replace(route, flags=(), metrics=())


def _queues(session: PlaceSession, names: observe.LinkNames, messages: list[wide.RawLink]) -> frozenset[Any]:
    from ..kernel import tc

    return frozenset(q for m in messages for q in tc.qdiscs(session.netlink, names, m.index) if q.link == m.name)


def _more(namespace: Namespace, place: Place, name: str, like: Namespace | None, links: list[wide.RawLink]) -> Namespace:
    if like is None or not like.sysctls:
        return namespace
    from ..kernel import netconf, sysctl

    told = netconf.read(place.session(name).netlink, {m.name: m.raw for m in links}, like.sysctls)
    left = [key for key in like.sysctls if key not in told]
    seen = {**wide._as_good_as(like.sysctls), **told, **(sysctl.read(place.fd(name), left) if left else {})}
    return replace(namespace, sysctls=seen)


# -- leading there -------------------------------------------------------------------------------------------------------------


def keeping(now: State, want: State, shared: Iterable[End]) -> State:
    """`want`, in which shared devices keep the addresses, the routes, the queues and the hardware address that they have."""
    namespaces = dict(want.namespaces)
    for name, device in shared:
        have, wanted = now.namespaces.get(name), namespaces[name]
        if have is None or device not in have.devices:
            continue
        devices = {**wanted.devices, device: replace(wanted.devices[device], address="")} if device in wanted.devices else wanted.devices
        namespaces[name] = replace(
            wanted,
            devices=devices,
            addresses=_united(wanted.addresses, have.addresses, device),
            routes=wanted.routes | {r for r in have.routes if r.link == device},
            qdiscs=wanted.qdiscs | {q for q in have.qdiscs if q.link == device},
            filters=wanted.filters | {f for f in have.filters if f.link == device},
        )
    return replace(want, namespaces=namespaces)


def _united(wanted: frozenset[Address], have: frozenset[Address], device: str) -> frozenset[Address]:
    here = {a for a in have if a.link == device}
    there = {a.address for a in here}
    return frozenset(here) | {a for a in wanted if a.link != device or a.address not in there}


def without(now: State, gone: Iterable[End]) -> State:
    """`now` without these devices and what is theirs."""
    namespaces = dict(now.namespaces)
    for name, device in gone:
        if name in namespaces:
            namespaces[name] = _without(namespaces[name], device)
    return replace(now, namespaces=namespaces)


def _without(have: Namespace, device: str) -> Namespace:
    return replace(
        have,
        devices={key: d for key, d in have.devices.items() if key != device},
        addresses=frozenset(a for a in have.addresses if a.link != device),
        routes=frozenset(r for r in have.routes if r.link != device),
        qdiscs=frozenset(q for q in have.qdiscs if q.link != device),
        filters=frozenset(f for f in have.filters if device not in (f.link, f.redirect)),
    )


def refuse_removals(todo: list[Op]) -> list[Op]:
    """The plan; Conflict where it would remove a device: what is there under that name is somebody else's."""
    for op in todo:
        if isinstance(op, ops.DeleteLink):
            name, inside = op.header["index"], op.namespace
            where = "in the container" if inside else "on the host"
            fix = f"look at it with: ip link show {name}; use another name, or remove it"
            raise Conflict(f'there is a device "{name}" {where} already', why="it is not the one that is wanted", fix=fix)
    return todo


def attain(place: Place, todo: list[Op], only: Only, now: State) -> None:
    """Do the operations; where one is refused, lead everything back to `now` and raise what was refused."""
    try:
        enact(todo, place)
    except NetwrightError:
        back(place, only, now)
        raise


def back(place: Place, only: Only, now: State, like: State | None = None) -> None:
    """Lead the named devices to what they were. `like`: what was wanted, which may have queues and filters where `now` has none."""
    from ..model.state import projected

    seen = look_at(place, only, like=like or now)
    enact(plan(seen, projected(now, seen)), place)
