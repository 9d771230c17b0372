"""bond: several devices as one. linux/if_link.h IFLA_BOND_*, IFLA_BOND_SLAVE_*, CONFIG_BONDING.

Times are in milliseconds.
"""

from . import Field
from .options import Options

CONFIG = "CONFIG_BONDING"
AD_INFO = {
    1: Field("aggregator", "u16"),
    2: Field("num_ports", "u16"),
    3: Field("actor_key", "u16"),
    4: Field("partner_key", "u16"),
    5: Field("partner_mac", "mac"),
}
FIELDS: dict[int, Field] = {
    1: Field("mode", "u8"),
    2: Field("active_slave", "ifindex"),
    3: Field("miimon", "u32"),
    4: Field("updelay", "u32"),
    5: Field("downdelay", "u32"),
    6: Field("use_carrier", "u8"),
    7: Field("arp_interval", "u32"),
    8: Field("arp_ip_target", "ips"),
    9: Field("arp_validate", "u32"),
    10: Field("arp_all_targets", "u32"),
    11: Field("primary", "ifindex"),
    12: Field("primary_reselect", "u8"),
    13: Field("fail_over_mac", "u8"),
    14: Field("xmit_hash_policy", "u8"),
    15: Field("resend_igmp", "u32"),
    16: Field("num_peer_notif", "u8"),
    17: Field("all_slaves_active", "u8"),
    18: Field("min_links", "u32"),
    19: Field("lp_interval", "u32"),
    20: Field("packets_per_slave", "u32"),
    21: Field("ad_lacp_rate", "u8"),
    22: Field("ad_select", "u8"),
    23: Field("ad_info", "nest", AD_INFO),
    24: Field("ad_actor_sys_prio", "u16"),
    25: Field("ad_user_port_key", "u16"),
    26: Field("ad_actor_system", "mac"),
    27: Field("tlb_dynamic_lb", "u8"),
    28: Field("peer_notif_delay", "u32"),
    29: Field("ad_lacp_active", "u8"),
    30: Field("missed_max", "u8"),
    31: Field("ns_ip6_target", "ips"),
    32: Field("coupled_control", "u8"),
}
KINDS: dict[str, dict[int, Field]] = {}
SLAVE: dict[int, Field] = {
    1: Field("state", "u8"),
    2: Field("mii_status", "u8"),
    3: Field("link_failure_count", "u32"),
    4: Field("perm_hwaddr", "mac"),
    5: Field("queue_id", "u16"),
    6: Field("ad_aggregator_id", "u16"),
    7: Field("ad_actor_oper_port_state", "u8"),
    8: Field("ad_partner_oper_port_state", "u16"),
    9: Field("prio", "s32"),
    10: Field("actor_port_prio", "u16"),
}

CHOICES: dict[str, tuple[str, ...]] = {
    "mode": ("balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"),
    "arp_validate": ("none", "active", "backup", "all", "filter", "filter_active", "filter_backup"),
    "arp_all_targets": ("any", "all"),
    "primary_reselect": ("always", "better", "failure"),
    "fail_over_mac": ("none", "active", "follow"),
    "xmit_hash_policy": ("layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4", "vlan+srcmac"),
    "ad_lacp_active": ("off", "on"),
    "ad_lacp_rate": ("slow", "fast"),
    "ad_select": ("stable", "bandwidth", "count"),
}
OPTIONS = Options(
    (
        ("mode", "mode", "choice"),
        ("active_slave", "active_slave", "device"),
        ("clear_active_slave", "active_slave", "=0"),
        ("miimon", "miimon", "u32"),
        ("updelay", "updelay", "u32"),
        ("downdelay", "downdelay", "u32"),
        ("peer_notify_delay", "peer_notif_delay", "u32"),
        ("use_carrier", "use_carrier", "u8"),
        ("arp_interval", "arp_interval", "u32"),
        ("arp_ip_target", "arp_ip_target", "ips"),
        ("ns_ip6_target", "ns_ip6_target", "ip6s"),
        ("arp_validate", "arp_validate", "choice"),
        ("arp_all_targets", "arp_all_targets", "choice"),
        ("arp_missed_max", "missed_max", "u8"),
        ("primary", "primary", "device"),
        ("primary_reselect", "primary_reselect", "choice"),
        ("fail_over_mac", "fail_over_mac", "choice"),
        ("xmit_hash_policy", "xmit_hash_policy", "choice"),
        ("resend_igmp", "resend_igmp", "u32"),
        ("num_grat_arp", "num_peer_notif", "u8"),
        ("num_unsol_na", "num_peer_notif", "u8"),
        ("all_slaves_active", "all_slaves_active", "u8"),
        ("min_links", "min_links", "u32"),
        ("lp_interval", "lp_interval", "u32"),
        ("packets_per_slave", "packets_per_slave", "u32"),
        ("lacp_rate", "ad_lacp_rate", "choice"),
        ("lacp_active", "ad_lacp_active", "choice"),
        ("ad_select", "ad_select", "choice"),
        ("ad_user_port_key", "ad_user_port_key", "u16"),
        ("ad_actor_sys_prio", "ad_actor_sys_prio", "u16"),
        ("ad_actor_system", "ad_actor_system", "mac"),
        ("tlb_dynamic_lb", "tlb_dynamic_lb", "u8"),
    ),
    choices=CHOICES,
    exact=("ns_ip6_target", "arp_missed_max", "lacp_active"),
    wrong={"num_grat_arp": "invalid num_grat_arp|num_unsol_na", "num_unsol_na": "invalid num_grat_arp|num_unsol_na"},
    unknown="command",
)
SLAVE_OPTIONS = Options(
    (("queue_id", "queue_id", "u16"), ("prio", "prio", "s32")),
    exact=("prio",),
    wrong={"queue_id": "queue_id is invalid", "prio": "prio is invalid"},
)
