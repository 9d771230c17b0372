"""The plugin `firewall`: who may talk to the container. `ingressPolicy` is open, same-bridge or isolated.

open        nothing is forbidden
same-bridge containers of other bridges that have this policy cannot reach it
isolated    nor can the others on its own bridge

Upstream's also lets the container's packets pass the host's FORWARD chain. Rules of ours are in a table of their own, which cannot
overrule a chain of others that drops: that is said on standard error, and in STATUS.
"""

from ...model.state import Namespace, State
from ...model.value import replace
from ...networks import attaching, records
from ...networks import firewall as table
from ...networks.records import Record
from ...networks.wiring import HOST, Wiring
from . import bridged, chained, common

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...model.state import Device
    from ..protocol.call import Call
    from ..protocol.result import Result
    from .common import Valid

CAPABILITIES: "tuple[str, ...]" = ()
DEVICE, PART = chained.FIREWALL
POLICIES = ("open", "same-bridge", "isolated")
_SHARED = ("bridges", "allowed")


def add(call: "Call") -> "Result":
    """The result of the plugin before, as it came."""
    result = chained.before(call, "firewall")
    policy = _read(call)
    call.config.settle()
    warn(_bridges(call, result))
    known = records.get(DEVICE, common.owner(call, PART))
    if known is not None and policy != "isolated":
        chained.put_back(known)
    if policy == "open":
        delete(call)
    else:
        attaching.attach(None, *described(call, result, policy))
    return result


def _read(call: "Call") -> str:
    call.config.text("backend", choices=("iptables", "firewalld", "nftables", ""))
    return call.config.text("ingressPolicy", "open", choices=(*POLICIES, "")) or "open"


def warn(bridges: "Sequence[str]") -> None:
    """Say what of others stands in the way."""
    for said in in_the_way(bridges):
        chained.say(f"firewall: {said}")


def in_the_way(bridges: "Sequence[str]" = ("",)) -> "list[str]":
    """Chains of others that drop what is forwarded for one of the bridges ("": which it will be nobody knows yet), with what mends it."""
    from ...networks.foreign import stopping

    with attaching.on_host() as place:
        return stopping(place.fd(HOST), bridges)


def _bridges(call: "Call", result: "Result") -> "list[str]":
    """Those that the container is behind."""
    return sorted({device for leg in chained.legs(call, result) if (device := chained.toward(leg.host))})


def described(call: "Call", result: "Result", policy: str) -> "tuple[Wiring, Record]":
    """What should be there."""
    owner = common.owner(call, PART)
    bridges = _bridges(call, result)
    elements = [e for bridge in bridges for e in table.device(bridge, ["bridges"], owner)]
    if policy == "same-bridge":
        elements += [table.pair("allowed", bridge, bridge, owner) for bridge in bridges]
    record = Record(owner, DEVICE, (), tuple(elements), netns=call.netns)
    ports: dict[str, Device] = {}
    if policy == "isolated" and bridges:
        bridge = chained.bridge_below(bridges[0], chained.host_ports(result, bridges[0]))
        there = chained.seen(bridge, chained.host_ports(result, bridge))
        ports = chained.with_option(there, bridge, chained.ISOLATED)
        record = replace(record, data=chained.data_of(record, there, ports, chained.ISOLATED))
    wiring = Wiring(State({HOST: Namespace(ports)}), {HOST: tuple(ports)}, tuple((HOST, name) for name in ports))
    return wiring, replace(record, data={**record.data, "shared": list(_SHARED)})


def delete(call: "Call") -> None:
    """What is said for the container; its bridge stays kept apart while another one on it needs that."""
    owner = common.owner(call, PART)
    # Without a record there may still be what a killed ADD left before it, and a killed DEL after it.
    _end(records.get(DEVICE, owner) or Record(owner, DEVICE))


def _end(record: Record) -> None:
    chained.put_back(record)
    attaching.detach(record)


def check(call: "Call") -> None:
    """CniError 102 where something is not as it was made."""
    result = common.previous(call)
    policy = _read(call)
    call.config.settle()
    if policy != "open":
        common.check_host(call, *described(call, result, policy))


def gc(call: "Call", valid: "Valid") -> None:
    """What is no longer valid."""
    stale = common.stale(call, valid, PART)
    common.each([*(lambda r=record: _end(r) for record in stale), lambda: common.collect(call, valid, PART)])


def status(call: "Call") -> None:
    """CniError 51 where somebody else's chain drops what should pass."""
    from ..protocol.errors import LIMITED_CONNECTIVITY, CniError

    _read(call)
    call.config.settle()
    bridged.needs_nft()
    dropped = in_the_way()
    if dropped:
        raise CniError(LIMITED_CONNECTIVITY, dropped[0], "; ".join(dropped[1:]))
