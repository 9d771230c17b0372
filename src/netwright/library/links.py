"""Links of a namespace: read and changed (`ip link`)."""

from __future__ import annotations

from ..engine import observe
from ..errors import Gone, Invalid
from ..model import ifinfo
from ..model.link import Link
from ..model.names import is_device_name, why_not_device_name
from ..plan import ops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    from ..plan.ops import MessageOp
    from .channel import Channel
    from .namespace import Namespace

    Where: TypeAlias = Namespace | str | int

_PLAIN = {"mtu": "mtu", "address": "address", "alias": "ifalias", "group": "group", "txqueuelen": "txqlen"}


class LinkVerbs:
    """add, set and delete: done at once by `Namespace.links`, collected by `Batch.links`."""

    def __init__(self, do: Callable[[MessageOp], None]) -> None:
        self._do = do

    def add(
        self,
        name: str,
        kind: str,
        *,
        up: bool = False,
        index: int = 0,
        mtu: int | None = None,
        address: str | None = None,
        link: str | int | None = None,
        master: str | int | None = None,
        group: int | None = None,
        txqueuelen: int | None = None,
        namespace: Where | None = None,
        peer: str | None = None,
        peer_namespace: Where | None = None,
        peer_index: int = 0,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        """Make a link: `ip link add NAME type KIND …`.

        `link` is the device that a vlan or macvlan is made on. `peer` is the other end of a veth; `peer_namespace` has
        it made there, which is much cheaper than moving it. The peer is down: the kernel makes it before its mate.
        `index` and `peer_index` choose the kernel's numbers (0: any free one). `options` are the kind's own attributes by
        the kernel's names, as {"id": 42} of a vxlan. (The kernel takes no alias here: `set` it.)
        Invalid for a bad name; Exists, NotSupported (a kind that this kernel lacks), NotPermitted, Refused.
        """
        settings: dict[str, Any] = {"ifname": _checked(name)}
        _fill(settings, mtu=mtu, address=address, group=group, txqueuelen=txqueuelen)
        _refer(settings, link=link, master=master, namespace=namespace)
        info: dict[str, Any] = {"kind": kind}
        if peer is not None:
            info["data"] = {"peer": _peer(peer, peer_namespace, peer_index)}
        elif options:
            info["data"] = dict(options)
        settings["linkinfo"] = info
        header = {"index": index, "flags": 1, "change": 1} if up else {"index": index}
        self._do(ops.AddLink(header, settings))

    def set(
        self,
        name: str | int,
        *,
        up: bool | None = None,
        rename: str | None = None,
        mtu: int | None = None,
        address: str | None = None,
        master: str | int | None = None,
        alias: str | None = None,
        group: int | None = None,
        txqueuelen: int | None = None,
        namespace: Where | None = None,
        arp: bool | None = None,
        multicast: bool | None = None,
        allmulticast: bool | None = None,
        promisc: bool | None = None,
    ) -> None:
        """Change a link, by name or index: `ip link set NAME …`. `master=""` is `nomaster`.

        `namespace` moves it: 16 to 24 ms, and it loses addresses, routes, master and the up flag. Some drivers refuse to
        be renamed or given another address while they are up. Gone, Missing, Exists, NotPermitted, Refused.
        """
        header: dict[str, Any] = {"index": name}
        switches = {"arp": arp, "multicast": multicast, "allmulticast": allmulticast, "promisc": promisc}
        flags, change = _flags(up, switches)
        if change:
            header["flags"], header["change"] = flags, change
        settings: dict[str, Any] = {} if rename is None else {"ifname": _checked(rename)}
        _fill(settings, mtu=mtu, address=address, alias=alias, group=group, txqueuelen=txqueuelen)
        _refer(settings, link=None, master=0 if master == "" else master, namespace=namespace)
        self._do(ops.SetLink(header, settings))

    def delete(self, name: str | int) -> None:
        """Remove a link (and a veth's other end): `ip link delete NAME`. About 22 ms each. Gone, Missing, NotSupported."""
        self._do(ops.DeleteLink({"index": name}, {}))


class Links(LinkVerbs):
    """The links of one namespace; add, set, delete take effect at once."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel.do)
        self._channel = channel

    def list(self) -> tuple[Link, ...]:
        """All links in the kernel's order: `ip -d link show`."""
        with self._channel.session() as session:
            return observe.links(session)

    def get(self, name: str) -> Link:
        """One link, by name or alternative name: `ip -d link show dev NAME`. Gone when there is none."""
        with self._channel.session() as session:
            found = session.link(name)
            if found is None:
                raise Gone(f'Cannot find device "{name}"', why=f"{self._channel.label} has no such link", fix="see links.list()")
            return observe.link(found, observe.LinkNames(session))


def _checked(name: str) -> str:
    if not is_device_name(name):
        raise Invalid(f'"{name}" not a valid ifname', why=why_not_device_name(name))
    return name


def _fill(settings: dict[str, Any], **given: Any) -> None:
    for name, item in given.items():
        if item is not None:
            settings[_PLAIN[name]] = item


def _refer(settings: dict[str, Any], *, link: str | int | None, master: str | int | None, namespace: Where | None) -> None:
    if link is not None:
        settings["link"] = link
    if master is not None:
        settings["master"] = master
    if namespace is not None:
        settings["net_ns_fd"] = _place(namespace)


def _place(where: Where) -> str | int:
    """What goes into IFLA_NET_NS_FD: an open fd, or a reference that the engine opens."""
    if isinstance(where, str):
        return where
    return f"/proc/{where}/ns/net" if isinstance(where, int) else where.fileno()


def _peer(name: str, where: Where | None, index: int) -> dict[str, Any]:
    peer: dict[str, Any] = {"index": index, "ifname": _checked(name)}
    if where is not None:
        peer["net_ns_fd"] = _place(where)
    return peer


def _flags(up: bool | None, switches: Mapping[str, bool | None]) -> tuple[int, int]:
    flags, change = (int(up), 1) if up is not None else (0, 0)
    for word, on in switches.items():
        if on is not None:
            bit, when = ifinfo.SWITCHES[word]
            change |= bit
            flags |= bit if on is when else 0
    return flags, change
