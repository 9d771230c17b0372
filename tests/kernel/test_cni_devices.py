"""macvlan, tap, and the devices that this kernel may not have (ipvlan, vlan, dummy, vrf), on the real kernel; Go's plugins beside them."""

import json
import sys
from pathlib import Path

import cni_plugins
import pytest
from cni_host import BOTH, CniHost, go, ipam
from sandbox import SOURCE, Sandbox, missing

DHCP_SERVER = Path(__file__).with_name("dhcp_server.py")
WATCH = DHCP_SERVER.parent / "inside" / "dhcp_watch.py"
LAN = [[{"subnet": "192.0.2.0/24", "rangeStart": "192.0.2.50", "gateway": "192.0.2.9"}], [{"subnet": "fd99::/64", "rangeStart": "fd99::50", "gateway": "fd99::9"}]]
DEFAULTS = [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]


@pytest.fixture
def host(sandbox: Sandbox) -> CniHost:
    return cni_plugins.host(sandbox)


def macvlan(version: str = "1.1.0", **more: object) -> dict:
    return {"cniVersion": version, "name": "lan", "type": "macvlan", **more}


def inside(host: CniHost, ifname: str = "eth0", netns: str = "a") -> dict:
    (link,) = host.json(f"-d addr show {ifname}", netns=netns)
    return link


def devices(host: CniHost, netns: str = "a") -> list[str]:
    return [link["ifname"] for link in host.json("link", netns=netns)]


def settled(host: CniHost) -> list[object]:
    """What is there, without the leases of names that are kept."""
    return [*host.traces(), *(devices(host, netns) for netns in ("a", "b"))]


# -- macvlan ---------------------------------------------------------------------------------------------------------------------


def test_a_container_on_the_lan(host: CniHost):
    before = settled(host)
    config = macvlan(ipam=ipam(ranges=LAN, routes=DEFAULTS))
    said = host.ok(config)
    assert said["interfaces"] == [{"name": "eth0", "mac": inside(host)["address"], "sandbox": "/run/netns/a", "mtu": 1500}]
    assert [ip["address"] for ip in said["ips"]] == ["192.0.2.50/24", "fd99::50/64"]
    assert {ip["interface"] for ip in said["ips"]} == {0}
    assert host.ping("192.0.2.9", "a")
    assert host.ping("fd99::9", "a")
    assert [r["gateway"] for r in host.json("route show default", netns="a")] == ["192.0.2.9"]
    assert [r["gateway"] for r in host.json("-6 route show default", netns="a")] == ["fd99::9"]
    assert inside(host)["linkinfo"]["info_data"]["mode"] == "bridge"
    host.ok({**config, "prevResult": said}, "CHECK")
    for _ in range(2):
        host.ok({**config, "prevResult": said}, "DEL")
    assert settled(host) == before


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0", *cni_plugins.VERSIONS])
def test_every_version(host: CniHost, version: str):
    config = macvlan(version, ipam=ipam(ranges=LAN[:1]))
    said = host.ok(config)
    assert said["cniVersion"] == version
    assert "192.0.2.50/24" in json.dumps(said)
    if version not in ("0.1.0", "0.2.0", "0.3.0", "0.3.1"):
        host.ok({**config, "prevResult": said}, "CHECK")
    host.ok({**config, "prevResult": said}, "DEL")
    assert devices(host) == ["lo"]


KEYS = [
    ({"mode": "private"}, {"mode": "private"}, {}),
    ({"mode": "vepa"}, {"mode": "vepa"}, {}),
    ({"mode": "passthru"}, {"mode": "passthru"}, {}),
    ({"bcqueuelen": 321}, {"bcqueuelen": 321}, {}),
    ({"mtu": 1400}, {}, {"mtu": 1400}),
    ({"mac": "02:00:00:00:00:11"}, {}, {"address": "02:00:00:00:00:11"}),
    ({"mac": "02:00:00:00:00:11", "runtimeConfig": {"mac": "02:00:00:00:00:12"}}, {}, {"address": "02:00:00:00:00:12"}),
    ({"MASTER": "up0", "Mtu": 1300}, {}, {"mtu": 1300}),
]


