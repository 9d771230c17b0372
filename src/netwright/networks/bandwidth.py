"""Limits of what goes to a container and comes from it, as queues at the host's end of its cable. Pure.

    host ── tbf ──► container      what the host's end sends is what the container gets: a queue at its root
    host ◄─ ifb ◄── container      what comes in cannot wait in a queue; it is sent through a device ifb, at whose root one can

    after = limited(before, "veth0a1b2c3d", Shape(to=Limit(10_000_000, 1_000_000)))      # namespaces of the host
    wiring = on_wiring(wiring, port, shape)                                              # for attaching.attach

Rates are bits a second and bursts bits, as in CNI; a queue has room for its burst and for what goes out in 25 ms.
"""

from ..errors import Invalid
from ..model.filter import Filter
from ..model.qdisc import Qdisc
from ..model.state import Device, State
from ..model.value import replace, value
from .wiring import HOST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.state import Namespace
    from .wiring import Wiring

_LATENCY = 25  # milliseconds
_U32 = (1 << 32) - 1
_SMALLEST_BURST, _BURST_TIME = 16_000, 20  # bytes; milliseconds: where nobody says a burst
_UNCAPPED = 12_500_000_000  # bytes a second: 100 Gbit/s
_FREE, _CAPPED = "1:1", "1:30"


@value
class Limit:
    """`rate` in bits a second (0: none), `burst` in bits."""

    rate: int = 0
    burst: int = 0


@value
class Shape:
    """`to` the container and `back` from it. `only`: networks that the limits are for; `free`: networks that they are not for; the other
    end's addresses are meant. `device` is the name of the ifb for what comes back."""

    to: Limit = Limit()
    back: Limit = Limit()
    only: "tuple[str, ...]" = ()
    free: "tuple[str, ...]" = ()
    device: str = ""


def of_rates(to: int, back: int, device: str) -> Shape:
    """A shape of two rates, 0 for none; with bursts that suit them."""
    return Shape(Limit(to, burst_for(to)), Limit(back, burst_for(back)), device=device)


def burst_for(rate: int) -> int:
    """Bits: what the rate lets through in 20 ms, and a few full-size packets at least."""
    return 8 * max(_SMALLEST_BURST, rate // 8 * _BURST_TIME // 1000) if rate else 0


def ifb_name(text: str) -> str:
    """A device's name of its own for any text, as upstream makes it of network and container."""
    from hashlib import sha512

    return "bwp" + sha512(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def devices(port: str, shape: Shape) -> "tuple[str, ...]":
    """What there is to look at on the host."""
    return (port, shape.device) if shape.device else (port,)


# -- what should be there ----------------------------------------------------------------------------------------------------------


def limited(here: "Namespace", port: str, shape: Shape) -> "Namespace":
    """The host's namespace with the limits at `port`, and without what was at it before. Invalid for what cannot be."""
    bare = freed(here, port, shape.device)
    queues = set(_queues(port, shape.to, shape)) if shape.to.rate else set()
    filters = set(_filters(port, shape, "source")) if shape.to.rate else set()
    if not shape.back.rate:
        return replace(bare, qdiscs=bare.qdiscs | queues, filters=bare.filters | filters)
    # ffff: is the handle that the kernel gives to the queue at the entrance.
    queues |= {Qdisc(port, "ingress", "ingress", "ffff:"), *_queues(shape.device, shape.back, shape)}
    filters |= {Filter(port, "ingress", 1, redirect=shape.device), *_filters(shape.device, shape, "destination")}
    cable = here.devices[port]
    ifb = Device("ifb", up=True, mtu=cable.mtu, txqueuelen=cable.txqueuelen)
    return replace(bare, devices={**here.devices, shape.device: ifb}, qdiscs=bare.qdiscs | queues, filters=bare.filters | filters)


def freed(here: "Namespace", port: str, device: str) -> "Namespace":
    """The host's namespace without any limit at the port, and without the ifb."""
    ours = (port, device)
    return replace(
        here,
        devices={name: found for name, found in here.devices.items() if name != device},
        qdiscs=frozenset(q for q in here.qdiscs if q.link not in ours),
        filters=frozenset(f for f in here.filters if f.link not in ours),
    )


def on_wiring(wiring: "Wiring", port: str, shape: Shape) -> "Wiring":
    """The same wiring with the limits, in one go with everything else."""
    if not (shape.to.rate or shape.back.rate):
        return wiring
    here = limited(wiring.want.namespaces[HOST], port, shape)
    more = (shape.device,) if shape.back.rate else ()
    only = {**wiring.only, HOST: (*wiring.only.get(HOST, ()), *more)}
    return replace(wiring, want=State({**wiring.want.namespaces, HOST: here}, wiring.want.files), only=only)


# -- queues ----------------------------------------------------------------------------------------------------------------------


def _queues(link: str, limit: Limit, shape: Shape) -> "Iterator[Qdisc]":
    from ..kernel.tc import canonical

    rate = limit.rate // 8
    if not rate:
        raise Invalid(f"{limit.rate} bits a second are no rate", why="less than a byte a second", fix="8 at least; 0 for no limit")
    # The kernel holds no more than what goes out in 2^32 ns in such a bucket when it is told in ticks, as upstream's plugin tells it.
    burst = max(1, min(limit.burst // 8, rate * (1 << 32) // 10**9, _U32))
    if not (shape.only or shape.free):
        room = min(rate * _LATENCY // 1000 + burst, _U32)
        yield canonical(Qdisc(link, "tbf", "root", "1:", (("burst", burst), ("limit", room), ("rate", rate))))
        return
    default = _FREE if shape.only else _CAPPED
    yield canonical(Qdisc(link, "htb", "root", "1:", (("default", int(default.partition(":")[2], 16)), ("r2q", 10))))
    yield canonical(Qdisc(link, "htb", "1:", _FREE, (("ceil", _UNCAPPED), ("rate", _UNCAPPED)), True))
    options = (("burst", burst), ("cburst", burst), ("ceil", rate), ("rate", rate))
    yield canonical(Qdisc(link, "htb", "1:", _CAPPED, options, True))


def _filters(link: str, shape: Shape, side: str) -> "Iterator[Filter]":
    """Where the networks are: the other end of what goes to the container is its source, of what comes from it its destination."""
    for number, network in enumerate(sorted({*shape.only, *shape.free}), 1):
        where = {"source": network} if side == "source" else {"destination": network}
        yield Filter(link, "1:", number, into=_CAPPED if network in shape.only else _FREE, **where)


def too_small(limit: Limit, mtu: int) -> str:
    """Why packets of full size do not get through; "" where they do."""
    if limit.rate and limit.burst // 8 < mtu + 14:
        return f"a burst of {limit.burst} bits is less than one packet of {mtu} bytes: those are dropped; take {8 * (mtu + 14) * 10} at least"
    return ""
