"""Attaching to a bridge: what `bridge` and `netwright` have in common."""

import os

from ...errors import NetwrightError
from ...model.addressing import around, split
from ...model.value import replace, value
from ...networks import attaching, firewall, records
from ...networks.records import Record
from ...networks.values import Attachment
from ...networks.wiring import BOX, HOST, Bridge, Wiring, on_bridge, without_link_local
from ...plan import ops
from .. import delegate
from ..protocol.errors import CONFLICT, NOT_AVAILABLE, CniError
from ..protocol.result import Dns, Result
from . import chained, common, heirs, vlans, ways

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model.address import Address
    from ...networks.bandwidth import Shape
    from ...networks.values import Port
    from ..main import Plugin
    from ..protocol.call import Call
    from .vlans import Ground, Vlans

_PROMISCUOUS = 0x100  # IFF_PROMISC


@value
class Settings:
    """The configuration's own keys, in upstream's words."""

    bridge: str
    gateway: bool = False
    default_gateway: bool = False
    force_address: bool = False
    masquerade: bool = False
    mtu: int = 0
    hairpin: bool = False
    promiscuous: bool = False
    spoof_check: bool = False
    isolated: bool = False
    detect: bool = False
    down: bool = False
    mac: str = ""
    vlans: "Vlans" = vlans.Vlans()

    @property
    def routed(self) -> str:
        """The host's device that leads to the containers."""
        return vlans.gateway_name(self.bridge, self.vlans) if self.gateway else self.bridge


@value
class Besides:
    """What comes with the cable in the same go: `ports` are published, `elements` put into the firewall (`shared`: the sets in which
    others on the bridge can have them too), `shape` limits what goes through. `plain`: no link-local address where there is no IPv6."""

    ports: "tuple[Port, ...]" = ()
    elements: "tuple[tuple[str, str], ...]" = ()
    shared: "tuple[str, ...]" = ()
    shape: "Shape | None" = None
    plain: bool = False


NOTHING = Besides()


def settings(call: "Call", bridge: str = "cni0") -> Settings:
    """What the configuration says. CniError 7 with all mistakes, CniError 2 for what this cannot do."""
    config = call.config
    if call.command == "ADD":
        call.only_args("MAC", "IP", "GATEWAY")
    default = config.flag("isDefaultGateway")
    found = Settings(
        config.text("bridge") or bridge, config.flag("isGateway") or default, default, config.flag("forceAddress"), config.flag("ipMasq"),
        config.number("mtu", most=65535), config.flag("hairpinMode"), config.flag("promiscMode"), config.flag("macspoofchk"),
        config.flag("portIsolation"), config.flag("enabledad"), config.flag("disableContainerInterface"),
        common.checked_mac(config, common.mac_wanted(call)), vlans.asked(config),
    )  # fmt: skip
    config.text("ipMasqBackend", choices=("iptables", "nftables", ""))
    _contradictions(call, found)
    return found


def _contradictions(call: "Call", found: Settings) -> None:
    config = call.config
    if found.hairpin and found.promiscuous:
        config.wrong("hairpinMode", "it cannot be on together with promiscMode: both carry packets back to where they came from")
    if found.down and config.ipam.text("type"):
        config.wrong("disableContainerInterface", "an interface that stays down cannot have addresses: leave ipam out")
    if not is_bridge_name(found.bridge):
        config.wrong("bridge", f'"{found.bridge[:40]}" is no name of a device: 1 to 15 characters, none of / : * " \\ and blanks')
    vlans.check_names(config, found.bridge, found.routed)
    common.dns_of(call, Dns())  # read once here, so that its mistakes are told with the others, before anything is done
    delegate.read_too(call)
    config.settle()
    if found.vlans.filtering and call.command in ("ADD", "CHECK"):
        vlans.refuse_without_kernel(config)


def is_bridge_name(text: str) -> bool:
    """What the kernel takes, and nft(8) does not take for more than one device."""
    fits = 0 < len(text.encode("utf-8", "surrogateescape")) <= 15 and text not in (".", "..")
    return fits and text.isprintable() and not any(c in '/:*"\\' or c.isspace() for c in text)


# -- ADD -------------------------------------------------------------------------------------------------------------------------


