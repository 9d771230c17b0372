"""nftables as values: tables, chains, sets and maps; rules are lines in nft(8)'s own canonical words."""

from .value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


@value
class Set:
    """A named set, or a map where `data` is not "". `type` is the key ("inet_service", "ipv4_addr . inet_service").

    `flags` out of interval, constant, timeout, dynamic. `elements` are as nft prints them: "80", "10.0.0.0/24",
    "8080 : 10.0.0.2 . 80".
    """

    type: str
    data: str = ""
    flags: "tuple[str, ...]" = ()
    elements: "frozenset[str]" = frozenset()


@value
class Chain:
    """`hook` "" is a chain that is only jumped to. `priority` in nft's words as it prints them ("filter", "dstnat", "-5")."""

    rules: "tuple[str, ...]" = ()
    type: str = ""
    hook: str = ""
    priority: str = ""
    policy: str = "accept"
    device: str = ""


@value
class Table:
    """One table of a family (ip, ip6, inet, bridge, arp, netdev); chains and sets by name, in the order they are printed."""

    family: str
    name: str
    sets: "Mapping[str, Set]" = {}
    chains: "Mapping[str, Chain]" = {}