@pytest.mark.parametrize(("keys", "info", "link"), KEYS)
def test_keys(host: CniHost, keys: dict, info: dict, link: dict):
    said = host.ok(macvlan(**keys))
    found = inside(host)
    assert {name: found["linkinfo"]["info_data"][name] for name in info} == info
    assert {name: found[name] for name in link} == link
    assert "UP" in found["flags"], "without addresses it is up all the same"
    host.ok({**macvlan(**keys), "prevResult": said}, "CHECK")


def test_the_hardware_address_of_cni_args(host: CniHost):
    host.ok(macvlan(), CNI_ARGS="IgnoreUnknown=1;K8S_POD_NAME=x;MAC=02:00:00:00:00:13")
    assert inside(host)["address"] == "02:00:00:00:00:13"
    assert host.refused(macvlan(), CNI_ARGS="WHAT=x", container="b")["code"] == 4


def test_on_a_device_of_the_container(host: CniHost):
    host.box.ip("link add below type veth peer name other", netns="a")
    host.box.ip("link set below up", netns="a")
    config = macvlan(master="below", linkInContainer=True, ipam=ipam())
    said = host.ok(config)
    assert inside(host)["link"] == "below"
    host.ok({**config, "prevResult": said}, "CHECK")
    host.ok({**config, "prevResult": said}, "DEL")
    assert "eth0" not in devices(host)
    assert host.refused(macvlan(master="nope", linkInContainer=True))["msg"] == 'failed to lookup master "nope": there is no such device in the container'
    assert host.refused(macvlan(linkInContainer=True))["msg"] == "no default route interface found"


def test_all_that_a_route_says(host: CniHost):
    """Row 15: upstream passes over mtu and advmss."""
    routes = [{"dst": "10.7.0.0/16", "gw": "192.0.2.77", "mtu": 1300, "advmss": 1200, "priority": 7, "table": 77, "scope": 0}, {"dst": "10.8.0.0/16", "scope": 253}]
    host.ok(macvlan(ipam={**ipam(ranges=[[{"subnet": "192.0.2.0/24", "rangeStart": "192.0.2.50"}]], routes=routes)}))
    (route,) = host.json("route show table 77", netns="a")
    assert (route["dst"], route["gateway"], route["metric"]) == ("10.7.0.0/16", "192.0.2.77", 7)
    assert {k: v for one in route["metrics"] for k, v in one.items()} == {"mtu": 1300, "advmss": 1200}


WRONG = [
    ({"master": "nope"}, 7, 'failed to lookup master "nope": there is no such device on the host'),
    ({"mode": "odd"}, 7, 'mode: "odd" is none of bridge, private, vepa, passthru'),
    ({"mtu": 1501}, 7, "mtu: invalid MTU 1501, must be [0, master MTU(1500)]"),
    ({"mac": "x"}, 7, 'mac: "x" is no hardware address of one device, as in 02:42:0a:01:00:02'),
    ({"bcqueuelen": -1}, 7, "bcqueuelen: -1 is not from 0 to 4294967295"),
]


@pytest.mark.parametrize(("keys", "code", "message"), WRONG)
def test_what_cannot_be(host: CniHost, keys: dict, code: int, message: str):
    before = settled(host)
    refused = host.refused(macvlan(**keys))
    assert (refused["code"], refused["msg"]) == (code, message)
    assert settled(host) == before


def test_a_device_of_that_name_stays(host: CniHost):
    host.box.ip("link add eth0 type bridge", netns="a")
    before = settled(host)
    assert host.refused(macvlan(ipam=ipam()))["msg"] == 'there is a device "eth0" in the container already'
    assert settled(host) == before