def add(call: "Call", how: Settings, besides: Besides = NOTHING) -> Result:
    """Attach. On any error nothing is left."""
    plugin = delegate.ipam(call)
    call.config.settle()
    inside = common.opened(call)
    try:
        if delegate.needs_device(call):
            return _device_first(call, how, plugin, inside, besides)
        return common.with_ipam(call, plugin, lambda found: _attached(call, how, found, inside, besides))
    finally:
        os.close(inside)


def _device_first(call: "Call", how: Settings, plugin: "Plugin", inside: int, besides: Besides) -> Result:
    """An IPAM plugin that asks somebody on the network, as DHCP does, needs the device. One that was there before stays."""
    owner = common.owner(call)
    port = common.port_name(owner)
    fresh = records.get(how.bridge, owner) is None or port not in attaching.seen(port).namespaces[HOST].devices
    if fresh:
        _attached(call, how, Result(), inside, NOTHING)
    try:
        return common.with_ipam(call, plugin, lambda found: _attached(call, how, found, inside, besides))
    except (NetwrightError, OSError):
        if fresh:
            common.take_back(lambda: delete_device(call))
        raise


def _attached(call: "Call", how: Settings, found: Result, inside: int, besides: Besides) -> Result:
    if not found.addresses and call.config.ipam.text("type") in ("host-local", "static"):
        from ..protocol.errors import INVALID_CONFIG

        raise CniError(INVALID_CONFIG, "IPAM plugin returned missing IP config", "give ipam a range or addresses")
    result = _completed(call, how, found)
    there = _ground(call, how)
    wiring, record = ways.apart(inside, *described(call, how, result, besides, there))
    wiring = replace(wiring, dropped=_dropped(how, wiring))
    try:
        after = heirs.attach(inside, wiring, _with_gateway(record, wiring, how, there))
    except (NetwrightError, OSError):
        common.take_back(lambda: vlans.close(how.bridge, how.vlans.access))
        raise
    interfaces = common.cable(call, after, how.bridge, record.ports[0])
    if how.routed != how.bridge and how.routed in after.namespaces[HOST].devices:
        interfaces += (common.interface(after, HOST, how.routed),)
    return replace(result, interfaces=interfaces)


def _ground(call: "Call", how: Settings) -> "Ground":
    """What is there of VLANs before."""
    return vlans.ground(how.bridge, common.port_name(common.owner(call)), how.vlans) if how.vlans.filtering else vlans.NEW


def _with_gateway(record: Record, wiring: Wiring, how: Settings, there: "Ground") -> Record:
    """The gateway of the VLAN goes with the last who needs it; that of somebody else stays."""
    if how.routed == how.bridge or there.gateway is not None or how.routed not in wiring.only[HOST]:
        return record
    return replace(record, data={**record.data, attaching.COMMON: [how.routed]})


def _completed(call: "Call", how: Settings, found: Result) -> Result:
    """With gateways, default routes, and the place of the interface in the list."""
    addresses = common.with_gateways(found.addresses) if how.gateway else found.addresses
    addresses = tuple(replace(a, interface=2) for a in addresses)
    routes = found.routes + (common.default_routes(addresses, found.routes) if how.default_gateway else ())
    return Result((), addresses, routes, common.dns_of(call, found.dns))


def described(call: "Call", how: Settings, result: Result, besides: Besides = NOTHING, there: "Ground" = vlans.NEW) -> "tuple[Wiring, Record]":
    """What should be there. `there`: what is there of VLANs already."""
    owner = common.owner(call)
    port = common.port_name(owner)
    legs = common.legs(result.addresses)
    gateways = tuple(f"{a.gateway}/{a.address.partition('/')[2]}" for a in result.addresses) if how.gateway else ()
    routes = common.in_container(result.routes, result.addresses, call.ifname)
    mac = how.mac or (known_mac(owner) if how.spoof_check else "")
    asked = chained.asked_of(owner)
    isolated, hairpin = how.isolated or chained.ISOLATED in asked, how.hairpin or bool(besides.ports) or chained.HAIRPIN in asked
    a = Attachment(owner, call.config.name, how.routed, port, call.ifname, legs, routes, mac, how.mtu, how.masquerade, isolated, hairpin, besides.ports)
    wiring = _on_bridge(a, how, tuple(dict.fromkeys(gateways)), there)
    wiring = without_link_local(wiring) if besides.plain else wiring
    elements = [*_elements(a, how.bridge), *besides.elements]
    data: dict[str, object] = {"tables": [["bridge", _table_name(port)]]} if how.spoof_check else {}
    data |= {"shared": list(besides.shared)} if besides.shared else {}
    wiring, ports = _limited(_special(call, how, a, wiring), port, besides)
    return wiring, Record(owner, how.bridge, ports, tuple(elements), netns=call.netns, data=data)


