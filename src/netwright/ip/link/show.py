"""`ip link show`: links as text and as JSON. `print_link` also serves `ip address show` and `ip monitor`.

The text is one line and one more; with -details a part for what the kind of the link and that of its master have to tell
(shown/<kind>.py), with -statistics the counters. The JSON has the same values in the same order.
"""

from ...kernel import rtnl
from ...kernel.inet import AF_PACKET
from ..tables import name_of
from .filter import SHOWN, Filter, parse
from .hardware import lladdr, type_name
from .headline import print_flags, print_name, print_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.rtnl import Message
    from ..context import Context

IFF_POINTOPOINT = 0x10
# IFLA_* by number: whether an attribute is there at all is asked for every link, and has to be cheap.
_ADDRESS, _BROADCAST, _IFALIAS, _NUM_VF, _LINK_NETNSID, _PROTO_DOWN, _XDP = 1, 2, 20, 21, 37, 39, 43
_EVENT, _NEW_NETNSID, _NEW_IFINDEX, _PROP_LIST, _PERM_ADDRESS, _PROTO_DOWN_REASON = 44, 45, 49, 52, 54, 55
_MASTER, _TXQLEN = 10, 13
# What the settings on the first line are made of: mtu, qdisc, txqlen, operstate, linkmode, group, xdp, event.
_SETTINGS = (4, 6, _TXQLEN, 16, 17, 27, _XDP, _EVENT)
# No XDP program: IFLA_XDP_ATTACHED is 0. And not held down.
_NO_XDP, _NOT_DOWN = b"\x05\0\x02\0\0\0\0\0", b"\0"
_MODES = ("DEFAULT", "DORMANT")
_EVENTS = (
    "NONE", "REBOOT", "FEATURE CHANGE", "BONDING FAILOVER", "NOTIFY PEERS", "RESEND IGMP", "BONDING OPTION",
)  # fmt: skip
_ADDR_GEN_MODES = ("eui64", "none", "stable_secret", "random")
# Attributes that -details prints: (attribute, key, word), in order.
_MTUS = (("min_mtu", "min_mtu", "minmtu"), ("max_mtu", "max_mtu", "maxmtu"))
_SIZES = (
    ("num_tx_queues", "num_tx_queues", "numtxqueues"), ("num_rx_queues", "num_rx_queues", "numrxqueues"),
    ("gso_max_size", "gso_max_size", "gso_max_size"), ("gso_max_segs", "gso_max_segs", "gso_max_segs"),
    ("tso_max_size", "tso_max_size", "tso_max_size"), ("tso_max_segs", "tso_max_segs", "tso_max_segs"),
    ("gro_max_size", "gro_max_size", "gro_max_size"), ("phys_port_name", "phys_port_name", "portname"),
    ("phys_port_id", "phys_port_id", "portid"), ("phys_switch_id", "phys_switch_id", "switchid"),
    ("parent_dev_bus_name", "parentbus", "parentbus"), ("parent_dev_name", "parentdev", "parentdev"),
)  # fmt: skip


# -- the command -----------------------------------------------------------------------------------------------------------


def main(context: "Context", words: list[str]) -> int:
    """`ip link [show] [ DEVICE | FILTERS ]`."""
    chosen = parse(context, words, AF_PACKET, "link")
    if chosen.device is not None and chosen.group is None:
        messages = [_named(context, chosen.device, chosen.index)]
    else:
        messages = links(context, chosen)
    leave_to_ip(context, messages, chosen)
    out = context.out
    out.open_array()
    for message in messages:
        out.open_object()
        print_link(context, message, chosen, link=True)
        out.close_object()
    out.close_array()
    out.finish_json()
    return 0


def links(context: "Context", chosen: Filter) -> "list[Message]":
    """The links to look through: one when a device is given, else a dump, which the kernel filters as far as it can."""
    if chosen.index:
        return _one(context, chosen)
    values: dict[str, object] = {"ext_mask": _wanted(context)}
    if chosen.master:
        values["master"] = chosen.master
    if chosen.kind is not None:
        values["linkinfo"] = {"kind": chosen.kind}
    family = context.options.family if chosen.family != AF_PACKET else AF_PACKET
    # The kernel's dumps of other families take no attributes.
    messages = dumped(context, rtnl.GETLINK, {"family": family}, values if family in (0, AF_PACKET) else {})
    context.links.learn(messages)
    return messages


