"""Names of containers: written for our responder (networks/dns), or for somebody else's aardvark-dns where podman was given one."""

from ..errors import Invalid
from ..model.addressing import number_of, text_of
from ..model.value import replace
from ..networks.dns import responder, zones
from ..networks.dns.zone import Host, Zone, why_no_name
from .making import How, note
from .parts import Part
from .protocol import DOMAIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .protocol import Asked, Network

_SHORT = 12  # as podman shows ids


def zone_name(network: str) -> str:
    """The network's name among the zones, where networks of other makers are too."""
    return f"podman:{network}"


def zone_of(part: Part, port: int) -> Zone:
    """The network's names without its containers."""
    network = part.network
    return Zone(zone_name(network.name), part.listen, port, DOMAIN, (), not network.internal, network.servers)


def host_of(part: Part) -> Host:
    """The container's. A name that cannot be one is told and passed over."""
    asked = part.asked
    names = [name for name in (asked.name, asked.container[:_SHORT], *part.wish.aliases) if name and _is_good(name)]
    return Host(asked.container, tuple(dict.fromkeys(names)), tuple(leg.host for leg in part.legs), servers=asked.servers or ())


def _is_good(name: str) -> bool:
    why = why_no_name(name)
    if why:
        note(f"invalid network alias {name!r}: {why}; it is passed over")
    return not why


def told(chosen: "Iterable[Part]", how: How) -> None:
    """The names are served when this returns. Conflict when an address cannot be listened on."""
    some = [part for part in chosen if part.network.dns and part.network.driver == "bridge" and part.listen]
    if how.aardvark and some:
        from . import foreign_names

        foreign_names.told([(zone_of(part, how.dns_port), host_of(part)) for part in some], how)
        return
    for part in some:
        zones.attach_or_make(zone_of(part, how.dns_port), host_of(part))
    for part in some:
        responder.ensure(network=zone_name(part.network.name))


def forgotten(asked: "Asked", networks: "Iterable[Network]", how: How) -> None:
    """The container's names are known no more. Nothing happens where they are not."""
    some = [network for network in networks if network.dns and network.driver == "bridge"]
    for network in some:
        zones.detach(zone_name(network.name), asked.container, last=True)
    if how.aardvark and some:
        from . import foreign_names

        foreign_names.forgotten(asked.container, [network.name for network in some], how)
    elif how.passing and some:
        _close_up()


def _close_up() -> None:
    """With the last network the responder goes at once: it would stay behind in a namespace that nobody comes back to, and have the lock."""
    if not zones.names() and responder.stop() and zones.names():
        responder.ensure()  # somebody came meanwhile


def changed(network: str, servers: "tuple[str, ...]", how: How) -> None:
    """Other servers for a network that runs; one that does not gets them with its first container."""
    if how.aardvark:
        from . import foreign_names

        foreign_names.changed(network, servers, how)
        return
    found = zones.read_file(zones.zone_file(zone_name(network)))
    if isinstance(found, Zone):
        zones.configure(replace(found, servers=servers, hosts=()))
        responder.ensure(network=zone_name(network))


def servers_of(words: "Iterable[str]") -> "tuple[str, ...]":
    """The addresses in the words of --network-dns-servers, which may hold several. Invalid."""
    out, wrong = [], []
    for text in (one for word in words for one in word.split(",") if one):
        try:
            out.append(text_of(*number_of(text)))
        except ValueError as error:
            wrong.append(f"invalid IP address syntax ({error})")
    if wrong:
        raise Invalid(f"--network-dns-servers: {'; '.join(wrong)}")
    return tuple(out)
