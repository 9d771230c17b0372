"""geneve: Ethernet in UDP with options. linux/if_link.h IFLA_GENEVE_*, RFC 8926, CONFIG_GENEVE."""

from . import Field
from .options import Options

CONFIG = "CONFIG_GENEVE"
FIELDS: dict[int, Field] = {
    1: Field("id", "u32"),
    2: Field("remote", "ip"),
    3: Field("ttl", "u8"),
    4: Field("tos", "u8"),
    5: Field("port", "be16"),
    6: Field("collect_metadata", "flag"),
    7: Field("remote6", "ip"),
    8: Field("udp_csum", "u8"),
    9: Field("udp_zero_csum6_tx", "u8"),
    10: Field("udp_zero_csum6_rx", "u8"),
    11: Field("label", "be32"),
    12: Field("ttl_inherit", "u8"),
    13: Field("df", "u8"),
    14: Field("inner_proto_inherit", "flag"),
    15: Field("port_range", "be16pair"),
}
KINDS: dict[str, dict[int, Field]] = {}
SLAVE = None

OPTIONS = Options(
    (
        ("id", "id", "vni"),
        ("vni", "id", "vni"),
        ("remote", "remote", "remote"),
        ("ttl", "ttl", "ttl"),
        ("hoplimit", "ttl", "ttl"),
        ("tos", "tos", "tos"),
        ("dsfield", "tos", "tos"),
        ("df", "df", "df"),
        ("label", "label", "label"),
        ("flowlabel", "label", "label"),
        ("dstport", "port", "port"),
        ("external", "collect_metadata", "external"),
        ("noexternal", "collect_metadata", "noexternal"),
        ("udpcsum", "udp_csum", "=1"),
        ("noudpcsum", "udp_csum", "=0"),
        ("udp6zerocsumtx", "udp_zero_csum6_tx", "=1"),
        ("noudp6zerocsumtx", "udp_zero_csum6_tx", "=0"),
        ("udp6zerocsumrx", "udp_zero_csum6_rx", "=1"),
        ("noudp6zerocsumrx", "udp_zero_csum6_rx", "=0"),
        ("innerprotoinherit", "inner_proto_inherit", "flag"),
    ),
    exact=("innerprotoinherit",),
    unknown="command",
    once={"vni": "id", "hoplimit": "ttl", "dsfield": "tos", "label": "flowlabel"},
)
