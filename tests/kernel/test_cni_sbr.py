"""The plugin sbr on the real kernel: two interfaces, each answered by its own way; what DEL takes and what it leaves."""

import cni_plugins
import pytest
from cni_host import CniHost, go
from sandbox import Sandbox


@pytest.fixture
def host(sandbox: Sandbox) -> CniHost:
    return cni_plugins.host(sandbox)


def config(before: dict, version: str = "1.0.0", **more: object) -> dict:
    return {"cniVersion": version, "name": "n", "type": "sbr", "prevResult": cni_plugins.of_version(before, version), **more}


def second(host: CniHost) -> dict:
    """Another cable to the container: net1, with addresses of both families and a default route of its own."""
    box = host.box
    box.ip("link add vz type veth peer name net1 netns a")
    for words in ("addr add 10.5.0.1/24 dev vz", "addr add fd05::1/64 dev vz nodad", "link set vz up"):
        box.ip(words)
    for words in ("addr add 10.5.0.2/24 dev net1", "addr add fd05::2/64 dev net1 nodad", "link set net1 up", "route add 10.77.0.0/16 via 10.5.0.1"):
        box.ip(words, netns="a")
    interfaces = [{"name": "vz"}, {"name": "net1", "sandbox": "/run/netns/a"}]
    ips = [{"interface": 1, "address": "10.5.0.2/24", "gateway": "10.5.0.1"}, {"interface": 1, "address": "fd05::2/64", "gateway": "fd05::1"}]
    return {"cniVersion": "1.0.0", "interfaces": interfaces, "ips": ips}


def rules(host: CniHost) -> list[tuple[str, str]]:
    found = host.json("rule show", netns="a") + host.json("-6 rule show", netns="a")
    return sorted((r["src"], r["table"]) for r in found if r["src"] != "all")


def everything(host: CniHost) -> list[object]:
    words = ("rule show", "-6 rule show", "route show table all", "-6 route show table all")
    return [sorted(host.box.ip(line, netns="a").splitlines()) for line in words]


def way(host: CniHost, words: str) -> str:
    return host.json(f"route get {words}", netns="a")[0]["dev"]


def test_what_is_sent_from_an_address_leaves_by_its_interface(host: CniHost):
    cni_plugins.cable(host)
    host.box.ip("route add default via 10.3.0.1", netns="a")
    before = second(host)
    was = everything(host)
    said = host.ok(config(before), "ADD", "a", "net1")
    assert said["ips"] == before["ips"]
    assert rules(host) == [("10.5.0.2", "100"), ("fd05::2", "100")]
    assert way(host, "8.8.8.8 from 10.5.0.2") == "net1"
    assert way(host, "2001:db8::1 from fd05::2") == "net1"
    assert way(host, "8.8.8.8 from 10.3.0.2") == "eth0"
    assert way(host, "10.77.0.1 from 10.5.0.2") == "net1"
    assert host.json("route show 10.77.0.0/16", netns="a") == [], "moved out of the main table"
    host.ok(config(said), "CHECK", "a", "net1")
    host.ok(config(said), "ADD", "a", "net1")
    assert rules(host) == [("10.5.0.2", "100"), ("fd05::2", "100")], "again: the same"
    host.ok(config(said), "DEL", "a", "net1")
    assert everything(host) == was
    host.ok(config(said), "DEL", "a", "net1")
    assert everything(host) == was


def test_each_interface_has_its_table_and_other_rules_are_left_alone(host: CniHost):
    first = cni_plugins.cable(host)
    before = second(host)
    host.box.ip("rule add from 10.5.0.2 lookup 99", netns="a")
    host.box.ip("rule add from 10.9.9.9 lookup 100", netns="a")
    host.ok(config(first))
    said = host.ok(config(before), "ADD", "a", "net1")
    assert rules(host) == [("10.3.0.2", "101"), ("10.5.0.2", "102"), ("10.5.0.2", "99"), ("10.9.9.9", "100"), ("fd05::2", "102")]
    host.ok(config(said), "DEL", "a", "net1")
    host.ok(config(first), "DEL")
    assert rules(host) == [("10.5.0.2", "99"), ("10.9.9.9", "100")]


