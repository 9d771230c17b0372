"""The one table that container networks have in the host's namespace: fixed chains, and sets and maps for all that varies.

How it works. Attaching a container or publishing a port changes elements, never rules: one transaction by message, whose cost
does not grow with what is there already. Every element carries a comment that names its owner. The chains are ours alone:
nothing is written into a table of somebody else's, and nobody's policy is changed. Where a foreign chain drops what ours would
let pass, it is dropped; `nw network inspect` says so.

    sources4/6     addresses of containers that are masqueraded when they leave by another device than their own
    own4/6         address . the host's device that leads to it
    outbound4/6    address -> the host's address that it leaves by, instead of the one that masquerading would take
    publish4/6     protocol . port -> address . port, for every address of the host
    published4/6   host address . protocol . port -> address . port, for one of them
    bridges        devices that are kept apart from each other
    allowed        pairs of devices that may talk all the same; a bridge with itself
    internal       devices with no way out and no way in
    guarded        devices whose containers can be reached from outside by published ports only
    trusted        (outside device . guarded device) for which that does not hold

The client's address is kept: only what comes back to the network it left (hairpin) and what comes from 127.0.0.0/8 or ::1
is masqueraded.
"""

from ..model.nft import Chain, Set, Table
from ..model.value import replace
from ..plan import ops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .values import Leg, Port

FAMILY, NAME = "inet", "netwright"
VERSION = "rules-f879f8ea"  # an empty set of this name is in the table: a digest of all below, which a test compares
_WORDS = {4: ("ip", "ipv4_addr"), 6: ("ip6", "ipv6_addr")}


def _sets() -> "dict[str, Set]":
    out = {}
    for n, (_, address) in _WORDS.items():
        target = f"{address} . inet_service"
        out[f"sources{n}"] = Set(address)
        out[f"own{n}"] = Set(f"{address} . ifname")
        out[f"outbound{n}"] = Set(address, address)
        out[f"publish{n}"] = Set("inet_proto . inet_service", target)
        out[f"published{n}"] = Set(f"{address} . inet_proto . inet_service", target)
    for name in ("bridges", "internal", "guarded"):
        out[name] = Set("ifname")
    for name in ("allowed", "trusted"):
        out[name] = Set("ifname . ifname")
    return out


def _to_containers(n: int) -> "Iterator[str]":
    ip = _WORDS[n][0]
    # `fib` first would be a look-up in the routes for every packet of the host; the maps are asked before.
    for key, name in ((f"{ip} daddr . meta l4proto . th dport", f"published{n}"), ("meta l4proto . th dport", f"publish{n}")):
        yield f"meta nfproto ipv{n} fib daddr type local dnat {ip} to {key} map @{name}"


def _masqueraded(n: int) -> "Iterator[str]":
    ip = _WORDS[n][0]
    loopback = "127.0.0.0/8" if n == 4 else "::1"
    yield f"ct status dnat {ip} saddr . oifname @own{n} masquerade"
    yield f'oifname != "lo" ct status dnat {ip} saddr {loopback} masquerade'
    multicast = "224.0.0.0/4" if n == 4 else "ff00::/8"
    # Own networks see each other's true addresses: only what leaves them is rewritten.
    leaving = f"{ip} daddr != {multicast} oifname != @bridges {ip} saddr . oifname != @own{n}"
    yield f"{leaving} snat {ip} to {ip} saddr map @outbound{n}"
    yield f"{ip} saddr @sources{n} {leaving} masquerade"


def _forward() -> "tuple[str, ...]":
    pair = "iifname . oifname"
    return (
        "ct state established,related accept",
        f"iifname @internal {pair} != @allowed drop",
        f"oifname @internal {pair} != @allowed drop",
        f"iifname @bridges oifname @bridges {pair} != @allowed ct status dnat accept",
        f"iifname @bridges oifname @bridges {pair} != @allowed drop",
        f"oifname @guarded iifname != @bridges {pair} != @trusted ct status dnat accept",
        f"oifname @guarded iifname != @bridges {pair} != @trusted drop",
    )


