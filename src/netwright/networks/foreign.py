"""Tables of others that stand in the way of what is forwarded. Looked at only; nothing of theirs is ever changed."""

from errno import EINVAL, EOPNOTSUPP, EPROTONOSUPPORT

from ..errors import KernelError, Missing
from . import firewall
from .dropping import drops, may_drop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..kernel.nfnetlink import Nfnetlink
    from ..model.nft import Table


def stopping(inside: int, bridges: "Sequence[str]" = ("",)) -> "list[str]":
    """What drops what is forwarded for one of the bridges ("": which it will be nobody knows yet), with what mends it."""
    tables = in_the_way(inside) if bridges else []
    return list(dict.fromkeys(words for bridge in bridges for _, _, words in drops(tables, bridge)))


def in_the_way(inside: int) -> "list[Table]":
    """Those of the namespace (an open file) that drop what is forwarded, by their policy or by their last rule, with their rules."""
    from ..kernel import nft
    from ..kernel.nfnetlink import Nfnetlink

    try:
        others = {key: table for key, table in nft.hooks(inside).items() if key != (firewall.FAMILY, firewall.NAME)}
    except KernelError as error:
        if error.errno not in (EPROTONOSUPPORT, EINVAL, EOPNOTSUPP):
            raise
        return []  # this kernel lacks CONFIG_NF_TABLES
    if not any(may_drop(table.family, chain) for table in others.values() for chain in table.chains.values()):
        return []
    with Nfnetlink(inside) as netlink:
        found = [table for table in others.values() if _drops(netlink, table)]
    # Rules are read only of these: by nft, and there may be thousands.
    out = []
    for table in found:
        try:
            out.append(nft.read_table(inside, table.family, table.name))
        except Missing:
            continue  # its owner took it away meanwhile: it stops nothing any more
    return out


def _drops(netlink: "Nfnetlink", table: "Table") -> bool:
    from ..kernel.nfnetlink import refuses_rest

    chains = {name: chain for name, chain in table.chains.items() if may_drop(table.family, chain)}
    return any(chain.policy == "drop" or refuses_rest(netlink, table.family, table.name, name) for name, chain in chains.items())
