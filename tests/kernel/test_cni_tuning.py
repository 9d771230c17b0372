"""The plugin tuning on the real kernel: settings of the namespace, of the interface; led back by DEL; CHECK."""

import json

import cni_plugins
import pytest
from cni_host import CniHost, go
from sandbox import Sandbox

ALLOWED = "/etc/cni/tuning/allowlist.conf"
DEVICE = {"mac": "02:11:22:33:44:55", "mtu": 1400, "promisc": True, "allmulti": True, "txQLen": 777}


@pytest.fixture
def host(sandbox: Sandbox) -> CniHost:
    return cni_plugins.host(sandbox)


def config(before: dict, version: str = "1.0.0", **more: object) -> dict:
    return {"cniVersion": version, "name": "n", "type": "tuning", "prevResult": cni_plugins.of_version(before, version), **more}


def link(host: CniHost, netns: str = "a") -> dict:
    (found,) = host.json("-d link show eth0", netns=netns)
    return found


def sysctl(host: CniHost, key: str, netns: str | None = "a") -> str:
    return host.box.run(["sysctl", "-n", key], netns=netns).out.strip()


def test_the_interface_is_tuned_and_led_back(host: CniHost):
    before = cni_plugins.cable(host)
    was = link(host)
    routes = host.json("route show", netns="a")
    said = host.ok(config(before, **DEVICE))
    now = link(host)
    assert (now["address"], now["mtu"], now["txqlen"]) == ("02:11:22:33:44:55", 1400, 777)
    assert {"PROMISC", "ALLMULTI"} <= set(now["flags"])
    assert said["interfaces"][1]["mac"] == "02:11:22:33:44:55", "the result tells the new address"
    assert host.json("route show", netns="a") == routes
    host.ok(config(said, **DEVICE), "CHECK")
    host.ok(config(said, **{**DEVICE, "mtu": 1300}), "ADD")  # what was before the first ADD stays what DEL leads back to
    host.ok(config(said, **DEVICE), "DEL")
    assert link(host) == was
    host.ok(config(said, **DEVICE), "DEL")
    assert host.box.run(["find", "/run/netwright", "-path", "*attached*"]).out == ""


@pytest.mark.parametrize("version", cni_plugins.VERSIONS)
def test_the_result_of_the_plugin_before_is_passed_on(host: CniHost, version: str):
    before = cni_plugins.cable(host)
    said = host.ok(config(before, version, mtu=1450))
    assert said["cniVersion"] == version
    assert [one["name"] for one in said["interfaces"]] == ["va", "eth0"]
    assert said["ips"][0]["address"] == "10.3.0.2/24"


def test_sysctls_of_the_namespace_and_of_the_interface(host: CniHost):
    """Row 9: upstream 1.1.1 looks for a file IFNAME at CHECK."""
    before = cni_plugins.cable(host)
    mine = sysctl(host, "net.core.somaxconn", None)
    wanted = {"net.core.somaxconn": "567", "net.ipv4.conf.IFNAME.rp_filter": "2", "net/ipv4/conf/IFNAME/log_martians": "1"}
    said = host.ok(config(before, sysctl=wanted))
    assert [sysctl(host, key) for key in ("net.core.somaxconn", "net.ipv4.conf.eth0.rp_filter", "net.ipv4.conf.eth0.log_martians")] == ["567", "2", "1"]
    assert sysctl(host, "net.core.somaxconn", None) == mine, "the host's own is as it was"
    host.ok(config(said, sysctl=wanted), "CHECK")
    host.box.run(["sysctl", "-qw", "net.ipv4.conf.eth0.rp_filter=0"], netns="a")
    refused = host.refused(config(said, sysctl=wanted), "CHECK")
    assert refused["code"] == 102
    assert "net.ipv4.conf.eth0.rp_filter" in refused["details"]


@pytest.mark.parametrize(("change", "word"), [("mtu 1200", "MTU"), ("address 02:00:00:00:00:09", "02:11:22:33:44:55"), ("promisc off", "promisc")])
def test_check_sees_what_somebody_changed(host: CniHost, change: str, word: str):
    said = host.ok(config(cni_plugins.cable(host), **DEVICE))
    host.box.ip(f"link set eth0 {change}", netns="a")
    assert word in host.refused(config(said, **DEVICE), "CHECK")["details"]


