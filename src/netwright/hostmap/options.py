"""The settings of a device as the map tells them: by the kernel's names, their values in the words of ip(8). Pure.

What the kernel counts (modes, policies, protocols) is a word here, what is on or off is true or false, bits are told by their names
(`nopromisc`), and a device by its name. What nothing is known of stays a number.
"""

from __future__ import annotations

from ..kernel.codec import _plain
from ..model.kinds.bond import CHOICES
from ..model.kinds.gre import ENCAPSULATIONS
from ..model.kinds.ipvlan import FLAGS as IPVLAN_FLAGS
from ..model.kinds.ipvlan import MODES as IPVLAN_MODES
from ..model.kinds.macvlan import FLAGS as MACVLAN_FLAGS
from ..model.kinds.macvlan import MODES as MACVLAN_MODES
from ..model.kinds.netkit import MODES as NETKIT_MODES
from ..model.kinds.netkit import POLICIES
from ..model.kinds.options import PROTOCOLS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    Words = Mapping[int, str]

_TUNNELS = ("gre", "gretap", "ip6gre", "ip6gretap")
# The settings that are told, by kind; of any other kind all of them.
_TOLD: dict[str, tuple[str, ...]] = {
    "bridge": ("stp_state", "vlan_filtering", "vlan_default_pvid", "nf_call_iptables"),
    "vxlan": ("id", "group", "group6", "local", "local6", "port", "learning", "collect_metadata"),
    "geneve": ("id", "remote", "remote6", "port"), "macvlan": ("mode", "flags"), "macvtap": ("mode", "flags"),
    "ipvlan": ("mode", "flags"), "ipvtap": ("mode", "flags"), "vlan": ("id", "protocol"), "vrf": ("table",),
    "bond": ("mode", "active_slave", "miimon"), "veth": (), "netkit": ("mode", "primary", "policy"),
    **dict.fromkeys(_TUNNELS, ("local", "remote", "ttl", "ikey", "okey", "encap_type", "encap_sport", "encap_dport", "collect_metadata")),
}  # fmt: skip
_TOLD_ALWAYS = ("id", "mode", "learning", "table")
_NOTHING = (0, "", "0.0.0.0", "::")  # 0 is how the kernel says "not set" or "off"


def _listed(words: Sequence[str]) -> Words:
    return dict(enumerate(words))


def _turned(numbers: Mapping[str, int]) -> Words:
    return {number: word for word, number in numbers.items()}


_WORDS: dict[str, dict[str, Words]] = {
    **{key: {"mode": _turned(MACVLAN_MODES)} for key in ("macvlan", "macvtap")},
    **{key: {"mode": _listed(IPVLAN_MODES)} for key in ("ipvlan", "ipvtap")},
    **{key: {"encap_type": _listed(ENCAPSULATIONS)} for key in _TUNNELS},
    "bond": {"mode": _listed(CHOICES["mode"])},
    "netkit": {"mode": _listed(NETKIT_MODES), "policy": _turned(POLICIES)},
    "tun": {"type": {1: "tun", 2: "tap"}},  # IFF_TUN, IFF_TAP of linux/if_tun.h
    "vlan": {"protocol": _turned(PROTOCOLS)},
}
_BITS: dict[str, Words] = {
    **dict.fromkeys(("macvlan", "macvtap"), _turned(MACVLAN_FLAGS)),
    **dict.fromkeys(("ipvlan", "ipvtap"), _turned(IPVLAN_FLAGS)),
}
_YES_NO = {
    "vxlan": ("learning", "collect_metadata"), "tun": ("pi", "vnet_hdr", "persist", "multi_queue"), "netkit": ("primary",),
}  # fmt: skip
_ZERO_IS_A_WORD = {("netkit", "policy"), ("ipvlan", "flags"), ("ipvtap", "flags")}


def told(kind: str, data: Any) -> tuple[tuple[str, Any], ...]:
    """What IFLA_INFO_DATA says of a device of this kind, as sorted pairs. `data`: codec.Attributes; None, or bytes where nothing
    is known of the kind."""
    if data is None or isinstance(data, bytes):
        return ()
    if kind in _TOLD:
        known = [(name, found) for name in _TOLD[kind] if (found := data.get(name)) is not None]
        pairs = [(name, found) for name, found in known if name in _TOLD_ALWAYS or (kind, name) in _ZERO_IS_A_WORD or found not in _NOTHING]
    else:
        pairs = [(name, found) for name, found in data.plain().items() if name[0] != "#"]
    return tuple(sorted(pair for name, found in pairs for pair in _told(kind, name, found)))


def _told(kind: str, name: str, found: Any) -> list[tuple[str, Any]]:
    if name == "flags" and kind in _BITS:
        return [(word, True) for bit, word in _BITS[kind].items() if (found & bit if bit else not found)]
    if name in _YES_NO.get(kind, ()):
        return [(name, bool(found))]
    words = _WORDS.get(kind, {}).get(name, {})
    return [(name, words.get(found, found) if words else _frozen(found))]


def _frozen(item: Any) -> Any:
    """What JSON can hold, and nothing can change."""
    item = _plain(item)
    if isinstance(item, bytes):
        return item.hex()
    if isinstance(item, dict):
        return tuple((str(key), _frozen(inner)) for key, inner in item.items())
    return tuple(_frozen(inner) for inner in item) if isinstance(item, list | tuple) else item
