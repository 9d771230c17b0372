"""The words of `ip link add|set|replace|delete|property` and the operations that they mean, case by case."""

from typing import Any

import pytest
from link_fakes import FakeLinks, command

from netwright.ip.exits import Exit, Usage
from netwright.ip.front import NotOurs
from netwright.ip.link import add, delete, property, set
from netwright.plan.ops import AddAltname, AddLink, DeleteAltname, DeleteLink, SetLink

DEVICES = ("v0", "br0", "eth0", "p1")
NAMESPACES = ("red", "blue", "123", "/run/netns/red")


def add_op(line: str, verb: str = "add", **more: Any) -> AddLink:
    return add.operation(line.split(), command(verb, *DEVICES, namespaces=NAMESPACES, **more))


def set_op(line: str, **more: Any) -> SetLink:
    return set.operation(line.split(), command("set", *DEVICES, namespaces=NAMESPACES, **more))


def kind(name: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"linkinfo": {"kind": name} if data is None else {"kind": name, "data": data}}


VXLAN = {"id": 5, "learning": 1}
ADDED = {
    "n1 type bridge": ({}, {"ifname": "n1", **kind("bridge")}),
    "dev n1 type bridge": ({}, {"ifname": "n1", **kind("bridge")}),
    "name n1 type bridge": ({}, {"ifname": "n1", **kind("bridge")}),
    "name n1 dev n1 type bridge": ({}, {"ifname": "n1", **kind("bridge")}),
    "type veth": ({}, kind("veth")),
    "ty veth": ({}, kind("veth")),
    "n1 index 7 up mtu 0x500 type ifb": ({"index": 7, "flags": 1, "change": 1}, {"ifname": "n1", "mtu": 1280, **kind("ifb")}),
    "n1 type ifb what ever": ({}, {"ifname": "n1", **kind("ifb")}),
    "link eth0 n1 type macvlan mode bridge": ({}, {"link": "eth0", "ifname": "n1", **kind("macvlan", {"mode": 4})}),
    "link if3 n1 type macvtap": ({}, {"link": 3, "ifname": "n1", **kind("macvtap")}),
    "n1 netns red type dummy": ({}, {"net_ns_fd": "red", "ifname": "n1", **kind("dummy")}),
    "n1 netns 123 type dummy": ({}, {"net_ns_fd": "123", "ifname": "n1", **kind("dummy")}),
    "n1 netns 0x10 type dummy": ({}, {"net_ns_pid": 16, "ifname": "n1", **kind("dummy")}),
    "n1 link-netns red type dummy": ({}, {"link_netnsid": "red", "ifname": "n1", **kind("dummy")}),
    "n1 link-netnsi 5 type dummy": ({}, {"link_netnsid": 5, "ifname": "n1", **kind("dummy")}),
    "n1 parentdev 0000:01 type dummy": ({}, {"parent_dev_name": "0000:01", "ifname": "n1", **kind("dummy")}),
    "n1 type veth peer name n2 netns blue index 9 mtu 1400 address 02:0:0:0:0:1 down": (
        {},
        {"ifname": "n1", **kind("veth", {"peer": {"index": 9, "change": 1, "net_ns_fd": "blue", "mtu": 1400, "address": "02:00:00:00:00:01", "ifname": "n2"}})},
    ),
    "n1 type veth peer n2": ({}, {"ifname": "n1", **kind("veth", {"peer": {"ifname": "n2"}})}),
    "n1 type veth peer": ({}, {"ifname": "n1", **kind("veth", {"peer": {}})}),
    "n1 type bridge forward 200 no_linklocal_learn 1 mcast_vlan_snooping 0 vlan_protocol 802.1AD fdb_f": (
        {},
        {"ifname": "n1", **kind("bridge", {"forward_delay": 200, "multi_boolopt": {"value": 1, "mask": 3}, "vlan_protocol": 0x88A8, "fdb_flush": True})},
    ),
    "n1 type bridge mcast_querier_interval -1": ({}, {"ifname": "n1", **kind("bridge", {"mcast_querier_intvl": (1 << 64) - 1})}),
    "n1 type vxlan id 5 dstport 0": ({}, {"ifname": "n1", **kind("vxlan", VXLAN)}),
    "n1 type vxlan vni 5 gpe": ({}, {"ifname": "n1", **kind("vxlan", {**VXLAN, "gpe": True, "port": 4790})}),
    "n1 type vxlan id 5 remote fd00::1 local fd00::2 dev eth0 dstport 1": (
        {},
        {"ifname": "n1", **kind("vxlan", {**VXLAN, "group6": "fd00::1", "local6": "fd00::2", "link": "eth0", "port": 1})},
    ),
    "n1 type vxlan external dstport 1": ({}, {"ifname": "n1", **kind("vxlan", {"collect_metadata": 1, "learning": 0, "port": 1})}),
    "n1 type vxlan external learning dstport 1": ({}, {"ifname": "n1", **kind("vxlan", {"collect_metadata": 1, "learning": 1, "port": 1})}),
    "n1 type vxlan id 5 group 239.1 dev eth0 srcport 1 2 ttl auto tos 10 dstport 1": (
        {},
        {"ifname": "n1", **kind("vxlan", {**VXLAN, "group": "239.1.0.0", "link": "eth0", "port_range": {"low": 1, "high": 2}, "ttl": 0, "tos": 16, "port": 1})},
    ),
    "n1 type geneve id 5 remote 10.1 dstport 7": (
        {},
        {"ifname": "n1", **kind("geneve", {"id": 5, "remote": "10.1.0.0", "port": 7, "label": 0, "ttl": 0, "tos": 0})},
    ),
    "n1 link eth0 type vlan id 5 gvrp on reorder_hdr off ingress-qos-map 1:2 3:4 egress-qos-map 5:6": (
        {},
        {"link": "eth0", "ifname": "n1", **kind("vlan", {"id": 5, "flags": {"value": 2, "mask": 3}, "ingress_qos": [{"from": 1, "to": 2}, {"from": 3, "to": 4}], "egress_qos": [{"from": 5, "to": 6}]})},
    ),
    "n1 type vrf table local": ({}, {"ifname": "n1", **kind("vrf", {"table": 255})}),
    "n1 type bond mode 4 primary eth0 clear lacp_rate fast arp_ip_target 10.0.0.1,10.0.0.2": (
        {},
        {"ifname": "n1", **kind("bond", {"mode": 4, "primary": "eth0", "active_slave": 0, "ad_lacp_rate": 1, "arp_ip_target": ["10.0.0.1", "10.0.0.2"]})},
    ),
    "n1 link eth0 type ipvlan mode l3 vepa": ({}, {"link": "eth0", "ifname": "n1", **kind("ipvlan", {"mode": 1, "flags": 2})}),
    "n1 link eth0 type macvlan mode passthru nopromisc": ({}, {"link": "eth0", "ifname": "n1", **kind("macvlan", {"mode": 8, "flags": 1})}),
    "n1 type netkit mode l2 blackhole peer forward name n2": (
        {},
        {"ifname": "n1", **kind("netkit", {"mode": 0, "policy": 2, "peer_policy": 0, "peer_info": {"ifname": "n2"}})},
    ),
    "n1 type nosuchkind": ({}, {"ifname": "n1", **kind("nosuchkind")}),
}  # fmt: skip


