"""`-echo`: do an operation, and print what the kernel made of it."""

from ..kernel import rtnl
from ..kernel.netlink import ECHO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..kernel.rtnl import Message
    from ..plan.ops import MessageOp
    from .context import Context


def apply_and_print(context: "Context", op: "MessageOp", show: "Callable[[Context, Message], None]") -> int:
    """The exit code; Exit 2 when the kernel refuses. `show` prints the message in which the kernel tells what it has made."""
    answer = _applied(context, op)
    context.out.open_array()
    show(context, answer)
    context.out.close_array()
    context.out.finish_json()
    return 0


def _applied(context: "Context", op: "MessageOp") -> "Message":
    from ..engine.apply import request
    from ..errors import KernelError

    context.forget()
    asked = request(op, context.session)
    asked.flags |= ECHO
    try:
        answers = context.netlink.get(asked)
    except KernelError as error:
        raise context.refusal(error, op) from None
    finally:
        context.session.release()
        context.print_warnings()
    return rtnl.decoded(answers)[0]
