"""ifb: a device that packets of others are redirected to, for shaping. CONFIG_IFB; it has no options."""

from . import Field

CONFIG = "CONFIG_IFB"
FIELDS: dict[int, Field] = {}
KINDS: dict[str, dict[int, Field]] = {}
SLAVE = None
