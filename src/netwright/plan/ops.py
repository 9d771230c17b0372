"""Every operation, as a value: what is asked of the kernel, before anybody asks it.

An operation on links, addresses, routes, neighbours or rules is a rtnetlink message in names: `header` has the fields of its
fixed header, `settings` its attributes (names as in kernel/layouts.py: ifname, mtu, local, oif …). Devices stand there by
name ("eth0"), namespaces by name, path or PID; the engine finds the numbers. `namespace` is where it happens ("": here).
"""

from ..model.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..model.filter import Filter
    from ..model.nft import Table
    from ..model.qdisc import Qdisc

    Fields = dict[str, Any]


@value
class AddNamespace:
    """`ip netns add NAME`"""

    name: str


@value
class AttachNamespace:
    """`ip netns attach NAME PID`"""

    name: str
    pid: int


@value
class DeleteNamespace:
    """`ip netns delete NAME`"""

    name: str


@value
class SetNsid:
    """`ip netns set NAME NETNSID`; nsid -1 is `auto`."""

    name: str
    nsid: int
    namespace: str = ""


@value
class AddLink:
    """`ip link add`; verb is add (must be new), replace or change. `settings["ifname"]`, `settings["linkinfo"]["kind"]`."""

    header: "Fields"
    settings: "Fields"
    verb: str = "add"
    namespace: str = ""


@value
class SetLink:
    """`ip link set`: header index is the device's name, or 0 with settings["group"] for a whole group."""

    header: "Fields"
    settings: "Fields"
    namespace: str = ""


@value
class DeleteLink:
    """`ip link delete`: header index is the device's name, or 0 with settings["group"]."""

    header: "Fields"
    settings: "Fields"
    namespace: str = ""


@value
class AddAltname:
    """`ip link property add dev NAME altname …`"""

    header: "Fields"
    settings: "Fields"
    namespace: str = ""


@value
class DeleteAltname:
    """`ip link property del dev NAME altname …`"""

    header: "Fields"
    settings: "Fields"
    namespace: str = ""


@value
class AddAddress:
    """`ip address add|change|replace`: header family, prefixlen, scope, index (device name); settings local, address …"""

    header: "Fields"
    settings: "Fields"
    verb: str = "add"
    namespace: str = ""


@value
class DeleteAddress:
    """`ip address del`"""

    header: "Fields"
    settings: "Fields"
    namespace: str = ""


@value
class AddRoute:
    """`ip route add|append|prepend|change|replace|test`"""

    header: "Fields"
    settings: "Fields"
    verb: str = "add"
    namespace: str = ""


@value
class DeleteRoute:
    """`ip route del`"""

    header: "Fields"
    settings: "Fields"
    namespace: str = ""


@value
class AddNeighbour:
    """`ip neighbour add|change|replace`"""

    header: "Fields"
    settings: "Fields"
    verb: str = "add"
    namespace: str = ""


@value
class DeleteNeighbour:
    """`ip neighbour del`"""

    header: "Fields"
    settings: "Fields"
    namespace: str = ""


@value
class AddRule:
    """`ip rule add`"""

    header: "Fields"
    settings: "Fields"
    namespace: str = ""


@value
class DeleteRule:
    """`ip rule del`"""

    header: "Fields"
    settings: "Fields"
    namespace: str = ""


# -- what is no rtnetlink message in names ---------------------------------------------------------------------------------


@value
class AddVlan:
    """`bridge vlan add dev LINK vid VID [pvid] [untagged] [self]`; `flags` is "", "pvid", "untagged" or "pvid untagged"."""

    link: str
    vid: int
    flags: str = ""
    own: bool = False
    namespace: str = ""


@value
class DeleteVlan:
    """`bridge vlan del dev LINK vid VID [self]`; `own`: of the bridge itself."""

    link: str
    vid: int
    own: bool = False
    namespace: str = ""


@value
class AddQdisc:
    """`tc qdisc|class add|replace`; verb is add or replace."""

    qdisc: "Qdisc"
    verb: str = "add"
    namespace: str = ""


@value
class DeleteQdisc:
    """`tc qdisc|class del`"""

    qdisc: "Qdisc"
    namespace: str = ""


@value
class AddFilter:
    """`tc filter add`"""

    filter: "Filter"
    namespace: str = ""


@value
class DeleteFilter:
    """`tc filter del`"""

    filter: "Filter"
    namespace: str = ""


@value
class SetSysctl:
    """`sysctl -w KEY=VALUE`; a `value` of several words is separated by tabs, as the kernel prints it."""

    key: str
    value: str
    namespace: str = ""


@value
class PutTable:
    """`nft -f -`: the table as it is wanted, in one transaction; what was in it before is gone."""

    table: "Table"
    namespace: str = ""


@value
class DeleteTable:
    """`nft delete table FAMILY NAME`"""

    family: str
    name: str
    namespace: str = ""


@value
class AddElements:
    """`nft add element FAMILY TABLE SET { … }`"""

    family: str
    table: str
    set: str
    elements: "tuple[str, ...]"
    namespace: str = ""


@value
class DeleteElements:
    """`nft delete element FAMILY TABLE SET { … }`"""

    family: str
    table: str
    set: str
    elements: "tuple[str, ...]"
    namespace: str = ""


@value
class PutFile:
    """A file that programs of the view see at `path` (/etc/hosts, /etc/resolv.conf)."""

    view: str
    path: str
    text: str


@value
class RemoveFile:
    """The file is no longer laid over `path`."""

    view: str
    path: str


if TYPE_CHECKING:
    NamespaceOp = AddNamespace | AttachNamespace | DeleteNamespace | SetNsid
    MessageOp = (
        AddLink | SetLink | DeleteLink | AddAltname | DeleteAltname | AddAddress | DeleteAddress
        | AddRoute | DeleteRoute | AddNeighbour | DeleteNeighbour | AddRule | DeleteRule
    )  # fmt: skip
    OtherOp = (
        AddVlan | DeleteVlan | AddQdisc | DeleteQdisc | AddFilter | DeleteFilter | SetSysctl | PutTable | DeleteTable
        | AddElements | DeleteElements | PutFile | RemoveFile
    )  # fmt: skip
    Op = NamespaceOp | MessageOp | OtherOp
