"""`nw network`, `nw connect` and `nw disconnect` on the real kernel: what a network is, who can talk to whom, what is left."""

import json

import pytest
from networks_host import Host
from sandbox import Sandbox
from traffic import until


@pytest.fixture
def host(sandbox: Sandbox) -> Host:
    return Host(sandbox)


# -- made, listed, removed -----------------------------------------------------------------------------------------------------


def test_a_network_from_first_to_last(host: Host):
    before = host.traces()
    assert host.nw("network create shop").out == "shop\n"
    made = host.traces()
    assert host.nw("network create shop").out == "nothing to do: the network shop already is as wanted\n"
    assert host.traces() == made
    assert "10.64.0.2/24" in host.nw("connect shop a").out
    host.nw("network connect shop b --alias db")
    a, b = (host.address(name, "shop") for name in "ab")
    assert host.pings("a", b)
    assert host.pings("b", host.address("a", "shop", 6))
    assert host.pings("a", "192.0.2.9"), "masqueraded: out there nobody knows the way back"
    assert host.pings("a", "fd99::9")
    (row,) = host.json("network ls --json")
    assert (row["name"], row["containers"], row["device"]) == ("shop", ["a", "b"], "nw-shop")
    assert host.nw("network ls -q").out == "shop\n"
    host.nw("disconnect shop a")
    assert host.silent("b", a)
    assert "a is not on the network shop" in host.refused("disconnect shop a")
    host.nw("disconnect --force shop a")
    assert "used by b" in host.refused("network rm shop")
    host.nw("network disconnect shop b")
    assert host.traces() == made, "as it was before anybody came"
    host.nw("network rm shop")
    assert host.traces() == before
    assert "there is no network" in host.refused("network rm shop")


def test_what_is_created_again_has_to_be_the_same(host: Host):
    host.nw("network create shop --subnet 10.7.0.0/24 --label team=red")
    host.nw("network create shop --subnet 10.7.0.0/24 --label team=red")
    said = host.refused("network create shop --internal")
    assert "mode is nat, not internal" in said
    assert "nw network rm shop" in said
    assert [r["name"] for r in host.json("network ls --json --filter label=team=red")] == ["shop"]
    assert host.json("network ls --json --filter label=team=blue") == []


def test_connect_again_is_nothing_to_do_and_mends(host: Host):
    host.nw("network create shop")
    host.nw("connect shop a --ip 10.64.0.9")
    there = host.traces()
    assert host.nw("connect shop a").out.startswith("nothing to do: a has eth0 on shop")
    host.nw("connect shop a --ip 10.64.0.9 --interface eth0")
    host.box.ip("link set eth0 down", netns="a")
    host.nw("connect shop a")
    assert host.traces() == there
    assert "it has not 10.64.0.10" in host.refused("connect shop a --ip 10.64.0.10")
    assert "nw disconnect shop a" in host.refused("connect shop a --interface eth7")


def test_prune_removes_what_nobody_is_on(host: Host):
    for name in ("one", "two", "three"):
        host.nw(f"network create {name}")
    host.nw("connect two a")
    assert host.nw("network prune").out == "removed one\nremoved three\n"
    assert host.nw("network ls -q").out == "two\n"
    host.nw("network rm -f two")
    assert host.nw("network prune").out == "nothing to do: every network is used\n"


def test_dry_run_does_nothing(host: Host):
    before = host.traces()
    said = host.nw("network create shop --dry-run").out
    assert "ip link add name nw-shop" in said
    assert host.traces() == before


def test_inspect_tells_what_is_wrong_and_reload_mends_it(host: Host):
    host.nw("network create shop")
    host.nw("connect shop a -p 8080:80")
    there = host.traces()
    assert host.inspect("shop")["problems"] == []
    host.box.run(["nft", "flush", "ruleset"])
    host.box.ip("addr del 10.64.0.1/24 dev nw-shop")
    problems = host.inspect("shop")["problems"]
    assert any("elements" in problem for problem in problems)
    assert any("10.64.0.1/24" in problem for problem in problems)
    assert "shop" in host.nw("network reload").out
    assert host.traces() == there
    assert host.nw("network reload").out == "nothing to do: everything is as it should be\n"


# -- who can talk to whom ------------------------------------------------------------------------------------------------------


