"""The plugin ptp, as a runtime calls it, and beside Go's."""

import json

import pytest
from cni_host import BOTH, EVERYWHERE, CniHost, go, ipam
from sandbox import Sandbox


@pytest.fixture
def host(sandbox: Sandbox) -> CniHost:
    return CniHost(sandbox)


def config(version: str = "1.0.0", **more: object) -> dict:
    return {"cniVersion": version, "name": "n", "type": "ptp", "ipMasq": True, "ipam": ipam(ranges=BOTH, routes=EVERYWHERE), **more}


def test_two_containers_reach_each_other_and_the_world_and_leave_nothing(host: CniHost):
    before = host.traces()
    said = host.ok(config(mtu=1400))
    host.ok(config(), "ADD", "b")
    assert [(i["name"].startswith("veth"), i.get("sandbox", "")) for i in said["interfaces"]] == [(True, ""), (False, "/run/netns/a")]
    assert all(ip["interface"] == 1 for ip in said["ips"])
    for address in ("10.1.0.3", "fd01::3", "10.1.0.1", "fd01::1", "192.0.2.9", "fd99::9"):
        assert host.ping(address, "a"), address
    assert host.json("link show eth0", netns="a")[0]["mtu"] == 1400
    host.ok(config(mtu=1400, prevResult=said), "CHECK")
    host.box.ip("route delete default", netns="a")
    assert host.refused(config(mtu=1400, prevResult=said), "CHECK")["code"] == 102
    for name in ("a", "b"):
        host.ok(config(), "DEL", name)
        host.ok(config(), "DEL", name)
    assert host.traces() == before


@pytest.mark.parametrize("gone", ["no netns said", "netns deleted", "device deleted", "records lost"])
def test_row_1_masquerading_ends_with_the_container_whatever_is_gone(host: CniHost, gone: str):
    """Upstream's DEL returns early without the namespace, and leaves its rules."""
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
    assert host.traces() == before


def test_row_4_an_exhausted_pool_leaves_nothing_behind(host: CniHost):
    small = config(ipam=ipam(subnet="10.1.0.0/30"))
    host.ok(small)
    before = host.traces()
    assert host.refused(small, "ADD", "b")["code"] == 103
    assert host.traces() == before
    assert len(host.json("link", netns="b")) == 1


def test_what_the_kernel_refuses_leaves_nothing_behind(host: CniHost):
    before = host.traces()
    assert host.refused(config(ipam=ipam(routes=[{"dst": "10.7.0.0/16", "gw": "10.99.0.1"}])))["code"] == 100
    assert host.refused(config(mtu=67))["code"] in (7, 100)
    assert host.traces() == before


def test_an_address_without_a_subnet(host: CniHost):
    """Upstream's: "network is unreachable" for the default route."""
    alone = {"type": "static", "addresses": [{"address": "10.1.0.77/32", "gateway": "10.9.0.1"}], "routes": [{"dst": "0.0.0.0/0"}]}
    said = host.ok(config(ipam=alone))
    assert host.ping("192.0.2.9", "a")
    host.ok(config(ipam=alone, prevResult=said), "CHECK")


def test_it_needs_addresses(host: CniHost):
    assert host.refused({"cniVersion": "1.0.0", "name": "n", "type": "ptp"})["code"] == 7


def test_garbage_is_collected_and_status_is_told(host: CniHost):
    latest = config("1.1.0")
    host.ok(latest)
    before = host.traces()
    host.ok(latest, "ADD", "b")
    host.ok(latest, "STATUS")
    host.ok(latest | {"cni.dev/valid-attachments": [{"containerID": "a", "ifname": "eth0"}]}, "GC")
    assert host.traces() == before


@pytest.mark.parametrize("verb", ["ADD", "DEL"])
def test_killed_at_every_message_to_the_kernel(host: CniHost, verb: str):
    latest = config("1.1.0")
    before = host.traces()
    for n in range(1, 60):
        if verb == "DEL":
            host.quickly(latest)
        inject = f"strace -f -qq -o /dev/null -e trace=sendto,sendmsg -e inject=sendto,sendmsg:signal=KILL:when={n}"
        finished = host.call(latest, verb, before=inject).code == 0
        if n % 2:
            host.quickly(latest, "DEL")
        else:
            host.quickly(latest | {"cni.dev/valid-attachments": []}, "GC")
        assert host.traces() == before, n
        if finished:
            break
    assert 3 < n < 59


def seen(host: CniHost, said: dict, more: dict) -> dict[str, object]:
    """What there is at both ends, without what differs by chance."""
    port = said["interfaces"][0]["name"]

    def addresses(words: str, netns: str | None = None) -> set:
        found = host.json(words, netns=netns)
        return {(a["family"], a["local"], a["prefixlen"], a["scope"]) for link in found for a in link["addr_info"] if a["scope"] == "global"}

    def routes(words: str, netns: str | None = None) -> set:
        found = [r for f in ("-4", "-6") for r in host.json(f"{f} route {words}", netns=netns)]
        return {(r["dst"], r.get("gateway", ""), r.get("prefsrc", "")) for r in found if r["dst"] not in ("fe80::/64", "multicast")}

    return {
        "host's addresses": addresses(f"address show {port}"), "container's addresses": addresses("address show eth0", "a"),
        "host's routes": routes(f"show dev {port}"), "container's routes": routes("", "a"),
        "result": {k: v for k, v in said.items() if k not in ("interfaces", "dns")}, "answers": [host.reaches(a, "a", wanted=wanted) for a, wanted in (("10.1.0.1", True), ("192.0.2.9", more.get("ipMasq", True)))],
        "mtu": [host.json(f"link show {port}")[0]["mtu"], host.json("link show eth0", netns="a")[0]["mtu"]],
        "sandboxes": [i.get("sandbox", "") for i in said["interfaces"]],
    }  # fmt: skip


CASES: list[dict] = [
    {},
    {"mtu": 1300, "ipMasq": False},
    {"ipam": ipam(routes=[{"dst": "10.50.0.0/16"}, {"dst": "0.0.0.0/0", "gw": "10.1.0.1"}])},
]


@pytest.mark.parametrize("more", CASES, ids=lambda case: json.dumps(case)[:40])
def test_all_is_as_with_gos_plugin(sandbox: Sandbox, more: dict):
    theirs = CniHost(sandbox, place=go("ptp", "host-local", "static"))
    expected = seen(theirs, theirs.ok(config(**more)), more)
    with Sandbox() as other:
        ours = CniHost(other)
        assert seen(ours, ours.ok(config(**more)), more) == expected