def dumped(
    context: "Context", kind: int, header: dict[str, int], values: "dict[str, object] | None" = None
) -> "list[Message]":
    """A dump; when the kernel refuses it, ip says so, prints an empty list and goes out with 0."""
    from ..exits import Exit

    try:
        return context.dump(kind, header, values, code=0)
    except Exit:
        _empty_list(context)
        raise


def _empty_list(context: "Context") -> None:
    context.out.open_array()
    context.out.close_array()
    context.out.finish_json()


def _wanted(context: "Context") -> int:
    return rtnl.EXT_FILTER_VF if context.options.stats else rtnl.EXT_FILTER_VF | rtnl.EXT_FILTER_SKIP_STATS


def _named(context: "Context", name: str, index: int) -> "Message":
    """The link called `name`. Exit 1 when only ip's reading of `if7` as number 7 had found one."""
    known = context.links.message(index)
    if known is None or name not in (known.get("ifname"), *known.get("prop_list", ())):
        return _asked(context, {}, {"ifname": name}, 1)
    return _asked(context, {"index": index}, {}, 1) if context.options.stats else known


def _one(context: "Context", chosen: Filter) -> "list[Message]":
    known = context.links.message(chosen.index)
    if known is None or context.options.stats:
        known = _asked(context, {"index": chosen.index}, {}, 0)
        context.links.learn([known])
    return [known]


def _asked(context: "Context", header: dict[str, int], values: dict[str, str], code: int) -> "Message":
    """One link. Exit `code` with ip's two lines when the kernel has none."""
    import os

    from ...errors import KernelError
    from ..exits import Exit
    from ..front import kernel_words

    try:
        return rtnl.get(context.netlink, rtnl.GETLINK, header, {**values, "ext_mask": _wanted(context)})
    except KernelError as error:
        _empty_list(context)
        what = "link get request" if code else "link request"
        text = f"{kernel_words(error)}\nCannot send {what}: {os.strerror(error.errno)}"
        raise Exit(code, text, why="there is no device with that number") from None


def leave_to_ip(context: "Context", messages: "list[Message]", chosen: Filter) -> None:
    """NotOurs when one of the links has something that only the real ip can print (under the name ip)."""
    if not context.applet:
        return
    details = bool(context.options.details)
    for message in messages:
        raw = message.attributes.raw
        plain = raw.get(_XDP, _NO_XDP) == _NO_XDP and not (_NUM_VF in raw and message.get("num_vf"))
        if not (plain and not (details and _foreign(message))) and chosen.link(message) == SHOWN:
            from ..front import NotOurs

            raise NotOurs(f"showing {message.get('ifname')}")


def _foreign(message: "Message") -> bool:
    from .filter import kind_of
    from .shown import FOREIGN

    return kind_of(message) in FOREIGN


# -- one link --------------------------------------------------------------------------------------------------------------


def print_link(context: "Context", message: "Message", chosen: Filter, *, link: bool = False) -> int:
    """Print a link that passes the filter: SHOWN; or SHORT or HIDDEN, see Filter.link. `link`: as `ip link` does."""
    passed = chosen.link(message)
    if passed != SHOWN:
        return passed
    out, options = context.out, context.options
    if message.kind == rtnl.DELLINK:
        out.put("deleted", "Deleted ", True)
    if options.brief:
        from .brief import print_brief

        return print_brief(context, message, chosen)
    _first_line(context, message, chosen, link)
    if chosen.family in (0, AF_PACKET) or options.details:
        _hardware(context, message)
    raw = message.attributes.raw
    if _LINK_NETNSID in raw or _NEW_NETNSID in raw or _NEW_IFINDEX in raw:
        _elsewhere(context, message)
    if raw.get(_PROTO_DOWN, _NOT_DOWN) != _NOT_DOWN or _PROTO_DOWN_REASON in raw:
        _proto_down(context, message)
    if options.details:
        _details(context, message, link)
    if _IFALIAS in raw or _PROP_LIST in raw or options.stats or raw.get(_XDP, _NO_XDP) != _NO_XDP:
        _lines_below(context, message, link)
    out.text_only("\n")
    return SHOWN


