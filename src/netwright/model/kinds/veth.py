"""veth: a cable; two devices, what enters one leaves the other. linux/veth.h, CONFIG_VETH."""

from . import Field

CONFIG = "CONFIG_VETH"
FIELDS = {1: Field("peer", "link")}
KINDS: dict[str, dict[int, Field]] = {}
SLAVE = None
