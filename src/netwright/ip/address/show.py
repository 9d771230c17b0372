"""`ip address show`: links with their addresses, as text and as JSON. `print_address` also serves `flush` and `ip monitor`."""

from ...kernel import rtnl
from ...kernel.inet import AF_INET, AF_INET6, AF_PACKET
from ..hosts import host
from ..link.filter import ADDRESS_FLAGS, HIDDEN, PERMANENT, SECONDARY, SHOWN, Filter, address_flags, parse
from ..link.show import dumped, leave_to_ip, links, print_link
from ..tables import name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.rtnl import Message
    from ..context import Context

IFF_UP = 1
_FOREVER = 0xFFFFFFFF
_DEPRECATED = 0x20
_FAMILIES = {2: "inet", 10: "inet6", 17: "link", 28: "mpls", 7: "bridge"}
_COLORS = {AF_INET: "inet", AF_INET6: "inet6"}
# Who made an address: IFAPROT_* of linux/if_addr.h.
_PROTOCOLS = {1: "kernel_lo", 2: "kernel_ra", 3: "kernel_ll"}
_ALL_FLAGS = 0xFFF


# -- the command -----------------------------------------------------------------------------------------------------------


def main(context: "Context", words: list[str]) -> int:
    """`ip address [show] [ DEVICE | FILTERS ]`."""
    chosen = parse(context, words, context.options.family, "address")
    found = links(context, chosen)
    addresses: dict[int, list[Message]] = {}
    if chosen.family != AF_PACKET:
        addresses = _by_link(context, chosen)
        found = [link for link in found if _wanted(context, link, addresses, chosen)]
    leave_to_ip(context, found, chosen)
    out = context.out
    out.open_array()
    for link in found:
        out.open_object()
        _print(context, link, addresses.get(link["index"], []), chosen)
        out.close_object()
    out.close_array()
    out.finish_json()
    return 0


def _by_link(context: "Context", chosen: Filter) -> "dict[int, list[Message]]":
    found: dict[int, list[Message]] = {}
    for message in dumped(context, rtnl.GETADDR, {"family": chosen.family, "index": chosen.index}):
        found.setdefault(message["index"], []).append(message)
    return found


def _wanted(context: "Context", link: "Message", addresses: "dict[int, list[Message]]", chosen: Filter) -> bool:
    """A link is shown with an address that passes, and without any address when no family is asked for."""
    mine = addresses.get(link["index"])
    if not mine:
        return not chosen.family
    return any(
        (not chosen.family or chosen.family == address["family"]) and chosen.address_alone(context, address)
        for address in mine
    )


def _print(context: "Context", link: "Message", addresses: "list[Message]", chosen: Filter) -> None:
    options = context.options
    # With -oneline each address is a line of its own, which names the link.
    headless = options.oneline and chosen.family != AF_PACKET and not options.brief
    passed = 0 if headless else print_link(context, link, chosen)
    if passed != HIDDEN and chosen.family != AF_PACKET:
        _print_addresses(context, link, addresses, chosen)
    if passed == SHOWN and options.stats:
        from ..link.statistics import print_statistics

        print_statistics(context, link)
        context.out.line()


def _print_addresses(context: "Context", link: "Message", addresses: "list[Message]", chosen: Filter) -> None:
    out = context.out
    out.open_array("addr_info")
    for address in addresses:
        if chosen.family and chosen.family != address["family"]:
            continue
        if chosen.up and not link["flags"] & IFF_UP:
            continue
        out.open_object()
        print_address(context, address, chosen)
        out.close_object()
    out.close_array()
    if context.options.brief:
        out.text_only("\n")


# -- one address -----------------------------------------------------------------------------------------------------------


