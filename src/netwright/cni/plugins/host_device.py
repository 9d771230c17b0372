"""The plugin `host-device`: a device of the host lent to the container.

    {"type": "host-device", "device": "ens1"}      or "hwaddr", "kernelpath", "pciBusID", or the runtime's "deviceID"; "ipam"

How it works. One message moves it, names it and writes its old name into its alias, where everybody can see whose it is. DEL goes by the
record, which has the device's index in the container: that is the one thing of it which nobody in there can change. When the container's namespace dies first, the kernel brings hardware home by itself, under the name that
it had there: DEL then gives it its own back. (Devices that are made of nothing, such as veth, die with the namespace.)
"""

import os

from ...engine.enact import enact
from ...engine.narrow import Spots, look_at
from ...errors import NetwrightError
from ...kernel import rtnl
from ...model.state import Namespace, State
from ...model.value import replace
from ...networks import attaching, records
from ...networks.locks import locked
from ...networks.records import Record
from ...networks.wiring import BOX, HOST, Wiring, address
from ...plan import ops
from .. import delegate
from ..identity import identity
from ..protocol.errors import CONFLICT, INVALID_CONFIG, CniError
from ..protocol.result import Interface, Result
from . import chained, common, hardware
from .hardware import Wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..protocol.call import Call
    from .common import Valid

CAPABILITIES: "tuple[str, ...]" = ("deviceID", "ips", "ipRanges")
DEVICE = "@host-device"
_UP = 1


def wanted(call: "Call") -> Wanted:
    """Which device. CniError 7 with all mistakes."""
    config = call.config
    mac = common.checked_mac(config, config.text("hwaddr"))
    identity = config.runtime_config.text("deviceID")
    pci = config.text("pciBusID")
    if identity:
        pci = identity if hardware.is_pci(identity) else ""
    auxiliary = identity if identity and not pci else ""
    found = Wanted(config.text("device"), mac, config.text("kernelpath"), pci, auxiliary)
    if pci and not hardware.is_pci(pci):
        config.wrong("pciBusID", f'"{pci[:40]}" is no address on the PCI bus, as in 0000:00:1f.6')
    if auxiliary and not hardware.is_auxiliary(auxiliary):
        config.wrong("runtimeConfig.deviceID", f'"{auxiliary[:40]}" is neither a PCI address nor a name on the auxiliary bus')
    if found.path and not hardware.is_kernel_path(found.path):
        config.wrong("kernelpath", f'"{found.path[:80]}" is no directory below /sys/devices')
    if not found.said:
        config.wrong("device", 'specify either "device", "hwaddr", "kernelpath" or "pciBusID"')
    config.settle()
    return found


# -- ADD -------------------------------------------------------------------------------------------------------------------------


def add(call: "Call") -> Result:
    """The device is in the container, up, with its addresses and routes. On any error it is back."""
    which = wanted(call)
    plugin = delegate.ipam(call)
    call.config.settle()
    inside = common.opened(call)
    try:
        if hardware.is_of_a_program(which):
            return _for_a_program(call, which)
        _lend(call, which, inside)
        try:
            return common.with_ipam(call, plugin, lambda found: _settled(call, which, found, inside))
        except (NetwrightError, OSError):
            common.take_back(lambda: _take_back(call.ifname, common.owner(call), inside))
            raise
    finally:
        os.close(inside)


def _for_a_program(call: "Call", which: Wanted) -> Result:
    """The program in the container drives the card itself (DPDK): addresses are all that it is told."""
    found = delegate.ipam(call).add(call)
    mine = tuple(replace(a, interface=0) for a in found.addresses)
    return Result((Interface(call.ifname, "", call.netns, pci_id=which.pci),), mine, found.routes, common.dns_of(call, found.dns))


