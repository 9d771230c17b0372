"""The plugin `vrf`: the interface uses a routing table of its own, together with others of the same vrf in the container.

    {"type": "vrf", "vrfname": "blue", "table": 100}

The vrf is made with the first interface and goes with the last. Without `table` it gets one that nothing uses. The interface's routes
move into that table with it.
"""

import os

from ...engine.narrow import Spots
from ...model.route import MAIN
from ...model.state import Device, Namespace, State
from ...model.value import replace
from ...networks import attaching, records
from ...networks.records import Record
from ...networks.wiring import BOX, Wiring
from ...plan import ops
from ..identity import identity
from ..protocol.errors import CONFLICT, UNKNOWN_CONTAINER, CniError
from . import chained, common, made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..protocol.call import Call
    from ..protocol.result import Result
    from .common import Valid

CAPABILITIES: "tuple[str, ...]" = ()
DEVICE, PART, KIND = "@vrf", "vrf", "vrf"
_OURS = (253, 254, 255)  # default, main, local


def settings(call: "Call") -> "tuple[str, int]":
    """The vrf's name, and its table (0: any). CniError 7."""
    from ...model.names import DEVICE_BYTES

    config = call.config
    name, table = config.text("vrfname"), config.number("table")
    if not name:
        config.wrong("vrfname", "configuration is expected to have a valid vrf name")
    elif len(name.encode("utf-8", "surrogateescape")) > DEVICE_BYTES or any(c in "/:" or c.isspace() for c in name) or name in (".", ".."):
        config.wrong("vrfname", f'"{name[:40]}" is no name of a device: 1 to {DEVICE_BYTES} characters without / : and blanks')
    if table in _OURS:
        config.wrong("table", f"{table} is one that the kernel uses: default, main or local")
    config.settle()
    return name, table


# -- what should be there ----------------------------------------------------------------------------------------------------------


def joined(here: Namespace, interface: str, vrf: str, table: int) -> Namespace:
    """The container's namespace, with the interface in the vrf: its routes are in the table. Pure."""
    device = here.devices[interface]
    devices = {interface: replace(device, master=vrf), vrf: Device("vrf", up=True, options=(("table", table),))}
    routes = frozenset(replace(r, table=table) if r.link == interface and r.table == MAIN else r for r in here.routes)
    return replace(here, devices=devices, routes=routes)


def free_table(used: "Iterable[int]") -> int:
    """The first table that nothing uses.

    >>> free_table([1, 2, 254])
    3
    """
    taken, table = {*used, 0, *_OURS}, 1
    while table in taken:
        table += 1
    return table


def _look(inside: int, interface: str, vrf: str) -> "tuple[Namespace, set[int]]":
    """What there is of both devices, and the tables in use."""
    from ...engine import observe
    from ...engine.narrow import look_at
    from ...kernel import rtnl

    with Spots({BOX: inside}) as place:
        found = look_at(place, {BOX: (interface, vrf)}).namespaces[BOX]
        session = place.session(BOX)
        links = rtnl.dump(session.netlink, rtnl.GETLINK, {}, {"ext_mask": rtnl.EXT_FILTER_SKIP_STATS})
        used = {r.table for r in observe.routes(session, 0)} | {r.table for r in observe.rules(session)}
    for link in links:
        info = link.get("linkinfo")
        if info and info.get("kind") == KIND and info.get("data"):
            used.add(info["data"].get("table", 0))
    return found, used


# -- ADD -------------------------------------------------------------------------------------------------------------------------


def add(call: "Call") -> "Result":
    """The result of the plugin before, as it came."""
    result = chained.before(call, PART)
    name, table = settings(call)
    inside = common.opened(call)
    try:
        wiring = described(call, inside, name, table)
        data = {"vrf": name, "netns": identity(inside)}
        record = Record(common.owner(call, PART), DEVICE, netns=call.netns, data=data)
        attaching.attach(inside, wiring, record)
        # The kernel takes the device down and up again when it joins, which costs it its IPv6 addresses and its routes: once more.
        attaching.attach(inside, wiring, record)
    finally:
        os.close(inside)
    return result


