"""Queueing disciplines and their classes: Qdisc values <-> RTM_NEWQDISC, RTM_NEWTCLASS and their relatives.

`tc qdisc`, `tc class`, without the tables of times that tc sends along: with a link layer given, kernels since 3.9 work out times
themselves. `canonical` is what `qdiscs` will read after a queue was added. Sources: linux/rtnetlink.h, net/sched/sch_api.c.
"""

from __future__ import annotations

from errno import ENOENT, EOPNOTSUPP

from ..errors import Invalid, KernelError, NotSupported
from ..model.qdisc import Qdisc
from ..model.value import replace
from .netlink import CREATE, EXCL, REPLACE, Netlink, Request
from .tc_kinds import CLASSES, KINDS, TICK, Kind, option_of
from .tc_layouts import DELQDISC, DELTCLASS, GETQDISC, GETTCLASS, NEWQDISC, NEWTCLASS, OPTIONS, TC

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_ROOT, _INGRESS = 0xFFFFFFFF, 0xFFFFFFF1
_PLACES = {"root": _ROOT, "ingress": _INGRESS, "clsact": _INGRESS}
_VERBS = {"add": CREATE | EXCL, "replace": CREATE | REPLACE, "change": 0}
_TOGETHER = ("ingress", "clsact")
_U32 = 0xFFFFFFFF


# -- what is asked -------------------------------------------------------------------------------------------------------


def request(qdisc: Qdisc, verb: str, index: int) -> Request:
    """`tc qdisc|class VERB dev … parent … handle … KIND OPTIONS`; verb is add, replace or change. Invalid, with all mistakes."""
    _check(qdisc)
    said = _placed(qdisc)
    values: dict[str, Any] = {"kind": said.kind}
    if said.kind in OPTIONS:
        values["options"] = _encoded(said)
    kind = NEWTCLASS if said.leaf_class else NEWQDISC
    return TC.request(kind, _VERBS[verb], _place(said, index), values, subject=_subject(said, verb))


def delete_request(qdisc: Qdisc, index: int) -> Request:
    """`tc qdisc|class del dev … parent … handle … KIND`"""
    said = _placed(qdisc)
    kind = DELTCLASS if said.leaf_class else DELQDISC
    return TC.request(kind, 0, _place(said, index), {"kind": said.kind}, subject=_subject(said, "del"))


def add(netlink: Netlink, qdisc: Qdisc, index: int, verb: str = "add") -> None:
    """Do it. Invalid; NotSupported with the option that this kernel was built without; any other KernelError."""
    try:
        netlink.request(request(qdisc, verb, index))
    except KernelError as error:
        if error.errno == ENOENT and _is_unknown_kind(netlink, qdisc, index):
            raise NotSupported(EOPNOTSUPP, why_not(qdisc.kind), subject=_subject(qdisc, verb)) from None
        raise


def delete(netlink: Netlink, qdisc: Qdisc, index: int) -> None:
    """Remove it, and what hangs below it. KernelError (ENOENT, EINVAL: there is none)."""
    netlink.request(delete_request(qdisc, index))


def why_not(kind: str) -> str:
    """What this kernel lacks when it does not know the kind.

    >>> why_not("netem")
    'this kernel lacks CONFIG_NET_SCH_NETEM (qdisc netem)'
    """
    option = option_of(kind)
    return f"this kernel lacks {option} (qdisc {kind})" if option else f"this kernel knows no qdisc {kind}"


def _is_unknown_kind(netlink: Netlink, qdisc: Qdisc, index: int) -> bool:
    """ENOENT is also the answer where the parent is missing; a place of the device itself cannot be."""
    if qdisc.leaf_class:
        return False
    if qdisc.parent in _PLACES:
        return True
    parent = _number(qdisc.parent)
    return any(at == index and header["handle"] >> 16 == parent >> 16 for at, header, _ in _dump(netlink, GETQDISC, index))


def _subject(qdisc: Qdisc, verb: str) -> str:
    return f"tc {'class' if qdisc.leaf_class else 'qdisc'} {verb} {qdisc.kind} on {qdisc.link}"


def _place(qdisc: Qdisc, index: int) -> dict[str, int]:
    return {"index": index, "handle": _number(qdisc.handle), "parent": _number(qdisc.parent)}


# -- one form for each queue ---------------------------------------------------------------------------------------------


