"""Calls of plugins as values, and wirings as the commands that a person would type."""

from netwright.cni.protocol.call import Call
from netwright.cni.protocol.config import Config
from netwright.cni.protocol.result import Address, Interface, Result, Route
from netwright.model.state import Namespace, State
from netwright.networks.wiring import BOX, HOST, Wiring
from netwright.plan.explain import shell
from netwright.plan.planner import plan

NOTHING = State({HOST: Namespace(), BOX: Namespace()})
ONE = Result((), (Address("10.1.0.2/24", "10.1.0.1"),), (Route("0.0.0.0/0"),))
BOTH = Result((), (Address("10.1.0.2/24", "10.1.0.1"), Address("fd01::2/64", "fd01::1")), (Route("0.0.0.0/0"), Route("::/0")))
CABLE = (Interface("br0"), Interface("veth1"), Interface("eth0", sandbox="/run/netns/c1"))


def call(command: str = "ADD", *, cni_args: dict[str, str] | None = None, ifname: str = "eth0", **keys: object) -> Call:
    """As a runtime would make it of these keys of a configuration."""
    config = Config({"cniVersion": "1.1.0", "name": "n", **keys}, lenient=command == "DEL")
    return Call(command, "c1", "/run/netns/c1", ifname, cni_args or {}, ("/opt/cni/bin",), config)


def commands(wiring: Wiring) -> list[str]:
    """What is done where nothing is there yet."""
    return [shell(op).replace("ip netns exec box ", "box: ") for op in [*plan(NOTHING, wiring.want), *wiring.also]]