def test_what_the_kernel_refuses_leaves_nothing_half_done(host: CniHost):
    before = cni_plugins.cable(host)
    was = link(host)
    refused = host.refused(config(before, mtu=1400, mac="02:11:22:33:44:55", sysctl={"net.ipv4.no_such_thing": "1"}))
    assert refused["code"] == 7, "a key that no kernel has"
    assert "net.ipv4.no_such_thing" in refused["msg"]
    assert host.refused(config(before, mtu=70000))["code"] == 100
    assert link(host) == was
    assert host.box.run(["find", "/run/netwright", "-path", "*attached*"]).out == ""


def test_nothing_outside_of_the_namespace_can_be_set(host: CniHost):
    before = cni_plugins.cable(host)
    wrong = {"kernel.hostname": "x", "net/../kernel/hostname": "x", "net.ipv4.conf.../../kernel.x": "1", "vm.swappiness": "1"}
    refused = host.refused(config(before, sysctl=wrong))
    assert refused["code"] == 7
    assert refused["msg"].startswith("4 mistakes"), refused
    assert "same setting" in host.refused(config(before, sysctl={"net.core.somaxconn": "1", "net/core/somaxconn": "2"}))["msg"]


def test_the_administrators_list(host: CniHost):
    before = cni_plugins.cable(host)
    script = f"mount -t tmpfs none /etc; mkdir -p /etc/cni/tuning; printf '%s\\n\\n' '^net[.]core[.][a-z]*$' >{ALLOWED}; exec \"$0\""
    first = ["unshare", "-m", "--propagation", "private", "sh", "-ec", script]
    env = {"CNI_COMMAND": "ADD", "CNI_CONTAINERID": "a", "CNI_IFNAME": "eth0", "CNI_NETNS": "/run/netns/a", "CNI_PATH": host.place}
    for key, code in (("net.core.somaxconn", 0), ("net.ipv4.tcp_sack", 1)):
        document = json.dumps(config(before, sysctl={key: "1"}))
        said = host.box.run([*first, f"{host.place}/tuning"], env=env, stdin=document)
        assert said.code == code, said.out + said.err
    assert "net.ipv4.tcp_sack is not allowed" in said.out


@pytest.mark.parametrize("gone", ["no netns said", "netns deleted", "device deleted"])
def test_delete_goes_well_whatever_is_gone(host: CniHost, gone: str):
    said = host.ok(config(cni_plugins.cable(host), **DEVICE))
    more = {"CNI_NETNS": ""} if gone == "no netns said" else {}
    if gone == "netns deleted":
        host.box.ip("netns delete a")
    if gone == "device deleted":
        host.box.ip("link delete eth0", netns="a")
    host.ok(config(said, **DEVICE), "DEL", **more)
    assert host.box.run(["find", "/run/netwright", "-path", "*attached*"]).out == ""


def test_gc_forgets_what_is_no_more(host: CniHost):
    said = host.ok(config(cni_plugins.cable(host), "1.1.0", mtu=1400))
    keep = {"cni.dev/valid-attachments": [{"containerID": "a", "ifname": "eth0"}]}
    document = {key: value for key, value in config(said, "1.1.0").items() if key != "prevResult"}
    host.ok({**document, **keep}, "GC")
    assert host.box.run(["find", "/run/netwright", "-path", "*attached*", "-type", "f"]).out != ""
    host.ok({**document, "cni.dev/valid-attachments": []}, "GC")
    assert host.box.run(["find", "/run/netwright", "-path", "*attached*"]).out == ""
    host.ok(document, "STATUS")


def test_the_same_as_upstreams(host: CniHost):
    """The same configuration by Go's plugin on the other container: the same interface."""
    place = go("tuning")
    wanted = {"sysctl": {"net.ipv4.conf.IFNAME.rp_filter": "2"}, "mac": "02:11:22:33:44:55", "mtu": 1400, "promisc": True, "allmulti": True}
    ours, theirs = cni_plugins.cable(host, "a", "va"), cni_plugins.cable(host, "b", "vb", "10.4.0.2", "10.4.0.1")
    mine = host.ok(config(ours, **wanted))
    host.place = place
    other = host.ok(config(theirs, **wanted), "ADD", "b")
    assert mine["interfaces"][1]["mac"] == other["interfaces"][1]["mac"]
    for key in ("address", "mtu", "flags", "txqlen"):
        assert link(host, "a")[key] == link(host, "b")[key]
    assert sysctl(host, "net.ipv4.conf.eth0.rp_filter", "b") == sysctl(host, "net.ipv4.conf.eth0.rp_filter", "a") == "2"
