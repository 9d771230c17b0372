"""netavark's face on the real kernel: what podman is told, what containers reach, and that nothing stays behind."""

import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator

import pytest
from netavark_host import ENVIRONMENT as ENV
from netavark_host import RUN as RUN_SCRIPT
from netavark_host import Host, asked, net, port, until
from sandbox import Sandbox, missing

WATCH = RUN_SCRIPT.with_name("dhcp_watch.py")
THEIRS = "/usr/lib/podman/netavark"
MAC = "02:42:00:00:00:77"


@pytest.fixture
def box(no_leak: None) -> Iterator[Sandbox]:
    """With processes of its own: servers for names go on by themselves."""
    with Sandbox(pids=True) as box:
        yield box


@pytest.fixture
def host(box: Sandbox) -> Host:
    return Host(box)


@pytest.fixture(scope="module")
def shared() -> Iterator[Host]:
    """One host for all that leaves nothing."""
    with Sandbox(pids=True) as box:
        yield Host(box)


# -- the same as netavark's --------------------------------------------------------------------------------------------------------

V4 = [{"subnet": "10.91.1.0/24", "gateway": "10.91.1.1"}]
LAN = {"driver": "macvlan", "network_interface": "up0", "subnets": [{"subnet": "192.0.2.0/24", "gateway": "192.0.2.9"}], "ipv6_enabled": False}
SAME = {
    "two families": asked(2, net(1)),
    "IPv4 alone": asked(2, net(1, subnets=V4, ipv6_enabled=False)),
    "two networks": asked(2, net(1), net(2, internal=True)),
    "internal": asked(2, net(1, internal=True)),
    "no gateway": asked(2, net(1, subnets=[{"subnet": "10.91.1.0/24"}])),
    "a hardware address": asked(2, net(1), own={"static_mac": MAC}),
    "names": asked(2, net(1, dns_enabled=True, network_dns_servers=["192.0.2.9"]), dns_servers=["192.0.2.9"]),
    "an MTU": asked(2, net(1, options={"mtu": "1400"})),
    "an MTU that is too small for IPv6": asked(2, net(1, subnets=V4, ipv6_enabled=False, options={"mtu": "576"})),
    "a protocol in capitals": asked(2, net(1), ports=[port(8080, 80, "TCP")]),
    "the same port twice": asked(2, net(1), ports=[port(8080), port(8080)]),
    "IPv6 alone": asked(2, net(1, subnets=[{"subnet": "fd00:91:1::/64", "gateway": "fd00:91:1::1"}], dns_enabled=True), ports=[port(8080)]),
    "keys that nobody knows": asked(2, net(1, colour="red", options={"shape": "round"}), own={"sound": [1]}, taste={}),
    "a metric": asked(2, net(1, options={"metric": "77"})),
    "ports": asked(2, net(1), ports=[port(8080), port(8053, 53, "udp"), port(9000, 90, count=3)]),
    "a LAN": asked(2, net(1, **LAN, options={"metric": "100"})),  # 99 since netavark 1.14
    "a private LAN": asked(2, net(1, **LAN, options={"mode": "private", "mtu": "1400", "metric": "100"})),
    "a LAN of no addresses": asked(2, net(1, **{**LAN, "subnets": None, "ipam_options": {"driver": "none"}})),
    "a port of another family": asked(2, net(1, subnets=V4), ports=[port(8080, address="::1"), port(8081, address="127.0.0.1")]),
}


@pytest.mark.parametrize("name", SAME)
def test_podman_is_told_the_same_as_by_netavark(host: Host, name: str):
    if not (os.access(THEIRS, os.X_OK) and shutil.which("iptables")):
        missing("netavark and the iptables that it needs are not installed")
    given = SAME[name]
    host.box.run(["mkdir", "-p", "/run/cfg"])
    found = []
    for who in ("theirs", "ours"):
        if who == "theirs":
            result = host.box.run([THEIRS, "-c", "/run/cfg", "setup", "/run/netns/c2"], stdin=json.dumps(given))
            assert result.code == 0, result.out + result.err
            told = json.loads(result.out)
        else:
            told = host.setup(2, given)
        for status in told.values():
            for interface in status["interfaces"].values():
                macs = host.box.ip("-o", "link", netns="c2")
                assert f"link/ether {interface['mac_address']}" in macs
                if interface["mac_address"] != MAC:
                    interface["mac_address"] = "any"
        found.append((told, host.addresses("c2"), sorted(line.replace(" pref medium", "") for line in host.routes("c2"))))
        if who == "theirs":
            assert host.box.run([THEIRS, "-c", "/run/cfg", "teardown", "/run/netns/c2"], stdin=json.dumps(given)).code == 0
        else:
            host.teardown(2, given)
    assert found[0] == found[1]


