"""ipvlan and ipvtap: devices that share the hardware address of the one below. linux/if_link.h IFLA_IPVLAN_*."""

from . import Field

CONFIG = "CONFIG_IPVLAN"
CONFIGS = {"ipvtap": "CONFIG_IPVTAP"}
FIELDS: dict[int, Field] = {
    1: Field("mode", "u16"),
    2: Field("flags", "u16"),
}
KINDS: dict[str, dict[int, Field]] = {}
SLAVE = None

MODES = ("l2", "l3", "l3s")
FLAGS = {"private": 1, "vepa": 2, "bridge": 0}
