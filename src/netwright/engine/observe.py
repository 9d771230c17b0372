"""kernel -> values: what is in a namespace, read by dumps and made into Link, Address, Route, Neighbour and Rule."""

from __future__ import annotations

from ..kernel import rtnl
from ..model import address as addresses_of
from ..model import neighbour as neighbours_of
from ..model import route as routes_of
from ..model import rule as rules_of
from ..model.address import Address
from ..model.ifinfo import STATES, UP
from ..model.link import Link
from ..model.neighbour import Neighbour
from ..model.route import Nexthop, Route
from ..model.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from ..kernel.rtnl import Message
    from .session import Session

    Names = Callable[[int], str]

_FAMILIES = {2: 4, 10: 6}
_CODES = {4: 2, 6: 10, 7: 7, 0: 0}
_CLONED = 0x200


def family_code(family: int) -> int:
    """AF_INET and AF_INET6 for 4 and 6; a bridge's 7 and 0 (any) as they are."""
    return _CODES[family]


def words(bits: int, table: Mapping[int, str]) -> tuple[str, ...]:
    """The names of the bits that are set, in the table's order."""
    return tuple(name for bit, name in table.items() if bits & bit) if bits else ()


# -- names ---------------------------------------------------------------------------------------------------------------


class LinkNames:
    """index -> name in one namespace: what was read, and the kernel for the rest ("" when it is not there)."""

    __slots__ = ("known", "session")

    def __init__(self, session: Session, known: dict[int, str] | None = None) -> None:
        self.session, self.known = session, known if known is not None else {}

    def __call__(self, index: int) -> str:
        if not index:
            return ""
        if index not in self.known:
            found = self.session.link_at(index)
            self.known[index] = found["ifname"] if found else ""
        return self.known[index]


def link_names(session: Session) -> LinkNames:
    """The names of all links, by one dump."""
    return LinkNames(session, {m["index"]: m.get("ifname", "") for m in _dump_links(session)})


# -- what is there -------------------------------------------------------------------------------------------------------


def _dump_links(session: Session) -> list[Message]:
    return rtnl.dump(session.netlink, rtnl.GETLINK, {}, {"ext_mask": rtnl.EXT_FILTER_SKIP_STATS}, subject="links")


def links(session: Session) -> tuple[Link, ...]:
    """Every link, in the kernel's order (`ip -d link`)."""
    found = _dump_links(session)
    names = LinkNames(session, {message["index"]: message.get("ifname", "") for message in found})
    return tuple(link(message, names) for message in found)


def addresses(session: Session, index: int = 0, family: int = 0) -> tuple[Address, ...]:
    """Every address, of one link or family or of all (`ip address`)."""
    # The kernel filters by index when strict checking is on; older ones ignore it.
    header = {"family": family_code(family), "index": index}
    found = [m for m in rtnl.dump(session.netlink, rtnl.GETADDR, header, subject="addresses") if index in (0, m["index"])]
    names = _names_for(session, len({message["index"] for message in found}))
    return tuple(address(message, names) for message in found)


def routes(session: Session, table: int = routes_of.MAIN, family: int = 0) -> tuple[Route, ...]:
    """The routes of a table (0: of all tables), cached ones left out (`ip route show table N`)."""
    found = rtnl.dump(session.netlink, rtnl.GETROUTE, {"family": family_code(family)}, subject="routes")
    mine = [m for m in found if m["family"] in _FAMILIES and not m["flags"] & _CLONED and table in (0, m.get("table", m["table"]))]
    names = _names_for(session, len(mine))
    return tuple(route(message, names) for message in mine)


def neighbours(session: Session, index: int = 0, family: int = 0) -> tuple[Neighbour, ...]:
    """Every neighbour entry (`ip neighbour`, family 7: `bridge fdb`)."""
    settings = {"ifindex": index} if index else {}
    found = rtnl.dump(session.netlink, rtnl.GETNEIGH, {"family": family_code(family)}, settings, subject="neighbours")
    names = _names_for(session, len(found))
    return tuple(neighbour(message, names) for message in found if index in (0, message["index"]))


def rules(session: Session, family: int = 0) -> tuple[Rule, ...]:
    """Every routing rule, smallest priority first per family (`ip rule`)."""
    found = rtnl.dump(session.netlink, rtnl.GETRULE, {"family": family_code(family)}, subject="rules")
    return tuple(rule(message) for message in found if message["family"] in _FAMILIES)


def _names_for(session: Session, many: int) -> LinkNames:
    return link_names(session) if many > 2 else LinkNames(session)


# -- messages as values --------------------------------------------------------------------------------------------------


def link(message: Message, names: Names) -> Link:
    """A RTM_NEWLINK or RTM_DELLINK message as a Link."""
    info = message.get("linkinfo")
    nsid = message.get("link_netnsid")
    other = message.get("link", 0)
    flags = message["flags"]
    altnames = message.get("prop_list")
    return Link(
        name=message.get("ifname", ""),
        index=message["index"],
        kind=info.get("kind", "") if info else "",
        up=bool(flags & UP),
        state=_state(message.get("operstate", 0)),
        mtu=message.get("mtu", 0),
        address=message.get("address", ""),
        master=names(message.get("master", 0)),
        link=names(other) if nsid is None and other != message["index"] else "",
        link_index=other,
        link_nsid=nsid,
        flags=flags,
        group=message.get("group", 0),
        txqueuelen=message.get("txqlen", 0),
        alias=message.get("ifalias", ""),
        altnames=tuple(altnames) if altnames else (),
        options=_options(info) if info else (),
    )


