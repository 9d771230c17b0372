"""The plugin `dummy`: a device that swallows what is sent; for addresses that are to be there whatever happens to others.

    {"type": "dummy", "ipam": {…}}
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
KIND = "dummy"
WANTED = Made(KIND)


def add(call: "Call") -> "Result":
    """The device, the addresses, the routes."""
    inside = common.opened(call)
    try:
        return made.add(call, WANTED, inside, addresses=True)
    finally:
        os.close(inside)


def delete(call: "Call") -> None:
    """The device and its addresses."""
    made.delete(call, KIND)


def check(call: "Call") -> None:
    """CniError 102 where something is not as it was made."""
    made.check(call, WANTED)


def gc(call: "Call", valid: "Valid") -> None:
    """What is valid no more, and its addresses."""
    made.gc(call, valid, KIND)


def status(call: "Call") -> None:
    """Whether an ADD would work."""
    made.status(call, KIND)
