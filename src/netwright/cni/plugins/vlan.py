"""The plugin `vlan`: what has one VLAN's tag on a device of the host, in the container without the tag.

    {"type": "vlan", "master": "eth0", "vlanId": 100, "mtu": 1400, "linkInContainer": false, "ipam": {…}}
"""

import os

from . import common, made
from .made import Made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..protocol.call import Call
    from ..protocol.result import Result
    from .common import Valid

CAPABILITIES: "tuple[str, ...]" = ("ips", "ipRanges")
KIND = "vlan"


def add(call: "Call") -> "Result":
    """The device, the addresses, the routes."""
    inside = common.opened(call)
    try:
        return made.add(call, described(call, inside), inside, addresses=True)
    finally:
        os.close(inside)


def described(call: "Call", inside: int) -> Made:
    """What the configuration says. CniError 7 with all mistakes."""
    number = call.config.number("vlanId", most=4094)
    below, most = made.master(call, inside, needed=True)
    found = Made(KIND, below, made.mtu(call, most), options=(("id", number),))
    call.config.settle()
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
