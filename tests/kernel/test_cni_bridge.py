"""The plugin bridge, as a runtime calls it. Rows of facts known of upstream's plugin are in the tests' docstrings."""

import json

import pytest
from cni_host import BOTH, EVERYWHERE, OURS, CniHost, go, ipam
from sandbox import Sandbox, missing
from traffic import carried, until


@pytest.fixture
def host(sandbox: Sandbox) -> CniHost:
    return CniHost(sandbox)


def config(version: str = "1.0.0", **more: object) -> dict:
    standard = {"ipam": ipam(ranges=BOTH, routes=EVERYWHERE)}
    return {"cniVersion": version, "name": "n", "type": "bridge", "bridge": "br0", "isGateway": True, "ipMasq": True, **standard, **more}


def test_two_containers_reach_each_other_and_the_world_and_leave_nothing(host: CniHost):
    before = host.traces()
    said = host.ok(config())
    host.ok(config(), "ADD", "b")
    assert [i["name"] for i in said["interfaces"]][::2] == ["br0", "eth0"]
    assert [ip["address"] for ip in said["ips"]] == ["10.1.0.2/24", "fd01::2/64"]
    assert all(ip["interface"] == 2 for ip in said["ips"])
    for address in ("10.1.0.3", "fd01::3", "10.1.0.1", "fd01::1", "192.0.2.9", "fd99::9"):
        assert host.ping(address, "a"), address
    host.ok(config(prevResult=said), "CHECK")
    for name in ("a", "b"):
        host.ok(config(), "DEL", name)
        host.ok(config(), "DEL", name)
    assert host.traces() == before


def test_an_add_again_is_no_error_and_changes_nothing(host: CniHost):
    host.ok(config())
    first = host.traces()
    said = host.refused(config())
    assert said["code"] == 102, said
    assert host.traces() == first


@pytest.mark.parametrize("gone", ["no netns said", "netns deleted", "device deleted", "records lost"])
def test_row_1_masquerading_ends_with_the_container_whatever_is_gone(host: CniHost, gone: str):
    """Upstream's DEL returns early without the namespace, and leaves three rules and a chain for each family."""
    before = host.traces()
    said = host.ok(config())
    more = {}
    if gone == "netns deleted":
        host.box.ip("netns delete a")
    if gone == "device deleted":
        host.box.ip("link delete eth0", netns="a")
    if gone == "no netns said":
        more = {"CNI_NETNS": ""}
    if gone == "records lost":
        host.box.run(["rm", "-rf", "/run/netwright"])
    host.ok(config(prevResult=said), "DEL", **more)
    if gone == "records lost":  # a bridge that nobody wrote down is nobody's to delete; nor is the table
        assert "10.1.0.2" not in host.rules()
        host.box.ip("link delete br0")
        host.box.run(["nft", "delete", "table", "inet", "netwright"])
    assert host.traces() == before


@pytest.mark.parametrize("gone", ["", "CNI_NETNS"])
def test_row_2_the_guard_against_forged_addresses_ends_with_the_container(host: CniHost, gone: str):
    """Upstream leaves four rules and two chains in table bridge."""
    before = host.traces()
    guarded = config(macspoofchk=True)
    host.ok(guarded)
    host.ok(guarded, "ADD", "b")
    assert host.ping("10.1.0.3", "a")
    host.box.ip("link set eth0 address 02:00:00:00:00:99", netns="a")
    assert host.silent("10.1.0.3", "a")
    for name in "ab":
        host.ok(guarded, "DEL", name, **({gone: ""} if gone else {}))
    assert host.traces() == before


def test_row_4_an_exhausted_pool_leaves_nothing_behind(host: CniHost):
    """Upstream leaves eth0 and the host's veth; the next ADD then says that the device exists."""
    small = config(ipam=ipam(subnet="10.1.0.0/30"))
    host.ok(small)
    before = host.traces()
    said = host.refused(small, "ADD", "b")
    assert said["code"] == 103, said
    assert host.traces() == before
    assert len(host.json("link", netns="b")) == 1
    host.ok(small, "DEL")
    host.ok(small, "ADD", "b")


