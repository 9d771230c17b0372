"""tun: a device whose other end is a program (mode tun: packets, tap: frames). linux/if_link.h IFLA_TUN_*."""

from . import Field

CONFIG = "CONFIG_TUN"
FIELDS: dict[int, Field] = {
    1: Field("owner", "u32"),
    2: Field("group", "u32"),
    3: Field("type", "u8"),
    4: Field("pi", "u8"),
    5: Field("vnet_hdr", "u8"),
    6: Field("persist", "u8"),
    7: Field("multi_queue", "u8"),
    8: Field("num_queues", "u32"),
    9: Field("num_disabled_queues", "u32"),
}
KINDS: dict[str, dict[int, Field]] = {}
SLAVE = None
