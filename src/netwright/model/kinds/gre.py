"""gre, gretap, ip6gre, ip6gretap: packets or frames in GRE. linux/if_tunnel.h IFLA_GRE_*, RFC 2784, RFC 2890."""

from . import Field

CONFIG = "CONFIG_NET_IPGRE"
CONFIGS = {"ip6gre": "CONFIG_IPV6_GRE", "ip6gretap": "CONFIG_IPV6_GRE"}
FIELDS: dict[int, Field] = {
    1: Field("link", "ifindex"),
    2: Field("iflags", "be16"),
    3: Field("oflags", "be16"),
    4: Field("ikey", "be32"),
    5: Field("okey", "be32"),
    6: Field("local", "ip"),
    7: Field("remote", "ip"),
    8: Field("ttl", "u8"),
    9: Field("tos", "u8"),
    10: Field("pmtudisc", "u8"),
    11: Field("encap_limit", "u8"),
    12: Field("flowinfo", "be32"),
    13: Field("flags", "u32"),
    14: Field("encap_type", "u16"),
    15: Field("encap_flags", "u16"),
    16: Field("encap_sport", "be16"),
    17: Field("encap_dport", "be16"),
    18: Field("collect_metadata", "flag"),
    19: Field("ignore_df", "u8"),
    20: Field("fwmark", "u32"),
    21: Field("erspan_index", "u32"),
    22: Field("erspan_ver", "u8"),
    23: Field("erspan_dir", "u8"),
    24: Field("erspan_hwid", "u16"),
}
KINDS: dict[str, dict[int, Field]] = {}
SLAVE = None

CSUM, KEY, SEQ = 0x8000, 0x2000, 0x1000  # bits of iflags and oflags
ENCAPSULATIONS = ("none", "fou", "gue")
ENCAP_FLAGS = {"encap-csum": 1, "encap-udp6-csum": 2, "encap-remcsum": 4}
# `flags` of a tunnel over IPv6: IP6_TNL_F_* of linux/ip6_tunnel.h
IGN_ENCAP_LIMIT, USE_ORIG_TCLASS, USE_ORIG_FLOWLABEL, RCV_DSCP_COPY = 1, 2, 4, 0x10
USE_ORIG_FWMARK, ALLOW_LOCAL_REMOTE = 0x20, 0x40
TCLASS, FLOWLABEL = 0x0FF00000, 0x000FFFFF  # parts of `flowinfo`
