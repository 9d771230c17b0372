"""podman without root, with netavark and aardvark-dns of ours: its containers are in a network namespace of podman's own."""

from collections.abc import Iterator
from pathlib import Path

import checks
import plugins
import pytest
from host import HOST4, OUTSIDE4, Host, until
from image import WEB
from rootless import HOME, Rootless, need

KINDS = plugins.kinds("netwright.netavark.main")
NET = ("--subnet", "10.91.1.0/24", "--subnet", "fd00:91:1::/64")
GATEWAYS = {4: "10.91.1.1", 6: "fd00:91:1::1"}


@pytest.fixture(scope="module", params=KINDS)
def made(request: pytest.FixtureRequest, clients: None, image: Path) -> Iterator[tuple[str, Rootless]]:
    need()
    with Host() as host:
        client = Rootless(host, request.param, image)
        host.answer(checks.AWAY, netns="outside")
        host.answer_names()
        client.run("first", "--network", client.network("net", *NET), "-p", "8080:80")
        client.clear()
        yield request.param, client


@pytest.fixture
def podman(made: tuple[str, Rootless]) -> Iterator[Rootless]:
    yield from checks.leaves_nothing(made[1])
    assert made[1].left() == []


@pytest.fixture
def kind(made: tuple[str, Rootless]) -> str:
    return made[0]


@pytest.fixture
def net(podman: Rootless) -> str:
    return podman.network("net", *NET)


def test_addresses_routes_and_each_other(podman: Rootless, net: str):
    one, other = podman.run("one", "--network", net), podman.run("other", "--network", net)
    for container in (one, other):
        for family, gateway in GATEWAYS.items():
            assert container.gateways(family) == [gateway]
            assert container.pings(gateway)
        assert container.ask(OUTSIDE4, checks.AWAY) == HOST4, "out, under the host's address"
    checks.reach_each_other(one, other)
    seen = podman.inspect("one")["NetworkSettings"]["Networks"][net]
    assert (seen["IPAddress"], seen["GlobalIPv6Address"]) == (one.address(4), one.address(6))
    assert seen["MacAddress"] == one.device()["address"]


def test_published_ports(podman: Rootless, net: str):
    web = podman.run("web", "--network", net, "-p", "8080:80", "-p", "127.0.0.1:8081:80", "-p", "8053:53/udp", command=WEB)
    web.answer(53)
    for address, port in (("127.0.0.1", 8080), ("127.0.0.1", 8081), (HOST4, 8080)):
        assert podman.host.ask(address, port), (address, port)
    assert podman.host.ask("127.0.0.1", 8053, protocol="udp")
    assert podman.host.ask(HOST4, 8080, netns="outside")
    assert podman.host.is_silent(HOST4, 8081, netns="outside")
    client = podman.run("client", "--network", net)
    assert client.ask(web.address(), 80) == client.address()
    podman.remove("web")
    checks.is_not_published(podman.host, 8080)


def test_names(podman: Rootless, net: str):
    web = podman.run("web", "--network", net, "--network-alias", "shop")
    client = podman.run("client", "--network", net)
    both = sorted([web.address(4), web.address(6)])
    for name in ("web", "shop", "web.dns.podman"):
        assert client.looks_up(name) == both, name
    assert client.looks_up("www.example") == ["198.51.100.7"], "a name of the world"
    podman.remove("web")
    assert client.looks_up("shop") == []


def test_one_after_the_other(podman: Rootless, net: str):
    """With the last container podman's namespace goes; the next one has names, ports and addresses all the same."""
    for name in ("one", "two", "three"):
        web = podman.run(name, "--network", net, "-p", "8080:80", command=WEB)
        assert web.looks_up(name) == sorted([web.address(4), web.address(6)])
        assert podman.host.ask("127.0.0.1", 8080)
        podman.remove(name)


def test_a_restart_and_a_container_that_dies(podman: Rootless, net: str):
    podman.run("web", "--network", net, "-p", "8080:80", command=WEB)
    podman("restart", "-t", "0", "web")
    assert podman.host.ask("127.0.0.1", 8080)
    assert podman.found("web").gateways() == [GATEWAYS[4]]
    podman("kill", "web")
    until(lambda: podman.host.is_silent("127.0.0.1", 8080), "podman's clean-up has taken the port away")


def test_connect_and_disconnect_while_it_runs(podman: Rootless, net: str):
    second = podman.network("second", "--subnet", "10.91.2.0/24")
    web, other = podman.run("web", "--network", net, command=WEB), podman.run("other", "--network", second)
    podman("network", "connect", "--ip", "10.91.2.9", second, "web")
    assert web.addresses("eth1") == ["10.91.2.9/24"]
    assert other.ask("10.91.2.9", 80) == other.address()
    assert other.looks_up("web") == ["10.91.2.9"]
    podman("network", "disconnect", second, "web")
    assert web.devices() == ["lo", "eth0"]


def test_no_way_out_of_an_internal_network(podman: Rootless, net: str):
    cut = podman.network("cut", "--internal", "--subnet", "10.91.3.0/24")
    one, other = podman.run("one", "--network", cut), podman.run("other", "--network", cut, command=WEB)
    stranger = podman.run("stranger", "--network", net)
    assert one.gateways() == []
    assert one.ask(other.address(), 80) == one.address()
    assert one.looks_up("other") == [other.address()]
    assert one.is_cut_off_from(OUTSIDE4, checks.AWAY)
    assert stranger.is_cut_off_from(other.address())


def test_what_install_wrote_goes_again(podman: Rootless, kind: str):
    """podman finds its programs by it, as all the tests here show; `uninstall` leaves what the user had."""
    if kind == plugins.THEIRS:
        pytest.skip("netavark's own has no such thing")
    programs = f"{HOME}/.local/libexec/netwright"
    configuration = f"{HOME}/.config/containers/containers.conf.d/netwright.conf"
    written = [f"{programs}/netavark", f"{programs}/aardvark-dns", configuration]
    try:
        assert podman.nw("netavark", "uninstall").split("\n")[:-1] == [configuration, *written[:2]]
        left = podman.host.sh(f"find {HOME}/.local/libexec {HOME}/.config -type f | sort").split()
        assert left == [f"{HOME}/.config/containers/{name}" for name in ("containers.conf", "storage.conf")]
    finally:
        again = podman.nw("netavark", "install").splitlines()
    assert again[:3] == written
    assert len(again) == 4, f"something is missing here: {again[4:]}"
