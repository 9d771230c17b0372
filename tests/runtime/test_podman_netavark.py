"""podman with network_backend="netavark": netavark and aardvark-dns are programs of ours."""

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

KINDS = plugins.kinds("netwright.netavark.main")
NET = ("--subnet", "10.91.1.0/24", "--subnet", "fd00:91:1::/64")
SECOND = ("--subnet", "10.91.2.0/24", "--subnet", "fd00:91:2::/64")
GATEWAYS = {4: "10.91.1.1", 6: "fd00:91:1::1"}


@pytest.fixture(scope="module", params=KINDS)
def made(request: pytest.FixtureRequest, clients: None, image: Path) -> Iterator[tuple[str, Podman]]:
    if shutil.which("podman") is None:
        missing("podman is not installed")
    with Host() as host:
        client = Podman(host, "netavark", plugins.netavark(host, request.param), image)
        host.answer(checks.AWAY, netns="outside")
        host.answer_names()
        client.run("first", "--network", client.network("net", *NET), "-p", "8080:80")
        client.clear()
        yield request.param, client


@pytest.fixture
def podman(made: tuple[str, Podman], leaks: tuple[str, ...]) -> Iterator[Podman]:
    yield from checks.leaves_nothing(made[1], leaks=leaks)


@pytest.fixture
def kind(made: tuple[str, Podman]) -> str:
    return made[0]


@pytest.fixture
def leaks(kind: str) -> tuple[str, ...]:
    """What stays behind: netavark 1.4 forgets chains, empty ones."""
    return ("rules",) if kind == plugins.THEIRS else ()


@pytest.fixture
def net(podman: Podman) -> str:
    return podman.network("net", *NET)


@pytest.fixture
def second(podman: Podman) -> str:
    return podman.network("second", *SECOND)


def test_addresses_routes_and_each_other(podman: Podman, net: str):
    one, other = podman.run("one", "--network", net), podman.run("other", "--network", net)
    for container in (one, other):
        checks.is_connected(container, GATEWAYS)
    checks.reach_each_other(one, other)
    seen = podman.inspect("one")["NetworkSettings"]["Networks"][net]
    assert (seen["IPAddress"], seen["GlobalIPv6Address"]) == (one.address(4), one.address(6))
    assert seen["MacAddress"] == one.device()["address"]


def test_published_ports(podman: Podman, net: str, kind: str):
    web = podman.run("web", "--network", net, "-p", "8080:80", "-p", "8053:53/udp", "-p", "8100-8102:80-82", command=WEB)
    for port in (53, 82):
        web.answer(port)
    checks.is_published(podman.host, 8080, udp=8053)
    assert podman.host.ask(HOST4, 8102, netns="outside") == OUTSIDE4, "the last of a range"
    client = podman.run("client", "--network", net)
    assert client.ask(HOST4, 8080), "from another container"
    if kind == plugins.OURS:  # netavark 1.4 makes no hairpin ports
        assert web.ask(HOST4, 8080), "from itself"
    podman.remove("web")
    checks.is_not_published(podman.host, 8080)


def test_a_port_of_one_address(podman: Podman, net: str):
    podman.run("web", "--network", net, "-p", "127.0.0.1:8081:80", "-p", f"{HOST4}:8082:80", command=WEB)
    assert podman.host.ask("127.0.0.1", 8081)
    assert podman.host.is_silent(HOST4, 8081, netns="outside")
    assert podman.host.ask(HOST4, 8082, netns="outside") == OUTSIDE4
    assert podman.host.is_silent("127.0.0.1", 8082)


def test_fixed_addresses_and_mac(podman: Podman, net: str):
    options = ("--ip", "10.91.1.77", "--ip6", "fd00:91:1::77", "--mac-address", "02:42:00:00:00:77")
    fixed = podman.run("fixed", "--network", net, *options)
    assert fixed.addresses() == ["10.91.1.77/24", "fd00:91:1::77/64"]
    assert fixed.device()["address"] == "02:42:00:00:00:77"


def test_names(podman: Podman, net: str):
    podman.run("web", "--network", net, "--network-alias", "shop")
    web = podman.found("web")
    client = podman.run("client", "--network", net)
    both = sorted([web.address(4), web.address(6)])
    for name in ("web", "shop", "web.dns.podman"):
        assert client.looks_up(name) == both, name
    assert web.looks_up("client") == sorted([client.address(4), client.address(6)])
    assert client.looks_up("www.example") == ["198.51.100.7"], "a name of the world"
    podman.remove("web")
    assert client.looks_up("shop") == []


