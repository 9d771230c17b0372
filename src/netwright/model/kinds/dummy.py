"""dummy: a device that swallows what it sends. CONFIG_DUMMY; it has no options."""

from . import Field

CONFIG = "CONFIG_DUMMY"
FIELDS: dict[int, Field] = {}
KINDS: dict[str, dict[int, Field]] = {}
SLAVE = None
