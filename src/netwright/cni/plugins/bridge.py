"""The plugin `bridge`: a cable from the container to a bridge of the host.

    {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "ipam": {…}}

Keys and results are upstream's. Other than upstream: nothing is half made when an ADD fails, DEL needs neither the namespace nor
the result, GC and STATUS do their work, rules are elements of one table (networks/firewall.py).
"""

from .. import delegate
from . import bridged, common

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..protocol.call import Call
    from ..protocol.result import Result
    from .common import Valid

CAPABILITIES: "tuple[str, ...]" = ("mac", "ips", "ipRanges")


def add(call: "Call") -> "Result":
    """The cable, the addresses, the routes."""
    return bridged.add(call, bridged.settings(call))


def delete(call: "Call") -> None:
    """Everything of the attachment, whatever is left of it."""
    bridged.delete(call)


def check(call: "Call") -> None:
    """CniError 102 where something is not as it was made."""
    bridged.check(call, bridged.settings(call))
    delegate.ipam(call).check(call)


def gc(call: "Call", valid: "Valid") -> None:
    """What is no longer valid, and its addresses."""
    common.each([lambda: common.collect(call, valid), lambda: delegate.ipam(call).gc(call, valid)])


def status(call: "Call") -> None:
    """Whether an ADD would work."""
    bridged.status(call, bridged.settings(call))
