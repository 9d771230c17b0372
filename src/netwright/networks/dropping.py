"""Chains of others that drop what is forwarded, and what mends it. Pure: their tables are given.

A chain that does it has the policy drop (Docker's, ufw's), or drops or rejects at its end whatever came so far (firewalld's, that of
some distributions). Rules of ours cannot overrule it, and do not try to; rules of theirs may let a bridge's packets pass.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..model.nft import Chain, Table

_FAMILIES = {"ip": (4,), "ip6": (6,), "inet": (4, 6)}
_UFW = ("ufw-user-forward", "ufw6-user-forward")
_FIREWALLD = "firewalld"


def drops(tables: "Iterable[Table]", bridge: str) -> "Iterator[tuple[str, int, str]]":
    """(bridge, family, words) for each chain that drops what is forwarded for the bridge; "" is one that is not known yet."""
    for table in tables:
        for name in _dropping(table):
            if not _lets_pass(table, name, bridge):
                yield from ((bridge, family, _words(table, name, bridge)) for family in _FAMILIES[table.family])


def spares(tables: "Iterable[Table]", bridge: str) -> "Iterator[str]":
    """Words of those that let published ports pass all the same."""
    for table in tables:
        for name in _dropping(table):
            if any(_plain(rule) == ["ct", "status", "dnat", "accept"] for rule in table.chains[name].rules):
                yield _words(table, name, bridge)


def cause(words: str) -> str:
    """The words without what mends it, for where that stands once for many."""
    return words.partition(": ")[0]


def may_drop(family: str, chain: "Chain") -> bool:
    """Whether a chain is asked about what is forwarded, at all."""
    return chain.hook == "forward" and family in _FAMILIES


def _dropping(table: "Table") -> "list[str]":
    return [name for name, chain in table.chains.items() if may_drop(table.family, chain) and (chain.policy == "drop" or _end(chain))]


def _end(chain: "Chain") -> str:
    """The word by which the chain's last rule refuses whatever comes so far; "" where it does not."""
    last = _plain(chain.rules[-1]) if chain.rules else []
    if last[:1] == ["reject"] or last[:3] == ["xt", "target", '"REJECT"']:
        return "rejects"
    return "drops" if last == ["drop"] else ""


def _plain(rule: str) -> "list[str]":
    """The words of a rule without those that change nothing."""
    return [word for word in rule.partition(' comment "')[0].split() if word != "counter"]


# -- what lets pass --------------------------------------------------------------------------------------------------------------


def _lets_pass(table: "Table", name: str, bridge: str) -> bool:
    """Whether it accepts whatever comes from the bridge (of "": of some device) and goes to it, there or in a chain that it jumps to."""
    if table.name == _FIREWALLD:
        # Its zones are its own affair: of a device that it has in one, it has been told.
        return not bridge or any(f'"{bridge}"' in rule.split() for chain in table.chains.values() for rule in chain.rules)
    names = [bridge] if bridge else ["", *sorted(_devices(table))]
    return any(all(_accepts(table, name, [f"{way}ifname", f'"{device}"'], set()) for way in "io") for device in names)


def _devices(table: "Table") -> "set[str]":
    rules = [_plain(rule) for chain in table.chains.values() for rule in chain.rules]
    return {rule[1].strip('"') for rule in rules if len(rule) == 3 and rule[0] == "iifname"}


def _accepts(table: "Table", name: str, way: "list[str]", seen: "set[str]") -> bool:
    """Whether a chain accepts whatever comes (or goes) this way. `seen`: chains that do not, or are being looked at."""
    seen.add(name)
    for rule in map(_plain, table.chains[name].rules):
        rule = rule[len(way) :] if rule[: len(way)] == way else rule
        if rule == ["accept"]:
            return True
        jumps = len(rule) == 2 and rule[0] in ("jump", "goto") and rule[1] in table.chains and rule[1] not in seen
        if jumps and _accepts(table, rule[1], way, seen):
            return True
    return False


# -- words -----------------------------------------------------------------------------------------------------------------------


def _words(table: "Table", name: str, bridge: str) -> str:
    verb = _end(table.chains[name]) or "drops"
    return f"{name} of the table {table.family} {table.name} {verb} what it does not know: accept it there, e.g. {_accepting(table, name, bridge)}"


def _accepting(table: "Table", chain: str, bridge: str) -> str:
    """In the words of whoever has the table, for else it would be gone with his next change."""
    from shlex import quote

    device = quote(bridge or "BRIDGE")
    if table.name == _FIREWALLD:
        return f"firewall-cmd --permanent --zone=trusted --add-interface={device}; firewall-cmd --reload"
    if any(name in table.chains for name in _UFW):
        return "; ".join(f"ufw route allow {way} on {device}" for way in ("in", "out"))
    if (table.name, chain) == ("filter", "FORWARD") and table.family != "inet":  # iptables knows no table of both families
        command = "iptables" if table.family == "ip" else "ip6tables"
        place = "DOCKER-USER" if "DOCKER-USER" in table.chains else chain
        return "; ".join(f"{command} -I {place} -{way} {device} -j ACCEPT" for way in "io")
    said = device if bridge[:1].isalpha() or not bridge else quote(f'"{bridge}"')
    return "; ".join(f"nft insert rule {table.family} {table.name} {chain} {way}ifname {said} accept" for way in "io")
