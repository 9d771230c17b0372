"""rtnetlink's messages: numbers, headers, and each message as one thing with names.

A decoded `Message` gives header fields and attributes by name: message["ifname"], message["index"], message.get("mtu").
Sources: linux/rtnetlink.h, rtnetlink(7).
"""

from struct import Struct

from . import layouts
from .codec import Attributes, Layout, split
from .netlink import Netlink, Raw, Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .codec import Lookup

NEWLINK, DELLINK, GETLINK, SETLINK = 16, 17, 18, 19
NEWADDR, DELADDR, GETADDR = 20, 21, 22
NEWROUTE, DELROUTE, GETROUTE = 24, 25, 26
NEWNEIGH, DELNEIGH, GETNEIGH = 28, 29, 30
NEWRULE, DELRULE, GETRULE = 32, 33, 34
NEWPREFIX = 52
NEWNETCONF, DELNETCONF, GETNETCONF = 80, 81, 82
NEWNSID, DELNSID, GETNSID = 88, 89, 90
NEWNEXTHOP, DELNEXTHOP, GETNEXTHOP = 104, 105, 106
NEWLINKPROP, DELLINKPROP = 108, 109

# Multicast groups: RTNLGRP_* of linux/rtnetlink.h
GROUPS = {
    "link": 1, "neigh": 3, "tc": 4, "ipv4_ifaddr": 5, "ipv4_mroute": 6, "ipv4_route": 7, "ipv4_rule": 8,
    "ipv6_ifaddr": 9, "ipv6_mroute": 10, "ipv6_route": 11, "ipv6_prefix": 18, "ipv6_rule": 19, "mpls_route": 27,
    "ipv4_netconf": 24, "ipv6_netconf": 25, "mpls_netconf": 29, "nsid": 28, "nexthop": 32, "stats": 36,
}  # fmt: skip

EXT_FILTER_VF, EXT_FILTER_BRVLAN, EXT_FILTER_SKIP_STATS = 1, 2, 8


class Family:
    """One kind of message: its fixed header (a struct, field names) and the layout of its attributes."""

    __slots__ = ("fields", "header", "layout", "name", "pads")

    def __init__(self, name: str, form: str, fields: str, layout: Layout) -> None:
        self.name, self.header, self.fields, self.layout = name, Struct(form), tuple(fields.split()), layout

    def body(self, header: "Mapping[str, int]", values: "Mapping[str, Any]", lookup: "Lookup | None" = None) -> bytes:
        """Header and attributes as bytes; header fields that are not given are 0."""
        return self.header.pack(*[header.get(name, 0) for name in self.fields]) + self.layout.encode(values, lookup)

    def request(
        self,
        kind: int,
        flags: int = 0,
        header: "Mapping[str, int] | None" = None,
        values: "Mapping[str, Any] | None" = None,
        lookup: "Lookup | None" = None,
        subject: str = "",
    ) -> Request:
        """A request of this family, ready for Netlink.transact, get or dump."""
        return Request(
            kind, flags, self.body(header or {}, values or {}, lookup), self.layout, self.header.size, subject
        )


LINK = Family("link", "=BxHiII", "family type index flags change", layouts.LINK)
ADDRESS = Family("address", "=BBBBi", "family prefixlen flags scope index", layouts.ADDRESS)
ROUTE = Family("route", "=BBBBBBBBI", "family dst_len src_len tos table protocol scope type flags", layouts.ROUTE)
NEIGHBOUR = Family("neighbour", "=BxxxiHBB", "family index state flags type", layouts.NEIGHBOUR)
RULE = Family("rule", "=BBBBBxxBI", "family dst_len src_len tos table action flags", layouts.RULE)
NSID = Family("nsid", "=Bxxx", "family", layouts.NSID)
NETCONF = Family("netconf", "=Bxxx", "family", layouts.NETCONF)
PREFIX = Family("prefix", "=BxxxiBBBx", "family index type length flags", layouts.PREFIX)
NEXTHOP = Family("nexthop", "=BBBxI", "family scope protocol flags", layouts.NEXTHOP_OBJECT)