def canonical(qdisc: Qdisc) -> Qdisc:
    """The same queue as the kernel will tell it: handle, defaults, sizes to its ticks. Invalid with every mistake in it.

    >>> canonical(Qdisc("eth0", "pfifo", "1:10", options=(("limit", 9),))).handle
    '10:'
    """
    _check(qdisc)
    said = _placed(qdisc)
    if said.kind not in OPTIONS:
        return said
    codec = OPTIONS[said.kind]
    told = _kind(said).decode(codec.decode(codec.encode(_encoded(said), None)))
    return replace(said, options=tuple(sorted(told.items())))


def _check(qdisc: Qdisc) -> None:
    wrong = list(_mistakes(qdisc))
    if wrong:
        raise Invalid(f"{_subject(qdisc, 'add')} cannot be", why="; ".join(wrong))


def _encoded(qdisc: Qdisc) -> Any:
    """The options, defaults filled in, as the kernel's values."""
    kind = _kind(qdisc)
    defaults = {name: default for name, default in kind.may.items() if default is not None}
    return kind.encode({**defaults, **dict(qdisc.options)})


def _kind(qdisc: Qdisc) -> Kind:
    return (CLASSES if qdisc.leaf_class else KINDS)[qdisc.kind]


def _placed(qdisc: Qdisc) -> Qdisc:
    """With a handle where none is given, and with numbers as tc prints them."""
    parent, handle = qdisc.parent, qdisc.handle
    if qdisc.kind in _TOGETHER:
        parent, handle = qdisc.kind, "ffff:"
    elif qdisc.leaf_class and parent == "root":
        parent = f"{_number(handle) >> 16:x}:"
    elif not handle:
        # Below a class the class's number, as everybody does; the kernel's own choice would be another each time.
        handle = "1:" if parent == "root" else f"{_number(parent) & 0xFFFF:x}:"
    return replace(qdisc, parent=parent if parent in _PLACES else _text(_number(parent)), handle=_text(_number(handle)))


def _number(text: str) -> int:
    if text in _PLACES:
        return _PLACES[text]
    major, _, minor = text.partition(":")
    return int(major or "0", 16) << 16 | int(minor or "0", 16)


def _text(number: int) -> str:
    major, minor = number >> 16, number & 0xFFFF
    return f"{major:x}:{minor:x}" if minor else f"{major:x}:"


def _mistakes(qdisc: Qdisc) -> Iterator[str]:
    known = CLASSES if qdisc.leaf_class else KINDS
    yield from _handle_mistakes(qdisc)
    if qdisc.kind not in known:
        yield f'"{qdisc.kind}" is none of the kinds {", ".join(known)}{_guess(qdisc.kind, known)}'
        return
    kind = known[qdisc.kind]
    given = {name: number for name, number in qdisc.options if number is not None}
    names = (*kind.must, *kind.may)
    yield from (f'{qdisc.kind} has no option "{name}"{_guess(name, names)}' for name in given if name not in names)
    yield from (f"{name} is missing" for name in kind.must if name not in given)
    wrong = [mistake for name, number in given.items() if name in names for mistake in _range_mistakes(name, number)]
    yield from wrong
    if qdisc.kind == "tbf" and not wrong:
        yield from _bucket_mistakes(given)


