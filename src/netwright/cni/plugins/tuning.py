"""The plugin `tuning`: settings of the container's namespace and of its interface.

    {"type": "tuning", "sysctl": {"net.core.somaxconn": "500", "net.ipv4.conf.IFNAME.rp_filter": "0"}, "mac": …, "mtu": …,
     "promisc": true, "allmulti": true, "txQLen": 5000}

What the interface was before is written down, and DEL leads it back: a device that was lent to the container goes home as it came.
"""

import os

from ...engine.narrow import Spots, look_at
from ...errors import NetwrightError
from ...model.state import Namespace, State
from ...model.value import replace, value
from ...networks import attaching, records
from ...networks.locks import locked
from ...networks.records import Record
from ...networks.wiring import BOX, HOST, Wiring, key
from ...plan import ops
from ..protocol.errors import CONFLICT, INVALID_CONFIG, CniError
from . import chained, common

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model.state import Device
    from ...plan.ops import Op
    from ..protocol.call import Call
    from ..protocol.result import Interface, Result
    from ..protocol.section import Section
    from .common import Valid

CAPABILITIES: "tuple[str, ...]" = ("mac",)
DEVICE, PART = "@tuning", "tuning"
ALLOWED = "/etc/cni/tuning/allowlist.conf"
_PROMISCUOUS, _ALL_MULTICAST = 0x100, 0x200  # IFF_PROMISC, IFF_ALLMULTI
_PLACEHOLDER = "IFNAME"


@value
class Settings:
    """What the configuration asks for; "", 0 and None: leave it alone. `sysctls` are keys as the kernel's files have them."""

    sysctls: "dict[str, str]" = {}
    mac: str = ""
    mtu: int = 0
    promisc: bool = False
    allmulti: "bool | None" = None
    queue: "int | None" = None

    @property
    def of_device(self) -> bool:
        """Whether something of the interface is to change."""
        return bool(self.mac or self.mtu or self.promisc) or self.allmulti is not None or self.queue is not None


# -- the configuration -----------------------------------------------------------------------------------------------------------


def settings(call: "Call") -> Settings:
    """The keys of the configuration; those in "args"."cni" go before them. CniError 7 with all mistakes."""
    config, args = call.config, call.config.args
    mac = args.text("mac") or config.runtime_config.text("mac") or call.args.get("MAC", "") or config.text("mac")
    config.text("dataDir")  # upstream's place for what was before; the records have it here
    found = Settings(
        dict(_sysctls(call, {**config.table("sysctl"), **args.table("sysctl")})),
        common.checked_mac(config, mac),
        _said(call, "mtu").number("mtu", most=0x7FFFFFFF),
        _said(call, "promisc").flag("promisc"),
        _said(call, "allmulti").flag("allmulti") if "allmulti" in _said(call, "allmulti") else None,
        _said(call, "txQLen").number("txQLen", most=0x7FFFFFFF) if "txQLen" in _said(call, "txQLen") else None,
    )
    config.settle()
    return found


def _said(call: "Call", name: str) -> "Section":
    """Where a name is said: "args"."cni" wins."""
    return call.config.args if name in call.config.args else call.config


def _sysctls(call: "Call", wanted: "dict[str, str]") -> "Iterator[tuple[str, str]]":
    from ...errors import Invalid
    from ...kernel.sysctl import normal, path_of

    _refuse_others(call, wanted)
    seen: dict[str, str] = {}
    for written, text in wanted.items():
        name = key_of(written, call.ifname)
        try:
            path = path_of(name)
        except Invalid as error:
            call.config.wrong(f"sysctl.{written}", f"{error.what}: {error.why}")
            continue
        if path in seen:
            call.config.wrong(f"sysctl.{written}", f"it is the same setting as {seen[path]}; keep one of them")
        seen[path] = written
        yield name, normal(text)