@pytest.mark.parametrize("line", ADDED)
def test_add(line: str) -> None:
    header, settings = ADDED[line]
    assert add_op(line) == AddLink(header, settings)


CHANGED = {
    "dev eth0 up": ({"index": "eth0", "flags": 1, "change": 1}, {}),
    "eth0 down": ({"index": "eth0", "change": 1}, {}),
    "if3 up": ({"index": 3, "flags": 1, "change": 1}, {}),
    "eth0 name eth9": ({"index": "eth0"}, {"ifname": "eth9"}),
    "name eth0 up": ({"index": "eth0", "flags": 1, "change": 1}, {}),
    "eth0 name eth0": ({"index": "eth0"}, {}),
    "eth0 netns red name eth9 index 5": ({"index": "eth0"}, {"net_ns_fd": "red", "ifname": "eth9", "new_ifindex": 5}),
    "eth0 netns /run/netns/red": ({"index": "eth0"}, {"net_ns_fd": "/run/netns/red"}),
    "eth0 netns 77": ({"index": "eth0"}, {"net_ns_pid": 77}),
    "eth0 arp off multicast off allmulticast on promisc on trailers off dyn on": (
        {"index": "eth0", "flags": 0x83A0, "change": 0x93A0},
        {},
    ),
    "eth0 mtu 1400 txqueuelen 5": ({"index": "eth0"}, {"mtu": 1400, "txqlen": 5}),
    "eth0 mtu -1 mtu 1400": ({"index": "eth0"}, {"mtu": 1400}),
    "eth0 addr 1:2:3:4:5:6 brd ff:ff:ff:ff:ff:ff": ({"index": "eth0"}, {"address": "01:02:03:04:05:06", "broadcast": "ff:ff:ff:ff:ff:ff"}),
    "eth0 addr 1:2:3:4:5:6:7:8": ({"index": "eth0"}, {"address": bytes(range(1, 9))}),
    "eth0 addr 10.1": ({"index": "eth0"}, {"address": "0a:01:00:00"}),
    "eth0 master br0": ({"index": "eth0"}, {"master": "br0"}),
    "eth0 nomaster": ({"index": "eth0"}, {"master": 0}),
    "eth0 al text": ({"index": "eth0"}, {"ifalias": "text"}),
    "eth0 group default mode DORMANT state Up": ({"index": "eth0"}, {"group": 0, "linkmode": 1, "operstate": 6}),
    "group 7 up": ({"index": 0, "flags": 1, "change": 1}, {"group": 7}),
    "group 7 type bridge": ({"index": 0}, {"group": 7}),
    "eth0 addrgenmode random": ({"index": "eth0"}, {"af_spec": {"inet6": {"addr_gen_mode": 3}}}),
    "eth0 carrier on protodown off protodown_reason 3 on": (
        {"index": "eth0"},
        {"carrier": 1, "proto_down": 0, "proto_down_reason": {"mask": 8, "value": 8}},
    ),
    "eth0 gso_max_size 9 gso_max_segs 8 gro_max_size 7": ({"index": "eth0"}, {"gso_max_size": 9, "gso_max_segs": 8, "gro_max_size": 7}),
    "br0 type bridge stp_state 1": ({"index": "br0"}, kind("bridge", {"stp_state": 1})),
    "p1 type bridge_slave hairpin on backup_port v0 fdb_flush": (
        {"index": "p1"},
        {"linkinfo": {"kind": "bridge_slave", "slave_kind": "bridge", "slave_data": {"mode": 1, "backup_port": "v0", "flush": True}}},
    ),
    "p1 type bond_slave prio -5": ({"index": "p1"}, {"linkinfo": {"kind": "bond_slave", "slave_kind": "bond", "slave_data": {"prio": -5}}}),
    "p1 type vrf_slave": ({"index": "p1"}, {"linkinfo": {"kind": "vrf_slave"}}),
    "p1 type vxlan ttl inherit": ({"index": "p1"}, kind("vxlan", {"ttl_inherit": True})),
    "eth0 link nosuch": ({"index": "eth0"}, {}),
}  # fmt: skip