def _on_bridge(a: Attachment, how: Settings, gateways: "tuple[str, ...]", there: "Ground") -> Wiring:
    if not how.vlans.filtering:
        return on_bridge(a, Bridge(how.bridge, gateways, how.mtu, pinned(how.bridge)))
    inside = how.routed == how.bridge
    switch = Bridge(how.bridge, gateways if inside else (), how.mtu, pinned(how.bridge), ((vlans.FILTERING, 1),))
    wiring = vlans.with_vlans(on_bridge(a, switch), a.port, how.vlans, there)
    if inside or not gateways:
        return wiring
    return vlans.with_gateway(wiring, Bridge(how.bridge, gateways, how.mtu, pinned(how.routed)), how.vlans, there)


def _limited(wiring: Wiring, port: str, besides: Besides) -> "tuple[Wiring, tuple[str, ...]]":
    """With the limits, and the devices of the host that are the attachment's own."""
    shape = besides.shape
    if shape is None:
        return wiring, (port,)
    from ...networks.bandwidth import on_wiring

    return on_wiring(wiring, port, shape), (port, shape.device) if shape.back.rate else (port,)


def pinned(bridge: str) -> str:
    """A new bridge's hardware address, which does not change with its ports."""
    from zlib import crc32

    digest = crc32(bridge.encode("utf-8", "surrogateescape"))
    return "02:6e:" + digest.to_bytes(4, "big").hex(":")


def _elements(a: Attachment, bridge: str) -> "list[tuple[str, str]]":
    """`own` also of the bridge below a VLAN's gateway: br_netfilter shows the rules what goes from port to port, as going to the bridge."""
    out = []
    devices = dict.fromkeys((a.device, bridge))
    for leg in a.legs:
        if a.masquerade:
            out.append(firewall.source(leg, a.owner))
        if a.masquerade or a.ports:
            out += [firewall.own(leg, device, a.owner) for device in devices]
        for port in a.ports:
            out += firewall.published(port, leg, a.owner)
    return out


def _special(call: "Call", how: Settings, a: Attachment, wiring: Wiring) -> Wiring:
    """What is asked for seldom: a device that stays down, duplicate address detection, a promiscuous bridge, a guard against
    forged hardware addresses."""
    if how.down or how.detect:
        box = wiring.want.namespaces[BOX]
        if how.down:
            box = replace(box, devices={**box.devices, a.interface: replace(box.devices[a.interface], up=False)})
        if how.detect:
            box = replace(box, addresses=frozenset(replace(one, flags=()) for one in box.addresses))
        wiring = replace(wiring, want=replace(wiring.want, namespaces={**wiring.want.namespaces, BOX: box}))
    also: list[ops.Op] = []
    if how.promiscuous:
        also.append(ops.SetLink({"index": how.bridge, "flags": _PROMISCUOUS, "change": _PROMISCUOUS}, {}, HOST))
    if how.spoof_check:
        also.append(_guard(a.port, a.mac))
    return replace(wiring, also=(*wiring.also, *also))


def known_mac(owner: str) -> str:
    """A hardware address for a container that is watched: it has to be known before the device is there."""
    from zlib import crc32

    return "02:6d:" + crc32(owner.encode("utf-8", "surrogateescape")).to_bytes(4, "big").hex(":")


def _guard(port: str, mac: str) -> ops.PutTable:
    """No frame of another sender gets from the port into the bridge."""
    from ...model.nft import Chain, Table

    chain = Chain((f'iifname "{port}" ether saddr != {mac} drop',), "filter", "prerouting", "-300")
    return ops.PutTable(Table("bridge", _table_name(port), chains={"guard": chain}), HOST)


def _table_name(port: str) -> str:
    return f"netwright-{port}"


