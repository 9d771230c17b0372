"""Chains of others that drop what is forwarded: told where it matters, once, with commands that help."""

import shutil

import pytest
from cni_host import CniHost, ipam
from netavark_host import Host as NetavarkHost
from netavark_host import asked, net
from networks_host import Host
from sandbox import Sandbox, missing


@pytest.fixture
def shop(sandbox: Sandbox) -> Host:
    """A network on which `a` serves tcp/80."""
    host = Host(sandbox)
    host.nw("network create shop --no-dns")
    host.nw("connect shop a")
    host.serve("a", "tcp/80")
    return host


IPTABLES = ("iptables -P FORWARD DROP; ip6tables -P FORWARD DROP", "iptables -A FORWARD -j REJECT; ip6tables -A FORWARD -j REJECT")


@pytest.mark.parametrize("rules", [*IPTABLES, "nft add table inet mine; nft 'add chain inet mine f { type filter hook forward priority 5; policy drop; }'"])
def test_what_is_advised_is_told_once_and_helps(shop: Host, rules: str):
    if "iptables" in rules and not shutil.which("iptables"):
        missing("iptables is not installed")
    shop.nw("publish add a *:8080:80 *:8081:80")
    assert shop.box.run(["sh", "-ec", rules]).code == 0
    commands: dict[str, None] = {}
    for words in ("network create shop --no-dns", "connect shop a", "publish add a *:8082:80", "publish ls", "run --network shop true"):
        lines = shop.nw(words).err.splitlines()
        assert len(lines) == len(set(lines)) == (1 if "inet" in rules else 2), (words, lines)
        commands |= dict.fromkeys(command for line in lines for command in line.split("e.g. ")[1].split("; "))
    assert shop.never("out", "192.0.2.1", 8080)
    assert shop.nw("publish add a 8083:80").err == "", "nothing is forwarded for 127.0.0.1"
    assert shop.nw("network create inner --internal --no-dns").err == ""
    assert len(commands) == (2 if "inet" in rules else 4)
    for command in commands:
        assert shop.box.run(["sh", "-ec", command]).code == 0, command
    assert [shop.nw(words).err for words in ("connect shop a", "publish ls", "run --network shop true")] == [""] * 3
    assert shop.ask("out", "192.0.2.1", 8080) == "192.0.2.9"
    assert shop.ask("out", "fd99::1", 8080) == "fd99::9"


DROPPING = "table inet mine { chain f { type filter hook forward priority 5; policy drop; }; }"
ADVICE = "nft insert rule inet mine f {}ifname {} accept"


def advice(bridge: str) -> str:
    return "; ".join(ADVICE.format(way, bridge) for way in "io")


def test_a_cni_plugin_tells_it_the_runtimes_log(sandbox: Sandbox):
    host = CniHost(sandbox)
    ours = {"cniVersion": "1.0.0", "name": "n", "type": "netwright", "bridge": "br0", "dns": False, "ipam": ipam()}
    assert host.call(ours, "ADD", "b").err == ""
    host.ok(ours, "DEL", "b")
    assert host.box.run(["nft", "-f", "-"], stdin=DROPPING).code == 0
    done = host.call(ours)
    assert (done.code, done.err.count("\n"), done.err.strip().endswith(advice("br0"))) == (0, 1, True), done.out + done.err
    assert host.call(ours, "ADD", "b").err == "", "said for a bridge, not for each container"
    host.ok(ours, "DEL", "b")
    assert host.box.run(["sh", "-ec", advice("br0")]).code == 0
    host.ok(ours, "DEL")
    assert host.call(ours).err == ""


def test_netavark_tells_it_podman(sandbox: Sandbox):
    host = NetavarkHost(sandbox)
    given = asked(2, net(1))
    assert host.box.run(["nft", "-f", "-"], stdin=DROPPING).code == 0
    done = host.netavark("setup", "/run/netns/c2", given=given)
    assert (done.code, done.err.count("\n"), "netavark: f of the table inet mine drops" in done.err) == (0, 1, True), done.out + done.err
    assert host.netavark("setup", "/run/netns/c3", given=asked(3, net(1))).err == "", "said for a bridge, not for each container"
    host.teardown(3, asked(3, net(1)))
    (said,) = done.err.split("e.g. ")[1:]
    assert host.box.run(["sh", "-ec", said.strip()]).code == 0
    host.teardown(2, given)
    assert host.netavark("setup", "/run/netns/c2", given=given).err == ""