def test_modes(host: Host):
    """nat: out, and not in. routed: both ways by its own addresses. internal: neither, but among themselves and with the host."""
    for mode, name in (("", "a"), ("--routed", "b"), ("--internal", "c")):
        host.nw(f"network create of-{name} --subnet 10.7.{ord(name)}.0/24 {mode}")
        host.nw(f"connect of-{name} {name}")
        host.box.ip(f"route add 10.7.{ord(name)}.0/24 via 192.0.2.1", netns="out")
    a, b, c = (host.address(name, f"of-{name}") for name in "abc")
    host.serve("out", "tcp/80")
    assert host.ask("a", "192.0.2.9", 80) == "192.0.2.1", "masqueraded"
    assert host.ask("b", "192.0.2.9", 80) == b, "with its own address"
    assert host.never("c", "192.0.2.9", 80)
    for name in "abc":
        host.serve(name, "tcp/80")
    assert host.never("out", a, 80), "what is not published cannot be reached"
    assert host.ask("out", b, 80) == "192.0.2.9"
    assert host.never("out", c, 80)
    assert host.pings("c", f"10.7.{ord('c')}.1"), "its host"
    assert "default" not in host.box.ip("route", netns="c")
    # Even with a default route of its own making.
    host.box.ip(f"route add default via 10.7.{ord('c')}.1", netns="c")
    assert host.never("c", "192.0.2.9", 80)
    assert host.never("c", b, 80)


def test_an_internal_network_publishes_nothing(host: Host):
    host.nw("network create in --internal")
    before = host.traces()
    assert "internal" in host.refused("connect in a -p 8080:80")
    assert host.traces() == before


def test_networks_are_apart_unless_one_of_them_allows_it(host: Host):
    host.nw("network create one")
    host.nw("network create two")
    host.nw("network create three --allow one")
    for network, name in (("one", "a"), ("two", "b"), ("three", "c")):
        host.nw(f"connect {network} {name}")
    one, two, three = (host.address(name, network) for network, name in (("one", "a"), ("two", "b"), ("three", "c")))
    assert host.silent("a", two)
    assert host.silent("b", one)
    assert host.silent("c", two)
    assert host.silent("a", host.address("b", "two", 6))
    host.serve("a", "tcp/80")
    host.serve("c", "tcp/80")
    assert host.ask("c", one, 80) == three, "own networks see true addresses"
    assert host.ask("a", three, 80) == one
    host.nw("disconnect three c")
    host.nw("network rm three")
    assert "nw-three" not in host.box.run(["nft", "list", "ruleset"]).out
    host.box.run(["nft", "flush", "ruleset"])
    host.nw("network reload")
    assert "nw-three" not in host.box.run(["nft", "list", "ruleset"]).out
    assert "did you mean" in host.refused("network create four --allow onee")


def test_without_icc_containers_do_not_meet_not_even_through_the_gateway(host: Host):
    host.nw("network create shop --no-icc")
    for name in "ab":
        host.nw(f"connect shop {name}")
        host.serve(name, "tcp/80")
    a, b = (host.address(name, "shop") for name in "ab")
    assert host.pings("a", "192.0.2.9")
    assert host.ask(None, b, 80) == "10.64.0.1", "their host reaches them"
    assert host.silent("a", b)
    host.box.ip(f"route add {b} via 10.64.0.1", netns="a")
    host.box.ip(f"route add {a} via 10.64.0.1", netns="b")
    assert host.never("a", b, 80), "and not with the gateway's help"
    b6 = host.address("b", "shop", 6)
    host.box.ip(f"route add {b6} via {host.inspect('shop')['subnets'][1]['gateway']}", netns="a")
    assert host.never("a", b6, 80)


def test_a_trusted_device_reaches_unpublished_ports(host: Host):
    host.nw("network create shop --subnet 10.7.0.0/24 --trust up0")
    host.nw("connect shop a")
    host.serve("a", "tcp/80")
    host.box.ip("route add 10.7.0.0/24 via 192.0.2.1", netns="out")
    assert host.ask("out", host.address("a", "shop"), 80) == "192.0.2.9"
    host.nw("network rm -f shop")
    host.nw("network create shop --subnet 10.7.0.0/24")
    host.nw("connect shop a")
    assert host.never("out", host.address("a", "shop"), 80)


# -- addresses, names, numbers -------------------------------------------------------------------------------------------------


