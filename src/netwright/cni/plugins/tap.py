"""The plugin `tap`: a device whose other end is a program (a virtual machine), which opens it later by its name.

    {"type": "tap", "multiQueue": true, "mtu": 1400, "mac": …, "owner": 1000, "group": 1000, "bridge": "br0", "ipam": {…}}

It stays until DEL, whether a program has it or not. `owner` and `group` say who may open it. `bridge` is one in the container.
"""

import os

from ...model.value import replace
from ..protocol.errors import UNSUPPORTED_FIELD, CniError
from . import common, made
from .made import Made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..protocol.call import Call
    from ..protocol.result import Result
    from .common import Valid

CAPABILITIES: "tuple[str, ...]" = ("mac", "ips", "ipRanges")
KIND = "tun"


def add(call: "Call") -> "Result":
    """The device, the addresses, the routes."""
    call.only_args("MAC", "IP", "GATEWAY")
    wanted = described(call)
    call.config.settle()
    inside = common.opened(call)
    try:
        return made.add(call, replace(wanted, before=lambda fd: _make(call, fd, wanted)), inside)
    finally:
        os.close(inside)


def described(call: "Call") -> Made:
    """What the configuration says; mistakes go to its list. Options are those that can be seen afterwards."""
    config = call.config
    if said := config.text("selinuxContext"):
        raise CniError(UNSUPPORTED_FIELD, f"selinuxContext: {said}", "leave it out; owner and group say who may open the device")
    options: dict[str, int] = {name: config.number(name) for name in ("owner", "group") if name in config}
    options |= {"multi_queue": int(config.flag("multiQueue")), "persist": 1, "type": 2}
    mtu = config.number("mtu", most=65521)
    return Made(KIND, None, mtu, made.mac(call), tuple(sorted(options.items())), config.text("bridge"))


def _make(call: "Call", inside: int, wanted: Made) -> None:
    from ...kernel.tap import Tap, make

    said = dict(wanted.options)
    make(inside, Tap(call.ifname, bool(said["multi_queue"]), said.get("owner"), said.get("group")))


def delete(call: "Call") -> None:
    """The device and its addresses."""
    made.delete(call, KIND)


def check(call: "Call") -> None:
    """CniError 102 where something is not as it was made."""
    wanted = described(call)
    call.config.settle()
    made.check(call, wanted)


def gc(call: "Call", valid: "Valid") -> None:
    """What is valid no more, and its addresses."""
    made.gc(call, valid, KIND)


def status(call: "Call") -> None:
    """Whether an ADD would work."""
    made.status(call, KIND)
