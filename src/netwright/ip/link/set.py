"""`ip link set` and `ip link change`."""

from ...plan.ops import SetLink
from ..exits import SYNTAX, Exit
from ..words import Words
from .command import Command, Wanted
from .parse import header, parse
from .run import carry_out, command_for, understood

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..context import Context


def operation(words: list[str], command: Command) -> SetLink:
    """The operation that the words behind `link set` mean."""
    wanted = parse(Words(words), command)
    return SetLink({"index": 0, **header(wanted, command)}, wanted.settings)


def main(context: "Context", words: list[str]) -> int:
    """Change a device, or all devices of a group."""
    command = command_for(context, "set")
    op = understood(context, command, words, operation)
    if command.wanted.keep:
        return _move(context, command.wanted, op)
    return carry_out(context, op)


def _move(context: "Context", wanted: Wanted, op: SetLink) -> int:
    """`netns TARGET [name NEW] --keep`: move, and keep addresses, routes and the up-state, which a move alone drops."""
    if set(op.settings) - {"net_ns_fd", "net_ns_pid", "ifname"} or "change" in op.header:
        raise Exit(SYNTAX, "--keep goes with netns and name alone", fix="give the other words in a second command")
    if context.options.dry_run:
        return context.apply(op)
    from ...engine import move
    from ...errors import KernelError

    try:
        lost = move.keep(context.session, wanted.device or "", wanted.target, op.settings.get("ifname", ""))
    except KernelError as error:
        raise context.refusal(error, op) from None
    context.forget()
    for text in lost:
        context.stderr(f"Warning: not kept: {text}\n")
    return 0
