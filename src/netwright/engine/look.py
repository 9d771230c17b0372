"""kernel -> State: what is in the namespaces of a place, in the form that planning compares.

Left out is what nobody asked for: connected routes and those of routing daemons, link-local addresses, 127.0.0.1, learned
neighbours, a bridge's own forwarding entries, the three usual rules. One thread visits every namespace; names of devices are
local to each, and the ends of a cable are matched afterwards, by both indices.
"""

from __future__ import annotations

from struct import Struct

from ..kernel import rtnl
from ..kernel.codec import _plain, split
from ..kernel.layouts import LINKINFO
from ..kernel.making import visit
from ..model.address import FLAGS as ADDRESS_FLAGS
from ..model.address import SCOPES, Address
from ..model.kinds import MODULES
from ..model.neighbour import Neighbour
from ..model.state import Device, Namespace, State
from ..model.value import replace
from ..plan.messages import ASKED_FLAGS
from . import observe
from .session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..kernel.rtnl import Message
    from ..model.route import Route
    from ..model.rule import Rule
    from ..model.state import End
    from .files import Overlay
    from .place import Place

_PERMANENT, _NOARP, _BRIDGE = 0x80, 0x40, 7
_ASKED_PROTOCOLS = (3, 4)  # boot, static; RTPROT_KERNEL, RA and the routing daemons' are somebody else's
_ASKED_TYPES = {"unicast": True, "blackhole": False, "unreachable": False, "prohibit": False, "throw": False}
_LOCAL_TABLE = 255
_USUAL_RULES = ((0, 255), (32766, 254), (32767, 253))
_ASKED_NEIGHBOUR_FLAGS = ("self", "master", "proxy", "router", "sticky")
_CLONED, _SELF = 0x200, 0x02
_NO_ROUTES: frozenset[Any] = frozenset()
_ASKED_BITS = {bit: word for bit, word in ADDRESS_FLAGS.items() if word in ASKED_FLAGS}
_QUIET_QUEUES = ("noqueue", "pfifo_fast", "fq_codel", "mq", "")
_HOST_SCOPE, _LINK_SCOPE = 254, 253


class Ends:
    """Cables of which one end was seen: (namespace, device), its index, its mate's index, and the mate's nsid there."""

    __slots__ = ("seen",)

    def __init__(self) -> None:
        self.seen: list[tuple[End, int, int, int | None]] = []

    def pairs(self) -> dict[End, End]:
        """Each end's mate. Indices repeat between namespaces: where several fit, both must know of another namespace or not."""
        by_indices: dict[tuple[int, int], list[tuple[End, int | None]]] = {}
        for end, index, mate, nsid in self.seen:
            by_indices.setdefault((index, mate), []).append((end, nsid))
        out: dict[End, End] = {}
        for end, index, mate, nsid in self.seen:
            fits = [e for e, other in by_indices.get((mate, index), ()) if e != end and (other is None) == (nsid is None) and (nsid is not None or e[0] == end[0])]
            if len(fits) == 1:
                out[end] = fits[0]
        return out

    def doubtful(self, pairs: dict[End, End]) -> list[tuple[End, int, list[End]]]:
        """Ends that have several possible mates: (end, nsid, candidates)."""
        by_indices: dict[tuple[int, int], list[End]] = {}
        for end, index, mate, nsid in self.seen:
            if nsid is not None:
                by_indices.setdefault((index, mate), []).append(end)
        return [
            (end, nsid, [e for e in by_indices.get((mate, index), ()) if e != end])
            for end, index, mate, nsid in self.seen
            if end not in pairs and nsid is not None
        ]


def look(place: Place, like: State | None = None, *, group: int | None = None, overlay: Overlay | None = None) -> State:
    """What is there. `like` says what is known or wanted: only its sysctls are read, and only where it has tables or queues
    (without it: everywhere) they are looked for. `group`: only devices of this link group, lo, and what belongs to them.
    """
    names = place.names()
    found: dict[str, Namespace] = {}
    ends = Ends()
    fds = [place.fd(name) for name in names]

    def one(at: int) -> None:
        wanted = like.namespaces.get(names[at]) if like else None
        with Session() as session:
            found[names[at]] = _namespace(session, names[at], wanted, like is None, group, ends)

    visit(fds, one)
    namespaces = _paired(found, ends, place)
    for name, namespace in namespaces.items():
        namespaces[name] = _more(namespace, place, name, like)
    return State(namespaces, overlay.files() if overlay else {})


