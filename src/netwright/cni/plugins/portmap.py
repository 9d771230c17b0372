"""The plugin `portmap`: ports of the host that lead to the container, from the capability portMappings.

    {"type": "portmap", "capabilities": {"portMappings": true}}

Every port is an element of a map, put in with all others in one transaction. A port that somebody has is an error that names him.
Where conditionsV4 or conditionsV6 say for which packets the ports are, those of that family are in a table of the container's own.
"""

from ...model.state import Namespace, State
from ...model.value import replace
from ...networks import attaching, conditional, firewall, flows, records, tables
from ...networks.records import Record
from ...networks.values import PROTOCOLS, Leg, Port
from ...networks.wiring import HOST, Bridge, Wiring, host_settings, localhost_routes
from ...plan import ops
from ..protocol.errors import CONFLICT, CniError
from . import bridged, chained, common, heirs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...model.state import Device
    from ...networks.conditional import Match
    from ..protocol.call import Call
    from ..protocol.result import Result
    from .common import Valid

CAPABILITIES: "tuple[str, ...]" = ("portMappings",)
DEVICE, PART = chained.PORTMAP
_RESERVERS = ("conmon", "docker-proxy", "rootlessport", "exe")  # they hold a container's port so that nobody else takes it


def add(call: "Call") -> "Result":
    """The result of the plugin before, as it came."""
    result = chained.before(call, "portmap")
    ports = mapped(call)
    matched(call)
    _refused(call)
    call.config.settle()
    if ports:
        legs = chained.legs(call, result)
        refuse_listened(ports)
        _without_table(call)
        wiring, record = described(call, result, legs, ports)
        heirs.attach(None, wiring, record)
        flows.forget(ports, legs)
    elif known := records.get(DEVICE, common.owner(call, PART)):
        _end(known)
    return result


def _refused(call: "Call") -> None:
    call.config.text("backend", choices=("iptables", "nftables", ""))
    for key in ("markMasqBit", "externalSetMarkChain", "masqAll"):
        if call.config.plain(key):
            chained.say(f"portmap: {key} has no effect: no packet is marked, for the set own4 or own6 says which are masqueraded")
    if call.config.plain("snat") is False:
        chained.say("portmap: snat: false has no effect: what comes from 127.0.0.1 could not be answered otherwise; all others keep their address")


def matched(call: "Call") -> "dict[int, Match]":
    """For which packets the ports of a family are, where that is said; mistakes go to the configuration's list. CniError 2."""
    out = {}
    for key, family in (("conditionsV4", 4), ("conditionsV6", 6)):
        if words := call.config.texts(key):
            from . import conditions

            try:
                out[family] = conditions.read(words, family)
            except ValueError as error:
                call.config.wrong(key, str(error))
            except CniError as error:
                raise CniError(error.code, f"{key}: {error.message}", error.details) from None
    return out


def _without_table(call: "Call") -> None:
    """An ADD again may say no conditions any more."""
    known = records.get(DEVICE, common.owner(call, PART))
    if known is not None and conditional.KEY in known.data and not matched(call):
        attaching.detach(known)


def mapped(call: "Call") -> "tuple[Port, ...]":
    """The capability portMappings; mistakes go to the configuration's list."""
    out = []
    for one in call.config.runtime_config.sections("portMappings"):
        protocol = one.text("protocol", "tcp").lower() or "tcp"
        if protocol not in PROTOCOLS:
            one.wrong("protocol", f'"{protocol[:20]}" has no ports; tcp, udp and sctp have')
        host, inside = one.number("hostPort", most=65535), one.number("containerPort", least=1, most=65535)
        address = one.address("hostIP")
        if host and "containerPort" not in one:
            one.wrong("containerPort", "it is missing")
        if host and protocol in PROTOCOLS:  # 0: exposed, and not published
            out.append(Port(protocol, address, host, inside))
    return tuple(dict.fromkeys(out))


def refuse_listened(ports: "tuple[Port, ...]") -> None:
    """A program of the host that listens there would be cut off. CniError 102 with its name."""
    from ...kernel.ports import hearing

    wanted = [(port.protocol, port.host_ip, port.host_port) for port in ports if port.protocol != "sctp"]
    for (protocol, _, number), found in hearing(wanted):
        if found.name not in _RESERVERS:
            fix = f"stop it, or take another port: ss -lnp sport = :{number}"
            raise CniError(CONFLICT, f"port {number}/{protocol} is taken by {found}", fix)


