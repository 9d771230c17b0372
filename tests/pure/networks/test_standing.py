"""A network's place in the firewall."""

import pytest

from netwright.networks.network import Network, Subnet
from netwright.networks.standing import bridge_of, elements, mac_of

SUBNETS = (Subnet("10.64.0.0/24", "10.64.0.1"), Subnet("fd01::/64", "fd01::1"), Subnet("10.65.0.0/24", "none"))


def net(name, **more):
    return Network(name, subnets=SUBNETS, device=f"nw-{name}", **more)


def said(network, *others):
    return {f"{where} {what.partition(' comment')[0]}" for where, what in elements(network, (network, *others))}


OWN = {'bridges "nw-a"', 'allowed "nw-a" . "nw-a"'}
CASES = [
    (net("a"), (), OWN | {'guarded "nw-a"'}),
    (net("a", mode="internal"), (), OWN | {'internal "nw-a"'}),
    (net("a", mode="routed"), (), OWN),
    (net("a", icc=False), (), {'bridges "nw-a"', 'guarded "nw-a"'}),
    (net("a", trusted=("eth0",)), (), OWN | {'guarded "nw-a"', 'trusted "eth0" . "nw-a"'}),
    (net("a", allow=("b",)), (net("b"), net("c")), OWN | {'guarded "nw-a"', 'allowed "nw-a" . "nw-b"', 'allowed "nw-b" . "nw-a"'}),
    (net("a"), (net("b", allow=("*",)),), OWN | {'guarded "nw-a"', 'allowed "nw-a" . "nw-b"', 'allowed "nw-b" . "nw-a"'}),
    (net("a", driver="macvlan"), (), set()),
]  # fmt: skip


@pytest.mark.parametrize(("network", "others", "wanted"), CASES)
def test_elements(network, others, wanted):
    assert said(network, *others) == wanted


def test_the_bridge_has_every_gateway():
    assert bridge_of(net("a")).gateways == ("10.64.0.1/24", "fd01::1/64")


def test_a_hardware_address_is_always_the_same_and_of_one_station():
    assert mac_of("a") == mac_of("a") != mac_of("b")
    assert int(mac_of("a")[:2], 16) & 3 == 2
