"""ip6gre and ip6gretap. Flags: IP6_TNL_F_* of linux/ip6_tunnel.h."""

from ....kernel.codec import Attributes
from ....kernel.inet import AF_INET6
from .rows import Row, device, hexadecimal, number, present, show_rows
from .tunnel import encapsulation, endpoint, erspan_direction, keys_and_flags, ttl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...context import Context

_IGN_ENCAP_LIMIT, _USE_ORIG_TCLASS, _USE_ORIG_FLOWLABEL, _RCV_DSCP_COPY = 0x1, 0x2, 0x4, 0x10
_USE_ORIG_FWMARK, _ALLOW_LOCAL_REMOTE = 0x20, 0x40


def _flag(bit: int, key: str, word: str, otherwise: Row | None = None) -> Row:
    """`word ` when the bit is set, else the row `otherwise`."""

    def row(context: "Context", data: Attributes) -> None:
        if data.get("flags", 0) & bit:
            context.out.put(key, f"{word} ", True)
        elif otherwise is not None:
            otherwise(context, data)

    return row


def _part_of_flowinfo(key: str, shift: int, mask: int, digits: int) -> Row:
    def row(context: "Context", data: Attributes) -> None:
        flowinfo = data.get("flowinfo")
        if flowinfo is not None:
            shown = f"0x{flowinfo >> shift & mask:0{digits}x}"
            context.out.put(key, f"{key} {shown} ", shown)

    return row


ROWS: tuple[Row, ...] = (
    present("collect_metadata", "external"),
    endpoint("remote", AF_INET6),
    endpoint("local", AF_INET6),
    device("link", word="dev"),
    ttl("inherit", "hoplimit", always=True),
    _flag(_IGN_ENCAP_LIMIT, "ip6_tnl_f_ign_encap_limit", "encaplimit none", number("encap_limit", word="encaplimit")),
    _flag(_USE_ORIG_TCLASS, "ip6_tnl_f_use_orig_tclass", "tclass inherit", _part_of_flowinfo("tclass", 20, 0xFF, 2)),
    _flag(
        _USE_ORIG_FLOWLABEL,
        "ip6_tnl_f_use_orig_flowlabel",
        "flowlabel inherit",
        _part_of_flowinfo("flowlabel", 0, 0xFFFFF, 5),
    ),
    _flag(_RCV_DSCP_COPY, "ip6_tnl_f_rcv_dscp_copy", "dscp inherit"),
    keys_and_flags,
    _flag(_ALLOW_LOCAL_REMOTE, "ip6_tnl_f_allow_local_remote", "allow-localremote"),
    _flag(_USE_ORIG_FWMARK, "ip6_tnl_f_use_orig_fwmark", "fwmark inherit", hexadecimal("fwmark", zero=False)),
    number("erspan_index"),
    number("erspan_ver"),
    erspan_direction,
    hexadecimal("erspan_hwid"),
    encapsulation,
)


def show(context: "Context", data: Attributes) -> None:
    """Print the options of a GRE tunnel over IPv6."""
    show_rows(context, data, ROWS)
