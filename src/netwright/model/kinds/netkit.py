"""netkit: a cable like veth, with BPF programs at both ends. linux/if_link.h IFLA_NETKIT_*, CONFIG_NETKIT."""

from . import Field

CONFIG = "CONFIG_NETKIT"
FIELDS: dict[int, Field] = {
    1: Field("peer_info", "link"),
    2: Field("primary", "u8"),
    3: Field("policy", "u32"),
    4: Field("peer_policy", "u32"),
    5: Field("mode", "u32"),
    6: Field("scrub", "u32"),
    7: Field("peer_scrub", "u32"),
    8: Field("headroom", "u16"),
    9: Field("tailroom", "u16"),
}
KINDS: dict[str, dict[int, Field]] = {}
SLAVE = None

MODES = ("l2", "l3")
POLICIES = {"forward": 0, "blackhole": 2}  # enum netkit_action: what happens to a packet when no program decides
