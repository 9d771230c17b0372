"""`ip route flush`: delete the routes that fit, in rounds, until none is left."""

import os

from ...kernel import rtnl
from ...kernel.inet import AF_INET, AF_INET6
from ...model.routing import UNREACHABLE
from ..exits import KERNEL, LOCAL, Exit
from ..flush import as_text, delete, find, say_end, say_round
from .filter import Filter, parse
from .show import print_route, question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.rtnl import Message
    from ..context import Context

_CACHE = "/proc/sys/net/ipv4/route/flush"
_LONGEST = 30.0
_LAST_METRIC = 0xFFFFFFFF


def main(context: "Context", words: list[str]) -> int:
    """Delete what the words ask for."""
    if not words:
        raise Exit(LOCAL, '"ip route flush" requires arguments.', fix="to delete all of them: nw route flush table main")
    wanted = parse(context, words)
    as_text(context)
    if context.options.dry_run:
        return _print_commands(context, wanted)
    if wanted.cloned and wanted.dump_family != AF_INET6:
        _flush_cache(context)
        if context.options.stats:
            context.out.text_only("*** IPv4 routing cache is flushed.\n")
        if wanted.dump_family == AF_INET:
            return 0
    return _rounds(context, wanted)


def _rounds(context: "Context", wanted: Filter) -> int:
    from time import monotonic

    rounds, start = 0, monotonic()
    while found := _fitting(context, wanted):
        rounds += 1
        if context.options.stats > 1:
            for route in found:
                print_route(context, route, wanted)
        delete(context, rtnl.DELROUTE, found, code=KERNEL)
        if monotonic() - start > _LONGEST:
            # Somebody makes them as fast as we delete them.
            seconds = int(monotonic() - start)
            context.out.text_only(f"\n*** Flush not completed after {seconds} seconds, {len(found)} entries remain ***\n")
            return LOCAL
        say_round(context, rounds, len(found), "entries")
    if not rounds and wanted.cloned and wanted.dump_family != AF_INET6 and context.options.stats:
        context.out.text_only("*** Flush is complete after 0 round ***\n")
    else:
        say_end(context, rounds)
    return 0


def _fitting(context: "Context", wanted: Filter) -> "list[Message]":
    header, values = question(wanted)
    try:
        found = find(context, rtnl.GETROUTE, header, values)
    except Exit as end:
        end.code, end.fatal = KERNEL, False
        raise
    return [route for route in found if wanted.wants(route) and not _for_life(route)]


def _for_life(route: "Message") -> bool:
    """The kernel's own last IPv6 route, which says that nothing else was found, cannot be deleted."""
    nothing = route["family"] == AF_INET6 and not route["dst_len"] and route["type"] == UNREACHABLE
    return nothing and route.get("priority") == _LAST_METRIC


def _flush_cache(context: "Context") -> None:
    """IPv4 has no cache of routes since Linux 3.6; what is left are exceptions (redirects, path MTUs)."""
    try:
        fd = os.open(_CACHE, os.O_WRONLY)
    except OSError as error:
        context.stderr(f'Cannot open "{_CACHE}": {error.strerror}\n')
        return
    try:
        os.write(fd, b"-1")
    except OSError:
        context.stderr("Cannot flush routing cache\n")
    finally:
        os.close(fd)


def _print_commands(context: "Context", wanted: Filter) -> int:
    from .dumped import deletion

    for route in _fitting(context, wanted):
        context.apply(deletion(context, route))
    return 0