def test_no_address_left_leaves_nothing(host: CniHost):
    """Row 4."""
    host.box.write("/run/data/lan/192.0.2.50", "other\r\neth0")
    one = [[{"subnet": "192.0.2.0/24", "rangeStart": "192.0.2.50", "rangeEnd": "192.0.2.50"}]]
    host.refused(macvlan(ipam=ipam(ranges=one)))  # from now on the lease of the other one is in the index
    before = settled(host)
    assert host.refused(macvlan(ipam=ipam(ranges=one)))["code"] == 103
    assert settled(host) == before


def test_an_add_that_is_refused_leaves_the_first_one(host: CniHost):
    """ADD twice: the second fails, for the container has an address; what it has, it keeps."""
    host.ok(macvlan(ipam=ipam(ranges=LAN)))
    before = settled(host)
    host.refused(macvlan(ipam=ipam(ranges=LAN)))
    assert settled(host) == before
    assert host.ping("192.0.2.9", "a")


@pytest.mark.parametrize("change", ["addr del 192.0.2.50/24 dev eth0", "route del default", "link set eth0 mtu 1300", "link set eth0 down", "link del eth0"])
def test_check_sees_every_change(host: CniHost, change: str):
    config = macvlan(ipam=ipam(ranges=LAN, routes=DEFAULTS))
    said = host.ok(config)
    host.ok({**config, "prevResult": said}, "CHECK")
    host.box.ip(change, netns="a")
    refused = host.refused({**config, "prevResult": said}, "CHECK")
    assert refused["code"] == 102
    assert refused["details"].startswith("to do: ")


@pytest.mark.parametrize("gone", ["netns", "no netns said", "records", "device"])
def test_delete_whatever_is_gone(host: CniHost, gone: str):
    config = macvlan(ipam=ipam(ranges=LAN))
    said = host.ok(config)
    if gone == "netns":
        host.box.ip("netns delete a")
    elif gone == "records":
        host.box.run(["rm", "-rf", "/run/netwright"])
    elif gone == "device":
        host.box.ip("link del eth0", netns="a")
    host.ok({**config, "prevResult": said}, "DEL", **({"CNI_NETNS": ""} if gone == "no netns said" else {}))
    assert host.traces()[3] == []
    if gone != "netns":
        assert devices(host) == ["lo"], "by the record also where nobody says the namespace"


def test_gc(host: CniHost):
    config = macvlan(ipam=ipam(ranges=LAN))
    host.ok(config)
    host.ok(config, container="b")
    host.ok(macvlan(name="other"), ifname="net1")
    host.ok({**config, "cni.dev/valid-attachments": [{"containerID": "b", "ifname": "eth0"}]}, "GC")
    assert devices(host) == ["lo", "net1"]
    assert devices(host, "b") == ["lo", "eth0"]
    assert [path for path in host.traces()[3] if "/run/data" in path and "/.netwright/" not in path] == ["/run/data/lan/192.0.2.51", "/run/data/lan/fd99::51"]


def test_gc_leaves_a_namespace_that_is_another_by_now(host: CniHost):
    config = macvlan(ipam=ipam())
    host.ok(config)
    host.box.ip("netns delete a")
    host.container("b2")
    host.box.ip("netns delete b2")
    host.container("a")
    host.box.ip("link add link up0 name eth0 netns a type macvlan")
    host.ok({**config, "cni.dev/valid-attachments": []}, "GC")
    assert "eth0" in devices(host)
    assert host.traces()[3] == []


