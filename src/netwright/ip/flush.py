"""What `ip … flush` commands have in common: rounds of a dump and of deletions, and what -statistics says about them."""

from ..kernel import rtnl
from ..kernel.netlink import Request
from .exits import LOCAL, Exit
from .output import Output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..kernel.netlink import Raw
    from ..kernel.rtnl import Message
    from .context import Context


def as_text(context: "Context") -> None:
    """A flush prints text, with -json too."""
    context.out = Output(oneline=bool(context.options.oneline), color=context.out.color, dark=context.out.dark)


def find(
    context: "Context", kind: int, header: "dict[str, int]", values: "dict[str, int]", *, end: str = "Flush terminated"
) -> "list[tuple[Raw, Message]]":
    """A dump, as it came and decoded. Exit 1 with `end` as the last line when the kernel refuses it."""
    from ..errors import KernelError
    from .front import kernel_words

    try:
        raws = context.netlink.dump(rtnl.FAMILIES[kind].request(kind, 0, header, values))
    except KernelError as error:
        raise Exit(LOCAL, f"{kernel_words(error)}\n{end}", fatal=True) from None
    decoded = [(raw, rtnl.decode(raw)) for raw in raws]
    return [(raw, message) for raw, message in decoded if message is not None]


def delete(context: "Context", kind: int, found: "list[Raw]", *, forgive: int = 0) -> None:
    """Delete what was dumped, by its own messages. Exit 1 at an error other than `forgive`."""
    import os

    family = rtnl.FAMILIES[kind]
    errors = context.netlink.transact([Request(kind, 0, raw.body, family.layout, family.header.size) for raw in found])
    error = next((error for error in errors if error), None)
    if error and error.errno != forgive:
        raise Exit(LOCAL, f"Failed to send flush request: {os.strerror(error.errno)}", why=error.what, fix=error.fix)


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