def test_row_5_a_failed_add_does_not_spoil_a_new_bridge(host: CniHost):
    """Upstream's bridge has hardware address 00:00:00:00:00:00 then, and "could not set bridge's mac: invalid argument" for ever."""
    before = host.traces()
    wrong = config(ipam=ipam(routes=[{"dst": "0.0.0.0/0", "gw": "10.99.0.1"}]))
    said = host.refused(wrong)
    assert said["code"] == 100, said
    assert host.traces() == before
    host.ok(config())
    (bridge,) = host.json("link show br0")
    assert bridge["address"].startswith("02:")
    host.ok(config(), "ADD", "b")
    assert host.json("link show br0")[0]["address"] == bridge["address"], "pinned: it does not change with its ports"


def test_row_6_a_default_gateway_beside_a_default_route_of_the_ipam(host: CniHost):
    """Upstream: "failed to add route … file exists"."""
    said = host.ok(config(isDefaultGateway=True))
    assert len(said["routes"]) == 2
    assert host.json("route show default", netns="a")[0]["gateway"] == "10.1.0.1"
    assert host.ping("192.0.2.9", "a")


def test_row_7_check_of_a_bridge_without_addresses(host: CniHost):
    """Upstream: "no plugin name provided"."""
    plain = {"cniVersion": "1.0.0", "name": "n", "type": "bridge", "bridge": "br0"}
    said = host.ok(plain)
    assert said.get("ips", []) == []
    host.ok(plain | {"prevResult": said}, "CHECK")
    until(lambda: host.json("link show eth0", netns="a")[0]["operstate"] == "UP")
    host.ok(plain, "DEL")


def test_check_finds_what_is_not_as_it_was_made(host: CniHost):
    said = host.ok(config())
    spoiled = [
        ("ip", "-n", "a", "address", "delete", "10.1.0.2/24", "dev", "eth0"),
        ("ip", "-n", "a", "route", "delete", "default"),
        ("ip", "link", "set", said["interfaces"][1]["name"], "nomaster"),
        ("nft", "flush", "set", "inet", "netwright", "sources4"),
    ]
    for words in spoiled:
        assert host.box.run(list(words)).code == 0, words
        error = host.refused(config(prevResult=said), "CHECK")
        assert (error["code"], "is not as it was made" in error["msg"]) == (102, True), error
        host.ok(config(), "DEL")
        said = host.ok(config())
        host.ok(config(prevResult=said), "CHECK")


def test_two_interfaces_of_one_container(host: CniHost):
    """The kernel has no two default routes of one metric: the interface that came first goes before the other."""
    second = config(name="m", bridge="br1", ipam=ipam(ranges=[[{"subnet": "10.2.0.0/24"}], [{"subnet": "fd02::/64"}]], routes=EVERYWHERE))
    said = host.ok(config()), host.ok(second, "ADD", "a", "eth1")
    assert [(r["dev"], r.get("metric", 0)) for r in host.json("-4 route show default", netns="a")] == [("eth0", 0), ("eth1", 1)]
    assert [(r["dev"], r["metric"]) for r in host.json("-6 route show default", netns="a")] == [("eth0", 1024), ("eth1", 1025)]
    host.ok(config(prevResult=said[0]), "CHECK")
    host.ok(config(), "DEL")
    host.ok(second | {"prevResult": said[1]}, "CHECK", "a", "eth1")
    assert host.ping("192.0.2.9", "a")
    assert host.ping("fd99::9", "a")


def test_check_finds_a_guard_that_is_gone(host: CniHost):
    guarded = config(macspoofchk=True, promiscMode=True)
    said = host.ok(guarded)
    host.ok(guarded | {"prevResult": said}, "CHECK")
    for words, told in (("ip link set br0 promisc off", "promiscuous"), (f"nft delete table bridge netwright-{said['interfaces'][1]['name']}", "forged")):
        assert host.box.run(words.split()).code == 0
        assert told in host.refused(guarded | {"prevResult": said}, "CHECK")["details"]
        host.ok(guarded, "DEL")
        said = host.ok(guarded)


@pytest.mark.parametrize("result", [None, 7, {"ips": 7}, {"ips": [{"address": "x"}]}, {"interfaces": [None]}, {"cniVersion": "9"}])
def test_a_del_needs_no_result_and_takes_any(host: CniHost, result: object):
    before = host.traces()
    host.ok(config())
    host.ok(config(prevResult=result), "DEL")
    assert host.traces() == before


