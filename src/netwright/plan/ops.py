"""Every operation, as a value: what is asked of the kernel, before anybody asks it.

An operation on links, addresses, routes, neighbours or rules is a rtnetlink message in names: `header` has the fields of its
fixed header, `settings` its attributes (names as in kernel/layouts.py: ifname, mtu, local, oif …). Devices stand there by
name ("eth0"), namespaces by name, path or PID; the engine finds the numbers. `namespace` is where it happens ("": here).
"""

from ..model.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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


if TYPE_CHECKING:
    NamespaceOp = AddNamespace | AttachNamespace | DeleteNamespace | SetNsid
    MessageOp = (
        AddLink | SetLink | DeleteLink | AddAltname | DeleteAltname | AddAddress | DeleteAddress
        | AddRoute | DeleteRoute | AddNeighbour | DeleteNeighbour | AddRule | DeleteRule
    )  # fmt: skip
    Op = NamespaceOp | MessageOp