# -- traffic -----------------------------------------------------------------------------------------------------------------------


def test_published_ports_from_everywhere(host: Host):
    ports = [port(8080), port(8053, 53, "udp"), port(9000, 80, count=2), port(8082, 80, address="127.0.0.1"), port(8083, 80, "tcp,udp")]
    given = asked(2, net(1), ports=ports)
    host.setup(2, given)
    host.serve("c2", "tcp/80", "tcp/81", "udp/53", "udp/80")
    host.setup(3, asked(3, net(1)))
    host.setup(4, asked(4, net(2)))
    assert host.ask("192.0.2.1", 8080, "out") == "192.0.2.9", "the client's address is kept"
    assert host.ask("fd99::1", 8080, "out") == "fd99::9"
    for address in ("127.0.0.1", "::1", "192.0.2.1", "fd99::1"):
        assert host.ask(address, 8080), address
    for netns in ("c2", "c3", "c4"):
        assert host.ask("192.0.2.1", 8080, netns), netns
    assert host.ask("192.0.2.1", 8053, "out", "udp") == "192.0.2.9"
    assert host.ask("192.0.2.1", 9001, "out") == "192.0.2.9", "the last of a range"
    assert host.ask("127.0.0.1", 8082)
    assert host.silent("192.0.2.1", 8082, "out")
    assert host.ask("192.0.2.1", 8083, "out", "udp") == host.ask("192.0.2.1", 8083, "out") == "192.0.2.9"
    host.teardown(2, given)
    assert host.silent("192.0.2.1", 8080, "out")
    for c, n in ((3, 1), (4, 2)):
        host.teardown(c, asked(c, net(n)))
    host.is_clean()


def test_out_and_to_each_other(host: Host):
    host.serve("out", "tcp/7070")
    for c in (2, 3):
        host.setup(c, asked(c, net(1)))
    for address in ("10.91.1.3", "fd00:91:1::3", "192.0.2.9", "fd99::9"):
        assert host.pings(address, "c2"), address
    assert host.ask("192.0.2.9", 7070, "c2") == "192.0.2.1"
    assert host.ask("fd99::9", 7070, "c2") == "fd99::1"


def test_an_address_to_leave_by(host: Host):
    host.serve("out", "tcp/7070")
    host.setup(2, asked(2, net(1, options={"outbound_addr4": "192.0.2.2"})))
    assert host.ask("192.0.2.9", 7070, "c2") == "192.0.2.2"
    assert host.ask("fd99::9", 7070, "c2") == "fd99::1"
    assert "IPv4" in host.refused(3, asked(3, net(2, options={"outbound_addr4": "fd99::1"})))


# Who reaches whom: (isolate of the one, of the other, whether the networks come as a list).
ISOLATION = [
    ("", "", False, True), ("", "", True, False), ("false", "false", True, True), ("true", "true", False, False), ("true", "false", False, True),
    ("strict", "false", False, False), ("strict", "strict", False, False),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "listed", "reached"), ISOLATION)
def test_isolation(host: Host, one: str, other: str, listed: bool, reached: bool):
    nets = [net(n, **({"options": {"isolate": text}} if text else {})) for n, text in ((1, one), (2, other))]
    given = [asked(2, nets[0], listed=listed), asked(3, nets[1], listed=listed)]
    for c in (2, 3):
        host.setup(c, given[c - 2])
    ask = host.pings if reached else host.is_cut_off
    for address in ("10.91.2.3", "fd00:91:2::3"):
        assert ask(address, "c2"), address
    assert ask("10.91.1.2", "c3")
    assert host.pings("192.0.2.9", "c2")
    host.teardown(3, given[1])
    host.setup(3, given[1])
    assert ask("10.91.1.2", "c3"), "again"
    for c in (2, 3):
        host.teardown(c, given[c - 2])
    host.is_clean()


def test_the_pairs_of_a_network_go_with_it(host: Host):
    first, later = asked(2, net(1)), asked(3, net(2))
    host.setup(2, first)
    alone = host.traces()
    host.setup(3, later)
    assert '"pm1" . "pm2"' in host.elements("allowed")
    host.teardown(2, first)
    host.setup(2, first)
    host.teardown(3, later)
    assert host.traces()["rules"] == alone["rules"]
    host.teardown(2, first)
    host.is_clean()


