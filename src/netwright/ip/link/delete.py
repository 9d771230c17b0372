"""`ip link delete`."""

from ...plan.ops import DeleteLink
from ..words import Words
from .command import Command
from .parse import header, parse
from .run import carry_out, command_for, understood

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..context import Context


def operation(words: list[str], command: Command) -> DeleteLink:
    """The operation that the words behind `link delete` mean. ip sends all settings along, and the kernel heeds none."""
    wanted = parse(Words(words), command)
    return DeleteLink({"index": 0, **header(wanted, command)}, wanted.settings)


def main(context: "Context", words: list[str]) -> int:
    """Delete a device, or all devices of a group."""
    command = command_for(context, "delete")
    return carry_out(context, understood(context, command, words, operation))
