"""What `ip … flush` commands have in common: rounds of a dump and of deletions, and what -statistics says about them."""

import os

from ..kernel import rtnl
from ..kernel.codec import attribute
from ..kernel.netlink import Request
from .exits import LOCAL, Exit
from .output import Output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..kernel.rtnl import Message
    from .context import Context


def as_text(context: "Context") -> None:
    """A flush prints text, with -json too."""
    context.out = Output(oneline=bool(context.options.oneline), color=context.out.color, dark=context.out.dark)


def find(context: "Context", kind: int, header: "dict[str, int]", values: "dict[str, int]") -> "list[Message]":
    """A dump. Exit 1 `Flush terminated` when the kernel refuses it."""
    from ..errors import KernelError
    from .front import kernel_words

    try:
        return rtnl.dump(context.netlink, kind, header, values)
    except KernelError as error:
        raise Exit(LOCAL, f"{kernel_words(error)}\nFlush terminated", fatal=True) from None


def deletion(kind: int, message: "Message") -> Request:
    """The request to delete what `message` tells of: all of its attributes again, also those that we have no name for."""
    family = rtnl.FAMILIES[kind]
    attributes = [attribute(number, payload) for number, payload in message.attributes.raw.items()]
    return Request(kind, 0, family.body(message.header, {}) + b"".join(attributes), family.layout, family.header.size)


def delete(context: "Context", kind: int, found: "list[Message]", *, code: int = LOCAL, forgive: int = 0) -> None:
    """Delete what was dumped. Exit `code` at an error other than `forgive`."""
    errors = context.netlink.transact([deletion(kind, message) for message in found])
    error = next((error for error in errors if error), None)
    if error and error.errno != forgive:
        text = f"Failed to send flush request: {os.strerror(error.errno)}"
        raise Exit(code, text, why=error.what, fix=error.fix, fatal=code == LOCAL)


def say_round(context: "Context", number: int, count: int, noun: str) -> None:
    """With -statistics: what this round deletes."""
    if context.options.stats:
        context.out.text_only(f"\n*** Round {number}, deleting {count} {noun} ***\n")


def say_end(context: "Context", rounds: int) -> None:
    """With -statistics: how many rounds it took."""
    if not context.options.stats:
        return
    if not rounds:
        context.out.text_only("Nothing to flush.\n")
    else:
        context.out.text_only(f"*** Flush is complete after {rounds} round{'s' if rounds > 1 else ''} ***\n")
