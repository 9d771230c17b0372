"""`ip link add` and `ip link replace`."""

from ...plan.ops import AddLink
from ..words import Words
from .command import Command
from .parse import header, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..context import Context


def operation(words: list[str], command: Command) -> AddLink:
    """The operation that the words behind `link add` mean."""
    wanted = parse(Words(words), command)
    return AddLink(header(wanted, command), wanted.settings, command.verb)


def main(context: "Context", words: list[str], verb: str = "add") -> int:
    """Make a device, and its other end where it has one, each in its namespace at once."""
    command = Command(verb, context.links, family=context.options.family, applet=context.applet)
    op = operation(words, command)
    for text in command.warnings:
        context.stderr(text)
    if not context.options.dry_run:
        from .netns import number_link_netns

        op = AddLink(op.header, number_link_netns(op.settings, context), op.verb)
    return context.apply(op)