def test_internal(host: Host):
    for c, network in ((2, net(1, internal=True)), (3, net(1, internal=True)), (4, net(2))):
        host.setup(c, asked(c, network, ports=[port(8080)] if c == 2 else None))
    assert host.pings("10.91.1.3", "c2")
    assert host.is_cut_off("10.91.1.2", "c4")
    assert host.is_cut_off("192.0.2.9", "c2")
    assert host.silent("192.0.2.1", 8080, "out")
    # Nor by a route that somebody in the container sets.
    host.box.ip("route add default via 10.91.1.1", netns="c2")
    assert host.is_cut_off("192.0.2.9", "c2")
    assert host.is_cut_off("10.91.2.4", "c2")


# -- several networks --------------------------------------------------------------------------------------------------------------


def test_the_first_network_has_the_default_route(host: Host):
    given = asked(2, net(2), net(1))
    host.setup(2, given)
    assert [line for line in host.routes("c2") if line.startswith("default via 10.")] == [
        "default via 10.91.1.1 dev eth1 proto static metric 101", "default via 10.91.2.1 dev eth0 proto static metric 100",
    ]  # fmt: skip
    host.teardown(2, given)
    host.setup(2, asked(2, net(2, options={"no_default_route": "true"}), net(1, options={"metric": "9"})))
    assert [line for line in host.routes("c2") if line.startswith("default via 10.")] == ["default via 10.91.1.1 dev eth1 proto static metric 9"]


def test_ports_go_along_when_a_network_is_left(host: Host):
    ports = [port(8080), port(8053, 53, "udp")]
    both, first = asked(2, net(1), net(2), ports=ports), asked(2, net(1), ports=ports)
    host.setup(2, first)
    one = host.traces()
    second = asked(2, net(2), ports=ports)
    second["networks"]["net2"]["interface_name"] = "eth1"
    host.setup(2, second)
    host.serve("c2", "tcp/80", "udp/53")
    assert host.elements("publish4").count("10.91.1.2") == 2
    assert host.ask("192.0.2.1", 8080, "out") == "192.0.2.9"
    host.teardown(2, first)
    assert host.elements("publish4").count("10.91.2.2") == 2
    assert host.ask("192.0.2.1", 8080, "out") == "192.0.2.9"
    assert host.ask("192.0.2.1", 8053, "out", "udp") == "192.0.2.9"
    host.teardown(2, second)
    host.is_clean()
    host.setup(2, both)
    host.teardown(2, second)
    assert host.traces()["rules"] == one["rules"]
    host.teardown(2, first)
    host.is_clean()


# -- all or nothing ------------------------------------------------------------------------------------------------------------------


def test_a_taken_port_names_its_owner(host: Host):
    host.setup(2, asked(2, net(1), ports=[port(8080)]))
    given = asked(3, net(2), net(1), ports=[port(8080)])
    said = host.refused(3, given)
    assert "port tcp 8080 is taken: it is published for podman/200000000000/net1" in said
    host.teardown(3, given)
    assert "8080" in host.elements("publish4"), "somebody else's port stays"


def test_a_failure_of_the_second_takes_the_first_back(host: Host):
    host.box.ip("link add eth1 type bridge", netns="c2")
    said = host.refused(2, asked(2, net(1, dns_enabled=True), net(2)))
    assert 'there is a device "eth1" in the container already' in said


def test_every_mistake_is_told_at_once(host: Host):
    wrong = asked(2, net(1, options={"mtu": "many", "isolate": "maybe", "vlan": "4096"}), net(2, network_interface=""), ports=[port(70000), port(0)])
    wrong["networks"]["net1"]["static_ips"] = ["10.91.7.7", "nonsense"]
    wrong["networks"]["net3"] = {"interface_name": "a/b"}
    said = host.refused(2, wrong)
    for words in ('unable to parse "mtu"', 'invalid isolate option "maybe"', "vlan must be between", "no bridge interface name given", "70000",
                  "nonsense", "network info for network net3 not found", "not all static IPs matched", "no '/'"):  # fmt: skip
        assert words in said, words


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "null", "{}", '{"networks": 7, "network_info": []}', '{"networks": {"a": null}}'])
def test_nonsense(shared: Host, text: str):
    host = shared
    assert host.refused(2, text)
    result = host.netavark("teardown", "/run/netns/c2", given=text)
    assert (result.code, set(json.loads(result.out))) == (1, {"error"})
    host.is_clean()


def test_a_namespace_that_is_none(host: Host):
    given = asked(2, net(1))
    for path, words in (("/run/netns/gone", "No such file"), ("/etc/passwd", "no namespace"), ("/proc/self/ns/net", "the host's own")):
        result = host.netavark("setup", path, given=given)
        assert result.code == 1
        assert words in json.loads(result.out)["error"]
    host.is_clean()