def test_many_at_once(host: CniHost):
    before = host.traces()
    names = [f"c{n}" for n in range(16)]
    for name in names:
        host.container(name)
    host.box.write("/run/config", json.dumps(config()))
    for command in ("ADD", "DEL"):
        script = f"export CNI_COMMAND={command} CNI_IFNAME=eth0 CNI_PATH={OURS}; for c in {' '.join(names)}; do"
        script += f" CNI_CONTAINERID=$c CNI_NETNS=/run/netns/$c {OURS}/bridge </run/config >/run/out.$c || echo $c failed & done; wait"
        assert host.box.run(["sh", "-c", script], timeout=120).out == ""
        if command == "ADD":
            assert all(host.ping(f"10.1.0.{n}", "c0") for n in range(2, 18))
    assert host.traces() == before


@pytest.mark.parametrize("first", ["theirs", "ours"])
def test_two_runtimes_on_one_bridge_and_one_pool(host: CniHost, first: str):
    """Go's plugin has its container on the bridge too: ours does not take that away, and theirs never does."""
    theirs, plain = go("bridge", "host-local"), config(ipam=ipam(ranges=BOTH, routes=EVERYWHERE, gateway=None))
    places = {"a": theirs, "b": OURS} if first == "theirs" else {"b": OURS, "a": theirs}
    addresses = {}
    for name, host.place in places.items():
        addresses[name] = host.ok(plain, "ADD", name)["ips"][0]["address"].partition("/")[0]
    assert host.ping(addresses["b"], "a")
    assert host.ping(addresses["a"], "b")
    assert host.ping("192.0.2.9", "b")
    host.place = OURS
    host.ok(plain, "DEL", "b")
    assert host.json("link show br0")
    assert host.ping("192.0.2.9", "a")
    host.place = theirs
    host.ok(plain, "DEL", "a")


# -- keys ------------------------------------------------------------------------------------------------------------------------


def port(host: CniHost, said: dict) -> dict:
    (found,) = host.json("-d link show", said["interfaces"][1]["name"])
    return found["linkinfo"]["info_slave_data"]


def test_flags_of_the_port(host: CniHost):
    assert port(host, host.ok(config(hairpinMode=True)))["hairpin"]
    assert port(host, host.ok(config(portIsolation=True), "ADD", "b"))["isolated"]


def test_isolated_ports_do_not_reach_each_other(host: CniHost):
    for name in "ab":
        host.ok(config(portIsolation=True), "ADD", name)
    assert host.silent("10.1.0.3", "a")
    assert host.ping("10.1.0.1", "a")


def test_mtu_mac_and_promiscuity(host: CniHost):
    said = host.ok(config(mtu=1400, promiscMode=True, runtimeConfig={"mac": "02:00:00:00:00:07"}))
    assert said["interfaces"][2]["mac"] == "02:00:00:00:00:07"
    for words, netns in (("link show br0", None), ("link show " + said["interfaces"][1]["name"], None), ("link show eth0", "a")):
        assert host.json(words, netns=netns)[0]["mtu"] == 1400
    assert "PROMISC" in host.json("link show br0")[0]["flags"]
    host.ok(config(mtu=1400, promiscMode=True, prevResult=said, runtimeConfig={"mac": "02:00:00:00:00:07"}), "CHECK")


@pytest.mark.parametrize(
    ("more", "env", "mac"),
    [
        ({}, {"CNI_ARGS": "MAC=02:00:00:00:00:01"}, "02:00:00:00:00:01"),
        ({"args": {"cni": {"mac": "02:00:00:00:00:02"}}}, {"CNI_ARGS": "MAC=02:00:00:00:00:01"}, "02:00:00:00:00:02"),
        ({"args": {"cni": {"mac": "02:00:00:00:00:02"}}, "runtimeConfig": {"mac": "02:00:00:00:00:03"}}, {}, "02:00:00:00:00:03"),
    ],
)
def test_who_says_the_hardware_address(host: CniHost, more: dict, env: dict, mac: str):
    assert host.ok(config(**more), **env)["interfaces"][2]["mac"] == mac


def test_an_interface_that_stays_down(host: CniHost):
    plain = {"cniVersion": "1.0.0", "name": "n", "type": "bridge", "bridge": "br0", "disableContainerInterface": True}
    said = host.ok(plain)
    assert "UP" not in host.json("link show eth0", netns="a")[0]["flags"]
    host.ok(plain | {"prevResult": said}, "CHECK")
    assert host.refused(plain | {"ipam": ipam()}, "ADD", "b")["code"] == 7


