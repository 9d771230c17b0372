"""The plugin `loopback`: lo of the container is up."""

import os

from ...errors import NetwrightError
from ...model.state import Device, Namespace, State
from ...networks.attaching import steps
from ...networks.wiring import BOX, Wiring
from ..protocol.errors import CONFLICT, CniError
from ..protocol.result import Address, Interface, Result
from . import common

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..protocol.call import Call
    from .common import Valid

CAPABILITIES: "tuple[str, ...]" = ()
_UP = Wiring(State({BOX: Namespace({"lo": Device(up=True)})}), {BOX: ("lo",)}, ((BOX, "lo"),))


def add(call: "Call") -> Result:
    """The result of the plugin before, or that of lo."""
    found = call.config.prev_result
    call.config.settle()
    mine = _set(call, True)
    return found if found is not None else Result((Interface("lo", "00:00:00:00:00:00", call.netns),), mine)


def _is_loopback(address: str) -> bool:
    return address.startswith("127.") or address == "::1/128"


def _set(call: "Call", up: bool) -> "tuple[Address, ...]":
    """lo up or down; the addresses that it has by being up: none of IPv6 where that is switched off."""
    from ...engine import observe
    from ...engine.enact import enact
    from ...engine.narrow import Spots
    from ...plan.ops import SetLink

    inside = common.opened(call)
    try:
        with Spots({BOX: inside}) as place:
            enact([SetLink({"index": "lo", "flags": int(up), "change": 1}, {}, BOX)], place)
            session = place.session(BOX)
            found = [a for a in observe.addresses(session, session.index("lo")) if _is_loopback(a.address)]
    finally:
        os.close(inside)
    return tuple(Address(a.address, interface=0) for a in sorted(found, key=lambda a: a.family))


def delete(call: "Call") -> None:
    """lo is down again, where the namespace is still there."""
    if call.netns and os.path.exists(call.netns):
        try:
            _set(call, False)
        except NetwrightError:
            pass  # the namespace went in this moment


def check(call: "Call") -> None:
    """CniError 102 when it is down."""
    call.config.settle()
    inside = common.opened(call)
    try:
        todo = steps(inside, _UP)
    finally:
        os.close(inside)
    if todo:
        raise CniError(CONFLICT, f"lo of {call.container} is down", "ip link set lo up, or DEL and ADD again")


def gc(call: "Call", valid: "Valid") -> None:
    """Nothing is kept."""


def status(call: "Call") -> None:
    """Always ready."""
    call.config.settle()