def test_what_this_kernel_lacks(host: Host):
    assert "CONFIG_BRIDGE_VLAN_FILTERING" in host.refused(2, asked(2, net(1, options={"vlan": "7"})))
    assert "CONFIG_NET_VRF" in host.refused(2, asked(2, net(1, options={"vrf": "red"})))
    said = host.netavark("setup", "/run/netns/c2", given=asked(2, net(1, **{**LAN, "driver": "ipvlan"})))
    if said.code:
        assert "CONFIG_IPVLAN" in said.out
    assert "is no bridge" in host.refused(2, asked(2, net(1, network_interface="up0", options={"mode": "unmanaged"})))
    assert "firewalld" in host.refused(2, asked(2, net(1)), env={"NETAVARK_FW": "firewalld"})


# -- taken away whatever is gone -------------------------------------------------------------------------------------------------------


GONE = {
    "nothing": [],
    "the namespace": ["ip netns del c2"],
    "the interface": ["ip -n c2 link del eth0"],
    "the bridge": ["ip link del pm1"],
    "the rules": ["nft flush ruleset"],
    "what was written down": ["rm -rf /run/netwright/.attached"],
    "names": ["rm -rf /run/netwright/.dns"],
    "all of it": ["rm -rf /run/netwright/.attached", "nft flush ruleset", "ip link del pm1", "ip netns del c2"],
}


@pytest.mark.parametrize("what", GONE)
def test_teardown_without(host: Host, what: str):
    given = asked(2, net(1, dns_enabled=True), ports=[port(8080), port(8053, 53, "udp")])
    host.setup(2, given)
    for command in GONE[what]:
        assert host.box.run(command.split()).code == 0
    for _ in range(2):
        host.teardown(2, given)
    host.before["inside"] = host.traces()["inside"] if "netns" in "".join(GONE[what]) else host.before["inside"]
    host.is_clean()


@pytest.mark.parametrize("verb", ["setup", "teardown"])
def test_killed_at_every_step(host: Host, verb: str):
    given = asked(2, net(1, dns_enabled=True, routes=[{"destination": "198.51.100.0/24", "route_type": "blackhole"}]), ports=[port(8080)])
    steps = 0
    for step in range(1, 200):
        if verb == "teardown":
            host.setup(2, given)
        result = host.netavark(verb, "/run/netns/c2", given=given, step=step)
        host.teardown(2, given)
        host.is_clean()
        assert host.routes("c2") == []
        if result.code == 0:
            break
        assert result.code == -signal.SIGKILL, result
        steps = step
    assert steps > 10


@pytest.mark.parametrize("interface", ["x" * 70_000, "eth1\0", "a/b", ""])
def test_a_name_that_no_device_has_keeps_nothing_from_being_taken_away(host: Host, interface: str):
    given = asked(2, {**net(2), "driver": "macvlan", "network_interface": "up0"}, net(1))
    host.setup(2, given)
    wish = given["networks"]["net2"]
    wish["interface_name"] = interface
    assert host.netavark("teardown", "/run/netns/c2", given=given).code == 1
    assert "pm1" not in host.box.ip("-br link")
    wish["interface_name"] = "eth0"
    host.teardown(2, given)
    host.is_clean()


def test_a_half_written_record_goes_with_the_teardown(host: Host):
    """Of a setup that was killed while it wrote what there is of the network."""
    nobody = 2**22 + 1
    host.box.write(f"/run/netwright/.attached/pm1/podman-network%2Fnet1~{nobody}", "{")
    host.teardown(2, asked(2, net(1)))
    host.is_clean()


IMPATIENT = """
import os, signal
from netwright.netavark import main, teardown
signal.signal(signal.SIGTERM, signal.SIG_DFL)
work = teardown.removed
def interrupted(*arguments):
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGINT)
    work(*arguments)
teardown.removed = interrupted
raise SystemExit(main.main(["netavark", "-f", "/run/given", "teardown", "/run/netns/c2"]))
"""


def test_teardown_goes_on_when_podman_loses_patience(host: Host):
    given = asked(2, net(1))
    host.setup(2, given)
    host.box.write("/run/given", json.dumps(given))
    result = host.box.python(IMPATIENT)
    assert result.code == 0, result
    host.is_clean()


def test_one_that_was_removed_by_hand_does_not_keep_the_bridge(host: Host):
    for c in (2, 3):
        host.setup(c, asked(c, net(1)))
    host.teardown(2, asked(2, net(1)))
    assert host.pings("10.91.1.1", "c3")
    host.teardown(3, asked(3, net(1)))
    host.is_clean()


