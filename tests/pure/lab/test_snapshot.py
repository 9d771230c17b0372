"""A lab file out of a State: brought up, it gives the same State again; and what it cannot say is told."""

from pathlib import Path

import pytest

from netwright.lab.compile import compile
from netwright.lab.described import described, differences
from netwright.lab.load import loads
from netwright.lab.snapshot import host_name, taken
from netwright.lab.topology import Link
from netwright.model.address import Address
from netwright.model.qdisc import Qdisc
from netwright.model.route import Route
from netwright.model.state import Device, Namespace, State
from netwright.plan.planner import plan

EXAMPLES = Path(__file__).parents[3] / "examples"
LABS = {
    "one": "lab: one\nhosts:\n  a: {}\n",
    "star": "lab: star\nhosts:\n  n{1..3}: { switch: s }\nswitches:\n  s: { subnet: 10.1.0.0/24, mtu: 1400 }\n",
    "shop": """\
lab: shop
pool: [10.7.0.0/16, "fd07::/48"]
hosts:
  web{1..2}: { switch: front }
  db: { switch: back, address: 10.7.2.10/24, aliases: [database] }
  gw: { router: true, links: { eth0: front, eth1: back }, nat: [front] }
  client: { route: { default: gw } }
switches:
  front: { subnet: 10.7.1.0/24 }
  back: { subnet: 10.7.2.0/24, mtu: 1400 }
cables:
  - { ends: ["client:eth0", "gw:eth2"], subnet: 10.7.3.0/30 }
policy:
  - { from: client, to: front, allow: [tcp/80, icmp] }
checks: ["client -> web1:80"]
""",
    "slow": "lab: slow\nhosts:\n  a: { switch: s, rate: 10mbit }\n  b: { switch: s }\nswitches:\n  s: { subnet: 10.1.0.0/24 }\n",
    "kinds": """\
lab: kinds
hosts:
  a:
    links:
      eth0: s
      mac0: { kind: macvlan, parent: eth0, mode: private, address: 10.1.0.50/24 }
      vx0: { kind: vxlan, id: 42, remote: 10.1.0.3, address: 10.9.0.1/24 }
      dum0: { kind: dummy, address: 192.0.2.1/32 }
  b: { switch: s }
switches:
  s: { subnet: 10.1.0.0/24, stp: true }
""",
}


def difference(a: State, b: State) -> list[str]:
    """In words, for the failure."""
    lines = differences({n: described(x) for n, x in a.namespaces.items()}, {n: described(x) for n, x in b.namespaces.items()})
    return [f"{name}: {line}" for name, found in lines for line in found]


@pytest.mark.parametrize("name", LABS)
def test_a_lab_comes_up_as_it_was(name: str):
    topology = loads(LABS[name])
    state = compile(topology)
    found = taken(state, name, topology)
    again = compile(found.topology)
    assert difference(state, again) == []
    assert plan(state, again) == []
    assert again.files == state.files


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.lab.yaml")), ids=lambda path: path.name)
def test_every_example_comes_up_as_it_was(path: Path):
    topology = loads(path.read_text(), name=str(path))
    state = compile(topology)
    assert difference(state, compile(taken(state, topology.name, topology).topology)) == []


def test_without_a_record_the_tables_are_told():
    state = compile(loads(LABS["shop"]))
    lost = taken(state, "shop").lost
    assert any(line.startswith("gw: the nftables ") for line in lost)


UP = Device(up=True)
PAIR = {
    "red": Namespace(
        {"lo": UP, "veth0": Device("veth", peer=("blue.1", "veth1"), up=True, mtu=1500), "br0": Device("bridge", up=True), "tun0": Device("tun", up=True)},
        frozenset({Address("10.0.0.1/24", "veth0")}),
        frozenset({Route("10.9.0.0/16", via="10.0.0.2", link="veth0", protocol=3), Route("default", via="10.0.0.2", link="veth0", table=100)}),
    ),
    "blue.1": Namespace({"lo": UP, "veth1": Device("veth", peer=("red", "veth1"), mtu=1500), "out": Device("veth", mtu=1500, up=True)}, frozenset({Address("10.0.0.2/24", "veth1")})),
}


def test_named_namespaces_become_hosts_and_cables():
    found = taken(State(PAIR), "two")
    topology = found.topology
    assert set(topology.hosts) == {"red", "blue-1"}
    assert [cable.ends for cable in topology.cables] == [(("red", "veth0"), ("blue-1", "veth1"))]
    assert topology.cables[0].subnets == ("10.0.0.0/24",)
    assert [(route.to, route.via) for route in topology.hosts["red"].routes] == [("10.9.0.0/16", "10.0.0.2")]
    assert topology.hosts["red"].links["br0"] == Link("bridge", addresses=(), up=True)


def test_what_a_file_cannot_say_is_told():
    lost = taken(State(PAIR), "two").lost
    assert lost == (
        "the namespace blue.1 is the host blue-1",
        "red: tun0 is a tun, which a lab file has no word for",
        "red: the route to default in table 100",
        "blue-1: the other end of out is in no namespace of this file",
    )


def test_a_queue_without_a_word_is_told():
    state = compile(loads(LABS["slow"]))
    a = state.namespaces["a"]
    odd = Namespace(a.devices, a.addresses, a.routes, qdiscs=frozenset({Qdisc("eth0", "htb")}))
    assert "a: htb on eth0" in taken(State({**state.namespaces, "a": odd}), "slow").lost


@pytest.mark.parametrize(("namespace", "host"), [("red", "red"), ("blue.1", "blue-1"), ("_x_", "x"), ("...", "host"), ("a" * 80, "a" * 50), ("taken", "taken-2"), ("ü", "host")])
def test_a_namespace_gets_a_name_that_a_host_may_have(namespace: str, host: str):
    assert host_name(namespace, {"taken"}) == host
