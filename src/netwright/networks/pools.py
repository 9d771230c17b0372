"""Which subnet a new network gets: one that meets nothing the host knows a way to, out of pools that few others use.

How it works. The caller says what is taken, each network with its owner's words: addresses and routes of all tables, networks
of ours, what is reserved. A subnet is the first of a pool that meets none of them. The pools come in an order in which a later
collision (with a VPN that is not up yet, an office that one visits) is less likely the earlier the pool: none of them is the usual
choice of Docker, podman, Kubernetes, libvirt, cloud providers, or of routers for the home.
"""

from ..errors import Conflict
from ..model.addressing import Net, Pool, net
from ..model.value import value
from .mistakes import Wrong, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

USUAL_LENGTH = {4: 24, 6: 64}
CARRIER = net("100.64.0.0/10")  # RFC 6598: between a provider and its customers; Tailscale lives there: only on request
PRIVATE = tuple(map(net, ("10.64.0.0/12", "10.176.0.0/12", "172.20.0.0/14", "172.24.0.0/14", "192.168.128.0/17")))
# Usual choices of others inside those pools, which may be made tomorrow.
RESERVED = tuple(
    (net(text), who)
    for text, who in (
        ("172.17.0.0/16", "Docker's default network"),
        ("10.88.0.0/15", "podman's default networks"),
        ("10.42.0.0/15", "k3s"),
        ("10.96.0.0/12", "services of Kubernetes"),
        ("10.244.0.0/16", "pods of Kubernetes"),
        ("10.8.0.0/24", "OpenVPN"),
        ("10.0.3.0/24", "LXC"),
        ("192.168.122.0/24", "libvirt"),
    )
)


@value
class Taken:
    """A network that is in use. `kind`: "network" (ours), "address" (a device's own), "route" (a way to somewhere else), "reserved";
    `by` is who, in words: `network web`, `route via 10.0.0.1 dev tun0`."""

    net: Net
    kind: str = "route"
    by: str = ""


class Exhausted(Conflict):
    """No subnet, or no address, is left."""


def private(carrier: bool = False) -> "tuple[Net, ...]":
    """The pools of IPv4; with `carrier` those of RFC 6598 as the last."""
    return (*PRIVATE, CARRIER) if carrier else PRIVATE


def ula(seed: bytes) -> Net:
    """The host's own /48 of IPv6 (RFC 4193, 3.2.2): fd, and 40 bits of `seed`, which is random and kept."""
    if len(seed) < 5:
        raise ValueError("a seed has five bytes")
    return Net(6, (0xFD << 40 | int.from_bytes(seed[:5])) << 80, 48)


def pool(text: str) -> Net:
    """A pool as one writes it. Wrong, with the reason."""
    try:
        return net(text)
    except ValueError as error:
        raise Wrong(f"{shown(text)} is no pool", f"{error}"[:120]) from None


def is_everywhere(taken: Net) -> bool:
    """Whether a route says nothing about where somebody lives: a default route, or one of the halves that VPNs write for it."""
    return taken.length <= 1


def choose(family: int, taken: "Iterable[Taken]", pools: "Sequence[Net]", length: "int | None" = None) -> Net:
    """The first subnet of that length (24, 64) in the pools of that family that meets nothing taken. Exhausted when there is none.

    Pools that the caller names are used even where somebody else usually is; in PRIVATE what is RESERVED is left out.
    """
    length = USUAL_LENGTH[family] if length is None else length
    mine = [one for one in pools if one.family == family]
    held = [one for one in taken if one.net.family == family and not is_everywhere(one.net)]
    used = [one.net for one in held]
    for one in mine:
        others = [reserved for reserved, _ in RESERVED] if one in PRIVATE else []
        if one.length <= length and (found := Pool(one, [*used, *others]).take(length)) is not None:
            return found
    raise _exhausted(family, length, mine, held)


def _exhausted(family: int, length: int, pools: "list[Net]", held: "list[Taken]") -> Exhausted:
    what = f"no subnet of IPv{family} with a /{length} is left in {', '.join(map(str, pools)) or 'no pool at all'}"
    if pools and all(one.length > length for one in pools):
        return Exhausted(what, why="every pool is smaller", fix=f"a longer prefix, or a pool with at least a /{length}")
    met = [one for one in held if any(one.net.overlaps(two) for two in pools)]
    widest = sorted(met, key=lambda one: one.net.length)[:3]
    why = f"{len(met)} networks are taken in there" + (f", the largest: {', '.join(map(told_taken, widest))}" if widest else "")
    other = f", or a pool of your own: --pool {CARRIER} (RFC 6598)" if family == 4 else ""
    return Exhausted(what, why=why, fix=f"nw network prune, --subnet NETWORK{other}")


def told_taken(one: Taken) -> str:
    """`10.0.0.0/8 (route via tun0)`."""
    return f"{one.net} ({one.by})" if one.by else str(one.net)


def meetings(wanted: Net, taken: "Iterable[Taken]") -> "list[Taken]":
    """What a subnet that somebody asked for meets. With networks and addresses it must not; a route to somewhere else would
    lose this part, which may be meant."""
    return [one for one in taken if one.net.overlaps(wanted) and not is_everywhere(one.net) and one.kind != "reserved"]
