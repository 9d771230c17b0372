"""`ip -echo address add …`: do it, and print the address as the kernel has it now."""

from ..echo import apply_with_echo
from ..link.filter import Filter
from .show import print_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...plan.ops import AddAddress, DeleteAddress
    from ..context import Context


def apply_and_print(context: "Context", op: "AddAddress | DeleteAddress") -> int:
    """The exit code; Exit 2 when the kernel refuses."""
    answer = apply_with_echo(context, op)
    out = context.out
    out.open_array()
    out.open_object()
    print_address(context, answer, Filter(), with_link=True)
    out.close_object()
    out.close_array()
    out.finish_json()
    return 0
