"""One namespace as the kernel's dumps tell it: devices, addresses; and, when asked for, routes, rules, neighbours.

Thousands of devices are read in a row, and of the sixty attributes of each a dozen are wanted: so the bytes are taken apart by
hand here. Devices come as drafts, since the other end of a cable is found only when all namespaces have been read.
"""

from __future__ import annotations

from struct import Struct

from ..engine import observe
from ..kernel import inet, rtnl
from ..kernel.codec import split
from ..kernel.layouts import LINKINFO
from ..model import address as addresses_of
from ..model.address import Address
from ..model.ifinfo import STATES
from .model import Counters, Link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..kernel.netlink import Netlink
    from ..model.neighbour import Neighbour
    from ..model.route import Route
    from ..model.rule import Rule
    from .model import End

# IFLA_* of linux/if_link.h
_ADDRESS, _IFNAME, _MTU, _LINK, _QDISC, _MASTER, _OPERSTATE, _LINKINFO, _IFALIAS = 1, 3, 4, 5, 6, 10, 16, 18, 20
_STATS64, _GROUP, _LINK_NETNSID, _PROP_LIST, _ALT_IFNAME = 23, 27, 37, 52, 53
_KIND, _DATA, _SLAVE_KIND, _SLAVE_DATA = 1, 2, 4, 5
_HEAD, _WORD, _EIGHT = Struct("=BxHiII"), Struct("=i"), Struct("=8Q")
_ADDRESS_HEAD = Struct("=BBBBi")
UP, LOWER_UP = 0x1, 0x10000
# What is out of the ordinary; the others (broadcast, multicast) nearly every device has. linux/if.h
FLAGS = {0x8: "loopback", 0x10: "pointopoint", 0x80: "noarp", 0x100: "promisc", 0x200: "allmulti", 0x20000: "dormant"}
_PORT = {4: "mode", 5: "guard", 6: "protect", 7: "fast_leave", 10: "proxyarp", 29: "vlan_tunnel", 32: "neigh_suppress", 33: "isolated", 39: "locked"}
_PORT_OFF = {8: "learning", 9: "unicast_flood", 27: "mcast_flood", 30: "bcast_flood"}
_PORT_STATES = ("disabled", "listening", "learning", "forwarding", "blocking")
_UNDERLAY = ("vxlan", "geneve", "gre", "gretap", "ip6gre", "ip6gretap", "ipip", "sit", "ip6tnl", "vti", "vti6", "erspan", "ip6erspan")


