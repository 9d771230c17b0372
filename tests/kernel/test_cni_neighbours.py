"""What others on a bridge hear of a container: where its address is now, and nothing besides."""

import select
import time
from collections.abc import Callable

import pytest
from cni_host import CniHost
from sandbox import Sandbox
from traffic import until

V4 = {"subnet": "10.1.0.0/16"}
BOTH = {"subnet": "10.1.0.0/16", "subnets": ["fd01::/64"]}
IPAM = {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/16"}], [{"subnet": "fd01::/64"}]]}
AGAIN = {"runtimeConfig": {"ips": ["10.1.0.3/16", "fd01::3/64"]}}


@pytest.fixture
def host(sandbox: Sandbox) -> CniHost:
    """Reservations are in /var/lib: not in the machine's."""
    assert sandbox.run(["mount", "-t", "tmpfs", "none", "/var/lib"]).code == 0
    return CniHost(sandbox)


def ours(**more: object) -> dict:
    return {"cniVersion": "1.1.0", "name": "n", "type": "netwright", "bridge": "cni0", "dns": False, **more}


def known(host: CniHost, address: str, device: str, netns: str | None = None) -> str:
    """The hardware address that a neighbour knows, whether or not it is sure of it."""
    return next((n["lladdr"] for n in host.json("neigh show", address, "dev", device, netns=netns) if "lladdr" in n), "")


def comes(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Whether it becomes true."""
    deadline = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < deadline:
        select.select([], [], [], 0.02)
    return found


@pytest.mark.parametrize("config", [ours(**BOTH), ours(type="bridge", isGateway=True, ipam=IPAM)], ids=["netwright", "bridge"])
def test_an_address_that_comes_to_another_container_is_found_there_at_once(host: CniHost, config: dict):
    host.ok(config, "ADD", "a")
    host.ok(config, "ADD", "b")
    for address in ("10.1.0.3", "fd01::3"):
        assert host.ping(address, "a")
        assert host.ping(address)
    places = [(address, *place) for address in ("10.1.0.3", "fd01::3") for place in (("eth0", "a"), ("cni0", None))]
    before = {known(host, *place) for place in places}
    assert len(before) == 1

    def told() -> bool:
        """By another container of that address, without a packet of theirs."""
        host.ok(config, "DEL", "b")
        now = host.ok(config | AGAIN, "ADD", "b")["interfaces"][2]["mac"]
        assert now not in before
        return comes(lambda: {known(host, *place) for place in places} == {now})

    # What is told once may be lost once, where another namespace floods the queue of the processor.
    assert any(told() for _ in range(3))


def test_no_link_local_address_where_nobody_has_ipv6(host: CniHost):
    said = host.ok(ours(**V4), "ADD", "a")
    found = [a for device in host.json("-6 address show", netns="a") for a in device["addr_info"]]
    assert [a["local"] for a in found if a["scope"] == "link"] == []
    assert host.json("-6 address show dev", said["interfaces"][1]["name"]) == []


def test_with_ipv6_the_container_has_one_and_its_port_has_none(host: CniHost):
    said = host.ok(ours(**BOTH), "ADD", "a")
    host.ok(ours(**BOTH, prevResult=said), "CHECK", "a")
    until(lambda: [a["scope"] for d in host.json("-6 address show dev eth0", netns="a") for a in d["addr_info"]] == ["global", "link"])
    assert host.json("-6 address show dev", said["interfaces"][1]["name"]) == []
    assert host.ping("fd01::1", "a")


def test_the_plugin_bridge_leaves_the_container_its_own(host: CniHost):
    """As upstream's does."""
    config = ours(type="bridge", isGateway=True, ipam={"type": "host-local", "subnet": "10.1.0.0/16"})
    host.ok(config, "ADD", "a")
    until(lambda: [a["scope"] for d in host.json("-6 address show dev eth0", netns="a") for a in d["addr_info"]] == ["link"])
