"""geneve."""

from ....kernel.codec import Attributes
from .rows import Row, hexadecimal, negatable, number, present, show_rows
from .tunnel import df, is_multicast, peer, tos, ttl_or_inherit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...context import Context


def _remote(context: "Context", data: Attributes) -> None:
    if not ("remote" not in data and is_multicast(data.get("remote6", "::"))):
        peer(context, data, ("remote", "remote6"), lambda address: "remote6" if ":" in address else "remote")


ROWS: tuple[Row, ...] = (
    present("collect_metadata", "external"),
    number("id"),
    _remote,
    ttl_or_inherit,
    tos,
    df,
    hexadecimal("label", word="flowlabel", zero=False),
    number("port", word="dstport"),
    negatable("udp_csum", "udpcsum"),
    negatable("udp_zero_csum6_tx", "udp6zerocsumtx"),
    negatable("udp_zero_csum6_rx", "udp6zerocsumrx"),
    present("inner_proto_inherit", word="innerprotoinherit"),
)


def show(context: "Context", data: Attributes) -> None:
    """Print the options of a geneve device."""
    show_rows(context, data, ROWS)