@pytest.mark.parametrize("line", CHANGED)
def test_set(line: str) -> None:
    header, settings = CHANGED[line]
    assert set_op(line) == SetLink(header, settings)


def test_the_rest() -> None:
    assert add_op("n1 type bridge", "replace").verb == "replace"
    words = command("delete", *DEVICES)
    assert delete.operation(["dev", "eth0"], words) == DeleteLink({"index": "eth0"}, {})
    assert delete.operation(["group", "9"], command("delete")) == DeleteLink({"index": 0}, {"group": 9})
    links = FakeLinks("eth0")
    names = ["add", "dev", "eth0", "altname", "one", "alt", "two"]
    assert property.operation(names, links) == AddAltname({"index": "eth0"}, {"prop_list": ["one", "two"]})
    assert property.operation(["d", "eth0"], links) == DeleteAltname({"index": "eth0"}, {"prop_list": []})


def test_set_vrf_wants_a_vrf() -> None:
    links = {2: {"linkinfo": {"kind": "vrf"}}, 3: {"linkinfo": {"kind": "bridge"}}}
    assert set_op("eth0 vrf v0", messages=links).settings == {"master": "v0"}
    with pytest.raises(Exit, match='argument "br0" is wrong: Not a valid VRF name'):
        set_op("eth0 vrf br0", messages=links)


