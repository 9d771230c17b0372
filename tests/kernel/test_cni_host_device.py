"""The plugin host-device on the real kernel: a device goes to the container and comes home, however the container ends."""

import json

import cni_plugins
import pytest
from cni_host import CniHost, go
from sandbox import Sandbox

MAC = "02:aa:bb:cc:dd:01"
IPAM = {"type": "host-local", "dataDir": "/run/data", "ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "fd01::/64"}]]}
ROUTES = [{"dst": "0.0.0.0/0"}, {"dst": "10.7.0.0/16", "mtu": 1300, "advmss": 1200, "priority": 7, "table": 77}]


@pytest.fixture
def host(sandbox: Sandbox) -> CniHost:
    made = cni_plugins.host(sandbox)
    for words in (f"link add link up0 name ens1 address {MAC} type macvlan mode private", "link set ens1 alias of_ours", "link set ens1 up"):
        made.box.ip(words)
    return made


def config(version: str = "1.0.0", **more: object) -> dict:
    return {"cniVersion": version, "name": "n", "type": "host-device", "device": "ens1", **more}


def names(host: CniHost, netns: str | None = None) -> set[str]:
    return {link["ifname"] for link in host.json("link show", netns=netns)}


def home(host: CniHost) -> tuple[str, str, bool]:
    (link,) = host.json("link show ens1")
    return link["address"], link.get("ifalias", ""), "UP" in link["flags"]


@pytest.mark.parametrize("by", [{"device": "ens1"}, {"device": "", "hwaddr": MAC.upper()}])
def test_a_device_goes_to_the_container_and_comes_home(host: CniHost, by: dict):
    was = home(host)
    said = host.ok(config(ipam={**IPAM, "routes": ROUTES[:1]}, **by))
    assert [(one["name"], one["mac"], one["sandbox"]) for one in said["interfaces"]] == [("eth0", MAC, "/run/netns/a")]
    assert [(ip["address"], ip["interface"]) for ip in said["ips"]] == [("10.1.0.2/24", 0), ("fd01::2/64", 0)]
    (inside,) = host.json("addr show eth0", netns="a")
    assert host.json("link show eth0", netns="a")[0]["ifalias"] == "ens1"
    assert "ens1" not in names(host)
    assert {a["local"] for a in inside["addr_info"]} >= {"10.1.0.2", "fd01::2"}
    assert host.json("route show default", netns="a")[0]["gateway"] == "10.1.0.1"
    host.ok(config(prevResult=said, ipam={**IPAM, "routes": ROUTES[:1]}, **by), "CHECK")
    host.ok(config(prevResult=said, ipam=IPAM, **by), "DEL")
    assert home(host) == was
    host.ok(config(prevResult=said, ipam=IPAM, **by), "DEL")  # row 10: upstream says "Link not found"
    assert home(host) == was
    assert names(host, "a") == {"lo"}
    assert host.box.run(["find", "/run/netwright", "/run/data", "-name", "10.1*"]).out == ""


def test_all_that_a_result_says_of_a_route_is_done(host: CniHost):
    """Row 15: upstream passes over mtu and advmss."""
    said = host.ok(config("1.1.0", ipam={**IPAM, "routes": ROUTES}))
    (route,) = host.json("route show table 77", netns="a")
    assert (route["dst"], route["gateway"], route["metric"]) == ("10.7.0.0/16", "10.1.0.1", 7)
    assert {k: v for one in route["metrics"] for k, v in one.items()} == {"mtu": 1300, "advmss": 1200}
    assert said["interfaces"][0]["mtu"] == 1500


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0", *cni_plugins.VERSIONS])
def test_results_of_every_version_without_addresses(host: CniHost, version: str):
    said = host.ok(config(version))
    assert said["cniVersion"] == version
    host.ok(config(version), "DEL")
    assert "ens1" in names(host)


@pytest.mark.parametrize("gone", ["no netns said", "records lost", "renamed inside", "alias changed inside", "name taken at home"])
def test_it_comes_home_whatever_happened(host: CniHost, gone: str):
    said = host.ok(config(ipam=IPAM))
    if gone == "records lost":
        host.box.run(["rm", "-rf", "/run/netwright"])
    if gone == "renamed inside":
        host.box.run(["sh", "-c", "ip link set eth0 down; ip link set eth0 name other; ip link set other up"], netns="a")
    if gone == "alias changed inside":
        host.box.ip("link set eth0 alias lo", netns="a")
        host.box.ip("link add forged type bridge", netns="a")
        host.box.ip("link set forged alias ens1", netns="a")
    if gone == "name taken at home":
        host.box.ip("link add ens1 type bridge")
    more = {"CNI_NETNS": ""} if gone == "no netns said" else {}
    host.ok(config(ipam=IPAM, prevResult=said), "DEL", **more)
    if gone == "no netns said":
        assert "eth0" in names(host, "a"), "nobody says where it is"
        return
    assert names(host, "a") - {"forged"} == {"lo"}
    addresses = {link["address"] for link in host.json("link show")}
    assert MAC in addresses
    assert "ens1" in names(host)


def test_what_the_kernel_brought_home_gets_its_name_back(host: CniHost):
    """Hardware comes back by itself when a namespace dies, under the name that it had there."""
    was = home(host)
    said = host.ok(config(ipam=IPAM))
    host.box.run(["ip", "link", "set", "eth0", "netns", "1"], netns="a")
    host.box.run(["ip", "-n", "a", "link", "set", "eth0", "netns", str(host.box.popen(["sleep", "600"]))])
    host.box.ip("netns delete a")
    assert "eth0" in names(host)
    host.ok(config(ipam=IPAM, prevResult=said), "DEL")
    assert home(host) == was


@pytest.mark.parametrize("kind", ["bridge", "veth peer name other", "vxlan id 5 dstport 4789"])
def test_what_the_container_made_is_not_brought_into_the_host(host: CniHost, kind: str):
    """An alias is for anybody to write. Also not without records: it cannot be known whose it is, so it stays where it is."""
    host.ok(config(ipam=IPAM))
    host.box.ip("link delete eth0", netns="a")
    for words in (f"link add eth0 type {kind}", "link set eth0 alias ens1"):
        host.box.ip(words, netns="a")
    for lost in (False, True):
        if lost:
            host.box.run(["rm", "-rf", "/run/netwright"])
        host.ok(config(ipam=IPAM), "DEL")
        assert "eth0" in names(host, "a")
        assert "ens1" not in names(host)


def test_gc_brings_home_what_is_valid_no_more(host: CniHost):
    host.ok(config("1.1.0", ipam=IPAM))
    keep = {"cni.dev/valid-attachments": [{"containerID": "a", "ifname": "eth0"}]}
    host.ok({**config("1.1.0", ipam=IPAM), **keep}, "GC")
    assert "ens1" not in names(host)
    host.ok({**config("1.1.0", ipam=IPAM), "cni.dev/valid-attachments": []}, "GC")
    assert "ens1" in names(host)
    host.ok(config("1.1.0", ipam=IPAM), "STATUS")


def test_refusals_leave_it_at_home(host: CniHost):
    was = home(host)
    assert "device" in host.refused(config(device="nowhere"))["msg"]
    host.box.ip("link add eth0 type bridge", netns="a")
    assert host.refused(config())["code"] == 102
    assert home(host) == was
    host.box.ip("link delete eth0", netns="a")
    full = {"type": "host-local", "dataDir": "/run/data", "ranges": [[{"subnet": "10.1.0.0/24", "rangeStart": "10.1.0.9", "rangeEnd": "10.1.0.9"}]]}
    host.box.write("/run/data/n/10.1.0.9", "other\r\neth0")
    assert host.refused(config(ipam=full))["code"] == 103
    assert home(host) == was
    wrong = host.refused(config(device="", pciBusID="../x", kernelpath="/etc", hwaddr="zz"))
    assert wrong["code"] == 7
    assert wrong["msg"].startswith("3 mistakes")


def test_it_comes_home_also_where_the_address_cannot_be_given_back(host: CniHost):
    """Somebody else's IPAM plugin that fails at DEL: the runtime hears of it, and the host has its device."""
    said = {"cniVersion": "1.0.0", "ips": [{"address": "10.8.0.2/24"}]}
    script = f"#!/bin/sh\ncat >/dev/null\nif [ $CNI_COMMAND = DEL ]; then echo '{{\"code\": 11, \"msg\": \"not now\"}}'; exit 1; fi\necho '{json.dumps(said)}'\n"
    host.box.write("/run/ours/strange", script)
    host.box.run(["chmod", "755", "/run/ours/strange"])
    was = home(host)
    host.ok(config(ipam={"type": "strange"}))
    assert host.refused(config(ipam={"type": "strange"}), "DEL")["code"] == 11
    assert home(host) == was


def test_check_sees_what_is_not_as_it_was_made(host: CniHost):
    said = host.ok(config(ipam=IPAM))
    host.box.ip("addr del 10.1.0.2/24 dev eth0", netns="a")
    refused = host.refused(config(ipam=IPAM, prevResult=said), "CHECK")
    assert refused["code"] == 102
    assert "10.1.0.2/24" in refused["details"]


def test_the_same_as_upstreams(host: CniHost):
    """Upstream's plugin lends it, ours takes it back; and the other way round: both go by the alias."""
    place, ours = go("host-device"), host.place
    host.place = place
    theirs = host.ok(config(ipam={**IPAM, "dataDir": "/run/go"}))
    seen = host.json("link show eth0", netns="a")[0]
    host.place = ours
    host.ok(config(ipam={**IPAM, "dataDir": "/run/go"}, prevResult=theirs), "DEL")
    mine = host.ok(config(ipam=IPAM))
    again = host.json("link show eth0", netns="a")[0]
    for key in ("ifalias", "address", "mtu", "flags"):
        assert again[key] == seen[key], key
    assert mine["ips"] == theirs["ips"]
    host.place = place
    host.ok(config(ipam=IPAM, prevResult=mine), "DEL")
    assert "ens1" in names(host)
