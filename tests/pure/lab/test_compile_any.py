"""Any lab: no address twice, no subnets that overlap, every gateway in reach, every packet arrives; and the planner can build it."""

import sys
from ipaddress import ip_address, ip_interface, ip_network
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from netwright.lab.compile import ROOT, LabInvalid, compile
from netwright.lab.topology import Cable, Host, Link, Policy, Switch, Topology
from netwright.model.names import is_device_name
from netwright.model.nft_text import rendered
from netwright.model.state import NOTHING, State, projected
from netwright.model.value import replace
from netwright.plan.planner import plan
from netwright.plan.step import run
from sample_labs import LABS

POOLS = st.sampled_from([(), ("10.0.0.0/8",), ("10.7.0.0/16", "fd07::/48"), ("fd07::/48",), ("172.16.0.0/19",)])
SUBNETS = st.sampled_from([None, None, None, (), ("192.0.2.0/24",), ("198.51.100.0/28", "fd77::/64"), ("10.0.0.0/24",), ("10.7.255.0/29",)])


@st.composite
def topologies(draw, uplink: bool | None = None) -> Topology:
    """Up to eight hosts on up to four switches, with cables between them and routers among them. Subnets may overlap: then it is invalid."""
    switches = {f"s{n}": Switch(draw(SUBNETS)) for n in range(draw(st.integers(0, 4)))}
    hosts = {f"h{n}": _host(draw, switches) for n in range(draw(st.integers(1, 8)))}
    cables: list[Cable] = []
    for _ in range(draw(st.integers(0, 4)) if len(hosts) > 1 else 0):
        a, b = draw(st.lists(st.sampled_from(sorted(hosts)), min_size=2, max_size=2, unique=True))
        ends = [(name, f"c{len(cables)}") for name in (a, b)]
        hosts |= {name: replace(hosts[name], links={**hosts[name].links, device: Link()}) for name, device in ends}
        cables.append(Cable((ends[0], ends[1])))
    if len(switches) > 1 and draw(st.booleans()):
        cables.append(Cable((("s0", ""), ("s1", ""))))
    policy = [Policy(draw(st.sampled_from([*hosts, *switches, "*"])), draw(st.sampled_from([*hosts, *switches, "*"])), allow=("tcp/80",)) for _ in range(draw(st.integers(0, 2)))]
    return Topology("any", draw(POOLS), hosts, switches, tuple(cables), tuple(policy), uplink=draw(st.booleans()) if uplink is None else uplink)


def _host(draw, switches: dict[str, Switch]) -> Host:
    links = {f"eth{n}": Link(switch=draw(st.sampled_from(sorted(switches)))) for n in range(draw(st.integers(0, 3)) if switches else 0)}
    router = draw(st.integers(0, 2)) == 0
    return Host(links, router=router, nat=tuple(links)[:1] if router and draw(st.booleans()) else ())


def valid(topology: Topology) -> State | None:
    """What it means; None where subnets that were picked overlap, or are too small."""
    try:
        return compile(topology)
    except LabInvalid as error:
        told = [str(problem) for problem in error.problems]
    assert [line for line in told if not any(words in line for words in ("overlaps", "no address left", "left for"))] == []
    return None


@settings(max_examples=200, deadline=None)
@given(topologies())
def test_addresses_are_different_and_subnets_apart(topology: Topology):
    state = valid(topology)
    if state is None:
        return
    found = [ip_interface(a.address) for namespace in state.namespaces.values() for a in namespace.addresses]
    assert len({f.ip for f in found}) == len(found)
    networks = {f.network for f in found}
    assert not [(a, b) for a, b in combinations(networks, 2) if a.version == b.version and a.overlaps(b)]
    assert all(f.network.prefixlen >= f.network.max_prefixlen - 1 or f.ip != f.network.network_address for f in found)


@settings(max_examples=200, deadline=None)
@given(topologies())
def test_every_gateway_is_somebody_else_in_a_connected_subnet(topology: Topology):
    state = valid(topology)
    if state is None:
        return
    owner = {a.address.partition("/")[0]: name for name, namespace in state.namespaces.items() for a in namespace.addresses}
    for name, namespace in state.namespaces.items():
        for route in namespace.routes:
            mine = [ip_interface(a.address).network for a in namespace.addresses if a.link == route.link]
            assert any(ip_address(route.via) in network for network in mine)
            assert owner[route.via] != name
            assert owner[route.via] == ROOT or topology.hosts[owner[route.via]].router
        where = [(r.to, r.family, r.metric) for r in namespace.routes]
        assert len(set(where)) == len(where)


@settings(max_examples=200, deadline=None)
@given(topologies())
def test_both_ends_of_a_cable_know_each_other(topology: Topology):
    state = valid(topology)
    for name, namespace in state.namespaces.items() if state else ():
        for key, device in namespace.devices.items():
            assert is_device_name(key)
            if device.peer:
                assert state.namespaces[device.peer[0]].devices[device.peer[1]].peer == (name, key)
            assert not device.master or namespace.devices[device.master].kind == "bridge"


@settings(max_examples=200, deadline=None)
@given(topologies())
def test_a_host_at_the_end_moves_nobody(topology: Topology):
    before = valid(topology)
    link = Link(switch=sorted(topology.switches)[-1]) if topology.switches else None
    after = valid(replace(topology, hosts={**topology.hosts, "last": Host({"eth0": link} if link else {})}))
    if before and after:
        assert {name: after.namespaces[name].addresses for name in before.namespaces} == {name: ns.addresses for name, ns in before.namespaces.items()}


