"""The barrier at the end of `up`: it returns when the first packet will arrive.

A device that was just set up drops what it is given until the kernel's link watch has started its queue, a bridge port until
it forwards, an IPv6 address until it is no longer tentative. All of that comes by itself and soon; it is looked at until it
is there, in the namespaces that are not ready yet.
"""

from __future__ import annotations

import time
from struct import Struct

from ..errors import CallFailed, KernelError
from ..kernel import rtnl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..kernel.netlink import Netlink
    from ..kernel.rtnl import Message
    from ..model.state import Device, Namespace, State
    from .place import Place

_UP_STATE, _FORWARDING = 6, 3
_TENTATIVE, _DADFAILED = 0x40, 0x08
_LATE = 1.0  # seconds


class NotReady(CallFailed):
    """Something did not come up in time: `waiting` says what, in words."""

    def __init__(self, waiting: list[str], seconds: float) -> None:
        why = "; ".join(waiting[:5]) + (f"; and {len(waiting) - 5} more" if len(waiting) > 5 else "")
        super().__init__(f"the lab is not ready after {seconds:g} s", 110, why=why, fix="look at it with: nw exec LAB/HOST ip address")
        self.waiting = waiting


def wait_until_ready(place: Place, want: State, names: Iterable[str] | None = None, seconds: float = 30.0) -> None:
    """Return when every wanted device that can carry packets does. NotReady after `seconds` (longer with STP).

    The link watch takes the devices of the whole machine in turn, a hundred a second of those that are not urgent, and needs the lock
    of all of them: where others make and delete many it comes late.
    """
    left = list(want.namespaces if names is None else names)
    seconds = max(seconds, 2.5 * _listening(want))
    deadline, pause = time.monotonic() + seconds, 0.0005
    while left:
        late = time.monotonic() > deadline - seconds + _LATE
        waiting = [(name, why) for name in left if (why := _not_ready(place, name, want, late))]
        left = list(dict.fromkeys(name for name, _ in waiting))
        if left and time.monotonic() > deadline:
            raise NotReady([f"{name}: {why}" for name, why in waiting], seconds)
        if left:
            time.sleep(pause)
            pause = min(pause * 2, 0.02)


def _listening(want: State) -> float:
    """Seconds that the slowest bridge with STP spends listening and learning."""
    delays = [0.0]
    for namespace in want.namespaces.values():
        for device in namespace.devices.values():
            options = dict(device.options) if device.kind == "bridge" else {}
            if options.get("stp_state"):
                delays.append(2 * options.get("forward_delay", 1500) / 100)
    return max(delays)


def _not_ready(place: Place, name: str, want: State, late: bool) -> str:
    """What the namespace waits for; "" when it is ready. Where it is late each device is asked for by itself."""
    namespace = want.namespaces[name]
    netlink = place.session(name).netlink
    for raw in netlink.dump(rtnl.LINK.request(rtnl.GETLINK, 0, {}, {"ext_mask": rtnl.EXT_FILTER_SKIP_STATS})):
        link, state = _name_and_state(raw.body)
        device = namespace.devices.get(link)
        if device is None or not device.up or device.kind != "veth" or not _mate_is_up(device.peer, want):
            continue
        if state != _UP_STATE and not (late and is_up_when_asked(netlink, raw.body)):
            return f"{link} has no carrier yet"
        if device.master and _speaks_stp(namespace.devices.get(device.master)):
            message = rtnl.decode(raw)
            if message and _port_state(message) not in (None, _FORWARDING):
                return f"{link} does not forward yet"
    return _tentative(place, name, namespace)


def is_up_when_asked(netlink: Netlink, link: bytes) -> bool:
    """Whether the device of this message is up by now: for one that is asked for alone the kernel does at once what its link watch would do."""
    asked = rtnl.LINK.request(rtnl.GETLINK, 0, {"index": _INDEX.unpack_from(link, 4)[0]}, {"ext_mask": rtnl.EXT_FILTER_SKIP_STATS})
    try:
        return any(_name_and_state(raw.body)[1] == _UP_STATE for raw in netlink.get(asked))
    except KernelError:  # it has gone
        return False


_INDEX = Struct("=i")
_ATTRIBUTE = Struct("=HH")
_IFNAME, _OPERSTATE = 3, 16


def _name_and_state(body: bytes) -> tuple[str, int]:
    """Two attributes of a link, which the kernel writes among the first: the others are not looked at."""
    name, at = "", rtnl.LINK.header.size
    while at + 4 <= len(body):
        size, kind = _ATTRIBUTE.unpack_from(body, at)
        if size < 4:
            break
        if kind == _IFNAME:
            name = body[at + 4 : at + size - 1].decode("utf-8", "surrogateescape")
        elif kind == _OPERSTATE:
            return name, body[at + 4]
        at += (size + 3) & ~3
    return name, 0


def _speaks_stp(bridge: Device | None) -> bool:
    """Without STP a port forwards as soon as it has a carrier."""
    return bridge is not None and bool(dict(bridge.options).get("stp_state"))


def _mate_is_up(peer: tuple[str, str] | None, want: State) -> bool:
    if peer is None or peer[0] not in want.namespaces:
        return False
    mate = want.namespaces[peer[0]].devices.get(peer[1])
    return mate is not None and mate.up


def _port_state(message: Message) -> int | None:
    info = message.get("linkinfo")
    data = info.get("slave_data") if info else None
    return data.get("state") if data is not None and not isinstance(data, bytes) else None


def _tentative(place: Place, name: str, namespace: Namespace) -> str:
    wanted = {a.address.partition("/")[0] for a in namespace.addresses if a.family == 6}
    if not wanted:
        return ""
    for message in rtnl.dump(place.session(name).netlink, rtnl.GETADDR, {"family": 10}):
        flags = message.get("flags", message.header["flags"])
        if message.get("address") in wanted and flags & _TENTATIVE:
            return f"{message.get('address')} is a duplicate" if flags & _DADFAILED else f"{message.get('address')} is tentative"
    return ""
