"""One event as text: what stands in front of it, and which printer is for it."""

from ...kernel import rtnl
from ...model.routing import CLONED
from ..address.show import print_address
from ..link.filter import SHOWN
from ..link.filter import Filter as LinkFilter
from ..link.show import print_link
from ..neighbour.filter import Filter as NeighbourFilter
from ..neighbour.show import print_neighbour
from ..netns.list_id import print_nsid
from ..netns_names import netns_name
from ..route.filter import Filter as RouteFilter
from ..route.show import print_route
from ..rule.show import print_rule
from .names import LinksElsewhere

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...kernel.rtnl import Message
    from ..context import Context
    from . import Wanted
    from .names import LivingLinks

_MULTICAST_ROUTING = (128, 129)  # RTNL_FAMILY_IPMR, RTNL_FAMILY_IP6MR


class Printer:
    """Prints events by the words of one `monitor` command."""

    def __init__(self, context: "Context", wanted: "Wanted", links: "LivingLinks") -> None:
        self.context, self.wanted, self.links = context, wanted, links
        self.link_filter, self.neighbour_filter = LinkFilter(), NeighbourFilter()
        self.route_filter = RouteFilter(context.options.family)
        self.link_filter.index = self.neighbour_filter.index = wanted.index
        if wanted.index:
            self.route_filter.same["oif"] = wanted.index
        self._elsewhere: dict[int, LinksElsewhere] = {}
        netns_name(context, 0)
        self._names = context.netns_names or {}

    def print(self, message: "Message") -> None:
        """One event, in the words and with the device names of the namespace that it comes from."""
        label, show = _SHOWN.get(message.kind, ("", None))
        if show is None or not self._concerns_us(message):
            return
        links = self._links_of(message)
        if label == "LINK":
            links.see(message)
            # ip keeps the names of namespaces that it read when it began; nw shows those of now.
            self.context.netns_names = self._names if self.context.applet else None
        self.context._links = links
        # ip prints what stands in front before it looks whether the rest is wanted.
        if self.context.applet or self._passes(message, label):
            self._head(message, label)
            show(self, message)
        self.context._links = self.links

    def _links_of(self, message: "Message") -> "LivingLinks":
        """ip takes every number of a device for one of its own namespace; under nw it is one of the event's."""
        if message.nsid is None or self.context.applet:
            return self.links
        if message.nsid not in self._elsewhere:
            self._elsewhere[message.nsid] = LinksElsewhere(self.context, message.nsid)
        return self._elsewhere[message.nsid]

    def _concerns_us(self, message: "Message") -> bool:
        if message.kind in (rtnl.NEWROUTE, rtnl.DELROUTE):
            return not message["flags"] & CLONED and message["family"] not in _MULTICAST_ROUTING
        if message.kind in (rtnl.NEWNEIGH, rtnl.DELNEIGH, rtnl.GETNEIGH):
            return self.context.options.family in (0, message["family"])
        return True

    def _passes(self, message: "Message", label: str) -> bool:
        if self.wanted.index and message.nsid is not None:
            # The device is one of ours; its number means another one elsewhere.
            return False
        if label == "LINK":
            return self.link_filter.link(message) == SHOWN
        if label == "ADDR":
            return self.link_filter.address(self.context, message)
        if label == "ROUTE":
            return self.route_filter.wants(message)
        if label == "NEIGH":
            return self.neighbour_filter.wants(message)
        return label != "NETCONF" or self.wanted.index in (0, message.get("ifindex", 0))

    def _head(self, message: "Message", label: str) -> None:
        out = self.context.out
        if self.context.options.timestamp:
            out.text_only(_timestamp(short=bool(self.context.options.timestamp_short)))
        if self.wanted.all_nsid:
            out.text_only(f"[nsid {'current' if message.nsid is None else message.nsid}]")
        if self.wanted.label:
            out.text_only(f"[{label}]")

    # -- the printers --------------------------------------------------------------------------------------------------

    def link(self, message: "Message") -> None:
        print_link(self.context, message, self.link_filter)

    def address(self, message: "Message") -> None:
        print_address(self.context, message, self.link_filter, with_link=True)

    def route(self, message: "Message") -> None:
        if self.route_filter.wants(message):
            print_route(self.context, message, self.route_filter)

    def neighbour(self, message: "Message") -> None:
        if self.neighbour_filter.wants(message):
            print_neighbour(self.context, message, with_device=not self.wanted.index)

    def rule(self, message: "Message") -> None:
        print_rule(self.context, message)

    def nsid(self, message: "Message") -> None:
        """The name of a new number is looked up; that of one that goes was known before, its file may be gone by now."""
        number = message.get("nsid", -1)
        if message.kind == rtnl.NEWNSID:
            self.context.netns_names = None
            name = netns_name(self.context, number)
            self._names.update({number: name} if name else {})
        print_nsid(self.context, message, self._names)
        if message.kind == rtnl.DELNSID:
            self._names.pop(number, None)

    def netconf(self, message: "Message") -> None:
        from .netconf import print_netconf

        if self.wanted.index in (0, message.get("ifindex", 0)):
            print_netconf(self.context, message)

    def prefix(self, message: "Message") -> None:
        from .prefix import print_prefix

        print_prefix(self.context, message)

    def nexthop(self, message: "Message") -> None:
        from ..route.nexthop_object import print_nexthop

        print_nexthop(self.context, message)
        self.context.out.text_only("\n")


_SHOWN: "dict[int, tuple[str, Callable[[Printer, Message], None]]]" = {
    rtnl.NEWLINK: ("LINK", Printer.link), rtnl.DELLINK: ("LINK", Printer.link),
    rtnl.NEWADDR: ("ADDR", Printer.address), rtnl.DELADDR: ("ADDR", Printer.address),
    rtnl.NEWROUTE: ("ROUTE", Printer.route), rtnl.DELROUTE: ("ROUTE", Printer.route),
    rtnl.NEWNEIGH: ("NEIGH", Printer.neighbour), rtnl.DELNEIGH: ("NEIGH", Printer.neighbour),
    rtnl.GETNEIGH: ("NEIGH", Printer.neighbour),
    rtnl.NEWRULE: ("RULE", Printer.rule), rtnl.DELRULE: ("RULE", Printer.rule),
    rtnl.NEWNSID: ("NSID", Printer.nsid), rtnl.DELNSID: ("NSID", Printer.nsid),
    rtnl.NEWNETCONF: ("NETCONF", Printer.netconf), rtnl.DELNETCONF: ("NETCONF", Printer.netconf),
    rtnl.NEWPREFIX: ("PREFIX", Printer.prefix),
    rtnl.NEWNEXTHOP: ("NEXTHOP", Printer.nexthop), rtnl.DELNEXTHOP: ("NEXTHOP", Printer.nexthop),
}  # fmt: skip


def _timestamp(*, short: bool) -> str:
    """`[2026-11-24T10:11:12.123456] `, or a line of its own."""
    import time

    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    local, micro = time.localtime(seconds), nanoseconds // 1000
    if short:
        return f"[{time.strftime('%Y-%m-%dT%H:%M:%S', local)}.{micro:06}] "
    return f"Timestamp: {time.asctime(local)} {micro} usec\n"
