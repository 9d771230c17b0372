"""Devices that are made in the container itself, on a device below or alone: what macvlan, ipvlan, vlan, dummy and tap have in common.

    add      the IPAM plugin, the device with its addresses and routes; for DHCP the device first, which it asks through
    delete   what came by DHCP is given back while the device is there; then the device, then the addresses
    check    the plan from what is there to what ADD made is empty
"""

import os

from ...errors import NetwrightError
from ...model.state import Device, Namespace, State
from ...model.value import replace, value
from ...networks import attaching, records
from ...networks.records import Record
from ...networks.wiring import BOX, HOST, Wiring, address, key
from .. import delegate
from ..identity import identity
from ..protocol.errors import CONFLICT, INVALID_CONFIG, NOT_AVAILABLE, CniError
from ..protocol.result import Result
from . import chained, common, ways

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ...engine.narrow import Spots
    from ...model.state import End, Pairs
    from ..protocol.call import Call
    from ..protocol.result import Interface
    from .common import Valid

_MOST = 0x7FFFFFFF


@value
class Made:
    """A device as it is wanted: `below` is (namespace, device) or None, `mtu` 0 and `mac` "" for the kernel's choice.

    `options` are the kernel's, by name. `before` makes it where the kernel takes no netlink message for that (tap): it gets the open
    file of the container's namespace.
    """

    kind: str
    below: "End | None" = None
    mtu: int = 0
    mac: str = ""
    options: "Pairs" = ()
    master: str = ""
    before: "Callable[[int], None] | None" = None


def wired(call: "Call", made: Made, result: Result) -> Wiring:
    """What should be there: the device up, the result's addresses and routes, neighbours that are told."""
    name, mine = call.ifname, result.addresses
    devices = {name: Device(made.kind, lower=made.below, master=made.master, up=True, mtu=made.mtu, address=made.mac, options=made.options)}
    addresses = frozenset(address(leg, name) for leg in common.legs(mine))
    routes = frozenset(common.in_container(result.routes, mine, name))
    there = Namespace(devices, addresses, routes, sysctls=dict(_settings(name, {a.family for a in mine})))
    return Wiring(State({HOST: Namespace({}), BOX: there}), {HOST: (), BOX: (name,)})


def _settings(name: str, families: "set[int]") -> "Iterator[tuple[str, str]]":
    if 4 in families:
        yield f"net.ipv4.conf.{key(name)}.arp_notify", "1"
    if 6 in families:
        yield f"net.ipv6.conf.{key(name)}.disable_ipv6", "0"  # some runtimes switch it off for devices to come
        yield f"net.ipv6.conf.{key(name)}.ndisc_notify", "1"


# -- ADD -------------------------------------------------------------------------------------------------------------------------


def add(call: "Call", made: Made, inside: int, *, addresses: bool = False) -> Result:
    """Make it. `addresses`: without any it would be of no use. On any error nothing is left, and what was there before stays."""
    plugin = delegate.ipam(call)
    if addresses and not call.config.ipam.text("type"):
        call.config.wrong("ipam.type", f"{call.config.type} interface requires an IPAM configuration; host-local, static and dhcp are there")
    call.config.settle()
    fresh = is_fresh(call, made.kind, inside)
    try:
        if fresh and delegate.needs_device(call):
            _attached(call, made, Result(), inside)
        return common.with_ipam(call, plugin, lambda found: _attached(call, made, with_addresses(call, found), inside))
    except (NetwrightError, OSError):
        if fresh:
            common.take_back(lambda: remove(call, made.kind))
        raise


def is_fresh(call: "Call", kind: str, inside: int) -> bool:
    """Whether it is not there yet. CniError 102 where the name is somebody else's; a second ADD finds its own device."""
    from ...engine.narrow import Spots

    with Spots({BOX: inside}) as place:
        if place.session(BOX).link(call.ifname) is None:
            return True
    if records.get(device(kind), common.owner(call)) is None:
        fix = f"use another interface name, or remove it: ip link del {call.ifname}"
        raise CniError(CONFLICT, f'there is a device "{call.ifname}" in the container already', fix)
    return False


