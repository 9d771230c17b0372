"""Light-weight tunnels: what a route puts around a packet. linux/lwtunnel.h, mpls_iptunnel.h, seg6_iptunnel.h, seg6_local.h.

Shown here; writing one is left to the real ip. Of ila, rpl and ioam6 only the type is shown.
"""

from ...kernel import inet
from ...kernel.codec import BE16, BE64, BYTES, IP, STRING, U8, U32, U64, Layout, nest
from ..exits import SYNTAX, Exit, wrong
from ..tables import name_of
from ..words import Words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...kernel.codec import Attributes
    from ..context import Context

TYPES = ("mpls", "ip", "ila", "ip6", "seg6", "bpf", "seg6local", "rpl", "ioam6", "xfrm")  # from 1
_KEY, _CHECKSUM, _SEQUENCE = 0x4, 0x1, 0x8
_MODES = ("inline", "encap", "l2encap", "encap.red", "l2encap.red")
_ACTIONS = (
    "End", "End.X", "End.T", "End.DX2", "End.DX6", "End.DX4", "End.DT6", "End.DT4", "End.B6", "End.B6.Encaps", "End.BM",
    "End.S", "End.AS", "End.AM", "End.BPF", "End.DT46",
)  # fmt: skip
_FLAVORS = {1: "psp", 2: "usp", 3: "usd", 4: "next-csid"}

_MPLS = Layout("mpls", {1: ("dst", BYTES), 2: ("ttl", U8)})
_IP = Layout("ip", {1: ("id", BE64), 2: ("dst", IP), 3: ("src", IP), 4: ("ttl", U8), 5: ("tos", U8), 6: ("flags", BE16)})
_SEG6 = Layout("seg6", {1: ("srh", BYTES)})
_PROGRAM = Layout("program", {1: ("fd", U32), 2: ("name", STRING)})
_BPF = Layout("bpf", {1: ("in", nest(_PROGRAM)), 2: ("out", nest(_PROGRAM)), 3: ("xmit", nest(_PROGRAM)), 4: ("headroom", U32)})
_COUNTERS = Layout("counters", {2: ("packets", U64), 3: ("bytes", U64), 4: ("errors", U64)})
_FLAVOR = Layout("flavors", {1: ("operation", U32), 2: ("lblen", U8), 3: ("nflen", U8)})
_SEG6LOCAL = Layout(
    "seg6local",
    {
        1: ("action", U32), 2: ("srh", BYTES), 3: ("table", U32), 4: ("nh4", IP), 5: ("nh6", IP), 6: ("iif", U32),
        7: ("oif", U32), 8: ("bpf", nest(_PROGRAM)), 9: ("vrftable", U32), 10: ("counters", nest(_COUNTERS)),
        11: ("flavors", nest(_FLAVOR)),
    },
)  # fmt: skip
_XFRM = Layout("xfrm", {1: ("if_id", U32), 2: ("link", U32)})


def leave_to_ip(words: Words) -> None:
    """`encap TYPE …` among words: checked as far as ip checks it first, then NotOurs."""
    word = words.next()
    if word not in TYPES:
        raise wrong(word, '"encap type" value is invalid', why=f"one of {', '.join(TYPES)}")
    words.next()
    if len(words.rest) < 1:
        raise Exit(SYNTAX, 'Error: unexpected end of line after "encap"')
    from ..front import NotOurs

    raise NotOurs(f"ip route … encap {word}")


def print_encapsulation(context: "Context", number: int, data: bytes) -> None:
    """` encap mpls  100/200 `"""
    name = TYPES[number - 1] if 0 < number <= len(TYPES) else "unknown"
    context.out.put("encap", f" encap {name} ", name)
    if name in _PRINTERS:
        _PRINTERS[name](context, data)


def _print_mpls(context: "Context", data: bytes) -> None:
    from .show import labels

    found = _MPLS.decode(data)
    if "dst" in found:
        text = labels(found["dst"])
        context.out.put("dst", f" {text} ", text)
    _print_numbers(context, found, ("ttl",))


def _print_ip(context: "Context", data: bytes) -> None:
    _print_tunnel(context, _IP.decode(data), "inet", ("ttl", "tos"))


def _print_ip6(context: "Context", data: bytes) -> None:
    _print_tunnel(context, _IP.decode(data), "inet6", ("hoplimit", "tc"))


def _print_tunnel(context: "Context", found: "Attributes", color: str, names: tuple[str, str]) -> None:
    out = context.out
    _print_numbers(context, found, ("id",))
    for name in ("src", "dst"):
        if name in found:
            out.put(name, f"{name} {found[name]} ", found[name], color=color)
    for attribute, name in zip(("ttl", "tos"), names, strict=True):
        if attribute in found:
            out.put(name, f"{name} {found[attribute]} ", found[attribute])
    for bit, name in ((_KEY, "key"), (_CHECKSUM, "csum"), (_SEQUENCE, "seq")):
        if found.get("flags", 0) & bit:
            out.put(name, f"{name} ", True)