def key_of(written: str, interface: str) -> str:
    """A key as kernel/sysctl.py has it: dots between names, a slash for a dot within one. `IFNAME` is the interface.

    >>> key_of("net/ipv4/conf/IFNAME/rp_filter", "eth0.5")
    'net.ipv4.conf.eth0/5.rp_filter'
    """
    dot, slash = written.find("."), written.find("/")
    if slash >= 0 and (dot < 0 or slash < dot):
        written = ".".join(part.replace(".", "/") for part in written.split("/"))
    return ".".join(key(interface) if part == _PLACEHOLDER else part for part in written.split("."))


def _refuse_others(call: "Call", wanted: "dict[str, str]") -> None:
    """The administrator's list of patterns, where there is one, says which settings may be touched."""
    if call.command != "ADD" or not wanted:
        return
    try:
        with open(ALLOWED, encoding="utf-8", errors="surrogateescape") as file:
            patterns = [line.strip() for line in file if line.strip()]
    except FileNotFoundError:
        return
    import re

    try:
        allowed = [re.compile(pattern) for pattern in patterns]
    except re.error as error:
        raise CniError(INVALID_CONFIG, f"{ALLOWED}: {error.pattern!r} is no regular expression: {error}", "correct it") from None
    for name in wanted:
        if not any(pattern.search(name) for pattern in allowed):
            call.config.wrong(f"sysctl.{name}", f"Sysctl {name} is not allowed; {ALLOWED} has {', '.join(patterns) or 'nothing'}")


# -- ADD -------------------------------------------------------------------------------------------------------------------------


def add(call: "Call") -> "Result":
    """The result of the plugin before, with what has changed of the interface."""
    result = chained.before(call, "tuning")
    how = settings(call)
    inside = common.opened(call)
    try:
        wiring, was = described(call, how, inside)
        owner = common.owner(call, PART)
        known = records.get(DEVICE, owner)
        before = {**was, **known.data.get("before", {})} if known else was
        record = Record(owner, DEVICE, netns=call.netns, data={"before": before})
        after = attaching.attach(inside, wiring, record)
    finally:
        os.close(inside)
    device = after.namespaces[BOX].devices[call.ifname]
    return replace(result, interfaces=tuple(_renewed(one, call, how, device) for one in result.interfaces))


def described(call: "Call", how: Settings, inside: int) -> "tuple[Wiring, dict[str, object]]":
    """What should be there, and what of it is there now. CniError 3 where there is no such interface."""
    only = {HOST: (), BOX: (call.ifname,)}
    with Spots({HOST: None, BOX: inside}) as place:
        now = look_at(place, only).namespaces[BOX]
        link = place.session(BOX).link(call.ifname)
    if link is None or call.ifname not in now.devices:
        from ..protocol.errors import UNKNOWN_CONTAINER

        raise CniError(UNKNOWN_CONTAINER, f'failed to get "{call.ifname}": there is no such device in the container', "tuning comes after the plugin that makes it")
    device = now.devices[call.ifname]
    wanted = replace(
        device,
        address=how.mac or device.address,
        mtu=how.mtu or device.mtu,
        txqueuelen=device.txqueuelen if how.queue is None else how.queue,
    )
    there = Namespace({call.ifname: wanted}, now.addresses, now.routes, sysctls=how.sysctls)
    also = tuple(op for op in (_flags(call, how, link["flags"]), _no_queue(call, how, device)) if op)
    return Wiring(State({HOST: Namespace({}), BOX: there}), only, also=also), dict(_before(how, device, link["flags"]))


def _flags(call: "Call", how: Settings, flags: int) -> "ops.SetLink | None":
    """Promiscuous, all multicasts: a State has no words for them."""
    on = (_PROMISCUOUS if how.promisc else 0) | (_ALL_MULTICAST if how.allmulti else 0)
    mask = on | (_ALL_MULTICAST if how.allmulti is False else 0)
    return ops.SetLink({"index": call.ifname, "flags": on, "change": mask}, {}, BOX) if flags & mask != on else None