def adopt(call: "Call", made: Made, before: Result, inside: int) -> Result:
    """Make it with the addresses of the plugin before, instead of an IPAM plugin's."""
    is_fresh(call, made.kind, inside)
    return replace(_attached(call, made, before, inside), dns=common.dns_of(call, before.dns))


def with_addresses(call: "Call", found: Result) -> Result:
    if call.config.ipam.text("type") and not found.addresses:
        raise CniError(INVALID_CONFIG, "IPAM plugin returned missing IP config", "give ipam a range or addresses")
    return found


def _attached(call: "Call", made: Made, found: Result, inside: int) -> Result:
    mine = tuple(replace(a, interface=0) for a in found.addresses)
    result = Result((), mine, found.routes, common.dns_of(call, found.dns))
    record = Record(common.owner(call), device(made.kind), netns=call.netns, data={"kind": made.kind, "netns": identity(inside)})
    if made.before is not None:
        if records.get(record.device, record.owner) is None:
            records.put(record)  # first: who is killed in between leaves a device that can be found
        made.before(inside)
    wiring, record = ways.apart(inside, wired(call, made, result), record)
    after = attaching.attach(inside, wiring, record)
    return replace(result, interfaces=(told(call, after),))


def told(call: "Call", after: State) -> "Interface":
    """The device as the result tells it."""
    return common.interface(after, BOX, call.ifname, call.netns)


def device(kind: str) -> str:
    """Where records of devices of a kind are kept."""
    return f"@{kind}"


# -- what is below ---------------------------------------------------------------------------------------------------------------


def master(call: "Call", inside: int, *, needed: bool = False) -> "tuple[End, int]":
    """The device that `master` names, and its MTU; without the key the one of the default route. CniError 7."""
    name = call.config.text("master")
    if needed and not name:
        call.config.wrong("master", "it is required: the device of the host to make this one on")
    call.config.number("mtu", most=_MOST)
    call.config.settle()
    return below(call, inside, name)


def below(call: "Call", inside: int, name: str) -> "tuple[End, int]":
    """A device of the host ("": that of the default route), with `linkInContainer` one of the container; and its MTU. CniError 7."""
    from ...engine.narrow import Spots

    where = BOX if call.config.flag("linkInContainer") else HOST
    with Spots({HOST: None, BOX: inside}) as place:
        name = name or default_device(place, where)
        link = place.session(where).link(name)
    if link is None:
        here = "in the container" if where == BOX else "on the host"
        raise CniError(INVALID_CONFIG, f'failed to lookup master "{name}": there is no such device {here}', "see: ip link")
    return (where, str(link["ifname"])), int(link.get("mtu", 0))


def default_device(place: "Spots", where: str) -> str:
    """The device of the default route, IPv4's before IPv6's, of the smallest metric. CniError 7."""
    from ...engine import observe

    ways = [r for r in observe.routes(place.session(where)) if r.to == "default" and (r.link or r.nexthops)]
    if not ways:
        raise CniError(INVALID_CONFIG, "no default route interface found", 'say which device with "master"')
    best = min(ways, key=lambda r: (r.family, r.metric))
    return best.link or best.nexthops[0].link


def mtu(call: "Call", most: int) -> int:
    """The key `mtu`: no more than the device below has."""
    found = call.config.number("mtu", most=_MOST)
    if found > most:
        call.config.wrong("mtu", f"invalid MTU {found}, must be [0, master MTU({most})]")
        return 0
    return found


def mac(call: "Call") -> str:
    """The hardware address: the key `mac`, before it CNI_ARGS MAC, before that the capability."""
    return common.checked_mac(call.config, common.mac_wanted(call) or call.config.text("mac"))


