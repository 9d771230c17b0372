"""Up and down of a lab that lives in this process."""

from __future__ import annotations

import os

from ..errors import Conflict, Invalid, NetwrightError
from ..model.state import NOTHING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..kernel.guard import Guard
    from ..kernel.holder import Holder
    from ..model.state import State
    from .lab import Lab
    from .topology import Topology


def bring_up(lab: Lab) -> None:
    """Lead the lab to what is written down. The state that was reached last is known, so nothing has to be looked at."""
    from ..engine.enact import enact
    from ..engine.place import Files
    from ..engine.ready import wait_until_ready
    from ..kernel.views import OwnViews
    from ..plan.planner import plan

    want = lab.state
    if lab.topology.uplink:
        why = "an uplink is made in the machine's network, and has to be found again after a crash: that takes the journal of a held lab"
        raise Invalid(f"lab {lab.name} wants an uplink, and lives in this process", why=why, fix="nw up FILE; or leave `uplink` out")
    todo = plan(lab._known, whole(want, lab._known))
    if lab._place is None:
        may_begin()
        lab._place, lab._views = Files(), OwnViews()
    names = {getattr(op, "namespace", "") for op in todo}
    try:
        enact(todo, lab._place, lab._views)
        wait_until_ready(lab._place, want, [name for name in want.namespaces if name in names])
        _publish(lab, lab.topology, want)
    except (NetwrightError, OSError, KeyboardInterrupt):
        go_back(lab, want)
        raise
    lab._known, lab._reached = want, lab.topology


def _publish(lab: Lab, topology: Topology, want: State) -> None:
    """Ports of the machine that lead into the lab, where the topology has some; a relay of its own, under the lab's guard."""
    from .addresses_seen import every
    from .relay import start_attached, stop

    assert lab._place is not None
    hosts = {rule.host: lab._place.fd(rule.host) for rule in topology.publish}
    addresses = {host: every(want, host) for host in hosts}
    # A host that was made anew is another namespace, and the relay has that of the old one.
    wanted = (topology.publish, *((host, *addresses[host], os.fstat(fd).st_ino) for host, fd in hosts.items()))
    if lab._published == wanted or (not topology.publish and lab._relay is None):
        return
    patience = 0.0
    if lab._relay is not None:
        stop(lab._relay)
        lab._relay, lab._published, patience = None, (), 2.0
    if topology.publish:
        lab._relay = _when_free(lambda: start_attached(guard_of(lab), topology.publish, addresses, hosts), patience)
    lab._published = wanted


def _when_free(start: Callable[[], Holder], patience: float) -> Holder:
    """The old relay lets go of its ports when it is told to stop, and that takes it a moment: it may have the same ones."""
    from time import monotonic, sleep

    deadline = monotonic() + patience
    while True:
        try:
            return start()
        except Conflict:
            if monotonic() >= deadline:
                raise
            sleep(0.005)


def go_back(lab: Lab, tried: State) -> None:
    """To the state that was reached last; to nothing when there was none."""
    from ..engine.enact import enact
    from ..engine.look import look
    from ..plan.planner import plan
    from .known import merged

    if lab._known is NOTHING or lab._reached is None:
        take_down(lab)
        return
    assert lab._place is not None
    assert lab._views is not None
    known = whole(lab._known, tried)
    enact(plan(look(lab._place, merged(known, tried), overlay=lab._views), known), lab._place, lab._views)
    _publish(lab, lab._reached, lab._known)


def whole(want: State, known: State) -> State:
    """With the sysctls that are not wanted any more at what a new namespace has."""
    from .known import completed, lost

    keys = lost(want, known)
    return completed(want, known, dict.fromkeys(want.namespaces, _usual(keys))) if keys else want


def _usual(keys: set[str]) -> dict[str, str]:
    """Values of sysctls in a new namespace; those of devices are that of any device that comes."""
    from ..kernel import sysctl
    from ..kernel.making import make

    fd, netlink = make(["usual"])["usual"]
    try:
        general = {key: _of_any_device(key) for key in keys}
        found = sysctl.read(fd, general.values())
        return {key: found[other] for key, other in general.items() if other in found}
    finally:
        netlink.close()
        os.close(fd)


def _of_any_device(key: str) -> str:
    """net.ipv4.conf.eth0.rp_filter -> net.ipv4.conf.default.rp_filter"""
    parts = key.split(".")
    if len(parts) == 5 and parts[2] in ("conf", "neigh") and parts[3] not in ("all", "lo"):
        parts[3] = "default"
    return ".".join(parts)


def may_begin() -> None:
    """Make sure that this process may make network namespaces, by a user namespace where it is not root. CallFailed with the reason and the fix."""
    from ..kernel import userns

    if not userns.capable():
        userns.gain()


def guard_of(lab: Lab) -> Guard:
    """What the lab's programs run under: they end with it, and it ends with this process."""
    from ..kernel.guard import Guard

    if lab._guard is None:
        lab._guard = Guard.start()
    return lab._guard


def take_down(lab: Lab) -> None:
    """Programs first, then the files that hold everything: the kernel takes the namespaces apart by itself."""
    from ..kernel.holder import reap

    if lab._guard is not None:
        lab._guard.close()
        lab._guard = None
    if lab._relay is not None:
        reap(lab._relay.pid)
        lab._relay = None
    for program in lab._programs:
        program.wait()
    lab._programs.clear()
    if lab._place is not None:
        lab._place.close()
        lab._place = None
    if lab._views is not None:
        lab._views.close()
        lab._views = None
    lab._known, lab._reached, lab._published = NOTHING, None, ()
