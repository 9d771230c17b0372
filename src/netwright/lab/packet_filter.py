"""Which packets are shown: a small part of pcap-filter(7), read over the packets as packet.py takes them apart.

    FILTER = TERM { and|or TERM }      TERM = [not] ( PRIMITIVE | "(" FILTER ")" )
    PRIMITIVE = [src|dst] host ADDRESS · [src|dst] net NETWORK · [src|dst] port N[-M] · vlan N
              · tcp · udp · icmp · icmp6 · arp · ip · ip6 · sctp · less N · greater N

`and` binds closer than `or`; two terms side by side are joined by `and`. A host may be a name of the lab.
"""

from __future__ import annotations

from ..errors import Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .packet import Packet

    Test = Callable[[Packet], bool]
    Resolve = Callable[[str], tuple[str, ...]]

_PROTOCOLS = ("tcp", "udp", "icmp", "icmp6", "arp", "sctp", "igmp")
_FAMILIES = {"ip": 4, "ip6": 6}
_WITH_SIDE = ("host", "net", "port", "portrange")
KNOWN = (*_PROTOCOLS, *_FAMILIES, "src", "dst", *_WITH_SIDE, "vlan", "less", "greater", "and", "or", "not")


def compiled(words: list[str], resolve: Resolve) -> Test:
    """The test that the words mean; no words let everything through. `resolve(name)` gives a name's addresses. Invalid."""
    text = " ".join(words).replace("(", " ( ").replace(")", " ) ").replace("!", " not ").replace("&&", " and ").replace("||", " or ")
    reader = _Reader(text.split(), resolve)
    if not reader.words:
        return lambda packet: True
    test = reader.either()
    if reader.words:
        raise _wrong(reader.words[0])
    return test


class _Reader:
    def __init__(self, words: list[str], resolve: Resolve) -> None:
        self.words, self._resolve = words, resolve

    def either(self) -> Test:
        tests = [self._all()]
        while self._took("or"):
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda packet: any(test(packet) for test in tests)

    def _all(self) -> Test:
        tests = [self._term()]
        while self.words and self.words[0] not in ("or", ")"):
            self._took("and")
            tests.append(self._term())
        return tests[0] if len(tests) == 1 else lambda packet: all(test(packet) for test in tests)

    def _term(self) -> Test:
        if self._took("not"):
            test = self._term()
            return lambda packet: not test(packet)
        if self._took("("):
            test = self.either()
            if not self._took(")"):
                raise Invalid('a ")" is missing in the filter')
            return test
        return self._primitive()

    def _took(self, word: str) -> bool:
        if self.words[:1] == [word]:
            del self.words[0]
            return True
        return False

    def _next(self, what: str) -> str:
        if not self.words:
            raise Invalid(f"the filter ends where {what} belongs", fix='for example: "tcp port 80 and host web1"')
        return self.words.pop(0)

    def _primitive(self) -> Test:
        word = self._next("a word such as tcp, host or port")
        if word in _PROTOCOLS:
            return lambda packet: packet.protocol == word
        if word in _FAMILIES:
            return lambda packet: packet.family == _FAMILIES[word] and packet.protocol != "arp"
        side = word if word in ("src", "dst") else ""
        if side:
            word = self.words.pop(0) if self.words[:1] and self.words[0] in _WITH_SIDE else "host"
        if word == "host":
            return _host(side, self._addresses(self._next("a host")))
        if word == "net":
            return _net(side, self._next("a network"))
        if word in ("port", "portrange"):
            return _port(side, self._next("a port"))
        if word in ("vlan", "less", "greater"):
            return _numbered(word, self._number())
        raise _wrong(word)

    def _addresses(self, word: str) -> frozenset[str]:
        found = self._resolve(word)
        if not found:
            raise Invalid(f'"{word}" in the filter is no address, and nobody is called so', fix="a host of the lab, or 10.0.0.1, or fd00::1")
        return frozenset(found)

    def _number(self) -> int:
        word = self._next("a number")
        if not word.isdigit():
            raise Invalid(f'"{word}" in the filter is no number')
        return int(word)


def _wrong(word: str) -> Invalid:
    from ..model.meant import did_you_mean

    return Invalid(f'"{word}" is no word of a filter', fix=did_you_mean(word, KNOWN) or "words are " + ", ".join(KNOWN))


def _host(side: str, addresses: frozenset[str]) -> Test:
    return {
        "src": lambda packet: packet.source in addresses,
        "dst": lambda packet: packet.target in addresses,
        "": lambda packet: packet.source in addresses or packet.target in addresses,
    }[side]


def _net(side: str, text: str) -> Test:
    from ipaddress import ip_address, ip_network

    try:
        network = ip_network(text, strict=False)
    except ValueError as error:
        raise Invalid(f'"{text}" in the filter is no network', why=str(error), fix="for example: net 10.0.0.0/24") from None

    def inside(address: str) -> bool:
        return address not in ("", "?") and ip_address(address) in network

    return lambda packet: (side != "dst" and inside(packet.source)) or (side != "src" and inside(packet.target))


def _port(side: str, text: str) -> Test:
    first, _, last = text.partition("-")
    if not first.isdigit() or not (last or first).isdigit():
        raise Invalid(f'"{text}" in the filter is no port', fix="a number, or two: 8000-8010")
    low, high = int(first), int(last or first)
    sides = {"src": (0,), "dst": (1,), "": (0, 1)}[side]
    return lambda packet: packet.ports is not None and any(low <= packet.ports[at] <= high for at in sides)


def _numbered(word: str, number: int) -> Test:
    if word == "vlan":
        return lambda packet: packet.vlan == number
    return (lambda packet: packet.size <= number) if word == "less" else (lambda packet: packet.size >= number)