def test_address_must_be_as_long_as_the_old_one() -> None:
    with pytest.raises(Exit, match="Invalid address length 5 - must be 6 bytes"):
        set_op("v0 address 1:2:3:4:5", messages={2: {"address": "02:00:00:00:00:01"}})


def test_keep() -> None:
    asked = command("set", *DEVICES, namespaces=NAMESPACES)
    set.operation(["eth0", "netns", "red", "--keep"], asked)
    assert asked.wanted.keep
    with pytest.raises(Exit, match='"--keep" is a garbage'):
        set_op("eth0 netns red --keep", applet=True)
    with pytest.raises(Exit, match='"--keep" is a garbage'):
        set_op("eth0 --keep")


def test_a_vxlan_without_a_port_is_warned_about() -> None:
    asked = command("add")
    add.operation(["n1", "type", "vxlan", "id", "5"], asked)
    assert asked.warnings[0].startswith("vxlan: destination port not specified\n")


GRE = {
    "ikey": 7, "okey": 0, "iflags": 0x3000, "oflags": 0x8000, "pmtudisc": 0, "tos": 1, "ttl": 9, "fwmark": 0,
    "encap_type": 2, "encap_flags": 1, "encap_sport": 0, "encap_dport": 55, "local": "10.0.0.1", "remote": "10.0.0.2",
}  # fmt: skip


def test_gre() -> None:
    words = "ikey 7 iseq ocsum nopmtud tos inherit ttl 9 encap gue encap-csum encap-sport auto encap-dport 55 loc 10.0.0.1 rem 10.0.0.2"
    assert add_op(f"n1 type gre {words}").settings["linkinfo"]["data"] == GRE
    multicast = add_op("n1 type gre remote 239.0.0.1 local 10.0.0.1").settings["linkinfo"]["data"]
    assert (multicast["ikey"], multicast["okey"], multicast["iflags"]) == (0xEF000001, 0xEF000001, 0x2000)


def test_a_change_of_gre_starts_from_what_is() -> None:
    class Data(dict[str, Any]):
        def plain(self) -> dict[str, Any]:
            return dict(self)

    tunnel = {2: {"linkinfo": {"kind": "gre", "data": Data(GRE)}}}
    assert set_op("v0 type gre noikey ttl 3", messages=tunnel).settings["linkinfo"]["data"] == {
        **GRE, "ikey": 0, "iflags": 0x1000, "ttl": 3,
    }  # fmt: skip
    with pytest.raises(Exit, match="Failed to get existing tunnel info"):
        set_op("v0 type gre ttl 3")


