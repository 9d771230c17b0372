"""bridge: all its options, in ip's order."""

from ....kernel.codec import Attributes
from .rows import Row, bridge_id, hexadecimal, number, protocol, show_rows, text, timer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...context import Context

_NO_LL_LEARN, _MCAST_VLAN_SNOOPING = 1 << 0, 1 << 1


def _boolopts(context: "Context", data: Attributes) -> None:
    found = data.get("multi_boolopt")
    if found is None:
        return
    for bit, name in ((_NO_LL_LEARN, "no_linklocal_learn"), (_MCAST_VLAN_SNOOPING, "mcast_vlan_snooping")):
        if found["mask"] & bit:
            value = int(bool(found["value"] & bit))
            context.out.put(name, f"{name} {value} ", value)


def _root_id(context: "Context", data: Attributes) -> None:
    # ip 6.1 prints the bridge's own id as that of the root.
    if "root_id" in data:
        bridge_id("bridge_id", "root_id", "designated_root")(context, data)


ROWS: tuple[Row, ...] = (
    number("forward_delay"),
    number("hello_time"),
    number("max_age"),
    number("ageing_time"),
    number("stp_state"),
    number("priority"),
    number("vlan_filtering"),
    text("vlan_protocol", protocol),
    bridge_id("bridge_id"),
    _root_id,
    number("root_port"),
    number("root_path_cost"),
    number("topology_change"),
    number("topology_change_detected"),
    timer("hello_timer"),
    timer("tcn_timer"),
    timer("topology_change_timer"),
    timer("gc_timer"),
    number("vlan_default_pvid"),
    number("vlan_stats_enabled"),
    number("vlan_stats_per_port"),
    hexadecimal("group_fwd_mask"),
    text("group_addr", lambda _, value: str(value), word="group_address"),
    number("mcast_snooping"),
    _boolopts,
    number("mcast_router"),
    number("mcast_query_use_ifaddr"),
    number("mcast_querier"),
    number("mcast_hash_elasticity"),
    number("mcast_hash_max"),
    number("mcast_last_member_cnt", word="mcast_last_member_count"),
    number("mcast_startup_query_cnt", word="mcast_startup_query_count"),
    number("mcast_last_member_intvl", word="mcast_last_member_interval"),
    number("mcast_membership_intvl", word="mcast_membership_interval"),
    number("mcast_querier_intvl", word="mcast_querier_interval"),
    number("mcast_query_intvl", word="mcast_query_interval"),
    number("mcast_query_response_intvl", word="mcast_query_response_interval"),
    number("mcast_startup_query_intvl", word="mcast_startup_query_interval"),
    number("mcast_stats_enabled"),
    number("mcast_igmp_version"),
    number("mcast_mld_version"),
    number("nf_call_iptables"),
    number("nf_call_ip6tables"),
    number("nf_call_arptables"),
)


def show(context: "Context", data: Attributes) -> None:
    """Print the options of a bridge."""
    show_rows(context, data, ROWS)
