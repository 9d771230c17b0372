"""Which line of a lab an operation is about: so that a refusal of the kernel can be told in the words of the file."""

from __future__ import annotations

from ..model.state import State
from .topology import Problem, Topology, placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Path = tuple[str | int, ...]

_ROOT = "@"


def blamed(op: Any, topology: Topology, want: State) -> Problem:
    """Path and place of what in the lab `op` is about: a link, a switch, a cable, a host; the whole lab when that is unclear."""
    path = _path(op, topology, want)
    return placed(Problem(path, ""), topology.places)


def _path(op: Any, topology: Topology, want: State) -> Path:
    namespace = getattr(op, "namespace", "") or getattr(op, "name", "")
    device = _device(op)
    if namespace == _ROOT:
        return _in_root(device, topology, want)
    if namespace not in topology.hosts:
        return ()
    cable = _cable(namespace, device, topology)
    if cable is not None:
        return cable
    if device in topology.hosts[namespace].links:
        return ("hosts", namespace, "links", device)
    return ("hosts", namespace, *_part(op))


def _device(op: Any) -> str:
    """The name of the device that an operation is about; "" for none."""
    for found in (getattr(op, "header", {}).get("index"), *(getattr(op, "settings", {}).get(key) for key in ("ifname", "oif"))):
        if isinstance(found, str):
            return found
    return str(getattr(op, "link", "") or getattr(getattr(op, "qdisc", None), "link", ""))


def _in_root(device: str, topology: Topology, want: State) -> Path:
    """A switch, or the port of a host's link."""
    if device in topology.switches:
        return ("switches", device)
    there = want.namespaces[_ROOT].devices.get(device) if _ROOT in want.namespaces else None
    if there is None:
        return ()
    if there.peer and there.peer[0] in topology.hosts:
        host, link = there.peer
        return _cable(host, link, topology) or ("hosts", host, "links", link)
    return ("switches", there.master) if there.master in topology.switches else ()


def _cable(host: str, device: str, topology: Topology) -> Path | None:
    for number, cable in enumerate(topology.cables):
        if (host, device) in cable.ends and device:
            return ("cables", number)
    return None


def _part(op: Any) -> Path:
    """The key of a host that leads to an operation without a device."""
    kind = type(op).__name__
    if kind == "SetSysctl":
        return ("sysctls", op.key)
    return ("routes",) if kind in ("AddRoute", "DeleteRoute") else ()
