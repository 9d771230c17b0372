"""VLANs of the ports of a bridge and of the bridge itself: `bridge vlan add|del|show`.

They go by RTM_SETLINK and RTM_DELLINK of family AF_BRIDGE, with the VLAN in IFLA_AF_SPEC; a dump of that family tells them when it
is asked with RTEXT_FILTER_BRVLAN_COMPRESSED, ranges by their first and last number. Sources: linux/if_bridge.h,
net/bridge/br_netlink.c. A kernel without CONFIG_BRIDGE_VLAN_FILTERING answers EOPNOTSUPP, and dumps none.
"""

from __future__ import annotations

from errno import EOPNOTSUPP

from ..errors import Invalid, NotSupported
from .codec import STRING, U16, U32, Layout, each, nest, record
from .netlink import Netlink, Request
from .rtnl import DELLINK, GETLINK, SETLINK, Family

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

AF_BRIDGE = 7
BRVLAN_COMPRESSED = 4
_PVID, _UNTAGGED, _RANGE_BEGIN, _RANGE_END = 2, 4, 8, 16
_SELF = 2
_WORDS = {"pvid": _PVID, "untagged": _UNTAGGED}
_IFNAME, _AF_SPEC, _VLAN_INFO = 3, 26, 2
OPTION = "CONFIG_BRIDGE_VLAN_FILTERING"

_INFO = record("=HH", "flags", "vid")
# In the order in which bridge(8) sends them.
_SPEC = Layout("bridge", {0: ("flags", U16), 2: ("vlan_info", _INFO)})
_LINK = Layout("bridge link", {_IFNAME: ("ifname", STRING), _AF_SPEC: ("af_spec", nest(_SPEC, 0)), 29: ("ext_mask", U32)})
_BRIDGE = Family("bridge link", "=BxHiII", "family type index flags change", _LINK)


def request(index: int, vid: int, flags: str = "", own: bool = False) -> Request:
    """`bridge vlan add dev … vid VID [pvid] [untagged] [self]`; flags as in ops.AddVlan. Invalid."""
    bits = 0
    for word in flags.split():
        if word not in _WORDS:
            raise Invalid(f'"{word}" is no flag of a VLAN', fix="the flags are pvid and untagged")
        bits |= _WORDS[word]
    return _request(SETLINK, index, vid, bits, own, "add")


def delete_request(index: int, vid: int, own: bool = False) -> Request:
    """`bridge vlan del dev … vid VID [self]`. Invalid."""
    return _request(DELLINK, index, vid, 0, own, "del")


def _request(kind: int, index: int, vid: int, bits: int, own: bool, verb: str) -> Request:
    if not 1 <= vid <= 4094:
        raise Invalid(f"{vid} is no number of a VLAN", fix="they go from 1 to 4094")
    spec: dict[str, Any] = {"flags": _SELF} if own else {}
    spec["vlan_info"] = {"flags": bits, "vid": vid}
    return _BRIDGE.request(kind, 0, {"family": AF_BRIDGE, "index": index}, {"af_spec": spec}, subject=f"bridge vlan {verb} vid {vid}")


def add(netlink: Netlink, index: int, vid: int, flags: str = "", own: bool = False) -> None:
    """Let a VLAN through at the port `index`, or change its flags there. Invalid, NotSupported or another KernelError."""
    _ask(netlink, request(index, vid, flags, own))


def delete(netlink: Netlink, index: int, vid: int, own: bool = False) -> None:
    """Take it away. Missing (ENOENT) when it is not there; NotSupported."""
    _ask(netlink, delete_request(index, vid, own))


def _ask(netlink: Netlink, wanted: Request) -> None:
    try:
        netlink.request(wanted)
    except NotSupported as error:
        # The same answer as for a device that is no port of a bridge.
        raise NotSupported(EOPNOTSUPP, error.message or why_not(), subject=wanted.subject) from None


def why_not() -> str:
    """What is missing where the kernel says that it does not support this."""
    return f"this kernel lacks {OPTION} (VLANs of bridges), or the device is neither a bridge nor a port of one"


# -- what is there -----------------------------------------------------------------------------------------------------------


def read(netlink: Netlink) -> dict[str, tuple[tuple[int, str], ...]]:
    """Sorted (vid, flags) of every bridge and port that has any, by the device's name."""
    asked = _BRIDGE.request(GETLINK, 0, {"family": AF_BRIDGE}, {"ext_mask": BRVLAN_COMPRESSED}, subject="VLANs of bridges")
    found: dict[str, tuple[tuple[int, str], ...]] = {}
    for raw in netlink.dump(asked):
        name, vlans = told(raw.body)
        if vlans:
            found[name] = vlans
    return found


def told(body: bytes) -> tuple[str, tuple[tuple[int, str], ...]]:
    """A device's name and its VLANs, from the body of one RTM_NEWLINK of family AF_BRIDGE."""
    name, infos = "", []
    for kind, payload in each(body[_BRIDGE.header.size :]):
        if kind == _IFNAME:
            name = STRING.decode(payload)
        elif kind == _AF_SPEC:
            infos = [_INFO.decode(inner) for number, inner in each(payload) if number == _VLAN_INFO and len(inner) >= 4]
    return name, tuple(sorted(_ranges(infos).items()))


def _ranges(infos: list[dict[str, int]]) -> dict[int, str]:
    """Ranges written out. (What begins and never ends is its first number alone.)"""
    vlans: dict[int, str] = {}
    first = 0
    for info in infos:
        words = " ".join(word for word, bit in _WORDS.items() if info["flags"] & bit)
        if info["flags"] & _RANGE_BEGIN:
            first = info["vid"]
        begin = first if info["flags"] & _RANGE_END and first else info["vid"]
        for vid in range(begin, info["vid"] + 1):
            vlans[vid] = words
    return vlans
