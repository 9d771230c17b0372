"""containerd's CRI, as kubelet drives it: pods with host ports and bandwidth, by a chain of the usual plugins and by our one."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import checks
import conflists
import plugins
import pytest
from containerd import Containerd
from host import HOST4, OUTSIDE4, Host, until
from image import WEB
from sandbox import missing

GATEWAYS = conflists.gateways(8)


@pytest.fixture(scope="module", params=plugins.shapes())
def made(request: pytest.FixtureRequest, clients: None, image: Path) -> Iterator[tuple[str, object]]:
    if shutil.which("containerd") is None:
        missing("containerd is not installed")
    from cri import Cri

    kind, shape = request.param.split("-")
    with Host() as host:
        host.box.write("/etc/cni/net.d/10-net.conflist", getattr(conflists, shape)("net", "net0", 8))
        client = Cri(Containerd(host, plugins.cni(host, kind)), image)
        host.answer(checks.AWAY, netns="outside")
        until(client.is_ready, "the runtime has found its network")
        client.pod("first", ports=((8080, 80, "tcp", ""),), annotations={"kubernetes.io/ingress-bandwidth": "10M"})
        client.clear()
        yield kind, client
        client.close()


@pytest.fixture
def cri(made: tuple[str, object]) -> Iterator:
    yield from checks.leaves_nothing(made[1])


def test_addresses_routes_and_each_other(cri):
    one, other = cri.pod("one"), cri.pod("other")
    for pod in (one, other):
        checks.is_connected(pod, GATEWAYS)
        assert cri.addresses(pod.name) == [pod.address(4), pod.address(6)]
    checks.reach_each_other(one, other)
    assert one.run(["ip", "-br", "addr", "show", "lo"]).out.split()[2:] == ["127.0.0.1/8", "::1/128"]


def test_host_ports_of_a_container(cri):
    web = cri.pod("web", ports=((8080, 80, "tcp", ""), (8053, 53, "udp", "")))
    container = cri.container("web", *WEB)
    web.answer(53)
    checks.is_published(cri.host, 8080, udp=8053)
    assert "127.0.0.1" in cri.execute(container, "/bin/wget", "-qO-", "http://127.0.0.1/cgi-bin/client")
    client = cri.pod("client")
    assert client.ask(HOST4, 8080), "from another pod"
    assert web.ask(HOST4, 8080), "from itself"
    cri.remove("web")
    checks.is_not_published(cri.host, 8080)


def test_a_host_port_of_one_address(cri):
    cri.pod("web", ports=((8081, 80, "tcp", "127.0.0.1"), (8082, 80, "tcp", HOST4)))
    cri.container("web", *WEB)
    assert cri.host.ask("127.0.0.1", 8081)
    assert cri.host.is_silent(HOST4, 8081, netns="outside")
    assert cri.host.ask(HOST4, 8082, netns="outside") == OUTSIDE4
    assert cri.host.is_silent("127.0.0.1", 8082)


def test_bandwidth(cri):
    before = cri.host.state()["queues"]
    limits = {"kubernetes.io/ingress-bandwidth": "10M", "kubernetes.io/egress-bandwidth": "20M"}
    cri.pod("slow", annotations=limits)
    rates = sorted(line.split()[line.split().index("rate") + 1] for line in cri.host.must(["tc", "qdisc"]).splitlines() if " tbf " in line)
    assert rates == ["10Mbit", "20Mbit"]
    cri.remove("slow")
    assert cri.host.state()["queues"] == before


def test_a_stopped_pod_gives_everything_back(cri):
    """Its network is taken down by stop; when it is removed, DEL comes again, with no namespace."""
    before = cri.host.state()
    cri.pod("web", ports=((8080, 80, "tcp", ""),))
    cri.stop("web")
    now = cri.host.state()
    assert [now[key] for key in ("rules", "devices", "queues")] == [before[key] for key in ("rules", "devices", "queues")]
    cri.remove("web")
    checks.as_before(cri.host, before)
