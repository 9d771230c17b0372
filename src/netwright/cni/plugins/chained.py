"""What plugins that come after another one in a list have in common: the result they get, and where on the host it leads."""

import os
import sys

from ...engine.narrow import Spots
from ...networks.wiring import HOST
from ..protocol.errors import INVALID_CONFIG, CniError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...networks.values import Leg
    from ..protocol.call import Call
    from ..protocol.result import Result


def before(call: "Call", name: str) -> "Result":
    """The result of the plugin before. CniError 7 where there is none."""
    found = call.config.prev_result
    call.config.settle()
    if found is None:
        raise CniError(INVALID_CONFIG, f"{name} must be called as chained plugin", "put it behind bridge, ptp or another in the list of plugins")
    return found


def legs(call: "Call", result: "Result") -> "tuple[Leg, ...]":
    """The container's addresses: those of its interfaces, or of none in particular."""
    from .common import legs as as_legs

    def inside(at: "int | None") -> bool:
        return at is None or (at < len(result.interfaces) and bool(result.interfaces[at].sandbox))

    return as_legs(a for a in result.addresses if inside(a.interface))


def toward(address: str) -> str:
    """The host's device that leads to an address, as the kernel itself would send; "" where nothing does."""
    from ...errors import KernelError
    from ...kernel import rtnl

    family, length = (10, 128) if ":" in address else (2, 32)
    with Spots({HOST: None}) as place:
        session = place.session(HOST)
        try:
            found = rtnl.get(session.netlink, rtnl.GETROUTE, {"family": family, "dst_len": length}, {"dst": address})
        except KernelError:
            return ""
        link = session.link_at(found.get("oif", 0))
    return str(link["ifname"]) if link is not None else ""


def host_ports(result: "Result", bridge: str) -> "list[str]":
    """The host's ends of the container's cables."""
    return [one.name for one in result.interfaces if not one.sandbox and one.name != bridge and one.name]


def inside_if_there(netns: str) -> "int | None":
    """The container's namespace as an open file, for DEL; None when it is no more."""
    try:
        fd = os.open(netns, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    # Where the mount is gone and the file is not, it is an empty file of some other file system.
    if os.fstat(fd).st_dev == os.stat("/proc/thread-self/ns/net").st_dev:
        return fd
    os.close(fd)
    return None


def say(text: str) -> None:
    """A word to the runtime's log: standard error is free text."""
    sys.stderr.write(f"netwright: {text}\n")
