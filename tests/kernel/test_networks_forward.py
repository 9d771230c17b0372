"""Chains of others that drop what is forwarded: told where it matters, once, with commands that help."""

import shutil

import pytest
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