def test_a_bridge_of_somebody_else_stays(host: Host):
    host.box.ip("link add pm1 type bridge")
    before = host.traces()
    for options in ({}, {"mode": "unmanaged"}):
        given = asked(2, net(1, options=options))
        host.setup(2, given)
        assert ("10.91.1.1" in host.box.ip("addr show pm1")) is not bool(options)
        host.teardown(2, given)
        host.box.ip("addr flush dev pm1")
        host.box.run(["ip", "route", "flush", "table", "local", "dev", "pm1"])
    now = host.traces()
    assert [line.split()[0] for line in now["links"]] == [line.split()[0] for line in before["links"]]
    assert now["rules"] == before["rules"]


def test_many_at_once(box: Sandbox):
    host = Host(box, 16)
    for verb in ("setup", "teardown"):
        running = []
        for c in range(2, 18):
            box.write(f"/run/given{c}", json.dumps(asked(c, net(1, dns_enabled=True), ports=[port(8000 + c)])))
            words = [sys.executable, "-IS", str(RUN_SCRIPT), "0", "-c", "/run/cfg", "-f", f"/run/given{c}", verb, f"/run/netns/c{c}"]
            running.append(box.popen(words, env=ENV, out=f"/run/out{c}"))
        codes = [box.wait(pid, 120.0) for pid in running]
        assert codes == [0] * 16, [box.read(f"/run/out{c}") for c in range(2, 18)]
        if verb == "setup":
            assert host.pings("10.91.1.17", "c2")
    host.is_clean()


# -- repaired ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["firewall-reload", "firewalld-reload"])
def test_rules_are_put_again(host: Host, verb: str):
    given = asked(2, net(1), ports=[port(8080)])
    assert host.netavark(verb).code == 0
    host.is_clean()
    host.setup(2, given)
    whole = sorted(host.traces()["rules"])
    host.box.run(["nft", "flush", "ruleset"])
    assert host.netavark(verb).code == 0
    assert sorted(host.traces()["rules"]) == whole


def test_setup_again_is_nothing_new(host: Host):
    given = asked(2, net(1), ports=[port(8080)])
    told, before = host.setup(2, given), host.traces()
    assert host.setup(2, given) == told
    assert host.traces() == before


# -- routes, LANs, firewalls ---------------------------------------------------------------------------------------------------------


def test_routes(host: Host):
    ways = [
        {"destination": "198.51.100.0/24", "gateway": "10.91.1.9"},
        {"destination": "203.0.113.0/24", "gateway": "10.91.1.9", "metric": 7},
        {"destination": "192.0.0.0/24", "route_type": "blackhole"},
        {"destination": "fd07::/16", "route_type": "prohibit", "metric": 5},
    ]
    given = asked(2, net(1, routes=ways, options={"no_default_route": "true"}))
    host.setup(2, given)
    assert host.routes("c2") == [
        "198.51.100.0/24 via 10.91.1.9 dev eth0 proto static metric 100",
        "203.0.113.0/24 via 10.91.1.9 dev eth0 proto static metric 7",
        "blackhole 192.0.0.0/24 proto static metric 100",
        "prohibit fd07::/16 dev lo proto static metric 5 pref medium",
    ]
    host.teardown(2, given)
    assert host.routes("c2") == []
    host.is_clean()


def test_a_lan(host: Host):
    host.box.ip("link add eth0 type bridge")  # the host has a device of that name too
    host.before = host.traces()
    given = asked(5, net(1, **LAN, options={"bclim": "3"}), own={"static_mac": MAC})
    told = host.setup(5, given)
    assert told["net1"]["interfaces"]["eth0"] == {"mac_address": MAC, "subnets": [{"gateway": "192.0.2.9", "ipnet": "192.0.2.5/24"}]}
    assert host.pings("192.0.2.9", "c5")
    assert "mode bridge" in host.box.ip("-d", "link", "show", "eth0", netns="c5")
    assert host.routes("c5") == ["default via 192.0.2.9 dev eth0 proto static metric 99"]
    for _ in range(2):
        host.teardown(5, given)
    host.is_clean()
    assert "does not exist" in host.refused(5, asked(5, net(1, **{**LAN, "network_interface": "nothing"})))
    default = asked(5, net(1, **{**LAN, "network_interface": ""}))
    host.setup(5, default)
    assert host.pings("192.0.2.9", "c5")
    host.teardown(5, default)
    host.is_clean()


