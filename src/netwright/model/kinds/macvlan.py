"""macvlan and macvtap: devices with addresses of their own on top of another. linux/if_link.h IFLA_MACVLAN_*."""

from . import Field

CONFIG = "CONFIG_MACVLAN"
CONFIGS = {"macvtap": "CONFIG_MACVTAP"}
FIELDS: dict[int, Field] = {
    1: Field("mode", "u32"),
    2: Field("flags", "u16"),
    3: Field("macaddr_mode", "u32"),
    4: Field("macaddr", "mac"),
    5: Field("macaddr_data", "macs"),
    6: Field("macaddr_count", "u32"),
    7: Field("bc_queue_len", "u32"),
    8: Field("bc_queue_len_used", "u32"),
    9: Field("bc_cutoff", "s32"),
}
KINDS: dict[str, dict[int, Field]] = {}
SLAVE = None

MODES = {"private": 1, "vepa": 2, "bridge": 4, "passthru": 8, "source": 16}
FLAGS = {"nopromisc": 1, "nodst": 2, "null": 0}
MACADDR = {"add": 0, "del": 1, "flush": 2, "set": 3}  # enum macvlan_macaddr_mode
