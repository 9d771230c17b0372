"""`ip monitor`: what the kernel tells, as it happens: links, addresses, routes, neighbours, rules, namespace numbers."""

import errno

from ...errors import KernelError, NetwrightError
from ...kernel import rtnl
from ...kernel.netlink import Netlink, Overrun
from ..context import Context
from ..exits import LOCAL, SYNTAX, Exit, Usage, wrong
from ..front import NotOurs
from ..netns_names import netns_name
from ..words import Words, matches, nearest
from .show import Printer

# ip's words in ip's order; an abbreviation means the first that fits.
OBJECTS = ("link", "address", "route", "mroute", "prefix", "neigh", "netconf", "rule", "nsid", "nexthop")
COMMANDS = dict.fromkeys(("label", *OBJECTS, "stats", "all", "all-nsid", "help", "dev"), "show")
_GROUPS = {
    "link": {0: ("link",)},
    "address": {2: ("ipv4_ifaddr",), 10: ("ipv6_ifaddr",)},
    "route": {2: ("ipv4_route",), 10: ("ipv6_route",), 28: ("mpls_route",)},
    "mroute": {2: ("ipv4_mroute",), 10: ("ipv6_mroute",)},
    "prefix": {10: ("ipv6_prefix",)},
    "neigh": {0: ("neigh",)},
    "netconf": {2: ("ipv4_netconf",), 10: ("ipv6_netconf",), 28: ("mpls_netconf",)},
    "rule": {2: ("ipv4_rule",), 10: ("ipv6_rule",)},
    "nsid": {0: ("nsid",)},
    "nexthop": {0: ("nexthop",)},
    "stats": {0: ("stats",)},
}


class Wanted:
    """What the words ask for."""

    __slots__ = ("all_nsid", "index", "label", "objects")

    def __init__(self) -> None:
        self.objects: list[str] = []
        self.label = self.all_nsid = False
        self.index = 0


def main(context: Context, words: list[str]) -> int:
    """Print events until interrupted; each datagram is printed as soon as it is there."""
    wanted = parse(context, Words(words))
    context.options.json = 0  # ip's events are text, with -j too
    context.out = context.new_output()
    with Netlink() as events:
        _subscribe(events, wanted, context.options.family)
        context.links.fill()
        if context.applet:
            netns_name(context, 0)
        _listen(context, events, Printer(context, wanted.label, wanted.all_nsid, wanted.index))
    return 0


def parse(context: Context, words: Words) -> Wanted:
    """The words of `monitor`."""
    wanted = Wanted()
    while words.more:
        word = words.next()
        if matches(word, "file"):
            raise NotOurs("ip monitor file")
        if matches(word, "label"):
            wanted.label = True
        elif found := next((name for name in OBJECTS if matches(word, name)), ""):
            wanted.objects.append(found)
        else:
            _other(context, wanted, word, words)
    return wanted


def _other(context: Context, wanted: Wanted, word: str, words: Words) -> None:
    if word == "stats":
        wanted.objects.append("stats")
    elif word == "all":
        wanted.label = True
    elif matches(word, "all-nsid"):
        wanted.all_nsid = True
    elif matches(word, "help"):
        raise Usage("monitor", SYNTAX if context.applet else 0)
    elif word == "dev":
        name = words.next()
        wanted.index = context.links.index(name)
        if not wanted.index:
            raise wrong(name, "Device does not exist\n", fix="see: nw link show")
    else:
        close = nearest(word, list(COMMANDS))
        fix = f'did you mean "{close}"?' if close else "see: nw monitor help"
        raise Exit(SYNTAX, f'Argument "{word}" is unknown, try "ip monitor help".', fix=fix)


def _subscribe(events: Netlink, wanted: Wanted, family: int) -> None:
    for name in wanted.objects or _GROUPS:
        for of, groups in _GROUPS[name].items():
            if of and family and of != family:
                continue
            for group in groups:
                _join(events, group, asked=bool(wanted.objects))
    if wanted.all_nsid:
        try:
            events.listen_all_nsid()
        except OSError as error:
            why = "hearing other namespaces needs CAP_NET_BROADCAST"
            raise Exit(LOCAL, f"NETLINK_LISTEN_ALL_NSID: {error.strerror}", why=why, fix="run it with sudo") from None


def _join(events: Netlink, group: str, *, asked: bool) -> None:
    """A group that this kernel does not have matters only when it was asked for by name."""
    try:
        events.join(rtnl.GROUPS[group])
    except OSError as error:
        if asked:
            raise Exit(LOCAL, f"Failed to add {group} group to list", why=error.strerror or "") from None


def _listen(context: Context, events: Netlink, printer: Printer) -> None:
    while True:
        try:
            for message in rtnl.decoded(events.receive()):
                printer.show(message)
        except Overrun:
            context.stderr("netlink receive error No buffer space available (105)\n")
            context.stderr("    events were lost: more came than could be printed; what follows is complete again\n")
        except NetwrightError as error:
            if isinstance(error, KernelError) and error.errno in (errno.ENODEV, errno.ENOENT):
                continue  # what an event speaks of was gone before it could be looked up
            raise
        context.flush()
