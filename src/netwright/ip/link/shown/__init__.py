"""What `ip -details link show` says about the kind of a link, one file per kind: `show(context, data)` prints IFLA_INFO_DATA.

A kind that is not listed here shows its name only, as in ip; so do veth, ifb, dummy and wireguard, which have nothing to tell.
"""

from importlib import import_module

from ....kernel.codec import Attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...context import Context

# kind -> module here
MODULES = {
    "bridge": "bridge", "vxlan": "vxlan", "macvlan": "macvlan", "macvtap": "macvlan", "tun": "tun", "vlan": "vlan",
    "ipvlan": "ipvlan", "ipvtap": "ipvlan", "vrf": "vrf", "bond": "bond", "geneve": "geneve", "gre": "gre",
    "gretap": "gre", "ip6gre": "ip6gre", "ip6gretap": "ip6gre", "netkit": "netkit",
}  # fmt: skip
SLAVE_MODULES = {"bridge": "bridge_slave", "bond": "bond_slave", "vrf": "vrf"}
# Kinds about which the real ip has more to say than their name.
FOREIGN = frozenset((
    "amt", "bareudp", "batadv", "can", "dsa", "erspan", "gtp", "hsr", "ip6erspan", "ip6tnl", "ipip", "ipoib", "macsec",
    "rmnet", "sit", "vti", "vti6", "wwan", "xfrm",
))  # fmt: skip


def print_linkinfo(context: "Context", linkinfo: Attributes) -> None:
    """The part of the kind, and the part that its master adds, each on a line of its own."""
    out = context.out
    out.open_object("linkinfo")
    kind = linkinfo.get("kind")
    if kind is not None:
        out.line()
        out.put("info_kind", f"    {kind} ", kind)
        if kind in MODULES:
            out.open_object("info_data")
            _show(context, MODULES[kind], linkinfo.get("data"))
            out.close_object()
    master = linkinfo.get("slave_kind")
    if master is not None:
        out.line()
        out.put("info_slave_kind", f"    {master}_slave ", master)
        if master in SLAVE_MODULES:
            out.open_object("info_slave_data")
            _show(context, SLAVE_MODULES[master], linkinfo.get("slave_data"))
            out.close_object()
    out.close_object()


def _show(context: "Context", module: str, data: object) -> None:
    if isinstance(data, Attributes):
        import_module(f".{module}", __name__).show(context, data)
