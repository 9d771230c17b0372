"""The watch: subscribe, then print each datagram of events as it comes, at once."""

import errno
import os

from ...kernel import rtnl
from ...kernel.inet import AF_INET, AF_INET6, AF_MPLS, AF_UNSPEC
from ...kernel.netlink import Netlink, Overrun
from ..exits import LOCAL, Exit
from .events import Printer
from .names import LivingLinks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..context import Context
    from . import Wanted

# object -> (multicast group, its family)
_GROUPS = {
    "link": (("link", AF_UNSPEC),),
    "address": (("ipv4_ifaddr", AF_INET), ("ipv6_ifaddr", AF_INET6)),
    "route": (("ipv4_route", AF_INET), ("ipv6_route", AF_INET6), ("mpls_route", AF_MPLS)),
    "prefix": (("ipv6_prefix", AF_INET6),),
    "neigh": (("neigh", AF_UNSPEC),),
    "netconf": (("ipv4_netconf", AF_INET), ("ipv6_netconf", AF_INET6), ("mpls_netconf", AF_MPLS)),
    "rule": (("ipv4_rule", AF_INET), ("ipv6_rule", AF_INET6)),
    "nsid": (("nsid", AF_UNSPEC),),
    "nexthop": (("nexthop", AF_UNSPEC),),
}


def groups(objects: list[str], family: int) -> list[str]:
    """The multicast groups that tell of these objects (none: of all)."""
    chosen = [group for name in objects or _GROUPS for group in _GROUPS[name]]
    return [name for name, own in chosen if not family or not own or own == family]


def watch(context: "Context", wanted: "Wanted") -> int:
    """Print events for ever. An interrupt or a closed output ends it by its exception."""
    _as_text(context)
    with Netlink() as events:
        for group in groups(wanted.objects, context.options.family):
            _join(events, group, asked=bool(wanted.objects))
        if wanted.all_nsid:
            _hear_all(events)
        # After the subscription, so that nothing is missed in between.
        links = LivingLinks(context)
        context._links = links
        links.fill()
        printer = Printer(context, wanted, links)
        while True:
            _next(context, events, printer)


def _as_text(context: "Context") -> None:
    """Events are text, with -json too (and then without colours)."""
    options = context.options
    if options.json:
        options.json, options.color = 0, "never"
        context.out = context.new_output()


def _join(events: Netlink, group: str, *, asked: bool) -> None:
    """A group that this kernel does not have matters only when it was asked for."""
    try:
        events.join(rtnl.GROUPS[group])
    except OSError as error:
        if asked:
            raise Exit(LOCAL, f"Failed to add {group} group to list", why=error.strerror or "") from None


def _next(context: "Context", events: Netlink, printer: Printer) -> None:
    try:
        raws = events.receive()
    except Overrun:
        text = os.strerror(errno.ENOBUFS)
        context.stderr(f"netlink receive error {text} ({errno.ENOBUFS})\n    events were lost: more came than could be printed\n")
        printer.links.read_anew()
        return
    for raw in raws:
        message = rtnl.decode(raw)
        if message is not None:
            printer.print(message)
    context.flush()


def _hear_all(events: Netlink) -> None:
    try:
        events.listen_all_nsid()
    except PermissionError as error:
        why = "to hear of other namespaces needs CAP_NET_BROADCAST in the user namespace that owns this one"
        raise Exit(LOCAL, f"NETLINK_LISTEN_ALL_NSID: {error.strerror}", why=why, fix="run it with sudo") from None
