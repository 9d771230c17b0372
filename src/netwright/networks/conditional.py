"""Published ports that hold for some packets only: a small table of the container's own beside the one that has everybody's.

What a packet has to be like are words of nft for the packets that come in, and for those of the host itself; None where none can be so.
The chains are asked before those of the common table: who is meant by a condition is not asked for what has none. The record has all
that the table is made of, so that it is there again after somebody's flush, with the common one. A rule's comment has a digest of its
words, so that what is in the kernel can be compared with what should be there, by message.
"""

from ..model.nft import Chain, Table
from ..model.value import value
from . import firewall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from .records import Record
    from .values import Leg, Port

KEY = "conditional"  # in a record's data
_WORDS = {4: "ip", 6: "ip6"}


@value
class Match:
    """nft's words for packets that come in, and for those of the host itself. "" is every packet, None is none."""

    incoming: "str | None" = ""
    own: "str | None" = ""


def table_name(owner: str) -> str:
    """The same for the same owner."""
    from hashlib import sha256

    return f"{firewall.NAME}-{sha256(owner.encode('utf-8', 'surrogateescape')).hexdigest()[:12]}"


def data(owner: str, ports: "Iterable[Port]", legs: "Iterable[Leg]", matches: "Mapping[int, Match]") -> "dict[str, Any]":
    """For a record: what the table is made of, and that it goes with the record."""
    said = {
        "ports": [[port.protocol, port.host_ip, port.host_port, port.port] for port in ports],
        "legs": [leg.host for leg in legs],
        "matches": {str(family): [match.incoming, match.own] for family, match in matches.items()},
    }
    return {KEY: said, "tables": [[firewall.FAMILY, table_name(owner)]]}


def table(record: "Record") -> "Table | None":
    """The record's table; None where it has none."""
    said = record.data.get(KEY)
    if not said:
        return None
    rules = [tuple(_signed(rule, record.owner) for rule in _rules(said, which)) for which in (0, 1)]
    chains = {
        "prerouting": Chain(rules[0], "nat", "prerouting", "-101"),  # dstnat is -100
        "output": Chain(rules[1], "nat", "output", "-101"),
    }
    return Table(firewall.FAMILY, table_name(record.owner), {}, chains)


def _signed(rule: str, owner: str) -> str:
    from zlib import crc32

    return f'{rule}{firewall.comment(owner)[:-1]} #{crc32(rule.encode()):08x}"'


def changes(record: "Record", found: "Iterable[tuple[str, str]]") -> "list[str]":
    """What is not as it should be with the rules of its table, where `found` is (chain, comment) of each in the kernel."""
    wanted, there = table(record), list(found)
    out = []
    for name, chain in wanted.chains.items() if wanted else ():
        signs = {rule.rpartition(' comment "')[2][:-1]: rule.rpartition(" comment ")[0] for rule in chain.rules}
        have = [comment for where, comment in there if where == name]
        out += [f"{name} lacks: {rule}" for sign, rule in signs.items() if sign not in have]
        others = sum(comment not in signs for comment in have)
        out += [f"{name} has {others} that {'is' if others == 1 else 'are'} not ours"] if others else []
    return out


def _rules(said: "Mapping[str, Any]", which: int) -> "Iterable[str]":
    for address in said["legs"]:
        family = 6 if ":" in address else 4
        words = said["matches"].get(str(family), [None, None])[which]
        if words is None:
            continue
        for port in said["ports"]:
            if rule := _rule(address, family, words, port):
                yield rule


def _rule(address: str, family: int, words: str, port: "Sequence[Any]") -> str:
    protocol, host_ip, host_port, inside = port
    if host_ip and (":" in host_ip) != (family == 6):
        return ""
    ip = _WORDS[family]
    at = "" if host_ip in ("", "0.0.0.0", "::") else f"{ip} daddr {host_ip} "
    to = f"[{address}]:{inside}" if family == 6 else f"{address}:{inside}"
    asked = f"meta nfproto ipv{family} {at}meta l4proto {protocol} th dport {host_port} {words}"
    return f"{asked.rstrip()} fib daddr type local dnat {ip} to {to}"
