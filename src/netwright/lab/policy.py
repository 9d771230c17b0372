"""Who may talk to whom, as nftables rules in the host that begins the conversation.

At the source, because a router on the way may hide who it was (masquerade), and because hosts on one switch meet no router at
all. Policies count in the order of the lab, the first that speaks of a packet decides; in one policy `deny` comes before
`allow`. A pair that has an `allow` list may use that and nothing else: the rest is refused after all policies were asked. What
is denied is refused at once, so that a program (and a check) need not wait for a time-out. Answers always pass.

A switch as a target is the addresses that its hosts have on it, and not those that they have elsewhere. A port that a router
publishes is the router's: who may not talk to a host may still use what a router publishes of it.
"""

from __future__ import annotations

from ..model.addressing import text_of
from ..model.nft import Chain, Set, Table
from .draft import Draft

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .topology import Policy, Topology

    Meant = tuple[frozenset[str], frozenset[str]]  # hosts, switches

FAMILY, NAME = "inet", "lab_policy"
_FAMILIES = ((4, "v4", "ipv4_addr", "ip"), (6, "v6", "ipv6_addr", "ip6"))
_FIRST = (
    # Untracked is what IPv6 needs to find its neighbours: a denied one would seem to be down, and could not answer either.
    "ct state established,related,untracked accept",
    'oifname "lo" accept',
)
_EXAMPLES = "tcp/80, udp/53, tcp/8000-8010, tcp, icmp, all"


def tables(draft: Draft) -> dict[str, Table]:
    """The table of each host that the policy speaks of. Hosts that are treated alike share one."""
    rules: dict[str, list[int]] = {}
    targets: list[Meant] = []
    for at, policy in enumerate(draft.topology.policy):
        targets.append(_meant(draft, at, "to", policy.target))
        _check_entries(draft, at, policy)
        for host in sorted(_hosts(draft, _meant(draft, at, "from", policy.source))):
            rules.setdefault(host, []).append(at)
    parts = {at: _part(draft, at, targets[at]) for at in {at for many in rules.values() for at in many}}
    made: dict[tuple[int, ...], Table] = {}
    out = {}
    for host, many in rules.items():
        key = tuple(many)
        if key not in made:
            made[key] = _table([parts[at] for at in many])
        out[host] = made[key]
    return out


def _meant(draft: Draft, at: int, field: str, name: str) -> Meant:
    """What a name means: a host, a switch, what is in a zone, or everything."""
    try:
        return meant(draft.topology, name)
    except KeyError:
        topology = draft.topology
        known = [*topology.hosts, *topology.switches, *topology.zones, *{s.zone for s in topology.hosts.values() if s.zone}]
        draft.wrong(("policy", at, field), f'there is no host, switch or zone "{name}"', draft.known(name, known))
        return frozenset(), frozenset()


def meant(topology: Topology, name: str) -> Meant:
    """The hosts and the switches that a name means. KeyError for one that means nothing. A zone may have zones in it."""
    waiting, hosts, switches = [name], set[str](), set[str]()
    for part in waiting:
        if part == "*":
            hosts |= topology.hosts.keys()
        elif part in topology.hosts:
            hosts.add(part)
        elif part in topology.switches:
            switches.add(part)
        else:
            zone = {host for host, spec in topology.hosts.items() if spec.zone == part}
            if not zone and part not in topology.zones:
                raise KeyError(part)
            hosts |= zone
            waiting += [other for other in topology.zones.get(part, ()) if other not in waiting]
    return frozenset(hosts), frozenset(switches)


def _hosts(draft: Draft, found: Meant) -> set[str]:
    return {*found[0], *(plug.host for name in found[1] for plug in draft.segments[name].plugs)}


def _check_entries(draft: Draft, at: int, policy: Policy) -> None:
    for field in ("allow", "deny"):
        for number, entry in enumerate(getattr(policy, field)):
            try:
                _match(entry, "ip")
            except ValueError as error:
                draft.wrong(("policy", at, field, number), str(error), _EXAMPLES)
    if not policy.allow and not policy.deny:
        draft.wrong(("policy", at), "it says neither what is allowed nor what is denied", "allow: [tcp/80], or deny: all")


def _match(entry: str, word: str) -> str:
    """What an entry matches, in nft's words; "" matches everything. ValueError for no entry."""
    protocol, slash, ports = entry.partition("/")
    if entry == "all":
        return ""
    if protocol == "icmp" and not slash:
        return "meta l4proto icmp " if word == "ip" else "meta l4proto ipv6-icmp "
    if protocol in ("tcp", "udp") and not slash:
        return f"meta l4proto {protocol} "
    first, dash, last = ports.partition("-")
    numbers = [int(p) for p in (first, last if dash else first) if p.isascii() and p.isdigit() and 0 < int(p) < 65536]
    if protocol not in ("tcp", "udp") or len(numbers) != 2 or numbers[0] > numbers[1]:
        raise ValueError(f'"{entry}" is nothing that can be allowed or denied')
    return f"{protocol} dport {numbers[0] if numbers[0] == numbers[1] else f'{numbers[0]}-{numbers[1]}'} "


# -- one policy ----------------------------------------------------------------------------------------------------------------


def _part(draft: Draft, at: int, target: Meant) -> tuple[dict[str, Set], list[str], list[str]]:
    """Sets, rules in their place, and those that come after all others."""
    policy = draft.topology.policy[at]
    sets: dict[str, Set] = {}
    rules: list[str] = []
    closing: list[str] = []
    for family, key, kind, word in _FAMILIES:
        addresses = _addresses(draft, target, family)
        if not addresses:
            continue
        name = f"to{at}_{key}"
        sets[name] = Set(kind, elements=addresses)
        to = f"{word} daddr @{name} "
        try:
            rules += [line for entry in policy.deny for line in _refusals(to, _match(entry, word))]
            rules += [f"{to}{_match(entry, word)}accept" for entry in policy.allow]
        except ValueError:
            continue  # told before
        closing += _refusals(to, "") if policy.allow else []
    return sets, rules, closing


def _table(parts: list[tuple[dict[str, Set], list[str], list[str]]]) -> Table:
    sets = {name: found for part in parts for name, found in part[0].items()}
    rules = [rule for part in parts for rule in part[1]] + [rule for part in parts for rule in part[2]]
    return Table(FAMILY, NAME, sets, {"outgoing": Chain((*_FIRST, *rules), "filter", "output", "filter")})


def _refusals(to: str, match: str) -> list[str]:
    """TCP is refused by a reset, which its program sees at once; anything else by ICMP."""
    if match.startswith("tcp ") or match == "meta l4proto tcp ":
        return [f"{to}{match}reject with tcp reset"]
    if match:
        return [f"{to}{match}reject with icmpx admin-prohibited"]
    return [f"{to}meta l4proto tcp reject with tcp reset", f"{to}reject with icmpx admin-prohibited"]


def _addresses(draft: Draft, target: Meant, family: int) -> frozenset[str]:
    """The addresses that the target is reached by: of a switch's hosts only those on that switch."""
    found = [numbers for host in target[0] for _, numbers in draft.addresses_of(host)]
    found += [numbers for name in target[1] for plug in draft.segments[name].plugs for numbers in plug.addresses]
    return frozenset(text_of(number, f) for number, f, _ in found if f == family)
