"""The names of a network's containers, told to the responder of networks/dns: written on ADD, forgotten on DEL.

A container is called by what the runtime says: its pod's name (CNI_ARGS K8S_POD_NAME; podman puts the container's there), its aliases
(the capability `aliases`: a list, or podman's {NETWORK: [alias, …]}), and its id.
"""

from ..errors import Invalid, NetwrightError
from ..networks import records
from .protocol.errors import CONFLICT, CniError, as_cni_error
from .protocol.result import Dns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..networks.dns.zone import Host, Zone
    from .protocol.call import Call
    from .protocol.result import Result

    Valid = frozenset[tuple[str, str]]

_SHORT = 12  # as runtimes show an id
_LONGEST = 80  # of what becomes a part of a file's name
_OFF = 'stop who has the address, or do without names: "dns": false'


def zone_name(network: str) -> str:
    """The network's name among the zones, where networks of other makers are too."""
    return f"cni:{_short(network)}"


def _short(text: str) -> str:
    from zlib import crc32

    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}-{crc32(text.encode('utf-8', 'surrogateescape')):08x}"


def of_container(call: "Call") -> "tuple[str, ...]":
    """All of its names. Those that cannot be one are told on standard error and passed over, as no container has to fail for them."""
    from ..networks.dns.zone import why_no_name

    short = call.container[:_SHORT] if len(call.container) == 64 else call.container
    wanted = dict.fromkeys(name for name in (call.args.get("K8S_POD_NAME", ""), short, *aliases(call)) if name)
    for name in wanted:
        if why := why_no_name(name):
            from .plugins.chained import say

            say(f"{name[:80]!r} is no name of a container: {why}")
    return tuple(name for name in wanted if not why_no_name(name))


def aliases(call: "Call") -> "tuple[str, ...]":
    """The capability aliases; mistakes go to the configuration's list."""
    said = call.config.runtime_config
    if isinstance(said.plain("aliases"), dict):
        return said.section("aliases").texts(call.config.name)
    return said.texts("aliases")


def servers(call: "Call") -> "tuple[str, ...]":
    """Whom the container wants to be asked for other names: the capability dns."""
    return call.config.runtime_config.section("dns").texts("servers")


def tell(call: "Call", result: "Result") -> None:
    """The container's names are known when this returns. CniError when the gateways' port 53 cannot be had."""
    from ..networks.dns import responder, zones

    zone = zone_of(call, result)
    try:
        zones.attach_or_make(zone, _joined(call, host_of(call, result)))
        responder.ensure(network=zone.network)
    except NetwrightError as error:
        found = as_cni_error(error)
        raise CniError(found.code, found.message, "; ".join(part for part in (error.why or error.fix, _OFF) if part)) from None


def zone_of(call: "Call", result: "Result") -> "Zone":
    """The network's names: asked on its gateways."""
    from ..networks.dns.zone import Zone

    listen = tuple(dict.fromkeys(a.gateway for a in result.addresses if a.gateway))
    said = call.config.section("dns") if isinstance(call.config.plain("dns"), dict) else None
    domain, search = (said.text("domain"), said.texts("search")) if said else ("", ())
    return Zone(zone_name(call.config.name), listen, 53, domain, search, True, said.texts("nameservers") if said else ())


def host_of(call: "Call", result: "Result") -> "Host":
    """The container's names and addresses."""
    from ..networks.dns.zone import Host

    mine = tuple(a.host for a in result.addresses)
    return Host(_short(call.container), of_container(call), mine, servers=servers(call))


def _joined(call: "Call", host: "Host") -> "Host":
    """With what it has by its other interfaces on the network."""
    from ..model.value import replace

    before = _known(call)
    if before is None or not _has_others(call):
        return host
    names = tuple(dict.fromkeys((*before.names, *host.names)))
    return replace(host, names=names, addresses=tuple(dict.fromkeys((*before.addresses, *host.addresses))))


def _known(call: "Call") -> "Host | None":
    from ..networks.dns import zones
    from ..networks.dns.zone import Host

    try:
        found = zones.read_file(zones.host_file(zone_name(call.config.name), _short(call.container)))
    except Invalid:
        return None
    return found if isinstance(found, Host) else None


def _has_others(call: "Call") -> bool:
    """Whether the container is on the network by another interface too."""
    prefix = f"cni/{call.config.name}/{call.container}/"
    return any(one.owner != prefix + call.ifname for one in records.signed(prefix))


def forget(call: "Call", gone: "Iterable[str]" = ()) -> None:
    """They are known no more. `gone`: the addresses of this interface, as far as somebody knows them; the container may have others."""
    from ..model.value import replace
    from ..networks.dns import zones

    zone, mine = zone_name(call.config.name), set(gone)
    before = _known(call) if mine or _has_others(call) else None
    left = tuple(a for a in before.addresses if a not in mine) if before else ()
    if before and left:
        zones.attach(zone, replace(before, addresses=left))
    else:
        zones.detach(zone, _short(call.container), last=True)


def keep(call: "Call", valid: "Valid") -> None:
    """Only those of valid containers stay."""
    from ..networks.dns import zones

    containers = {_short(container) for container, _ in valid}
    zones.keep(zone_name(call.config.name), lambda id: id in containers, last=True)


def check(call: "Call") -> None:
    """CniError 102 where they are not known, or nobody answers."""
    from ..networks.dns import responder

    name = zone_name(call.config.name)
    status = responder.status()
    network = (status or {}).get("networks", {}).get(name)
    why = "no responder runs" if status is None else "it does not know the network" if network is None else "; ".join(network["problems"])
    if _known(call) is None:
        why = "they are not written down"
    if why:
        raise CniError(CONFLICT, f"the names of {call.container} are not served: {why}", "DEL, then ADD again")


def answered(dns: Dns, result: "Result") -> Dns:
    """What the container's resolv.conf should have: the gateways are asked, the rest is as it was said."""
    gateways = tuple(dict.fromkeys(a.gateway for a in result.addresses if a.gateway))
    return Dns(gateways, dns.domain, dns.search, dns.options)
