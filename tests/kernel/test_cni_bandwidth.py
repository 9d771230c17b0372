"""The plugin bandwidth on the real kernel: what tc sees, what a transfer takes, what DEL leaves; beside upstream's."""

import json

import cni_plugins
import pytest
from cni_host import PYTHON, CniHost, go
from sandbox import Sandbox

# Counts what arrives within a time once the first bytes are there: bits a second.
SINK = """
import socket, sys, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("", 5001)); s.listen(); print("up", flush=True)
c, _ = s.accept()
c.recv(1)
total, start, end = 0, time.monotonic(), time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    total += len(c.recv(1 << 16))
print(int(total * 8 / (time.monotonic() - start)), flush=True)
"""
SOURCE = """
import socket, sys
s = socket.create_connection((sys.argv[1], 5001), timeout=30)
try:
    while True:
        s.send(bytes(1 << 14))
except OSError:
    pass
"""
RATES = {"ingressRate": 16_000_000, "ingressBurst": 400_000, "egressRate": 8_000_000, "egressBurst": 400_000}


@pytest.fixture
def host(sandbox: Sandbox) -> CniHost:
    return cni_plugins.host(sandbox)


def config(before: dict, version: str = "1.0.0", **more: object) -> dict:
    return {"cniVersion": version, "name": "n", "type": "bandwidth", "prevResult": cni_plugins.of_version(before, version), **more}


def tc(host: CniHost, *words: str) -> list[dict]:
    return json.loads(host.box.run(["tc", "-j", *words]).out or "[]")


def queues(host: CniHost, device: str) -> dict[str, dict]:
    return {q["kind"]: q.get("options", {}) for q in tc(host, "qdisc", "show", "dev", device) if q["kind"] != "noqueue"}


def speed(host: CniHost, sink: str | None, source: str | None, address: str) -> int:
    out = "/run/sink"
    host.box.write(out, "")
    sinking = host.box.popen([*PYTHON, SINK, "0.6"], netns=sink, out=out)
    assert host.box.run(["sh", "-c", f"until grep -q up {out}; do :; done"]).code == 0
    host.box.run([*PYTHON, SOURCE, address], netns=source)
    assert host.box.wait(sinking) == 0
    return int(host.box.read(out).split()[1])


def within(rate: int, host: CniHost, sink: str | None, source: str | None, address: str) -> bool:
    """Whether a transfer takes the time that the rate says. On a busy machine one end or the other stands still for a while: then again."""
    return any(speed(host, sink, source, address) == pytest.approx(rate, rel=0.15) for _ in range(20))


def is_fast(host: CniHost, sink: str | None, source: str | None, address: str) -> bool:
    """Whether nothing limits it: no rate here lets so much through, however often it is tried."""
    return any(speed(host, sink, source, address) > 64_000_000 for _ in range(20))


def test_a_transfer_takes_the_time_that_the_rates_say(host: CniHost):
    said = host.ok(config(cni_plugins.cable(host), **RATES))
    # A packet's headers count in the bucket, and not here.
    assert within(16_000_000, host, "a", None, "10.3.0.2")
    assert within(8_000_000, host, None, "a", "10.3.0.1")
    host.ok(config(said, **RATES), "DEL")
    assert is_fast(host, "a", None, "10.3.0.2")


def test_what_is_made_is_checked_and_taken_away(host: CniHost):
    before = cni_plugins.cable(host)
    was = host.traces()
    said = host.ok(config(before, **RATES))
    name = said["interfaces"][2]["name"]
    assert name.startswith("bwp")
    assert set(queues(host, "va")) == {"tbf", "ingress"}
    assert queues(host, "va")["tbf"]["rate"] == 2_000_000
    assert queues(host, name)["tbf"]["rate"] == 1_000_000
    host.ok(config(said, **RATES), "CHECK")
    assert host.ok(config(said, **RATES))["interfaces"] == said["interfaces"], "again: the same"
    other = {**RATES, "egressRate": 80_000_000}
    host.ok(config(said, **other))
    assert queues(host, name)["tbf"]["rate"] == 10_000_000
    host.ok(config(said, **other), "DEL")
    assert host.traces() == was
    assert queues(host, "va") == {}
    host.ok(config(said, **other), "DEL")


@pytest.mark.parametrize("words", ["qdisc del dev va root", "filter del dev va ingress", "qdisc del dev NAME root"])
def test_check_sees_what_is_gone(host: CniHost, words: str):
    said = host.ok(config(cni_plugins.cable(host), **RATES))
    assert host.box.run(["tc", *words.replace("NAME", said["interfaces"][2]["name"]).split()]).code == 0
    refused = host.refused(config(said, **RATES), "CHECK")
    assert refused["code"] == 102, refused


def test_the_runtimes_words_for_it(host: CniHost):
    """What containerd sends, verbatim; one direction alone; nothing at all."""
    before = cni_plugins.cable(host)
    words = {"IngressRate": 10_000_000, "IngressBurst": 4_294_967_295, "EgressRate": 0, "EgressBurst": 0}
    said = host.ok(config(before, runtimeConfig={"bandwidth": words}))
    assert [one["name"] for one in said["interfaces"]] == ["va", "eth0"]
    assert set(queues(host, "va")) == {"tbf"}
    host.ok(config(said, runtimeConfig={"bandwidth": words}), "CHECK")
    host.ok(config(said), "DEL")
    assert queues(host, "va") == {}
    assert host.ok(config(before))["interfaces"] == before["interfaces"]
    assert queues(host, "va") == {}


