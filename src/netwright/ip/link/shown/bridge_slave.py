"""bridge_slave: what a bridge knows about one of its ports."""

from ....kernel.codec import Attributes
from .rows import Row, bridge_id, hexadecimal, hexed, number, onoff, show_rows, timer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...context import Context

_STATES = ("disabled", "listening", "learning", "forwarding", "blocking")
# Link-local groups that have a name: 01:80:c2:00:00:0x.
_GROUPS = {0: "stp", 2: "lacp", 14: "lldp"}


def _state(context: "Context", data: Attributes) -> None:
    state = data.get("state")
    if state is None:
        return
    if state < len(_STATES):
        context.out.put("state", f"state {_STATES[state]} ", _STATES[state])
    else:
        context.out.put("state_index", f"state ({state}) ", state)


def _fast_leave(context: "Context", data: Attributes) -> None:
    """A second time under the name that sets it, in text only."""
    value = data.get("fast_leave")
    if value is not None:
        context.out.text_only(f"mcast_fast_leave {'on' if value else 'off'} ")


def _group_fwd_mask(context: "Context", data: Attributes) -> None:
    mask = data.get("group_fwd_mask")
    if mask is None:
        return
    names = ",".join(_GROUPS.get(bit, f"{1 << bit:#x}") for bit in range(16) if mask >> bit & 1) or "0x0"
    context.out.put("group_fwd_mask", f"group_fwd_mask {hexed(mask)} ", hexed(mask))
    context.out.put("group_fwd_mask_str", f"group_fwd_mask_str {names} ", names)


def _backup_port(context: "Context", data: Attributes) -> None:
    index = data.get("backup_port")
    if index is not None:
        name = context.links.name(index)
        context.out.put("backup_port", f"backup_port {name} ", name)


ROWS: tuple[Row, ...] = (
    _state,
    number("priority"),
    number("cost"),
    onoff("mode", "hairpin"),
    onoff("guard"),
    onoff("protect", "root_block"),
    onoff("fast_leave", "fastleave"),
    onoff("learning"),
    onoff("unicast_flood", "flood"),
    hexadecimal("id", word="port_id"),
    hexadecimal("no", word="port_no"),
    number("designated_port"),
    number("designated_cost"),
    bridge_id("bridge_id", word="designated_bridge"),
    bridge_id("root_id", word="designated_root"),
    timer("hold_timer"),
    timer("message_age_timer"),
    timer("forward_delay_timer"),
    number("topology_change_ack"),
    number("config_pending"),
    onoff("proxyarp", "proxy_arp"),
    onoff("proxyarp_wifi", "proxy_arp_wifi"),
    number("multicast_router", word="mcast_router"),
    _fast_leave,
    onoff("mcast_flood"),
    onoff("bcast_flood"),
    onoff("mcast_to_ucast", "mcast_to_unicast"),
    onoff("neigh_suppress"),
    _group_fwd_mask,
    onoff("vlan_tunnel"),
    onoff("isolated"),
    onoff("locked"),
    _backup_port,
)


def show(context: "Context", data: Attributes) -> None:
    """Print what the bridge says about its port."""
    show_rows(context, data, ROWS)
