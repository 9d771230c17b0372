"""The plugin loopback on the real kernel."""

import cni_plugins
import pytest
from cni_host import CniHost, go
from sandbox import Sandbox

CONFIG = {"cniVersion": "1.0.0", "name": "lo", "type": "loopback"}
BOTH = [{"interface": 0, "address": "127.0.0.1/8"}, {"interface": 0, "address": "::1/128"}]


@pytest.fixture
def host(sandbox: Sandbox) -> CniHost:
    return cni_plugins.host(sandbox)


def is_up(host: CniHost) -> bool:
    return "UP" in host.json("link show lo", netns="a")[0]["flags"]


def test_up_checked_and_down(host: CniHost):
    said = host.ok(CONFIG)
    assert said["interfaces"] == [{"name": "lo", "mac": "00:00:00:00:00:00", "sandbox": "/run/netns/a"}]
    assert said["ips"] == BOTH
    assert is_up(host)
    assert host.ping("127.0.0.1", "a")
    host.ok({**CONFIG, "prevResult": said}, "CHECK")
    for _ in range(2):
        host.ok(CONFIG, "DEL")
    assert not is_up(host)
    assert host.refused({**CONFIG, "prevResult": said}, "CHECK")["code"] == 102


def test_ipv6_switched_off(host: CniHost):
    host.box.run(["sysctl", "-qw", "net.ipv6.conf.lo.disable_ipv6=1"], netns="a")
    assert host.ok(CONFIG)["ips"] == BOTH[:1]


def test_an_address_of_somebody_elses_on_lo_is_his(host: CniHost):
    host.box.ip("address add 10.1.1.1/32 dev lo", netns="a")
    assert host.ok(CONFIG)["ips"] == BOTH


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0", *cni_plugins.VERSIONS])
def test_every_version(host: CniHost, version: str):
    assert host.ok({**CONFIG, "cniVersion": version})["cniVersion"] == version


def test_the_result_of_the_plugin_before_is_passed_on(host: CniHost):
    before = {"cniVersion": "1.0.0", "interfaces": [{"name": "eth0", "sandbox": "/run/netns/a"}], "ips": [], "dns": {"domain": "x"}}
    said = host.ok({**CONFIG, "prevResult": before})
    assert (said["interfaces"], said["dns"]) == (before["interfaces"], before["dns"])


@pytest.mark.parametrize("netns", ["", "/run/netns/nowhere"])
def test_delete_where_the_namespace_is_gone(host: CniHost, netns: str):
    host.ok(CONFIG, "DEL", CNI_NETNS=netns)


def test_no_namespace(host: CniHost):
    assert host.refused(CONFIG, CNI_NETNS="/run/netns/nowhere")["code"] == 8


def test_gc_and_status(host: CniHost):
    host.ok({**CONFIG, "cniVersion": "1.1.0", "cni.dev/valid-attachments": []}, "GC")
    host.ok({**CONFIG, "cniVersion": "1.1.0"}, "STATUS")


def test_the_same_as_upstreams(host: CniHost):
    ours = host.ok(CONFIG)
    host.place = go("loopback")
    theirs = host.ok(CONFIG, container="b")
    for said in (ours, theirs):
        said["interfaces"][0].pop("sandbox")
    assert ours == theirs
