"""gre and gretap."""

from ....kernel.codec import Attributes
from ....kernel.inet import AF_INET
from .rows import Row, device, hexadecimal, number, present, show_rows
from .tunnel import encapsulation, endpoint, erspan_direction, keys_and_flags, tos, ttl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...context import Context


def _pmtudisc(context: "Context", data: Attributes) -> None:
    value = data.get("pmtudisc")
    if value is not None:
        context.out.put("pmtudisc", "" if value else "nopmtudisc ", bool(value))


ROWS: tuple[Row, ...] = (
    present("collect_metadata", "external"),
    endpoint("remote", AF_INET),
    endpoint("local", AF_INET),
    device("link", word="dev"),
    ttl("inherit", always=True),
    tos,
    _pmtudisc,
    present("ignore_df", word="ignore-df"),
    keys_and_flags,
    hexadecimal("fwmark", zero=False),
    number("erspan_index"),
    number("erspan_ver"),
    erspan_direction,
    hexadecimal("erspan_hwid"),
    encapsulation,
)


def show(context: "Context", data: Attributes) -> None:
    """Print the options of a GRE tunnel."""
    show_rows(context, data, ROWS)
