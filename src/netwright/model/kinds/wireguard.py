"""wireguard: an encrypted tunnel. CONFIG_WIREGUARD; keys and peers go another way (generic netlink, `wg`)."""

from . import Field

CONFIG = "CONFIG_WIREGUARD"
FIELDS: dict[int, Field] = {}
KINDS: dict[str, dict[int, Field]] = {}
SLAVE = None
