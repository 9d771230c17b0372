"""Routes of a namespace: read and changed (`ip route`)."""

from __future__ import annotations

from ..engine import observe
from ..errors import Invalid, KernelError
from ..kernel import rtnl
from ..kernel.inet import AF_INET, AF_INET6
from ..model.route import BOOT, MAIN, TYPES, Nexthop, Route
from ..plan import ops
from .addresses import scope_number
from .networks import prefix
from .refused import refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from ..plan.ops import MessageOp
    from .channel import Channel

_GLOBAL, _LINK, _HOST, _NOWHERE = 0, 253, 254, 255
_UNICAST, _LOCAL, _BROADCAST, _MULTICAST = 1, 2, 3, 5
_ONLINK = 4


class RouteVerbs:
    """add, set and delete: done at once by `Namespace.routes`, collected by `Batch.routes`."""

    def __init__(self, do: Callable[[MessageOp], None]) -> None:
        self._do = do

    def add(
        self,
        to: str,
        *,
        via: str | None = None,
        link: str | int | None = None,
        nexthops: Sequence[Nexthop] = (),
        table: int = MAIN,
        metric: int | None = None,
        source: str | None = None,
        type: str = "unicast",
        scope: str | int | None = None,
        protocol: int = BOOT,
        onlink: bool = False,
        metrics: Mapping[str, Any] | None = None,
    ) -> None:
        """Make a route: `ip route add 10.1.0.0/16 via 10.0.0.1`.

        `to` is a network or "default" (IPv6 when `via` is, or "default6"). `type` is unicast, blackhole, unreachable,
        prohibit, throw … `metrics` as {"mtu": 1400}. `nexthops` makes a multipath route.
        Invalid, Gone (no such link), Exists, NotPermitted, Refused (ENETUNREACH: the gateway is in no network here).
        """
        header, settings = _message(to, via, link, table, metric)
        header["type"], header["protocol"] = _type(type), protocol
        if source is not None:
            settings["prefsrc"] = source
        if metrics:
            settings["metrics"] = dict(metrics)
        if nexthops:
            settings["multipath"] = [_hop(hop) for hop in nexthops]
        header["scope"] = scope_number(scope, _scope(header, bool(via or nexthops)))
        header["flags"] = _ONLINK if onlink else 0
        self._do(ops.AddRoute(header, settings, self._verb))

    _verb = "add"

    @property
    def replacing(self) -> RouteVerbs:
        """The same verbs where `add` takes the place of a route that is there: `ip route replace`."""
        other = RouteVerbs(self._do)
        other._verb = "replace"
        return other

    def set(self, to: str, **route: Any) -> None:
        """Make a route or take the place of the one to the same network, table and metric: `ip route replace`."""
        self.replacing.add(to, **route)

    def delete(
        self, to: str, *, via: str | None = None, link: str | int | None = None, table: int = MAIN, metric: int | None = None
    ) -> None:
        """Remove the first route that fits: `ip route del`. Missing (ESRCH) when there is none."""
        header, settings = _message(to, via, link, table, metric)
        header["scope"] = _NOWHERE  # any
        self._do(ops.DeleteRoute(header, settings))


class Routes(RouteVerbs):
    """The routes of one namespace; add, set, delete take effect at once."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel.do)
        self._channel = channel

    def list(self, table: int = MAIN, family: int = 0) -> tuple[Route, ...]:
        """The routes of a table (0: of all) and a family (4, 6; 0: both): `ip route show table N`."""
        with self._channel.session() as session:
            return observe.routes(session, table, family)

    def get(self, address: str) -> Route:
        """The route that a packet to `address` takes: `ip route get ADDRESS`. Refused (ENETUNREACH) when there is none."""
        family, host, length = prefix(address)
        header = {"family": family, "dst_len": length}
        with self._channel.session() as session:
            try:
                found = rtnl.get(session.netlink, rtnl.GETROUTE, header, {"dst": host})
            except KernelError as error:
                raise refused(error, ops.AddRoute(header, {"dst": address}), self._channel.label) from None
            return observe.route(found, observe.LinkNames(session))


def _message(
    to: str, via: str | None, link: str | int | None, table: int, metric: int | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    settings: dict[str, Any] = {}
    if to in ("default", "default6"):
        family, length = (AF_INET6 if to == "default6" or (via and ":" in via) else AF_INET), 0
    else:
        family, settings["dst"], length = prefix(to)
    if via is not None:
        other, host, _ = prefix(via)
        settings |= {"gateway": host} if other == family else {"via": {"family": other, "host": via}}
    if link is not None:
        settings["oif"] = link
    if metric is not None:
        settings["priority"] = metric
    if table > 255:
        settings["table"] = table
    return {"family": family, "dst_len": length, "table": table if table < 256 else 0}, settings


def _type(name: str) -> int:
    if name not in TYPES:
        raise Invalid(f"{name!r} is no type of route", fix=f"one of {', '.join(TYPES[1:])}")
    return TYPES.index(name)


def _scope(header: Mapping[str, int], gateway: bool) -> int:
    """What ip(8) chooses; IPv6 routes have no scope."""
    if header["family"] == AF_INET6:
        return _GLOBAL
    kind = header["type"]
    if kind == _LOCAL:
        return _HOST
    direct = kind in (_BROADCAST, _MULTICAST, 4) or (kind == _UNICAST and not gateway)
    return _LINK if direct else _GLOBAL


def _hop(hop: Nexthop) -> dict[str, Any]:
    attributes = {"gateway": prefix(hop.via)[1]} if hop.via else {}
    flags = _ONLINK if "onlink" in hop.flags else 0
    return {"hops": hop.weight - 1, "ifindex": hop.link or 0, "flags": flags, "attributes": attributes}