def table() -> Table:
    """The table without elements."""
    nat = tuple(rule for n in _WORDS for rule in _to_containers(n))
    source = tuple(rule for n in _WORDS for rule in _masqueraded(n))
    chains = {
        # Devices with route_localnet would let containers speak to the host's 127.0.0.1.
        "spoofed": Chain(('iifname != "lo" ip daddr 127.0.0.0/8 drop',), "filter", "prerouting", "raw"),
        "prerouting": Chain(nat, "nat", "prerouting", "dstnat"),
        "output": Chain(nat, "nat", "output", "-100"),
        "postrouting": Chain(source, "nat", "postrouting", "srcnat"),
        "forward": Chain(_forward(), "filter", "forward", "filter"),
    }
    return Table(FAMILY, NAME, {**_sets(), VERSION: Set("ifname")}, chains)


def digest() -> str:
    """What VERSION has to be."""
    from hashlib import sha256

    said = replace(table(), sets=_sets())
    return f"rules-{sha256(repr(said).encode()).hexdigest()[:8]}"


# -- elements ----------------------------------------------------------------------------------------------------------------


def comment(owner: str) -> str:
    """The part of an element that names its owner: plain characters, at most 100."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "_-./:@#%,+ ") else "?" for c in owner)
    return f' comment "{kept[:100]}"'


def source(leg: "Leg", owner: str) -> "tuple[str, str]":
    """(set, element): its address is masqueraded."""
    return f"sources{leg.family}", leg.host + comment(owner)


def own(leg: "Leg", device: str, owner: str) -> "tuple[str, str]":
    """(set, element): `device` of the host leads to the address."""
    return f"own{leg.family}", f'{leg.host} . "{device}"' + comment(owner)


def outbound(leg: "Leg", address: str, owner: str) -> "tuple[str, str]":
    """(map, element): it leaves the host by this address of the host."""
    return f"outbound{leg.family}", f"{leg.host}{comment(owner)} : {address}"


def published(port: "Port", leg: "Leg", owner: str) -> "Iterator[tuple[str, str]]":
    """(map, element) for each port of `port` that leads to the address; nothing where the families differ."""
    if port.host_ip and (":" in port.host_ip) != (leg.family == 6):
        return
    said = comment(owner)
    anywhere = port.host_ip in ("", "0.0.0.0", "::")
    name = f"publish{leg.family}" if anywhere else f"published{leg.family}"
    at = "" if anywhere else f"{port.host_ip} . "
    for number in range(port.count):
        yield name, f"{at}{port.protocol} . {port.host_port + number}{said} : {leg.host} . {port.port + number}"


def device(name: str, sets: "Iterable[str]", owner: str) -> "Iterator[tuple[str, str]]":
    """(set, element): the device is one of `bridges`, `internal`, `guarded`."""
    return ((which, f'"{name}"{comment(owner)}') for which in sets)


def pair(which: str, one: str, other: str, owner: str) -> "tuple[str, str]":
    """(set, element): of `allowed` or `trusted`."""
    return which, f'"{one}" . "{other}"{comment(owner)}'


def added(elements: "Iterable[tuple[str, str]]", namespace: str = "") -> "list[ops.Op]":
    """The operations that put elements in: one for each set, one transaction for all."""
    return [ops.AddElements(FAMILY, NAME, name, tuple(some), namespace) for name, some in grouped(elements).items()]


def deleted(elements: "Iterable[tuple[str, str]]", namespace: str = "") -> "list[ops.Op]":
    """The operations that take them out."""
    return [ops.DeleteElements(FAMILY, NAME, name, tuple(some), namespace) for name, some in grouped(elements).items()]


def grouped(elements: "Iterable[tuple[str, str]]") -> "dict[str, list[str]]":
    """Elements by set."""
    out: dict[str, list[str]] = {}
    for name, element in elements:
        out.setdefault(name, []).append(element)
    return out