def test_a_restart(podman: Podman, net: str):
    podman.run("web", "--network", net, "-p", "8080:80", command=WEB)
    podman("restart", "-t", "0", "web")
    checks.is_connected(podman.found("web"), GATEWAYS)
    checks.is_published(podman.host, 8080)


def test_a_container_that_dies_takes_its_network_along(podman: Podman, net: str, leaks: tuple[str, ...]):
    podman.run("standing", "--network", net)
    before = podman.host.state()
    podman.run("web", "--network", net, "-p", "8080:80", command=WEB)
    podman("kill", "web")
    checks.as_before(podman.host, before, leaks=leaks)


def test_two_networks(podman: Podman, net: str, second: str):
    both = podman.run("both", "--network", f"{net},{second}")
    one, two = podman.run("one", "--network", net), podman.run("two", "--network", second)
    assert sorted(both.devices()) == ["eth0", "eth1", "lo"]
    for device in ("eth0", "eth1"):
        near = one if both.address(4, device).startswith("10.91.1.") else two
        assert both.pings(near.address(4))
        assert both.pings(near.address(6))
        assert near.pings(both.address(4, device))


def test_connect_and_disconnect_while_it_runs(podman: Podman, net: str, second: str, leaks: tuple[str, ...]):
    web = podman.run("web", "--network", net, "-p", "8080:80", command=WEB)
    other = podman.run("other", "--network", second)
    before = podman.host.state()
    podman("network", "connect", "--ip", "10.91.2.9", second, "web")
    assert web.devices() == ["lo", "eth0", "eth1"]
    assert web.addresses("eth1")[0] == "10.91.2.9/24"
    assert other.ask("10.91.2.9", 80) == other.address()
    assert other.looks_up("web") == sorted([web.address(4, "eth1"), web.address(6, "eth1")])
    podman("network", "disconnect", second, "web")
    assert web.devices() == ["lo", "eth0"]
    checks.is_published(podman.host, 8080)
    checks.as_before(podman.host, before, leaks=leaks)


def test_no_way_out_of_an_internal_network(podman: Podman, net: str):
    cut = podman.network("cut", "--internal", "--subnet", "10.91.3.0/24")
    one, other = podman.run("one", "--network", cut), podman.run("other", "--network", cut, command=WEB)
    stranger = podman.run("stranger", "--network", net)
    assert one.gateways() == []
    assert one.pings(other.address())
    assert one.looks_up("other") == [other.address()]
    assert one.is_cut_off_from(OUTSIDE4, checks.AWAY)
    assert stranger.is_cut_off_from(other.address())


def test_isolated_networks(podman: Podman, net: str):
    webs = {}
    for name, third in (("apart", 4), ("aside", 5)):
        network = podman.network(name, "--opt", "isolate=true", "--subnet", f"10.91.{third}.0/24")
        webs[name] = podman.run(f"web-{name}", "--network", network, command=WEB)
    one = podman.run("one", "--network", "apart")
    assert one.ask(webs["apart"].address(), 80)
    assert one.is_cut_off_from(webs["aside"].address())
    assert one.ask(OUTSIDE4, checks.AWAY) == HOST4


def test_reload_after_somebody_flushed_the_rules(podman: Podman, net: str):
    web = podman.run("web", "--network", net, "-p", "8080:80", command=WEB)
    podman.host.must(["nft", "flush", "ruleset"])
    assert podman.host.is_silent(HOST4, 8080, netns="outside")
    podman("network", "reload", "web")
    checks.is_published(podman.host, 8080)
    checks.is_connected(web, GATEWAYS)


def test_macvlan(podman: Podman):
    """A machine of its own on the uplink's network."""
    lan = podman.network("lan", "-d", "macvlan", "--opt", "parent=wan", "--subnet", "192.0.2.0/24", "--gateway", OUTSIDE4)
    own = podman.run("own", "--network", lan, "--ip", "192.0.2.50")
    assert own.addresses() == ["192.0.2.50/24"]
    assert own.gateways() == [OUTSIDE4]
    assert own.ask(OUTSIDE4, checks.AWAY) == "192.0.2.50"
