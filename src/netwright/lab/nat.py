"""Address translation of routers: what leaves under the router's own address, and published ports.

Masquerading always names the device that packets leave by: without it, loopback in that namespace breaks.
"""

from __future__ import annotations

from ..model.addressing import around, text_of
from ..model.nft import Chain, Set, Table
from .draft import Draft

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .topology import Host, Publish

NAME = "lab_nat"
_FAMILIES = {4: ("ip", "ipv4_addr"), 6: ("ip6", "ipv6_addr")}


def tables(draft: Draft, name: str, spec: Host) -> dict[tuple[str, str], Table]:
    """The tables of one host: {} for one that translates nothing."""
    if not (spec.nat or spec.publish):
        return {}
    ways = [device for at, item in enumerate(spec.nat) for device in _devices(draft, name, spec, at, item)]
    _twice(draft, name, spec)
    out = {}
    for family, (table, address_type) in _FAMILIES.items():
        if not any(f == family for plug, _ in draft.of_host(name) for _, f, _ in plug.addresses):
            continue
        sets, chains = _published(draft, name, spec, family, address_type)
        leaving = [f'oifname "{device}" masquerade' for device in dict.fromkeys(ways)] + _hairpins(draft, spec, family)
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


def _twice(draft: Draft, name: str, spec: Host) -> None:
    seen: dict[tuple[str, str, int], int] = {}
    for at, rule in enumerate(spec.publish):
        if rule.host not in draft.topology.hosts:
            draft.wrong(("hosts", name, "publish", at), f'there is no host "{rule.host}"', draft.known(rule.host, draft.topology.hosts))
        if not spec.router:
            draft.wrong(("hosts", name, "publish", at), f"{name} is no router", "router: true; ports of the machine are published by the lab's own `publish`")
        for port in range(rule.port, (rule.last or rule.port) + 1):
            other = seen.setdefault((rule.protocol, rule.address, port), at)
            if other != at:
                draft.wrong(("hosts", name, "publish", at), f"port {port}/{rule.protocol} is published twice", "each port once")
                break


def _published(draft: Draft, name: str, spec: Host, family: int, address_type: str) -> tuple[dict[str, Set], dict[str, Chain]]:
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
    return sets, {"arriving": Chain(tuple(rules), "nat", "prerouting", "dstnat"), "own": Chain(tuple(rules), "nat", "output", "dstnat")}


def _elements(draft: Draft, rule: Publish, family: int) -> list[str]:
    address = _target(draft, rule.host, family)
    if not address or (rule.address and (":" in rule.address) != (family == 6)):
        return []
    front = f"{rule.address} . " if rule.address else ""
    return [f"{front}{rule.port + i} : {address} . {rule.target_port + i}" for i in range((rule.last or rule.port) - rule.port + 1)]


def _target(draft: Draft, host: str, family: int) -> str:
    if host not in draft.topology.hosts:
        return ""
    found = [(n, f) for plug, _ in draft.of_host(host) for n, f, _ in plug.addresses if f == family]
    return text_of(*found[0]) if found else ""


def _hairpins(draft: Draft, spec: Host, family: int) -> list[str]:
    """A client in the target's own subnet would get the answer from an address that it did not ask: it has to come back through the router."""
    word = "ip" if family == 4 else "ip6"
    subnets = {}
    for rule in spec.publish:
        for plug, _ in draft.of_host(rule.host) if rule.host in draft.topology.hosts else ():
            for number, f, length in plug.addresses:
                if f == family:
                    subnets[str(around(number, f, length))] = True
    return [f"ct status dnat {word} saddr {subnet} {word} daddr {subnet} masquerade" for subnet in subnets]