def test_dhcp_is_given_back_before_the_device_goes(host: CniHost):
    """Row 13: upstream deletes the device first, and the server keeps the lease."""
    said = {"device": "eth0", "log": "/run/dhcp.log", "own": "192.0.2.9", "pool": "192.0.2.{}"}
    server = host.box.popen([sys.executable, str(DHCP_SERVER), json.dumps(said)], netns="out", out="/run/dhcp.out", err="/run/dhcp.err")
    assert host.box.call(WATCH, "heard", "/run/dhcp.log", "READY")
    config = macvlan(ipam={"type": "dhcp", "daemonSocketPath": "/run/cni/dhcp.sock"})
    result = host.call(config, NETWRIGHT_RUN_DIR="/run/netwright")
    log = host.box.run(["cat", "/run/dhcp.log", "/run/dhcp.err"]).out
    assert result.code == 0, result.out + result.err + log
    got = json.loads(result.out)
    assert got["ips"][0]["address"].startswith("192.0.2.")
    host.ok({**config, "prevResult": got}, "CHECK")
    host.ok({**config, "prevResult": got}, "DEL")
    assert devices(host) == ["lo"]
    assert host.box.call(WATCH, "heard", "/run/dhcp.log", "RELEASE")
    host.box.kill(server)


def test_two_networks_with_default_routes(host: CniHost):
    host.ok(macvlan(ipam=ipam(ranges=LAN[:1], routes=DEFAULTS[:1])))
    second = macvlan(name="two", ipam=ipam(subnet="10.44.0.0/24", routes=DEFAULTS[:1]))
    said = host.ok(second, ifname="net1")
    assert sorted(r["dev"] for r in host.json("route show default", netns="a")) == ["eth0", "net1"]
    host.ok({**second, "prevResult": said}, "CHECK", ifname="net1")


@pytest.mark.parametrize("keys", [{}, {"mtu": 1400, "mode": "vepa"}, {"mac": "02:00:00:00:00:17"}])
def test_the_same_as_upstreams(host: CniHost, keys: dict):
    place, ours = go("macvlan", "host-local"), host.place
    config = macvlan("1.0.0", **{"master": "up0", **keys}, ipam=ipam(ranges=LAN, routes=DEFAULTS))
    seen = []
    for directory, container in ((place, "a"), (ours, "b")):
        host.place = directory
        host.box.run(["rm", "-rf", "/run/data"])
        more = {} if directory == ours else {"CNI_PATH": place}
        said = host.ok(config, container=container, **more)
        host.box.run(["sh", "-c", "until ! ip addr show tentative | grep -q inet6; do :; done"], netns=container)
        found = inside(host, netns=container)
        routes = [sorted((r["dst"], r.get("gateway"), r.get("protocol"), r.get("scope")) for r in host.json(f"{f} route", netns=container) if r["dst"] != "fe80::/64") for f in ("-4", "-6")]
        addresses = sorted((a["local"], a["prefixlen"]) for a in found["addr_info"] if a["scope"] == "global")
        data = found["linkinfo"]["info_data"]
        seen.append((said["ips"], said["routes"], found["mtu"], data["mode"], routes, addresses, [i["name"] for i in said["interfaces"]], keys.get("mac") in (None, found["address"])))
        host.ok({**config, "prevResult": said}, "DEL", container=container, **more)
    assert seen[0] == seen[1]


def test_ours_takes_away_what_upstreams_made(host: CniHost):
    place, ours = go("macvlan", "host-local"), host.place
    config = macvlan("1.0.0", master="up0", ipam=ipam())
    host.place = place
    said = host.ok(config, CNI_PATH=place)
    host.place = ours
    host.ok({**config, "prevResult": said}, "DEL")
    assert devices(host) == ["lo"]
    assert host.traces()[3] == []


# -- killed at any point -----------------------------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1]); step = int(sys.argv[2])
import netwright.engine.enact as enact, netwright.networks.records as records
count = [0]
def counted():
    count[0] += 1
    if count[0] == step:
        os.kill(os.getpid(), signal.SIGKILL)
runs = enact.runs
def one_by_one(plan):
    for run in runs(plan):
        for op in run:
            counted()
            yield [op]
enact.runs = one_by_one
def around(module, name):
    work = getattr(module, name)
    def wrapped(*a, **k):
        counted(); found = work(*a, **k); counted()
        return found
    setattr(module, name, wrapped)
