"""Filters of queues: Filter values <-> RTM_NEWTFILTER and its relatives, by the classifier u32 and the action mirred.

u32 compares words of the packet with a mask; nearly every kernel has it, and it can say "everything" as well as a network. Sources:
linux/rtnetlink.h, linux/pkt_cls.h (struct tc_u32_sel), linux/tc_act/tc_mirred.h, net/sched/cls_u32.c.
"""

from __future__ import annotations

from errno import ENOENT, EOPNOTSUPP
from struct import Struct

from ..errors import Invalid, KernelError, NotSupported
from ..model.filter import Filter
from . import inet, rtnl
from .codec import BYTES, STRING, U32, Codec, Layout, each, nest, record
from .netlink import CREATE, EXCL, Netlink, Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from ..model.qdisc import Qdisc

NEWTFILTER, DELTFILTER, GETTFILTER = 44, 45, 46
_PLACES = {"ingress": 0xFFFFFFF2, "egress": 0xFFFFFFF3}  # TC_H_CLSACT with TC_H_MIN_INGRESS and TC_H_MIN_EGRESS
_PROTOCOLS = {"all": 0x0003, "ip": 0x0800, "ipv6": 0x86DD}
_STOLEN, _EGRESS_REDIRECT, _TERMINAL = 4, 1, 1
_SELECTOR, _KEY_SIZE = Struct("=BBBxHHhhI"), 16
_HOLDERS = ("ingress", "clsact", "htb", "prio")

# Where the addresses stand in the headers, and how many bits they have.
_AT = {("ip", "source"): 12, ("ip", "destination"): 16, ("ipv6", "source"): 8, ("ipv6", "destination"): 24}
_BITS = {"ip": 32, "ipv6": 128}

Key = tuple[int, int, int]  # (mask, value, offset)


def _read_selector(data: bytes) -> tuple[Key, ...]:
    if len(data) < _SELECTOR.size:
        raise ValueError("too short")
    many = data[2]
    keys = (data[at : at + _KEY_SIZE] for at in range(_SELECTOR.size, _SELECTOR.size + many * _KEY_SIZE, _KEY_SIZE))
    return tuple((int.from_bytes(k[:4], "big"), int.from_bytes(k[4:8], "big"), int.from_bytes(k[8:12], "little", signed=True)) for k in keys)


def _write_selector(keys: tuple[Key, ...]) -> bytes:
    head = _SELECTOR.pack(_TERMINAL, 0, len(keys), 0, 0, 0, 0, 0)
    return head + b"".join(m.to_bytes(4, "big") + v.to_bytes(4, "big") + o.to_bytes(4, "little", signed=True) + bytes(4) for m, v, o in keys)


MIRRED = Layout("mirred", {2: ("parms", record("=IIiiiiI", "index", "capab", "action", "refcnt", "bindcnt", "eaction", "ifindex"))})
ACTION = Layout("action", {1: ("kind", STRING), 2: ("options", nest(MIRRED))})


def _read_actions(data: bytes) -> list[Any]:
    return [ACTION.decode(payload) for _, payload in each(data)]


ACTIONS = Layout("actions", {1: ("first", nest(ACTION))})
U32_OPTIONS = Layout(
    "u32",
    {
        1: ("classid", U32),
        2: ("hash", U32),
        5: ("selector", Codec(_read_selector, lambda value, _: _write_selector(value))),
        7: ("actions", Codec(_read_actions, lambda value, lookup: ACTIONS.encode(value, lookup))),
    },
)
FILTER = Layout("filter", {1: ("kind", STRING), 2: ("options", nest(U32_OPTIONS, 0)), 11: ("chain", U32), 3: ("stats", BYTES)})
TF = rtnl.Family("filter", "=BxxxiIII", "family index handle parent info", FILTER)


# -- what is asked -------------------------------------------------------------------------------------------------------


