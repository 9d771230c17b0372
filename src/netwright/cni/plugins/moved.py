"""A device of the host on its way into a container and home again.

One message moves it, renames it and gives it the alias that keeps its name: there is no moment at which it is nobody's. It is written
down before, so that a command that was killed at any point leaves a device that DEL and GC find.
"""

import os

from ...engine.enact import PlanFailed, enact
from ...engine.narrow import Spots, look_at
from ...model.value import replace
from ...networks import attaching, records
from ...networks.locks import locked
from ...networks.records import Record
from ...networks.wiring import BOX, HOST
from ...plan import ops
from ..protocol.errors import CONFLICT, INVALID_CONFIG, CniError
from ..protocol.result import Result
from . import chained, common, made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...kernel.rtnl import Message
    from ...networks.wiring import Wiring
    from ..protocol.call import Call

DEVICE = "@host-device"
_UP = 1


# -- into the container ------------------------------------------------------------------------------------------------------------


def by_address(mac: str) -> "list[str]":
    """Devices of the host with this hardware address."""
    from ...kernel import rtnl

    with Spots({HOST: None}) as place:
        found = rtnl.dump(place.session(HOST).netlink, rtnl.GETLINK, {}, {"ext_mask": rtnl.EXT_FILTER_SKIP_STATS})
        return [str(m["ifname"]) for m in found if m.get("address") == mac]


def on_host(name: str) -> None:
    """CniError 7 where the host has no such device."""
    with Spots({HOST: None}) as place:
        _link(place, name)


def _link(place: Spots, name: str) -> "Message":
    link = place.session(HOST).link(name)
    if link is None:
        fix = "another container may have it: it comes back with DEL for that one; see: ip link"
        raise CniError(INVALID_CONFIG, f'failed to find host device "{name}"', fix)
    return link


def move_in(call: "Call", inside: int, name: str) -> None:
    """The host's device becomes the container's; written down. CniError 7, 102."""
    with locked(DEVICE), Spots({HOST: None, BOX: inside}) as place:
        link = _link(place, name)
        if name == "lo" or link["flags"] & 8:  # IFF_LOOPBACK
            raise CniError(INVALID_CONFIG, f"{name} is the host's own loopback device", "every container has one")
        was = str(link["ifname"])
        data = {"was": was, "alias": link.get("ifalias", ""), "mac": link.get("address", ""), "up": bool(link["flags"] & _UP), "netns": made.identity(inside)}
        record = Record(common.owner(call), DEVICE, netns=call.netns, data=data)
        records.put(record)
        move = ops.SetLink({"index": was, "flags": 0, "change": _UP}, {"net_ns_fd": BOX, "ifname": call.ifname, "ifalias": was}, HOST)
        try:
            enact([move], place)
        except PlanFailed as failed:
            records.remove(DEVICE, record.owner)
            raise CniError(CONFLICT, f"failed to move {was} to the container: {failed.what}", failed.why) from None


def attach(call: "Call", inside: int, found: Result) -> Result:
    """Up, with addresses and routes; the result of ADD."""
    mine = tuple(replace(a, interface=0) for a in found.addresses)
    result = Result((), mine, found.routes, common.dns_of(call, found.dns))
    record = records.get(DEVICE, common.owner(call)) or Record(common.owner(call), DEVICE, netns=call.netns)
    after = attaching.attach(inside, wired(call, inside, result), record)
    return replace(result, interfaces=(made.told(call, after),))


def wired(call: "Call", inside: int, result: Result) -> "Wiring":
    """What should be there: the device as it is, and up. CniError 102 where there is none."""
    with Spots({HOST: None, BOX: inside}) as place:
        seen = look_at(place, {BOX: (call.ifname,)}).namespaces[BOX].devices.get(call.ifname)
    if seen is None:
        raise CniError(CONFLICT, f'there is no device "{call.ifname}" in the container any more', "DEL, then ADD again")
    wiring = made.wired(call, made.Made(seen.kind), result)
    box = wiring.want.namespaces[BOX]
    box = replace(box, devices={call.ifname: replace(seen, up=True)})
    return replace(wiring, want=replace(wiring.want, namespaces={**wiring.want.namespaces, BOX: box}))


# -- home ------------------------------------------------------------------------------------------------------------------------


def home(record: Record, interface: str, inside: "int | None") -> None:
    """The device is the host's again, under its own name. `inside` is closed; None where the namespace is no more."""
    with locked(DEVICE):
        try:
            if inside is not None:
                _out(record, interface, inside)
            if record.data:
                _renamed(record)
        finally:
            if inside is not None:
                os.close(inside)
        records.remove(DEVICE, record.owner)


def _out(record: Record, interface: str, inside: int) -> None:
    with Spots({HOST: None, BOX: inside}) as place:
        link = place.session(BOX).link(interface)
        name = _name_at_home(record, link) if link is not None else ""
        if link is None or not name:
            return
        taken = place.session(HOST).link(name) is not None
        if taken:
            chained.say(f"host-device: the host has another {name} by now: what comes back gets a name of the kernel's, dev0 or the like")
        settings = {"net_ns_fd": HOST, "ifname": "dev%d" if taken else name, "ifalias": str(record.data.get("alias", ""))}
        enact([ops.SetLink({"index": interface, "flags": 0, "change": _UP}, settings, BOX)], place)
        if record.data.get("up") and not taken:
            enact([ops.SetLink({"index": name, "flags": _UP, "change": _UP}, {}, HOST)], place)


def _name_at_home(record: Record, link: "Message") -> str:
    """What it was called on the host; "" for a device that did not come from there. Without a record the alias says it, as upstream's
    plugin leaves it."""
    from ...model.names import DEVICE_BYTES

    alias = str(link.get("ifalias", ""))
    if record.data:
        return alias if alias == record.data.get("was") else ""
    fits = 0 < len(alias.encode("utf-8", "surrogateescape")) <= DEVICE_BYTES and not any(c in "/:%" or c.isspace() for c in alias)
    return alias if fits and alias not in (".", "..") else ""


def _renamed(record: Record) -> None:
    """The kernel moved it to the host by itself when its namespace ended: it has the container's name for it still."""
    from ...kernel import rtnl

    was, data = str(record.data.get("was", "")), record.data
    with Spots({HOST: None}) as place:
        session = place.session(HOST)
        if session.link(was) is not None:
            return
        found = rtnl.dump(session.netlink, rtnl.GETLINK, {}, {"ext_mask": rtnl.EXT_FILTER_SKIP_STATS})
        mine = [m for m in found if m.get("ifalias") == was and m.get("address", "") == data.get("mac")]
        if len(mine) == 1:
            flags = _UP if data.get("up") else 0
            settings: dict[str, Any] = {"ifname": was, "ifalias": str(data.get("alias", ""))}
            enact([ops.SetLink({"index": mine[0]["ifname"], "flags": 0, "change": _UP}, settings, HOST)], place)
            if flags:
                enact([ops.SetLink({"index": was, "flags": flags, "change": _UP}, {}, HOST)], place)