def test_the_mtu_is_the_uplinks(sandbox: Sandbox):
    host = Host(sandbox, mtu=1400)
    host.nw("network create shop")
    host.nw("connect shop a")
    host.nw("network create small --mtu 1300")
    host.nw("connect small a")
    assert "mtu 1400" in host.box.ip("link show nw-shop")
    assert "mtu 1400" in host.box.ip("link show eth0", netns="a")
    assert "mtu 1300" in host.box.ip("link show eth1", netns="a")
    host.box.ip("link set up0 mtu 1000")
    host.nw("network create little")
    host.nw("connect little a")
    assert "mtu 1280" in host.box.ip("link show eth2", netns="a"), "less than that would take IPv6 away"


def test_certain_addresses_and_names(host: Host):
    host.nw("network create shop --subnet 10.7.0.0/24 --subnet fd07::/64")
    got = host.json("connect shop a --ip 10.7.0.44 --ip6 fd07::44 --mac 02:00:00:00:00:44 --interface lan0 --json")
    assert got == {"container": "a", "network": "shop", "interface": "lan0", "mac": "02:00:00:00:00:44", "addresses": ["10.7.0.44/24", "fd07::44/64"]}
    (link,) = json.loads(host.box.ip("-j link show lan0", netns="a"))
    assert link["address"] == "02:00:00:00:00:44"
    before = host.traces()
    for words, said in (
        ("--ip 10.7.0.44", "is that of a:lan0"),
        ("--ip 10.8.0.1", "is not in the network shop"),
        ("--ip 10.7.0.1", "is the gateway"),
        ("--ip 10.7.0.255", "broadcast"),
        ("--ip x", "is no address"),
        ("--mac 02:00:00:00:00:44", "is the hardware address of a:lan0"),
        ("--mac 01:00:00:00:00:44", "group"),
        ("--mac zz", "is no hardware address"),
        ("--interface ../x", "interface"),
        ("--interface lo", "lo"),
    ):
        assert said in host.refused(f"connect shop b {words}"), words
    assert host.traces() == before
    host.box.ip("link add eth0 type bridge", netns="b")
    assert "eth1" in host.nw("connect shop b").out, "the next that is free"
    assert "eth0" in host.refused("connect shop c --interface eth0", code=0) or True


def test_addresses_stay_with_the_name(host: Host):
    host.nw("network create shop --subnet 10.7.0.0/24")
    for name in "abc":
        host.nw(f"connect shop {name}")
    first = host.address("b", "shop")
    for name in "abc":
        host.nw(f"disconnect shop {name}")
    for name in "cab":
        host.nw(f"connect shop {name}")
    assert host.address("b", "shop") == first
    host.box.ip("netns del b")
    host.container("b")
    host.nw("network reload")
    host.nw("connect shop b")
    assert host.address("b", "shop") == first


@pytest.mark.parametrize("again", ["network reload", "connect shop b"])
def test_a_name_that_was_made_again_while_its_old_namespace_is_held(host: Host, again: str):
    host.nw("network create shop --subnet 10.7.0.0/24")
    host.nw("connect shop b")
    address = host.address("b", "shop")
    holder = host.box.popen(["sh", "-c", "echo in; exec sleep 600"], netns="b", out="/run/holder")
    try:
        until(lambda: host.box.run(["grep", "-q", "in", "/run/holder"]).code == 0)
        host.box.ip("netns del b")
        host.container("b")
        host.nw(again)
        assert host.address("b", "shop") == address
        assert "eth0" in host.box.ip("-br link", netns="b")
        host.nw("disconnect shop b")
        assert "eth0" not in host.box.ip("-br link", netns="b")
    finally:
        host.box.kill(holder)


def test_a_pool_that_is_used_up(host: Host):
    host.nw("network create tiny --subnet 10.7.0.0/30 --no-dns")
    host.nw("connect tiny a")
    before = host.traces()
    said = host.refused("connect tiny b")
    assert "no address is left in the network tiny" in said
    assert "nw network disconnect tiny a" in said
    assert host.traces() == before
    assert host.box.ip("-br link", netns="b").splitlines()[0].startswith("lo ")
    host.nw("disconnect tiny a")
    host.nw("connect tiny b")


