"""Flows through published UDP ports end when the port is published no more."""

from ..engine.narrow import Spots
from .wiring import HOST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .values import Leg, Port


def forget(ports: "Iterable[Port]", legs: "Iterable[Leg]") -> None:
    """What the kernel remembers of them is deleted; TCP's connections know themselves when they end."""
    wanted = [port for port in ports if port.protocol == "udp"]
    if not wanted:
        return
    from ..kernel import conntrack

    targets = [leg.host for leg in legs]
    with Spots({HOST: None}) as place:
        for port in wanted:
            conntrack.forget(place.fd(HOST), port.protocol, port.host_port, targets, port.count)