FAMILIES = {
    NEWLINK: LINK, DELLINK: LINK, GETLINK: LINK, SETLINK: LINK, NEWLINKPROP: LINK, DELLINKPROP: LINK,
    NEWADDR: ADDRESS, DELADDR: ADDRESS, GETADDR: ADDRESS,
    NEWROUTE: ROUTE, DELROUTE: ROUTE, GETROUTE: ROUTE,
    NEWNEIGH: NEIGHBOUR, DELNEIGH: NEIGHBOUR, GETNEIGH: NEIGHBOUR,
    NEWRULE: RULE, DELRULE: RULE, GETRULE: RULE,
    NEWNSID: NSID, DELNSID: NSID, GETNSID: NSID,
    NEWPREFIX: PREFIX, NEWNETCONF: NETCONF, DELNETCONF: NETCONF, GETNETCONF: NETCONF,
    NEWNEXTHOP: NEXTHOP, DELNEXTHOP: NEXTHOP, GETNEXTHOP: NEXTHOP,
}  # fmt: skip


class Message:
    """A decoded message: `kind` (RTM_*), `flags`, `nsid` it came from, `header` and `attributes`, both by name."""

    __slots__ = ("attributes", "flags", "header", "kind", "nsid")

    def __init__(self, kind: int, header: dict[str, int], attributes: Attributes, flags: int = 0, nsid: int | None = None) -> None:
        self.kind, self.header, self.attributes, self.flags, self.nsid = kind, header, attributes, flags, nsid

    def __getitem__(self, name: str) -> "Any":
        found = self.header.get(name)
        return self.attributes[name] if found is None else found

    def get(self, name: str, default: "Any" = None) -> "Any":
        """The attribute called `name`, or `default`. (Header fields are always there: use [name].)"""
        return self.attributes.get(name, default)

    def __contains__(self, name: str) -> bool:
        return name in self.attributes

    def plain(self) -> "dict[str, Any]":
        """Header and attributes as one plain dict."""
        return {**self.header, **self.attributes.plain()}

    def __repr__(self) -> str:
        return f"<Message {self.kind} {self.plain()!r}>"


def decode(raw: Raw) -> Message | None:
    """A received message with names, or None when it is of no known family or too short for its header."""
    family = FAMILIES.get(raw.kind)
    if family is None or len(raw.body) < family.header.size:
        return None
    header = dict(zip(family.fields, family.header.unpack_from(raw.body), strict=True))
    attributes = Attributes(family.layout, split(raw.body, (family.header.size + 3) & ~3))
    return Message(raw.kind, header, attributes, raw.flags, raw.nsid)


def decoded(raws: list[Raw]) -> list[Message]:
    """All that can be decoded, in order."""
    return [message for message in map(decode, raws) if message is not None]


def dump(
    netlink: Netlink,
    kind: int,
    header: "Mapping[str, int] | None" = None,
    values: "Mapping[str, Any] | None" = None,
    subject: str = "",
) -> list[Message]:
    """Everything of one kind (GETLINK, GETADDR …) that the kernel tells. KernelError when it refuses."""
    return decoded(netlink.dump(FAMILIES[kind].request(kind, 0, header, values, subject=subject)))


def get(
    netlink: Netlink,
    kind: int,
    header: "Mapping[str, int] | None" = None,
    values: "Mapping[str, Any] | None" = None,
    flags: int = 0,
    subject: str = "",
) -> Message:
    """One object. KernelError when there is none."""
    return decoded(netlink.get(FAMILIES[kind].request(kind, flags, header, values, subject=subject)))[0]


def link_by_name(netlink: Netlink, name: str) -> Message | None:
    """The link called `name` (also by an alternative name), or None."""
    from ..errors import Missing, Refused
    from ..model.names import DEVICE_BYTES

    size = len(name.encode("utf-8", "surrogateescape"))
    key = "ifname" if size <= DEVICE_BYTES else "alt_ifname"
    try:
        return get(netlink, GETLINK, {}, {key: name, "ext_mask": EXT_FILTER_VF | EXT_FILTER_SKIP_STATS})
    except (Missing, Refused):
        return None