# -- one namespace, from inside ------------------------------------------------------------------------------------------------


def _namespace(session: Session, name: str, like: Namespace | None, everything: bool, group: int | None, ends: Ends) -> Namespace:
    netlink = session.netlink
    messages = [RawLink(raw.body) for raw in _raws(netlink, rtnl.GETLINK, {}, {"ext_mask": rtnl.EXT_FILTER_SKIP_STATS})]
    names = observe.LinkNames(session, {m.index: m.name for m in messages})
    known = like.devices if like else {}
    devices, others = {}, set()
    for message in messages:
        if message.name == "lo" or group is None or message.number(_GROUP) == group:
            devices[message.name] = _device(message, name, names, ends, known.get(message.name))
        else:
            others.add(message.name)
    forwarding = any(d.kind in ("bridge", "vxlan") or d.master for d in devices.values())
    qdiscs = _queues(netlink, names, messages, like, everything)
    return Namespace(
        devices,
        _addresses(netlink, names, others),
        _routes(netlink, names, others),
        _rules(netlink),
        _neighbours(netlink, names, others, devices, forwarding),
        qdiscs=qdiscs,
        view=like.view if like else "",
        filters=filters(session, names, messages, qdiscs) if everything or (like and like.filters) else frozenset(),
    )


# IFLA_* of linux/if_link.h
_ADDRESS, _IFNAME, _MTU, _LINK, _QDISC, _MASTER, _TXQLEN, _LINKINFO, _IFALIAS, _GROUP, _LINK_NETNSID = 1, 3, 4, 5, 6, 10, 13, 18, 20, 27, 37
_WORD, _HEAD = Struct("=i"), Struct("=BxHiII")


class RawLink:
    """A link as it came: of some sixty attributes a dozen are wanted, and thousands of links are read in a row."""

    __slots__ = ("flags", "index", "name", "raw")

    def __init__(self, body: bytes) -> None:
        _, _, self.index, self.flags, _ = _HEAD.unpack_from(body)
        self.raw = split(body, _HEAD.size)
        self.name = self.text(_IFNAME)

    def text(self, kind: int) -> str:
        """A string attribute, "" when it is not there."""
        return self.raw.get(kind, b"").rstrip(b"\0").decode("utf-8", "surrogateescape")

    def number(self, kind: int) -> int:
        """A 32-bit attribute, 0 when it is not there."""
        found = self.raw.get(kind, b"")
        return int(_WORD.unpack(found)[0]) if len(found) == 4 else 0


_settable: dict[tuple[str, bool], frozenset[str] | None] = {}


def _fields(kind: str, port: bool) -> frozenset[str] | None:
    """The attributes that can be set, by the words that ip has for them; None where there is no table: then all."""
    key = kind, port
    if key not in _settable:
        module = __import__(f"model.kinds.{MODULES[kind]}", globals(), None, ["OPTIONS"], 2) if kind in MODULES else None
        options = getattr(module, "SLAVE_OPTIONS" if port else "OPTIONS", None)
        fields = frozenset(row[1] for row in options.rows) if options else _UNTABLED.get(kind)
        _settable[key] = fields - _NEVER if fields else fields
    return _settable[key]


_UNTABLED = {"macvlan": frozenset(("mode", "flags")), "macvtap": frozenset(("mode", "flags")), "ipvlan": frozenset(("mode", "flags"))}
# Orders, and the state of a port, which STP decides; a bridge's group address is the usual one.
_NEVER = frozenset(("fdb_flush", "flush", "state", "group_addr", "peer"))