def _no_queue(call: "Call", how: Settings, device: "Device") -> "ops.SetLink | None":
    """A length of 0, which a State takes for the kernel's choice."""
    return ops.SetLink({"index": call.ifname}, {"txqlen": 0}, BOX) if how.queue == 0 and device.txqueuelen else None


def _before(how: Settings, device: "Device", flags: int) -> "Iterator[tuple[str, object]]":
    if how.mac:
        yield "address", device.address
    if how.mtu:
        yield "mtu", device.mtu
    if how.queue is not None:
        yield "txqlen", device.txqueuelen
    if how.promisc:
        yield "promisc", bool(flags & _PROMISCUOUS)
    if how.allmulti is not None:
        yield "allmulti", bool(flags & _ALL_MULTICAST)


def _renewed(one: "Interface", call: "Call", how: Settings, device: "Device") -> "Interface":
    if one.name != call.ifname or not one.sandbox:
        return one
    return replace(one, mac=device.address if how.mac else one.mac, mtu=device.mtu if how.mtu and one.mtu else one.mtu)


# -- DEL, CHECK, GC --------------------------------------------------------------------------------------------------------------


def delete(call: "Call") -> None:
    """The interface as it was, where it is still there. Settings of the namespace go with the namespace."""
    owner = common.owner(call, PART)
    with locked(DEVICE):
        record = records.get(DEVICE, owner)
        if record is not None:
            _restore(call, record)
        records.remove(DEVICE, owner)


def _restore(call: "Call", record: Record) -> None:
    from ...engine.enact import enact

    op = back(call.ifname, record.data.get("before", {}))
    inside = chained.inside_if_there(call.netns)
    if op is None or inside is None:
        return
    try:
        with Spots({BOX: inside}) as place:
            if place.session(BOX).link(call.ifname) is not None:
                enact([op], place)
    except NetwrightError as error:
        chained.say(f"tuning: {call.ifname} could not be led back to what it was: {error}")
    finally:
        os.close(inside)


def back(interface: str, before: "dict[str, object]") -> "ops.SetLink | None":
    """The operation that leads an interface back to what is written down."""
    words: dict[str, object] = {name: before[name] for name in ("address", "mtu", "txqlen") if name in before}
    header: dict[str, object] = {"index": interface}
    masks = {"promisc": _PROMISCUOUS, "allmulti": _ALL_MULTICAST}
    if said := [name for name in masks if name in before]:
        header |= {"flags": sum(masks[n] for n in said if before[n]), "change": sum(masks[n] for n in said)}
    return ops.SetLink(header, words, BOX) if words or len(header) > 1 else None


def check(call: "Call") -> None:
    """CniError 102 that lists what is not as it was set."""
    common.previous(call)
    how = settings(call)
    inside = common.opened(call)
    try:
        wiring, _ = described(call, how, inside)
        todo = common.in_words(attaching.steps(inside, wiring)) + [_in_words(op) for op in wiring.also]
    finally:
        os.close(inside)
    if todo:
        raise CniError(CONFLICT, f"{call.ifname} of {call.container} is not as it was set", f"to do: {' '.join(todo)}")


def _in_words(op: "Op") -> str:
    """`ip link set …` for what a State has no words for."""
    assert isinstance(op, ops.SetLink)
    flags, mask = op.header.get("flags", 0), op.header.get("change", 0)
    words = [f"{name} {'on' if flags & bit else 'off'}" for name, bit in (("promisc", _PROMISCUOUS), ("allmulticast", _ALL_MULTICAST)) if mask & bit]
    words += [f"txqueuelen {op.settings['txqlen']}"] if "txqlen" in op.settings else []
    return f"ip link set {op.header['index']} {' '.join(words)}"


def gc(call: "Call", valid: "Valid") -> None:
    """What is written down of containers that are no more."""
    common.collect(call, valid, PART)


def status(call: "Call") -> None:
    """Whether an ADD would work."""
    settings(call)
