"""The attributes of rtnetlink's messages, as tables: number -> (name, codec). Names are the kernel's, without their prefix.

Sources: linux/rtnetlink.h, if_link.h, if_addr.h, neighbour.h, fib_rules.h, net_namespace.h (6.18). What a link of some kind
carries in IFLA_INFO_DATA is in model/kinds/, one file per kind.
"""

from struct import Struct

from . import inet
from .codec import (
    BE16,
    BE64,
    BYTES,
    FLAG,
    IFINDEX,
    IP,
    MAC,
    NETNS_FD,
    S32,
    S32S,
    STRING,
    TEXT,
    U8,
    U16,
    U32,
    U64,
    Codec,
    Layout,
    chosen_by,
    indexed,
    listing,
    nest,
    record,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .codec import Lookup

# -- links -------------------------------------------------------------------------------------------------------------

_STATS = ["rx_packets", "tx_packets", "rx_bytes", "tx_bytes", "rx_errors", "tx_errors", "rx_dropped", "tx_dropped", "multicast", "collisions", "rx_length_errors", "rx_over_errors", "rx_crc_errors", "rx_frame_errors", "rx_fifo_errors", "rx_missed_errors", "tx_aborted_errors", "tx_carrier_errors", "tx_fifo_errors", "tx_heartbeat_errors", "tx_window_errors", "rx_compressed", "tx_compressed", "rx_nohandler", "rx_otherhost_dropped"]

XDP = Layout("xdp", {1: ("fd", S32), 2: ("attached", U8), 3: ("flags", U32), 4: ("prog_id", U32), 5: ("drv_prog_id", U32), 6: ("skb_prog_id", U32), 7: ("hw_prog_id", U32), 8: ("expected_fd", S32)})  # fmt: skip
INET_CONF = Layout("inet", {1: ("conf", indexed(U32))})
INET6 = Layout(
    "inet6",
    {
        1: ("flags", U32),
        2: ("conf", S32S),
        3: ("stats", BYTES),
        4: ("mcast", BYTES),
        5: ("cacheinfo", record("=IIII", "max_reasm_len", "tstamp", "reachable_time", "retrans_time")),
        6: ("icmp6stats", BYTES),
        7: ("token", IP),
        8: ("addr_gen_mode", U8),
        9: ("ra_mtu", U32),
    },
)
AF_SPEC = Layout("af_spec", {2: ("inet", nest(INET_CONF)), 7: ("bridge", BYTES), 10: ("inet6", nest(INET6)), 28: ("mpls", BYTES), 45: ("mctp", BYTES)})  # fmt: skip
PROTO_DOWN_REASON = Layout("proto_down_reason", {1: ("mask", U32), 2: ("value", U32)})


def _data(kind: str | None) -> Codec:
    from .kinds import data_codec

    return data_codec(kind or "")


def _slave_data(kind: str | None) -> Codec:
    from .kinds import slave_codec

    return slave_codec(kind or "")


LINKINFO = Layout(
    "linkinfo",
    {
        1: ("kind", STRING),
        2: ("data", chosen_by("kind", _data)),
        3: ("xstats", BYTES),
        4: ("slave_kind", STRING),
        5: ("slave_data", chosen_by("slave_kind", _slave_data)),
    },
)

LINK = Layout(
    "link",
    {
        1: ("address", MAC),
        2: ("broadcast", MAC),
        3: ("ifname", STRING),
        4: ("mtu", U32),
        5: ("link", IFINDEX),
        6: ("qdisc", STRING),
        7: ("stats", record("=" + "I" * 24, *_STATS[:24])),
        8: ("cost", BYTES),
        9: ("priority", BYTES),
        10: ("master", IFINDEX),
        11: ("wireless", BYTES),
        12: ("protinfo", chosen_by("", lambda _: _slave_data("bridge"))),
        13: ("txqlen", U32),
        14: ("map", record("=QQQHBB", "mem_start", "mem_end", "base_addr", "irq", "dma", "port")),
        15: ("weight", U32),
        16: ("operstate", U8),
        17: ("linkmode", U8),
        18: ("linkinfo", nest(LINKINFO)),
        19: ("net_ns_pid", U32),
        20: ("ifalias", TEXT),
        21: ("num_vf", U32),
        22: ("vfinfo_list", BYTES),
        23: ("stats64", record("=" + "Q" * len(_STATS), *_STATS)),
        24: ("vf_ports", BYTES),
        25: ("port_self", BYTES),
        26: ("af_spec", nest(AF_SPEC)),
        27: ("group", U32),
        28: ("net_ns_fd", NETNS_FD),
        29: ("ext_mask", U32),
        30: ("promiscuity", U32),
        31: ("num_tx_queues", U32),
        32: ("num_rx_queues", U32),
        33: ("carrier", U8),
        34: ("phys_port_id", BYTES),
        35: ("carrier_changes", U32),
        36: ("phys_switch_id", BYTES),
        37: ("link_netnsid", S32),
        38: ("phys_port_name", STRING),
        39: ("proto_down", U8),
        40: ("gso_max_segs", U32),
        41: ("gso_max_size", U32),
        43: ("xdp", nest(XDP)),
        44: ("event", U32),
        45: ("new_netnsid", S32),
        46: ("target_netnsid", S32),
        47: ("carrier_up_count", U32),
        48: ("carrier_down_count", U32),
        49: ("new_ifindex", S32),
        50: ("min_mtu", U32),
        51: ("max_mtu", U32),
        52: ("prop_list", listing(STRING, 53)),
        53: ("alt_ifname", STRING),
        54: ("perm_address", MAC),
        55: ("proto_down_reason", nest(PROTO_DOWN_REASON)),
        56: ("parent_dev_name", STRING),
        57: ("parent_dev_bus_name", STRING),
        58: ("gro_max_size", U32),
        59: ("tso_max_size", U32),
        60: ("tso_max_segs", U32),
        61: ("allmulti", U32),
        62: ("devlink_port", BYTES),
        63: ("gso_ipv4_max_size", U32),
        64: ("gro_ipv4_max_size", U32),
        65: ("dpll_pin", BYTES),
        66: ("max_pacing_offload_horizon", U64),
        67: ("netns_immutable", U8),
        68: ("headroom", U16),
        69: ("tailroom", U16),
    },
)

# -- addresses -----------------------------------------------------------------------------------------------------------

ADDRESS = Layout(
    "address",
    {
        1: ("address", IP),
        2: ("local", IP),
        3: ("label", STRING),
        4: ("broadcast", IP),
        5: ("anycast", IP),
        6: ("cacheinfo", record("=IIII", "preferred", "valid", "cstamp", "tstamp")),
        7: ("multicast", IP),
        8: ("flags", U32),
        9: ("rt_priority", U32),
        10: ("target_netnsid", S32),
        11: ("proto", U8),
    },
)

# -- routes --------------------------------------------------------------------------------------------------------------

METRICS = Layout(
    "metrics",
    {
        1: ("lock", U32),
        2: ("mtu", U32),
        3: ("window", U32),
        4: ("rtt", U32),
        5: ("rttvar", U32),
        6: ("ssthresh", U32),
        7: ("cwnd", U32),
        8: ("advmss", U32),
        9: ("reordering", U32),
        10: ("hoplimit", U32),
        11: ("initcwnd", U32),
        12: ("features", U32),
        13: ("rto_min", U32),
        14: ("initrwnd", U32),
        15: ("quickack", U32),
        16: ("cc_algo", STRING),
        17: ("fastopen_no_cookie", U32),
    },
)

_NEXTHOP = Struct("=HBBi")


def _nexthops(data: bytes) -> "list[dict[str, Any]]":
    """RTA_MULTIPATH: struct rtnexthop, each followed by attributes of its own."""
    out, at = [], 0
    while at + 8 <= len(data):
        length, flags, hops, index = _NEXTHOP.unpack_from(data, at)
        if length < 8 or at + length > len(data):
            break
        out.append({"flags": flags, "hops": hops, "ifindex": index, "attributes": ROUTE.decode(data, at + 8, at + length)})
        at += (length + 3) & ~3
    return out


def _pack_nexthops(values: "list[dict[str, Any]]", lookup: "Lookup | None") -> bytes:
    out = []
    for hop in values:
        body = ROUTE.encode(hop.get("attributes", {}), lookup)
        index = int.from_bytes(IFINDEX.encode(hop.get("ifindex", 0), lookup), "little", signed=True)
        out.append(_NEXTHOP.pack(8 + len(body), hop.get("flags", 0), hop.get("hops", 0), index) + body)
    return b"".join(out)


def _via(data: bytes) -> dict[str, "Any"]:
    """RTA_VIA: a gateway of another family than the route."""
    family = int.from_bytes(data[:2], "little")
    return {"family": family, "host": inet.ntoa(data[2:]) if family in (2, 10) else data[2:].hex()}


def _pack_via(value: "dict[str, Any]", _: "Lookup | None") -> bytes:
    host = value["host"]
    data: bytes = host if isinstance(host, bytes) else inet.aton(host, value["family"])
    return int(value["family"]).to_bytes(2, "little") + data


ROUTE = Layout(
    "route",
    {
        1: ("dst", IP),
        2: ("src", IP),
        3: ("iif", IFINDEX),
        4: ("oif", IFINDEX),
        5: ("gateway", IP),
        6: ("priority", U32),
        7: ("prefsrc", IP),
        8: ("metrics", nest(METRICS)),
        9: ("multipath", Codec(_nexthops, _pack_nexthops)),
        10: ("protoinfo", BYTES),
        11: ("flow", U32),
        12: ("cacheinfo", record("=IIiIIIII", "clntref", "lastuse", "expires", "error", "used", "id", "ts", "tsage")),
        15: ("table", U32),
        16: ("mark", U32),
        17: ("mfc_stats", BYTES),
        18: ("via", Codec(_via, _pack_via)),
        19: ("newdst", BYTES),
        20: ("pref", U8),
        21: ("encap_type", U16),
        22: ("encap", BYTES),
        23: ("expires", U32),
        25: ("uid", U32),
        26: ("ttl_propagate", U8),
        27: ("ip_proto", U8),
        28: ("sport", BE16),
        29: ("dport", BE16),
        30: ("nh_id", U32),
        31: ("flowlabel", U32),
    },
)

# -- neighbours, rules, namespace ids ----------------------------------------------------------------------------------

NEIGHBOUR = Layout(
    "neighbour",
    {
        1: ("dst", IP),
        2: ("lladdr", MAC),
        3: ("cacheinfo", record("=IIII", "confirmed", "used", "updated", "refcnt")),
        4: ("probes", U32),
        5: ("vlan", U16),
        6: ("port", BE16),
        7: ("vni", U32),
        8: ("ifindex", IFINDEX),
        9: ("master", IFINDEX),
        10: ("link_netnsid", S32),
        11: ("src_vni", U32),
        12: ("protocol", U8),
        13: ("nh_id", U32),
        14: ("fdb_ext_attrs", BYTES),
        15: ("flags_ext", U32),
    },
)

RULE = Layout(
    "rule",
    {
        1: ("dst", IP),
        2: ("src", IP),
        3: ("iifname", STRING),
        4: ("goto", U32),
        6: ("priority", U32),
        10: ("fwmark", U32),
        11: ("flow", U32),
        12: ("tun_id", BE64),
        13: ("suppress_ifgroup", U32),
        14: ("suppress_prefixlen", U32),
        15: ("table", U32),
        16: ("fwmask", U32),
        17: ("oifname", STRING),
        19: ("l3mdev", U8),
        20: ("uid_range", record("=II", "start", "end")),
        21: ("protocol", U8),
        22: ("ip_proto", U8),
        23: ("sport_range", record("=HH", "start", "end")),
        24: ("dport_range", record("=HH", "start", "end")),
        25: ("dscp", U8),
        26: ("flowlabel", U32),
        27: ("flowlabel_mask", U32),
        28: ("sport_mask", U16),
        29: ("dport_mask", U16),
        30: ("dscp_mask", U8),
    },
)

NSID = Layout("nsid", {1: ("nsid", S32), 2: ("pid", U32), 3: ("fd", NETNS_FD), 4: ("target_nsid", S32), 5: ("current_nsid", S32)})  # fmt: skip

NETCONF = Layout("netconf", {1: ("ifindex", S32), 2: ("forwarding", S32), 3: ("rp_filter", S32), 4: ("mc_forwarding", S32), 5: ("proxy_neigh", S32), 6: ("ignore_routes_with_linkdown", S32), 7: ("input", S32), 8: ("bc_forwarding", S32)})  # fmt: skip
PREFIX = Layout("prefix", {1: ("address", IP), 2: ("cacheinfo", record("=II", "preferred", "valid"))})
NEXTHOP_OBJECT = Layout("nexthop", {1: ("id", U32), 2: ("group", BYTES), 3: ("group_type", U16), 4: ("blackhole", FLAG), 5: ("oif", U32), 6: ("gateway", IP), 7: ("encap_type", U16), 8: ("encap", BYTES), 9: ("groups", FLAG), 10: ("master", U32), 11: ("fdb", FLAG)})  # fmt: skip

