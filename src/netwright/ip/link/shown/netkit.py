"""netkit, as iproute2 prints it since it knows netkit (6.7)."""

from ....kernel.codec import Attributes
from .rows import Row, chosen, show_rows, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...context import Context

_POLICIES = {0: "forward", 2: "blackhole"}


def _policy(_: "Context", value: int) -> str:
    return _POLICIES.get(value, "unknown")


ROWS: tuple[Row, ...] = (
    chosen("mode", ("l2", "l3"), unknown="unknown"),
    text("primary", lambda _, value: "primary" if value else "peer", "type"),
    text("policy", _policy),
    text("peer_policy", _policy, word="peer policy"),
    chosen("scrub", ("none", "default"), unknown="unknown"),
    chosen("peer_scrub", ("none", "default"), word="peer scrub", unknown="unknown"),
)


def show(context: "Context", data: Attributes) -> None:
    """Print mode, side and policies."""
    show_rows(context, data, ROWS)