def test_without_a_firewall(host: Host):
    given = asked(2, net(1), ports=[port(8080)])
    host.setup(2, given, options=("--firewall-driver", "none"))
    assert host.traces()["rules"] == host.before["rules"]
    assert host.pings("10.91.1.1", "c2")
    host.teardown(2, given, options=("--firewall-driver", "none"))
    host.is_clean()


def test_the_mtu_of_the_uplink(host: Host):
    host.box.ip("link set up0 mtu 1380")
    host.setup(2, asked(2, net(1)))
    assert {mtu for _, mtu, _ in host.addresses("c2")} == {1380}


def test_an_mtu_that_is_too_small_for_ipv6(host: Host):
    assert 'option "mtu": 576 is less than the 1280 that IPv6 needs' in host.refused(2, asked(2, net(1, options={"mtu": "576"})))
    host.box.ip("link set up0 mtu 1000")
    for more in (LAN, {"subnets": V4, "ipv6_enabled": False}):
        given = asked(2, net(1, **more))
        host.before = host.traces()
        host.setup(2, given)
        assert {mtu for _, mtu, _ in host.addresses("c2")} == {1000}
        host.teardown(2, given)
        host.is_clean()


def test_the_hosts_end_has_the_name_that_was_asked_for(host: Host):
    given = asked(2, net(1), own={"options": {"host_interface_name": "web0"}})
    host.setup(2, given)
    assert "pm1" in host.box.ip("link", "show", "web0")
    host.teardown(2, given)
    host.is_clean()
    host.box.ip("link add web0 type bridge")
    assert "web0" in host.refused(2, given)


def test_neighbours_cannot_give_a_container_addresses(host: Host):
    host.setup(2, asked(2, net(1)))
    for key in ("accept_ra", "autoconf"):
        assert host.box.run(["cat", f"/proc/sys/net/ipv6/conf/eth0/{key}"], netns="c2").out == "0\n", key


def test_addresses_by_dhcp(host: Host):
    how = {"device": "eth0", "log": "/run/server.log", "own": "192.0.2.9", "pool": "192.0.2.{}", "options": {"3": "c0000209", "6": "c0000209", "15": b"ex.org".hex()}}
    host.box.popen([sys.executable, str(RUN_SCRIPT.parents[1] / "dhcp_server.py"), json.dumps(how)], netns="out", err="/run/server.err")
    assert host.box.call(WATCH, "heard", "/run/server.log", "READY")
    lan = {**LAN, "subnets": None, "ipam_options": {"driver": "dhcp"}}
    given = asked(2, net(1, **lan), container_hostname="web")
    told = host.setup(2, given)["net1"]
    assert told["interfaces"]["eth0"]["subnets"] == [{"gateway": "192.0.2.9", "ipnet": "192.0.2.50/24"}]
    assert (told["dns_server_ips"], told["dns_search_domains"]) == (["192.0.2.9"], ["ex.org"])
    assert host.routes("c2") == ["default via 192.0.2.9 dev eth0 proto static metric 99"]
    assert host.pings("192.0.2.9", "c2")
    request = host.box.call(WATCH, "heard", "/run/server.log", "REQUEST")[0]
    assert bytes.fromhex(request["options"]["12"]) == b"web"
    host.teardown(2, given)
    assert host.box.call(WATCH, "heard", "/run/server.log", "RELEASE")
    assert "mode=unmanaged" in host.refused(3, asked(3, net(2, subnets=None, ipam_options={"driver": "dhcp"})))
    # A bridge of somebody else, with the LAN behind it.
    for words in ("link add lan type bridge", "link set lan up", "link set up0 master lan"):
        host.box.ip(words)
    bridged = asked(3, net(2, network_interface="lan", subnets=None, ipam_options={"driver": "dhcp"}, options={"mode": "unmanaged"}))
    told = host.setup(3, bridged)["net2"]
    assert told["interfaces"]["eth0"]["subnets"][0]["ipnet"] == "192.0.2.51/24"
    assert host.pings("192.0.2.9", "c3")
    host.teardown(3, bridged)
    assert "pm2" not in host.box.ip("link")


def test_no_lease_leaves_nothing(host: Host):
    given = asked(2, net(1, **{**LAN, "subnets": None, "ipam_options": {"driver": "dhcp"}}))
    code = "from netwright.netavark import dhcp, main; dhcp._PATIENCE = 0.5; raise SystemExit(main.main(['netavark', 'setup', '/run/netns/c2']))"
    result = host.box.python(code, stdin=json.dumps(given))
    assert result.code == 1
    assert json.loads(result.out) == {"error": "unable to obtain lease on net1: no DHCP server answered within 0.5 s"}
    host.is_clean()


# -- names ---------------------------------------------------------------------------------------------------------------------------