def request(wanted: Filter, index: int, target: int = 0) -> Request:
    """`tc filter add`; `target` is the index of the device that it redirects to. Invalid, with all mistakes."""
    options: dict[str, Any] = {"selector": tuple(keys_of(wanted))}
    if wanted.into:
        options["classid"] = _number(wanted.into)
    if wanted.redirect:
        parms = {"action": _STOLEN, "eaction": _EGRESS_REDIRECT, "ifindex": target}
        options["actions"] = {"first": {"kind": "mirred", "options": {"parms": parms}}}
    return TF.request(NEWTFILTER, CREATE | EXCL, _header(wanted, index), {"kind": "u32", "options": options}, subject=_subject(wanted, "add"))


def delete_request(gone: Filter, index: int) -> Request:
    """`tc filter del dev … parent … pref …`"""
    return TF.request(DELTFILTER, 0, _header(gone, index), {"kind": "u32"}, subject=_subject(gone, "del"))


def add(netlink: Netlink, wanted: Filter, index: int, target: int = 0) -> None:
    """Do it. Invalid; NotSupported with the option that this kernel was built without; any other KernelError."""
    check(wanted)
    try:
        netlink.request(request(wanted, index, target))
    except KernelError as error:
        if error.errno == ENOENT:
            raise NotSupported(EOPNOTSUPP, why_not(error.message), subject=_subject(wanted, "add")) from None
        raise


def delete(netlink: Netlink, gone: Filter, index: int) -> None:
    """Remove it. KernelError (ENOENT, EINVAL: there is none)."""
    netlink.request(delete_request(gone, index))


def why_not(said: str) -> str:
    """What this kernel lacks, by what it answered.

    >>> why_not("TC classifier not found.")
    'this kernel lacks CONFIG_NET_CLS_U32 (filter u32)'
    """
    if "action" in said.lower():
        return "this kernel lacks CONFIG_NET_ACT_MIRRED (action mirred)"
    return "this kernel lacks CONFIG_NET_CLS_U32 (filter u32)"


def check(wanted: Filter) -> None:
    """Invalid, with every mistake in it."""
    wrong = list(_mistakes(wanted))
    if wrong:
        raise Invalid(f"{_subject(wanted, 'add')} cannot be", why="; ".join(wrong))


def _mistakes(wanted: Filter) -> Iterator[str]:
    if bool(wanted.into) == bool(wanted.redirect):
        yield "it leads either into a class or out of a device"
    if not 0 < wanted.preference < 0x10000:
        yield f"a preference is a number from 1 to 65535, not {wanted.preference}"
    for handle in (wanted.parent, wanted.into):
        if handle and handle not in _PLACES and not _is_handle(handle):
            yield f'"{handle}" is no handle such as 1: or 1:10 (hexadecimal)'
    if wanted.source and wanted.destination and (":" in wanted.source) != (":" in wanted.destination):
        yield "source and destination are of different families"
    for network in (wanted.source, wanted.destination):
        try:
            if network:
                _split(network)
        except ValueError:
            yield f'"{network}" is no network such as 10.1.0.0/16'


def _is_handle(text: str) -> bool:
    major, colon, minor = text.partition(":")
    digits = set("0123456789abcdefABCDEF")
    return bool(major and colon) and all(len(part) <= 4 and set(part) <= digits for part in (major, minor))


def _subject(wanted: Filter, verb: str) -> str:
    return f"tc filter {verb} on {wanted.link}"


def _header(wanted: Filter, index: int) -> dict[str, int]:
    protocol = _PROTOCOLS[wanted.protocol]
    swapped = (protocol & 0xFF) << 8 | protocol >> 8
    return {"index": index, "parent": _number(wanted.parent), "info": wanted.preference << 16 | swapped}


def _number(text: str) -> int:
    if text in _PLACES:
        return _PLACES[text]
    major, _, minor = text.partition(":")
    return int(major, 16) << 16 | int(minor or "0", 16)


# -- networks as words of a packet ---------------------------------------------------------------------------------------


def keys_of(wanted: Filter) -> Iterator[Key]:
    """(mask, value, offset) for each word that is compared; a single one that fits everything where nothing is."""
    if not (wanted.source or wanted.destination):
        yield 0, 0, 0
    for which, network in (("source", wanted.source), ("destination", wanted.destination)):
        if network:
            yield from _words(network, _AT[wanted.protocol, which])


