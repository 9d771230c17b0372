"""Up and down of a lab that lives in this process."""

from __future__ import annotations

from ..errors import Invalid, NetwrightError
from ..model.state import NOTHING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..kernel.guard import Guard
    from .lab import Lab


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
    todo = plan(lab._known, want)
    if lab._place is None:
        may_begin()
        lab._place, lab._views = Files(), OwnViews()
    names = {getattr(op, "namespace", "") for op in todo}
    try:
        enact(todo, lab._place, lab._views)
        wait_until_ready(lab._place, want, [name for name in want.namespaces if name in names])
    except NetwrightError:
        go_back(lab)
        raise
    _publish(lab)
    lab._known, lab._reached = want, lab.topology


def _publish(lab: Lab) -> None:
    """Ports of the machine that lead into the lab, where the topology has some; a relay of its own, under the lab's guard."""
    from .relay import start_attached, stop

    rules = lab.topology.publish
    if lab._published == rules:
        return
    if lab._relay is not None:
        stop(lab._relay)
        lab._relay = None
    if rules:
        assert lab._place is not None
        addresses = {rule.host: lab.addresses_of(rule.host) or ("127.0.0.1",) for rule in rules}
        lab._relay = start_attached(guard_of(lab), rules, addresses, {rule.host: lab._place.fd(rule.host) for rule in rules})
    lab._published = rules


def go_back(lab: Lab) -> None:
    """To the state that was reached last; to nothing when there was none."""
    from ..engine.enact import enact
    from ..engine.look import look
    from ..plan.planner import plan

    if lab._known is NOTHING:
        take_down(lab)
        return
    assert lab._place is not None
    assert lab._views is not None
    enact(plan(look(lab._place, lab._known, overlay=lab._views), lab._known), lab._place, lab._views)


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