def looked_up(host: Host, c: str, name: str, server: str = "10.91.1.1") -> list[str]:
    code = f"""
import sys
sys.path.insert(0, {str(RUN_SCRIPT.parent)!r})
from dns_client import udp
found = udp({server!r}, {name!r})
print(*sorted(found[1]) if found else [])
"""
    return host.box.python(code, netns=c).out.split()


def test_names(host: Host):
    first = asked(2, net(1, dns_enabled=True), own={"aliases": ["shop", "not a name"]})
    host.setup(2, first)
    host.setup(3, asked(3, net(1, dns_enabled=True), net(2, dns_enabled=True)))
    for name in ("c2", "shop", "shop.dns.podman", first["container_id"][:12]):
        assert looked_up(host, "c3", name) == ["10.91.1.2"], name
    assert looked_up(host, "c2", "c3") == ["10.91.1.3"]
    host.teardown(2, first)
    assert looked_up(host, "c3", "shop") == []
    result = host.netavark("update", "net1", "--network-dns-servers", "192.0.2.9,fd99::9")
    assert (result.code, result.out) == (0, "")
    assert json.loads(host.box.read("/run/netwright/.dns/podman:net1.json"))["servers"] == ["192.0.2.9", "fd99::9"]
    assert host.netavark("update", "net7", "--network-dns-servers", "").code == 0
    assert host.netavark("update", "net1", "--network-dns-servers", "nonsense").code == 1
    host.teardown(3, asked(3, net(1, dns_enabled=True), net(2, dns_enabled=True)))
    host.is_clean()
    until(lambda: host.box.run(["pgrep", "-f", "responder.*detached.*/run/netwright/.dns"]).out == "" or host.box.run(["test", "-e", "/run/netwright/.dns/responder.sock"]).code)


def test_names_at_another_port(host: Host):
    given = asked(2, net(1, dns_enabled=True))
    host.setup(2, given, env={"NETAVARK_DNS_PORT": "5533"})
    assert looked_up(host, "c2", "c2") == ["10.91.1.2"]
    host.teardown(2, given, env={"NETAVARK_DNS_PORT": "5533"})
    host.is_clean()


def test_an_address_that_is_taken_for_names(host: Host):
    host.box.popen([sys.executable, "-c", "import socket, time\ns = socket.socket(2, 2); s.bind(('0.0.0.0', 53)); open('/run/bound', 'w'); s.recv(9)"])
    until(lambda: host.box.run(["test", "-e", "/run/bound"]).code == 0)
    assert "is taken by process" in host.refused(2, asked(2, net(1, dns_enabled=True)))


def test_somebody_elses_aardvark(host: Host):
    theirs = "/usr/lib/podman/aardvark-dns"
    if not os.access(theirs, os.X_OK):
        missing("aardvark-dns is not installed")
    use = {"options": ("-a", theirs)}
    given = {c: asked(c, net(1, dns_enabled=True)) for c in (2, 3)}
    for c in (2, 3):
        host.setup(c, given[c], **use)
    until(lambda: looked_up(host, "c2", "c3") == ["10.91.1.3"])
    pid = host.box.read("/run/cfg/aardvark-dns/aardvark.pid")
    host.teardown(3, given[3], **use)
    until(lambda: looked_up(host, "c2", "c3") == [])
    assert host.netavark("update", "net1", "--network-dns-servers", "192.0.2.9", **use).code == 0
    assert host.box.read("/run/cfg/aardvark-dns/net1").splitlines()[0] == "10.91.1.1,fd00:91:1::1 192.0.2.9"
    host.teardown(2, given[2], **use)
    until(lambda: host.box.run(["test", "-d", f"/proc/{pid}"]).code != 0 or b"Z" in host.box.run(["cat", f"/proc/{pid}/stat"]).out.encode())
    host.is_clean()


def test_a_process_that_only_has_the_number_of_aardvark_is_left_alone(host: Host):
    theirs = "/usr/lib/podman/aardvark-dns"
    if not os.access(theirs, os.X_OK):
        missing("aardvark-dns is not installed")
    somebody = host.box.popen(["sleep", "1000"])
    host.box.write("/run/cfg/aardvark-dns/aardvark.pid", str(somebody))
    given, use = asked(2, net(1, dns_enabled=True)), {"options": ("-a", theirs)}
    host.setup(2, given, **use)
    until(lambda: looked_up(host, "c2", "c2") == ["10.91.1.2"])
    host.teardown(2, given, **use)
    assert "sleep" in host.box.read(f"/proc/{somebody}/cmdline")
    host.box.kill(somebody)


