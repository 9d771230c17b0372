"""The options behind `type KIND`: one file per kind, read when that kind is named.

A kind's file has `read(kind, words, command)`, which takes all words that are left and gives the attributes of
IFLA_INFO_DATA (for a `…_slave` kind: IFLA_INFO_SLAVE_DATA). Kinds whose words are a table in model/kinds/ need no file.
"""

from importlib import import_module

from ...exits import LOCAL, Exit, Usage
from ...words import matches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...words import Words
    from ..command import Command

# kind -> file here; `` where the table in model/kinds/ says it all
READERS = {
    "veth": "veth", "bridge": "", "bridge_slave": "", "vxlan": "vxlan", "macvlan": "macvlan", "macvtap": "macvlan",
    "vlan": "", "ipvlan": "ipvlan", "ipvtap": "ipvlan", "vrf": "", "bond": "", "bond_slave": "", "geneve": "geneve",
    "gre": "gre", "gretap": "gre", "ip6gre": "ip6gre", "ip6gretap": "ip6gre", "netkit": "netkit",
}  # fmt: skip
# ip takes any words behind these, and heeds none.
WITHOUT_OPTIONS = ("dummy", "ifb", "vrf_slave", "tun")
# Kinds whose options only the real ip knows.
THEIRS = (
    "amt", "bareudp", "batadv", "can", "dsa", "hsr", "gtp", "ipoib", "netdevsim", "nlmon", "rmnet", "team", "team_slave",
    "vcan", "virt_wifi", "vxcan", "wwan", "macsec", "erspan", "ip6erspan", "ip6tnl", "ipip", "sit", "vti", "vti6", "xfrm",
)  # fmt: skip
KINDS = tuple(READERS) + WITHOUT_OPTIONS + THEIRS + ("wireguard",)


def linkinfo(kind: str, words: "Words", command: "Command") -> "dict[str, Any]":
    """IFLA_LINKINFO for `type KIND` and the words behind it."""
    info: dict[str, Any] = {"kind": kind}
    if not words.more or kind in WITHOUT_OPTIONS:
        return info
    data = _options(kind, words, command)
    if kind.endswith("_slave"):
        # The kernel takes the kind of the master from the device itself; ours is for reading the data back.
        return {**info, "slave_kind": kind.removesuffix("_slave"), "slave_data": data}
    return {**info, "data": data}


def _options(kind: str, words: "Words", command: "Command") -> "dict[str, Any]":
    if kind in THEIRS:
        from ...front import NotOurs

        raise NotOurs(f"ip link … type {kind} {words.peek}")
    if kind not in READERS:
        raise _garbage(kind, words)
    data: dict[str, Any]
    if READERS[kind]:
        data = import_module(f".{READERS[kind]}", __package__).read(kind, words, command)
    else:
        from ....model.kinds import MODULES
        from .options import read

        slave = kind.endswith("_slave")
        module = import_module(f"netwright.model.kinds.{MODULES[kind.removesuffix('_slave')]}")
        data = read(kind, module.SLAVE_OPTIONS if slave else module.OPTIONS, words, command)
    return data


def _garbage(kind: str, words: "Words") -> Exit:
    if matches(words.peek, "help"):
        return Usage("link")
    why = f"type {kind} has no options" if kind == "wireguard" else f'no options are known for type "{kind}"'
    return Exit(
        LOCAL,
        f'Garbage instead of arguments "{words.peek} ...". Try "ip link help".',
        why=why,
        fix="keys and peers are set with wg(8)" if kind == "wireguard" else _meant(kind),
    )


def _meant(kind: str) -> str:
    from ....model.meant import did_you_mean

    return did_you_mean(kind, KINDS)
