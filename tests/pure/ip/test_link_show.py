"""`ip link show`: a message in, text and JSON out. The texts are those of iproute2 6.1."""

import json
from typing import Any

import pytest
from link_fakes import FakeLinks
from shown_fakes import context, link, shown

from netwright.ip.exits import Exit, Usage
from netwright.ip.front import NotOurs
from netwright.ip.link import statistics
from netwright.ip.link.filter import Filter, parse
from netwright.ip.link.hardware import lladdr, type_name
from netwright.ip.link.headline import flag_names
from netwright.ip.link.pattern import fits
from netwright.ip.link.show import leave_to_ip, print_link
from netwright.ip.link.shown import FOREIGN, MODULES, SLAVE_MODULES
from netwright.kernel import rtnl
from netwright.model.kinds import MODULES as KINDS

UP = 0x11043  # UP BROADCAST RUNNING MULTICAST LOWER_UP
MAC = "02:00:00:00:00:07"
FULL: dict[str, Any] = {"qdisc": "noqueue", "operstate": 6, "linkmode": 0, "group": 0, "txqlen": 1000, "address": MAC, "broadcast": "ff:ff:ff:ff:ff:ff"}  # fmt: skip
HEAD = "7: x7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000\n"
SECOND = "    link/ether 02:00:00:00:00:07 brd ff:ff:ff:ff:ff:ff"
JSON = {
    "ifindex": 7, "ifname": "x7", "flags": ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"], "mtu": 1500, "qdisc": "noqueue",
    "operstate": "UP", "linkmode": "DEFAULT", "group": "default", "txqlen": 1000, "link_type": "ether", "address": MAC,
    "broadcast": "ff:ff:ff:ff:ff:ff",
}  # fmt: skip


def test_a_link() -> None:
    assert shown(link(flags=UP, **FULL)) == HEAD + SECOND + "\n"


def test_a_link_in_json() -> None:
    text = shown(link(flags=UP, **FULL), "json")
    assert json.loads(text) == JSON
    assert list(json.loads(text)) == list(JSON)


def test_a_link_among_addresses_has_no_mode() -> None:
    assert "mode" not in shown(link(flags=UP, **FULL), as_link=False)


def test_only_name_and_state_for_another_family() -> None:
    assert shown(link(flags=UP, **FULL), family=2, as_link=False).count("\n") == 1


# -- the first line ----------------------------------------------------------------------------------------------------

PEERS = {
    "a peer that is up": ({"link": 8}, link(8, UP), "x7@x8: <BROADCAST,UP> ", {"link": "x8", "flags": ["BROADCAST", "UP"]}),
    "a peer that is down": (
        {"link": 8}, link(8, 0), "x7@x8: <BROADCAST,UP,M-DOWN> ", {"link": "x8", "flags": ["BROADCAST", "UP", "M-DOWN"]},
    ),
    "a peer elsewhere": ({"link": 8, "link_netnsid": 3}, link(8, 0), "x7@if8: <BROADCAST,UP> ", {"link_index": 8}),
    "a peer that is gone": ({"link": 9}, link(8, 0), "x7@if9: <BROADCAST,UP> ", {"link": "if9"}),
    "no peer any more": ({"link": 0}, link(8, 0), "x7@NONE: <BROADCAST,UP> ", {"link": None}),
}  # fmt: skip


@pytest.mark.parametrize("case", PEERS)
def test_peer(case: str) -> None:
    values, peer, text, document = PEERS[case]
    assert shown(link(flags=0x43, **values), "", peer).startswith(f"7: {text}")
    found = json.loads(shown(link(flags=0x43, **values), "json", peer))
    assert {key: found[key] for key in document} == document


FLAGS = {
    0: [], 1: ["NO-CARRIER", "UP"], 0x41: ["UP"], 0x40: [], 0x49: ["LOOPBACK", "UP"],
    0x10000 | 0x1543: ["BROADCAST", "MULTICAST", "PROMISC", "MASTER", "UP", "LOWER_UP"], 0x80000000: ["80000000"],
    0xBE: ["BROADCAST", "POINTOPOINT", "NOARP", "DEBUG", "NOTRAILERS", "LOOPBACK"],
}  # fmt: skip


@pytest.mark.parametrize("flags", FLAGS)
def test_flags(flags: int) -> None:
    assert sorted(flag_names(flags)) == sorted(FLAGS[flags])
    assert flag_names(flags, down=True) == [*flag_names(flags), "M-DOWN"]


