"""The counters of a link: `-s` two tables, `-s -s` two more with the kinds of errors; columns as wide as their numbers."""

from struct import Struct

from ...kernel.layouts import INET6

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.rtnl import Message
    from ..context import Context

_U64 = Struct("=Q")
# What the columns are at least as wide as.
_WIDTHS = tuple(
    map(len, ("*X errors:", "packets", "errors", "dropped", "heartbt", "overrun", "compressed", "otherhost"))
)
_RX = ("rx_bytes", "rx_packets", "rx_errors", "rx_dropped", "rx_missed_errors", "multicast", "rx_compressed")
_TX = ("tx_bytes", "tx_packets", "tx_errors", "tx_dropped", "tx_carrier_errors", "collisions", "tx_compressed")
_RX_ERRORS = (
    "", "rx_length_errors", "rx_crc_errors", "rx_frame_errors", "rx_fifo_errors", "rx_over_errors", "rx_nohandler",
    "rx_otherhost_dropped",
)  # fmt: skip
_TX_ERRORS = (
    "",
    "",
    "tx_aborted_errors",
    "tx_fifo_errors",
    "tx_window_errors",
    "tx_heartbeat_errors",
    "carrier_changes",
)
_RX_JSON = {
    "bytes": "rx_bytes", "packets": "rx_packets", "errors": "rx_errors", "dropped": "rx_dropped",
    "over_errors": "rx_over_errors", "multicast": "multicast",
}  # fmt: skip
_RX_ERRORS_JSON = {
    "length_errors": "rx_length_errors", "crc_errors": "rx_crc_errors", "frame_errors": "rx_frame_errors",
    "fifo_errors": "rx_fifo_errors", "missed_errors": "rx_missed_errors",
}  # fmt: skip
_TX_JSON = {
    "bytes": "tx_bytes", "packets": "tx_packets", "errors": "tx_errors", "dropped": "tx_dropped",
    "carrier_errors": "tx_carrier_errors", "collisions": "collisions",
}  # fmt: skip
_TX_ERRORS_JSON = {
    "aborted_errors": "tx_aborted_errors", "fifo_errors": "tx_fifo_errors", "window_errors": "tx_window_errors",
    "heartbeat_errors": "tx_heartbeat_errors",
}  # fmt: skip
# IPSTATS_MIB_* of linux/snmp.h: what stands for the counters in a dump of family inet6, which has none of its own.
_OF_IPV6 = {
    "rx_packets": 1, "rx_bytes": 2, "tx_packets": 5, "tx_bytes": 6, "rx_errors": 13, "tx_errors": 14, "multicast": 23,
    "rx_frame_errors": 31,
}  # fmt: skip


def print_statistics(context: "Context", message: "Message") -> None:
    """The counters of the link; nothing when the message has none."""
    key = "stats" if "stats" in message and "stats64" not in message else "stats64"
    counters = message.get(key) or _of_ipv6(message)
    if counters is None:
        return
    changes = message.get("carrier_changes")
    more = context.options.stats > 1
    if context.out.json:
        _as_json(context, key, counters, changes, more)
    else:
        context.out.text_only(
            _as_text(context, {**counters, "carrier_changes": changes or 0}, changes is not None, more)
        )


def _of_ipv6(message: "Message") -> dict[str, int] | None:
    raw = message.attributes.raw.get(12)
    if raw is None:
        return None
    counted: bytes = INET6.decode(raw).get("stats", b"")
    return {name: _U64.unpack_from(counted, at * 8)[0] for name, at in _OF_IPV6.items() if len(counted) >= at * 8 + 8}


# -- JSON ------------------------------------------------------------------------------------------------------------------


def _as_json(context: "Context", key: str, counters: dict[str, int], changes: int | None, more: bool) -> None:
    out = context.out
    out.open_object(key)
    out.open_object("rx")
    _fields(context, counters, _RX_JSON)
    _nonzero(context, counters, "compressed", "rx_compressed")
    if more:
        _fields(context, counters, _RX_ERRORS_JSON)
        _nonzero(context, counters, "nohandler", "rx_nohandler")
        _nonzero(context, counters, "otherhost", "rx_otherhost_dropped")
    out.close_object()
    out.open_object("tx")
    _fields(context, counters, _TX_JSON)
    _nonzero(context, counters, "compressed", "tx_compressed")
    if more:
        _fields(context, counters, _TX_ERRORS_JSON)
        if changes is not None:
            out.field("carrier_changes", changes)
    out.close_object()
    out.close_object()