def test_a_table_gateways_and_hints_of_the_configuration(host: CniHost):
    more = {"table": 1234, "gateways": ["10.5.0.9"], "addSourceHints": True}
    said = host.ok(config(second(host), **more), "ADD", "a", "net1")
    assert rules(host) == [("10.5.0.2", "1234"), ("fd05::2", "1234")]
    (default,) = host.json("route show default table 1234", netns="a")
    assert (default["gateway"], default["prefsrc"]) == ("10.5.0.9", "10.5.0.2")
    host.ok(config(said, **more), "CHECK", "a", "net1")
    refused = host.refused(config(said, table=254, gateways=["x"]), "ADD", "a", "net1")
    assert refused["code"] == 7
    assert refused["msg"].startswith("2 mistakes")


@pytest.mark.parametrize("words", ["rule del from 10.5.0.2", "route del default table 100"])
def test_check_sees_what_is_gone(host: CniHost, words: str):
    said = host.ok(config(second(host)), "ADD", "a", "net1")
    host.box.ip(words, netns="a")
    assert host.refused(config(said), "CHECK", "a", "net1")["code"] == 102


@pytest.mark.parametrize("gone", ["no netns said", "netns deleted", "device deleted", "records lost"])
def test_delete_goes_well_whatever_is_gone(host: CniHost, gone: str):
    said = host.ok(config(second(host)), "ADD", "a", "net1")
    more = {"CNI_NETNS": ""} if gone == "no netns said" else {}
    if gone == "netns deleted":
        host.box.ip("netns delete a")
    if gone == "device deleted":
        host.box.ip("link delete net1", netns="a")
    if gone == "records lost":
        host.box.run(["rm", "-rf", "/run/netwright"])
    host.ok(config(said), "DEL", "a", "net1", **more)
    if gone in ("device deleted", "records lost"):
        assert rules(host) == []
    assert host.box.run(["find", "/run/netwright", "-path", "*attached*"]).out == ""


def test_a_refusal_leaves_everything_as_it_was(host: CniHost):
    """A gateway that is in no network of the interface."""
    before = second(host)
    was = everything(host)
    refused = host.refused(config(before, gateways=["192.0.2.77"]), "ADD", "a", "net1")
    assert refused["code"] == 100, refused
    assert everything(host) == was
    assert host.refused({**config(before), "prevResult": {**before, "ips": []}}, "ADD", "a", "net1")["code"] == 7


@pytest.mark.parametrize("version", cni_plugins.VERSIONS)
def test_the_result_of_the_plugin_before_is_passed_on(host: CniHost, version: str):
    said = host.ok(config(second(host), version), "ADD", "a", "net1")
    assert said["cniVersion"] == version
    assert [ip["address"] for ip in said["ips"]] == ["10.5.0.2/24", "fd05::2/64"]


def test_the_same_ways_as_upstreams(host: CniHost):
    """The same by Go's plugin in the other container."""
    place = go("sbr")
    ours, theirs = cni_plugins.cable(host, "a", "va"), cni_plugins.cable(host, "b", "vb")
    host.ok(config(ours))
    host.place = place
    host.ok(config(theirs, "0.4.0"), "ADD", "b")

    def seen(name: str) -> list[object]:
        kept = ("dst", "gateway", "dev", "prefsrc", "scope")
        routes = [{k: r[k] for k in kept if k in r} for r in host.json("route show table 100", netns=name)]
        return [sorted(map(repr, routes)), [(r["src"], r["table"]) for r in host.json("rule show", netns=name) if r["src"] != "all"]]

    assert seen("a") == seen("b")


def test_the_plugin_before_misses_no_route_that_was_moved(host: CniHost):
    """A CHECK of the whole list asks the bridge too, whose routes are in the other table now."""
    from cni_host import EVERYWHERE, ipam

    bridge = {"cniVersion": "1.0.0", "name": "n", "type": "bridge", "bridge": "br0", "isGateway": True, "ipam": ipam(routes=EVERYWHERE[:1])}
    said = host.ok(bridge)
    host.ok(config(said))
    host.ok(bridge | {"prevResult": said}, "CHECK")
    host.ok(config(said), "CHECK")
    host.box.ip("address delete 10.1.0.2/24 dev eth0", netns="a")
    assert "10.1.0.2/24" in host.refused(bridge | {"prevResult": said}, "CHECK")["details"]
    host.ok(bridge, "DEL")
