"""VLANs of the plugin bridge, as a runtime calls it. Where the kernel has none (CONFIG_BRIDGE_VLAN_FILTERING), a file plays that part of it,
and a macvlan on the bridge the vlan, so that the rest, which is addresses, rules and records, is the kernel's all the same."""

import json
import sys

import pytest
from cni_host import OURS, CniHost, ipam
from sandbox import SOURCE, Sandbox

PLAYED = f"""#!{sys.executable} -IS
import json, os, socket, sys

sys.path.append({str(SOURCE)!r})
from netwright.cni.main import main
from netwright.engine import look
from netwright.kernel import bridge_vlan, probe
from netwright.model.value import replace
from netwright.networks import attaching
from netwright.plan import links

PLACE = "/run/vlans"
DEFAULT = {{"1": "pvid untagged"}}


def load():
    return json.load(open(PLACE)) if os.path.exists(PLACE) else {{}}


def change(index, work):
    found = load()
    work(found.setdefault(str(index), dict(DEFAULT)))
    json.dump(found, open(PLACE, "w"))


def add(netlink, index, vid, flags="", own=False):
    def work(port):
        if "pvid" in flags:
            port.update({{other: words.replace("pvid", "").strip() for other, words in port.items()}})
        port[str(vid)] = flags

    change(index, work)


def delete(netlink, index, vid, own=False):
    change(index, lambda port: port.pop(str(vid)))


def read(netlink):
    found = load()
    return {{
        name: tuple(sorted((int(vid), words) for vid, words in found.get(str(index), DEFAULT).items()))
        for index, name in socket.if_nameindex()
    }}


def seen(device, real=attaching.seen):
    there = real(device)
    host = there.namespaces[""]
    devices = {{k: replace(d, options=(*d.options, ("vlan_filtering", 1))) if d.kind == "bridge" else d for k, d in host.devices.items()}}
    return replace(there, namespaces={{"": replace(host, devices=devices)}})


def unfrozen(pairs, real=links.unfrozen):
    return real(tuple(pair for pair in pairs if pair[0] != "vlan_filtering"))


def single(end, device, real=links._single):
    return real(end, replace(device, kind="macvlan", options=(("mode", 4),)) if device.kind == "vlan" else device)


def observed(message, name, *rest, real=look._device):
    found = real(message, name, *rest)
    return replace(found, kind="vlan", options=(("id", int(message.name.rpartition(".")[2])),)) if found.kind == "macvlan" else found


links.unfrozen, links._single, look._device = unfrozen, single, observed
probe._answers["vlan_filtering"] = probe.Answer("vlan_filtering", probe.YES)
bridge_vlan.add, bridge_vlan.delete, bridge_vlan.read, attaching.seen = add, delete, read, seen
sys.exit(main(sys.argv))
"""


def config(version: str = "1.1.0", **more: object) -> dict:
    plain = {"bridge": "br0", "isGateway": True, "ipMasq": True, "vlan": 100, "ipam": ipam(routes=[{"dst": "0.0.0.0/0"}])}
    return {"cniVersion": version, "name": "n", "type": "bridge", **plain, **more}


@pytest.fixture
def host(sandbox: Sandbox) -> CniHost:
    return CniHost(sandbox)


def has_vlans(host: CniHost) -> bool:
    if host.box.run(["ip", "link", "add", "probe0", "type", "bridge", "vlan_filtering", "1"]).code:
        return False
    host.box.ip("link delete probe0")
    return True


@pytest.fixture
def able(host: CniHost) -> CniHost:
    """A host with VLANs."""
    if not has_vlans(host):
        host.box.write(f"{OURS}/netwright-cni", PLAYED)
        # The bridge itself is in no VLAN; a file cannot keep it from hearing who asks for the gateway.
        host.box.run(["sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=1"])
        # A vlan has the bridge's hardware address, a macvlan another one: to br_netfilter what comes for it is not the host's.
        host.box.run(["sysctl", "-qw", "net.bridge.bridge-nf-call-iptables=0"])
    return host


@pytest.mark.parametrize(("key", "value"), [("vlan", 100), ("vlanTrunk", [{"id": 7}])])
def test_a_kernel_without_them_is_told_and_nothing_is_left(host: CniHost, key: str, value: object):
    if has_vlans(host):
        pytest.skip("this kernel has CONFIG_BRIDGE_VLAN_FILTERING")
    before = host.traces()
    plain = {k: v for k, v in config().items() if k != "vlan"} | {key: value}
    said = host.refused(plain)
    assert (said["code"], said["msg"]) == (2, f"{key}: {value}"), said
    assert "this kernel lacks CONFIG_BRIDGE_VLAN_FILTERING" in said["details"]
    assert host.refused(plain, "STATUS")["code"] == 50
    assert host.refused(plain | {"prevResult": {"cniVersion": "1.1.0", "ips": []}}, "CHECK")["code"] == 2
    host.ok(plain, "DEL")
    assert host.traces() == before