def _lend(call: "Call", which: Wanted, inside: int) -> None:
    owner = common.owner(call)
    with locked(DEVICE), Spots({HOST: None, BOX: inside}) as place:
        before = records.get(DEVICE, owner)
        there = place.session(BOX).link(call.ifname)
        if before is not None and there is not None and there.get("ifalias") == before.data.get("name"):
            return  # it is there since an ADD before
        name = hardware.name_of(which, _links(place, HOST))
        if not name:
            fix = "it may be in a container already: ip link, and its alias says what it was called"
            raise CniError(INVALID_CONFIG, f"failed to find host device: {which.said}", fix)
        if there is not None:
            raise CniError(CONFLICT, f'there is a device "{call.ifname}" in the container already', "use another interface name, or remove it")
        link = place.session(HOST).link(name)
        assert link is not None
        was = {
            "name": name, "alias": link.get("ifalias", ""), "up": bool(link["flags"] & _UP), "address": link.get("address", ""), "kind": _kind(link),
        }  # fmt: skip
        records.put(Record(owner, DEVICE, netns=call.netns, data={**was, "namespace": identity(inside)}))
        try:
            enact([moved(name, call.ifname, BOX, HOST, alias=name, up=True)], place)
        except NetwrightError:
            records.remove(DEVICE, owner)
            raise
        there = place.session(BOX).link(call.ifname)
        data = {**was, "namespace": identity(inside), "index": there["index"] if there is not None else 0}
        records.put(Record(owner, DEVICE, netns=call.netns, data=data))


def moved(name: str, new: str, to: str, namespace: str, *, alias: str, up: bool) -> ops.SetLink:
    """`ip link set NAME netns TO name NEW alias ALIAS up`, in one message: on the way the device is down for a moment."""
    header = {"index": name, "flags": _UP if up else 0, "change": _UP}
    return ops.SetLink(header, {"net_ns_fd": to, "ifname": new, "ifalias": alias}, namespace)


def _links(place: Spots, where: str) -> "list[Any]":
    return list(rtnl.dump(place.session(where).netlink, rtnl.GETLINK, {}, {"ext_mask": rtnl.EXT_FILTER_SKIP_STATS}))


def _settled(call: "Call", which: Wanted, found: Result, inside: int) -> Result:
    mine = tuple(replace(a, interface=0) for a in found.addresses)
    if call.config.ipam.text("type") and not mine:
        raise CniError(INVALID_CONFIG, "IPAM plugin returned missing IP config", "give ipam a range or addresses")
    result = Result((), mine, found.routes, common.dns_of(call, found.dns))
    record = records.get(DEVICE, common.owner(call))
    assert record is not None
    after = attaching.attach(inside, described(call, result, inside), record)
    return replace(result, interfaces=(replace(common.interface(after, BOX, call.ifname, call.netns), pci_id=which.pci),))


def described(call: "Call", result: Result, inside: int) -> Wiring:
    """What should be there: the device as it is, up, with the result's addresses and routes. CniError 102 where it is not there."""
    only = {HOST: (), BOX: (call.ifname,)}
    with Spots({HOST: None, BOX: inside}) as place:
        now = look_at(place, only).namespaces[BOX]
    if call.ifname not in now.devices:
        raise CniError(CONFLICT, f"{call.ifname} is not in {call.container} any more", "DEL, then ADD again")
    addresses = frozenset(address(leg, call.ifname) for leg in common.legs(result.addresses))
    routes = frozenset(common.in_container(result.routes, result.addresses, call.ifname))
    there = Namespace({call.ifname: replace(now.devices[call.ifname], up=True)}, addresses, routes)
    return Wiring(State({HOST: Namespace({}), BOX: there}), only)


# -- DEL -------------------------------------------------------------------------------------------------------------------------


def delete(call: "Call") -> None:
    """The addresses first, for a lease is given back through the device; then the device is the host's again."""
    try:
        delegate.ipam(call).delete(call)
    finally:
        inside = chained.inside_if_there(call.netns)
        try:
            _take_back(call.ifname, common.owner(call), inside)
        finally:
            if inside is not None:
                os.close(inside)


def _take_back(interface: str, owner: str, inside: "int | None") -> None:
    with locked(DEVICE):
        record = records.get(DEVICE, owner)
        spots = {HOST: None} if inside is None else {HOST: None, BOX: inside}
        with Spots(spots) as place:
            found = _lent(place, interface, record) if inside is not None else None
            if found is not None:
                _return(place, found, record)
            elif record is not None:
                _rename_at_home(place, interface, record)
        records.remove(DEVICE, owner)


def _lent(place: Spots, interface: str, record: "Record | None") -> "Any":
    """The device in the container, whatever it is called there by now."""
    index = record.data.get("index") if record is not None else 0
    if record is not None and index:
        link = place.session(BOX).link_at(index)
        return link if link is not None and _kind(link) == record.data.get("kind") else None
    link = place.session(BOX).link(interface)
    if link is None or not _is_name(str(link.get("ifalias", ""))):
        return None
    if record is not None:  # ADD was killed before it could look, and nothing ever ran in the container
        return link if (link["ifalias"], _kind(link)) == (record.data.get("name"), record.data.get("kind")) else None
    return link if _is_of_the_host(place, link) else None


