"""The plugin `portmap`: ports of the host that lead to the container, from the capability portMappings.

    {"type": "portmap", "capabilities": {"portMappings": true}}

Every port is an element of a map, put in with all others in one transaction. A port that somebody has is an error that names him.
"""

from ...model.state import Namespace, State
from ...networks import attaching, firewall, flows, records, tables
from ...networks.records import Record
from ...networks.values import PROTOCOLS, Leg, Port
from ...networks.wiring import HOST, Bridge, Wiring, host_settings, localhost_routes
from ...plan import ops
from ..protocol.errors import CONFLICT, UNSUPPORTED_FIELD, CniError
from . import bridged, chained, common, heirs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..protocol.call import Call
    from ..protocol.result import Result
    from .common import Valid

CAPABILITIES: "tuple[str, ...]" = ("portMappings",)
DEVICE, PART = "@portmap", "portmap"
_RESERVERS = ("conmon", "docker-proxy", "rootlessport", "exe")  # they hold a container's port so that nobody else takes it


def add(call: "Call") -> "Result":
    """The result of the plugin before, as it came."""
    result = chained.before(call, "portmap")
    ports = mapped(call)
    _refused(call)
    call.config.settle()
    if ports:
        legs = chained.legs(call, result)
        refuse_listened(ports)
        wiring, record = described(call, result, legs, ports)
        heirs.attach(None, wiring, record)
        flows.forget(ports, legs)
    return result


def _refused(call: "Call") -> None:
    for key in ("conditionsV4", "conditionsV6"):
        if call.config.list(key):
            raise CniError(UNSUPPORTED_FIELD, f"{key}: {call.config.plain(key)}", "these are words of iptables; ports are elements of an nftables map here")
    call.config.text("backend", choices=("iptables", "nftables", ""))
    if call.config.plain("snat") is False:
        chained.say("portmap: snat: false has no effect: what comes from 127.0.0.1 could not be answered otherwise; all others keep their address")


def mapped(call: "Call") -> "tuple[Port, ...]":
    """The capability portMappings; mistakes go to the configuration's list."""
    out = []
    for one in call.config.runtime_config.sections("portMappings"):
        protocol = one.text("protocol", "tcp").lower() or "tcp"
        if protocol not in PROTOCOLS:
            one.wrong("protocol", f'"{protocol[:20]}" has no ports; tcp, udp and sctp have')
        host, inside = one.number("hostPort", most=65535), one.number("containerPort", least=1, most=65535)
        address = one.address("hostIP")
        if host:  # 0: exposed, and not published
            out.append(Port(protocol, address, host, inside))
    return tuple(dict.fromkeys(out))


def refuse_listened(ports: "tuple[Port, ...]") -> None:
    """A program of the host that listens there would be cut off. CniError 102 with its name."""
    from ...kernel.ports import owner

    for port in ports:
        found = owner(port.protocol, port.host_ip or "0.0.0.0", port.host_port) if port.protocol != "sctp" else None
        if found is not None and found.name not in _RESERVERS:
            fix = f"stop it, or take another port: ss -lnp sport = :{port.host_port}"
            raise CniError(CONFLICT, f"port {port.host_port}/{port.protocol} is taken by {found}", fix)


def described(call: "Call", result: "Result", legs: "tuple[Leg, ...]", ports: "tuple[Port, ...]") -> "tuple[Wiring, Record]":
    """What should be there: elements, and a device that lets 127.0.0.1 and ::1 in."""
    owner = common.owner(call, PART)
    devices = {leg: chained.toward(leg.host) for leg in legs}
    elements = [e for leg in legs for port in ports for e in firewall.published(port, leg, owner)]
    elements += [own for leg, device in devices.items() if device and not _is_known(own := firewall.own(leg, device, owner), owner)]
    device = next((d for d in devices.values() if d), "")
    record = Record(owner, DEVICE, (), tuple(elements), netns=call.netns)
    if not device:
        return Wiring(State({HOST: Namespace({})}), {HOST: ()}), record
    return _opened(device, {leg.family for leg in legs}, chained.host_ports(result, device)), record


def _is_known(element: "tuple[str, str]", owner: str) -> bool:
    """The plugin before may have said it already; then it is its affair."""
    with attaching.on_host() as place:
        found = tables.find(place, *element)
    return found is not None and found[1] != owner


def _opened(device: str, families: "set[int]", ports: "list[str]") -> Wiring:
    seen = attaching.seen(device).namespaces[HOST]
    gateways = tuple(a.address for a in seen.addresses if a.family in families)
    ways = frozenset(localhost_routes(Bridge(device, gateways)))
    here = Namespace(seen.devices, frozenset(), ways, sysctls=host_settings(device, families))
    # A container that asks for its own published port gets the answer through the port that it asked by.
    kind = seen.devices[device].kind if device in seen.devices else ""
    info = {"kind": "bridge_slave", "slave_kind": "bridge", "slave_data": {"mode": 1}}
    also = tuple(ops.SetLink({"index": port}, {"linkinfo": info}, HOST) for port in ports) if kind == "bridge" else ()
    return Wiring(State({HOST: here}), {HOST: (device,)}, ((HOST, device),), also=also)


def delete(call: "Call") -> None:
    """By the record: the runtime need not say the ports again. Without one, what the runtime says, as far as it is this owner's."""
    owner = common.owner(call, PART)
    record = records.get(DEVICE, owner) or _derived(call, owner)
    heirs.detach(record)
    forget(record)


def _derived(call: "Call", owner: str) -> Record:
    found = call.config.prev_result
    legs = chained.legs(call, found) if found else ()
    elements = [e for leg in legs for port in mapped(call) for e in firewall.published(port, leg, owner)]
    return Record(owner, DEVICE, (), tuple(elements))


def forget(record: Record) -> None:
    """Flows through its UDP ports end."""
    for name, element in record.elements:
        words = element.partition(" comment ")[0].split(" . ")
        if name.startswith("publish") and "udp" in words:
            target = element.rpartition(" : ")[2].split(" . ")
            flows.forget([Port("udp", "", int(words[-1]), int(target[1]))], [Leg(target[0])])


def check(call: "Call") -> None:
    """CniError 102 where a port is not published any more."""
    result = common.previous(call)
    ports = mapped(call)
    call.config.settle()
    if not ports:
        return
    owner = common.owner(call, PART)
    wanted = [e for leg in chained.legs(call, result) for port in ports for e in firewall.published(port, leg, owner)]
    with attaching.on_host() as place:
        lost = tables.missing(place, wanted)
    if lost:
        said = ", ".join(element.partition(" comment ")[0] for _, element in lost)
        raise CniError(CONFLICT, f"ports of {call.container} are not published: {said}", "somebody flushed the rules: DEL, then ADD again")


def gc(call: "Call", valid: "Valid") -> None:
    """Ports of what is valid no more."""
    common.collect(call, valid, PART)


def status(call: "Call") -> None:
    """Whether an ADD would work."""
    call.config.settle()
    bridged.needs_nft()