LINES: dict[str, tuple[dict[str, Any], str]] = {
    "state that nobody knows": ({"operstate": 9}, "mtu 1500 state 0x9\n    link/ether \n"),
    "mode that nobody knows": ({"linkmode": 7}, "mtu 1500 mode 7 \n    link/ether \n"),
    "group without a name": ({"group": 77}, "mtu 1500 group 77 \n    link/ether \n"),
    "a queue of 0": ({"txqlen": 0}, "mtu 1500 \n    link/ether \n"),
    "master": ({"master": 8}, "mtu 1500 master x8 \n    link/ether \n"),
    "event": ({"event": 4}, "mtu 1500 event NOTIFY PEERS \n    link/ether \n"),
    "event that nobody knows": ({"event": 12}, "mtu 1500 event 12 \n    link/ether \n"),
    "alias": ({"ifalias": "a b"}, "mtu 1500 \n    link/ether \n    alias a b\n"),
    "names": ({"prop_list": ["one", "two"]}, "mtu 1500 \n    link/ether \n    altname one\n    altname two\n"),
    "permanent address": ({"address": MAC, "perm_address": "02:00:00:00:00:99"}, f"mtu 1500 \n    link/ether {MAC} permaddr 02:00:00:00:00:99\n"),
    "permanent address as it is": ({"address": MAC, "perm_address": MAC}, f"mtu 1500 \n    link/ether {MAC}\n"),
    "namespace with a name": ({"link_netnsid": 3}, "mtu 1500 \n    link/ether  link-netns red\n"),
    "namespace without a name": ({"link_netnsid": 4}, "mtu 1500 \n    link/ether  link-netnsid 4\n"),
    "namespace without a number": ({"link_netnsid": -1}, "mtu 1500 \n    link/ether  link-netnsid unknown\n"),
    "moved": ({"new_netnsid": 3, "new_ifindex": 5}, "mtu 1500 \n    link/ether  new-netns red new-ifindex 5\n"),
    "moved to where no name is": ({"new_netnsid": 9}, "mtu 1500 \n    link/ether  new-netnsid 9\n"),
    "held down": ({"proto_down": 1}, "mtu 1500 \n    link/ether  protodown on \n"),
    "held down for reasons": (
        {"broadcast": MAC, "proto_down": 1, "proto_down_reason": {"value": 0b1001}},
        f"mtu 1500 \n    link/ether  brd {MAC} protodown on protodown_reason <0,3>\n",
    ),
    "not held down": ({"proto_down": 0}, "mtu 1500 \n    link/ether \n"),
}  # fmt: skip


@pytest.mark.parametrize("case", LINES)
def test_line(case: str) -> None:
    values, text = LINES[case]
    assert shown(link(**values), "", link(8)).split("> ", 1)[1] == text


def test_json_does_not_name_the_namespace_as_ip_does_not() -> None:
    found = link(link_netnsid=3, link=9)
    assert json.loads(shown(found, "json"))["link_netnsid"] == 3
    assert "link_netns" not in json.loads(shown(found, "json"))
    assert json.loads(shown(found, "json", applet=False))["link_netns"] == "red"
    assert "link_netns" not in json.loads(shown(link(link_netnsid=4), "json", applet=False))


def test_the_same_settings_are_made_once() -> None:
    one, other = link(7, UP, **FULL), link(8, UP, **FULL)
    made, chosen = context("", one, other), Filter(17, queue=True)
    print_link(made, one, chosen, link=True)
    print_link(made, other, chosen, link=True)
    assert len(chosen.texts) == 1
    assert made.out.text().count("mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000\n") == 2


def test_deleted() -> None:
    assert shown(link(kind=rtnl.DELLINK)).startswith("Deleted 7: x7: <")
    assert json.loads(shown(link(kind=rtnl.DELLINK), "json"))["deleted"] is True


def test_a_tunnel_shows_ip_addresses() -> None:
    found = link(type=778, flags=0x10, address=bytes([192, 0, 2, 1]), broadcast=bytes([192, 0, 2, 2]))
    assert shown(found).endswith("    link/gre 192.0.2.1 peer 192.0.2.2\n")
    assert json.loads(shown(found, "json"))["link_pointtopoint"] is True


