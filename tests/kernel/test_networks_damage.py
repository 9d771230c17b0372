"""What somebody broke: that it is seen at a glance, told in full, and mended; with what is wrong and the command."""

import pytest
from networks_host import Host
from sandbox import Sandbox
from traffic import until

PORT, INSIDE = "$(ip -o link show master nw-shop | head -1 | cut -d' ' -f2 | cut -d@ -f1)", "ip netns exec a ip"


@pytest.fixture
def shop(sandbox: Sandbox) -> Host:
    host = Host(sandbox)
    host.nw("network create shop")
    host.nw("connect shop a -p 8080:80")
    return host


RULES = ("rules of the firewall are gone", "to do: put the rules of the firewall", "the rules of the firewall are gone")
# What is broken: (at a glance, in inspect, at the port)
BROKEN = {
    "nft flush ruleset": ("rules of the firewall are gone", "a: 6 elements of the firewall are missing", "6 elements"),
    "nft flush table inet netwright": RULES,
    "nft flush chain inet netwright output": RULES,
    "nft delete chain inet netwright spoofed": RULES,
    "nft insert rule inet netwright forward drop": RULES,
    "nft 'add table inet netwright { flags dormant; }'": RULES,
    "nft flush map inet netwright published4": ("", "a: 1 element of the firewall is missing", "1 element"),
    "ip link del nw-shop": ("nw-shop, the bridge of shop, is gone", "Make a bridge called nw-shop", "nowhere"),
    "ip link set nw-shop down": ("nw-shop, the bridge of shop, is down", "Bring nw-shop up", "nowhere"),
    "ip addr del 10.64.0.1/24 dev nw-shop": ("has not the address 10.64.0.1", "Give nw-shop the address 10.64.0.1/24", "nowhere"),
    f"ip link set {PORT} down": ("a's cable to shop", "Bring nw", "nowhere"),
    f"ip link set {PORT} nomaster": ("is not in nw-shop", "a port of nw-shop", "nowhere"),
    f"ip link del {PORT}": ("a's cable to shop", "its other end is eth0 in a,", "nowhere"),
    f"{INSIDE} link set eth0 down": ("eth0 of a is down", "a: to do: in a, bring eth0 up", "nowhere"),
    f"{INSIDE} addr flush dev eth0": ("", "a: to do: in a, give eth0 the address 10.64.0.2/24", "nowhere"),
    f"{INSIDE} route del default": ("", "by 10.64.0.1 through eth0", "1 setting of the bridge and its cable is lost"),
    "sysctl -qw net.ipv4.ip_forward=0": ("net.ipv4.ip_forward is 0", "Set net.ipv4.ip_forward to 1", "does not forward IPv4"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_what_is_broken_is_told_and_mended(shop: Host, how: str):
    glance, inspect, port = BROKEN[how]
    there = shop.traces()
    assert shop.nw("network ls").err == shop.nw("containers").err == ""
    assert "fix" not in shop.inspect("shop")
    done = shop.box.run(["sh", "-c", how])
    assert done.code == 0, done.err
    for command in ("network ls", "containers"):
        said = shop.nw(command).err
        assert (glance in said and said.endswith(": to mend it: nw network reload\n")) if glance else said == ""
    found = shop.inspect("shop")
    assert any(inspect in problem for problem in found["problems"]), found["problems"]
    assert len(found["problems"]) == len(set(found["problems"]))
    assert found["fix"] == "nw network reload shop"
    published = shop.nw("publish ls").out
    assert port in published
    assert "nw network reload shop" in published
    assert "put back" in shop.nw("network reload").out
    assert shop.traces() == there
    assert shop.inspect("shop")["problems"] == []
    assert shop.nw("publish ls").out.count("this host") == 2


def test_nobody_answers_for_its_names(shop: Host):
    pid = shop.json("dns status --json")["pid"]
    assert shop.box.run(["kill", "-9", str(pid)]).code == 0
    until(lambda: shop.box.run(["grep", "-q", "^State:.*[ZX]", f"/proc/{pid}/status"]).code != 1, "the responder has ended")
    assert "nobody answers for the names of shop" in shop.nw("network ls").err
    assert shop.inspect("shop")["problems"] == ["to do: answer for its names"]
    assert shop.nw("network reload").out == "shop: 1 thing put back\n"
    assert shop.nw("network reload").out == "nothing to do: everything is as it should be\n"


def test_the_file_of_its_names_is_lost(shop: Host):
    shop.box.run(["sh", "-c", "rm -rf /run/netwright/.dns"])
    assert "nw network reload" in shop.refused("dns trace a --network shop")
    assert "shop: 1 thing put back" in shop.nw("network reload").out
    assert "found: a is a in network shop" in shop.nw("dns trace a --network shop").out


def test_a_network_that_nobody_is_on_is_no_trouble(sandbox: Sandbox):
    host = Host(sandbox)
    host.nw("network create shop")
    host.box.ip("link del nw-shop")
    assert host.nw("network ls").err == ""
    assert host.inspect("shop")["fix"] == "nw network reload shop"