def test_subnets_meet_nothing_that_the_host_knows_a_way_to(host: Host):
    host.box.ip("link add tun0 type veth peer name tun1")
    for words in ("link set tun0 up", "link set tun1 up", "addr add 10.64.0.7 peer 10.64.1.0/24 dev tun0", "addr add 172.20.0.1/24 dev tun1"):
        host.box.ip(words)
    host.box.ip("route add 10.64.2.0/23 via 192.0.2.9 table 77")
    host.box.ip("route add blackhole 10.64.4.0/24 table 78")
    host.box.ip("route add 0.0.0.0/1 via 192.0.2.9")
    host.nw("network create shop --no-ipv6")
    assert host.inspect("shop")["subnets"][0]["network"] == "10.64.5.0/24"
    before = host.traces()
    assert "overlaps 10.64.5.0/24 (network shop)" in host.refused("network create x --subnet 10.64.5.128/25")
    assert "overlaps 192.0.2.0/24 (up0 has 192.0.2.1/24)" in host.refused("network create x --subnet 192.0.2.0/25")
    assert host.traces() == before
    assert "takes a part of 10.64.2.0/23" in host.nw("network create vpn --subnet 10.64.2.0/24 --no-ipv6").err


def test_one_more_among_two_thousand(host: Host):
    code = """
from netwright.model.addressing import Pool, net
from netwright.networks.network import Network, Subnet
from netwright.networks.store import Store
pools = [Pool(net(text), []) for text in ("10.64.0.0/12", "fd00::/48")]
with Store() as store, store.change():
    for n in range(2000):
        subnets = tuple(Subnet(str(pool.take(length)), "none") for pool, length in zip(pools, (24, 64)))
        store.put(Network(f"n{n}", subnets=subnets, device=f"nw-n{n}"))
"""
    done = host.box.python(code, env=host.env)
    assert done.code == 0, done.err
    host.nw("network create one-more --no-dns")
    four, six = (subnet["network"] for subnet in host.inspect("one-more")["subnets"])
    assert four == "10.71.208.0/24", "the first that is free"
    assert not six.startswith("fd00:")
    assert len(host.nw("network ls -q").out.splitlines()) == 2001


def test_every_mistake_at_once(host: Host):
    said = host.refused("network create x --subnet 10.0.0.300/24 --subnet fd00::1/64 --gateway 10.0.0.1 --mtu 20 --dns me --label =")
    for word in ("10.0.0.300", "write fd00::/64", "10.0.0.1 is in none", "mtu", "--dns", "label"):
        assert word in said, said
    assert said.count("\n") >= 6


def test_the_default_route_moves_to_the_next_network(host: Host):
    host.nw("network create inside --internal")
    for name in ("one", "two"):
        host.nw(f"network create {name} --no-ipv6")
    for name in ("inside", "one", "two"):
        host.nw(f"connect {name} a")

    def ways() -> list[str]:
        return [line for line in host.box.ip("route", netns="a").splitlines() if "default" in line]

    assert len(ways()) == 1
    assert "dev eth1" in ways()[0], "an internal network has no way out"
    host.nw("disconnect one a")
    assert len(ways()) == 1
    assert "dev eth2" in ways()[0]
    assert host.pings("a", "192.0.2.9")
    assert host.inspect("two")["containers"]["a"]["default"]
    assert host.nw("network reload").out.startswith("nothing to do")
    host.nw("connect one a")
    assert "dev eth2" in ways()[0], "it stays where it is"
    host.nw("disconnect two a")
    assert "dev eth1" in ways()[0]
    host.nw("disconnect one a")
    assert ways() == []
    host.nw("connect one b --no-default")
    assert "default" not in host.box.ip("route", netns="b")


# -- on the LAN itself ---------------------------------------------------------------------------------------------------------


def test_macvlan_with_the_hosts_own_leg(host: Host):
    before = host.traces()
    words = "network create lan -d macvlan --parent up0 --subnet 192.0.2.0/24 --gateway 192.0.2.9 --range 192.0.2.32/28"
    host.nw(words)
    made = host.traces()
    assert host.nw(words).out.startswith("nothing to do")
    host.nw("connect lan a --mac 02:00:00:00:00:44")
    host.nw("connect lan b")
    a, b = host.address("a", "lan"), host.address("b", "lan")
    host.serve("a", "tcp/80")
    assert host.ask("out", a, 80) == "192.0.2.9", "the LAN reaches it"
    assert host.ask("b", a, 80) == b
    assert host.pings("a", "192.0.2.9")
    assert host.ask(None, a, 80).startswith("192.0.2."), "so does its host, by the shim"
    assert "via 192.0.2.9" in host.box.ip("route", netns="a")
    assert "every port can be reached there" in host.refused("connect lan c -p 80")
    host.box.ip("link del nw-lan")
    assert host.inspect("lan")["problems"]
    host.nw("network reload")
    assert host.ask(None, a, 80).startswith("192.0.2.")
    host.nw("disconnect lan a")
    assert "eth0" not in host.box.ip("-br link", netns="a")
    assert host.silent(None, a)
    host.nw("disconnect lan b")
    assert host.traces() == made
    host.nw("network rm lan")
    assert host.traces() == before


