"""What is wrong with a network, by itself and beside the others: every mistake, each with what would be right."""

from ..model.addressing import Net, around, net, number_of, split, text_of
from ..model.names import why_not_device_name
from . import names
from .mistakes import Mistake, Wrong, near, shown
from .network import DRIVERS, MACVLAN_MODES, MODES, NO_GATEWAY, Network, Subnet, span_of
from .publish import host_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    Path = tuple[str | int, ...]

_LARGEST_LABEL = 4096
# Where no host may have an address, and why (RFC 6890 and the special registries).
_NEVER = tuple(
    (net(text), why)
    for text, why in (
        ("0.0.0.0/8", "these mean this host (RFC 1122)"),
        ("127.0.0.0/8", "these are the loopback device's"),
        ("224.0.0.0/3", "these are of groups and reserved"),
        ("::/96", "these are the unspecified address, loopback and what was compatible"),
        ("::ffff:0:0/96", "these are IPv4 addresses in IPv6"),
        ("fe80::/10", "these are link-local: every device has its own"),
        ("ff00::/8", "these are of groups"),
    )
)


def mistakes(network: Network) -> "list[Mistake]":
    """Those that it has by itself."""
    return [
        *_words(network),
        *_kind(network),
        *(wrong for at, subnet in enumerate(network.subnets) for wrong in subnet_mistakes(subnet, network.driver, ("subnets", at))),
        *_overlaps(network),
        *_numbers(network),
        *_dns(network),
        *_texts(network),
    ]


def _words(network: Network) -> "Iterator[Mistake]":
    if why := names.why_not_network(network.name):
        yield Mistake(("name",), why)
    for field, known in (("driver", DRIVERS), ("mode", MODES), ("macvlan_mode", MACVLAN_MODES)):
        word = getattr(network, field)
        if word not in known:
            yield Mistake((field,), f"there is no {field.replace('_', ' ')} {shown(word)}", near(word, known))
    for field in ("device", "parent"):
        word = getattr(network, field)
        if word and (why := names.why_not_interface(word) if field == "device" else why_not_device_name(word)):
            yield Mistake((field,), why)


def _kind(network: Network) -> "Iterator[Mistake]":
    """What goes with one driver only."""
    if network.driver == "macvlan":
        if not network.parent:
            yield Mistake(("parent",), "a macvlan network stands on a device of the host", "name it: --parent eth0")
        elif network.parent == "lo":
            yield Mistake(("parent",), '"lo" is on no LAN', "name the device of the host that is: --parent eth0")
        if not network.subnets:
            yield Mistake(("subnets",), "a macvlan network has the subnet of the LAN that it is on", "as in --subnet 192.168.1.0/24 --range 192.168.1.200-192.168.1.219")
        if network.mode != "nat":
            yield Mistake(("mode",), f"a macvlan network cannot be {network.mode}: its containers are hosts of the LAN", "leave the mode out")
        if not network.icc:
            yield Mistake(("icc",), "on a macvlan network the device keeps containers apart", "write --mode private")
        for field in ("ingress", "egress"):
            if getattr(network, field):
                yield Mistake((field,), "of a macvlan network nothing passes by the host, where it could be held back", "leave it out")
    elif network.parent:
        yield Mistake(("parent",), "a bridge network stands on no other device", "leave it out, or write --driver macvlan")
    if network.driver == "bridge" and network.macvlan_mode in MACVLAN_MODES[1:]:
        yield Mistake(("macvlan_mode",), "that is of macvlan networks", "leave it out, or write --driver macvlan")


# -- subnets -----------------------------------------------------------------------------------------------------------------


def subnet_mistakes(subnet: Subnet, driver: str = "bridge", path: "Path" = ()) -> "list[Mistake]":
    """Those of one subnet."""
    try:
        found = net(subnet.network)
    except ValueError as error:
        return [Mistake((*path, "network"), *_why_no_network(subnet.network, error))]
    out = [Mistake((*path, "network"), f"{found} can be no subnet", why) for why in _why_not_here(found, driver)]
    # Against the whole subnet, even when that is wrong: all mistakes at once.
    out += _gateway(subnet, found, path)
    out += _range(subnet, found, path)
    out += _reserved(subnet, found, path)
    return out if out else _room(subnet, found, driver, path)


def _why_no_network(text: str, error: ValueError) -> tuple[str, str]:
    try:
        return f"{shown(text)} is an address, not a network", f"write {around(*split(text))}"
    except ValueError:
        return f"{shown(text)} is no network", "as in 10.64.0.0/24 or fd00:1::/64" if "/" in text else str(error)[:120]


def _why_not_here(found: Net, driver: str) -> "Iterator[str]":
    smallest = {4: 30, 6: 126}[found.family]
    if found.length > smallest and driver == "bridge":
        yield f"it has no room for a gateway and a container: /{smallest} is the smallest"
    if found.length < 8:
        yield "it is larger than anything that belongs to one network: /8 is the largest"
    yield from (why for never, why in _NEVER if never.overlaps(found) and found.length >= 8)


def _gateway(subnet: Subnet, found: Net, path: "Path") -> "Iterator[Mistake]":
    if subnet.router and (why := _why_no_host(subnet.router, found)):
        first = text_of(found.base + 1, found.family)
        yield Mistake((*path, "gateway"), why, f"as in {first}, or {NO_GATEWAY}" if found.size > 1 else "")


def _why_no_host(text: str, found: Net) -> str:
    try:
        number, family = number_of(text)
    except ValueError:
        return f"{shown(text)} is no address"
    if not found.holds(number, family):
        return f"{text} is not in {found}"
    return "" if found.usable(number) else f"{text} is the {'network' if number == found.base else 'broadcast'} address of {found}"