def test_duplicate_addresses_are_looked_for_when_asked(host: CniHost):
    host.box.run(["sysctl", "-qw", "net.ipv6.conf.all.accept_dad=1", "net.ipv6.conf.default.accept_dad=1"], netns="a")
    said = host.ok(config(enabledad=True))
    (link,) = host.json("-6 address show eth0 scope global", netns="a")
    assert "nodad" not in link["addr_info"][0]
    assert "tentative" not in link["addr_info"][0], "ADD waits until it is sure"
    assert said["ips"][1]["address"] == "fd01::2/64"


def test_a_bridge_with_another_address(host: CniHost):
    """As upstream's: IPv4 needs forceAddress to change, IPv6 networks that do not overlap live beside each other."""
    host.box.ip("link add br0 type bridge")
    host.box.ip("address add 10.1.0.99/24 dev br0")
    host.box.ip("address add fd77::1/64 dev br0")
    before = host.traces()
    said = host.refused(config())
    assert (said["code"], "10.1.0.99/24" in said["details"]) == (102, True), said
    assert host.traces() == before
    host.ok(config(forceAddress=True))
    found = {f"{a['local']}/{a['prefixlen']}" for link in host.json("address show br0 scope global") for a in link.get("addr_info", []) if "local" in a}
    assert found == {"10.1.0.1/24", "fd77::1/64", "fd01::1/64"}
    host.ok(config(), "DEL")
    assert host.json("link show br0"), "it was there before us"


def test_what_contradicts_itself_is_told_at_once(host: CniHost):
    said = host.refused(config(hairpinMode=True, promiscMode=True, mtu=-1, bridge="a/b"))
    assert said["code"] == 7
    assert said["msg"].startswith("3 mistakes"), said


def test_a_foreign_eth0_is_left_alone_and_the_address_given_back(host: CniHost):
    host.box.ip("link add eth0 type bridge", netns="a")
    before = host.traces()
    said = host.refused(config())
    assert said["code"] == 102, said
    assert host.traces() == before


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"])
def test_every_version(host: CniHost, version: str):
    said = host.ok(config(version))
    assert said["cniVersion"] == version
    if version < "0.3.0":
        assert (said["ip4"]["ip"], said["ip6"]["gateway"]) == ("10.1.0.2/24", "fd01::1")
    else:
        assert ("version" in said["ips"][0]) == (version < "1.0.0")
        assert ("mtu" in said["interfaces"][2]) == (version == "1.1.0")
    host.ok(config(version), "DEL")


# -- GC, STATUS, faults ------------------------------------------------------------------------------------------------------------


def test_row_14_garbage_is_collected(host: CniHost):
    """No plugin upstream has GC."""
    latest = config("1.1.0")
    host.ok(latest)
    before = host.traces()
    for container, ifname in (("b", "eth0"), ("b", "eth1")):
        host.ok(latest, "ADD", container, ifname)
    other = latest | {"name": "other", "bridge": "br1", "ipam": ipam(subnet="10.2.0.0/24")}
    host.ok(other, "ADD", "b", "net2")
    host.ok(latest | {"cni.dev/valid-attachments": [{"containerID": "a", "ifname": "eth0"}]}, "GC")
    assert host.json("link show net2", netns="b"), "another network's is not touched"
    host.ok(other, "DEL", "b", "net2")
    assert host.traces() == before


def test_status(host: CniHost):
    host.ok(config("1.1.0"), "STATUS")
    small = config("1.1.0", ipam=ipam(subnet="10.1.0.0/30"))
    host.ok(small)
    assert host.refused(small, "STATUS")["code"] == 50
    host.box.run(["sh", "-c", "mount --bind /dev/null $(command -v nft)"])
    assert "nft is not there" in host.refused(config("1.1.0"), "STATUS")["msg"]


def test_somebodys_flush_is_mended_by_the_next_add(host: CniHost):
    host.ok(config())
    host.box.run(["nft", "flush", "ruleset"])
    host.ok(config(), "ADD", "b")
    assert host.ping("192.0.2.9", "a")
    assert host.ping("192.0.2.9", "b")


@pytest.mark.parametrize("words", [{"bridge": "x" * 16}, {"bridge": 'a"b'}, {"bridge": "up0"}, {"name": "../x"}, {"mtu": 70000}, {"ipam": {"type": "../static"}}, {"ipam": 7}])
def test_hostile_words_are_refused_and_leave_nothing(host: CniHost, words: dict):
    before = host.traces()
    assert host.refused(config() | words)["code"] in (7, 102)
    assert host.traces() == before