def choice(call: "Call", name: str, choices: "dict[str, int]", default: str) -> int:
    """A word of the configuration as the kernel's number."""
    word = call.config.text(name) or default
    if word not in choices:
        call.config.wrong(name, f'"{word[:40]}" is none of {", ".join(choices)}')
    return choices.get(word, choices[default])


# -- DEL, CHECK, GC, STATUS --------------------------------------------------------------------------------------------------------


def delete(call: "Call", kind: str) -> None:
    """The device and its addresses, whatever of them is still there."""
    common.delete_with_ipam(call, lambda: remove(call, kind))


def remove(call: "Call", kind: str) -> None:
    """The device, where the container still has it."""
    owner = common.owner(call)
    inside = still_there(call.netns, records.get(device(kind), owner))
    if inside is not None:
        try:
            _delete_device(inside, call.ifname, kind)
        finally:
            os.close(inside)
    records.remove(device(kind), owner)


def still_there(netns: str, record: "Record | None") -> "int | None":
    """The container's namespace: where the runtime says it is, or where it was at ADD, if that is still the same one."""
    inside = chained.inside_if_there(netns) if netns else None
    if inside is not None or record is None or not record.netns:
        return inside
    inside = chained.inside_if_there(record.netns)
    if inside is not None and identity(inside) != record.data.get("netns"):
        os.close(inside)
        return None
    return inside


def _delete_device(inside: int, name: str, kind: str) -> None:
    from ...engine.enact import enact
    from ...engine.narrow import Spots
    from ...plan import ops

    with Spots({BOX: inside}) as place:
        link = place.session(BOX).link(name)
        info = link.get("linkinfo") if link is not None else None
        if info and info.get("kind") == kind:
            enact([ops.DeleteLink({"index": name}, {}, BOX)], place)


def check(call: "Call", made: Made) -> None:
    """CniError 102 where something is not as ADD made it."""
    result = common.previous(call)
    mine = common.of_interface(call, result)
    found = next((one for one in result.interfaces if one.name == call.ifname and one.sandbox == call.netns), None)
    if found is None:
        raise CniError(INVALID_CONFIG, f"prevResult has no {call.ifname} in {call.netns}", "CHECK gets the result of the ADD")
    wanted = replace(made, mac=made.mac or found.mac, mtu=made.mtu or found.mtu)
    record = Record(common.owner(call), device(made.kind))
    wiring = ways.as_made(wired(call, wanted, replace(result, addresses=mine)), records.get(record.device, record.owner))
    common.check(call, wiring, record)
    delegate.ipam(call).check(call)


def check_described(call: "Call", described: "Callable[[Call, int], Made]") -> None:
    """The same for what `described` says; it looks at the host's devices from the container's open namespace."""
    inside = common.opened(call)
    try:
        wanted = described(call, inside)
    finally:
        os.close(inside)
    check(call, wanted)


def gc(call: "Call", valid: "Valid", kind: str) -> None:
    """Devices of attachments that are valid no more, in namespaces that are still those of then; and addresses."""
    stale = [record for record in common.stale(call, valid) if record.device == device(kind)]
    common.each([*(lambda r=record: collect(r, kind) for record in stale), lambda: delegate.ipam(call).gc(call, valid)])


def collect(record: Record, kind: str) -> None:
    """One of them."""
    inside = still_there("", record)
    if inside is not None:
        try:
            _delete_device(inside, record.owner.split("/")[3], kind)
        finally:
            os.close(inside)
    records.remove(record.device, record.owner)


def status(call: "Call", kind: str) -> None:
    """CniError 50 where the kernel has no such devices; and what the IPAM plugin says."""
    from ...kernel import probe

    call.config.settle()
    answer = probe.ask(kind)
    if answer.has == probe.NO:
        raise CniError(NOT_AVAILABLE, f"no device of the type {kind} can be made", answer.why)
    delegate.ipam(call).status(call)