@settings(max_examples=100, deadline=None)
@given(topologies())
def test_the_same_every_time(topology: Topology):
    assert repr(valid(topology)) == repr(valid(topology)) or valid(topology) == valid(topology)


@settings(max_examples=100, deadline=None)
@given(topologies())
def test_the_planner_builds_it(topology: Topology):
    want = valid(topology)
    if want:
        assert projected(run(NOTHING, plan(NOTHING, want)), want) == want
        for namespace in want.namespaces.values():
            assert all(rendered(table) for table in namespace.tables.values())


@pytest.mark.parametrize("name", LABS)
def test_the_planner_builds_every_lab(name: str):
    want = _without_views(compile(LABS[name]))
    assert projected(run(NOTHING, plan(NOTHING, want)), want) == want
    assert plan(want, compile(LABS[name])) == []


def _without_views(state: State) -> State:
    """What names the files that a namespace sees is nothing that is asked of the kernel."""
    return State({name: replace(namespace, view="") for name, namespace in state.namespaces.items()}, state.files)


# -- packets -------------------------------------------------------------------------------------------------------------------


class Net:
    """A State as its packets see it: who owns an address, and what each namespace does with a destination."""

    def __init__(self, state: State) -> None:
        self.owner = {ip_interface(a.address).ip: name for name, ns in state.namespaces.items() for a in ns.addresses}
        self.near = {name: [ip_interface(a.address).network for a in ns.addresses] for name, ns in state.namespaces.items()}
        self.far = {name: [(_network(r), ip_address(r.via)) for r in ns.routes] for name, ns in state.namespaces.items()}
        self.forwards = {name for name, ns in state.namespaces.items() if ns.sysctls.get("net.ipv4.ip_forward") == "1"}

    def walk(self, name: str, target) -> list[str]:
        """The namespaces that a packet comes through; the last is the target's, or it was lost there."""
        way = [name]
        while self.owner[target] != way[-1] and len(way) < 40:
            here = way[-1]
            if len(way) > 1 and here not in self.forwards:
                break
            if any(target in network for network in self.near[here]):
                way.append(self.owner[target])
                continue
            fits = [(network.prefixlen, via) for network, via in self.far[here] if target in network]
            if not fits:
                break
            way.append(self.owner[max(fits, key=lambda f: f[0])[1]])
        return way


def _network(route):
    return ip_network(route.to if route.to != "default" else "::/0" if route.family == 6 else "0.0.0.0/0")


def _reached(topology: Topology, a: str) -> set[str]:
    """The switches and cables that one who only looks at the plugs gets to, through routers."""
    of = {name: {lan for device in host.links if (lan := _lan_of(topology, name, device))} for name, host in topology.hosts.items()}
    seen, waiting, out = {a}, [a], set[str]()
    for here in waiting:
        if here == a or topology.hosts[here].router:
            out |= of[here]
            more = [name for name in topology.hosts if name not in seen and of[name] & of[here]]
            seen.update(more)
            waiting += more
    return out


def _lan_of(topology: Topology, host: str, device: str) -> str:
    for number, cable in enumerate(topology.cables):
        if (host, device) in cable.ends:
            return f"cable {number}"
    return _lan(topology, topology.hosts[host].links[device].switch)


def _lan(topology: Topology, switch: str) -> str:
    joined = any(cable.ends == (("s0", ""), ("s1", "")) for cable in topology.cables)
    return "s0" if joined and switch == "s1" else switch


@settings(max_examples=300, deadline=None)
@given(topologies(uplink=False))
def test_every_packet_arrives_where_a_way_leads(topology: Topology):
    """Where every link has an address, and every lan one subnet: () is none, and two switches that are cabled may have two."""
    joined = any(cable.ends == (("s0", ""), ("s1", "")) for cable in topology.cables)
    subnets = {name: None if joined and name == "s1" else switch.subnets or None for name, switch in topology.switches.items()}
    topology = replace(topology, switches={name: replace(switch, subnets=subnets[name]) for name, switch in topology.switches.items()})
    state = valid(topology)
    if state is None:
        return
    net = Net(state)
    for family in (4, 6):
        if any(not any(a.link == d and a.family == family for a in state.namespaces[h].addresses) for h, spec in topology.hosts.items() for d in spec.links):
            continue
        targets = [(name, ip_interface(a.address).ip, a.link) for name in topology.hosts for a in state.namespaces[name].addresses if a.family == family]
        for a in {name for name, _, _ in targets}:
            lans = _reached(topology, a)
            for b, address, link in targets:
                way = net.walk(a, address)
                assert (way[-1] == b) == (a == b or _lan_of(topology, b, link) in lans), (a, b, str(address), way)


@settings(max_examples=200, deadline=None)
@given(topologies(uplink=True))
def test_everybody_with_an_ipv4_address_reaches_the_outside_or_has_no_router(topology: Topology):
    state = valid(topology)
    if state is None:
        return
    net = Net(state)
    outside = ip_address("203.0.113.9")
    net.owner[outside] = "the machine"
    net.near[ROOT].append(ip_network("203.0.113.0/24"))
    for name, host in topology.hosts.items():
        on_a_switch = any(a.family == 4 and host.links[a.link].switch for a in state.namespaces[name].addresses)
        if host.router and on_a_switch and any(a.family == 4 for a in state.namespaces[ROOT].addresses):
            assert net.walk(name, outside)[-1] == "the machine"
