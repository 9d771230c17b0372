"""Tables of others that stand in the way of what is forwarded. Looked at only; nothing of theirs is ever changed."""

from . import firewall
from .reach import is_in_the_way

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model.nft import Table


def in_the_way(inside: int) -> "list[Table]":
    """Those of the namespace (an open file) that drop what is forwarded by their policy, with their rules."""
    from ..kernel import nft

    found = [table for key, table in nft.hooks(inside).items() if key != (firewall.FAMILY, firewall.NAME) and is_in_the_way(table)]
    # Rules are read only of these: by nft, and there may be thousands.
    return [nft.read_table(inside, table.family, table.name) for table in found]