def test_the_gateway_is_a_device_of_the_vlan_and_goes_with_the_last(able: CniHost):
    before = able.traces()
    said = able.ok(config())
    able.ok(config(), "ADD", "b")
    assert [i["name"] for i in said["interfaces"]][::2] == ["br0", "eth0"]
    assert said["interfaces"][3]["name"] == "br0.100"
    assert "sandbox" not in said["interfaces"][3]
    assert [ip["interface"] for ip in said["ips"]] == [2]
    on = {link["ifname"]: [a["local"] for a in link["addr_info"] if a["scope"] == "global" and a["family"] == "inet"] for link in able.json("address")}
    assert (on["br0.100"], on["br0"]) == (["10.1.0.1"], [])
    assert able.json("link show br0.100")[0]["link"] == "br0"
    for address in ("10.1.0.3", "10.1.0.1", "192.0.2.9"):
        assert able.ping(address, "a"), address
    able.ok(config(prevResult=said), "CHECK")
    able.ok(config(), "DEL", "b")
    assert able.ping("192.0.2.9", "a")
    able.ok(config(), "DEL")
    able.ok(config(), "DEL")
    assert able.traces() == before


def test_two_networks_in_two_vlans_of_one_bridge(able: CniHost):
    before = able.traces()
    other = config(name="m", vlan=200, ipam=ipam(subnet="10.2.0.0/24"))
    able.ok(config())
    said = able.ok(other, "ADD", "b")
    able.ok(other | {"prevResult": said}, "CHECK", "b")
    able.ok(config(**{"cni.dev/valid-attachments": []}), "GC")
    assert able.box.run(["ip", "link", "show", "br0.100"]).code == 1
    assert able.ping("10.2.0.1", "b")
    able.ok(other, "DEL", "b", CNI_NETNS="")
    assert able.traces() == before


def test_check_and_a_change_of_the_ports_vlans(able: CniHost):
    trunk = config(vlanTrunk=[{"minID": 10, "maxID": 12}, {"id": 7}], preserveDefaultVlan=False)
    del trunk["vlan"]
    said = able.ok(trunk)
    assert len(said["interfaces"]) == 3
    able.ok(trunk | {"prevResult": said}, "CHECK")
    less = able.refused(trunk | {"prevResult": said, "vlanTrunk": [{"id": 7}]}, "CHECK")
    assert less["code"] == 102
    assert "has the VLANs 7, 10, 11, 12, not 7" in less["details"]


def test_a_failed_add_leaves_neither_port_nor_gateway(able: CniHost):
    before = able.traces()
    wrong = config(ipam=ipam(routes=[{"dst": "0.0.0.0/0", "gw": "10.99.0.1"}]))
    assert able.refused(wrong)["code"] == 100
    assert able.traces() == before
    able.ok(config())
    before = able.traces()
    able.refused(wrong, "ADD", "b")
    assert able.traces() == before


@pytest.mark.parametrize("fails", [False, True])
def test_a_bridge_that_was_there_is_in_the_vlan_no_more(able: CniHost, fails: bool):
    able.box.ip("link add br0 type bridge")
    able.box.run(["ip", "link", "set", "br0", "type", "bridge", "vlan_filtering", "1"])
    if fails:
        able.refused(config(ipam=ipam(routes=[{"dst": "0.0.0.0/0", "gw": "10.99.0.1"}])))
    else:
        able.ok(config())
        assert "100" in own_vlans(able)
        able.ok(config(), "DEL")
    assert "100" not in own_vlans(able)


def own_vlans(host: CniHost) -> set[str]:
    """The VLANs of br0 itself."""
    played = host.box.run(["cat", "/run/vlans"]).out
    if not played:
        return {str(vlan["vlan"]) for vlan in json.loads(host.box.run(["bridge", "-j", "vlan", "show", "dev", "br0"]).out)[0]["vlans"]}
    return set(json.loads(played).get(str(host.json("link show br0")[0]["ifindex"]), {}))


@pytest.mark.parametrize("force", [False, True])
def test_a_gateway_that_somebody_made_stays(able: CniHost, force: bool):
    for words in ("link add br0 type bridge", "link add br0.100 type veth peer name theirs", "link set theirs master br0", "address add 10.1.0.99/24 dev br0.100"):
        able.box.ip(words)
    able.box.run(["ip", "link", "set", "br0", "type", "bridge", "vlan_filtering", "1"])
    before = able.traces()
    if not force:
        said = able.refused(config())
        assert (said["code"], "br0.100" in said["msg"]) == (102, True), said
        assert able.traces() == before
        return
    able.ok(config(forceAddress=True))
    assert able.json("address show br0.100")[0]["addr_info"][0]["local"] == "10.1.0.1"
    able.ok(config(), "DEL")
    assert able.json("link show br0.100")


def test_who_is_isolated_in_a_vlan_is(able: CniHost):
    """Each in its own list, as a runtime calls them."""
    plugins = [config("1.0.0"), {"cniVersion": "1.0.0", "name": "n", "type": "firewall", "ingressPolicy": "isolated"}]
    for name in "ab":
        able.chain(plugins, "ADD", name)
    assert able.silent("10.1.0.3", "a")
    assert able.ping("10.1.0.1", "a")
