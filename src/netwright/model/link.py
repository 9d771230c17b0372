"""A link (a network device) as it is."""

from .value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@value
class Link:
    """One device of one namespace; its identity is (namespace, name).

    `index` is the kernel's number, valid in that namespace only. `kind` is "" for real devices and lo. `state` is the
    operational state (up, down, lowerlayerdown, unknown …), `up` the administrative one. `address` is the hardware
    address, "" where there is none. `master` is the bridge, bond or vrf it is a port of, `link` the device it is made on
    or, for a veth, its other end; "" when there is none or when it is in another namespace: then `link_index` is
    its number there and `link_nsid` that namespace's number here (None: it is here). `mtu` in bytes. `flags` are the
    IFF_* bits. `options` are the kind's own attributes as pairs, all of them immutable.
    """

    name: str
    index: int = 0
    kind: str = ""
    up: bool = False
    state: str = "unknown"
    mtu: int = 0
    address: str = ""
    master: str = ""
    link: str = ""
    link_index: int = 0
    link_nsid: "int | None" = None
    flags: int = 0
    group: int = 0
    txqueuelen: int = 0
    alias: str = ""
    altnames: "tuple[str, ...]" = ()
    options: "tuple[tuple[str, Any], ...]" = ()

    def option(self, name: str, default: "Any" = None) -> "Any":
        """One of the kind's own attributes, such as `id` of a vxlan."""
        return dict(self.options).get(name, default)
