"""What nftables do to addresses, in short: base chains, rules that rewrite, and the ports that are handed on. Pure.

Ports are found as nft writes them (a rule with `dnat`, a map of ports) and as iptables-nft does (`tcp dport 8080 … dnat to
172.17.0.2:80`). A rule that chooses in another way (by mark, by `numgen`) is a NatRule and no Published: nothing is guessed.
"""

from __future__ import annotations

import re

from .model import Chain, NatRule, Published

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..model.nft import Set, Table

_ACTION = re.compile(r"(?:^| )(masquerade|snat|dnat|redirect)(?: |$)")
_DNAT = re.compile(r"(?:^| )dnat (?:ip6? )?to (?:addr \. port )?(\S+)(.*)$")
_DPORT = re.compile(r"(?:^| )(?:(tcp|udp|sctp|dccp) |th )dport (\{[^}]*\}|\S+)")
_PROTOCOL = re.compile(r"(?:^| )(?:meta l4proto|ip protocol|ip6 nexthdr) (tcp|udp|sctp|6|17)(?: |$)")
_DADDR = re.compile(r"(?:^| )ip6? daddr ([0-9a-fA-F.:]+)(?:/32|/128)?(?: |$)")
_MAP = re.compile(r"(?:^| )dnat (?:ip6? )?(?:addr \. port )?to ((?:(?!dnat ).)+?) map (@\S+|\{.*\})")
_NOTE = re.compile(r' comment "[^"]*"| (?:timeout|expires) \S+')
_NUMBERS = {"6": "tcp", "17": "udp"}


def summary(tables: Mapping[tuple[str, str], Table]) -> tuple[tuple[Chain, ...], tuple[NatRule, ...], tuple[Published, ...]]:
    """(base chains, rules that rewrite, published ports) of one namespace."""
    chains: list[Chain] = []
    nat: list[NatRule] = []
    published: dict[Published, None] = {}
    for (family, name), table in sorted(tables.items()):
        where = f"{family} {name}"
        for key, chain in table.chains.items():
            if chain.hook:
                chains.append(Chain(where, key, chain.hook, chain.type, chain.priority, chain.policy, len(chain.rules)))
            for rule in chain.rules:
                if found := _ACTION.search(_plain(rule)):
                    nat.append(NatRule(where, key, found[1], rule))
                published.update((port, None) for port in ports(rule, f"{where} {key}", table.sets) if not _stays_inside(port))
    return tuple(chains), tuple(nat), tuple(published)


def _stays_inside(port: Published) -> bool:
    """From loopback to loopback: Docker's name server in a container, 127.0.0.11. Nobody outside is offered anything."""
    return port.address.startswith("127.") and port.to_address.startswith("127.")


def ports(rule: str, by: str, sets: Mapping[str, Set]) -> Iterator[Published]:
    """The ports that one rule hands on."""
    rule = _plain(rule)
    if found := _MAP.search(rule):
        yield from _of_map(found[1].split(" . "), found[2], rule, by, sets)
        return
    target, dport = _DNAT.search(rule), _DPORT.search(rule)
    if not target or not dport:
        return
    protocol = dport[1] or _protocol(rule)
    address = _DADDR.search(rule)
    to_address, to_port = _split(target[1])
    if not protocol or not to_address:
        return
    for first, last in _ranges(dport[2]):
        yield Published(protocol, address[1] if address else "", first, last, to_address, to_port, by)


def _plain(rule: str) -> str:
    """Without what stands in quotes: a comment can say anything."""
    return re.sub(r'"[^"]*"', '""', rule) if '"' in rule else rule


def _protocol(rule: str) -> str:
    found = _PROTOCOL.search(rule)
    return _NUMBERS.get(found[1], found[1]) if found else ""


def _split(text: str) -> tuple[str, int]:
    """10.0.0.2:80, [fd00::2]:80, 10.0.0.2, fd00::2; a range of targets is none that can be told."""
    if text.startswith("["):
        address, _, port = text[1:].partition("]")
        return address, int(port[1:]) if port[1:].isdigit() else 0
    address, colon, port = text.partition(":")
    if colon and ":" not in port:
        return (address, int(port)) if port.isdigit() else (address, 0)
    return (text, 0) if re.fullmatch(r"[0-9a-fA-F.:]+", text) else ("", 0)


def _ranges(text: str) -> Iterator[tuple[int, int]]:
    """8080, 8000-8010, { 80, 443 }."""
    for part in text.strip("{} ").split(","):
        first, dash, last = part.strip().partition("-")
        if first.isdigit() and (not dash or last.isdigit()):
            yield int(first), int(last) if dash else int(first)


def _of_map(keys: list[str], source: str, rule: str, by: str, sets: Mapping[str, Set]) -> Iterator[Published]:
    """Elements such as `tcp . 8080 : 10.0.0.2 . 80`; the rule's words before `map` say what each part of the key is."""
    if source.startswith("@"):
        elements = sorted(sets[source[1:]].elements) if source[1:] in sets else []
        by = f"{by.rpartition(' ')[0]} {source}"
    else:
        elements = source.strip("{} ").split(", ")
    for element in elements:
        left, colon, right = _NOTE.sub("", element).partition(" : ")
        key = dict(zip((_role(word) for word in keys), left.split(" . "), strict=False))
        yield from _published(key, right.split(" . "), rule, by) if colon else ()


def _published(key: dict[str, str], target: list[str], rule: str, by: str) -> Iterator[Published]:
    protocol = key.get("protocol") or _protocol(rule)
    port = key.get("port") or key.get("tcp") or key.get("udp") or ""
    protocol = protocol or next((name for name in ("tcp", "udp") if name in key), "")
    to_port = int(target[1]) if len(target) > 1 and target[1].isdigit() else 0
    fixed = _DADDR.search(rule)
    for first, last in _ranges(port) if protocol else ():
        yield Published(_NUMBERS.get(protocol, protocol), key.get("address") or (fixed[1] if fixed else ""), first, last, target[0], to_port, by)


def _role(word: str) -> str:
    """What a part of a map's key is: `ip daddr`, `meta l4proto`, `th dport`, `tcp dport`."""
    words = word.split()
    if words[-1] == "daddr":
        return "address"
    if words[-1] in ("l4proto", "protocol"):
        return "protocol"
    if words[-1] == "dport":
        return words[-2] if words[-2] in ("tcp", "udp") else "port"
    return "other"