def test_brief() -> None:
    found = link(flags=UP, **FULL)
    assert shown(found, "brief") == f"x7               UP             {MAC} <BROADCAST,MULTICAST,UP,LOWER_UP> \n"
    assert shown(found, "brief", family=0) == "x7               UP             "
    document = json.loads(shown(found, "brief json"))
    assert list(document) == ["ifname", "operstate", "address", "flags"]


def test_one_line() -> None:
    found = link(flags=UP, ifalias="a", prop_list=["b"], **FULL)
    assert shown(found, "oneline") == HEAD[:-1] + "\\" + SECOND + "\\    alias a\\    altname b\n"


# -- details -----------------------------------------------------------------------------------------------------------


def data(kind: str, **values: Any) -> dict[str, Any]:
    return {"linkinfo": {"kind": kind, "data": values}}


def port(kind: str, **values: Any) -> dict[str, Any]:
    return {"linkinfo": {"slave_kind": kind, "slave_data": values}}


BRIDGE_ID = {"priority": 0x8000, "address": bytes([2, 0, 0, 0, 0, 0xB0])}
DETAILS: dict[str, tuple[dict[str, Any], str, Any]] = {
    "veth": ({"linkinfo": {"kind": "veth"}}, "    veth ", {"info_kind": "veth"}),
    "a kind that nobody knows": ({"linkinfo": {"kind": "what"}}, "    what ", {"info_kind": "what"}),
    "bridge": (
        data("bridge", forward_delay=1500, vlan_protocol=0x8100, bridge_id=BRIDGE_ID, root_id=BRIDGE_ID, hello_timer=123, group_fwd_mask=8, multi_boolopt={"value": 2, "mask": 3}, mcast_query_intvl=12500),
        "    bridge forward_delay 1500 vlan_protocol 802.1Q bridge_id 8000.2:0:0:0:0:b0 designated_root 8000.2:0:0:0:0:b0 hello_timer    1.23 group_fwd_mask 0x8 no_linklocal_learn 0 mcast_vlan_snooping 1 mcast_query_interval 12500 ",
        {"forward_delay": 1500, "vlan_protocol": "802.1Q", "bridge_id": "8000.2:0:0:0:0:b0", "root_id": "8000.2:0:0:0:0:b0", "hello_timer": 1.23, "group_fwd_mask": "0x8", "no_linklocal_learn": 0, "mcast_vlan_snooping": 1, "mcast_query_intvl": 12500},
    ),
    "port of a bridge": (
        port("bridge", state=3, priority=32, cost=2, mode=0, fast_leave=1, id=0x8001, group_fwd_mask=0x4002, backup_port=8),
        "    bridge_slave state forwarding priority 32 cost 2 hairpin off fastleave on port_id 0x8001 mcast_fast_leave on group_fwd_mask 0x4002 group_fwd_mask_str 0x2,lldp backup_port x8 ",
        {"state": "forwarding", "priority": 32, "cost": 2, "hairpin": False, "fastleave": True, "id": "0x8001", "group_fwd_mask": "0x4002", "group_fwd_mask_str": "0x2,lldp", "backup_port": "x8"},
    ),
    "vxlan": (
        data("vxlan", id=5, group="239.1.1.1", local="192.0.2.1", link=8, port_range={"low": 0, "high": 0}, port=4789, learning=0, tos=1, ttl=0, df=0, ageing=300, udp_csum=1, udp_zero_csum6_tx=0, gbp=True),
        "    vxlan id 5 group 239.1.1.1 local 192.0.2.1 dev x8 srcport 0 0 dstport 4789 nolearning tos inherit ttl auto ageing 300 udpcsum noudp6zerocsumtx gbp ",
        {"id": 5, "group": "239.1.1.1", "local": "192.0.2.1", "link": "x8", "port_range": {"low": 0, "high": 0}, "port": 4789, "learning": False, "tos": "0x1", "ttl": 0, "df": "unset", "ageing": 300, "udp_csum": True, "udp_zero_csum6_tx": False, "gbp": True},
    ),
    "vxlan over IPv6": (
        data("vxlan", id=5, group6="2001:db8::1", local6="::", df=2, label=0x12345, limit=9),
        "    vxlan id 5 remote 2001:db8::1 df inherit flowlabel 0x12345 maxaddr 9 ",
        {"id": 5, "remote6": "2001:db8::1", "df": "inherit", "label": "0x12345", "limit": 9},
    ),
    "vxlan with everything outside": (
        data("vxlan", collect_metadata=1, vnifilter=1, id=0, ageing=0), "    vxlan external vnifilterid 0 ageing none ", {"external": True, "vnifilter": True, "id": 0, "ageing": 0},
    ),
    "geneve": (
        data("geneve", id=9, remote="192.0.2.1", ttl=64, tos=4, df=1, port=6081, udp_csum=0),
        "    geneve id 9 remote 192.0.2.1 ttl 64 tos 0x4 df set dstport 6081 noudpcsum ",
        {"id": 9, "remote": "192.0.2.1", "ttl": 64, "tos": "0x4", "df": "set", "port": 6081, "udp_csum": False},
    ),
    "gre": (
        data("gre", remote="192.0.2.1", local="0.0.0.0", link=8, ttl=0, pmtudisc=0, iflags=0xB000, ikey=9, encap_type=1, encap_flags=1, encap_sport=0, encap_dport=5555),
        "    gre remote 192.0.2.1 local any dev x8 ttl inherit nopmtudisc ikey 0.0.0.9 iseq icsum encap fou encap-sport auto encap-dport 5555 encap-csum noencap-csum6 noencap-remcsum ",
        {"remote": "192.0.2.1", "local": "any", "link": "x8", "ttl": 0, "pmtudisc": False, "ikey": "0.0.0.9", "iseq": True, "icsum": True, "encap": {"type": "fou", "sport": 0, "dport": 5555, "csum": True, "csum6": False, "remcsum": False}},
    ),
    "ip6gre": (
        data("ip6gre", remote="2001:db8::1", ttl=3, flags=0x4, flowinfo=0x1234567, encap_limit=4),
        "    ip6gre remote 2001:db8::1 local any hoplimit 3 encaplimit 4 tclass 0x12 flowlabel inherit ",
        {"remote": "2001:db8::1", "local": "any", "ttl": 3, "encap_limit": 4, "tclass": "0x12", "ip6_tnl_f_use_orig_flowlabel": True},
    ),
    "macvlan": (
        data("macvlan", mode=16, flags=1, macaddr_count=1, macaddr_data=[MAC], bc_queue_len=1000),
        f"    macvlan mode source nopromisc bcqueuelen 1000 remotes (1) {MAC} ",
        {"mode": "source", "nopromisc": True, "bcqueuelen": 1000, "macaddr_count": 1, "macaddr_data": [MAC]},
    ),
    "tun": (
        data("tun", type=1, pi=0, vnet_hdr=1, multi_queue=1, num_queues=2, persist=1, owner=0),
        "    tun type tun pi off vnet_hdr on multi_queue numqueues 2 persist on user root ",
        {"type": "tun", "pi": False, "vnet_hdr": True, "multi_queue": True, "numqueues": 2, "persist": True, "user": "root"},
    ),
    "tap of nobody we know": (
        data("tun", type=2, multi_queue=0, owner=4000000000), "    tun type tap user 4000000000 ", {"type": "tap", "multi_queue": False, "user": 4000000000},
    ),
    "vlan": (
        data("vlan", id=10, flags={"value": 9, "mask": 0}, egress_qos=[{"from": 1, "to": 2}], protocol=0x88A8),
        "    vlan protocol 802.1ad id 10 <REORDER_HDR,MVRP> \n      egress-qos-map { 1:2 } ",
        {"protocol": "802.1ad", "id": 10, "flags": ["REORDER_HDR", "MVRP"], "egress_qos": [{"from": 1, "to": 2}]},
    ),
    "ipvlan": (data("ipvlan", mode=1, flags=0), "    ipvlan  mode l3 bridge ", {"mode": "l3", "bridge": True}),
    "vrf": (data("vrf", table=10), "    vrf table 10 ", {"table": 10}),
    "port of a vrf": (port("vrf", table=10), "    vrf_slave table 10 ", {"table": 10}),
    "netkit": (
        data("netkit", mode=1, primary=1, policy=0, peer_policy=2), "    netkit mode l3 type primary policy forward peer policy blackhole ",
        {"mode": "l3", "type": "primary", "policy": "forward", "peer_policy": "blackhole"},
    ),
    "bond": (
        data("bond", mode=4, active_slave=8, arp_ip_target=["192.0.2.1", "192.0.2.2"], arp_validate=0, xmit_hash_policy=1, ad_lacp_rate=9, ad_info={"aggregator": 1, "partner_mac": MAC}),
        f"    bond mode 802.3ad active_slave x8 arp_ip_target 192.0.2.1,192.0.2.2 arp_validate none xmit_hash_policy layer3+4 lacp_rate UNKNOWN ad_aggregator 1 ad_partner_mac {MAC} ",
        {"mode": "802.3ad", "active_slave": "x8", "arp_ip_target": ["192.0.2.1", "192.0.2.2"], "arp_validate": None, "xmit_hash_policy": "layer3+4", "ad_lacp_rate": "UNKNOWN", "ad_info": {"aggregator": 1, "partner_mac": MAC}},
    ),
    "device of a bond": (
        port("bond", state=1, mii_status=0, perm_hwaddr=MAC, prio=-5, ad_actor_oper_port_state=0x85),
        f"    bond_slave state BACKUP mii_status UP perm_hwaddr {MAC} prio -5 ad_actor_oper_port_state 133 ad_actor_oper_port_state_str <active,aggregating,expired> ",
        {"state": "BACKUP", "mii_status": "UP", "perm_hwaddr": MAC, "prio": -5, "ad_actor_oper_port_state": 133, "ad_actor_oper_port_state_str": ["active", "aggregating", "expired"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DETAILS)
def test_details_of_a_kind(case: str) -> None:
    values, text, document = DETAILS[case]
    assert shown(link(**values), "details", link(8)).partition("link/ether \n")[2] == text + "\n"
    found = json.loads(shown(link(**values), "details json", link(8)))["linkinfo"]
    if "info_kind" in document:
        assert found == document
    else:
        inside = found.get("info_data", found.get("info_slave_data"))
        assert inside == document
        assert list(inside) == list(document)


def test_details_of_a_link() -> None:
    values = {"promiscuity": 1, "allmulti": 0, "min_mtu": 68, "max_mtu": 65535, "netns_immutable": 1, "num_tx_queues": 2, "gso_max_size": 65536, "phys_switch_id": b"\xff\x01", "parent_dev_name": "0000:00"}  # fmt: skip
    text = shown(link(af_spec={"inet6": {"addr_gen_mode": 0}}, **values), "details")
    assert text.splitlines()[1] == (
        "    link/ether  promiscuity 1 allmulti 0 minmtu 68 maxmtu 65535 netns-immutable addrgenmode eui64 numtxqueues 2 "
        "gso_max_size 65536 switchid ff01 parentdev 0000:00 "
    )


def test_every_kind_has_a_printer_or_nothing_to_print() -> None:
    silent = {"veth", "ifb", "dummy", "wireguard"}
    assert set(KINDS) == set(MODULES) | silent
    assert not FOREIGN & set(KINDS)
    assert set(SLAVE_MODULES) == {"bridge", "bond", "vrf"}


LEFT_TO_IP = {
    "a kind that ip knows better": ("details", link(linkinfo={"kind": "ipip"}), True),
    "the same without details": ("", link(linkinfo={"kind": "ipip"}), False),
    "a program": ("", link(xdp={"attached": 2, "prog_id": 7}), True),
    "no program": ("", link(xdp={"attached": 0}), False),
    "virtual functions": ("", link(num_vf=2), True),
    "none of them": ("", link(num_vf=0), False),
}


@pytest.mark.parametrize("case", LEFT_TO_IP)
def test_what_is_left_to_ip(case: str) -> None:
    options, found, left = LEFT_TO_IP[case]
    chosen = Filter(17)
    leave_to_ip(context(options, applet=False), [found], chosen)
    if left:
        with pytest.raises(NotOurs):
            leave_to_ip(context(options), [found], chosen)
        chosen.kind = "veth"
    leave_to_ip(context(options), [found], chosen)


def test_a_program_as_far_as_we_know_it() -> None:
    found = link(xdp={"attached": 2, "prog_id": 7})
    assert shown(found).endswith("mtu 1500 xdpgeneric \n    link/ether \n    prog/xdp id 7 \n")
    assert "mtu 1500 xdpgeneric/id:7 \n" in shown(found, as_link=False)
    assert json.loads(shown(found, "json"))["xdp"]["prog"] == {"id": 7}


# -- statistics --------------------------------------------------------------------------------------------------------

COUNTED = {"rx_bytes": 12345678901, "rx_packets": 12, "rx_missed_errors": 3, "tx_bytes": 999, "tx_packets": 1, "tx_carrier_errors": 4, "rx_over_errors": 5, "rx_otherhost_dropped": 6, "tx_heartbeat_errors": 7}  # fmt: skip
ONCE = (
    "    RX:   bytes packets errors dropped  missed   mcast           \n"
    "    12345678901      12      0       0       3       0 \n"
    "    TX:   bytes packets errors dropped carrier collsns           \n"
    "            999       1      0       0       4       0 "
)
TWICE = (
    "    RX:   bytes packets errors dropped  missed   mcast           \n"
    "    12345678901      12      0       0       3       0 \n"
    "    RX errors:   length    crc   frame    fifo overrun otherhost\n"
    "                      0      0       0       0       5         6 \n"
    "    TX:   bytes packets errors dropped carrier collsns           \n"
    "            999       1      0       0       4       0 \n"
    "    TX errors:  aborted   fifo  window heartbt transns\n"
    "                      0      0       0       7       2 "
)


@pytest.mark.parametrize(("options", "text"), [("stats", ONCE), ("stats stats", TWICE)])
def test_statistics(options: str, text: str) -> None:
    assert shown(link(stats64=COUNTED, carrier_changes=2), options).partition("link/ether \n")[2] == text + "\n"


def test_statistics_in_json() -> None:
    found = json.loads(shown(link(stats64=COUNTED, carrier_changes=2), "stats stats json"))["stats64"]
    assert found["rx"]["otherhost"] == 6
    assert "nohandler" not in found["rx"]
    assert list(found["tx"])[-2:] == ["heartbeat_errors", "carrier_changes"]


AMOUNTS = [
    (0, "", "0"), (999, "human", "999"), (1000, "human", "1.00k"), (12345, "human", "12.3k"), (999999, "human", "1000k"),
    (123456789, "human", "123M"), (1 << 63, "human", "9.22E"), (1000, "human iec", "1000"), (1024, "human iec", "1.00ki"),
    (5 << 30, "human iec", "5.00Gi"), (1000, "iec", "1000"),
]  # fmt: skip


@pytest.mark.parametrize(("count", "options", "text"), AMOUNTS)
def test_amount(count: int, options: str, text: str) -> None:
    assert statistics.amount(context(options), count) == text


def test_counters_of_ipv6() -> None:
    counted = b"".join(number.to_bytes(8, "little") for number in range(37))
    raw = (len(counted) + 4).to_bytes(2, "little") + b"\3\0" + counted
    found = link()
    found.attributes.raw[12] = raw
    stats = json.loads(shown(found, "stats json"))["stats64"]
    assert (stats["rx"]["packets"], stats["rx"]["bytes"], stats["tx"]["bytes"], stats["rx"]["multicast"]) == (
        1,
        2,
        6,
        23,
    )


# -- words -------------------------------------------------------------------------------------------------------------

WORDS: dict[str, dict[str, Any]] = {
    "": {}, "v0": {"index": 2, "device": "v0"}, "dev v0": {"index": 2, "device": "v0"}, "up": {"up": True},
    "group default": {"group": 0}, "group 0x10": {"group": 16}, "master br0": {"master": 3}, "nomaster": {"master": -1},
    "type veth": {"kind": "veth"}, "type bridge_slave": {"slave_kind": "bridge", "kind": None}, "scope link": {"scope": 253},
    "scope all": {"scope": None}, "label v*": {"label": "v*"}, "permanent": {"flags": 0x80, "flag_mask": 0x80},
    "dynamic": {"flags": 0, "flag_mask": 0x80}, "-dynamic": {"flags": 0x80}, "primary": {"flags": 0, "flag_mask": 1},
    "-tentative deprecated": {"flags": 0x20, "flag_mask": 0x60}, "to 10/8": {"family": 2}, "to 2001:db8::/32": {"family": 10},
    "up type veth group 7 dev v0": {"up": True, "kind": "veth", "group": 7, "index": 2}, "if9": {"index": 9},
}  # fmt: skip


@pytest.mark.parametrize("line", WORDS)
def test_words(line: str) -> None:
    made = context()
    made._links = FakeLinks("v0", "br0")  # type: ignore[assignment]
    chosen = parse(made, line.split(), 0, "address")
    assert {name: getattr(chosen, name) for name in WORDS[line]} == WORDS[line]


WRONG = {
    "nope": (1, 'Device "nope" does not exist.'),
    "dev": (255, 'Command line is not complete. Try option "help"'),
    "v0 br0": (255, 'Error: either "dev" is duplicate, or "br0" is a garbage.'),
    "v0 -foo": (255, 'Error: either "dev" is duplicate, or "-foo" is a garbage.'),
    "master nope": (255, 'Error: argument "nope" is wrong: Device does not exist\n'),
    "vrf v0": (255, 'Error: argument "v0" is wrong: Not a valid VRF name\n'),
    "group what": (255, 'Error: argument "what" is wrong: Invalid "group" value\n'),
    "group -1": (255, 'Error: argument "-1" is wrong: Invalid "group" value\n'),
    "scope 256": (255, 'Error: argument "256" is wrong: invalid "scope"\n'),
    "to x": (1, 'Error: any valid prefix is expected rather than "x".'),
}


@pytest.mark.parametrize("line", WRONG)
def test_wrong_words(line: str) -> None:
    made = context()
    made._links = FakeLinks("v0", "br0")  # type: ignore[assignment]
    with pytest.raises(Exit) as caught:
        parse(made, line.split(), 0, "address")
    assert (caught.value.code, caught.value.text) == WRONG[line]


@pytest.mark.parametrize("word", ["help", "hel", "h"])
def test_help(word: str) -> None:
    with pytest.raises(Usage) as caught:
        parse(context(), [word], 17, "link")
    assert caught.value.command == "link"


def test_similar_word() -> None:
    made = context()
    made._links = FakeLinks("v0")  # type: ignore[assignment]
    with pytest.raises(Exit) as caught:
        parse(made, ["v0", "nomastr"], 17, "link")
    assert "nomaster" in caught.value.fix


FILTERS: list[tuple[dict[str, Any], dict[str, Any], int]] = [
    ({"up": True}, {"flags": 1}, 1), ({"up": True}, {"flags": 0}, -1), ({"index": 7}, {}, 1), ({"index": 8}, {}, -1),
    ({"group": 5}, {"group": 5}, 1), ({"group": 5}, {"group": 0}, -1), ({"group": 5}, {}, 1),
    ({"master": 8}, {"master": 8}, 1), ({"master": 8}, {}, -1), ({"master": -1}, {"master": 8}, 1),
    ({"kind": "veth"}, {"linkinfo": {"kind": "veth"}}, 1), ({"kind": "veth"}, {}, -1),
    ({"slave_kind": "bridge"}, {"linkinfo": {"slave_kind": "bridge"}}, 1),
    ({"slave_kind": "bridge"}, {"linkinfo": {"kind": "bridge"}}, -1), ({"label": "x"}, {}, 0),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "values", "verdict"), FILTERS)
def test_filter(wanted: dict[str, Any], values: dict[str, Any], verdict: int) -> None:
    chosen = Filter(17)
    for name, value in wanted.items():
        setattr(chosen, name, value)
    assert chosen.link(link(**values)) == verdict
    assert bool(shown(link(**values), **wanted)) == (verdict == 1)


PATTERNS = [
    ("v0", "v0", True), ("v0", "v01", False), ("v*", "v", True), ("*", "", True), ("v?", "v0", True), ("v?", "v", False),
    ("v[01]", "v1", True), ("v[0-3]", "v4", False), ("v[!0-3]", "v4", True), ("v[^0]", "v0", False), ("v[]]", "v]", True),
    ("v[", "v[", True), ("v\\*", "v*", True), ("v\\*", "v0", False), ("*0*1", "a0b1", True), ("lo:[a-", "lo:[a-", True),
    ("", "", True), ("", "x", False), ("[a]", "", False), ("a\\", "a\\", True),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "text", "verdict"), PATTERNS)
def test_pattern(pattern: str, text: str, verdict: bool) -> None:
    assert fits(pattern, text) is verdict


def test_hardware() -> None:
    assert [type_name(number) for number in (1, 772, 65534, 4711)] == ["ether", "loopback", "none", "[4711]"]
    assert type_name(1, numeric=True) == "[1]"
    assert lladdr(bytes(6), 1) == "00:00:00:00:00:00"
    assert lladdr(bytes([192, 0, 2, 1]), 1) == "c0:00:02:01"
    assert lladdr(bytes(16), 823) == "::"
