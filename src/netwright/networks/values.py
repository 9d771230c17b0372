"""What a container's network is made of, as values: ports, legs (addresses of an interface), attachments."""

from ..model.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model.route import Route

PROTOCOLS = ("tcp", "udp", "sctp")


@value
class Port:
    """A published port: `docker run -p HOST_IP:HOST_PORT:PORT/PROTOCOL`.

    `host_ip` "" is every address of the host. `host_port` 0 is any free one. `count` > 1: that many in a row on both sides.
    """

    protocol: str = "tcp"
    host_ip: str = ""
    host_port: int = 0
    port: int = 0
    count: int = 1


@value
class Leg:
    """One address of an interface: `address` with its prefix length ("10.1.0.2/24"), `gateway` "" where there is none."""

    address: str
    gateway: str = ""

    @property
    def host(self) -> str:
        """The address alone."""
        return self.address.partition("/")[0]

    @property
    def family(self) -> int:
        """4 or 6."""
        return 6 if ":" in self.address else 4


@value
class Attachment:
    """One interface of one container on one network.

    `owner` names it in rules and errors (container and interface). `device` is the bridge, or the device of the host that leads
    to the container; `port` the host's end of the cable ("" where there is none: macvlan), `interface` the container's end.
    `sources`: whether its addresses are masqueraded. `routes` are those inside the container, `mac` and `mtu` "" and 0 for the
    kernel's choice. `isolated`: no frames to other isolated ports of the same bridge. `ingress` and `egress` are bits a second
    towards the container and from it.
    """

    owner: str
    network: str
    device: str
    port: str
    interface: str
    legs: "tuple[Leg, ...]" = ()
    routes: "tuple[Route, ...]" = ()
    mac: str = ""
    mtu: int = 0
    masquerade: bool = False
    isolated: bool = False
    hairpin: bool = False
    ports: "tuple[Port, ...]" = ()
    ingress: int = 0
    egress: int = 0