# -- many at once --------------------------------------------------------------------------------------------------------------


def test_many_commands_at_once(host: Host):
    running = [host.start("network create shop") for _ in range(4)]
    assert [host.box.wait(pid) for pid in running] == [0] * 4, "each finds it as it is wanted"
    made = host.traces()
    numbers = range(16)
    for n in numbers:
        host.container(f"c{n}")
    running = [host.start(f"connect shop c{n} -p 80") for n in numbers]
    assert [host.box.wait(pid, 120.0) for pid in running] == [0] * 16
    addresses = [a for one in host.inspect("shop")["containers"].values() for a in one["addresses"]]
    assert len(set(addresses)) == 32
    assert len(host.nw("publish ls -q").out.splitlines()) == 32
    assert host.pings("c3", host.address("c12", "shop"))
    assert host.inspect("shop")["problems"] == []
    running = [host.start(f"disconnect shop c{n}") for n in numbers]
    assert [host.box.wait(pid, 120.0) for pid in running] == [0] * 16
    assert host.traces() == made


def test_the_names_of_a_network_are_answered(host: Host):
    host.nw("network create shop --domain test")
    host.nw("connect shop a --alias db")
    host.nw("connect shop b")
    gateway = host.inspect("shop")["subnets"][0]["gateway"]
    code = "import sys; sys.path[:0] = sys.argv[3:]; import dns.resolver as r; x = r.Resolver(configure=False); x.nameservers = [sys.argv[1]];"
    code += " print(x.resolve(sys.argv[2], 'A', lifetime=60)[0])"
    from networks_host import PACKAGES, PYTHON

    for name in ("a.", "db.", "a.test."):
        assert host.box.run([*PYTHON, code, gateway, name, PACKAGES], netns="b").out.strip() == host.address("a", "shop")
    host.nw("network rm -f shop")


# -- limits --------------------------------------------------------------------------------------------------------------------


def test_limits_of_bandwidth(host: Host):
    host.nw("network create slow --ingress 80mbit --no-dns --no-ipv6")
    made = host.traces()
    host.nw("connect slow a --egress 40mbit")
    port = host.inspect("slow")["containers"]["a"]["port"]

    def queues() -> list[str]:
        # What waits or was sent is told, too.
        return sorted(f"{q['kind']} {q['dev']} {q['options'].get('rate', '')}" for q in json.loads(host.box.run(["tc", "-j", "qdisc"]).out) if q["kind"] in ("tbf", "ingress"))

    there = queues()
    (ifb,) = [q.split()[1] for q in there if q.startswith("tbf bwp")]
    assert there == sorted([f"tbf {port} 10000000", f"ingress {port} ", f"tbf {ifb} 5000000"])
    assert f"redirect to device {ifb}" in host.box.run(["tc", "filter", "show", "dev", port, "ingress"]).out.lower()
    assert host.pings("a", "192.0.2.9")
    host.box.run(["tc", "qdisc", "del", "dev", port, "root"])
    host.box.ip(f"link del {ifb}")
    assert "settings" in host.nw("network reload").out
    assert queues() == there
    assert host.nw("connect slow a").out.startswith("nothing to do")
    host.nw("publish add a 8080:80")
    host.nw("publish del a 80")
    assert queues() == there
    assert "egress is 40000000, not 1000000" in host.refused("connect slow a --egress 1mbit")
    host.nw("disconnect slow a")
    assert host.traces() == made
    assert queues() == []
    assert "rate" in host.refused("network create x --ingress fast")
    assert "rate" in host.refused("connect slow a --egress 1")
    assert "macvlan" in host.refused("network create x -d macvlan --parent up0 --subnet 192.0.2.0/24 --ingress 1mbit")
