"""An address of a link as it is."""

from .value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ipaddress import IPv4Interface, IPv6Interface

# IFA_F_* of linux/if_addr.h, in the words of ip(8)
FLAGS = {
    0x01: "secondary", 0x02: "nodad", 0x04: "optimistic", 0x08: "dadfailed", 0x10: "home", 0x20: "deprecated",
    0x40: "tentative", 0x80: "permanent", 0x100: "mngtmpaddr", 0x200: "noprefixroute", 0x400: "autojoin", 0x800: "stable-privacy",
}  # fmt: skip
SCOPES = {0: "global", 200: "site", 253: "link", 254: "host", 255: "nowhere"}
FOREVER = 0xFFFFFFFF


@value
class Address:
    """`address` is ADDRESS/LENGTH as in "10.0.0.1/24"; `link` the device's name, `family` 4 or 6.

    `peer` is the other end of a point-to-point address, "" for none. `scope` is global, site, link, host or a number in
    digits. `valid` and `preferred` are seconds left, None for ever. `flags` are ip(8)'s words.
    """

    address: str
    link: str
    family: int = 4
    peer: str = ""
    broadcast: str = ""
    scope: str = "global"
    label: str = ""
    flags: "tuple[str, ...]" = ()
    valid: "int | None" = None
    preferred: "int | None" = None
    metric: int = 0

    @property
    def interface(self) -> "IPv4Interface | IPv6Interface":
        """The same as an object of the standard library's ipaddress."""
        from ipaddress import ip_interface

        return ip_interface(self.address)
