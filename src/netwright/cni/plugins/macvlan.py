"""The plugin `macvlan`: a device with a hardware address of its own, on one of the host's.

    {"type": "macvlan", "master": "eth0", "mode": "bridge", "mtu": 1400, "mac": …, "bcqueuelen": 1000, "linkInContainer": false, "ipam": {…}}

Without `master` it is the device of the default route. It is made in the container, so no name of the host's can be in the way. The
host itself does not hear it, as with every macvlan; `nw network create -d macvlan` gives it a leg that does.
"""

import os

from ...model.kinds.macvlan import MODES
from . import common, made
from .made import Made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..protocol.call import Call
    from ..protocol.result import Result
    from .common import Valid

CAPABILITIES: "tuple[str, ...]" = ("mac", "ips", "ipRanges")
KIND = "macvlan"
_MODES = {word: MODES[word] for word in ("bridge", "private", "vepa", "passthru")}


def add(call: "Call") -> "Result":
    """The device, the addresses, the routes."""
    call.only_args("MAC", "IP", "GATEWAY")
    inside = common.opened(call)
    try:
        return made.add(call, described(call, inside), inside)
    finally:
        os.close(inside)


def described(call: "Call", inside: int) -> Made:
    """What the configuration says. CniError 7 with all mistakes."""
    config = call.config
    options: list[tuple[str, object]] = [("mode", made.choice(call, "mode", _MODES, "bridge"))]
    if queue := config.number("bcqueuelen"):
        options.insert(0, ("bc_queue_len", queue))
    mac = made.mac(call)
    below, most = made.master(call, inside)
    found = Made(KIND, below, made.mtu(call, most), mac, tuple(options))
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