around(records, "put"); around(records, "remove")
import netwright.kernel.tap as tap
around(tap, "make")
from netwright.cni.main import main
sys.exit(main([sys.argv[3]]))
"""


@pytest.mark.parametrize("kind", ["macvlan", "tap"])
@pytest.mark.parametrize("verb", ["ADD", "DEL"])
@pytest.mark.parametrize("mender", ["DEL", "GC"])
def test_killed_at_every_step(host: CniHost, kind: str, verb: str, mender: str):
    config = {"cniVersion": "1.1.0", "name": "lan", "type": kind, "ipam": ipam(ranges=LAN)}
    before = settled(host)
    for step in range(1, 60):
        if verb == "DEL":
            host.quickly(config)
        env = {"CNI_COMMAND": verb, "CNI_CONTAINERID": "a", "CNI_IFNAME": "eth0", "CNI_NETNS": "/run/netns/a", "CNI_PATH": host.place}
        done = host.box.run([sys.executable, "-ISc", KILLED, str(SOURCE), str(step), kind], env=env, stdin=json.dumps(config))
        assert done.code in (0, -9), done.out + done.err
        if mender == "DEL":
            host.quickly(config, "DEL")
        else:
            host.quickly({**config, "cni.dev/valid-attachments": []}, "GC")
        assert settled(host) == before, step
        if done.code == 0:
            break
    assert step >= 4


# -- tap -------------------------------------------------------------------------------------------------------------------------


def tap(**more: object) -> dict:
    return {"cniVersion": "1.1.0", "name": "vm", "type": "tap", **more}


@pytest.fixture
def taps(host: CniHost) -> CniHost:
    if host.box.run(["ip", "tuntap", "add", "probe", "mode", "tap"]).code:
        missing("this kernel has no CONFIG_TUN, or this machine no /dev/net/tun")
    host.box.ip("tuntap del probe mode tap")
    return host


TAPS = [
    ({}, {"type": "tap", "persist": True, "multi_queue": False}, {}),
    ({"multiQueue": True}, {"multi_queue": True}, {}),
    ({"owner": 0, "group": 0}, {"user": "root", "group": "root"}, {}),
    ({"mtu": 1400, "mac": "02:00:00:00:00:21"}, {}, {"mtu": 1400, "address": "02:00:00:00:00:21"}),
    ({"bridge": "br9"}, {}, {"master": "br9"}),
]


@pytest.mark.parametrize(("keys", "info", "link"), TAPS)
def test_tap(taps: CniHost, keys: dict, info: dict, link: dict):
    taps.box.ip("link add br9 type bridge", netns="a")
    before = settled(taps)
    config = tap(**keys, ipam=ipam(ranges=BOTH, routes=DEFAULTS))
    said = taps.ok(config, ifname="tap0")
    found = inside(taps, "tap0")
    assert {name: found["linkinfo"]["info_data"][name] for name in info} == info
    assert {name: found[name] for name in link} == link
    assert {a["local"] for a in found["addr_info"]} >= {"10.1.0.2", "fd01::2"}
    assert said["interfaces"] == [{"name": "tap0", "mac": found["address"], "sandbox": "/run/netns/a", "mtu": found["mtu"]}]
    taps.ok({**config, "prevResult": said}, "CHECK", ifname="tap0")
    for _ in range(2):
        taps.ok({**config, "prevResult": said}, "DEL", ifname="tap0")
    assert settled(taps) == before


OPEN = """
import fcntl, os, struct, sys
fd = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(fd, 0x400454CA, struct.pack("16sH22x", b"tap0", 0x5002))
while True:
    frame = os.read(fd, 2000)
    if frame[22:24] == b"\\x08\\x06":  # 10 bytes for virtual machines, then Ethernet: ARP
        break