def _device(message: RawLink, name: str, names: observe.LinkNames, ends: Ends, like: Device | None) -> Device:
    info = LINKINFO.decode(message.raw[_LINKINFO]) if _LINKINFO in message.raw else None
    kind = info.get("kind", "") if info else ""
    other = message.number(_LINK)
    nsid = message.number(_LINK_NETNSID) if _LINK_NETNSID in message.raw else None
    lower = None
    if kind in ("veth", "netkit"):
        ends.seen.append(((name, message.name), message.index, other, nsid))
    elif other and other != message.index and nsid is None:
        lower = (name, names(other))
    master = message.number(_MASTER)
    return Device(
        kind,
        None,
        lower,
        names(master),
        bool(message.flags & 1),
        message.number(_MTU),
        message.raw.get(_ADDRESS, b"").hex(":"),
        message.text(_IFALIAS),
        message.number(_GROUP),
        message.number(_TXQLEN),
        _with_names(_options(info, "data", kind, False, like.options if like and like.kind == kind else None), names) if info and kind not in ("", "veth") else (),
        _options(info, "slave_data", info.get("slave_kind", ""), True, like.port if like and like.master else None) if master and info else (),
    )


_DEVICES = ("link", "primary", "active_slave")


def _with_names(options: tuple[tuple[str, Any], ...], names: observe.LinkNames) -> tuple[tuple[str, Any], ...]:
    """Devices by name: what a vxlan or a tunnel goes through, the ports that a bond prefers."""
    if not any(key in _DEVICES for key, _ in options):
        return options
    return tuple((key, names(item) if key in _DEVICES and isinstance(item, int) else item) for key, item in options)


def _options(info: Any, name: str, kind: str, port: bool, like: tuple[tuple[str, Any], ...] | None) -> tuple[tuple[str, Any], ...]:
    """The kind's own attributes: those that are known or wanted; all that can be set where nothing is known."""
    data = info.get(name)
    if data is None or isinstance(data, bytes):
        return ()
    if like:
        return tuple(sorted((key, observe._frozen(_plain(found))) for key, _ in like if (found := data.get(key)) is not None))
    fields = _fields(kind, port)
    plain = data.plain()
    if not plain.get("multi_boolopt", {"value": 1})["value"]:
        del plain["multi_boolopt"]  # nothing is on; and a kernel without VLAN snooping refuses to be told to leave it off
    return tuple(sorted((key, observe._frozen(item)) for key, item in plain.items() if (key in fields if fields else key[0] != "#")))


def _addresses(netlink: Any, names: observe.LinkNames, others: set[str], index: int = 0) -> frozenset[Address]:
    out = []
    for raw in _raws(netlink, rtnl.GETADDR, {"index": index} if index else {}, least=8):
        # struct ifaddrmsg: scope is byte 3. 127.0.0.1 and ::1 are of scope host, fe80:: of scope link.
        if raw.body[3] == _HOST_SCOPE or (raw.body[3] == _LINK_SCOPE and raw.body[0] == 10):
            continue
        message = rtnl.decode(raw)
        if message is None:
            continue
        local, peer = message.get("local"), message.get("address")
        mine = local or peer or ""
        link = names(message["index"])
        if link not in others and not mine.startswith(("fe80:", "127.")):
            out.append(_address(message, mine, peer if local and peer != local else "", link))
    return frozenset(out)


def _address(message: Message, mine: str, peer: str, link: str) -> Address:
    label = message.get("label", "")
    bits = message.get("flags", message.header["flags"])
    return Address(
        f"{mine}/{message['prefixlen']}",
        link,
        4 if message["family"] == 2 else 6,
        peer,
        message.get("broadcast", ""),
        SCOPES.get(message["scope"], str(message["scope"])),
        "" if label == link else label,
        tuple(word for bit, word in _ASKED_BITS.items() if bits & bit),
        metric=message.get("rt_priority", 0),
    )


