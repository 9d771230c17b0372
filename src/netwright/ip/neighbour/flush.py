"""`ip neighbour flush`: delete the entries that fit, in rounds, until none is left."""

from ...kernel import rtnl
from ...plan.ops import DeleteNeighbour
from ..exits import LOCAL, SYNTAX, Exit
from ..flush import as_text, delete, find, say_end, say_round
from .filter import Filter, parse
from .show import print_neighbour, warn_unless_filtered
from .states import FAILED, PERMANENT, PROXY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.rtnl import Message
    from ..context import Context

_ROUNDS = 10


def main(context: "Context", words: list[str]) -> int:
    """Delete what the words ask for; entries that are permanent or need no ARP only when their state is named."""
    if not words:
        raise Exit(LOCAL, "Flush requires arguments.", fix="nw neigh flush dev NAME, or: nw neigh flush all")
    wanted = parse(context, words, flush=True)
    as_text(context)
    if context.options.dry_run:
        return _print_commands(context, wanted)
    for done in range(_ROUNDS):
        found = _fitting(context, wanted)
        if not found:
            say_end(context, done)
            return 0
        if context.options.stats > 1:
            for message in found:
                print_neighbour(context, message, with_device=not wanted.index)
        delete(context, rtnl.DELNEIGH, found)
        say_round(context, done + 1, len(found), "entries")
        # An entry that was deleted while it is in use stays for a while, as failed.
        wanted.state &= ~FAILED
    context.out.text_only(f"*** Flush not complete bailing out after {_ROUNDS} rounds\n")
    return SYNTAX  # ip's own function gives 1, and that becomes 255


def _fitting(context: "Context", wanted: Filter) -> "list[Message]":
    header, values = wanted.request()
    found = find(context, rtnl.GETNEIGH, header, values)
    warn_unless_filtered(context, wanted.master, found)
    return [message for message in found if message.kind == rtnl.NEWNEIGH and wanted.wants(message)]


def _print_commands(context: "Context", wanted: Filter) -> int:
    for message in _fitting(context, wanted):
        device = context.links.name(message["index"]) if message["index"] else 0
        header = {"family": message["family"], "state": PERMANENT, "flags": message["flags"] & PROXY, "index": device}
        context.apply(DeleteNeighbour(header, {"dst": message["dst"]}))
    return 0
