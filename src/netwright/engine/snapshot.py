"""One namespace as it is now, in the form that plan/restore.py compares; and the way back to it."""

from ..errors import Exists, Missing
from ..kernel import rtnl
from ..plan import ops
from ..plan.restore import Snapshot, lost, restore
from .apply import apply
from .session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..kernel.rtnl import Message
    from ..plan.ops import MessageOp

_LINK = ("ifname", "mtu", "address", "master", "txqlen", "ifalias", "group")
_EMPTY = {"master": 0, "ifalias": ""}
_ADDRESS = ("address", "local", "label", "broadcast", "anycast", "flags", "cacheinfo", "rt_priority")
_ROUTE = ("dst", "src", "oif", "gateway", "priority", "prefsrc", "metrics", "multipath", "table", "via", "pref", "encap_type", "encap")
_NEIGHBOUR = ("dst", "lladdr", "vlan", "vni", "protocol")
_RULE = (
    "dst", "src", "iifname", "oifname", "goto", "priority", "fwmark", "fwmask", "flow", "tun_id", "suppress_ifgroup",
    "suppress_prefixlen", "table", "l3mdev", "uid_range", "protocol", "ip_proto", "sport_range", "dport_range",
)  # fmt: skip
_TENTATIVE, _PERMANENT_ADDRESS, _DADFAILED, _SECONDARY = 0x40, 0x80, 0x08, 0x01
_CLONED, _ONLINK = 0x200, 0x4
_KERNEL_MADE = 2  # RTPROT_KERNEL: comes and goes with its address
_UNICAST_AND_REFUSING = (1, 6, 7, 8, 9)
_PERMANENT, _BRIDGE = 0x80, 7


def snapshot(session: Session) -> Snapshot:
    """Links, addresses, routes, permanent neighbours and rules of the session's namespace."""
    found: dict[str, MessageOp] = {}
    makers = (
        (rtnl.GETADDR, _address),
        (rtnl.GETNEIGH, _neighbour),
        (rtnl.GETROUTE, _route),
        (rtnl.GETRULE, _rule),
    )
    for kind, make in makers:
        for message in rtnl.dump(session.netlink, kind):
            op = make(message)
            if op is not None:
                found[repr(op)] = op
    links = {message["index"]: _link(message) for message in rtnl.dump(session.netlink, rtnl.GETLINK)}
    return Snapshot(links, found)


def _link(message: "Message") -> "dict[str, Any]":
    settings = {name: message.get(name, _EMPTY.get(name)) for name in _LINK}
    return {"flags": message["flags"], **{name: found for name, found in settings.items() if found is not None}}


def _chosen(message: "Message", names: tuple[str, ...]) -> "dict[str, Any]":
    plain = message.attributes.plain()
    return {name: plain[name] for name in names if name in plain}


def _address(message: "Message") -> "MessageOp":
    settings = _chosen(message, _ADDRESS)
    settings["flags"] = settings.get("flags", message["flags"]) & ~(_TENTATIVE | _PERMANENT_ADDRESS | _DADFAILED | _SECONDARY)
    life = settings.pop("cacheinfo", {})
    if life.get("valid", 0xFFFFFFFF) != 0xFFFFFFFF:
        settings["cacheinfo"] = {"preferred": life.get("preferred", 0), "valid": life["valid"]}
    header = {name: message[name] for name in ("family", "prefixlen", "scope", "index")}
    return ops.AddAddress(header, settings)


def _route(message: "Message") -> "MessageOp | None":
    foreign = message["protocol"] == _KERNEL_MADE or message["type"] not in _UNICAST_AND_REFUSING
    if foreign or message["flags"] & _CLONED:
        return None
    header = {name: message[name] for name in ("family", "dst_len", "src_len", "tos", "table", "protocol", "scope", "type")}
    return ops.AddRoute({**header, "flags": message["flags"] & _ONLINK}, _chosen(message, _ROUTE))


def _neighbour(message: "Message") -> "MessageOp | None":
    if not message["state"] & _PERMANENT or message["family"] == _BRIDGE:
        return None  # what the kernel learns, or the forwarding table of a bridge
    header = {name: message[name] for name in ("family", "index", "state", "flags")}
    return ops.AddNeighbour(header, _chosen(message, _NEIGHBOUR))


def _rule(message: "Message") -> "MessageOp":
    header = {name: message[name] for name in ("family", "dst_len", "src_len", "tos", "table", "action", "flags")}
    return ops.AddRule({**header, "flags": header["flags"] & 0x2}, _chosen(message, _RULE))


def go_back(session: Session, before: Snapshot) -> list[str]:
    """Make the namespace what it was; what could not be taken back, in words. Some rounds: the kernel adds things by itself."""
    refused: list[str] = []
    for _ in range(3):
        wanted = restore(snapshot(session), before)
        if not wanted:
            break
        results = apply(wanted, session)
        refused = [str(e) for e in results if e is not None and not isinstance(e, (Exists, Missing))]
    return refused + [f"{name} is gone" for name in lost(snapshot(session), before)]
