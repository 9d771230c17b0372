"""`ip address flush`: delete the addresses that fit, in rounds, until none is left."""

import errno

from ...kernel import rtnl
from ...kernel.inet import AF_PACKET
from ...plan.ops import DeleteAddress
from ..exits import LOCAL, SYNTAX, Exit
from ..flush import as_text, delete, find, say_end, say_round
from ..link.filter import HIDDEN, SECONDARY, Filter, parse
from .show import print_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.rtnl import Message
    from ..context import Context

_FAILED = SYNTAX  # ip's own function gives 1, and that becomes 255


def main(context: "Context", words: list[str]) -> int:
    """Delete what the words ask for, in at most -loops rounds (0: as many as it takes)."""
    if not words:
        raise Exit(LOCAL, "Flush requires arguments.", fix="nw address flush dev NAME")
    if context.options.family == AF_PACKET:
        raise Exit(LOCAL, "Cannot flush link addresses.")
    chosen = parse(context, words, context.options.family, "address")
    as_text(context)
    if context.options.dry_run:
        return _print_commands(context, chosen)
    return _in_rounds(context, chosen)


def _in_rounds(context: "Context", chosen: Filter) -> int:
    done, most = 0, context.options.loops
    # Once the primaries are gone, secondaries are promoted to primaries: those were not asked for.
    once = chosen.flag_mask & SECONDARY and not chosen.flags & SECONDARY
    while not most or done < most:
        found = _fitting(context, chosen)
        if found:
            done += 1
            _delete(context, chosen, found)
            say_round(context, done, len(found), "addresses")
        if not found or once:
            say_end(context, done)
            return 0
    text = f"*** Flush remains incomplete after {most} rounds. ***"
    raise Exit(_FAILED, text, fix="try again with: -loops 0", fatal=False)


def _delete(context: "Context", chosen: Filter, found: "list[Message]") -> None:
    if context.options.stats > 1:
        for message in found:
            print_address(context, message, chosen, with_link=True)
    # A primary address takes its secondaries along, so that some may be gone when their turn comes.
    delete(context, rtnl.DELADDR, found, code=_FAILED, forgive=errno.EADDRNOTAVAIL)


def _fitting(context: "Context", chosen: Filter) -> "list[Message]":
    found = find(context, rtnl.GETADDR, {"family": chosen.family, "index": chosen.index}, {})
    return [message for message in found if chosen.address(context, message) and _link_fits(context, chosen, message)]


def _link_fits(context: "Context", chosen: Filter, message: "Message") -> bool:
    """Whether the address is on a link that was asked for (up, group, master, type).

    The name ip takes these words and then flushes every link all the same; we do that under this name only.
    """
    if context.applet:
        return True
    link = context.links.message(message["index"])
    if link is None:
        return True
    return chosen.link(link) != HIDDEN and not (chosen.master < 0 and link.get("master"))


def _print_commands(context: "Context", chosen: Filter) -> int:
    for message in _fitting(context, chosen):
        header = {
            "family": message["family"], "prefixlen": message["prefixlen"], "flags": 0, "scope": 0,
            "index": context.links.name(message["index"]),
        }  # fmt: skip
        address = message.get("address")
        context.apply(DeleteAddress(header, {"local": message.get("local", address), "address": address}))
    return 0