def described(call: "Call", inside: int, name: str, table: int) -> Wiring:
    """What should be there. CniError 3, 102."""
    here, used = _look(inside, call.ifname, name)
    if call.ifname not in here.devices:
        raise CniError(UNKNOWN_CONTAINER, f'there is no device "{call.ifname}" in the container', "vrf comes after the plugin that makes it")
    known = here.devices.get(name)
    if known is not None:
        has = dict(known.options).get("table", 0)
        if known.kind != KIND:
            raise CniError(CONFLICT, f"{name} is no vrf", "take another vrfname")
        if table and has != table:
            raise CniError(CONFLICT, f"VRF {name} already exist with different routing table {has}", 'leave "table" out, or say that one')
        table = has
    master = here.devices[call.ifname].master
    if master not in ("", name):
        raise CniError(CONFLICT, f"interface {call.ifname} has already a master set: {master}", "a device can have one")
    there = joined(here, call.ifname, name, table or free_table(used))
    # The vrf first: its port can join only what is there.
    return Wiring(State({BOX: there}), {BOX: (name, call.ifname)})


# -- DEL, CHECK, GC, STATUS --------------------------------------------------------------------------------------------------------


def delete(call: "Call") -> None:
    """The interface leaves; the vrf goes with its last one. Nothing to do where the namespace is no more."""
    owner = common.owner(call, PART)
    record = records.get(DEVICE, owner)
    inside = made.still_there(call.netns, record)
    name = str(record.data.get("vrf", "")) if record is not None else call.config.text("vrfname")
    if inside is not None:
        try:
            _leave(inside, call.ifname, name)
        finally:
            os.close(inside)
    records.remove(DEVICE, owner)


def _leave(inside: int, interface: str, name: str) -> None:
    from ...engine.enact import enact
    from ...kernel import rtnl

    with Spots({BOX: inside}) as place:
        session = place.session(BOX)
        links = rtnl.dump(session.netlink, rtnl.GETLINK, {}, {"ext_mask": rtnl.EXT_FILTER_SKIP_STATS})
        vrf = next((m for m in links if m["ifname"] == name and _is_vrf(m)), None)
        if vrf is None:
            return
        ports = {str(m["ifname"]) for m in links if m.get("master") == vrf["index"]}
        todo: list[ops.Op] = [ops.SetLink({"index": interface}, {"master": 0}, BOX)] if interface in ports else []
        if not ports - {interface}:
            todo.append(ops.DeleteLink({"index": name}, {}, BOX))
        enact(todo, place)


def _is_vrf(link: object) -> bool:
    info = link.get("linkinfo")  # type: ignore[attr-defined]
    return bool(info and info.get("kind") == KIND)


def check(call: "Call") -> None:
    """CniError 102 where the interface is not in the vrf."""
    common.previous(call)
    name, table = settings(call)
    inside = common.opened(call)
    try:
        todo = common.in_words(attaching.steps(inside, described(call, inside, name, table)))
    finally:
        os.close(inside)
    if todo:
        raise CniError(CONFLICT, f"Failed to find {call.ifname} associated to vrf {name}", f"to do: {' '.join(todo)} (DEL, then ADD again)")


def gc(call: "Call", valid: "Valid") -> None:
    """What is valid no more leaves its vrf, where its namespace is still there."""
    for record in common.stale(call, valid, PART):
        inside = made.still_there("", record)
        if inside is not None:
            try:
                _leave(inside, record.owner.split("/")[3], str(record.data.get("vrf", "")))
            finally:
                os.close(inside)
        records.remove(DEVICE, record.owner)


def status(call: "Call") -> None:
    """CniError 50 where the kernel has no vrf."""
    from ...kernel import probe
    from ..protocol.errors import NOT_AVAILABLE

    settings(call)
    answer = probe.ask(KIND)
    if answer.has == probe.NO:
        raise CniError(NOT_AVAILABLE, "no device of the type vrf can be made", answer.why)