# -- kill -9 -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["ADD", "DEL"])
def test_killed_at_every_message_to_the_kernel_and_every_file(host: CniHost, verb: str):
    """Mended by DEL and by GC in turn."""
    if host.box.run(["strace", "-V"]).code:
        missing("strace is not installed")
    both = config("1.1.0", macspoofchk=True)
    before = host.traces()
    for syscalls in ("sendto,sendmsg", "rename,unlink,rmdir"):
        for n in range(1, 60):
            if verb == "DEL":
                host.quickly(both)
            inject = f"strace -f -qq -o /dev/null -e trace={syscalls} -e inject={syscalls}:signal=KILL:when={n}"
            finished = host.call(both, verb, before=inject).code == 0
            if n % 2:
                host.quickly(both, "DEL")
            else:
                host.quickly(both | {"cni.dev/valid-attachments": []}, "GC")
            assert host.traces() == before, (syscalls, n)
            if finished:
                break
        assert 2 < n < 59


# -- the same as Go's --------------------------------------------------------------------------------------------------------------


def seen(host: CniHost, said: dict, more: dict) -> dict:
    """What a container has, and the bridge and its port, without what differs by chance."""
    carried(host.box, ("br0", None), (said["interfaces"][1]["name"], None), ("eth0", "a"))
    (bridge,), (cable,) = host.json("-d link show br0"), host.json("-d link show", said["interfaces"][1]["name"])
    (inside,) = host.json("-d link show eth0", netns="a")
    addresses = {(a["family"], a["local"], a["prefixlen"]) for link in host.json("address", netns="a") for a in link["addr_info"] if a["scope"] == "global"}
    on_bridge = {(a["family"], a["local"], a["prefixlen"]) for a in host.json("address show br0")[0]["addr_info"] if a["scope"] == "global"}
    routes = {(r["dst"], r.get("gateway", "")) for f in ("-4", "-6") for r in host.json(f"{f} route", netns="a") if r["dst"] != "fe80::/64"}
    port_of = {k: cable["linkinfo"]["info_slave_data"][k] for k in ("hairpin", "isolated", "guard", "fastleave", "flood", "learning")}
    gateway = more.get("isGateway", True)
    answers = {address: host.reaches(address, "a", wanted=wanted) for address, wanted in (("10.1.0.1", gateway), ("192.0.2.9", gateway and more.get("ipMasq", True)))}
    flags = [sorted(set(link["flags"]) - {"M-DOWN"}) for link in (bridge, cable, inside)]
    forwarding = host.box.run(["sysctl", "-n", "net.ipv4.ip_forward"]).out.strip()
    result = {k: v for k, v in said.items() if k not in ("interfaces", "dns")}
    sandboxes = [i.get("sandbox", "") for i in said["interfaces"]]
    mtus = [link["mtu"] for link in (bridge, cable, inside)]
    mine = (addresses, on_bridge, routes, port_of, answers, flags, forwarding, result, sandboxes, mtus)
    return dict(zip(("addresses", "on bridge", "routes", "port", "answers", "flags", "forwarding", "result", "sandboxes", "mtus"), mine, strict=True))


CASES: list[dict] = [
    {},
    {"isGateway": False, "ipMasq": False},
    {"mtu": 1400, "hairpinMode": True},
    {"isDefaultGateway": True, "ipam": ipam()},
    {"promiscMode": True},
    {"ipam": ipam(ranges=[[{"subnet": "10.1.0.0/24", "rangeStart": "10.1.0.5", "gateway": "10.1.0.254"}]], routes=[{"dst": "10.50.0.0/16", "gw": "10.1.0.7"}, {"dst": "192.0.2.0/24"}])},
]  # fmt: skip


@pytest.mark.parametrize("more", CASES, ids=lambda case: json.dumps(case)[:40])
@pytest.mark.parametrize("version", ["0.3.1", "1.0.0"])
def test_all_is_as_with_gos_plugin(sandbox: Sandbox, more: dict, version: str):
    theirs = CniHost(sandbox, place=go("bridge", "host-local"))
    expected = seen(theirs, theirs.ok(config(version, **more)), more)
    with Sandbox() as other:
        ours = CniHost(other)
        assert seen(ours, ours.ok(config(version, **more)), more) == expected
