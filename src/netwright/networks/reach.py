"""From where a published port can really be reached, and what is in the way. Pure: the facts of the host are given."""

from ..model.addressing import number_of
from ..model.value import value
from .network import Network
from .publish import ANYWHERE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from .values import Attachment, Port


@value
class Facts:
    """Of the host: its `addresses` as (device, address), whether it forwards each family, whether what is answered to ::1 comes back
    (br_netfilter leaves frames alone), `ours`: the bridges of our networks, and `drops`: (bridge, family, words) of chains of others
    that drop what is forwarded to it; `spares`: the words of those that let published ports pass."""

    addresses: "tuple[tuple[str, str], ...]" = ()
    forwards: "tuple[int, ...]" = (4, 6)
    localhost6: bool = True
    drops: "tuple[tuple[str, int, str], ...]" = ()
    ours: "frozenset[str]" = frozenset()
    spares: "frozenset[str]" = frozenset()

    def in_the_way(self, network: Network) -> "tuple[str, ...]":
        """Chains of others that drop what is forwarded from the network or to it."""
        if network.driver != "bridge" or (network.mode == "internal" and not network.allow):
            return ()  # nothing is forwarded
        return tuple(dict.fromkeys(words for device, _, words in self.drops if device == network.device))

    def of_ports(self, bridge: str, families: "Collection[int]" = (4, 6)) -> "tuple[str, ...]":
        """Those that drop what is for published ports."""
        found = (words for device, family, words in self.drops if device == bridge and family in families)
        return tuple(dict.fromkeys(words for words in found if words not in self.spares))


@value
class Reach:
    """`host`: "ADDRESS:PORT" that programs of the host use; `outside`: those that others use; `problems`: why not, and the fix."""

    host: "tuple[str, ...]" = ()
    outside: "tuple[str, ...]" = ()
    problems: "tuple[str, ...]" = ()

    def __str__(self) -> str:
        parts = [f"this host ({', '.join(self.host)})"] if self.host else []
        parts += [f"others ({', '.join(self.outside)})"] if self.outside else []
        said = "; ".join(self.problems)
        return (" and ".join(parts) or "nowhere") + (f": {said}" if said else "")


def reach(port: "Port", attachment: "Attachment", network: Network, facts: Facts, lost: str = "") -> Reach:
    """Where the port answers, as long as a program in the container listens. `lost`: why nobody gets there."""
    host: list[str] = []
    outside: list[str] = []
    problems = list(_problems(port, attachment, network, facts))
    if lost:
        return Reach(problems=(lost, *problems))
    mine = {leg.family for leg in attachment.legs}
    dropped = {family for family in mine if facts.of_ports(network.device, {family})}
    for device, address in facts.addresses:
        family = number_of(address)[1]
        if family not in mine or not _meant(port.host_ip, address) or device in facts.ours:
            continue
        if device == "lo" or address.startswith("127."):
            host += [] if family == 6 and not facts.localhost6 else [_at(address, port)]
        else:
            host.append(_at(address, port))
            outside += [] if family in dropped else [_at(address, port)]
    return Reach(tuple(host), tuple(outside), tuple(problems))


def _meant(host_ip: str, address: str) -> bool:
    if host_ip in ANYWHERE:
        return not host_ip or (":" in host_ip) == (":" in address)
    return number_of(host_ip) == number_of(address)


def _at(address: str, port: "Port") -> str:
    last = f"-{port.host_port + port.count - 1}" if port.count > 1 else ""
    return f"[{address}]:{port.host_port}{last}" if ":" in address else f"{address}:{port.host_port}{last}"


def _problems(port: "Port", attachment: "Attachment", network: Network, facts: Facts) -> "Iterator[str]":
    wanted = {4, 6} if not port.host_ip else {6 if ":" in port.host_ip else 4}
    mine = {leg.family for leg in attachment.legs}
    if not wanted & mine:
        yield f"{attachment.owner} has no IPv{wanted.pop()} address: publish on an address of the other family"
        return
    if port.host_ip == "::1" and not facts.localhost6:
        yield "answers to ::1 are lost in br_netfilter: sysctl -w net.bridge.bridge-nf-call-ip6tables=0"
    if port.host_ip not in ANYWHERE and not any(_meant(port.host_ip, a) for _, a in facts.addresses):
        yield f"no device of the host has the address {port.host_ip}"
    for family in sorted(wanted & mine - set(facts.forwards)):
        yield f"the host does not forward IPv{family}: nw network reload {network.name}"
    if not port.host_ip.startswith("127.") and port.host_ip != "::1":
        yield from facts.of_ports(network.device, wanted & mine)
