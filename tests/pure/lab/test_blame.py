"""Which line of a file an operation is about."""

import pytest

from netwright.lab.blame import blamed
from netwright.lab.compile import compile
from netwright.lab.load import loads
from netwright.plan import ops
from netwright.plan.planner import plan

TEXT = """\
lab: shop
hosts:
  web:
    switch: front
    sysctls: { net.ipv4.ip_forward: 1 }
  gw:
    links:
      eth0: front
      eth1: { kind: macvlan, parent: eth0 }
  far: {}
switches:
  front: { subnet: 10.1.0.0/24 }
cables:
  - { ends: ["gw:eth2", "far:eth0"], subnet: 10.2.0.0/30 }
"""
TOPOLOGY = loads(TEXT, name="shop.lab.yaml")
STATE = compile(TOPOLOGY)
CASES = [
    (ops.SetLink({"index": "eth0"}, {}, "web"), ("hosts", "web", "links", "eth0"), 4),
    (ops.AddAddress({"index": "eth1"}, {}, namespace="gw"), ("hosts", "gw", "links", "eth1"), 9),
    (ops.AddLink({"index": 0}, {"ifname": "web.eth0"}, namespace="@"), ("hosts", "web", "links", "eth0"), 4),
    (ops.AddLink({"index": 0}, {"ifname": "front"}, namespace="@"), ("switches", "front"), 12),
    (ops.SetLink({"index": "eth2"}, {}, "gw"), ("cables", 0), 14),
    (ops.AddLink({"index": 0}, {"ifname": "eth0"}, namespace="far"), ("cables", 0), 14),
    (ops.SetSysctl("net.ipv4.ip_forward", "1", "web"), ("hosts", "web", "sysctls", "net.ipv4.ip_forward"), 5),
    (ops.AddNamespace("far"), ("hosts", "far"), 10),
    (ops.AddRoute({}, {"oif": "eth0"}, namespace="web"), ("hosts", "web", "links", "eth0"), 4),
    (ops.SetSysctl("net.bridge.bridge-nf-call-iptables", "0", "@"), (), 0),
    (ops.PutFile("", "/etc/hosts", ""), (), 0),
]


@pytest.mark.parametrize(("op", "path", "line"), CASES, ids=[str(path) + type(op).__name__ for op, path, _ in CASES])
def test_an_operation_has_its_place_in_the_file(op: object, path: tuple[str, ...], line: int):
    problem = blamed(op, TOPOLOGY, STATE)
    assert problem.path == path
    assert (problem.place or ("", 0))[1] == line or not path


def test_every_operation_of_a_lab_is_about_something():
    for op in plan(type(STATE)(), STATE):
        problem = blamed(op, TOPOLOGY, STATE)
        assert problem.path or getattr(op, "namespace", getattr(op, "name", "@")) == "@" or hasattr(op, "view"), op