def _dropped(how: Settings, wiring: Wiring) -> "frozenset[Address]":
    """Addresses of the bridge that stand in the way, which forceAddress takes away; CniError 102 without it."""
    wanted = [a for a in wiring.want.namespaces[HOST].addresses if a.link == how.routed]
    if not wanted:
        return frozenset()
    have = [a for a in attaching.seen(how.routed).namespaces[HOST].addresses if a.address not in {w.address for w in wanted}]
    others = [h for h in have for w in wanted if h.family == w.family and (w.family == 4 or _overlap(h.address, w.address))]
    if others and not how.force_address:
        what = f'"{how.routed}" already has an IP address different from {", ".join(sorted(w.address for w in wanted))}'
        raise CniError(CONFLICT, what, f'it has {", ".join(sorted(h.address for h in others))}: take another bridge, or "forceAddress": true')
    return frozenset(others)


def _overlap(one: str, other: str) -> bool:
    return around(*split(one)).overlaps(around(*split(other)))


# -- DEL, CHECK, STATUS ------------------------------------------------------------------------------------------------------------


def delete(call: "Call") -> None:
    """The attachment and its addresses."""
    common.delete_with_ipam(call, lambda: delete_device(call))


def delete_device(call: "Call") -> None:
    """By the record; where that is lost, by the name that only this attachment's device can have."""
    owner = common.owner(call)
    device = call.config.text("bridge") or "cni0"
    record = records.get(device, owner) or _elsewhere(owner) or _derived(call, device, owner)
    heirs.detach(record)


def _elsewhere(owner: str) -> "Record | None":
    """The configuration may have another bridge by now."""
    return next((one for one in records.everything() if one.owner == owner), None)


def _derived(call: "Call", device: str, owner: str) -> Record:
    """What there can be of an attachment that is not written down (any more): not surely its own, so owners are compared."""
    config = call.config
    found, gateway = config.prev_result, config.flag("isGateway") or config.flag("isDefaultGateway")
    routed = vlans.gateway_name(device, vlans.asked(config)) if gateway else device
    elements: list[tuple[str, str]] = []
    for leg in common.legs(found.addresses) if found else ():
        elements += [firewall.source(leg, owner), *(firewall.own(leg, one, owner) for one in dict.fromkeys((routed, device)))]
    port = common.port_name(owner)
    return Record(owner, device, (port,), tuple(elements), data={"tables": [["bridge", _table_name(port)]]})


def check(call: "Call", how: Settings, besides: Besides = NOTHING) -> None:
    """Against the result of ADD."""
    result = common.previous(call)
    wiring, record = described(call, how, replace(result, addresses=common.of_interface(call, result)), besides, _ground(call, how))
    common.check(call, ways.as_made(vlans.unsaid(wiring), records.get(record.device, record.owner)), record)
    lost = _lost(how, record.ports[0]) or (vlans.lost(wiring.want, vlans.on_host()) if how.vlans.filtering else "")
    if lost:
        raise CniError(CONFLICT, f"{call.ifname} of {call.container} is not as it was made", f"{lost} (DEL, then ADD again)")


def _lost(how: Settings, port: str) -> str:
    """What of `also` is not there any more."""
    from ...kernel import nfnetlink

    with attaching.on_host() as place:
        if how.promiscuous and not (place.session(HOST).link(how.bridge) or {"flags": 0})["flags"] & _PROMISCUOUS:
            return f"{how.bridge} is not promiscuous"
        if how.spoof_check:
            with nfnetlink.Nfnetlink(place.fd(HOST)) as netlink:
                if ("bridge", _table_name(port)) not in nfnetlink.tables(netlink):
                    return f"the table bridge {_table_name(port)} is gone, which keeps forged hardware addresses out"
    return ""


def status(call: "Call", how: Settings) -> None:
    """CniError 50 where an ADD would not work."""
    call.config.settle()
    if how.vlans.filtering:
        vlans.refuse_without_kernel(call.config, status=True)
    if how.masquerade:
        needs_nft()
    delegate.ipam(call).status(call)


def needs_nft() -> None:
    """Rules are put by nft(8)."""
    from ...kernel.process import find_program

    if not find_program("nft", but_not=[]):
        raise CniError(NOT_AVAILABLE, "nft is not there", "apt-get install nftables")
