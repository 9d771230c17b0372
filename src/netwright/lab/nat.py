"""Address translation of routers: what leaves under the router's own address, and published ports.

Masquerading always names the device that packets leave by: without it, loopback in that namespace breaks.
"""

from __future__ import annotations

from ..model.addressing import around, number_of, text_of
from ..model.nft import Chain, Set, Table
from .draft import Draft

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .draft import Path
    from .topology import Host, Publish

NAME = "lab_nat"
_FAMILIES = {4: ("ip", "ipv4_addr"), 6: ("ip6", "ipv6_addr")}


def tables(draft: Draft, name: str, spec: Host) -> dict[tuple[str, str], Table]:
    """The tables of one host: {} for one that translates nothing."""
    if not (spec.nat or spec.publish):
        return {}
    if spec.nat and not spec.router:
        draft.wrong(("hosts", name, "nat"), f"{name} is no router, and has nothing to translate", "router: true, or leave it out")
    ways = [device for at, item in enumerate(spec.nat) for device in _devices(draft, name, spec, at, item)]
    _check_publish(draft, name, spec)
    out = {}
    for family, (table, address_type) in _FAMILIES.items():
        if not any(f == family for _, (_, f, _) in draft.addresses_of(name)):
            continue
        sets, chains = _published(draft, spec, family, address_type)
        leaving = [f'oifname "{device}" masquerade' for device in dict.fromkeys(ways)] + (_hairpins(draft, spec, family) if sets else [])
        if leaving:
            chains["leaving"] = Chain(tuple(leaving), "nat", "postrouting", "srcnat")
        if chains:
            out[table, NAME] = Table(table, NAME, sets, chains)
    return out


def _devices(draft: Draft, name: str, spec: Host, at: int, item: str) -> list[str]:
    """The devices towards a switch, towards a host at the other end of a cable, or the one that is named."""
    if item in spec.links:
        return [item]
    found = [plug.device for plug, segment in draft.of_host(name) if segment.name == item or (not segment.is_switch and any(p.host == item for p in segment.plugs if p.host != name))]
    if not found:
        known = [*spec.links, *(segment.name for _, segment in draft.of_host(name) if segment.is_switch)]
        draft.wrong(("hosts", name, "nat", at), f'"{item}" is no device of {name} and nothing that it is plugged into', draft.known(item, known))
    return found


# -- published ports -----------------------------------------------------------------------------------------------------------


def _check_publish(draft: Draft, name: str, spec: Host) -> None:
    seen: dict[tuple[str, str, int], int] = {}
    for at, rule in enumerate(spec.publish):
        path = ("hosts", name, "publish", at)
        if not spec.router:
            draft.wrong(path, f"{name} is no router", "router: true; ports of the machine are published by the lab's own `publish`")
        check_ports(draft, path, rule, seen, at)


def check_ports(draft: Draft, path: Path, rule: Publish, seen: dict[tuple[str, str, int], int], at: int, *, addressed: bool = True) -> None:
    """The mistakes of one published port, or range of them."""
    last = rule.last or rule.port
    if rule.host not in draft.topology.hosts:
        draft.wrong((*path, "host"), f'there is no host "{rule.host}"', draft.known(rule.host, draft.topology.hosts))
    elif addressed and not draft.addresses_of(rule.host):
        draft.wrong((*path, "host"), f"{rule.host} has no address", "give it one, or plug it into a switch with a subnet")
    # An address that the router has not got may still be routed to it.
    if rule.address and not _plain(rule.address):
        draft.wrong((*path, "address"), f'"{rule.address}" is no address', "as in 10.7.1.1, or leave it out for every address")
    if rule.protocol not in ("tcp", "udp"):
        draft.wrong((*path, "protocol"), f'"{rule.protocol}" has no ports that can be published', "tcp or udp")
    if not (0 < rule.port <= last < 65536 and 0 < rule.target_port <= 65535 - (last - rule.port)):
        ports = f"{rule.port}-{rule.last}" if rule.last else str(rule.port)
        draft.wrong(path, f"{ports} to {rule.target_port}: no such ports", "ports are 1 to 65535, the smaller one first")
        return
    for port in range(rule.port, last + 1):
        if seen.setdefault((rule.protocol, rule.address, port), at) != at:
            draft.wrong(path, f"port {port}/{rule.protocol} is published twice", "each port once")
            return


def _published(draft: Draft, spec: Host, family: int, address_type: str) -> tuple[dict[str, Set], dict[str, Chain]]:
    """One map for each protocol, with and without the router's address; looked up for packets from outside and of the router itself."""
    sets: dict[str, Set] = {}
    rules: list[str] = []
    word = "ip" if family == 4 else "ip6"
    for protocol in ("tcp", "udp"):
        for bound in (True, False):
            mine = [r for r in spec.publish if r.protocol == protocol and bool(r.address) == bound]
            elements = frozenset(e for rule in mine for e in _elements(draft, rule, family))
            if not elements:
                continue
            key = f"{protocol}_at" if bound else f"{protocol}_any"
            sets[key] = Set(f"{address_type} . inet_service" if bound else "inet_service", f"{address_type} . inet_service", elements=elements)
            lookup = f"{word} daddr . {protocol} dport" if bound else f"{protocol} dport"
            rules.append(("" if bound else "fib daddr type local ") + f"dnat {word} to {lookup} map @{key}")
    if not rules:
        return {}, {}
    # What the router sends to itself by its loopback address stays there: nobody could answer to 127.0.0.1.
    loopback = f"{word} daddr {'127.0.0.0/8' if family == 4 else '::1'} return"
    # dstnat is a name only where packets arrive; nft prints the number elsewhere.
    return sets, {"arriving": Chain(tuple(rules), "nat", "prerouting", "dstnat"), "own": Chain((loopback, *rules), "nat", "output", "-100")}


def _elements(draft: Draft, rule: Publish, family: int) -> list[str]:
    address = _target(draft, rule.host, family)
    if not address or (rule.address and (":" in rule.address) != (family == 6)):
        return []
    front = f"{_plain(rule.address)} . " if rule.address else ""
    return [f"{front}{rule.port + i} : {address} . {rule.target_port + i}" for i in range((rule.last or rule.port) - rule.port + 1)]


def _plain(address: str) -> str:
    """An address in the form that it is printed in; "" for none."""
    try:
        return text_of(*number_of(address))
    except ValueError:
        return ""


def _target(draft: Draft, host: str, family: int) -> str:
    """The first address of a host. (Which of several a router reaches it by makes no difference: routes lead to each.)"""
    if host not in draft.topology.hosts:
        return ""
    return next((text_of(n, f) for _, (n, f, _) in draft.addresses_of(host) if f == family), "")


def _hairpins(draft: Draft, spec: Host, family: int) -> list[str]:
    """A client in the target's own subnet would get the answer from an address that it did not ask: it has to come back through the router."""
    word = "ip" if family == 4 else "ip6"
    subnets = {}
    for rule in spec.publish:
        for _, (number, f, length) in draft.addresses_of(rule.host) if rule.host in draft.topology.hosts else ():
            if f == family:
                subnets[str(around(number, f, length))] = True
    return [f'oifname != "lo" {word} saddr {subnet} {word} daddr {subnet} ct status dnat masquerade' for subnet in subnets]
