"""`ip link add` and `ip link replace`."""

from ...plan.ops import AddLink
from ..words import Words
from .command import Command
from .parse import header, parse
from .run import carry_out, command_for, understood

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..context import Context


def operation(words: list[str], command: Command) -> AddLink:
    """The operation that the words behind `link add` (or replace) mean."""
    wanted = parse(Words(words), command)
    return AddLink(header(wanted, command), wanted.settings, command.verb)


def main(context: "Context", words: list[str], verb: str = "add") -> int:
    """Make a device, and its other end where it has one, each in its namespace at once."""
    command = command_for(context, verb)
    return carry_out(context, understood(context, command, words, operation))
