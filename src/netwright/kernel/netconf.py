"""Settings of a namespace that the kernel tells by message too: a file below /proc/sys/net costs more with each namespace.

/proc/sys/net/ipv4 is another directory in each network namespace under one name, and the kernel keeps all of them in one chain
of its cache (proc_sys_compare): with 500 containers whose settings somebody looked at, one `open` there takes 0.3 ms.
Sources: linux/netconf.h, linux/ip.h (IPV4_DEVCONF_*), linux/ipv6.h (DEVCONF_*); inet_fill_link_af in net/ipv4/devinet.c.
"""

from struct import Struct

from ..errors import KernelError
from .codec import attribute, split
from .netlink import Netlink, Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_GETNETCONF, _AF_SPEC = 82, 26
_IFINDEX, _FORWARDING, _ALL = 1, 2, -1
_INET, _INET6 = 2, 10
_S32 = Struct("=i")
_EVERYWHERE = {"net.ipv4.ip_forward": _INET, "net.ipv6.conf.all.forwarding": _INET6}
# (family, the attribute that holds all settings of a device, the place in it)
_PLACES = {
    ("ipv4", "route_localnet"): (_INET, 1, 25), ("ipv4", "arp_notify"): (_INET, 1, 21), ("ipv6", "accept_ra"): (_INET6, 2, 3),
}  # fmt: skip
ARP_NOTIFY = 22  # IPV4_DEVCONF_ARP_NOTIFY, for {"af_spec": {"inet": {"conf": {ARP_NOTIFY: 1}}}}


def read(netlink: Netlink, links: "Mapping[str, Mapping[int, bytes]]", keys: "Iterable[str]") -> dict[str, str]:
    """Of the keys those that can be read so, of devices in `links` (name -> the attributes of RTM_NEWLINK)."""
    out = {}
    for key in keys:
        found = _everywhere(netlink, _EVERYWHERE[key]) if key in _EVERYWHERE else _of_device(links, key)
        if found is not None:
            out[key] = str(found)
    return out


def _everywhere(netlink: Netlink, family: int) -> "int | None":
    body = family.to_bytes(4, "little") + attribute(_IFINDEX, _S32.pack(_ALL))
    try:
        answers = netlink.get(Request(_GETNETCONF, 0, body))
    except KernelError:
        return None  # a kernel without it, or without that family
    found = split(answers[0].body, 4) if answers else {}
    return int(_S32.unpack(found[_FORWARDING])[0]) if len(found.get(_FORWARDING, b"")) == 4 else None


def _of_device(links: "Mapping[str, Mapping[int, bytes]]", key: str) -> "int | None":
    _, version, _, device, name, *more = [*key.split("."), "", "", "", "", ""][:6]
    attributes, place = links.get(device.replace("/", ".")), _PLACES.get((version, name))
    if attributes is None or place is None or any(more):
        return None
    family, kind, at = place
    settings = split(split(attributes.get(_AF_SPEC, b"")).get(family, b"")).get(kind, b"")
    return int(_S32.unpack_from(settings, 4 * at)[0]) if len(settings) >= 4 * (at + 1) else None
