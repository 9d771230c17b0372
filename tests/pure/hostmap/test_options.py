"""The settings of devices: by the kernel's names, with the words of ip(8), in what JSON can hold."""

import json

import pytest

from netwright.hostmap import options, reading
from netwright.kernel import kinds, rtnl

CASES = {
    "macvlan": [({"mode": 4, "flags": 0}, {"mode": "bridge"}), ({"mode": 8, "flags": 3}, {"mode": "passthru", "nopromisc": True, "nodst": True})],
    "macvtap": [({"mode": 1, "flags": 0}, {"mode": "private"}), ({"mode": 64}, {"mode": 64})],
    "ipvlan": [({"mode": 0, "flags": 0}, {"mode": "l2", "bridge": True}), ({"mode": 2, "flags": 1}, {"mode": "l3s", "private": True})],
    "ipvtap": [({"mode": 1, "flags": 2}, {"mode": "l3", "vepa": True})],
    "bond": [
        ({"mode": 0, "miimon": 0}, {"mode": "balance-rr"}), ({"mode": 1, "miimon": 100}, {"mode": "active-backup", "miimon": 100}),
        ({"mode": 4, "ad_select": 1}, {"mode": "802.3ad"}),
    ],
    "netkit": [({"mode": 1, "primary": 1, "policy": 0}, {"mode": "l3", "primary": True, "policy": "forward"}), ({"policy": 2}, {"policy": "blackhole"})],
    "tun": [({"type": 1, "persist": 1, "owner": 1000}, {"type": "tun", "persist": True, "owner": 1000}), ({"type": 2, "pi": 0}, {"type": "tap", "pi": False})],
    "vlan": [({"id": 7, "protocol": 0x88A8}, {"id": 7, "protocol": "802.1ad"}), ({"id": 0, "protocol": 0x9100}, {"id": 0, "protocol": 0x9100})],
    "vxlan": [({"id": 5, "learning": 0, "ttl": 3, "local": "192.0.2.1"}, {"id": 5, "learning": False, "local": "192.0.2.1"})],
    "gretap": [({"link": 3, "iflags": 0x2000, "remote": "192.0.2.1", "encap_type": 2}, {"remote": "192.0.2.1", "encap_type": "gue"})],
    "bridge": [({"stp_state": 1, "vlan_filtering": 0, "vlan_default_pvid": 1}, {"stp_state": 1, "vlan_default_pvid": 1})],
    "vrf": [({"table": 10}, {"table": 10})],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "sent", "said"), [(kind, *case) for kind, cases in CASES.items() for case in cases])
def test_numbers_of_the_kernel_are_words(kind: str, sent: dict, said: dict) -> None:
    codec = kinds.data_codec(kind)
    found = options.told(kind, codec.decode(codec.encode(sent, None)))
    assert dict(found) == said
    assert list(found) == sorted(found)
    assert json.loads(json.dumps(found)) == [list(pair) for pair in found]


def test_what_is_not_known_has_no_settings() -> None:
    assert options.told("odd", None) == options.told("odd", b"\1\0\0\0") == options.told("veth", None) == ()


def test_the_active_port_of_a_bond_is_a_device() -> None:
    """The kernel says its index, which means nothing to whoever reads a map."""
    data = {"kind": "bond", "data": {"mode": 1, "active_slave": 7}}
    draft = reading.Draft(rtnl.LINK.request(rtnl.NEWLINK, 0, {"index": 3}, {"ifname": "bond0", "linkinfo": data}).body)
    assert draft.beside() == (0, 7)
    assert dict(draft.link({7: "eth1"}, None, None, "").options) == {"mode": "active-backup", "active_slave": "eth1"}