# -- plugins, create, install ----------------------------------------------------------------------------------------------------------

PLUGIN = """#!/bin/sh
cat >/run/plugin-input
echo "$@" >>/run/plugin-words
[ ! -e /run/plugin-fails ] || { echo '{"error": "no such luck"}'; exit 9; }
[ "$1" = teardown ] || echo '{"dns_search_domains": [], "dns_server_ips": [], "interfaces": {}}'
"""


def test_a_plugin(host: Host):
    given = asked(2, net(1), net(2, driver="mine", options={"a": "b"}), ports=[port(8080)])
    assert 'unknown network driver "mine"' in host.refused(2, given)
    host.box.write("/run/plugins/mine", PLUGIN)
    host.box.run(["chmod", "+x", "/run/plugins/mine"])
    use = {"options": ("--plugin-directory", "/nowhere", "--plugin-directory", "/run/plugins")}
    told = host.setup(2, given, **use)
    assert told["net2"] == {"dns_search_domains": [], "dns_server_ips": [], "interfaces": {}}
    said = json.loads(host.box.read("/run/plugin-input"))
    assert said["network"] == given["network_info"]["net2"]
    assert said["network_options"] == given["networks"]["net2"]
    assert said["port_mappings"] == given["port_mappings"]
    host.teardown(2, given, **use)
    assert host.box.read("/run/plugin-words").splitlines() == ["setup /run/netns/c2", "teardown /run/netns/c2"]
    host.box.write("/run/plugin-fails", "")
    assert "exit code 9, message: no such luck" in host.refused(2, given, **use)
    host.is_clean()


def test_create(host: Host):
    network = {"name": "new", "id": "a" * 64, "driver": "bridge", "dns_enabled": True, "internal": False, "ipv6_enabled": False, "labels": {"a": "b"}}
    pools = {"subnet_pools": [{"base": "10.89.0.0/16", "size": 24}], "default_interface_name": "up", "check_used_subnets": True}
    given = {"network": network, "used": {"interfaces": ["up1"], "names": {}, "subnets": ["10.89.0.0/24"]}, "options": pools}
    result = host.netavark("create", given=given)
    assert result.code == 0, result
    made = json.loads(result.out)
    assert made.pop("created").endswith("Z")
    assert made == {**network, "network_interface": "up2", "subnets": [{"subnet": "10.89.1.0/24", "gateway": "10.89.1.1"}], "ipam_options": {"driver": "host-local"}}
    used = {**made, "network_interface": "pm9"}
    host.setup(2, asked(2, used))
    assert host.pings("10.89.1.1", "c2")


def test_the_executables(host: Host):
    code = "from netwright.netavark import install; print(*install('/run/programs'))"
    assert host.box.python(code).out.split() == ["/run/programs/netavark", "/run/programs/aardvark-dns"]
    version = json.loads(host.box.run(["/run/programs/netavark", "version"]).out)
    assert set(version) == {"version", "commit", "build_time", "target"}
    assert host.box.run(["/run/programs/netavark", "--version"]).out.startswith("netavark 2")
    given = asked(2, net(1, dns_enabled=True))
    words = ["/run/programs/netavark", "--config", "/run/cfg", "--rootless", "false", "--aardvark-binary", "/run/programs/aardvark-dns"]
    result = host.box.run([*words, "setup", "/run/netns/c2"], stdin=json.dumps(given))
    assert result.code == 0, result
    assert looked_up(host, "c2", "c2") == ["10.91.1.2"]
    assert host.box.run(["test", "-e", "/run/cfg/aardvark-dns"]).code == 1, "ours needs no second server"
    assert host.box.run([*words, "teardown", "/run/netns/c2"], stdin=json.dumps(given)).code == 0
    wrong = host.box.run([*words, "set-up"])
    assert (wrong.code, wrong.out) == (2, "")
    assert "usage" in wrong.err
    host.is_clean()


def test_somebody_elses_programs_are_neither_replaced_nor_removed(host: Host):
    host.box.write("/run/theirs/netavark", "theirs")
    result = host.box.python("from netwright.netavark import install; install('/run/theirs')")
    assert "/run/theirs/netavark: there already, and not of netwright" in result.err
    code = "from netwright.cli.netavark import main; main(['install', '/run/own']); main(['uninstall', '/run/own']); main(['uninstall', '/run/theirs'])"
    result = host.box.python(code)
    assert (result.code, result.lines[:2], result.lines[-2:]) == (0, ["/run/own/netavark", "/run/own/aardvark-dns"], ["/run/own/netavark", "/run/own/aardvark-dns"])
    assert host.box.read("/run/theirs/netavark") == "theirs"
