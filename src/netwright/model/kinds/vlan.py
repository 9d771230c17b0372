"""vlan: frames with one tag (802.1Q or 802.1ad) of a device below. linux/if_link.h IFLA_VLAN_*.

`flags` are VLAN_FLAG_* and which of them are meant; the maps turn priorities into each other.
"""

from . import Field
from .options import Options

CONFIG = "CONFIG_VLAN_8021Q"
FIELDS: dict[int, Field] = {
    1: Field("id", "u16"),
    2: Field("flags", "u32pair"),
    3: Field("egress_qos", "map"),
    4: Field("ingress_qos", "map"),
    5: Field("protocol", "be16"),
}
KINDS: dict[str, dict[int, Field]] = {}
SLAVE = None

# The switches are the bits of VLAN_FLAG_*: reorder_hdr 0, gvrp 1, loose_binding 2, mvrp 3, bridge_binding 4.
OPTIONS = Options(
    (
        ("protocol", "protocol", "proto"),
        ("id", "id", "u16"),
        ("reorder_hdr", "flags", "switch 0"),
        ("gvrp", "flags", "switch 1"),
        ("mvrp", "flags", "switch 3"),
        ("loose_binding", "flags", "switch 2"),
        ("bridge_binding", "flags", "switch 4"),
        ("ingress-qos-map", "ingress_qos", "map"),
        ("egress-qos-map", "egress_qos", "map"),
    ),
    wrong={"protocol": "protocol is invalid", "id": "id is invalid"},
    unknown="command",
)
