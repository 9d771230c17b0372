"""The plugin `ptp`: a cable of its own for each container, and routes at both ends instead of a bridge.

    {"type": "ptp", "ipMasq": true, "ipam": {…}}

The container reaches even its own subnet by way of the host: its addresses make no connected route, and the gateway's address is that
of the host's end.
"""

import os

from ...model.address import Address
from ...model.addressing import around, split
from ...model.state import Device, Namespace, State
from ...model.value import replace
from ...networks import attaching, firewall, records
from ...networks.records import Record
from ...networks.wiring import BOX, FORWARDING, HOST, Bridge, Wiring, key, localhost_routes, route, whole
from .. import delegate
from ..protocol.errors import INVALID_CONFIG, CniError
from ..protocol.result import Dns, Result
from . import bridged, chained, common, ways

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model.route import Route
    from ...networks.values import Leg
    from ..protocol.call import Call
    from .common import Valid

CAPABILITIES: "tuple[str, ...]" = ("ips", "ipRanges")
DEVICE = "@ptp"


def add(call: "Call") -> Result:
    """The cable, the addresses, the routes."""
    _read(call)
    plugin = delegate.ipam(call)
    if not call.config.ipam.text("type"):
        raise CniError(INVALID_CONFIG, "ptp needs an ipam plugin", 'add "ipam": {"type": "host-local", …}')
    delegate.read_too(call)
    call.config.settle()
    inside = common.opened(call)
    try:
        return common.with_ipam(call, plugin, lambda found: _attached(call, found, inside))
    finally:
        os.close(inside)


def _read(call: "Call") -> tuple[int, bool]:
    config = call.config
    config.text("ipMasqBackend", choices=("iptables", "nftables", ""))
    common.dns_of(call, Dns())
    return config.number("mtu", most=65535), config.flag("ipMasq")


def _attached(call: "Call", found: Result, inside: int) -> Result:
    if not found.addresses:
        raise CniError(INVALID_CONFIG, "IPAM plugin returned missing IP config", "give ipam a range or addresses")
    addresses = tuple(replace(a, interface=1) for a in common.with_gateways(found.addresses))
    result = Result((), addresses, found.routes, common.dns_of(call, found.dns))
    wiring, record = ways.apart(inside, *described(call, result))
    after = attaching.attach(inside, wiring, record)
    return replace(result, interfaces=common.cable(call, after, "", record.ports[0]))


def described(call: "Call", result: Result) -> "tuple[Wiring, Record]":
    """What should be there."""
    mtu, masquerade = _read(call)
    owner = common.owner(call)
    port, legs = common.port_name(owner), common.legs(result.addresses)
    families = {leg.family for leg in legs}
    here = Namespace(
        {port: Device("veth", peer=(BOX, call.ifname), up=True, mtu=mtu)},
        frozenset(_address(f"{leg.gateway}/{128 if leg.family == 6 else 32}", port) for leg in legs),
        frozenset([*(_link_route(whole(leg), port) for leg in legs), *_localhost(owner, port, legs)]),
        sysctls={FORWARDING[f]: "1" for f in sorted(families)} | ({f"net.ipv6.conf.{key(port)}.accept_ra": "0"} if 6 in families else {}),
    )
    inside = {*_ways(call, result), *common.in_container(result.routes, result.addresses, call.ifname)}
    there = Namespace(
        {call.ifname: Device("veth", peer=(HOST, port), up=True, mtu=mtu)},
        frozenset(_address(leg.address, call.ifname, "noprefixroute") for leg in legs),
        frozenset(inside),
    )
    elements = [e for leg in legs for e in ([firewall.source(leg, owner), firewall.own(leg, port, owner)] if masquerade else [])]
    wiring = Wiring(State({HOST: here, BOX: there}), {HOST: (port,), BOX: (call.ifname,)})
    return wiring, Record(owner, DEVICE, (port,), tuple(elements), netns=call.netns)


def _address(text: str, device: str, *flags: str) -> Address:
    family = 6 if ":" in text else 4
    return Address(text, device, family, flags=("nodad", *flags) if family == 6 else flags)


def _link_route(to: str, device: str) -> "Route":
    family = 6 if ":" in to else 4
    return route(to, "", device, family, scope="link" if family == 4 else "global")


def _localhost(owner: str, port: str, legs: "tuple[Leg, ...]") -> "list[Route]":
    """What portmap puts there, when it has."""
    return localhost_routes(Bridge(port, tuple(leg.gateway for leg in legs))) if chained.HAIRPIN in chained.asked_of(owner) else []


def _ways(call: "Call", result: Result) -> "Iterator[Route]":
    """Inside: straight to the gateway, and by the gateway to the rest of the subnet; each from the address that it is for."""
    for a in result.addresses:
        number, family, length = split(a.address)
        yield replace(_link_route(f"{a.gateway}/{128 if family == 6 else 32}", call.ifname), source=a.host)
        if length < (128 if family == 6 else 32):
            yield replace(route(str(around(number, family, length)), a.gateway, call.ifname, family), source=a.host)


def delete(call: "Call") -> None:
    """The cable, its rules, its addresses."""
    owner = common.owner(call)
    record = records.get(DEVICE, owner) or Record(owner, DEVICE, (common.port_name(owner),), _elements(call, owner))
    common.each([lambda: attaching.detach(record), lambda: delegate.ipam(call).delete(call)])


def _elements(call: "Call", owner: str) -> "tuple[tuple[str, str], ...]":
    found = call.config.prev_result
    port = common.port_name(owner)
    legs = common.legs(found.addresses) if found else ()
    return tuple(e for leg in legs for e in (firewall.source(leg, owner), firewall.own(leg, port, owner)))


def check(call: "Call") -> None:
    """CniError 102 where something is not as it was made."""
    result = common.previous(call)
    wiring, record = described(call, result)
    common.check(call, ways.as_made(wiring, records.get(DEVICE, record.owner)), record)
    delegate.ipam(call).check(call)


def gc(call: "Call", valid: "Valid") -> None:
    """What is no longer valid, and its addresses."""
    common.each([lambda: common.collect(call, valid), lambda: delegate.ipam(call).gc(call, valid)])


def status(call: "Call") -> None:
    """Whether an ADD would work."""
    if _read(call)[1]:
        bridged.needs_nft()
    call.config.settle()
    delegate.ipam(call).status(call)
