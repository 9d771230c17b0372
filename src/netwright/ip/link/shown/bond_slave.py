"""bond_slave: what a bond knows about one of its devices."""

from ....kernel.codec import Attributes
from .rows import Row, number, show_rows, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...context import Context

_STATES = ("ACTIVE", "BACKUP")
_MII = ("UP", "GOING_DOWN", "DOWN", "GOING_BACK")
# LACP_STATE_* of linux/if_bonding.h, from bit 0 up.
_LACP = (
    "active", "short_timeout", "aggregating", "in_sync", "collecting", "distributing", "defaulted", "expired",
)  # fmt: skip


def _one_of(field: str, names: tuple[str, ...]) -> Row:
    def row(context: "Context", data: Attributes) -> None:
        value = data.get(field)
        if value is None:
            return
        if value < len(names):
            context.out.put(field, f"{field} {names[value]} ", names[value])
        else:
            context.out.put(f"{field}_index", f"{field} {value} ", value)

    return row


def _port_state(field: str) -> Row:
    def row(context: "Context", data: Attributes) -> None:
        state = data.get(field)
        if state is None:
            return
        state &= 0xFF
        context.out.put(field, f"{field} {state} ", state)
        names = [name for bit, name in enumerate(_LACP) if state >> bit & 1]
        context.out.put(f"{field}_str", f"{field}_str <{','.join(names)}> ", names)

    return row


ROWS: tuple[Row, ...] = (
    _one_of("state", _STATES),
    _one_of("mii_status", _MII),
    number("link_failure_count"),
    text("perm_hwaddr", lambda _, value: str(value)),
    number("queue_id"),
    number("prio"),
    number("ad_aggregator_id"),
    _port_state("ad_actor_oper_port_state"),
    _port_state("ad_partner_oper_port_state"),
)


def show(context: "Context", data: Attributes) -> None:
    """Print what the bond says about its device."""
    show_rows(context, data, ROWS)