def _state(number: int) -> str:
    return STATES[number] if number < len(STATES) else str(number)


def _options(info: Any) -> tuple[tuple[str, Any], ...]:
    data = info.get("data")
    if data is None or isinstance(data, bytes) or info.get("kind") == "veth":
        return ()
    return tuple((name, _frozen(item)) for name, item in data.plain().items())


def _frozen(item: Any) -> Any:
    if isinstance(item, dict):
        return tuple((name, _frozen(inner)) for name, inner in item.items())
    return tuple(_frozen(inner) for inner in item) if isinstance(item, list) else item


def address(message: Message, names: Names) -> Address:
    """A RTM_NEWADDR or RTM_DELADDR message as an Address."""
    local, other = message.get("local"), message.get("address")
    mine = local or other or ""
    life = message.get("cacheinfo", {})
    return Address(
        address=f"{mine}/{message['prefixlen']}",
        link=names(message["index"]),
        family=_FAMILIES.get(message["family"], message["family"]),
        peer=other if local and other and other != local else "",
        broadcast=message.get("broadcast", ""),
        scope=_scope(message["scope"]),
        label=message.get("label", ""),
        flags=words(message.get("flags", message.header["flags"]), addresses_of.FLAGS),
        valid=_seconds(life.get("valid")),
        preferred=_seconds(life.get("preferred")),
        metric=message.get("rt_priority", 0),
    )


def _seconds(number: int | None) -> int | None:
    return None if number is None or number == addresses_of.FOREVER else number


def _scope(number: int) -> str:
    return addresses_of.SCOPES.get(number, str(number))


def route(message: Message, names: Names) -> Route:
    """A RTM_NEWROUTE or RTM_DELROUTE message as a Route."""
    metrics = message.get("metrics")
    hops = message.get("multipath")
    number = message["type"]
    return Route(
        to=_network(message, "dst", "dst_len") or "default",
        family=_FAMILIES.get(message["family"], message["family"]),
        via=_gateway(message),
        link=names(message.get("oif", 0)),
        type=routes_of.TYPES[number] if number < len(routes_of.TYPES) else str(number),
        table=message.get("table", message.header["table"]),
        protocol=message["protocol"],
        scope=_scope(message["scope"]),
        metric=message.get("priority", 0),
        source=message.get("prefsrc", ""),
        from_network=_network(message, "src", "src_len"),
        tos=message["tos"],
        nexthops=tuple(_nexthop(hop, names) for hop in hops) if hops else (),
        metrics=tuple(metrics.items()) if metrics else (),
        flags=words(message["flags"], routes_of.FLAGS),
        encap=message.get("encap_type", 0),
        nexthop_id=message.get("nh_id", 0),
    )


def _gateway(message: Any) -> str:
    via = message.get("via")
    return str(message.get("gateway", "") or (via["host"] if via else ""))


def _nexthop(hop: dict[str, Any], names: Names) -> Nexthop:
    return Nexthop(_gateway(hop["attributes"]), names(hop["ifindex"]), hop["hops"] + 1, words(hop["flags"], routes_of.FLAGS))


def _network(message: Message, name: str, length: str) -> str:
    found = message.get(name)
    bits = message[length]
    if found is None:
        # `default` has no RTA_DST; a length without an address is 0.0.0.0/N.
        return f"{'::' if message['family'] == 10 else '0.0.0.0'}/{bits}" if bits else ""
    return f"{found}/{bits}"


def neighbour(message: Message, names: Names) -> Neighbour:
    """A RTM_NEWNEIGH or RTM_DELNEIGH message as a Neighbour."""
    states = words(message["state"], neighbours_of.STATES)
    return Neighbour(
        address=message.get("dst", ""),
        link=names(message["index"]),
        lladdr=message.get("lladdr", ""),
        state=states[0] if states else "none",
        family=_FAMILIES.get(message["family"], message["family"]),
        flags=words(message["flags"], neighbours_of.FLAGS),
        vlan=message.get("vlan", 0),
    )


def rule(message: Message) -> Rule:
    """A RTM_NEWRULE or RTM_DELRULE message as a Rule."""
    return Rule(
        priority=message.get("priority", 0),
        family=_FAMILIES.get(message["family"], message["family"]),
        source=_network(message, "src", "src_len"),
        destination=_network(message, "dst", "dst_len"),
        table=message.get("table", message.header["table"]),
        action=rules_of.ACTIONS.get(message["action"], str(message["action"])),
        iif=message.get("iifname", ""),
        oif=message.get("oifname", ""),
        fwmark=message.get("fwmark", 0),
        fwmask=message.get("fwmask", 0),
        tos=message["tos"],
        goto=message.get("goto", 0),
        invert=bool(message["flags"] & rules_of.INVERT),
        ip_proto=message.get("ip_proto", 0),
        source_ports=_ports(message.get("sport_range")),
        destination_ports=_ports(message.get("dport_range")),
        protocol=message.get("protocol", 0),
    )


def _ports(found: dict[str, int] | None) -> tuple[int, int] | None:
    return (found.get("start", 0), found.get("end", 0)) if found else None


def value_of(message: Message, names: Names) -> tuple[str, Any] | None:
    """What an event is about: ("link", Link) … ("nsid", the number); None for anything else."""
    family = rtnl.FAMILIES[message.kind]
    if family is rtnl.NSID:
        return "nsid", message.get("nsid", -1)
    if family is rtnl.RULE:
        return "rule", rule(message)
    makers = {"link": link, "address": address, "route": route, "neighbour": neighbour}
    return (family.name, makers[family.name](message, names)) if family.name in makers else None
