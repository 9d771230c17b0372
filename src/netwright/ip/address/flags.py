"""Which flags of an address a user can set, and for which family: linux/if_addr.h IFA_F_*."""

from ..link.filter import ADDRESS_FLAGS

FLAGS = ADDRESS_FLAGS
MCAUTOJOIN = FLAGS["autojoin"]
# The kernel sets these itself; asking for one is answered by a warning.
READ_ONLY = ("secondary", "temporary", "dadfailed", "deprecated", "tentative", "permanent", "stable-privacy")
ONLY_V6 = ("nodad", "optimistic", "dadfailed", "home", "deprecated", "tentative", "permanent", "mngtmpaddr")