class Draft:
    """A device of which the other end is not known yet. `mate` is the index that it points at, `nsid` the number of the
    namespace where that is (None: this one); `paired` says whether that is the other end of a pair."""

    __slots__ = ("body", "carrier", "fields", "index", "kind", "master", "mate", "name", "nsid", "paired")

    def __init__(self, body: bytes) -> None:
        _, _, self.index, flags, _ = _HEAD.unpack_from(body)
        raw = _wanted(body)
        self.name = _text(raw, _IFNAME)
        self.carrier = bool(flags & LOWER_UP)
        self.master = _number(raw, _MASTER)
        self.mate = _number(raw, _LINK)
        self.nsid = _number(raw, _LINK_NETNSID) if _LINK_NETNSID in raw else None
        info = split(raw[_LINKINFO]) if _LINKINFO in raw else {}
        self.kind = _text(info, _KIND)
        self.paired = self.kind in ("veth", "netkit")
        state = raw.get(_OPERSTATE, b"\0")[0]
        self.fields: dict[str, Any] = {
            "index": self.index, "name": self.name, "kind": self.kind, "up": bool(flags & UP),
            "state": STATES[state] if state < len(STATES) else "unknown",
            "mac": raw.get(_ADDRESS, b"").hex(":"), "mtu": _number(raw, _MTU), "qdisc": _text(raw, _QDISC), "group": _number(raw, _GROUP),
        }  # fmt: skip
        if flags & 0x20398:
            self.fields["flags"] = tuple(word for bit, word in FLAGS.items() if flags & bit)
        self._rarer(raw, info)

    def _rarer(self, raw: dict[int, bytes], info: dict[int, bytes]) -> None:
        fields = self.fields
        if _IFALIAS in raw:
            fields["alias"] = _text(raw, _IFALIAS)
        if _PROP_LIST in raw:
            fields["altnames"] = altnames(raw[_PROP_LIST])
        if len(raw.get(_STATS64, b"")) >= _EIGHT.size:
            fields["counters"] = counters(raw[_STATS64])
        if _DATA in info and self.kind != "veth":
            from . import options

            data = LINKINFO.decode(raw[_LINKINFO]).get("data")
            fields["options"] = options.told(self.kind, data)
            if self.kind in _UNDERLAY and data is not None and not isinstance(data, bytes):
                self.mate = data.get("link", 0) or 0
        if info.get(_SLAVE_KIND, b"").startswith(b"bridge\0"):
            fields["port"] = port(split(info.get(_SLAVE_DATA, b"")))

    @property
    def look(self) -> str:
        """Its name and hardware address: what may tell it from others that have its indices."""
        return f"{self.name} {self.fields['mac']}"

    def link(self, names: dict[int, str], peer: End | None, lower: End | None, lost: str) -> Link:
        """The device, now that the ends are known. `names`: of the devices that `beside` lists, by index."""
        master = names.get(self.master, "") if self.master else ""
        fields = {**self.fields, "options": self._named(names)} if self.kind == "bond" else self.fields
        return Link(**fields, master=master, peer=peer, lower=lower, lost=lost)

    def beside(self) -> tuple[int, ...]:
        """Indices of the devices in the same namespace whose names have to be known to tell of this one."""
        return (self.master, self._device())

    def _device(self) -> int:
        """The active port of a bond."""
        return next((found for name, found in self.fields.get("options", ()) if name == "active_slave"), 0)

    def _named(self, names: dict[int, str]) -> tuple[tuple[str, Any], ...]:
        return tuple((name, names.get(found, "") if name == "active_slave" else found) for name, found in self.fields.get("options", ()))


_pair = Struct("=HH").unpack_from
_WANTED = frozenset((_ADDRESS, _IFNAME, _MTU, _LINK, _QDISC, _MASTER, _OPERSTATE, _LINKINFO, _IFALIAS, _STATS64, _GROUP, _LINK_NETNSID, _PROP_LIST))


def _wanted(body: bytes) -> dict[int, bytes]:
    """codec.split for the attributes that are wanted: the others are most of a message."""
    out = {}
    at, last = _HEAD.size, len(body) - 4
    while at <= last:
        length, kind = _pair(body, at)
        if length < 4 or at + length > last + 4:
            break
        kind &= 0x3FFF
        if kind in _WANTED:
            out[kind] = body[at + 4 : at + length]
        at += (length + 3) & ~3
    return out


def _text(raw: dict[int, bytes], kind: int) -> str:
    return raw.get(kind, b"").rstrip(b"\0").decode("utf-8", "surrogateescape")


def _number(raw: dict[int, bytes], kind: int) -> int:
    found = raw.get(kind, b"")
    return int(_WORD.unpack_from(found)[0]) if len(found) >= 4 else 0


def altnames(data: bytes) -> tuple[str, ...]:
    """IFLA_PROP_LIST."""
    from ..kernel.codec import each

    return tuple(payload.rstrip(b"\0").decode("utf-8", "surrogateescape") for kind, payload in each(data) if kind == _ALT_IFNAME)


def counters(data: bytes) -> Counters | None:
    """struct rtnl_link_stats64; None for a device that has seen nothing."""
    rx_packets, tx_packets, rx_bytes, tx_bytes, *rest = _EIGHT.unpack_from(data)
    return Counters(rx_bytes, tx_bytes, rx_packets, tx_packets, *rest) if rx_packets or tx_packets or any(rest) else None


def port(data: dict[int, bytes]) -> tuple[tuple[str, Any], ...]:
    """A bridge's port: its state, and of its settings those that are not the usual ones."""
    state = data.get(1, b"\3")[0]
    found: list[tuple[str, Any]] = [("state", _PORT_STATES[state] if state < len(_PORT_STATES) else state)]
    found += [("hairpin" if name == "mode" else name, True) for kind, name in _PORT.items() if data.get(kind, b"\0") != b"\0"]
    found += [(name, False) for kind, name in _PORT_OFF.items() if data.get(kind, b"\1") == b"\0"]
    return tuple(sorted(found))