def _split(network: str) -> tuple[bytes, int]:
    host, _, length = network.partition("/")
    data = inet.aton(host)
    bits = int(length) if length else len(data) * 8
    if not 0 <= bits <= len(data) * 8:
        raise ValueError("too long")
    return data, bits


def _words(network: str, at: int) -> Iterator[Key]:
    data, bits = _split(network)
    for word in range(0, len(data), 4):
        here = min(max(bits - word * 8, 0), 32)
        if here or word == 0:
            mask = (0xFFFFFFFF << (32 - here)) & 0xFFFFFFFF
            yield mask, int.from_bytes(data[word : word + 4], "big") & mask, at + word


def _networks(keys: tuple[Key, ...], protocol: str) -> dict[str, str]:
    """{"source": …, "destination": …} of keys; ValueError for what says something else."""
    if protocol == "all":
        if keys == ((0, 0, 0),):
            return {}
        raise ValueError("not one of ours")
    out = {}
    for which in ("source", "destination"):
        start, size = _AT[protocol, which], _BITS[protocol] // 8
        mine = {offset - start: (mask, number) for mask, number, offset in keys if start <= offset < start + size}
        if mine:
            mask = b"".join(mine.get(at, (0, 0))[0].to_bytes(4, "big") for at in range(0, size, 4))
            host = b"".join(mine.get(at, (0, 0))[1].to_bytes(4, "big") for at in range(0, size, 4))
            out[which] = f"{inet.ntoa(host)}/{int.from_bytes(mask, 'big').bit_count()}"
    if not out:
        raise ValueError("not one of ours")
    return out


# -- what is there -------------------------------------------------------------------------------------------------------


def filters(netlink: Netlink, names: Callable[[int], str], queues: Iterable[Qdisc], indices: Callable[[str], int]) -> frozenset[Filter]:
    """The filters at these queues, as far as a Filter can say what they do; those of others are left out."""
    out = set()
    for queue in queues:
        if queue.kind in _HOLDERS and not queue.leaf_class:
            index = indices(queue.link)
            places = {"ingress": ("ingress",), "clsact": ("ingress", "egress")}.get(queue.kind, (queue.handle,))
            for place in places:
                out |= {f for f in _at(netlink, names, queue.link, index, place) if f}
    return frozenset(out)


def _at(netlink: Netlink, names: Callable[[int], str], link: str, index: int, place: str) -> Iterator[Filter | None]:
    size = TF.header.size
    for raw in netlink.dump(TF.request(GETTFILTER, 0, {"index": index, "parent": _number(place)}, subject="filters")):
        if len(raw.body) >= size:
            header = dict(zip(TF.fields, TF.header.unpack_from(raw.body), strict=True))
            yield _told(header, TF.layout.decode(raw.body, size), names, link, place)


def _told(header: dict[str, int], attributes: Any, names: Callable[[int], str], link: str, place: str) -> Filter | None:
    options = attributes.get("options") if attributes.get("kind") == "u32" else None
    if options is None or "selector" not in options:
        return None  # of another kind, or the table of u32 that the filters hang in
    number = header["info"] & 0xFFFF
    code = (number & 0xFF) << 8 | number >> 8
    try:
        protocol = next(word for word, known in _PROTOCOLS.items() if known == code)
        networks = _networks(options["selector"], protocol)
    except (StopIteration, ValueError):
        return None
    classid = options.get("classid", 0)
    into = f"{classid >> 16:x}:{classid & 0xFFFF:x}" if classid else ""
    return Filter(link, place, header["info"] >> 16, into=into, redirect=_target(options.get("actions") or [], names), **networks)


def _target(actions: list[Any], names: Callable[[int], str]) -> str:
    for action in actions:
        parms = action["options"].get("parms") if action.get("kind") == "mirred" and "options" in action else None
        if parms and parms.get("eaction") == _EGRESS_REDIRECT:
            return names(parms["ifindex"])
    return ""
