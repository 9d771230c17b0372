"""The plugin `ipvlan`: a device that shares the hardware address of the one below.

    {"type": "ipvlan", "master": "eth0", "mode": "l2", "mtu": 1400, "linkInContainer": false, "ipam": {…}}

Behind another plugin, and without `ipam`, it takes that one's addresses; without `master` also its device.
"""

import os

from ...model.kinds.ipvlan import MODES
from ..protocol.errors import INVALID_CONFIG, CniError
from ..protocol.result import Result
from . import common, made
from .made import Made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..protocol.call import Call
    from .common import Valid

CAPABILITIES: "tuple[str, ...]" = ("ips", "ipRanges")
KIND = "ipvlan"
_MODES = {word: number for number, word in enumerate(MODES)}


def add(call: "Call") -> Result:
    """The device, the addresses, the routes."""
    inside = common.opened(call)
    try:
        before = call.config.prev_result
        wanted = described(call, inside, before)
        if before is not None and before.addresses and not call.config.ipam.text("type"):
            return made.adopt(call, wanted, before, inside)
        return made.add(call, wanted, inside, addresses=True)
    finally:
        os.close(inside)


def described(call: "Call", inside: int, before: "Result | None" = None) -> Made:
    """What the configuration says."""
    config = call.config
    mode = made.choice(call, "mode", _MODES, "l2")
    if before is not None and not config.text("master") and call.command == "ADD":
        if len(before.interfaces) != 1 or not before.interfaces[0].name:
            raise CniError(INVALID_CONFIG, "chained master failure. PrevResult lacks a single named interface", 'say which device with "master"')
        below, most = made.below(call, inside, before.interfaces[0].name)
    else:
        below, most = made.master(call, inside)
    found = Made(KIND, below, made.mtu(call, most), options=(("mode", mode),))
    config.settle()
    return found


def delete(call: "Call") -> None:
    """The device and its addresses."""
    made.delete(call, KIND)


def check(call: "Call") -> None:
    """CniError 102 where something is not as it was made."""
    made.check_described(call, described)


def gc(call: "Call", valid: "Valid") -> None:
    """What is valid no more, and its addresses."""
    made.gc(call, valid, KIND)


def status(call: "Call") -> None:
    """Whether an ADD would work."""
    made.status(call, KIND)