# -- asking ----------------------------------------------------------------------------------------------------------------


def drafts(netlink: Netlink, target: int | None = None) -> list[Draft]:
    """Every device, in the kernel's order. `target`: those of the namespace that has this number here (IFLA_TARGET_NETNSID)."""
    values: dict[str, Any] = {"ext_mask": rtnl.EXT_FILTER_SKIP_STATS}
    if target is not None:
        values["target_netnsid"] = target
    return [Draft(raw.body) for raw in netlink.dump(rtnl.LINK.request(rtnl.GETLINK, 0, {}, values)) if len(raw.body) >= _HEAD.size]


def look(netlink: Netlink, target: int, index: int) -> str | None:
    """What one device in another namespace looks like (see Draft.look)."""
    values = {"target_netnsid": target, "ext_mask": rtnl.EXT_FILTER_SKIP_STATS}
    found = netlink.get(rtnl.LINK.request(rtnl.GETLINK, 0, {"index": index}, values))
    raw = split(found[0].body, _HEAD.size) if found else {}
    return f"{_text(raw, _IFNAME)} {raw.get(_ADDRESS, b'').hex(':')}" if raw else None


def addresses(netlink: Netlink, names: dict[int, str]) -> tuple[Address, ...]:
    """Every address, of all devices; in the kernel's order, which is primary before secondary."""
    found = netlink.dump(rtnl.ADDRESS.request(rtnl.GETADDR, 0, {}))
    return tuple(address(raw.body, names) for raw in found if len(raw.body) >= 8 and raw.body[0] in (2, 10))


def address(body: bytes, names: dict[int, str]) -> Address:
    """struct ifaddrmsg and its attributes."""
    family, bits, flags, scope, index = _ADDRESS_HEAD.unpack_from(body)
    raw = split(body, _ADDRESS_HEAD.size)
    local, other = raw.get(2), raw.get(1)
    flags = _WORD.unpack(raw[8])[0] if len(raw.get(8, b"")) == 4 else flags
    name, label = names.get(index, ""), _text(raw, 3)
    return Address(
        f"{inet.ntoa(local or other or b'')}/{bits}",
        name,
        4 if family == 2 else 6,
        peer=inet.ntoa(other) if local and other and other != local else "",
        scope=addresses_of.SCOPES.get(scope, str(scope)),
        label="" if label == name else label,
        # "permanent" says only that it has no end.
        flags=tuple(word for bit, word in addresses_of.FLAGS.items() if flags & bit & ~0x80) if flags & ~0x80 else (),
    )


def routes(netlink: Netlink, names: Callable[[int], str]) -> tuple[Route, ...]:
    """Every route but those of the table local, which follow from the addresses, and cached ones."""
    out = []
    for raw in netlink.dump(rtnl.ROUTE.request(rtnl.GETROUTE, 0, {})):
        if len(raw.body) < 12 or raw.body[0] not in (2, 10) or raw.body[4] == 255:
            continue
        message = rtnl.decode(raw)
        if message is not None and not message["flags"] & 0x200:
            out.append(observe.route(message, names))
    return tuple(out)


_USUAL = frozenset(((0, 255), (32766, 254), (32767, 253)))


def rules(netlink: Netlink) -> tuple[Rule, ...]:
    """Every rule but the three that each namespace has."""
    found = rtnl.decoded(netlink.dump(rtnl.RULE.request(rtnl.GETRULE, 0, {})))
    all_of_them = (observe.rule(message) for message in found if message["family"] in (2, 10))
    return tuple(rule for rule in all_of_them if (rule.priority, rule.table) not in _USUAL)


def neighbours(netlink: Netlink, names: Callable[[int], str], switches: bool) -> tuple[Neighbour, ...]:
    """ARP and NDP entries; with `switches` forwarding entries too (family 7). Those of multicast (noarp) are left out."""
    out = []
    for family in (0, 7) if switches else (0,):
        for raw in netlink.dump(rtnl.NEIGHBOUR.request(rtnl.GETNEIGH, 0, {"family": family})):
            if len(raw.body) < 12 or (raw.body[0] in (2, 10) and raw.body[8] & 0x40):
                continue
            message = rtnl.decode(raw)
            if message is not None and message["family"] in (2, 10, 7):
                out.append(observe.neighbour(message, names))
    return tuple(out)