print("frame", flush=True)
"""


def test_a_program_opens_it_and_gets_frames(taps: CniHost):
    taps.ok(tap(ipam=ipam()), ifname="tap0")
    reader = taps.box.popen([sys.executable, "-ISc", OPEN], netns="a", out="/run/frame", err="/run/frame.err")
    taps.box.run(["sh", "-c", "until ip link show tap0 | grep -q LOWER_UP; do :; done; ping -c1 -W1 10.1.0.77"], netns="a")
    assert taps.box.wait(reader) == 0, taps.box.read("/run/frame.err")
    assert taps.box.read("/run/frame") == "frame\n"


def test_a_tap_that_a_program_has_open_can_go(taps: CniHost):
    config = tap()
    taps.ok(config, ifname="tap0")
    taps.box.popen([sys.executable, "-ISc", OPEN], netns="a", out="/run/frame")
    taps.box.run(["sh", "-c", "until ip link show tap0 | grep -q LOWER_UP; do :; done"], netns="a")
    taps.ok(config, "DEL", ifname="tap0")
    assert devices(taps) == ["lo"]


def test_tap_refuses(taps: CniHost):
    before = settled(taps)
    assert taps.refused(tap(selinuxContext="x"))["code"] == 2
    assert taps.refused(tap(bridge="nope"))["code"] in (3, 7, 100)
    assert settled(taps) == before
    assert taps.refused(tap(owner="me", mtu=70000))["msg"].startswith("2 mistakes")


def test_gc_of_taps(taps: CniHost):
    before = settled(taps)
    taps.ok(tap(), ifname="tap0")
    taps.ok(tap(**{"cni.dev/valid-attachments": []}), "GC")
    assert settled(taps) == before


# -- what this kernel may not have ---------------------------------------------------------------------------------------------------

IPAM = {"type": "static", "addresses": [{"address": "10.3.0.2/24"}]}
ABSENT = [
    ("ipvlan", {"master": "up0", "ipam": IPAM}, "CONFIG_IPVLAN", "ipvlan"),
    ("vlan", {"master": "up0", "vlanId": 5, "ipam": IPAM}, "CONFIG_VLAN_8021Q", "vlan"),
    ("dummy", {"ipam": IPAM}, "CONFIG_DUMMY", "dummy"),
]


@pytest.mark.parametrize(("kind", "keys", "option", "word"), ABSENT)
def test_made_or_told_what_the_kernel_lacks(host: CniHost, kind: str, keys: dict, option: str, word: str):
    config = {"cniVersion": "1.1.0", "name": "n", "type": kind, **keys}
    before = settled(host)
    if host.box.run(["ip", "link", "add", "probe", *(["link", "up0"] if "master" in keys else []), "type", word, *(["id", "9"] if word == "vlan" else [])]).code == 0:
        host.box.ip("link del probe")
        said = host.ok(config)
        host.ok({**config, "prevResult": said}, "CHECK")
        host.ok(config, "STATUS")
        host.ok({**config, "prevResult": said}, "DEL")
    else:
        refused = host.refused(config)
        assert (refused["code"], refused["details"]) == (101, f"this kernel lacks {option} (type {word})")
        unready = host.refused(config, "STATUS")
        assert (unready["code"], unready["details"]) == (50, f"this kernel lacks {option} (type {word})")
        host.ok(config, "DEL")
    assert settled(host) == before


def test_vrf_or_what_the_kernel_lacks(host: CniHost):
    before = settled(host)
    result = cni_plugins.cable(host)
    config = {"cniVersion": "1.1.0", "name": "n", "type": "vrf", "vrfname": "blue", "prevResult": result}
    if host.box.run(["ip", "link", "add", "probe", "type", "vrf", "table", "9"]).code == 0:
        host.box.ip("link del probe")
        host.ok(config)
        host.ok(config, "CHECK")
        assert inside(host)["master"] == "blue"
        host.ok(config, "DEL")
    else:
        refused = host.refused(config)
        assert (refused["code"], refused["details"]) == (101, "this kernel lacks CONFIG_NET_VRF (type vrf)")
        assert host.refused(config, "STATUS")["code"] == 50
        host.ok(config, "DEL")
    assert devices(host) == ["lo", "eth0"]
    host.box.ip("link del va")
    assert settled(host) == before
