"""podman with network_backend="cni": its own networks (a chain of the usual plugins), and one that our one plugin does whole."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import checks
import conflists
import plugins
import pytest
from host import HOST4, OUTSIDE4, Host
from image import WEB
from podman import Podman
from sandbox import missing

KINDS = plugins.cni_kinds()
NET = ("--subnet", "10.91.1.0/24", "--subnet", "fd00:91:1::/64")

@pytest.fixture(scope="module", params=KINDS)
def made(request: pytest.FixtureRequest, clients: None, image: Path) -> Iterator[tuple[str, Podman]]:
    if shutil.which("podman") is None:
        missing("podman is not installed")
    with Host() as host:
        client = Podman(host, "cni", plugins.cni(host, request.param), image)
        if request.param == plugins.OURS:
            host.box.write("/etc/cni/net.d/one.conflist", conflists.whole("one", "one0", 9))
        host.answer(checks.AWAY, netns="outside")
        host.answer_names()
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
    return conflists.gateways(1 if network == "net" else 9)


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


def test_reload_after_somebody_flushed_the_rules(podman: Podman, network: str):
    """DEL and ADD while podman itself holds the port (its conmon listens on it, so that nobody else takes it)."""
    web = _run(podman, network, "web", "-p", "8080:80", command=WEB)
    addresses = web.addresses()
    podman.host.must(["nft", "flush", "ruleset"])
    assert podman.host.is_silent(HOST4, 8080, netns="outside")
    podman("network", "reload", "web")
    checks.is_published(podman.host, 8080)
    checks.is_connected(web, _gateways(network))
    assert web.addresses() == addresses


def test_connect_and_disconnect_while_it_runs(podman: Podman, network: str):
    second = podman.network("second", "--subnet", "10.91.2.0/24")
    web = _run(podman, network, "web", "-p", "8080:80", command=WEB)
    other = podman.run("other", "--network", second)
    podman("network", "connect", "--ip", "10.91.2.9", second, "web")
    assert web.addresses("eth1") == ["10.91.2.9/24"]
    assert other.ask("10.91.2.9", 80) == other.address()
    podman("network", "disconnect", second, "web")
    assert web.devices() == ["lo", "eth0"]
    checks.is_published(podman.host, 8080)


def test_names(podman: Podman, kind: str):
    """podman tells the container's name as K8S_POD_NAME, and its aliases as {network: [alias, …]}."""
    if kind == plugins.THEIRS:
        pytest.skip("no plugin of the distribution names containers")
    web = podman.run("web", "--network", "one", "--network-alias", "shop")
    client = podman.run("client", "--network", "one")
    for name in ("web", "shop"):
        assert client.looks_up(name) == sorted([web.address(4), web.address(6)]), name
    assert client.looks_up("www.example") == ["198.51.100.7"], "a name of the world"
    podman.remove("web")
    assert client.looks_up("shop") == []
