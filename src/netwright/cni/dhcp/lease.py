"""A lease: what a server gave, until when, and what of it goes into the result of an ADD.

Times are seconds of the clock that goes on while the machine sleeps and that nobody sets (CLOCK_BOOTTIME): `start` is when the
request was sent that the server agreed to (RFC 2131, 4.4.5), the others count from there.
"""

from ...model.value import value
from . import options, packet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..protocol import Result

FOREVER = 0xFFFFFFFF
_SHORTEST = 1
_DEFAULT = 3600  # for a server that says no time, which it must


@value
class Lease:
    """`duration`, `renewal` (T1) and `rebinding` (T2) in seconds; `server_mac` is who sent the last word: the server or a relay."""

    address: str
    length: int
    server: str
    start: float
    duration: int
    renewal: float
    rebinding: float
    gateway: str = ""
    routes: "tuple[tuple[str, str], ...]" = ()
    dns: "tuple[str, ...]" = ()
    domain: str = ""
    search: "tuple[str, ...]" = ()
    mtu: int = 0
    server_mac: str = ""

    @property
    def end(self) -> float:
        """When it is over."""
        return float("inf") if self.duration == FOREVER else self.start + self.duration

    @property
    def renew_at(self) -> float:
        """When the server that gave it is to be asked again."""
        return float("inf") if self.duration == FOREVER else self.start + self.renewal

    @property
    def rebind_at(self) -> float:
        """When any server is to be asked."""
        return float("inf") if self.duration == FOREVER else self.start + self.rebinding


def from_ack(ack: packet.Message, start: float, server_mac: str = "") -> Lease:
    """The lease that an ACK gives. ValueError when an address cannot be made of it."""
    said = ack.options
    length = options.prefix_length(said.get(packet.SUBNET_MASK, b""))
    if length is None:
        raise ValueError("the server said no subnet mask (option 1)")
    if not usable(ack.yours):
        raise ValueError(f"the server gave {ack.yours}, which no host can have")
    duration = options.seconds(said.get(packet.LEASE_TIME, b""))
    duration = _DEFAULT if duration is None else max(duration, _SHORTEST)
    renewal, rebinding = _times(said, duration)
    mtu = int.from_bytes(said.get(packet.MTU, b""), "big") if len(said.get(packet.MTU, b"")) == 2 else 0
    return Lease(
        ack.yours, length, ack.server, start, duration, renewal, rebinding,
        gateway=next(iter(options.addresses(said.get(packet.ROUTERS, b""))), ""),
        routes=options.routes(said),
        dns=options.addresses(said.get(packet.DNS_SERVERS, b"")),
        domain=options.plain(said.get(packet.DOMAIN_NAME, b"")),
        search=options.names(said.get(packet.SEARCH, b"")),
        mtu=mtu if mtu >= 68 else 0, server_mac=server_mac,
    )  # fmt: skip


def _times(said: "Any", duration: int) -> "tuple[float, float]":
    """T1 and T2; where the server says none, or none that makes sense, a half and seven eighths (RFC 2131, 4.4.5)."""
    rebinding = options.seconds(said.get(packet.REBINDING_TIME, b""))
    t2 = float(rebinding) if rebinding and rebinding < duration else duration * 0.875
    renewal = options.seconds(said.get(packet.RENEWAL_TIME, b""))
    return (float(renewal) if renewal and renewal < t2 else min(duration * 0.5, t2)), t2


def usable(address: str) -> bool:
    """Whether a host may have it: no 0/8, no loopback, no multicast and beyond."""
    first = int(address.partition(".")[0])
    return first not in (0, 127) and first < 224


def result(lease: Lease, *, priority: int = 0, without_gateway: bool = False) -> "Result":
    """The result: address, gateway, routes (with a metric, if one is said), and what belongs into resolv.conf."""
    from ..protocol.result import Address, Dns, Result, Route

    found = [Route(to, via, priority=priority, scope=None if via else 253) for to, via in lease.routes]
    if without_gateway:
        found = [route for route in found if route.to != "0.0.0.0/0"]
    address = Address(f"{lease.address}/{lease.length}", "" if without_gateway else lease.gateway)
    return Result((), (address,), tuple(found), Dns(lease.dns, lease.domain, lease.search))


def to_plain(lease: Lease) -> "dict[str, Any]":
    """A lease as JSON can have it."""
    return {name: getattr(lease, name) for name in Lease.__match_args__}


def from_plain(data: "dict[str, Any]") -> Lease:
    """The lease of what to_plain gave. KeyError, TypeError or ValueError for anything else."""
    known: dict[str, Any] = {name: tuple(str(one) for one in data[name]) for name in ("dns", "search")}
    known["routes"] = tuple((str(to), str(via)) for to, via in data["routes"])
    known |= {name: float(data[name]) for name in ("start", "renewal", "rebinding")}
    known |= {name: int(data[name]) for name in ("length", "duration", "mtu")}
    known |= {name: str(data[name]) for name in ("address", "server", "gateway", "domain", "server_mac")}
    for address in (known["address"], known["server"] or packet.NOWHERE):
        packet.packed(address)
    bytes.fromhex(known["server_mac"].replace(":", ""))
    return Lease(**known)
