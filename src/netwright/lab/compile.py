"""What a lab means: Topology -> State, every device, address, route and rule; or all mistakes at once.

How it works. The topology is wired into segments (segments.py), addresses are checked and handed out (addresses.py), then
devices, routes, translation, policy and names follow (devices.py, routing.py, nat.py, policy.py, names.py); what is wrong by
itself is in mistakes.py. Everything that a lab file can say is said in the State, so that a line that is taken out of the file is
taken back in the kernel.
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
from .mistakes import look_over
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
# A router asks for a neighbour from its link-local address, and not while it still looks whether another has that one: 2 s.
_AT_ONCE = {"net.ipv6.conf.default.accept_dad": "0"}
# A new namespace has this of the machine, where Docker turns it on: a host between two switches would be a router.
_NOT_FORWARDING = {"net.ipv4.ip_forward": "0"}
_UPLINK = Table(
    "ip",
    "lab_uplink",
    {},
    {
        # Switches are no nearer to each other because there is a way out.
        "between": Chain(('iifname != "uplink" oifname != "uplink" reject with icmp admin-prohibited',), "filter", "forward", "filter"),
        "leaving": Chain(('oifname "uplink" masquerade',), "nat", "postrouting", "srcnat"),
    },
)


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
    look_over(draft)
    address(draft)
    made = devices(draft)
    namespaces = _namespaces(draft, made)
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
    given = frozenset([_address(device, *numbers) for device, numbers in draft.addresses_of(name)])
    sysctls = {**_forwarding(spec, given), **spec.sysctls}
    # A device that is left down takes no routes.
    up = {device for device, found in made.devices[name].items() if found.up}
    kept = frozenset([route for route in ways if not route.link or route.link in up])
    forwarding = frozenset(made.neighbours.get(name, ()))
    return Namespace(
        made.devices[name], given, kept, neighbours=forwarding, sysctls=sysctls, qdiscs=frozenset(made.queues[name]), tables=tables, view=view
    )


def _forwarding(spec: Host, given: frozenset[Address]) -> dict[str, str]:
    if not spec.router:
        return _NOT_FORWARDING if len(spec.links) > 1 else {}
    return {**_AT_ONCE, **_FORWARDING} if any(a.family == 6 for a in given) else _FORWARDING


def _address(device: str, number: int, family: int, length: int) -> Address:
    # The lab hands an address out once: looking for a duplicate would only cost a second.
    text = f"{text_of(number, family)}/{length}"
    return Address(text, device) if family == 4 else Address(text, device, 6, flags=("nodad",))


def _root(draft: Draft, made: Made) -> Namespace:
    """The namespace of the switches. With an uplink it is the lab's router to the outside, and to nowhere else."""
    given = frozenset(_address(segment.name, *own) for segment in draft.segments.values() for own in segment.own)
    sysctls = {**_NOT_THROUGH_IPTABLES, **_NOT_FORWARDING} if draft.topology.switches else {}
    routes, tables = [], {}
    if draft.topology.uplink:
        from .routing import of_the_switches

        sysctls["net.ipv4.ip_forward"] = "1"
        routes, tables = of_the_switches(draft), {(_UPLINK.family, _UPLINK.name): _UPLINK}
    return Namespace(made.devices[ROOT], given, frozenset(routes), sysctls=sysctls, qdiscs=frozenset(made.queues[ROOT]), tables=tables)