def _first_line(context: "Context", message: "Message", chosen: Filter, link: bool) -> None:
    out, raw = context.out, message.attributes.raw
    index = message["index"]
    out.put("ifindex", f"{index}: ", index)
    down = print_name(context, message, "{}: ")
    print_flags(context, message["flags"], down)
    if out.json or _MASTER in raw or _TXQLEN not in raw:
        _settings(context, message, chosen, link)
    else:
        out.text_only(_settings_text(context, message, chosen, link))


def _settings_text(context: "Context", message: "Message", chosen: Filter, link: bool) -> str:
    """The same text for the same bytes: among a thousand links there are few kinds of settings."""
    raw = message.attributes.raw
    key = (link, *[raw.get(number) for number in _SETTINGS])
    if key not in chosen.texts:
        out, context.out = context.out, context.new_output()
        _settings(context, message, chosen, link)
        chosen.texts[key] = context.out.text()
        context.out = out
    return chosen.texts[key]


def _settings(context: "Context", message: "Message", chosen: Filter, link: bool) -> None:
    out, get = context.out, message.get
    mtu = get("mtu")
    if mtu is not None:
        out.put("mtu", f"mtu {mtu} ", mtu)
    if message.attributes.raw.get(_XDP, _NO_XDP) != _NO_XDP:
        from .xdp import print_mode

        print_mode(context, message, link)
    qdisc = get("qdisc")
    if qdisc is not None:
        out.put("qdisc", f"qdisc {qdisc} ", qdisc)
    master = get("master")
    if master is not None:
        name = context.links.name(master)
        out.put("master", f"master {name} ", name)
    print_state(context, message)
    mode = get("linkmode") if link else None
    if mode is not None:
        _mode(context, mode)
    _group_and_queue(context, message, chosen)


def _group_and_queue(context: "Context", message: "Message", chosen: Filter) -> None:
    out = context.out
    group = message.get("group")
    if group is not None:
        # ip reads the number with a sign.
        name = name_of("group", group - ((group & 1 << 31) << 1), numeric=bool(context.options.numeric))
        out.put("group", f"group {name} ", name)
    if chosen.queue:
        length = message.get("txqlen")
        if length is None:
            length = _queue_length(context, message)
        if length:
            out.put("txqlen", f"qlen {length}", length)
    event = message.get("event") if _EVENT in message.attributes.raw else 0
    if event:
        what = _EVENTS[event] if event < len(_EVENTS) else event
        out.put("event", f"event {what} ", what)


def _queue_length(context: "Context", message: "Message") -> int:
    """Asked for: the dump of family inet6 leaves it out."""
    found = context.session.link_at(message["index"])
    return found.get("txqlen", 0) if found else 0


def _mode(context: "Context", mode: int) -> None:
    if mode < len(_MODES):
        context.out.put("linkmode", f"mode {_MODES[mode]} ", _MODES[mode])
    else:
        context.out.put("linkmode_index", f"mode {mode} ", mode)


def _hardware(context: "Context", message: "Message") -> None:
    out, raw, kind = context.out, message.attributes.raw, message["type"]
    name = type_name(kind, numeric=bool(context.options.numeric))
    out.line()
    out.put("link_type", f"    link/{name} ", name)
    address, broadcast, permanent = raw.get(_ADDRESS), raw.get(_BROADCAST), raw.get(_PERM_ADDRESS)
    if address is not None:
        text = lladdr(address, kind)
        out.put("address", text, text, color="mac")
    if broadcast is not None:
        if message["flags"] & IFF_POINTOPOINT:
            out.text_only(" peer ")
            out.field("link_pointtopoint", True)
        else:
            out.text_only(" brd ")
        text = lladdr(broadcast, kind)
        out.put("broadcast", text, text, color="mac")
    if permanent is not None and permanent != address:
        text = lladdr(permanent, kind)
        out.text_only(" permaddr ")
        out.put("permaddr", text, text, color="mac")


