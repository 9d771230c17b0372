"""Routes and addresses that come after a network, where the network is."""

import pytest
from networks_host import Host
from sandbox import Sandbox


@pytest.fixture
def host(sandbox: Sandbox) -> Host:
    return Host(sandbox)


def test_what_comes_later_where_a_network_is_is_told(host: Host):
    host.nw("network create shop --subnet 10.64.0.0/24 --no-ipv6")
    assert host.inspect("shop")["problems"] == []
    host.box.ip("link add nw-shop2 type veth peer name tun1")
    for words in ("link set nw-shop2 up", "link set tun1 up", "addr add 10.64.0.129/25 dev nw-shop2", "route add 10.64.0.0/16 via 192.0.2.9"):
        host.box.ip(words)
    said = ["a part of shop, 10.64.0.128/25, is elsewhere too (nw-shop2 has 10.64.0.129/25): who has an address there is not reached"]
    said += ["shop takes a part of 10.64.0.0/16 (route via 192.0.2.9 dev up0)"]
    assert host.inspect("shop")["problems"] == said
    assert host.nw("network create shop --subnet 10.64.0.0/24 --no-ipv6").err == "".join(f"nw network: {words}\n" for words in said)
    host.nw("network create next --no-ipv6")
    assert host.inspect("next")["subnets"][0]["network"] == "10.65.0.0/24"