def _range(subnet: Subnet, found: Net, path: "Path") -> "Iterator[Mistake]":
    if not subnet.range:
        return
    try:
        first, last = span_of(subnet.range)
    except ValueError as error:
        yield Mistake((*path, "range"), f"{shown(subnet.range)} is no range: {error}"[:200], "a network inside, or two addresses with - between them")
        return
    if (":" in subnet.range) != (found.family == 6) or not (found.base <= first and last <= found.last):
        yield Mistake((*path, "range"), f"{subnet.range} is not in {found}", f"from {text_of(found.base, found.family)} to {text_of(found.last, found.family)}")


def _reserved(subnet: Subnet, found: Net, path: "Path") -> "Iterator[Mistake]":
    seen: dict[str, str] = {subnet.router: "the gateway"} if subnet.router else {}
    for name, address in subnet.reserved:
        where = (*path, "reserved", name)
        if why := _why_no_host(address, found):
            yield Mistake(where, why)
        elif address in seen:
            yield Mistake(where, f"{address} is that of {seen[address]}", "every address once")
        seen.setdefault(address, name)


def _room(subnet: Subnet, found: Net, driver: str, path: "Path") -> "list[Mistake]":
    """Whether anything is left to be handed out."""
    first, last = subnet.span()
    gone = set(subnet.blocked())
    gone |= {number for number in (found.base, found.last) if not found.usable(number)}
    if driver == "bridge" and not subnet.gateway and (router := subnet.first_free()) is not None:
        gone.add(router)
    if last - first + 1 > len([number for number in gone if first <= number <= last]):
        return []
    return [Mistake((*path, "range") if subnet.range else (*path, "network"), "no address is left for a container", "make it larger")]


def _overlaps(network: Network) -> "Iterator[Mistake]":
    seen: list[tuple[Net, int]] = []
    for at, subnet in enumerate(network.subnets):
        try:
            found = net(subnet.network)
        except ValueError:
            continue  # told before
        for other, number in seen:
            if found.overlaps(other):
                yield Mistake(("subnets", at, "network"), f"{found} overlaps subnets[{number}], {other}", "subnets of a network do not share addresses")
        seen.append((found, at))


# -- the rest ----------------------------------------------------------------------------------------------------------------


def _numbers(network: Network) -> "Iterator[Mistake]":
    if network.mtu and not 68 <= network.mtu <= 65535:
        yield Mistake(("mtu",), f"{network.mtu} is no MTU", "from 68 (RFC 791) to 65535")
    elif network.mtu and network.mtu < 1280 and any(":" in subnet.network for subnet in network.subnets):
        # Below it the kernel takes IPv6 away from the device, addresses and all.
        yield Mistake(("mtu",), f"{network.mtu} is too little for IPv6", "1280 is the least (RFC 8200)")
    for field in ("ingress", "egress"):
        rate = getattr(network, field)
        if rate < 0 or 0 < rate < 8:
            yield Mistake((field,), f"{rate} is no rate", "bits a second, at least 8; 0 for no limit")


def _dns(network: Network) -> "Iterator[Mistake]":
    dns = network.dns
    if dns.domain and (why := names.why_not_domain(dns.domain)):
        yield Mistake(("dns", "domain"), why)
    for at, domain in enumerate(dns.search):
        if domain != "." and (why := names.why_not_domain(domain)):
            yield Mistake(("dns", "search", at), why)
    for at, server in enumerate(dns.servers):
        try:
            number_of(server)
        except ValueError:
            yield Mistake(("dns", "servers", at), f"{shown(server)} is no address of a DNS server", "as in 9.9.9.9 or 2620:fe::fe")


def _texts(network: Network) -> "Iterator[Mistake]":
    for at, name in enumerate(network.allow):
        if name != "*" and (why := names.why_not_network(name)):
            yield Mistake(("allow", at), why)
        elif name == network.name:
            yield Mistake(("allow", at), "a network is always allowed to itself", "see icc for its containers among themselves")
    for at, device in enumerate(network.trusted):
        if why := names.why_not_interface(device):
            yield Mistake(("trusted", at), why)
    for at, host in enumerate(network.bind):
        try:
            if host:
                host_address(host)
        except Wrong as wrong:
            yield Mistake(("bind", at), wrong.what, wrong.fix)
    if not network.bind:
        yield Mistake(("bind",), "ports are published nowhere", '"" is every address')
    for field in ("labels", "options"):
        for key, text in getattr(network, field):
            if not key or not key.isprintable() or len(key) + len(text) > _LARGEST_LABEL or "\0" in text:
                yield Mistake((field,), f"{shown(key)} cannot be kept", f"a key of printable characters, and {_LARGEST_LABEL} in all")


# -- beside the others -------------------------------------------------------------------------------------------------------


def mistakes_among(network: Network, others: "Iterable[Network]", devices: "Collection[str]" = ()) -> "list[Mistake]":
    """Those that it has beside other networks and on this host, whose devices are called so."""
    others = [other for other in others if other.name != network.name]
    known = {other.name for other in others}
    out = [
        Mistake(("allow", at), f"there is no network {shown(name)}", near(name, known))
        for at, name in enumerate(network.allow)
        if name not in known and name not in ("*", network.name)
    ]
    for other in others:
        if network.device and network.device == other.device:
            out.append(Mistake(("device",), f"{network.device} is the device of the network {other.name}", "take another name"))
        if network.parent and network.parent == other.parent and "passthru" in (network.macvlan_mode, other.macvlan_mode):
            out.append(Mistake(("parent",), f"{network.parent} is used by the network {other.name}", "a device in passthru mode carries one macvlan only"))
    if network.parent and devices and network.parent not in devices:
        out.append(Mistake(("parent",), f'there is no device "{network.parent}" here', near(network.parent, devices)))
    return out
