"""vrf, and a port of a vrf: the routing table."""

from ....kernel.codec import Attributes
from .rows import number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...context import Context

_table = number("table")


def show(context: "Context", data: Attributes) -> None:
    """Print the table."""
    _table(context, data)