def described(call: "Call", result: "Result", legs: "tuple[Leg, ...]", ports: "tuple[Port, ...]") -> "tuple[Wiring, Record]":
    """What should be there: elements, a device that lets 127.0.0.1 and ::1 in, and ports that give a container's packets back to it."""
    owner = common.owner(call, PART)
    devices = {leg: chained.toward(leg.host) for leg in legs}
    conditions = matched(call)
    elements = [e for leg in legs if leg.family not in conditions for port in ports for e in firewall.published(port, leg, owner)]
    elements += [own for leg, device in devices.items() if device and not _is_known(own := firewall.own(leg, device, owner), owner)]
    device = next((d for d in devices.values() if d), "")
    data = conditional.data(owner, ports, legs, conditions) if conditions else {}
    record = Record(owner, DEVICE, (), tuple(elements), netns=call.netns, data=data)
    table = conditional.table(record)
    also = (ops.PutTable(table, HOST),) if table is not None else ()
    if not device:
        return Wiring(State({HOST: Namespace({})}), {HOST: ()}, also=also), record
    there = chained.seen(device, chained.host_ports(result, device))
    own_ports = chained.with_option(there, device, chained.HAIRPIN)
    record = replace(record, data={**data, **chained.data_of(record, there, own_ports, chained.HAIRPIN)})
    return replace(_opened(device, {leg.family for leg in legs}, there, own_ports), also=also), record


def _is_known(element: "tuple[str, str]", owner: str) -> bool:
    """The plugin before may have said it already; then it is its affair."""
    with attaching.on_host() as place:
        found = tables.find(place, *element)
    return found is not None and found[1] != owner


def _opened(device: str, families: "set[int]", there: Namespace, ports: "dict[str, Device]") -> Wiring:
    gateways = tuple(a.address for a in there.addresses if a.family in families and a.link == device)
    ways = frozenset(localhost_routes(Bridge(device, gateways)))
    devices = {device: there.devices[device], **ports}
    here = Namespace(devices, frozenset(), ways, sysctls=host_settings(device, families))
    return Wiring(State({HOST: here}), {HOST: tuple(devices)}, tuple((HOST, name) for name in devices))


def delete(call: "Call") -> None:
    """By the record: the runtime need not say the ports again. Without one, what the runtime says, as far as it is this owner's."""
    owner = common.owner(call, PART)
    _end(records.get(DEVICE, owner) or _derived(call, owner))


def _end(record: Record) -> None:
    chained.put_back(record)
    heirs.detach(record)
    forget(record)


def _derived(call: "Call", owner: str) -> Record:
    found = call.config.prev_result
    legs = chained.legs(call, found) if found else ()
    elements = [e for leg in legs for port in mapped(call) for e in firewall.published(port, leg, owner)]
    return Record(owner, DEVICE, (), tuple(elements), data={"tables": [[firewall.FAMILY, conditional.table_name(owner)]]})


def forget(record: Record) -> None:
    """Flows through its UDP ports end."""
    for name, element in record.elements:
        words = element.partition(" comment ")[0].split(" . ")
        if name.startswith("publish") and "udp" in words:
            target = element.rpartition(" : ")[2].split(" . ")
            flows.forget([Port("udp", "", int(words[-1]), int(target[1]))], [Leg(target[0])])
    if said := record.data.get(conditional.KEY):
        flows.forget([Port(*port) for port in said["ports"]], [Leg(address) for address in said["legs"]])


def check(call: "Call") -> None:
    """CniError 102 where a port is not published any more."""
    result = common.previous(call)
    ports = mapped(call)
    call.config.settle()
    if not ports:
        return
    wiring, record = described(call, result, chained.legs(call, result), ports)
    common.check_host(call, wiring, record)
    if lost := _lost(record):
        raise CniError(CONFLICT, f"{call.ifname} of {call.container} is not as it was made", f"{lost} (DEL, then ADD again)")


def _lost(record: Record) -> str:
    """What is not as it was with the table of ports that depend on conditions."""
    if conditional.KEY not in record.data:
        return ""
    from ...kernel import nfnetlink

    name = conditional.table_name(record.owner)
    with attaching.on_host() as place, nfnetlink.Nfnetlink(place.fd(HOST)) as netlink:
        if (firewall.FAMILY, name) not in nfnetlink.tables(netlink):
            return f"the table inet {name} of its published ports is gone"
        changes = conditional.changes(record, nfnetlink.rules(netlink, firewall.FAMILY, name))
    return f"in the table inet {name} of its published ports {'; '.join(changes)}" if changes else ""


def gc(call: "Call", valid: "Valid") -> None:
    """Ports of what is valid no more."""
    common.each([*map(_ending, common.stale(call, valid, PART)), lambda: common.collect(call, valid, PART)])


def _ending(record: Record) -> "Callable[[], None]":
    return lambda: _end(record)


def status(call: "Call") -> None:
    """Whether an ADD would work."""
    call.config.settle()
    bridged.needs_nft()