def _elsewhere(context: "Context", message: "Message") -> None:
    """Where the other end is, and where the link itself has gone to (events only)."""
    out, get = context.out, message.get
    nsid = get("link_netnsid")
    if nsid is not None:
        _other_end(context, nsid)
    moved = get("new_netnsid")
    if moved is not None and not out.json:
        from ..netns_names import netns_name

        name = netns_name(context, moved)
        out.text_only(f" new-netns {name}" if name else f" new-netnsid {moved}")
    index = get("new_ifindex")
    if index is not None:
        out.text_only(f" new-ifindex {index}")


def _other_end(context: "Context", nsid: int) -> None:
    out = context.out
    if out.json:
        out.field("link_netnsid", nsid)
        if context.applet:
            return
    from ..netns_names import netns_name

    name = netns_name(context, nsid)
    if out.json and name:
        out.field("link_netns", name)
    out.text_only(f" link-netns {name}" if name else f" link-netnsid {nsid if nsid >= 0 else 'unknown'}")


def _proto_down(context: "Context", message: "Message") -> None:
    from .protodown import reasons

    out = context.out
    if message.get("proto_down") is None:
        return
    if message["proto_down"]:
        out.put("proto_down", " protodown on ", True)
    names = reasons(context, message)
    if names:
        out.text_only(f"protodown_reason <{','.join(names)}>")
        out.field("proto_down_reason", names)


# -- with -details ---------------------------------------------------------------------------------------------------------


def _details(context: "Context", message: "Message", link: bool) -> None:
    out, get = context.out, message.get
    for attribute in ("promiscuity", "allmulti"):
        count = get(attribute)
        if count is not None:
            blank = " " if attribute == "promiscuity" or get("promiscuity") is None else ""
            out.put(attribute, f"{blank}{attribute} {count} ", count)
    _numbers(context, message, _MTUS)
    if get("netns_immutable"):
        out.put("netns-immutable", "netns-immutable ", True)
    linkinfo = get("linkinfo")
    if linkinfo is not None:
        from .shown import print_linkinfo

        print_linkinfo(context, linkinfo)
    if link:
        _addr_gen_mode(context, message)
    _numbers(context, message, _SIZES)


def _numbers(context: "Context", message: "Message", rows: tuple[tuple[str, str, str], ...]) -> None:
    for attribute, key, word in rows:
        value = message.get(attribute)
        if value is not None:
            value = value.hex() if isinstance(value, bytes) else value
            context.out.put(key, f"{word} {value} ", value)


def _addr_gen_mode(context: "Context", message: "Message") -> None:
    spec = message.get("af_spec")
    inet6 = spec.get("inet6") if spec is not None else None
    mode = inet6.get("addr_gen_mode") if inet6 is not None else None
    if mode is not None:
        name = _ADDR_GEN_MODES[mode] if mode < len(_ADDR_GEN_MODES) else f"{mode:#04x}"
        context.out.put("inet6_addr_gen_mode", f"addrgenmode {name} ", name)


# -- the lines below -------------------------------------------------------------------------------------------------------


def _lines_below(context: "Context", message: "Message", link: bool) -> None:
    """Alias, XDP program, counters, alternative names."""
    out, options, raw = context.out, context.options, message.attributes.raw
    if link or options.details:
        alias = message.get("ifalias")
        if alias is not None:
            out.text_only(f"{out.newline}    ")
            out.put("ifalias", f"alias {alias}", alias)
        if raw.get(_XDP, _NO_XDP) != _NO_XDP:
            from .xdp import print_programs

            print_programs(context, message)
    if link and options.stats:
        from .statistics import print_statistics

        out.line()
        print_statistics(context, message)
    names = message.get("prop_list")
    if names is not None:
        out.open_array("altnames")
        for name in names:
            out.text_only(f"{out.newline}    altname ")
            out.put("", name, name)
        out.close_array()