def _kind(link: "Any") -> str:
    return str(link.get("linkinfo", {}).get("kind", ""))


def _is_of_the_host(place: Spots, link: "Any") -> bool:
    """Whether nobody in the container can have made it: hardware, or something that stands on a device of the host. (A cable to the
    host is some other plugin's.) What is in there otherwise must not be brought into the host, whatever its alias says."""
    from ...kernel.nsid import nsid_of_fd

    if not _kind(link):
        return str(link["ifname"]) != "lo"
    return _kind(link) != "veth" and link.get("link_netnsid") == nsid_of_fd(place.session(BOX).netlink, place.fd(HOST))


def _is_name(text: str) -> bool:
    return 0 < len(text.encode("utf-8", "surrogateescape")) <= 15 and text not in (".", "..") and not any(c in "/:" or c.isspace() for c in text)


def _return(place: Spots, link: "Any", record: "Record | None") -> None:
    data = record.data if record is not None else {}
    name = _free_name(place, str(data.get("name") or link["ifalias"]))
    enact([moved(link["ifname"], name, HOST, BOX, alias=str(data.get("alias", "")), up=bool(data.get("up", False)))], place)


def _free_name(place: Spots, name: str) -> str:
    """Its own name; where somebody has that now, one that the kernel chooses."""
    if place.session(HOST).link(name) is None:
        return name
    chained.say(f'host-device: the host has another "{name}" by now; the device comes back under another name, see ip link')
    return "dev%d"


def _rename_at_home(place: Spots, interface: str, record: Record) -> None:
    """The namespace is gone. Hardware is home already, as what it was called there or, where that was taken, devN."""
    data = record.data
    links = [link for link in _links(place, HOST) if _came_home(link, data)]
    if not links or not _is_name(str(data.get("name", ""))):
        return
    link = min(links, key=lambda one: one["ifname"] != interface)
    name = _free_name(place, str(data["name"]))
    try:
        down = ops.SetLink({"index": link["ifname"], "flags": 0, "change": _UP}, {}, HOST)
        header = {"index": link["ifname"], "flags": _UP if data.get("up") else 0, "change": _UP}
        enact([down, ops.SetLink(header, {"ifname": name, "ifalias": str(data.get("alias", ""))}, HOST)], place)
    except NetwrightError as error:
        chained.say(f"host-device: {link['ifname']} could not be given its name back: {error}")


def _came_home(link: "Any", data: "dict[str, Any]") -> bool:
    if link["ifname"] == data.get("name") or _kind(link) != data.get("kind"):
        return False
    # The container may have written another alias; hardware keeps the address that it was built with.
    built = link.get("perm_address") or link.get("address")
    return link.get("ifalias") == data.get("name") or (not _kind(link) and built == data.get("address"))


# -- CHECK, GC, STATUS -------------------------------------------------------------------------------------------------------------


def check(call: "Call") -> None:
    """CniError 102 where something is not as it was made."""
    which = wanted(call)
    result = common.previous(call)
    if hardware.is_of_a_program(which):
        delegate.ipam(call).check(call)
        return
    mine = common.of_interface(call, result)
    inside = common.opened(call)
    try:
        wiring = described(call, replace(result, addresses=mine), inside)
    finally:
        os.close(inside)
    common.check(call, wiring, Record(common.owner(call), DEVICE))
    delegate.ipam(call).check(call)


def gc(call: "Call", valid: "Valid") -> None:
    """Devices of attachments that are valid no more come back; their addresses are free."""
    stale = [record for record in common.stale(call, valid) if record.device == DEVICE]
    common.each([*(lambda r=record: _collect(r) for record in stale), lambda: delegate.ipam(call).gc(call, valid)])


def _collect(record: Record) -> None:
    inside = chained.inside_if_there(record.netns)
    try:
        same = inside is not None and identity(inside) == record.data.get("namespace")
        _take_back(record.owner.split("/")[3], record.owner, inside if same else None)
    finally:
        if inside is not None:
            os.close(inside)


def status(call: "Call") -> None:
    """What the IPAM plugin says. That the device is lent is no reason: this is what it is for."""
    wanted(call)
    delegate.ipam(call).status(call)