def print_address(context: "Context", message: "Message", chosen: Filter, *, with_link: bool = False) -> bool:
    """Print an address that passes the filter; False when it does not. `with_link`: the link in front, as -oneline does."""
    if not chosen.address(context, message):
        return False
    out = context.out
    if message.kind == rtnl.DELADDR:
        out.put("deleted", "Deleted ", True)
    if context.options.brief:
        _local(context, message)
        return True
    if with_link or context.options.oneline:
        _link_in_front(context, message)
    name = _FAMILIES.get(message["family"])
    if name:
        out.put("family", f"    {name} ", name)
    else:
        out.put("family_index", f"    family {message['family']} ", message["family"])
    _local(context, message)
    _others(context, message)
    _scope_and_flags(context, message)
    _lifetime(context, message)
    out.text_only("\n")
    return True


def print_changed(context: "Context", message: "Message") -> None:
    """An address by itself, as -echo tells what the kernel has made."""
    context.out.open_object()
    print_address(context, message, Filter(), with_link=True)
    context.out.close_object()


def _link_in_front(context: "Context", message: "Message") -> None:
    index = message["index"]
    name = context.links.name(index)
    context.out.text_only(f"{index}: {name}")
    context.out.field("index", index)
    context.out.field("dev", name)


def _local(context: "Context", message: "Message") -> None:
    """`LOCAL[ peer ADDRESS]/LENGTH `."""
    out, color = context.out, _COLORS.get(message["family"], "")
    address = message.get("address")
    local = message.get("local", address)
    if local is None:
        return
    shown = host(context, local)
    out.put("local", shown, shown, color=color)
    if address is not None and address != local:
        shown = host(context, address)
        out.text_only(" peer ")
        out.put("address", shown, shown, color=color)
    out.put("prefixlen", f"/{message['prefixlen']} ", message["prefixlen"])
    metric = message.get("rt_priority")
    if metric is not None:
        out.put("metric", f"metric {metric} ", metric)


def _others(context: "Context", message: "Message") -> None:
    out, color = context.out, _COLORS.get(message["family"], "")
    for field, word in (("broadcast", "brd "), ("anycast", "any ")):
        address = message.get(field)
        if address is not None:
            shown = host(context, address)
            out.text_only(word)
            out.put(field, f"{shown} ", shown, color=color)


def _scope_and_flags(context: "Context", message: "Message") -> None:
    out = context.out
    scope = name_of("rt_scopes", message["scope"], numeric=bool(context.options.numeric))
    out.put("scope", f"scope {scope} ", scope)
    flags = address_flags(message)
    for name in flag_names(flags, message["family"]):
        out.put(name, f"{name} ", True)
    unknown = flags & ~_ALL_FLAGS
    if unknown:
        out.put("ifa_flags", f"flags {unknown:02x} ", f"{unknown:02x}")
    protocol = message.get("proto")
    if protocol:
        name = _PROTOCOLS.get(protocol, f"{protocol:#x}")
        out.put("protocol", f"proto {name} ", name)
    label = message.get("label")
    if label is not None:
        out.put("label", label, label)


def flag_names(flags: int, family: int) -> list[str]:
    """IFA_F_* by name, in ip's order. `dynamic` is the absence of `permanent`; a secondary IPv6 address is `temporary`."""
    names = []
    for name, bit in ADDRESS_FLAGS.items():
        if bit == PERMANENT:
            names += [] if flags & bit else ["dynamic"]
        elif flags & bit:
            names.append("temporary" if bit == SECONDARY and family == AF_INET6 else name)
        flags &= ~bit
    return names


def _lifetime(context: "Context", message: "Message") -> None:
    lifetime, out = message.get("cacheinfo"), context.out
    if lifetime is None:
        return
    valid, preferred = lifetime.get("valid", 0), lifetime.get("preferred", 0)
    if preferred != _FOREVER and address_flags(message) & _DEPRECATED and preferred >= 1 << 31:
        # Run out already: the kernel's seconds are below 0.
        preferred -= 1 << 32
    out.line()
    out.text_only(f"       valid_lft {_seconds(valid)} preferred_lft {_seconds(preferred)}")
    out.field("valid_life_time", valid)
    out.field("preferred_life_time", preferred)


def _seconds(seconds: int) -> str:
    return "forever" if seconds == _FOREVER else f"{seconds}sec"
