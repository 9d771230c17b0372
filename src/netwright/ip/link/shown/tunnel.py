"""What tunnels have in common: ends, ttl, tos, keys and flags of GRE, encapsulation in UDP."""

from collections.abc import Callable

from ....kernel.codec import Attributes
from ...hosts import host
from .rows import Row, hexed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...context import Context

_NOBODY = (None, "0.0.0.0", "::")
_CSUM, _KEY, _SEQ = 0x8000, 0x2000, 0x1000
_ENCAPSULATIONS = {1: "fou", 2: "gue"}
_ENCAP_FLAGS = {"csum": 1, "csum6": 2, "remcsum": 4}


def is_multicast(address: str) -> bool:
    """224.0.0.0/4 and ff00::/8."""
    return address[:2] == "ff" if ":" in address else 224 <= int(address.partition(".")[0]) <= 239


def peer(context: "Context", data: Attributes, fields: tuple[str, str], keys: Callable[[str], str]) -> None:
    """`word ADDRESS ` of the first of two fields (IPv4, IPv6) that is there, unless it is 0; `keys` gives its JSON key."""
    field = fields[0] if fields[0] in data else fields[1]
    address = data.get(field)
    if address not in _NOBODY:
        key = keys(address)
        shown = host(context, address)
        context.out.put(key, f"{key.removesuffix('6')} {shown} ", shown)


def endpoint(field: str, family: int) -> Row:
    """`remote 192.0.2.1 `, `remote any `, and `remote unknown ` for an address of another family."""

    def row(context: "Context", data: Attributes) -> None:
        address = data.get(field)
        shown = "any" if address in _NOBODY else host(context, address)
        if address is not None and (":" in address) != (family == 10):
            shown = "unknown"
        context.out.put(field, f"{field} {shown} ", shown)

    return row


def tos(context: "Context", data: Attributes) -> None:
    """`tos 0x10 `, `tos inherit ` for 1, nothing for 0."""
    value = data.get("tos")
    if value:
        context.out.put("tos", f"tos {'inherit' if value == 1 else hexed(value)} ", hexed(value))


def ttl(zero: str, word: str = "ttl", *, always: bool = False) -> Row:
    """`ttl 64 `, for 0 the word `zero`. `always`: 0 when the attribute is not there."""

    def row(context: "Context", data: Attributes) -> None:
        value = data.get("ttl", 0 if always else None)
        if value is not None:
            context.out.put("ttl", f"{word} {value or zero} ", value)

    return row


def ttl_or_inherit(context: "Context", data: Attributes) -> None:
    """`ttl inherit `, else `ttl 64 ` or `ttl auto `. JSON is silent about inherit."""
    if is_set(data, "ttl_inherit"):
        context.out.text_only("ttl inherit ")
    else:
        ttl("auto")(context, data)


def is_set(data: Attributes, field: str) -> bool:
    """A flag when it is sent, a byte of 0 or 1 when it is received."""
    payload = data.raw.get(data.layout.by_name[field][0])
    return payload is not None and payload[:1] != b"\0"


def df(context: "Context", data: Attributes) -> None:
    """The bit "do not fragment" of the outer packet; `unset` is not printed in text."""
    value = data.get("df")
    if value == 0:
        context.out.field("df", "unset")
    elif value in (1, 2):
        name = "set" if value == 1 else "inherit"
        context.out.put("df", f"df {name} ", name)


# -- GRE -------------------------------------------------------------------------------------------------------------------


def keys_and_flags(context: "Context", data: Attributes) -> None:
    """Keys (written as IPv4 addresses), sequence numbers and checksums of both directions."""
    flags = {"i": data.get("iflags", 0), "o": data.get("oflags", 0)}
    for direction, bits in flags.items():
        key = data.get(f"{direction}key")
        if bits & _KEY and key is not None:
            dotted = ".".join(str(byte) for byte in key.to_bytes(4, "big"))
            context.out.put(f"{direction}key", f"{direction}key {dotted} ", dotted)
    for name, bit in (("seq", _SEQ), ("csum", _CSUM)):
        for direction, bits in flags.items():
            if bits & bit:
                context.out.put(f"{direction}{name}", f"{direction}{name} ", True)


def erspan_direction(context: "Context", data: Attributes) -> None:
    """Which way the mirrored packets went."""
    value = data.get("erspan_dir")
    if value is not None:
        name = "egress" if value else "ingress"
        context.out.put("erspan_dir", f"erspan_dir {name} ", name)


def encapsulation(context: "Context", data: Attributes) -> None:
    """The UDP around it (FOU, GUE), when there is one."""
    kind, out = data.get("encap_type"), context.out
    if not kind:
        return
    flags, sport, dport = (data.get(f"encap_{name}", 0) for name in ("flags", "sport", "dport"))
    out.open_object("encap")
    out.text_only("encap ")
    name = _ENCAPSULATIONS.get(kind)
    out.put("type", f"{name or 'unknown'} ", name)
    out.text_only(f"encap-sport {sport or 'auto'} encap-dport {dport} ")
    out.field("sport", sport)
    out.field("dport", dport)
    for word, bit in _ENCAP_FLAGS.items():
        out.put(word, f"{'' if flags & bit else 'no'}encap-{word} ", bool(flags & bit))
    out.close_object()
