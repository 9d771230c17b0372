"""One file per kind of link: the attributes that its IFLA_INFO_DATA carries, as data.

A kind's module has `FIELDS` (number -> Field), `SLAVE` (the same for a port of such a master, or None), `KINDS` (kinds that
share the module with other fields, usually empty), `CONFIG` (the kernel option that brings it).
"""

from ..value import value


@value
class Field:
    """One attribute: its `name` (the kernel's, lower case, without prefix), its `type`, and what is inside when nested.

    Types: u8 u16 u32 u64 s32 be16 be32 string bytes flag ip mac ifindex netns link be16pair u32pair bridge_id macs ips map
    indices nest.
    """

    name: str
    type: str
    fields: "dict[int, Field] | None" = None


# kind -> module in this package
MODULES: dict[str, str] = {
    "veth": "veth", "bridge": "bridge", "vxlan": "vxlan", "macvlan": "macvlan", "macvtap": "macvlan", "ifb": "ifb",
    "tun": "tun", "vlan": "vlan", "ipvlan": "ipvlan", "ipvtap": "ipvlan", "dummy": "dummy", "vrf": "vrf", "bond": "bond",
    "wireguard": "wireguard", "geneve": "geneve", "gre": "gre", "gretap": "gre", "ip6gre": "gre", "ip6gretap": "gre",
    "netkit": "netkit",
}  # fmt: skip
