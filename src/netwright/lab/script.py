"""A lab as a shell script of plain ip, bridge, nft, sysctl and tc commands, in namespaces that are called LAB.HOST."""

from __future__ import annotations

from ..model.state import State, named
from ..plan.explain import script as commands
from ..plan.planner import plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .topology import Topology


_HEAD = """\
#!/bin/sh
# Builds the lab {lab} among the named namespaces of this machine: run it as root.
# It is removed by: for n in $(ip netns list | grep -o '^{lab}[.][^ ]*'); do ip netns del $n; rm -rf /etc/netns/$n; done
"""


def prefixed(state: State, lab: str) -> State:
    """The same with every namespace called LAB.HOST."""
    return named(state, lambda host: f"{lab}.{host}")


def script(topology: Topology) -> str:
    """The script: run as root, it builds the lab among the machine's named namespaces. LabInvalid."""
    from .compile import compile

    want = prefixed(compile(topology), topology.name)
    views: dict[str, list[str]] = {}
    for name, namespace in want.namespaces.items():
        views.setdefault(namespace.view, []).append(name)
    return _HEAD.format(lab=topology.name) + commands(plan(State(), want), views).removeprefix("#!/bin/sh\n")