def _routes(netlink: Any, names: observe.LinkNames, others: set[str]) -> frozenset[Route]:
    out = []
    # One dump for all families: the multicast routers and MPLS tell of themselves too.
    for raw in _raws(netlink, rtnl.GETROUTE, {}):
        # struct rtmsg: table is byte 4, protocol byte 5. Most are the kernel's own, and need not be read further.
        if raw.body[0] not in (2, 10) or raw.body[5] not in _ASKED_PROTOCOLS or raw.body[4] == _LOCAL_TABLE:
            continue
        message = rtnl.decode(raw)
        if message is None or message["flags"] & _CLONED:
            continue
        route = _canonical(observe.route(message, names))
        if route and route.link not in others:
            out.append(route)
    return frozenset(out) if out else _NO_ROUTES


def _raws(netlink: Any, kind: int, header: dict[str, int], values: dict[str, Any] | None = None, *, least: int = 12) -> list[Any]:
    """Messages not yet decoded: what is uninteresting can be told by a byte of their header."""
    raws: list[Any] = netlink.dump(rtnl.FAMILIES[kind].request(kind, 0, header, values or {}))
    return [raw for raw in raws if len(raw.body) >= least]


def _canonical(route: Route) -> Route | None:
    """As it was asked for: without what the kernel fills in (metric 1024 of IPv6) and what it only tells (linkdown)."""
    if route.type not in _ASKED_TYPES:
        return None
    hops = tuple(replace(hop, flags=tuple(f for f in hop.flags if f == "onlink")) for hop in route.nexthops)
    return replace(
        route,
        link=route.link if route.type == "unicast" else "",
        metric=0 if route.family == 6 and route.metric == 1024 else route.metric,
        flags=tuple(f for f in route.flags if f == "onlink"),
        metrics=tuple(sorted(route.metrics)),
        nexthops=hops,
    )


_rules_seen: dict[tuple[bytes, ...], frozenset[Rule]] = {}


def _rules(netlink: Any) -> frozenset[Rule]:
    """Nearly every namespace has the same ones: the same bytes are read once."""
    raws = _raws(netlink, rtnl.GETRULE, {})
    key = tuple(raw.body for raw in raws)
    if key not in _rules_seen:
        found = (observe.rule(m) for m in rtnl.decoded(raws) if m["family"] in (2, 10))
        _rules_seen[key] = frozenset(r for r in found if (r.priority, r.table) not in _USUAL_RULES)
    return _rules_seen[key]


def _neighbours(netlink: Any, names: observe.LinkNames, others: set[str], devices: dict[str, Device], forwarding: bool) -> frozenset[Neighbour]:
    # struct ndmsg: the state is bytes 8 and 9.
    permanent = [raw for raw in _raws(netlink, rtnl.GETNEIGH, {}) if raw.body[8] & _PERMANENT and raw.body[0] in (2, 10)]
    out = [observe.neighbour(message, names) for message in rtnl.decoded(permanent)]
    if forwarding:
        out += _forwardings(netlink, names, devices)
    return frozenset(replace(n, flags=tuple(f for f in n.flags if f in _ASKED_NEIGHBOUR_FLAGS)) for n in out if n.link not in others)


def _forwardings(netlink: Any, names: observe.LinkNames, devices: dict[str, Device]) -> list[Neighbour]:
    tunnels = any(device.kind == "vxlan" for device in devices.values())
    out = []
    for raw in _raws(netlink, rtnl.GETNEIGH, {"family": _BRIDGE}):
        # Every port has permanent entries for its own address: a byte of the header tells them from static ones. Those that a
        # vxlan has learned are neither.
        fixed = raw.body[8] & (_NOARP | _PERMANENT)
        if fixed == _NOARP or (tunnels and fixed and raw.body[10] & _SELF):
            message = rtnl.decode(raw)
            entry = _forwarding(message, names, devices) if message else None
            if entry:
                out.append(entry)
    return out