# words -> (exit code, beginning of ip's line); `set ` or `add ` in front says which command
WRONG = {
    "set": (255, 'Not enough information: "dev" argument is required.'),
    "set nosuch up": (1, 'Cannot find device "nosuch"'),
    "set lo upp": (255, 'Error: either "dev" is duplicate, or "upp" is a garbage.'),
    "set lo mtu": (255, "Command line is not complete."),
    "set lo mtu abc": (255, 'Error: argument "abc" is wrong: Invalid "mtu" value'),
    "set lo mtu 1 mtu 2": (255, 'Error: duplicate "mtu": "2" is the second value.'),
    "set lo mtu 99999999999": (255, 'Error: argument "99999999999" is wrong: Invalid "mtu" value'),
    "set lo name sixteen-bytes-xx": (255, 'Error: argument "sixteen-bytes-xx" is wrong: "name" not a valid ifname'),
    "set lo name a/b": (255, 'Error: argument "a/b" is wrong: "name" not a valid ifname'),
    "set lo address xyz": (1, '"xyz" is invalid lladdr.'),
    "set lo netns nosuch": (255, 'Error: argument "nosuch" is wrong: Invalid "netns" value'),
    "set lo netns red netns red": (255, 'Error: duplicate "netns": "red" is the second value.'),
    "set lo arp maybe": (1, 'Error: argument of "arp" must be "on" or "off", not "maybe"'),
    "set lo carrier maybe": (22, 'Error: argument of "carrier" must be one of "off", "on", not "maybe"'),
    "set lo master nosuch": (255, 'Error: argument "nosuch" is wrong: Device does not exist'),
    "set lo group nosuch": (255, 'Error: argument "nosuch" is wrong: Invalid "group" value'),
    "set lo mode x": (255, 'Error: argument "x" is wrong: Invalid link mode'),
    "set lo state x": (255, 'Error: argument "x" is wrong: Invalid operstate'),
    "set lo addrgenmode x": (255, 'Error: argument "x" is wrong: Invalid address generation mode'),
    "set lo index 5": (255, "index can be used only when creating devices or when moving"),
    "set lo gso_max_segs 65536": (255, 'Error: argument "65536" is wrong: Invalid "gso_max_segs" value'),
    "set group 5 type bridge stp_state 1": (255, 'Garbage instead of arguments "stp_state ...".'),
    "set lo type nosuchtype foo": (1, 'Garbage instead of arguments "foo ...".'),
    "set lo type wireguard key": (1, 'Garbage instead of arguments "key ...".'),
    "set p1 type bridge_slave hairpin x": (1, 'Error: argument of "hairpin" must be one of "off", "on", not "x"'),
    "set p1 type bridge_slave cost x": (255, 'Error: argument "x" is wrong: cost is invalid'),
    "set p1 type bridge_slave foo": (1, 'bridge_slave: unknown option "foo"?'),
    "add": (1, 'Not enough information: "type" argument is required'),
    "add n1": (1, 'Not enough information: "type" argument is required'),
    "add n1 type": (255, "Command line is not complete."),
    "add group 5 type bridge": (255, "group cannot be used when creating devices."),
    "add n1 index 0 type bridge": (255, 'Error: argument "0" is wrong: Invalid "index" value'),
    "add n1 index 5x index 6 type bridge": (255, 'Error: duplicate "index": "6" is the second value.'),
    "add n1 link nosuch type macvlan": (1, 'Cannot find device "nosuch"'),
    "add name n1 n2 type veth": (255, 'both "name" and "dev" cannot be used when creating devices.'),
    "add n1 type veth peer name n2 garbage": (255, 'both "name" and "dev" cannot be used when creating devices.'),
    "add n1 type veth peer name n2 type veth": (255, 'Error: duplicate "type"'),
    "add n1 type bridge foo": (1, 'bridge: unknown command "foo"?'),
    "add n1 type bridge stp_state x": (255, 'Error: argument "x" is wrong: invalid stp_state'),
    "add n1 type bridge group_fwd_mask 0x10000": (255, 'Error: argument "0x10000" is wrong: invalid group_fwd_mask'),
    "add n1 type vxlan learning": (1, "vxlan: missing virtual network identifier"),
    "add n1 type vxlan id 16777216": (255, 'Error: argument "16777216" is wrong: invalid id'),
    "add n1 type vxlan id 5 id 6": (255, 'Error: either "id" is duplicate, or "6" is a garbage.'),
    "add n1 type vxlan id 5 proxy noproxy": (255, 'Error: either "noproxy" is duplicate, or "noproxy" is a garbage.'),
    "add n1 type vxlan id 5 group 239.0.0.1": (1, "vxlan: 'group' requires 'dev' to be specified"),
    "add n1 type vxlan id 5 group 239.0.0.1 remote 1.1.1.1": (1, "vxlan: both group and remote cannot be specified"),
    "add n1 type vxlan id 5 group 1.1.1.1": (255, 'Error: argument "1.1.1.1" is wrong: invalid group address'),
    "add n1 type vxlan id 5 remote 1.1.1.1 local ::1": (1, 'Error: inet address is expected rather than "::1".'),
    "add n1 type vxlan id 5 dev nosuch": (255, 'Cannot find device "nosuch"'),
    "add n1 type vxlan id 5 ttl 256": (255, 'Error: argument "256" is wrong: TTL must be <= 255'),
    "add n1 type vxlan id 5 external": (1, "vxlan: both 'external' and vni cannot be specified"),
    "add n1 type vxlan id 5 vnifilter": (1, "vxlan: vnifilter is valid only when 'external' is set"),
    "add n1 type geneve ttl 5": (1, "geneve: missing virtual network identifier"),
    "add n1 type geneve id 5": (1, "geneve: remote link partner not specified"),
    "add n1 type macvlan mode x": (1, 'Error: argument of "mode" must be "private"'),
    "add n1 type macvlan nopromisc": (1, "macvlan: nopromisc flag only valid in passthru mode"),
    "add n1 type ipvlan mode l4": (1, 'Error: argument of "mode" must be either "l2", "l3" or "l3s"'),
    "add n1 type ipvlan vepa bridge": (1, 'ipvlan: unknown option "bridge"?'),
    "add n1 type vlan id 65536": (255, 'Error: argument "65536" is wrong: id is invalid'),
    "add n1 type vlan gvrp x": (1, 'Error: argument of "gvrp" must be "on" or "off", not "x"'),
    "add n1 type vrf table x": (255, 'Error: argument "x" is wrong: invalid table ID'),
    "add n1 type bond mode x": (255, 'Error: argument "x" is wrong: invalid mode'),
    "add n1 type bond primary nosuch": (1, 'Cannot find device "nosuch"'),
    "add n1 type bond arp_ip_target x": (1, 'Error: an IP address is expected rather than "x"'),
    "add n1 type gre key x": (255, 'invalid value for "key": "x"; it should be an unsigned integer'),
    "add n1 type gre remote 239.0.0.1": (1, "A broadcast tunnel requires a source address."),
    "add n1 type netkit foo": (1, 'netkit: unknown option "foo"?'),
}


