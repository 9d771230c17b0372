"""Who may talk to whom, as nftables rules in the host that begins the conversation.

At the source, because a router on the way may hide who it was (masquerade), and because hosts on one switch meet no router at
all. A pair that has an `allow` list may use that and nothing else; `deny` takes single things, or everything, away. What is
denied is refused at once, so that a program (and a check) need not wait for a time-out. Answers always pass.
"""

from __future__ import annotations

from ..model.addressing import text_of
from ..model.nft import Chain, Set, Table
from .draft import Draft

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .topology import Policy

FAMILY, NAME = "inet", "lab_policy"
_FAMILIES = ((4, "v4", "ipv4_addr", "ip"), (6, "v6", "ipv6_addr", "ip6"))
_FIRST = (
    "ct state established,related accept",
    'oifname "lo" accept',
    # Without these an IPv6 neighbour that is denied could not even be looked for, and would seem to be down.
    "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept",
)


def tables(draft: Draft) -> dict[str, Table]:
    """The table of each host that the policy speaks of."""
    rules: dict[str, list[tuple[int, Policy, str, frozenset[str]]]] = {}
    for at, policy in enumerate(draft.topology.policy):
        sources, targets = (_members(draft, at, field, name) for field, name in (("from", policy.source), ("to", policy.target)))
        _grammar(draft, at, policy)
        for host in sources:
            rules.setdefault(host, []).append((at, policy, policy.target, targets))
    return {host: _table(draft, host, items) for host, items in rules.items()}


def _members(draft: Draft, at: int, field: str, name: str) -> frozenset[str]:
    """The hosts that a name means: a host, those on a switch, those of a zone, or all."""
    topology = draft.topology
    if name == "*":
        return frozenset(topology.hosts)
    if name in topology.hosts:
        return frozenset((name,))
    if name in topology.switches:
        return frozenset(plug.host for plug in draft.segments[name].plugs)
    zone = {host for host, spec in topology.hosts.items() if spec.zone == name}
    for part in topology.zones.get(name, ()):
        zone |= _members(draft, at, field, part) if part != name else set()
    if not zone:
        known = [*topology.hosts, *topology.switches, *topology.zones, *{s.zone for s in topology.hosts.values() if s.zone}]
        draft.wrong(("policy", at, field), f'there is no host, switch or zone "{name}"', draft.known(name, known))
    return frozenset(zone)


def _grammar(draft: Draft, at: int, policy: Policy) -> None:
    for field in ("allow", "deny"):
        for entry in getattr(policy, field):
            try:
                _matches(entry, "ip")
            except ValueError as error:
                draft.wrong(("policy", at, field), str(error), "tcp/80, udp/53, tcp/8000-8010, tcp, icmp, all")


def _matches(entry: str, word: str) -> list[str]:
    """What an entry matches, in nft's words; "" matches everything. ValueError for no entry."""
    protocol, slash, ports = entry.partition("/")
    if entry == "all":
        return [""]
    if protocol == "icmp" and not slash:
        return ["meta l4proto icmp " if word == "ip" else "meta l4proto ipv6-icmp "]
    if protocol in ("tcp", "udp") and not slash:
        return [f"meta l4proto {protocol} "]
    first, dash, last = ports.partition("-")
    numbers = [int(p) for p in (first, last or first) if p.isdigit() and int(p) < 65536]
    if protocol not in ("tcp", "udp") or len(numbers) != 2 or numbers[0] > numbers[1]:
        raise ValueError(f'"{entry}" is nothing that can be allowed or denied')
    return [f"{protocol} dport {first if not dash or numbers[0] == numbers[1] else f'{first}-{last}'} "]


# -- one host ------------------------------------------------------------------------------------------------------------------


def _table(draft: Draft, host: str, items: list[tuple[int, Policy, str, frozenset[str]]]) -> Table:
    sets: dict[str, Set] = {}
    rules = list(_FIRST)
    closing: list[str] = []
    for number, (_, policy, target, members) in enumerate(items):
        for family, key, kind, word in _FAMILIES:
            addresses = _addresses(draft, target, members - {host}, family)
            if not addresses:
                continue
            name = f"to{number}_{key}"
            sets[name] = Set(kind, elements=frozenset(addresses))
            to = f"{word} daddr @{name} "
            rules += [f"{to}{match}accept" for entry in policy.allow for match in _matches(entry, word)]
            for entry in policy.deny:
                rules += [line for match in _matches(entry, word) for line in _refusals(to, match)]
            if policy.allow:
                closing += _refusals(to, "")
    return Table(FAMILY, NAME, sets, {"outgoing": Chain((*rules, *dict.fromkeys(closing)), "filter", "output", "filter")})


def _refusals(to: str, match: str) -> list[str]:
    """TCP is refused by a reset, which its program sees at once; anything else by ICMP."""
    if match.startswith("tcp ") or match == "meta l4proto tcp ":
        return [f"{to}{match}reject with tcp reset"]
    if match:
        return [f"{to}{match}reject with icmpx admin-prohibited"]
    return [f"{to}meta l4proto tcp reject with tcp reset", f"{to}reject with icmpx admin-prohibited"]


def _addresses(draft: Draft, target: str, members: frozenset[str], family: int) -> list[str]:
    """The addresses that the target is reached by: of a switch's hosts only those on that switch."""
    out = []
    for host in members:
        for plug, segment in draft.of_host(host):
            if target in draft.topology.switches and segment.name != target:
                continue
            out += [text_of(number, f) for number, f, _ in plug.addresses if f == family]
    return out
