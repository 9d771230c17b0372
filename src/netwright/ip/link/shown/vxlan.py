"""vxlan."""

from ....kernel.codec import Attributes
from .rows import Row, device, hexadecimal, negatable, number, present, show_rows
from .tunnel import df, is_multicast, peer, tos, ttl_or_inherit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...context import Context


def _vnifilter(context: "Context", data: Attributes) -> None:
    # Without a blank behind it: so it is in 6.1.
    if data.get("vnifilter"):
        context.out.put("vnifilter", "vnifilter", True)


def _group_or_remote(context: "Context", data: Attributes) -> None:
    def key(address: str) -> str:
        return ("group" if is_multicast(address) else "remote") + ("6" if ":" in address else "")

    peer(context, data, ("group", "group6"), key)


def _local(context: "Context", data: Attributes) -> None:
    peer(context, data, ("local", "local6"), lambda address: "local6" if ":" in address else "local")


def _port_range(context: "Context", data: Attributes) -> None:
    found = data.get("port_range")
    if found is not None:
        context.out.put("port_range", f"srcport {found['low']} {found['high']} ", found)


def _learning(context: "Context", data: Attributes) -> None:
    value = data.get("learning")
    if value is not None:
        context.out.put("learning", "" if value else "nolearning ", bool(value))


def _ageing(context: "Context", data: Attributes) -> None:
    value = data.get("ageing")
    if value is not None:
        context.out.put("ageing", f"ageing {value or 'none'} ", value)


def _limit(context: "Context", data: Attributes) -> None:
    value = data.get("limit")
    if value:
        context.out.put("limit", f"maxaddr {value} ", value)


ROWS: tuple[Row, ...] = (
    present("collect_metadata", "external"),
    _vnifilter,
    number("id"),
    _group_or_remote,
    _local,
    device("link", word="dev"),
    _port_range,
    number("port", word="dstport"),
    _learning,
    present("proxy"),
    present("rsc"),
    present("l2miss"),
    present("l3miss"),
    tos,
    ttl_or_inherit,
    df,
    hexadecimal("label", word="flowlabel", zero=False),
    _ageing,
    _limit,
    negatable("udp_csum", "udpcsum"),
    negatable("udp_zero_csum6_tx", "udp6zerocsumtx"),
    negatable("udp_zero_csum6_rx", "udp6zerocsumrx"),
    present("remcsum_tx", word="remcsumtx"),
    present("remcsum_rx", word="remcsumrx"),
    present("gbp"),
    present("gpe"),
)


def show(context: "Context", data: Attributes) -> None:
    """Print the options of a vxlan device."""
    show_rows(context, data, ROWS)
