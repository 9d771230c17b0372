"""`ctr run --cni`: containerd's own client, with a chain of the usual plugins, and with our one plugin."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import checks
import conflists
import plugins
import pytest
from containerd import Containerd, Ctr
from host import Host
from image import WEB
from sandbox import missing

GATEWAYS = conflists.gateways(6)


@pytest.fixture(scope="module", params=plugins.shapes())
def made(request: pytest.FixtureRequest, clients: None, image: Path) -> Iterator[tuple[str, Ctr]]:
    if shutil.which("containerd") is None:
        missing("containerd is not installed")
    kind, shape = request.param.split("-")
    with Host() as host:
        host.box.write("/etc/cni/net.d/10-net.conflist", getattr(conflists, shape)("net", "net0", 6))
        client = Ctr(Containerd(host, plugins.cni(host, kind)), image)
        host.answer(checks.AWAY, netns="outside")
        client.run("first")
        client.clear()
        yield kind, client


@pytest.fixture
def leaks(made: tuple[str, Ctr]) -> tuple[str, ...]:
    """With the empty CNI_NETNS that ctr gives to DEL, the bridge plugin of the distribution leaves its masquerading."""
    return ("rules",) if made[0] == plugins.THEIRS else ()


@pytest.fixture
def ctr(made: tuple[str, Ctr], leaks: tuple[str, ...]) -> Iterator[Ctr]:
    yield from checks.leaves_nothing(made[1], leaks=leaks)


def test_addresses_routes_and_each_other(ctr: Ctr):
    one, other = ctr.run("one"), ctr.run("other")
    for container in (one, other):
        checks.is_connected(container, GATEWAYS)
    checks.reach_each_other(one, other)


def test_a_server(ctr: Ctr):
    web, client = ctr.run("web", "/bin/httpd", *WEB[1:]), ctr.run("client")
    for family in (4, 6):
        assert client.ask(web.address(family), 80) == client.address(family)
        assert ctr.host.ask(web.address(family), 80) == GATEWAYS[family]


def test_one_after_the_other(ctr: Ctr):
    """The name again; what the first one had has gone."""
    first = ctr.run("again").addresses()
    ctr.kill("again")
    again = ctr.run("again")
    checks.is_connected(again, GATEWAYS)
    assert again.addresses() != first, "addresses are given in turn"


def test_what_a_killed_ctr_left_is_collected(ctr: Ctr, leaks: tuple[str, ...]):
    """By `nw cni gc`: ctr's library keeps the list of attachments where ours does."""
    standing = ctr.run("standing")
    before = ctr.host.state()
    ctr.run("lost")
    ctr.lose("lost")
    assert plugins.nw(ctr.host, "cni", "gc", "net", "--keep", "default-standing/eth0") == "detached default-lost eth0\n"
    checks.as_before(ctr.host, before, leaks=leaks)
    checks.is_connected(standing, GATEWAYS)
