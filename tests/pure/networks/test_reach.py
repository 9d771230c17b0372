"""From where a port is reached: facts in, words out."""

import pytest

from netwright.model.value import replace
from netwright.networks.network import Network, Subnet
from netwright.networks.reach import Facts, reach
from netwright.networks.values import Attachment, Leg, Port

NETWORK = Network("web", subnets=(Subnet("10.64.0.0/24", "10.64.0.1"),), device="nw-web")
LEG4, LEG6 = Leg("10.64.0.2/24", "10.64.0.1"), Leg("fd01::2/64", "fd01::1")
BOTH = Attachment("a:eth0", "web", "nw-web", "nw1", "eth0", (LEG4, LEG6))
FACTS = Facts((("lo", "127.0.0.1"), ("lo", "::1"), ("eth0", "192.0.2.1"), ("eth0", "fd99::1"), ("nw-web", "10.64.0.1")), ours=frozenset({"nw-web"}))

CASES = [
    (Port("tcp", "", 80, 8080), BOTH, FACTS, "this host (127.0.0.1:80, [::1]:80, 192.0.2.1:80, [fd99::1]:80) and others (192.0.2.1:80, [fd99::1]:80)"),
    (Port("tcp", "0.0.0.0", 80, 8080, 3), BOTH, FACTS, "this host (127.0.0.1:80-82, 192.0.2.1:80-82) and others (192.0.2.1:80-82)"),
    (Port("tcp", "::", 80, 8080), BOTH, FACTS, "this host ([::1]:80, [fd99::1]:80) and others ([fd99::1]:80)"),
    (Port("tcp", "127.0.0.1", 80, 8080), BOTH, FACTS, "this host (127.0.0.1:80)"),
    (Port("tcp", "::1", 80, 8080), BOTH, FACTS, "this host ([::1]:80)"),
    (Port("tcp", "::1", 80, 8080), BOTH, replace(FACTS, localhost6=False), "nowhere: answers to ::1 are lost in br_netfilter: sysctl -w net.bridge.bridge-nf-call-ip6tables=0"),
    (Port("tcp", "192.0.2.1", 80, 8080), BOTH, FACTS, "this host (192.0.2.1:80) and others (192.0.2.1:80)"),
    (Port("tcp", "192.0.2.7", 80, 8080), BOTH, FACTS, "nowhere: no device of the host has the address 192.0.2.7"),
    (Port("tcp", "::1", 80, 8080), replace(BOTH, legs=(LEG4,)), FACTS, "nowhere: a:eth0 has no IPv6 address: publish on an address of the other family"),
    (Port("tcp", "0.0.0.0", 80, 8080), BOTH, replace(FACTS, forwards=(6,)), "the host does not forward IPv4: nw network reload web"),
    (Port("tcp", "0.0.0.0", 80, 8080), BOTH, replace(FACTS, drops=(("nw-web", 4, "FORWARD drops"),)), "this host (127.0.0.1:80, 192.0.2.1:80): FORWARD drops"),
    (Port("tcp", "0.0.0.0", 80, 8080), BOTH, replace(FACTS, drops=(("nw-web", 4, "it drops"),), spares=frozenset({"it drops"})), "and others (192.0.2.1:80)"),
    (Port("tcp", "", 80, 8080), BOTH, replace(FACTS, drops=(("nw-web", 4, "it drops"), ("nw-b", 6, "so does it"))), "and others ([fd99::1]:80): it drops"),
]  # fmt: skip


@pytest.mark.parametrize(("port", "attachment", "facts", "said"), CASES)
def test_reach(port, attachment, facts, said):
    assert said in str(reach(port, attachment, NETWORK, facts))


@pytest.mark.parametrize(
    ("more", "told"), [({}, True), ({"mode": "routed"}, True), ({"mode": "internal"}, False), ({"mode": "internal", "allow": ("b",)}, True), ({"driver": "macvlan"}, False)]
)
def test_whose_packets_are_forwarded_is_told_what_drops_them(more, told):
    facts = replace(FACTS, drops=(("nw-web", 4, "it drops"), ("nw-web", 6, "it drops"), ("nw-b", 4, "not ours")))
    assert facts.in_the_way(replace(NETWORK, **more)) == (("it drops",) if told else ())
