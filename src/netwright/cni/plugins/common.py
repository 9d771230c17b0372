"""What the plugins that attach a container share: its namespace, its owner's name, results as wiring and back."""

import os
from zlib import crc32

from ...errors import NetwrightError
from ...model.addressing import around, split, text_of
from ...model.route import BOOT
from ...model.route import Route as ModelRoute
from ...model.value import replace
from ...networks import attaching, records, tables
from ...networks.values import Leg
from ...networks.wiring import BOX, HOST
from ..identity import is_network_namespace
from ..protocol.errors import CONFLICT, INVALID_NETNS, CniError, as_cni_error
from ..protocol.result import Address, Dns, Interface, Result, Route
from ..protocol.versions import read_dns
from . import heirs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ...model.state import State
    from ...networks.records import Record
    from ...networks.wiring import Wiring
    from ...plan.ops import Op
    from ..main import Plugin
    from ..protocol.call import Call
    from ..protocol.section import Section

    Valid = frozenset[tuple[str, str]]

_STRAIGHT = 253  # scope link: by its own words not through a gateway
_SCOPES = {0: "global", 200: "site", 253: "link", 254: "host"}


def owner(call: "Call", part: str = "") -> str:
    """cni/NETWORK/CONTAINER/INTERFACE, and behind it the plugin where several write something down."""
    return "/".join(["cni", call.config.name, call.container, call.ifname, *([part] if part else [])])


def port_name(name: str) -> str:
    """The host's end of a cable: the same for the same owner, whoever asks."""
    data = name.encode("utf-8", "surrogateescape")
    return f"veth{crc32(data):08x}{crc32(data[::-1]) & 0xFFF:03x}"


