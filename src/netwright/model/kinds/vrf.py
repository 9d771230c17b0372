"""vrf: a master whose ports use a routing table of their own. linux/if_link.h IFLA_VRF_*, CONFIG_NET_VRF."""

from . import Field
from .options import Options

CONFIG = "CONFIG_NET_VRF"
FIELDS: dict[int, Field] = {
    1: Field("table", "u32"),
}
KINDS: dict[str, dict[int, Field]] = {}
SLAVE: dict[int, Field] = {
    1: Field("table", "u32"),
}

OPTIONS = Options((("table", "table", "table"),), wrong={"table": "invalid table ID"})
