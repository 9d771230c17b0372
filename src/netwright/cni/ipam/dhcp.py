"""The IPAM plugin `dhcp`: an address from a DHCP server, kept by a daemon (cni/dhcp/) that may be ours or upstream's.

    {"type": "dhcp", "daemonSocketPath": "/run/cni/dhcp.sock", "provide": […], "request": […], "priority": 100, "suppress": ["gateway"]}

A main plugin calls `delete` while the interface is still there: only through it can the address be given back.
"""

from ..dhcp.wishes import socket_path, wishes
from ..protocol.errors import CONFLICT, NOT_AVAILABLE, CniError
from ..protocol.result import Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..protocol.call import Call

CAPABILITIES: tuple[str, ...] = ()


def add(call: "Call") -> Result:
    """The address that a server gives. CniError 11 when none answers, 50 when there is no daemon and none can be started."""
    from ..dhcp.ask import call as ask
    from ..dhcp.rpc import ALLOCATE, result_in

    reply = ask(_path(call), ALLOCATE, call, start=True)
    try:
        return result_in(reply or {})
    except ValueError as error:
        from ..protocol.errors import DELEGATE_FAILED

        raise CniError(DELEGATE_FAILED, f"the DHCP daemon: {error}") from None


def delete(call: "Call") -> None:
    """Give it back. Without a daemon nobody keeps it any more, and the server takes it back when its time is over."""
    from ..dhcp.ask import call as ask
    from ..dhcp.rpc import RELEASE

    try:
        ask(socket_path(call.config), RELEASE, call, start=_has_leases(call))
    except CniError as error:
        if error.code != NOT_AVAILABLE:
            raise


release = delete


def check(call: "Call") -> None:
    """The daemon keeps the address of the result. CniError 102 when it is another."""
    result = call.config.prev_result
    found = add(call)
    has = {one.address for one in result.addresses} if result else set()
    missing = [one.address for one in found.addresses if one.address not in has]
    if result is None or missing:
        what = f"the lease is of {', '.join(missing)}, and the result does not have it" if result else "prevResult is missing"
        raise CniError(CONFLICT, f"dhcp: {what}", "DEL, then ADD again")


def gc(call: "Call", valid: "frozenset[tuple[str, str]]") -> None:
    """Give back what no valid attachment has. Upstream's daemon cannot do that; its leases end by themselves."""
    from ..dhcp.ask import call as ask
    from ..dhcp.rpc import COLLECT

    try:
        ask(socket_path(call.config), COLLECT, call)
    except CniError as error:
        if "find method" not in error.message:
            raise


def status(call: "Call") -> None:
    """A daemon answers, or can be started. CniError 50."""
    from ..dhcp.ask import reached

    channel = reached(_path(call), start=True)
    if channel:
        channel.close()


def _path(call: "Call") -> str:
    """Where the daemon listens; every mistake of the configuration is told before it is asked."""
    wishes(call.config, call.args)
    path = socket_path(call.config)
    call.config.settle()
    return path


def _has_leases(call: "Call") -> bool:
    """Whether a daemon of ours that has ended left leases to give back."""
    from os import listdir

    from ..dhcp.places import directory_of

    try:
        return any(name.endswith(".json") for name in listdir(directory_of(socket_path(call.config))))
    except OSError:
        return False