def _fields(context: "Context", counters: dict[str, int], names: dict[str, str]) -> None:
    for key, name in names.items():
        context.out.field(key, counters.get(name, 0))


def _nonzero(context: "Context", counters: dict[str, int], key: str, name: str) -> None:
    if counters.get(name):
        context.out.field(key, counters[name])


# -- text ------------------------------------------------------------------------------------------------------------------


def _as_text(context: "Context", counters: dict[str, int], has_changes: bool, more: bool) -> str:
    line = context.out.newline
    widths = _widths(counters, more) if not context.options.human else _WIDTHS
    compressed = bool(counters.get("rx_compressed")), bool(counters.get("tx_compressed"))
    text = _heads(widths, "RX", ("missed", "mcast"), compressed[0]) + line
    text += _numbers(context, counters, _RX[: 6 + compressed[0]], widths)
    if more:
        text += line + _rx_errors(context, counters, widths)
    text += line + _heads(widths, "TX", ("carrier", "collsns"), compressed[1]) + line
    text += _numbers(context, counters, _TX[: 6 + compressed[1]], widths)
    return text + (line + _tx_errors(context, counters, widths, has_changes) if more else "")


def _widths(counters: dict[str, int], more: bool) -> tuple[int, ...]:
    out = list(_WIDTHS)
    for row in (_RX, _TX, _RX_ERRORS, _TX_ERRORS) if more else (_RX, _TX):
        for at, name in enumerate(row):
            out[at] = max(out[at], len(str(counters.get(name, 0))))
    return tuple(out)


def _heads(widths: tuple[int, ...], direction: str, last: tuple[str, str], compressed: bool) -> str:
    names = ("packets", "errors", "dropped", *last, "compressed" if compressed else "")
    columns = " ".join(name.rjust(width) for name, width in zip(names, widths[1:], strict=False))
    return f"    {direction}: {'bytes':>{widths[0] - 4}} {columns}"


def _numbers(context: "Context", counters: dict[str, int], names: tuple[str, ...], widths: tuple[int, ...]) -> str:
    return "    " + _columns(context, counters, names, widths)


def _columns(context: "Context", counters: dict[str, int], names: tuple[str, ...], widths: tuple[int, ...]) -> str:
    pairs = zip(names, widths, strict=False)
    return "".join(f"{amount(context, counters.get(name, 0)):>{width}} " for name, width in pairs)


def _rx_errors(context: "Context", counters: dict[str, int], widths: tuple[int, ...]) -> str:
    heads = " ".join(
        n.rjust(w) for n, w in zip(("length", "crc", "frame", "fifo", "overrun"), widths[1:], strict=False)
    )
    text = f"    RX errors:{' ' * (widths[0] - 10)} {heads}"
    names, columns = list(_RX_ERRORS[1:6]), list(widths[1:6])
    for at, head in ((6, " nohandler"), (7, " otherhost")):
        if counters.get(_RX_ERRORS[at]):
            text += head.rjust(widths[at] + 1)
            names.append(_RX_ERRORS[at])
            columns.append(widths[at])
    numbers = _columns(context, counters, tuple(names), tuple(columns))
    return f"{text}{context.out.newline}{' ' * (widths[0] + 5)}{numbers}"


def _tx_errors(context: "Context", counters: dict[str, int], widths: tuple[int, ...], has_changes: bool) -> str:
    # The columns begin one further left than the counters of their width do: ip sizes them by the sixth and shows the fifth.
    names = ("aborted", "fifo", "window", "heartbt", "transns" if has_changes else "")
    heads = " ".join(name.rjust(width) for name, width in zip(names, widths[1:], strict=False))
    numbers = _columns(context, counters, _TX_ERRORS[2 : 6 + has_changes], widths[1:])
    text = f"    TX errors:{' ' * (widths[0] - 10)} {heads}"
    return f"{text}{context.out.newline}{' ' * (widths[0] + 5)}{numbers}"


def amount(context: "Context", count: int) -> str:
    """A number; with -human in k, M, G … of 1000 (-iec: of 1024), with two digits behind the point at most."""
    base = 1024 if context.options.iec else 1000
    if not context.options.human or count < base:
        return str(count)
    unit, power = 0, base
    while count // base >= power and unit < 5:
        unit, power = unit + 1, power * base
    whole = count // power
    digits = 2 if whole < 10 else 1 if whole < 100 else 0
    return f"{count / power:.{digits}f}{'kMGTPE'[unit]}{'i' if context.options.iec else ''}"
