"""One event as ip prints it: a time, the namespace it came from, a label, and then the object as its own command shows it."""

import time

from ...kernel import rtnl
from ..address.show import print_address
from ..link.filter import Filter
from ..link.show import print_link
from ..neighbour.show import print_neighbour
from ..netns.list_id import print_nsid
from ..route.filter import Filter as RouteFilter
from ..route.show import print_route
from ..rule.show import print_rule
from .netconf import print_netconf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.rtnl import Message
    from ..context import Context

_CLONED = 0x200
_NEIGHBOURS = (rtnl.NEWNEIGH, rtnl.DELNEIGH, rtnl.GETNEIGH)


class Printer:
    """Prints events: `label` puts [LINK] and the like in front, `all_nsid` where they come from; `index`: one device only."""

    def __init__(self, context: "Context", label: bool, all_nsid: bool, index: int) -> None:
        self.context, self.label, self.all_nsid, self.index = context, label, all_nsid, index
        self.filter = Filter()
        self.filter.index = index
        self.routes = RouteFilter()
        if index:
            self.routes.same["oif"] = index
        self.names: dict[int, str] = {}

    def show(self, message: "Message") -> None:
        """Print one event; those of other families or devices than asked for are passed over."""
        if message.kind in (rtnl.NEWLINK, rtnl.DELLINK):
            self._link(message)
        elif message.kind in (rtnl.NEWADDR, rtnl.DELADDR):
            self._headed("[ADDR]", message)
            print_address(self.context, message, self.filter, with_link=True)
        elif message.kind in (rtnl.NEWROUTE, rtnl.DELROUTE):
            self._route(message)
        elif message.kind in _NEIGHBOURS:
            self._neighbour(message)
        elif message.kind in (rtnl.NEWRULE, rtnl.DELRULE):
            self._headed("[RULE]", message)
            print_rule(self.context, message)
        elif message.kind in (rtnl.NEWNSID, rtnl.DELNSID):
            self._nsid(message)
        elif message.kind in (rtnl.NEWNETCONF, rtnl.DELNETCONF):
            self._headed("[NETCONF]", message)
            print_netconf(self.context, message, self.index)

    def _headed(self, label: str, message: "Message") -> None:
        options = self.context.options
        if options.timestamp:
            self.context.out.text_only(_now(short=bool(options.timestamp_short)))
        if self.all_nsid:
            self.context.out.text_only("[nsid current]" if message.nsid is None else f"[nsid {message.nsid}]")
        if self.label:
            self.context.out.text_only(label)

    def _link(self, message: "Message") -> None:
        context = self.context
        # ip keeps the names of devices and of namespaces that it read when it began; nw shows those of today.
        if message.nsid is None:
            context.links.learn_event(message, keep_name=context.applet)
        if not context.applet:
            context.netns_names = None
        self._headed("[LINK]", message)
        print_link(context, message, self.filter)

    def _route(self, message: "Message") -> None:
        if message["flags"] & _CLONED:
            return
        self._headed("[ROUTE]", message)
        if not self.index or message.get("oif") == self.index:
            print_route(self.context, message, self.routes)

    def _neighbour(self, message: "Message") -> None:
        family = self.context.options.family
        if family and message["family"] != family:
            return
        self._headed("[NEIGH]", message)
        if not self.index or message["index"] == self.index:
            print_neighbour(self.context, message, with_device=not self.index)

    def _nsid(self, message: "Message") -> None:
        """The name goes with the number: it is remembered, since with the namespace its file is gone too."""
        from ..netns.list_id import names_of_numbers

        self._headed("[NSID]", message)
        if message.kind == rtnl.NEWNSID:
            self.names.update(names_of_numbers(self.context))
        print_nsid(self.context, message, self.names)
        if message.kind == rtnl.DELNSID:
            self.names.pop(message.get("nsid", -1), None)


def _now(*, short: bool) -> str:
    seconds = time.time()
    local = time.localtime(seconds)
    micro = int(seconds % 1 * 1e6)
    if short:
        return f"[{time.strftime('%Y-%m-%dT%H:%M:%S', local)}.{micro:06d}] "
    return f"Timestamp: {time.asctime(local)} {micro} usec\n"
