"""`-echo`: do an operation, and get back what the kernel made of it."""

from ..kernel import rtnl
from ..kernel.netlink import ECHO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..kernel.rtnl import Message
    from ..plan.ops import MessageOp
    from .context import Context


def apply_with_echo(context: "Context", op: "MessageOp") -> "Message":
    """Do `op`; the message in which the kernel tells what it has made. Exit 2 when it refuses."""
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
