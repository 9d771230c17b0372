"""A network of containers as a value, and as JSON: `from_plain(to_plain(network)) == network`.

Nothing is looked up here. checks.py says what is wrong with one, creation.py fills in what was left open (subnets, the gateway,
the bridge's name) when it is made.
"""

from ..model.addressing import net, number_of, text_of
from ..model.value import value
from .reading import Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..model.addressing import Net

DRIVERS = ("bridge", "macvlan")
MODES = ("nat", "routed", "internal")
MACVLAN_MODES = ("bridge", "private", "vepa", "passthru")
NO_GATEWAY = "none"


@value
class Subnet:
    """`network` "10.1.0.0/24". `gateway`: "" is not chosen yet, "none" is none. `range`: the part that addresses are handed out
    of, a network inside or "10.1.0.100-10.1.0.199", "" for all of it. `reserved`: (name, address), never handed out."""

    network: str
    gateway: str = ""
    range: str = ""
    reserved: "tuple[tuple[str, str], ...]" = ()

    @property
    def net(self) -> "Net":
        """As numbers."""
        return net(self.network)

    @property
    def family(self) -> int:
        """4 or 6."""
        return 6 if ":" in self.network else 4

    @property
    def router(self) -> str:
        """The gateway's address, "" for none."""
        return "" if self.gateway == NO_GATEWAY else self.gateway

    def span(self) -> tuple[int, int]:
        """The first and the last number that is handed out, as far as they are usable."""
        first, last = span_of(self.range) if self.range else (self.net.base, self.net.last)
        return max(first, self.net.base), min(last, self.net.last)

    def first_free(self) -> "int | None":
        """The first address that a gateway can have: usable and not reserved."""
        found, blocked = self.net, self.blocked()
        last = min(found.last, found.base + len(blocked) + 2)
        return next((n for n in range(found.base, last + 1) if n not in blocked and found.usable(n) and (n != found.base or found.size < 3)), None)

    def blocked(self) -> frozenset[int]:
        """The numbers that are not: the gateway's and the reserved."""
        return frozenset(number_of(text)[0] for text in (self.router, *(address for _, address in self.reserved)) if text)


@value
class Dns:
    """The answers that a network gives: whether it does, the `domain` its names are in besides, `servers` for all other names
    ("" and none: the host's), `search` domains of its containers."""

    on: bool = True
    domain: str = ""
    servers: "tuple[str, ...]" = ()
    search: "tuple[str, ...]" = ()


@value
class Network:
    """A network.

    `mode` nat: out by the host's address, in by published ports; routed: with its own addresses both ways; internal: neither.
    `allow`: networks whose containers may talk to its own ("*": all); it goes both ways. `trusted`: devices of the host from
    which unpublished ports can be reached. `icc`: whether its containers may talk to each other. `device`: the bridge, or the
    host's own leg of a macvlan (`shim`). `parent`: the device that a macvlan stands on. `bind`: where ports are published for
    which no address is given. `ingress` and `egress`: bits a second to and from each container, 0 no limit. `mtu` 0: the uplink's.
    """

    name: str
    driver: str = "bridge"
    subnets: "tuple[Subnet, ...]" = ()
    mode: str = "nat"
    masquerade: bool = True
    icc: bool = True
    allow: "tuple[str, ...]" = ()
    trusted: "tuple[str, ...]" = ()
    device: str = ""
    mtu: int = 0
    parent: str = ""
    macvlan_mode: str = "bridge"
    shim: bool = True
    dns: Dns = Dns()
    bind: "tuple[str, ...]" = ("127.0.0.1", "::1")
    ingress: int = 0
    egress: int = 0
    labels: "tuple[tuple[str, str], ...]" = ()
    options: "tuple[tuple[str, str], ...]" = ()

    @property
    def masqueraded(self) -> bool:
        """Whether its addresses are replaced by the host's on the way out."""
        return self.driver == "bridge" and self.mode == "nat" and self.masquerade

    @property
    def guarded(self) -> bool:
        """Whether it is reached from outside by published ports only."""
        return self.driver == "bridge" and self.mode == "nat"

    def of(self, family: int) -> "tuple[Subnet, ...]":
        """Its subnets of one family."""
        return tuple(subnet for subnet in self.subnets if subnet.family == family)


def span_of(text: str) -> tuple[int, int]:
    """("10.1.0.100-10.1.0.199" or "10.1.0.128/25") -> its first and last number. ValueError."""
    first, dash, last = text.partition("-")
    if not dash:
        found = net(text)
        return found.base, found.last
    (low, family), (high, other) = number_of(first.strip()), number_of(last.strip())
    if family != other:
        raise ValueError(f"{text!r} begins in IPv{family} and ends in IPv{other}")
    if high < low:
        raise ValueError(f"{text!r} runs backwards: write {text_of(high, family)}-{text_of(low, family)}")
    return low, high


# -- JSON --------------------------------------------------------------------------------------------------------------------


def to_plain(network: Network) -> "dict[str, Any]":
    """What JSON can hold; what is as usual is left out."""
    out = _plain(network)
    if "subnets" in out:
        out["subnets"] = [_plain(subnet) for subnet in network.subnets]
    if "dns" in out:
        out["dns"] = _plain(network.dns)
    return out


def _plain(item: "Any") -> "dict[str, Any]":
    usual = type(item).__defaults__
    given = ((name, getattr(item, name)) for name in type(item).__slots__)
    return {name: _listed(found) for name, found in given if name not in usual or found != usual[name]}


def _listed(item: "Any") -> "Any":
    if isinstance(item, tuple):
        pairs = item and all(isinstance(part, tuple) for part in item)
        return dict(item) if pairs else list(item)
    return item


def from_plain(data: object) -> Network:
    """The network of which `to_plain` made this; anything else, of any shape, is Mistakes with all that is wrong in its form."""
    reader = Reader(data)
    found = Network(
        name=reader.text("name"), driver=reader.text("driver", "bridge"),
        subnets=tuple(_subnet(part) for part in reader.parts("subnets")),
        mode=reader.text("mode", "nat"), masquerade=reader.flag("masquerade", True), icc=reader.flag("icc", True),
        allow=reader.texts("allow"), trusted=reader.texts("trusted"), device=reader.text("device"), mtu=reader.number("mtu"),
        parent=reader.text("parent"), macvlan_mode=reader.text("macvlan_mode", "bridge"), shim=reader.flag("shim", True),
        dns=_dns(reader.part("dns")), bind=reader.texts("bind", ("127.0.0.1", "::1")),
        ingress=reader.number("ingress"), egress=reader.number("egress"), labels=reader.pairs("labels"), options=reader.pairs("options"),
    )  # fmt: skip
    reader.done(needed=("name",))
    return found


def _subnet(reader: Reader) -> Subnet:
    found = Subnet(reader.text("network"), reader.text("gateway"), reader.text("range"), reader.pairs("reserved"))
    reader.done(needed=("network",))
    return found


def _dns(reader: Reader) -> Dns:
    found = Dns(reader.flag("on", True), reader.text("domain"), reader.texts("servers"), reader.texts("search"))
    reader.done()
    return found
