"""What a lab means: Topology -> State, every device, address, route and rule; or all mistakes at once.

How it works. The topology is wired into segments (segments.py), addresses are checked and handed out (addresses.py), then
devices, routes, translation, policy and names follow (devices.py, routing.py, nat.py, policy.py, names.py). Everything that a
lab file can say is said in the State, so that a line that is taken out of the file is taken back in the kernel.
"""

from __future__ import annotations

from ..errors import Invalid
from ..model.address import Address
from ..model.addressing import text_of
from ..model.nft import Chain, Table
from ..model.state import Namespace, State
from .addresses import address
from .devices import GROUP, ROOT, Made, devices
from .draft import Draft
from .names import views
from .segments import wire
from .topology import Problem, Topology

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model.route import Route
    from .topology import Host

__all__ = ["GROUP", "ROOT", "LabInvalid", "compile"]

_NOT_THROUGH_IPTABLES = {f"net.bridge.bridge-nf-call-{name}": "0" for name in ("iptables", "ip6tables", "arptables")}
_FORWARDING = {"net.ipv4.ip_forward": "1", "net.ipv6.conf.all.forwarding": "1"}


class LabInvalid(Invalid):
    """A lab that cannot be: every mistake in `problems`, a line each in str()."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        what = "\n".join(map(str, problems))
        super().__init__(what)
        self.problems = problems


def compile(topology: Topology) -> State:
    """The State of a lab. LabInvalid with every mistake; nothing has been made then."""
    draft = Draft(topology)
    wire(draft)
    address(draft)
    made = devices(draft)
    namespaces = _namespaces(draft, made)
    _checks(draft)
    if draft.problems:
        raise LabInvalid(tuple(_once(draft.problems)))
    return namespaces


def _once(problems: list[Problem]) -> list[Problem]:
    """In the order of the file, each once."""
    return sorted(dict.fromkeys(problems), key=lambda p: (p.place is None, p.place or ("", 0, 0)))


def _namespaces(draft: Draft, made: Made) -> State:
    from . import nat, policy
    from .routing import routes

    ways, policies = routes(draft), policy.tables(draft)
    files, view_of = views(draft)
    out = {ROOT: _root(draft, made)}
    for name, spec in draft.topology.hosts.items():
        tables = nat.tables(draft, name, spec)
        if name in policies:
            tables[policy.FAMILY, policy.NAME] = policies[name]
        out[name] = _host(draft, made, name, spec, ways[name], tables, view_of.get(name, ""))
    return State(out, files)


def _host(draft: Draft, made: Made, name: str, spec: Host, ways: list[Route], tables: dict[tuple[str, str], Table], view: str) -> Namespace:
    given = []
    for device, link in spec.links.items():
        plugged = draft.plugs.get((name, device))
        if plugged is not None:
            given += [_address(device, *found) for found in plugged[0].addresses]
        elif link.addresses:
            given += _standing(draft, name, device, link.addresses)
    sysctls = {**(_FORWARDING if spec.router else {}), **spec.sysctls}
    # A device that is left down takes no routes.
    up = {device for device, found in made.devices[name].items() if found.up}
    kept = frozenset(route for route in ways if not route.link or route.link in up)
    return Namespace(made.devices[name], frozenset(given), kept, sysctls=sysctls, qdiscs=frozenset(made.queues[name]), tables=tables, view=view)


def _address(device: str, number: int, family: int, length: int) -> Address:
    # The lab hands an address out once: looking for a duplicate would only cost a second.
    text = f"{text_of(number, family)}/{length}"
    return Address(text, device) if family == 4 else Address(text, device, 6, flags=("nodad",))


def _standing(draft: Draft, name: str, device: str, given: tuple[str, ...]) -> list[Address]:
    from ..model.addressing import split

    out = []
    for at, text in enumerate(given):
        try:
            out.append(_address(device, *split(text)))
        except ValueError as error:
            draft.wrong(("hosts", name, "links", device, "addresses", at), str(error), "as in 10.7.1.5/24")
    return out


def _root(draft: Draft, made: Made) -> Namespace:
    """The namespace of the switches. With an uplink it is the lab's router to the outside."""
    given = frozenset(_address(segment.name, *own) for segment in draft.segments.values() for own in segment.own)
    sysctls = dict(_NOT_THROUGH_IPTABLES) if draft.topology.switches else {}
    tables = {}
    if draft.topology.uplink:
        sysctls["net.ipv4.ip_forward"] = "1"
        tables["ip", "lab_uplink"] = Table("ip", "lab_uplink", {}, {"leaving": Chain(('oifname "uplink" masquerade',), "nat", "postrouting", "srcnat")})
    return Namespace(made.devices[ROOT], given, sysctls=sysctls, qdiscs=frozenset(made.queues[ROOT]), tables=tables)


def _checks(draft: Draft) -> None:
    """References that no other part looks at."""
    topology = draft.topology
    for at, check in enumerate(topology.checks):
        for field, name in (("from", check.source), ("to", check.target)):
            known = name in topology.hosts or any(name in spec.aliases for spec in topology.hosts.values())
            literal = field == "to" and (":" in name or name.replace(".", "").isdigit())
            if not known and not literal:
                draft.wrong(("checks", at), f'there is no host "{name}"', draft.known(name, topology.hosts))
        if check.kind in ("connect", "refuse") and not 0 < check.port < 65536:
            draft.wrong(("checks", at), f"{check.port} is no port", "from 1 to 65535")
    for at, rule in enumerate(topology.publish):
        if rule.host not in topology.hosts:
            draft.wrong(("publish", at), f'there is no host "{rule.host}"', draft.known(rule.host, topology.hosts))
