"""The flags of an address (IFA_F_* of linux/if_addr.h) as ip(8) calls them."""

SECONDARY, NODAD, OPTIMISTIC, DADFAILED, HOMEADDRESS, DEPRECATED, TENTATIVE, PERMANENT = (1 << bit for bit in range(8))
MANAGETEMPADDR, NOPREFIXROUTE, MCAUTOJOIN, STABLE_PRIVACY = (1 << bit for bit in range(8, 12))

# name -> bit, in ip's order (the order in which they are printed, too)
FLAGS = {
    "secondary": SECONDARY, "temporary": SECONDARY, "nodad": NODAD, "optimistic": OPTIMISTIC, "dadfailed": DADFAILED,
    "home": HOMEADDRESS, "deprecated": DEPRECATED, "tentative": TENTATIVE, "permanent": PERMANENT,
    "mngtmpaddr": MANAGETEMPADDR, "noprefixroute": NOPREFIXROUTE, "autojoin": MCAUTOJOIN,
    "stable-privacy": STABLE_PRIVACY,
}  # fmt: skip
# The kernel sets these itself; asking for one is answered by a warning.
READ_ONLY = ("secondary", "temporary", "dadfailed", "deprecated", "tentative", "permanent", "stable-privacy")
ONLY_V6 = ("nodad", "optimistic", "dadfailed", "home", "deprecated", "tentative", "permanent", "mngtmpaddr")
