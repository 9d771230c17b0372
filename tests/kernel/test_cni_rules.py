"""Rules that somebody took out of the common table while its sets stayed, or changed: CHECK sees it, and whoever comes next mends it."""

import pytest
from cni_host import CniHost, ipam
from sandbox import Sandbox

BROKEN = ("flush table {}", "flush chain {} prerouting", "delete chain {} spoofed", "insert rule {} forward drop", "add table {} {{ flags dormant; }}")


@pytest.fixture
def host(sandbox: Sandbox) -> CniHost:
    return CniHost(sandbox)


def chain(number: int) -> list[dict]:
    bridge = {"cniVersion": "1.0.0", "name": "n", "type": "bridge", "bridge": "br0", "isDefaultGateway": True, "ipMasq": True, "ipam": ipam()}
    ports = {"portMappings": [{"hostPort": 8080 + number, "containerPort": 80, "protocol": "tcp"}]}
    return [bridge, {"cniVersion": "1.0.0", "name": "n", "type": "portmap", "runtimeConfig": ports}]


@pytest.mark.parametrize("how", BROKEN)
def test_check_sees_it_and_the_next_one_mends_it(host: CniHost, how: str):
    said = host.chain(chain(0))
    host.chain(chain(0), "CHECK", result=said)
    host.serve("a")
    assert host.ask("192.0.2.1", 8080, "out") == "192.0.2.9"
    before = host.rules()
    assert host.box.run(["nft", how.format("inet netwright")]).code == 0
    for plugin in chain(0):
        error = host.refused(plugin | {"prevResult": said}, "CHECK")
        assert (error["code"], "put the rules of the firewall" in error["details"]) == (102, True), error
    other = host.chain(chain(1), "ADD", "b")
    host.chain(chain(0), "CHECK", result=said)
    assert host.ask("192.0.2.1", 8080, "out") == "192.0.2.9"
    host.chain(chain(1), "DEL", "b", result=other)
    assert host.rules() == before
