"""`ip link set` and `ip link change`."""

from ...plan.ops import SetLink
from ..exits import SYNTAX, Exit
from ..words import Words
from .command import Command, Wanted
from .parse import header, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..context import Context


def operation(words: list[str], command: Command) -> tuple[Wanted, SetLink]:
    """What the words behind `link set` mean; `keep` is in the first, the message in the second."""
    wanted = parse(Words(words), command)
    return wanted, SetLink({"index": 0, **header(wanted, command)}, wanted.settings)


def main(context: "Context", words: list[str]) -> int:
    """Change a device, or all devices of a group."""
    command = Command("set", context.links, family=context.options.family, applet=context.applet)
    wanted, op = operation(words, command)
    for text in command.warnings:
        context.stderr(text)
    if wanted.keep:
        return _move(context, wanted, op)
    if not context.options.dry_run:
        from .netns import number_link_netns

        op = SetLink(op.header, number_link_netns(op.settings, context))
    return context.apply(op)


def _move(context: "Context", wanted: Wanted, op: SetLink) -> int:
    """`netns TARGET --keep`: move, and keep addresses, routes and the up-state, which a move alone drops."""
    if set(op.settings) - {"net_ns_fd", "net_ns_pid"} or "change" in op.header:
        raise Exit(SYNTAX, "--keep goes with netns alone", fix="give the other words in a second command")
    if context.options.dry_run:
        return context.apply(op)
    from ...engine import move

    move.keep(context.session, wanted.device or "", wanted.target)
    context.forget()
    return 0
