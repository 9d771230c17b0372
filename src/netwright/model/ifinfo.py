"""Flags and small enumerations of a link, with the words that ip(8) has for them. linux/if.h, linux/if_link.h."""

UP, PROMISC, ALLMULTI, MULTICAST, NOARP, NOTRAILERS, DYNAMIC = 0x1, 0x100, 0x200, 0x1000, 0x80, 0x20, 0x8000
# word of `ip link set WORD on|off` -> (flag, the flag is set by `on`)
SWITCHES = {
    "multicast": (MULTICAST, True), "allmulticast": (ALLMULTI, True), "promisc": (PROMISC, True),
    "trailers": (NOTRAILERS, False), "arp": (NOARP, False), "dynamic": (DYNAMIC, True),
}  # fmt: skip
LINK_MODES = ("default", "dormant")
STATES = ("unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up")
ADDRESS_MODES = ("eui64", "none", "stable_secret", "random")  # IN6_ADDR_GEN_MODE_*