_PERCENT = ("loss", "duplicate", "reorder", "corrupt")
_AT_LEAST_ONE = ("rate", "ceil", "peakrate", "burst", "mtu")
_LARGEST = {"rate": (1 << 63) - 1, "ceil": (1 << 63) - 1, "peakrate": (1 << 63) - 1, "prio": 7, "bands": 16, "overhead": 65535, "mpu": 65535}
_LARGEST |= {"delay": (1 << 63) // 1000 - 1, "jitter": (1 << 63) // 1000 - 1}


def _bucket_mistakes(given: dict[str, int]) -> Iterator[str]:
    """A bucket is kept as a time: one that is below a tick holds nothing, and no packet gets out."""
    if "peakrate" in given and "mtu" not in given:
        yield "a peakrate needs mtu (the largest packet, in bytes)"
    for rate, size in (("rate", "burst"), ("peakrate", "mtu")):
        if rate in given and size in given and given[size] * 10**9 // TICK <= given[rate]:
            yield f"{size} {given[size]} is too little for {rate} {given[rate]}: it is gone in less than {TICK} ns"


def _range_mistakes(name: str, number: Any) -> Iterator[str]:
    if name == "priomap":
        if len(number) != 16 or not all(0 <= band < 16 for band in number):
            yield "priomap is 16 numbers of bands"
    elif name in _PERCENT or name.endswith("_correlation"):
        if not 0 <= number <= 100:
            yield f"{name} is a number of percent, 0 to 100, not {number}"
    elif not isinstance(number, int) or not (name in _AT_LEAST_ONE) <= number <= _LARGEST.get(name, _U32):
        yield f"{name} is a whole number from {int(name in _AT_LEAST_ONE)} to {_LARGEST.get(name, _U32)}, not {number!r}"


def _handle_mistakes(qdisc: Qdisc) -> Iterator[str]:
    for name, text in (("parent", qdisc.parent), ("handle", qdisc.handle)):
        if text and text not in (_PLACES if name == "parent" else ()) and not _is_handle(text):
            yield f'{name} "{text}" is no handle such as 1: or 1:10 (hexadecimal, up to ffff)'
            return
    if qdisc.leaf_class and not _number(qdisc.handle) & 0xFFFF:
        yield "a class has a number of its own, such as 1:10, as its handle"
    elif not qdisc.leaf_class and _number(qdisc.handle) & 0xFFFF:
        yield f'handle "{qdisc.handle}" is that of a class; a qdisc has one such as 1:'
    if qdisc.parent in _TOGETHER and qdisc.kind not in _TOGETHER:
        yield f"{qdisc.parent} is a place for the kinds ingress and clsact alone"


def _is_handle(text: str) -> bool:
    major, colon, minor = text.partition(":")
    digits = set("0123456789abcdefABCDEF")
    fits = all(len(part) <= 4 and set(part) <= digits for part in (major, minor))
    return bool(major and colon) and fits and int(major, 16) > 0


def _guess(word: str, words: Any) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, list(words), 1)
    return f" (did you mean {near[0]}?)" if near else ""


# -- what is there -------------------------------------------------------------------------------------------------------


def qdiscs(netlink: Netlink, names: Callable[[int], str], index: int = 0) -> frozenset[Qdisc]:
    """What somebody configured, in canonical form, on one device or (0) on all. What a device has by itself carries no handle,
    and is left out."""
    out, with_classes = set(), set()
    for number, header, attributes in _dump(netlink, GETQDISC, index):
        if header["handle"]:
            qdisc = _told(header, attributes, names(number), False)
            out.add(qdisc)
            if qdisc.kind in CLASSES:
                with_classes.add(number)
    for number in with_classes:
        for _, header, attributes in _dump(netlink, GETTCLASS, number):
            if attributes.get("kind") in CLASSES:
                out.add(_told(header, attributes, names(number), True))
    return frozenset(out)


def _told(header: dict[str, int], attributes: Any, link: str, leaf_class: bool) -> Qdisc:
    kind, parent = attributes.get("kind", ""), header["parent"]
    if parent == _INGRESS:
        place = kind
    elif parent == _ROOT:
        place = f"{header['handle'] >> 16:x}:" if leaf_class else "root"
    else:
        place = _text(parent)
    return Qdisc(link, kind, place, _text(header["handle"]), _options_of(kind, attributes, leaf_class), leaf_class)


def _options_of(kind: str, attributes: Any, leaf_class: bool) -> tuple[tuple[str, Any], ...]:
    known = (CLASSES if leaf_class else KINDS).get(kind)
    told = attributes.get("options") if known and kind in OPTIONS else None
    if known is None or told is None:
        return ()
    try:
        return tuple(sorted(known.decode(told).items()))
    except (KeyError, ZeroDivisionError):
        return ()  # cut short: as if the kernel had said nothing


def _dump(netlink: Netlink, kind: int, index: int) -> Iterator[tuple[int, dict[str, int], Any]]:
    """(index, header, attributes) of each queue or class that the kernel tells, of one device or (0) of all."""
    size = TC.header.size
    for raw in netlink.dump(TC.request(kind, 0, {"index": index}, subject="queues")):
        if len(raw.body) >= size:
            header = dict(zip(TC.fields, TC.header.unpack_from(raw.body), strict=True))
            if index in (0, header["index"]):
                yield header["index"], header, TC.layout.decode(raw.body, size)
