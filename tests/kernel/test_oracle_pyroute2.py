"""pyroute2 and ip(8) as oracles: what we encode they read, what they encode we read."""

import json

import pytest

from netwright.kernel import rtnl
from netwright.kernel.netlink import Raw

pytest.importorskip("pyroute2")

from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg
from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg
from pyroute2.netlink.rtnl.ndmsg import ndmsg
from pyroute2.netlink.rtnl.rtmsg import rtmsg

CASES = [
    (ifinfmsg, "IFLA", rtnl.LINK, rtnl.NEWLINK, {"index": 7, "flags": 1, "change": 1},
     {"ifname": "eth0", "mtu": 1400, "address": "02:00:00:00:00:01", "txqlen": 100, "group": 3, "master": 9, "ifalias": "x y"}),
    (ifaddrmsg, "IFA", rtnl.ADDRESS, rtnl.NEWADDR, {"family": 2, "prefixlen": 24, "index": 3},
     {"address": "10.0.0.1", "local": "10.0.0.1", "broadcast": "10.0.0.255", "label": "eth0:1", "flags": 0x200}),
    (ifaddrmsg, "IFA", rtnl.ADDRESS, rtnl.NEWADDR, {"family": 10, "prefixlen": 64, "index": 3}, {"address": "fd00::1", "flags": 2}),
    (rtmsg, "RTA", rtnl.ROUTE, rtnl.NEWROUTE, {"family": 2, "dst_len": 16, "table": 254, "type": 1, "protocol": 3},
     {"dst": "10.1.0.0", "oif": 4, "gateway": "10.0.0.9", "priority": 70, "prefsrc": "10.0.0.1", "table": 254}),
    (ndmsg, "NDA", rtnl.NEIGHBOUR, rtnl.NEWNEIGH, {"family": 2, "index": 4, "state": 0x80}, {"dst": "10.0.0.9", "lladdr": "02:00:00:00:00:09"}),
]  # fmt: skip
_FIELDS = {"index": "index", "prefixlen": "prefixlen", "protocol": "proto", "index_address": "index"}


def theirs(name: str, prefix: str) -> str:
    return f"{prefix}_{name.upper()}"


@pytest.mark.parametrize(("message", "prefix", "family", "kind", "header", "settings"), CASES)
def test_pyroute2_reads_ours(message, prefix, family, kind, header, settings):
    body = family.body(header, settings)
    found = message((16 + len(body)).to_bytes(4, "little") + kind.to_bytes(2, "little") + bytes(10) + body)
    found.decode()
    for name, wanted in settings.items():
        assert found.get_attr(theirs(name, prefix)) == wanted, name
    ifi = {"index": "ifindex"} if message is ndmsg else {}
    for name, wanted in header.items():
        assert found[ifi.get(name, _FIELDS.get(name, name))] == wanted, name


@pytest.mark.parametrize(("message", "prefix", "family", "kind", "header", "settings"), CASES)
def test_we_read_pyroute2(message, prefix, family, kind, header, settings):
    made = message()
    ifi = {"index": "ifindex"} if message is ndmsg else {}
    for name, wanted in header.items():
        made[ifi.get(name, _FIELDS.get(name, name))] = wanted
    made["attrs"] = [(theirs(name, prefix), wanted) for name, wanted in settings.items()]
    made.encode()
    found = rtnl.decode(Raw(kind, 0, 1, bytes(made.data[16:])))
    assert {name: found.get(name) for name in settings} == settings
    assert {name: found.header[name] for name in header} == header


def test_ip_and_pyroute2_see_what_we_made(sandbox):
    made = sandbox.python(
        """
import json, sys
from netwright import Namespace
red = Namespace.create("red")
red.links.add("br0", "bridge", address="02:00:00:00:00:01", up=True, options={"ageing_time": 5000})
red.links.add("v0", "veth", peer="v1", master="br0", group=5, up=True)
red.links.set("v0", alias="a cable")
red.addresses.add("10.0.0.1/24", "br0", label="br0:x", broadcast="10.0.0.255")
red.routes.add("10.1.0.0/16", via="10.0.0.9", metric=70, source="10.0.0.1")
red.neighbours.add("10.0.0.9", "br0", "02:00:00:00:00:09")
with red:
    from pyroute2 import IPRoute
    with IPRoute() as ipr:
        theirs = sorted((m["index"], m.get_attr("IFLA_IFNAME"), m.get_attr("IFLA_MTU"), m.get_attr("IFLA_ADDRESS")) for m in ipr.get_links())
        assert theirs == sorted((l.index, l.name, l.mtu, l.address) for l in red.links.list())
        ipr.link("add", ifname="v8", kind="veth", peer="v9")
        ipr.addr("add", index=ipr.link_lookup(ifname="v8")[0], address="10.8.0.1", prefixlen=24)
print(json.dumps([red.links.get("v8").kind, red.addresses.get("10.8.0.1").address, red.links.get("br0").option("ageing_time")]))
"""
    )
    assert made.code == 0, made.err
    assert json.loads(made.out) == ["veth", "10.8.0.1/24", 5000]
    links = {link["ifname"]: link for link in json.loads(sandbox.ip("-d -j link", netns="red"))}
    assert (links["br0"]["mtu"], links["br0"]["address"], links["br0"]["linkinfo"]["info_data"]["ageing_time"]) == (1500, "02:00:00:00:00:01", 5000)
    assert (links["v0"]["master"], links["v0"]["ifalias"], links["v0"]["group"]) == ("br0", "a cable", "5")
    address = next(a for a in json.loads(sandbox.ip("-j addr show br0", netns="red"))[0]["addr_info"] if a["family"] == "inet")
    assert (address["local"], address["prefixlen"], address["label"], address["broadcast"]) == ("10.0.0.1", 24, "br0:x", "10.0.0.255")
    route = next(r for r in json.loads(sandbox.ip("-j route", netns="red")) if r["dst"] == "10.1.0.0/16")
    assert (route["gateway"], route["dev"], route["metric"], route["prefsrc"]) == ("10.0.0.9", "br0", 70, "10.0.0.1")
    neighbour = json.loads(sandbox.ip("-j neigh", netns="red"))[0]
    assert (neighbour["dst"], neighbour["lladdr"], neighbour["state"]) == ("10.0.0.9", "02:00:00:00:00:09", ["PERMANENT"])