def _forwarding(message: Message, names: observe.LinkNames, devices: dict[str, Device]) -> Neighbour | None:
    """A static entry of a port (NOARP), or a destination of a vxlan that is not the one it was made with."""
    entry = observe.neighbour(message, names)
    device = devices.get(entry.link)
    if device is None:
        return None
    if "self" in entry.flags and entry.address:
        options = dict(device.options)
        made_with = entry.lladdr == "00:00:00:00:00:00" and entry.address in (options.get("group"), options.get("group6"))
        # bridge(8) says NOARP as well when it is asked for a permanent one.
        return None if made_with else replace(entry, state="permanent") if message["state"] & _PERMANENT else entry
    static = message["state"] & _NOARP and not message["state"] & _PERMANENT and "self" not in entry.flags
    # The kernel tells a bridge's own entry by NDA_MASTER, and takes it by the flag.
    return replace(entry, flags=(*entry.flags, "master")) if static else None


def _queues(netlink: Any, names: observe.LinkNames, messages: list[RawLink], like: Namespace | None, everything: bool) -> frozenset[Any]:
    """Asked for where a device shows one that is not the usual, or where some are wanted (ingress does not show)."""
    shown = any(message.text(_QDISC) not in _QUIET_QUEUES for message in messages)
    if not (shown or everything or (like and like.qdiscs)):
        return frozenset()
    from ..kernel import tc

    return tc.qdiscs(netlink, names)


def filters(session: Session, names: observe.LinkNames, messages: list[RawLink], qdiscs: frozenset[Any]) -> frozenset[Any]:
    """Filters at the queues that were found."""
    if not qdiscs:
        return frozenset()
    from ..kernel import tc_filters

    indices = {message.name: message.index for message in messages}
    return tc_filters.filters(session.netlink, names, qdiscs, indices.__getitem__)


# -- what takes a view of all --------------------------------------------------------------------------------------------------


def _paired(found: dict[str, Namespace], ends: Ends, place: Place) -> dict[str, Namespace]:
    pairs = ends.pairs()
    for end, nsid, candidates in ends.doubtful(pairs):
        mate = _asked(place, end, nsid, candidates)
        if mate:
            pairs[end] = mate
    mates: dict[str, dict[str, End]] = {}
    for end, mate in pairs.items():
        mates.setdefault(end[0], {})[end[1]] = mate
    return {name: _with_peers(namespace, mates[name]) if name in mates else namespace for name, namespace in found.items()}


def _asked(place: Place, end: End, nsid: int, candidates: list[End]) -> End | None:
    """The candidate whose namespace has this number as seen from the end's: one question for each."""
    from ..kernel.nsid import nsid_of_fd

    netlink = place.session(end[0]).netlink
    for candidate in candidates:
        if nsid_of_fd(netlink, place.fd(candidate[0])) == nsid:
            return candidate
    return None


def _with_peers(namespace: Namespace, mates: dict[str, End]) -> Namespace:
    devices = {name: replace(device, peer=mates[name]) if name in mates else device for name, device in namespace.devices.items()}
    return replace(namespace, devices=devices)


def _more(namespace: Namespace, place: Place, name: str, like: State | None) -> Namespace:
    """Sysctls, tables, VLANs: only where they are known or wanted, since each costs a visit or a program."""
    wanted = like.namespaces.get(name) if like else None
    changes: dict[str, Any] = {}
    if wanted and wanted.sysctls:
        from ..kernel import sysctl

        changes["sysctls"] = {**_as_good_as(wanted.sysctls), **sysctl.read(place.fd(name), list(wanted.sysctls))}
    if like is None or (wanted and wanted.tables):
        from ..kernel import nft

        changes["tables"] = nft.read(place.fd(name))
    if any(dict(d.options).get("vlan_filtering") for d in namespace.devices.values()):
        changes["devices"] = _with_vlans(namespace.devices, place, name)
    return replace(namespace, **changes) if changes else namespace


def _as_good_as(wanted: Any) -> dict[str, str]:
    """Where br_netfilter is not loaded its switches are not there, which is what they say when they are off."""
    return {key: value for key, value in wanted.items() if key.startswith("net.bridge.bridge-nf-call") and value == "0"}


def _with_vlans(devices: Any, place: Place, name: str) -> dict[str, Device]:
    from ..kernel import bridge_vlan

    found = bridge_vlan.read(place.session(name).netlink)
    return {key: replace(device, vlans=found.get(key, ())) for key, device in devices.items()}