def opened(call: "Call") -> int:
    """The container's namespace as an open file. CniError 8."""
    fix = "the runtime makes the namespace before ADD, and says its path in CNI_NETNS"
    try:
        # Without O_NONBLOCK a pipe of that name would keep us waiting for whoever writes into it.
        fd = os.open(call.netns, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise CniError(INVALID_NETNS, f'failed to open netns "{call.netns}": {error.strerror}', fix) from None
    if not is_network_namespace(fd):
        os.close(fd)
        raise CniError(INVALID_NETNS, f'"{call.netns}" is no network namespace', fix)
    return fd


# -- addresses and routes --------------------------------------------------------------------------------------------------------


def first_of(address: str) -> str:
    """The first address of the network that an interface's address is in: the gateway where none is said."""
    number, family, length = split(address)
    return text_of(around(number, family, length).base + 1, family)


def with_gateways(addresses: "Iterable[Address]") -> "tuple[Address, ...]":
    """Every address with a gateway."""
    return tuple(Address(a.address, a.gateway or first_of(a.address), a.interface) for a in addresses)


def of_interface(call: "Call", result: Result) -> "tuple[Address, ...]":
    """The result's addresses that the call's interface has, or that are of none in particular."""

    def mine(at: "int | None") -> bool:
        return at is None or (at < len(result.interfaces) and result.interfaces[at].name == call.ifname)

    return tuple(a for a in result.addresses if mine(a.interface))


def legs(addresses: "Iterable[Address]") -> "tuple[Leg, ...]":
    """The same as networks/ has them."""
    return tuple(Leg(a.address, a.gateway) for a in addresses)


def default_routes(addresses: "Sequence[Address]", routes: "Sequence[Route]") -> "tuple[Route, ...]":
    """Default routes through the gateways, where the configuration has none of that family already."""
    out: dict[int, Route] = {}
    for a in addresses:
        if a.gateway and not any(r.family == a.family and is_default(r.to) for r in routes):
            out.setdefault(a.family, Route("::/0" if a.family == 6 else "0.0.0.0/0", a.gateway))
    return tuple(out.values())


def is_default(to: str) -> bool:
    """0.0.0.0/0, ::/0"""
    return split(to)[2] == 0


def in_container(routes: "Iterable[Route]", addresses: "Sequence[Address]", interface: str) -> "tuple[ModelRoute, ...]":
    """Routes as they are made inside; one without `via` goes through the first gateway of its family, as upstream does it."""
    out: dict[tuple[str, int, int, int], ModelRoute] = {}
    for r in routes:
        first = next((a.gateway for a in addresses if a.family == r.family and a.gateway), "")
        via = r.via or ("" if r.scope == _STRAIGHT else first)
        made = _made(r, via, interface)
        out.setdefault((made.to, made.family, made.table, made.metric), made)
    return tuple(out.values())


def _made(r: Route, via: str, interface: str) -> ModelRoute:
    metrics = tuple((name, number) for name, number in (("advmss", r.advmss), ("mtu", r.mtu)) if number)
    number, family, length = split(r.to)
    network = around(number, family, length)
    # A route straight to a device reaches neighbours only, and IPv4 says so by its scope.
    scope = _SCOPES.get(r.scope, str(r.scope)) if r.scope is not None else "link" if family == 4 and not via else "global"
    to = "default" if length == 0 else str(network)
    return ModelRoute(to, family, via, interface, table=r.table or 254, protocol=BOOT, scope=scope, metric=r.priority, metrics=metrics)


# -- results ---------------------------------------------------------------------------------------------------------------------


def interface(after: "State", where: str, name: str, sandbox: str = "") -> Interface:
    """A device as the result tells it."""
    device = after.namespaces[where].devices[name]
    return Interface(name, device.address, sandbox, device.mtu)


def cable(call: "Call", after: "State", bridge: str, port: str) -> "tuple[Interface, ...]":
    """[bridge,] the host's end, the container's end: in upstream's order."""
    names = [bridge, port] if bridge else [port]
    return (*(interface(after, HOST, name) for name in names), interface(after, BOX, call.ifname, call.netns))


def dns_of(call: "Call", found: Dns) -> Dns:
    """The configuration's own goes before the IPAM plugin's."""
    if isinstance(call.config.plain("dns"), bool):  # `netwright` says by it whether there are names
        return found
    said = read_dns(call.config.section("dns"))
    return said if said != Dns() else found


def mac_wanted(call: "Call") -> str:
    """A hardware address: CNI_ARGS MAC, in its place "args"."cni"."mac", in its place the capability "mac"."""
    return call.config.runtime_config.text("mac") or call.config.args.text("mac") or call.args.get("MAC", "")


def checked_mac(section: "Section", text: str) -> str:
    """The same, in small letters; a mistake where it is none."""
    parts = text.lower().split(":")
    good = len(parts) == 6 and all(len(p) == 2 and all(c in "0123456789abcdef" for c in p) for p in parts)
    if text and not (good and not int(parts[0], 16) & 1):
        section.wrong("mac", f'"{text[:40]}" is no hardware address of one device, as in 02:42:0a:01:00:02')
        return ""
    return text.lower()


def each(steps: "Iterable[Callable[[], object]]") -> None:
    """Do all of them, whatever fails, so that as much as can be is gone; then CniError with the first one's code and everything's words."""
    errors: list[CniError] = []
    for step in steps:
        try:
            step()
        except (NetwrightError, OSError) as error:
            errors.append(as_cni_error(error))
    if len(errors) == 1:
        raise errors[0]
    if errors:
        others = [f"{one.message} ({one.details})" if one.details else one.message for one in errors[1:]]
        raise CniError(errors[0].code, errors[0].message, "; ".join([*([errors[0].details] if errors[0].details else []), *others]))


def take_back(*steps: "Callable[[], object]") -> None:
    """After an error, undo what came before it. What cannot be undone is said on standard error: the first error is the one to tell."""
    for step in steps:
        try:
            step()
        except (NetwrightError, OSError) as error:
            from .chained import say

            say(f"not taken back: {error}")


def with_ipam(call: "Call", plugin: "Plugin", attached: "Callable[[Result], Result]") -> Result:
    """What `attached` makes of the addresses that the IPAM plugin gives. On any error it has them back."""
    found = plugin.add(call)
    try:
        return attached(found)
    except (NetwrightError, OSError):
        take_back(lambda: plugin.delete(call))
        raise


def delete_with_ipam(call: "Call", delete_device: "Callable[[], None]") -> None:
    """The device, then its addresses; what was got by DHCP is given back first, while the device can still say so."""
    from .. import delegate

    plugin = delegate.ipam(call)
    steps = [delete_device, lambda: plugin.delete(call)]
    each(reversed(steps) if delegate.needs_device(call) else steps)


# -- looking and collecting --------------------------------------------------------------------------------------------------------


def check(call: "Call", wiring: "Wiring", record: "Record") -> None:
    """CniError 102 that lists what is not as ADD made it."""
    inside = opened(call)
    try:
        _refuse(call, attaching.steps(inside, _as_moved(call, wiring)), record)
    finally:
        os.close(inside)


def _as_moved(call: "Call", wiring: "Wiring") -> "Wiring":
    """The same, where a plugin behind has taken the interface's routes into another table (sbr) or put it into a vrf, which moves them
    too: the routes are their affair, and they are asked next."""
    vrf = records.get(*_moving(call, "vrf"))
    if vrf is None and records.get(*_moving(call, "sbr")) is None:
        return wiring
    box, name = wiring.want.namespaces[BOX], call.ifname
    devices = {**box.devices, name: replace(box.devices[name], master=str(vrf.data.get("vrf", "")))} if vrf is not None else box.devices
    box = replace(box, devices=devices, routes=frozenset(r for r in box.routes if r.link != name))
    want = replace(wiring.want, namespaces={**wiring.want.namespaces, BOX: box})
    return replace(wiring, want=want, shared=(*wiring.shared, (BOX, name)))


def _moving(call: "Call", part: str) -> "tuple[str, str]":
    return f"@{part}", owner(call, part)


def check_host(call: "Call", wiring: "Wiring", record: "Record") -> None:
    """The same of what is on the host alone."""
    _refuse(call, attaching.steps(None, wiring), record)


def _refuse(call: "Call", todo: "Iterable[Op]", record: "Record") -> None:
    said = in_words(todo)
    said += [f"put {element.partition(' comment ')[0]} into {name} of the firewall." for name, element in attaching.missing(record)]
    if attaching.lacks_rules(record):
        said.append("put the rules of the firewall.")
    if said:
        raise CniError(CONFLICT, f"{call.ifname} of {call.container} is not as it was made", f"to do: {' '.join(said)} (DEL, then ADD again)")


def in_words(todo: "Iterable[Op]") -> "list[str]":
    """What would have to be done, as sentences."""
    from ...plan.explain import sentence

    said = [sentence(op) for op in todo]
    mine = f"In {BOX}, "
    return [f"In the container, {one.removeprefix(mine)}" if one.startswith(mine) else one for one in said]


def previous(call: "Call") -> Result:
    """The result of ADD, which CHECK gets. CniError 7."""
    found = call.config.prev_result
    call.config.settle()
    if found is None:
        from ..protocol.errors import INVALID_CONFIG

        raise CniError(INVALID_CONFIG, "prevResult is missing", f"{call.command} gets the result of the ADD")
    return found


def collect(call: "Call", valid: "Valid", part: str = "") -> None:
    """Take away what of this network is written down and valid no more, and what writers that were killed have left."""
    each([*(lambda r=record: heirs.detach(r) for record in stale(call, valid, part)), records.sweep, _remove_if_last])


def _remove_if_last() -> None:
    with attaching.on_host() as place:
        tables.remove_if_last(place)


def stale(call: "Call", valid: "Valid", part: str = "") -> "list[Record]":
    """What of this network is written down and valid no more."""
    prefix, behind = f"cni/{call.config.name}/", [part] if part else []
    out = []
    for record in records.signed(prefix):
        pieces = record.owner.removeprefix(prefix).split("/")
        if len(pieces) >= 2 and pieces[2:] == behind and (pieces[0], pieces[1]) not in valid:
            out.append(record)
    return out
