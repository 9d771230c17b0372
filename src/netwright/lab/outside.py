"""What a lab has outside of its holder: names in /run/netns (`--pin`), ports of the machine, the uplink.

Each thing is written into the journal before it is made and taken out after it is gone, so that a killed command leaves
nothing unknown. A thing is recognised by what it is, not by its name alone: a pin by the namespace behind it, the uplink by
its alias, a relay by its process's start.
"""

from __future__ import annotations

import os

from ..engine.journal import Journal, Outside
from ..errors import Conflict, Gone, NetwrightError
from ..kernel import namespaces
from ..kernel.holder import Holder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model.state import State
    from .topology import Topology


def check(name: str, topology: Topology, pin: bool | None) -> None:
    """Before anything is done: what cannot be made outside, all of it at once. Conflict."""
    problems = []
    if pin and os.getuid():
        problems.append("--pin needs root: /run/netns belongs to root (inside the lab, `ip netns` knows the hosts anyway: nw shell LAB/@)")
    if pin and not os.getuid():
        problems += [f"/run/netns/{name}.{host} is there already" for host in topology.hosts if not _ours_or_free(name, host)]
    if topology.publish:
        from .relay import check_free

        problems += check_free(topology.publish, name)
    if topology.uplink:
        from .uplink import why_not

        problems += [why] if (why := why_not()) else []
    if problems:
        raise Conflict(f"lab {name} cannot come up", why="; ".join(problems), fix="nothing was made; mend that and try again")


def _ours_or_free(lab: str, host: str) -> bool:
    path = namespaces.path_of(f"{lab}.{host}")
    if not os.path.lexists(path):
        return True
    from . import runtime

    directory = runtime.directory(lab)
    if not os.path.exists(f"{directory}/lab.db"):
        return False
    with Journal(directory) as journal:
        return any(thing.name == f"{lab}.{host}" for thing in journal.outside("pin"))


def settle(name: str, journal: Journal, holder: Holder, topology: Topology, want: State, pinned: bool) -> None:
    """Make what is wanted outside and is not there; remove what is there and is not wanted."""
    _settle_pins(name, journal, holder, want, pinned)
    _settle_relay(journal, holder, topology, want)
    _settle_uplink(name, journal, holder, topology)


# -- names in /run/netns -------------------------------------------------------------------------------------------------------


def _settle_pins(name: str, journal: Journal, holder: Holder, want: State, pinned: bool) -> None:
    wanted = {f"{name}.{host}": host for host in want.namespaces if host != "@"} if pinned else {}
    for thing in journal.outside("pin"):
        if thing.name not in wanted or not _is_pin(thing):
            _remove_pin(thing)
            journal.has_gone(thing)
    there = {thing.name for thing in journal.outside("pin")}
    for pin, host in wanted.items():
        if pin not in there:
            source = f"/proc/{holder.pid}/root/run/netns/{host}"
            thing = Outside("pin", pin, {"inode": os.stat(source).st_ino})
            journal.will_make(thing)
            namespaces.pin(pin, source)


def _is_pin(thing: Outside) -> bool:
    try:
        return namespaces.entry(thing.name).inode == thing.data["inode"]
    except NetwrightError:
        return False


def _remove_pin(thing: Outside) -> None:
    """Only when the namespace behind the name is the one that we put there, or none at all (it was killed half-way)."""
    try:
        found = namespaces.entry(thing.name)
    except Gone:
        return
    if found.inode in (0, thing.data["inode"]):
        namespaces.delete(thing.name)


# -- ports of the machine ------------------------------------------------------------------------------------------------------


def _settle_relay(journal: Journal, holder: Holder, topology: Topology, want: State) -> None:
    from .topology_json import _plain

    rules = _plain(topology.publish)
    for thing in journal.outside("relay"):
        from .relay import running

        if thing.data.get("rules") == rules and running(thing.data):
            return
        _stop_relay(thing)
        journal.has_gone(thing)
    if topology.publish:
        from .relay import start

        journal.will_make(Outside("relay", "relay", {"pid": 0, "start": 0, "rules": rules}))
        pid, begun = start(holder, topology.publish, targets(topology, want))
        journal.will_make(Outside("relay", "relay", {"pid": pid, "start": begun, "rules": rules}))


def targets(topology: Topology, want: State) -> dict[str, str]:
    """The address at which each published host answers inside itself."""
    from .addresses_seen import nearest

    return {rule.host: nearest(want, rule.host, "") or "127.0.0.1" for rule in topology.publish}


def _stop_relay(thing: Outside) -> None:
    """Other rules: the ports are let go at once, connections that stand go on."""
    if thing.data.get("pid"):
        from .relay import stop

        stop(Holder(thing.data["pid"], thing.data["start"]))


def _remove_relay(thing: Outside) -> None:
    if thing.data.get("pid"):
        from ..kernel import holder as holders

        relay = Holder(thing.data["pid"], thing.data["start"])
        if holders.alive(relay):
            holders.end(relay)


# -- the uplink ----------------------------------------------------------------------------------------------------------------


def _settle_uplink(name: str, journal: Journal, holder: Holder, topology: Topology) -> None:
    there = journal.outside("uplink")
    if topology.uplink and not there:
        from .uplink import make

        make(name, journal, holder)
    elif there and not topology.uplink:
        for thing in there:
            _remove_uplink(thing)
            journal.has_gone(thing)


def _remove_uplink(thing: Outside) -> None:
    from .uplink import remove

    remove(thing)


# -- all of it -----------------------------------------------------------------------------------------------------------------

_REMOVE = {"pin": _remove_pin, "relay": _remove_relay, "uplink": _remove_uplink}


def remove_all(journal: Journal) -> None:
    """Remove everything that the lab has outside."""
    for thing in journal.outside():
        _REMOVE[thing.kind](thing)
        journal.has_gone(thing)
