"""What a lab has outside of its holder: names in /run/netns (`--pin`), ports of the machine, the uplink.

Each thing is written into the journal before it is made and taken out after it is gone, so that a killed command leaves
nothing unknown. A thing is recognised by what it is, not by its name alone: a pin by the namespace behind it, the uplink by
its alias, a relay by its process's start.
"""

from __future__ import annotations

import os

from ..engine.journal import Journal, Outside
from ..errors import Conflict, Gone, NetwrightError
from ..kernel import holder as holders
from ..kernel import namespaces
from ..kernel.holder import Holder
from ..kernel.userns import capable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model.state import State
    from .topology import Topology


def check(name: str, journal: Journal, topology: Topology, pinned: bool) -> None:
    """Before anything is done: what cannot be made outside, all of it at once. Conflict."""
    problems = []
    if pinned and (os.getuid() or not capable()):
        problems.append("--pin needs root: /run/netns belongs to root (inside the lab, `ip netns` knows the hosts anyway: nw shell LAB/@)")
    elif pinned:
        problems += _taken_names(name, journal, topology)
    if topology.publish:
        from .relay import check_free

        problems += check_free(topology.publish, name)
    if topology.uplink:
        from .uplink import problems as of_uplink

        problems += of_uplink(name, journal)
    if problems:
        raise Conflict(f"lab {name} cannot come up", why="; ".join(problems), fix="nothing was made; mend that and try again")


def _taken_names(name: str, journal: Journal, topology: Topology) -> list[str]:
    ours = {thing.name for thing in journal.outside("pin")}
    pins = [f"{name}.{host}" for host in topology.hosts]
    return [f"{path} is there already, and is not of this lab" for pin in pins if pin not in ours and os.path.lexists(path := namespaces.path_of(pin))]


def settle(name: str, journal: Journal, holder: Holder, topology: Topology, want: State, pinned: bool) -> None:
    """Make what is wanted outside and is not there; remove what is there and is not wanted. NetwrightError; OSError when the holder ends."""
    _settle_pins(name, journal, holder, want, pinned)
    _settle_relay(journal, holder, topology, want)
    _settle_uplink(name, journal, holder, topology)


# -- names in /run/netns -------------------------------------------------------------------------------------------------------


def _settle_pins(name: str, journal: Journal, holder: Holder, want: State, pinned: bool) -> None:
    source = f"/proc/{holder.pid}/root/run/netns"
    wanted = {f"{name}.{host}": host for host in want.namespaces if host != "@"} if pinned else {}
    for thing in journal.outside("pin"):
        host = wanted.get(thing.name)
        if host is None or not _is_pin(thing, os.stat(f"{source}/{host}").st_ino):
            _remove_pin(thing)
            journal.has_gone(thing)
    there = {thing.name for thing in journal.outside("pin")}
    for pin, host in wanted.items():
        if pin not in there:
            _refuse_taken(namespaces.path_of(pin))
            journal.will_make(Outside("pin", pin, {"inode": os.stat(f"{source}/{host}").st_ino}))
            namespaces.pin(pin, f"{source}/{host}")


def _refuse_taken(path: str) -> None:
    """Before it is written down: what somebody else has there must never count as ours."""
    if os.path.lexists(path):
        raise Conflict(f"{path} is there already", why="it is not of this lab", fix=f"remove it: ip netns delete {os.path.basename(path)}, or take another name for the lab")


def _is_pin(thing: Outside, inode: int) -> bool:
    """Does the name lead to the host as it is now? It may have been made anew."""
    try:
        return bool(namespaces.entry(thing.name).inode == thing.data["inode"] == inode)
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

    rules, where = _plain(topology.publish), targets(topology, want)
    for thing in journal.outside("relay"):
        from .relay import running

        if (thing.data.get("rules"), thing.data.get("targets")) == (rules, where) and running(thing.data):
            return
        _end_beside(thing, journal, holder)
        journal.has_gone(thing)
    if topology.publish:
        from .relay import start

        data = {"pid": 0, "start": 0, "rules": rules, "targets": where}
        journal.will_make(Outside("relay", "relay", data))
        pid, begun = start(holder, topology.publish, where)
        journal.will_make(Outside("relay", "relay", {**data, "pid": pid, "start": begun}))


def targets(topology: Topology, want: State) -> dict[str, list[str]]:
    """The addresses at which each published host answers inside itself."""
    from .addresses_seen import every

    return {rule.host: every(want, rule.host) for rule in topology.publish}


def _end_beside(thing: Outside, journal: Journal, holder: Holder | None) -> None:
    """End a relay or pasta. One that was started and not written down yet is found beside the lab; it ended with the holder, if that did."""
    pid, start = thing.data.get("pid", 0), thing.data.get("start", 0)
    if pid:
        found = [Holder(pid, start)]
    else:
        known = {other.data.get("pid") for other in journal.outside()}
        found = [other for other in _beside(holder) if other.pid not in known]
    for process in found:
        if holders.alive(process):
            holders.end(process)


def _beside(holder: Holder | None) -> list[Holder]:
    """Processes of the lab's pid namespace in the machine's network: only what we start beside a lab is both (kernel/beside.py)."""
    if holder is None:
        return []
    out = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            same = os.path.samestat(os.stat(f"/proc/{pid}/ns/pid"), os.stat(f"/proc/{holder.pid}/ns/pid"))
            if same and os.path.samestat(os.stat(f"/proc/{pid}/ns/net"), os.stat("/proc/self/ns/net")):
                out.append(Holder(int(pid), holders.start_time(int(pid))))
        except OSError:
            continue  # it has ended, or is not ours to see
    return out


# -- the uplink ----------------------------------------------------------------------------------------------------------------


def _settle_uplink(name: str, journal: Journal, holder: Holder, topology: Topology) -> None:
    from . import uplink

    there = journal.outside("uplink")
    if topology.uplink and any(uplink.is_whole(thing) for thing in there):
        return
    for thing in there:
        _remove_uplink(thing, journal, holder)
        journal.has_gone(thing)
    if topology.uplink:
        uplink.make(name, journal, holder)


def _remove_uplink(thing: Outside, journal: Journal, holder: Holder | None) -> None:
    from .uplink import remove

    if thing.name == "pasta":
        _end_beside(thing, journal, holder)
    else:
        remove(thing, journal)


# -- all of it -----------------------------------------------------------------------------------------------------------------


def remove_all(journal: Journal, holder: Holder | None) -> None:
    """Remove everything that the lab has outside. What cannot be removed stays written down, and its error comes last."""
    failed: NetwrightError | None = None
    for thing in journal.outside():
        try:
            _remove(thing, journal, holder)
        except NetwrightError as error:
            failed = error
            continue
        journal.has_gone(thing)
    if failed:
        raise failed


def _remove(thing: Outside, journal: Journal, holder: Holder | None) -> None:
    if thing.kind == "pin":
        _remove_pin(thing)
    elif thing.kind == "relay":
        _end_beside(thing, journal, holder)
    else:
        _remove_uplink(thing, journal, holder)