def _print_seg6(context: "Context", data: bytes) -> None:
    srh = _SEG6.decode(data).get("srh")
    if srh is None or len(srh) < 12:
        return
    mode = int.from_bytes(srh[:4], "little")
    name = _MODES[mode] if mode < len(_MODES) else "<unknown>"
    context.out.put("mode", f"mode {name} ", name)
    _print_segments(context, srh[4:])


def _print_segments(context: "Context", srh: bytes) -> None:
    """struct ipv6_sr_hdr: the segments stand last first behind 8 bytes; a keyed hash may follow them (bit 3 of the flags)."""
    out, last = context.out, srh[4]
    out.open_array("segs")
    out.text_only(f"segs {last + 1} [ ")
    for at in range(8 + 16 * last, 7, -16):
        if at + 16 <= len(srh):
            text = inet.ntoa(srh[at : at + 16])
            out.put("", f"{text} ", text, color="inet6")
    out.close_array()
    out.text_only("] ")
    key = ((srh[1] + 1) << 3) - 40 + 4
    if srh[5] & 0x8 and key > 0:
        number = int.from_bytes(srh[key : key + 4])
        out.put("hmac", f"hmac {number:X} ", hex(number) if number else "0")


def _print_seg6local(context: "Context", data: bytes) -> None:
    found, out = _SEG6LOCAL.decode(data), context.out
    if "action" not in found:
        return
    action = found["action"]
    name = _ACTIONS[action - 1] if 0 < action <= len(_ACTIONS) else "<invalid>" if action else "<unknown>"
    out.put("action", f"action {name} ", name)
    if len(found.get("srh", b"")) >= 8:
        out.open_object("srh")
        _print_segments(context, found["srh"])
        out.close_object()
    _print_seg6local_way(context, found)
    if "bpf" in found:
        _print_program(context, found["bpf"], "endpoint")
    if "counters" in found and context.options.stats:
        _print_counters(context, found["counters"])
    if "flavors" in found:
        _print_flavors(context, found["flavors"])


def _print_seg6local_way(context: "Context", found: "Attributes") -> None:
    out = context.out
    for name in ("table", "vrftable"):
        if name in found:
            text = name_of("rt_tables", found[name], numeric=bool(context.options.numeric))
            out.put(name, f"{name} {text} ", text)
    for name in ("nh4", "nh6"):
        if name in found:
            out.put(name, f"{name} {found[name]} ", found[name])
    for name in ("iif", "oif"):
        if name in found:
            text = context.links.name(found[name])
            out.put(name, f"{name} {text} ", text)


def _print_counters(context: "Context", found: "Attributes") -> None:
    context.out.open_object("stats64")
    for name in ("packets", "bytes", "errors"):
        number = found.get(name, 0)
        context.out.put(name, f"{name} {number} ", number)
    context.out.close_object()


def _print_flavors(context: "Context", found: "Attributes") -> None:
    out = context.out
    if "operation" in found:
        names = [name for bit, name in _FLAVORS.items() if found["operation"] >> bit & 1]
        out.text_only(f"flavors {','.join(names)} ")
        out.field("flavors", names)
    _print_numbers(context, found, ("lblen", "nflen"))


def _print_bpf(context: "Context", data: bytes) -> None:
    found = _BPF.decode(data)
    for name in ("in", "out", "xmit"):
        if name in found:
            _print_program(context, found[name], name)
    if "headroom" in found:
        context.out.put("headroom", f" {found['headroom']} ", found["headroom"])


def _print_program(context: "Context", found: "Attributes", word: str) -> None:
    name = found.get("name")
    context.out.put(word, f"{word} {f'{name} ' if name is not None else ''}", "<unknown>" if name is None else name)


def _print_xfrm(context: "Context", data: bytes) -> None:
    found = _XFRM.decode(data)
    _print_numbers(context, found, ("if_id",))
    if "link" in found:
        name = context.links.name(found["link"])
        context.out.put("link_dev", f"link_dev {name} ", name)


def _print_numbers(context: "Context", found: "Attributes", names: tuple[str, ...]) -> None:
    for name in names:
        if name in found:
            context.out.put(name, f"{name} {found[name]} ", found[name])


_PRINTERS: "dict[str, Callable[[Context, bytes], None]]" = {
    "mpls": _print_mpls, "ip": _print_ip, "ip6": _print_ip6, "seg6": _print_seg6, "bpf": _print_bpf,
    "seg6local": _print_seg6local, "xfrm": _print_xfrm,
}  # fmt: skip
