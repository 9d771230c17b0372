"""What all changing commands of `ip link` do around their own words: say what the words gave rise to, and carry it out."""

from ...model.value import replace
from .command import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from ...plan.ops import AddLink, DeleteLink, SetLink
    from ..context import Context

    Op = AddLink | SetLink | DeleteLink
    Some = TypeVar("Some", AddLink, SetLink, DeleteLink)


def command_for(context: "Context", verb: str) -> Command:
    """The command that is read for `context`."""
    return Command(verb, context.links, family=context.options.family, applet=context.applet)


def understood(context: "Context", command: Command, words: list[str], operation: "Callable[[list[str], Command], Some]") -> "Some":
    """The operation that the words mean, after telling what was noticed on the way (also when they mean none)."""
    try:
        return operation(words, command)
    finally:
        if command.said:
            context.stdout(command.said)
        for text in command.warnings:
            context.stderr(text)


def carry_out(context: "Context", op: "Op") -> int:
    """Do it, or print it with --dry-run; with -echo print what the kernel made of it."""
    if context.options.dry_run:
        return context.apply(op)
    if _names_a_netns(op.settings):
        from .netns import number_link_netns

        op = replace(op, settings=number_link_netns(op.settings, context))
    return _echo(context, op) if context.options.echo else context.apply(op)


def _names_a_netns(settings: "dict[str, object]") -> bool:
    """True when `link-netns NAME` is among the words of the device or of its peer."""
    return "link_netnsid" in settings or "data" in settings.get("linkinfo", {})  # type: ignore[operator]


def _echo(context: "Context", op: "Op") -> int:
    """The kernel tells what it made or deleted, but not what it changed: then nothing is printed."""
    from ...engine.apply import request
    from ...errors import KernelError
    from ...kernel import rtnl
    from ...kernel.netlink import ECHO
    from .filter import Filter
    from .show import print_link

    context.forget()
    asked = request(op, context.session)
    asked.flags |= ECHO
    try:
        answers = rtnl.decoded(context.netlink.get(asked))
    except KernelError as error:
        raise context.refusal(error, op) from None
    finally:
        context.session.release()
        context.print_warnings()
    context.out.open_array()
    context.out.open_object()
    for message in answers[:1]:
        print_link(context, message, Filter())
    context.out.close_object()
    context.out.close_array()
    context.out.finish_json()
    return 0