@pytest.mark.parametrize("line", WRONG)
def test_wrong_words(line: str) -> None:
    verb, _, words = line.partition(" ")
    with pytest.raises(Exit) as caught:
        add_op(words) if verb == "add" else set_op(words)
    code, text = WRONG[line]
    assert caught.value.code == code
    assert caught.value.text.startswith(text)


@pytest.mark.parametrize("line", ["set lo help", "add h", "add n1 type bridge help", "add n1 type ipvlan he"])
def test_help(line: str) -> None:
    verb, _, words = line.partition(" ")
    with pytest.raises(Usage):
        add_op(words) if verb == "add" else set_op(words)


@pytest.mark.parametrize("line", ["set lo vf 0 mac 02:00:00:00:00:01", "set lo xdp off", "add n1 type sit remote 1.1.1.1"])
def test_what_only_the_real_ip_has(line: str) -> None:
    verb, _, words = line.partition(" ")
    with pytest.raises(NotOurs):
        add_op(words) if verb == "add" else set_op(words)


# ip's line is not enough: what we add to it
ADVICE = {
    "set lo upp": 'did you mean "up"?',
    "set lo mtuu 1400": 'did you mean "mtu"?',
    "add n1 type veth peer name n2 adress 02:00:00:00:00:01": 'did you mean "address"?',
    "add n1 type bridge stp_stat_ 1": 'did you mean "stp_state"?',
    "set lo name sixteen-bytes-xx": "a device name has at most 15 bytes, this has 16",
}


@pytest.mark.parametrize("line", ADVICE)
def test_advice(line: str) -> None:
    verb, _, words = line.partition(" ")
    with pytest.raises(Exit) as caught:
        add_op(words) if verb == "add" else set_op(words)
    assert ADVICE[line] in caught.value.why + caught.value.fix