def test_networks_that_are_not_limited(host: CniHost):
    more = {**RATES, "unshapedSubnets": ["10.3.0.0/24", "fd00::/68"]}
    said = host.ok(config(cni_plugins.cable(host), **more))
    assert set(queues(host, "va")) == {"htb", "ingress"}
    host.ok(config(said, **more), "CHECK")
    assert is_fast(host, "a", None, "10.3.0.2"), "the host's own address is one of these"
    host.box.ip("addr add 10.4.0.1/24 dev va")
    host.box.ip("addr add 10.4.0.2/24 dev eth0", netns="a")
    assert within(16_000_000, host, "a", None, "10.4.0.2")
    host.ok(config(said, **more), "DEL")
    assert queues(host, "va") == {}


@pytest.mark.parametrize("gone", ["no netns said", "netns deleted", "device deleted", "records lost", "result lost"])
def test_delete_goes_well_whatever_is_gone(host: CniHost, gone: str):
    said = host.ok(config(cni_plugins.cable(host), **RATES))
    more = {"CNI_NETNS": ""} if gone == "no netns said" else {}
    if gone == "netns deleted":
        host.box.ip("netns delete a")
    if gone == "device deleted":
        host.box.ip("link delete va")
    if gone == "records lost":
        host.box.run(["rm", "-rf", "/run/netwright"])
    document = config(said, **RATES)
    if gone == "result lost":
        del document["prevResult"]
    host.ok(document, "DEL", **more)
    assert "bwp" not in host.box.ip("link show")
    assert host.box.run(["find", "/run/netwright", "-path", "*attached*"]).out == ""


def test_gc_takes_the_devices_of_containers_that_are_no_more(host: CniHost):
    host.ok(config(cni_plugins.cable(host), "1.1.0", **RATES))
    document = {key: item for key, item in config({"ips": []}, "1.1.0", **RATES).items() if key != "prevResult"}
    host.ok({**document, "cni.dev/valid-attachments": [{"containerID": "a", "ifname": "eth0"}]}, "GC")
    assert "bwp" in host.box.ip("link show")
    host.ok({**document, "cni.dev/valid-attachments": []}, "GC")
    assert "bwp" not in host.box.ip("link show")
    host.ok(document, "STATUS")


def test_refusals(host: CniHost):
    before = cni_plugins.cable(host)
    was = host.traces()
    assert "burst must also be set" in host.refused(config(before, ingressRate=8_000_000))["msg"]
    wrong = {**RATES, "shapedSubnets": ["10.0.0.0/8"], "unshapedSubnets": ["hello"]}
    assert host.refused(config(before, **wrong))["code"] == 7
    assert host.refused(config(before, **RATES), "ADD", "a", "net7")["code"] == 3
    host.box.ip("link add link up0 name mv0 netns b type macvlan")
    assert "no veth peer" in host.refused(config(before, **RATES), "ADD", "b", "mv0")["msg"]
    assert host.traces() == was


def test_the_bridge_keeps_its_own_queue(host: CniHost):
    """The plugin netwright, which makes the cable and the limits in one go, on a bridge that somebody limits himself."""
    host.box.ip("link add br0 type bridge")
    assert host.box.run(["sh", "-c", "tc qdisc add dev br0 root handle 7: tbf rate 100mbit burst 100k limit 1m"]).code == 0
    ipam = {"type": "host-local", "dataDir": "/run/data", "subnet": "10.1.0.0/24"}
    document = {"cniVersion": "1.0.0", "name": "n", "type": "netwright", "bridge": "br0", "dns": False, "ipam": ipam, **RATES}
    said = host.ok(document)
    assert set(queues(host, said["interfaces"][1]["name"])) == {"tbf", "ingress"}
    assert set(queues(host, "br0")) == {"tbf"}
    host.ok({**document, "prevResult": said}, "CHECK")
    host.ok(document, "DEL")
    assert set(queues(host, "br0")) == {"tbf"}
    assert "bwp" not in host.box.ip("link show")


def test_the_same_queues_as_upstreams(host: CniHost):
    """The same by Go's plugin on the other container."""
    place = go("bandwidth")
    ours, theirs = cni_plugins.cable(host, "a", "va"), cni_plugins.cable(host, "b", "vb", "10.4.0.2", "10.4.0.1")
    mine = host.ok(config(ours, **RATES))["interfaces"][2]["name"]
    host.place = place
    other = host.ok(config(theirs, "0.4.0", **RATES), "ADD", "b")["interfaces"][2]["name"]
    assert queues(host, "va") == queues(host, "vb")
    assert queues(host, mine) == queues(host, other)
    kept = [[f.get("kind"), f.get("protocol")] for f in tc(host, "filter", "show", "dev", "va", "ingress")]
    assert kept == [[f.get("kind"), f.get("protocol")] for f in tc(host, "filter", "show", "dev", "vb", "ingress")]
