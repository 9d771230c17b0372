"""podman with network_backend="cni": its own networks (a chain of the usual plugins), and one that our one plugin does whole."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import checks
import plugins
import pytest
from host import HOST4, OUTSIDE4, Host
from image import WEB
from podman import Podman
from sandbox import missing

KINDS = plugins.kinds("netwright.cni.plugins.netwright")
NET = ("--subnet", "10.91.1.0/24", "--subnet", "fd00:91:1::/64")
ONE = {
    "cniVersion": "0.4.0",
    "name": "one",
    "plugins": [
        {
            "type": "netwright",
            "bridge": "one0",
            "isGateway": True,
            "ipMasq": True,
            "hairpinMode": True,
            "ipam": {
                "type": "host-local",
                "ranges": [[{"subnet": "10.91.9.0/24"}], [{"subnet": "fd00:91:9::/64"}]],
                "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}],
            },
            "capabilities": {"portMappings": True, "bandwidth": True, "ips": True, "mac": True, "aliases": True},
        }
    ],
}


@pytest.fixture(scope="module", params=KINDS)
def made(request: pytest.FixtureRequest, clients: None, image: Path) -> Iterator[tuple[str, Podman]]:
    if shutil.which("podman") is None:
        missing("podman is not installed")
    with Host() as host:
        client = Podman(host, "cni", plugins.cni(host, request.param), image)
        if request.param == plugins.OURS:
            host.box.write("/etc/cni/net.d/one.conflist", json.dumps(ONE))
        host.answer(checks.AWAY, netns="outside")
        _warm_up(client, request.param)
        yield request.param, client


@pytest.fixture
def podman(made: tuple[str, Podman]) -> Iterator[Podman]:
    yield from checks.leaves_nothing(made[1])


@pytest.fixture
def kind(made: tuple[str, Podman]) -> str:
    return made[0]


@pytest.fixture(params=["net", "one"] if plugins.OURS in KINDS else ["net"])
def network(request: pytest.FixtureRequest, podman: Podman, kind: str) -> str:
    """A network made by podman, and the one of our one plugin."""
    if request.param == "net":
        return podman.network("net", *NET)
    if kind == plugins.THEIRS:
        pytest.skip("the distribution has no such plugin")
    return "one"


def _warm_up(client: Podman, kind: str) -> None:
    """What the first container of all makes (tables, a bridge) may stay."""
    for network in (client.network("net", *NET), *(["one"] if kind == plugins.OURS else [])):
        _run(client, network, "first", "-p", "8080:80")
        client.remove("first")
    client.clear()


def _run(podman: Podman, network: str, name: str, *options: str, command: tuple[str, ...] = ()):
    return podman.run(name, "--network", network, *options, command=command)


def _gateways(network: str) -> dict[int, str]:
    return {4: "10.91.1.1", 6: "fd00:91:1::1"} if network == "net" else {4: "10.91.9.1", 6: "fd00:91:9::1"}


def test_addresses_routes_and_each_other(podman: Podman, network: str):
    one, other = _run(podman, network, "one"), _run(podman, network, "other")
    for container in (one, other):
        checks.is_connected(container, _gateways(network))
    checks.reach_each_other(one, other)


def test_published_ports(podman: Podman, network: str):
    web = _run(podman, network, "web", "-p", "8080:80", "-p", "8053:53/udp", command=WEB)
    web.answer(53)
    checks.is_published(podman.host, 8080, udp=8053)
    client = _run(podman, network, "client")
    assert client.ask(HOST4, 8080), "from another container"
    assert web.ask(HOST4, 8080), "from itself"
    podman.remove("web")
    checks.is_not_published(podman.host, 8080)


def test_a_port_of_one_address(podman: Podman, network: str):
    _run(podman, network, "web", "-p", "127.0.0.1:8081:80", "-p", f"{HOST4}:8082:80", command=WEB)
    assert podman.host.ask("127.0.0.1", 8081)
    assert podman.host.is_silent(HOST4, 8081, netns="outside")
    assert podman.host.ask(HOST4, 8082, netns="outside") == OUTSIDE4
    assert podman.host.is_silent("127.0.0.1", 8082)


def test_a_fixed_address_and_mac(podman: Podman, network: str):
    wanted = f"{_gateways(network)[4]}77"
    fixed = _run(podman, network, "fixed", "--ip", wanted, "--mac-address", "02:42:00:00:00:77")
    assert fixed.address() == wanted
    assert fixed.device()["address"] == "02:42:00:00:00:77"
    assert podman.inspect("fixed")["NetworkSettings"]["Networks"][network]["MacAddress"] == "02:42:00:00:00:77"


def test_a_restart(podman: Podman, network: str):
    _run(podman, network, "web", "-p", "8080:80", command=WEB)
    podman("restart", "-t", "0", "web")
    checks.is_connected(podman.found("web"), _gateways(network))
    checks.is_published(podman.host, 8080)


def test_a_container_that_dies_takes_its_network_along(podman: Podman, network: str):
    _run(podman, network, "standing")
    before = podman.host.state()
    _run(podman, network, "web", "-p", "8080:80", command=WEB)
    podman("kill", "web")
    checks.as_before(podman.host, before)
