"""kill -9 of `up`, a change and `down` at every operation and at every line of the journal, one after the other.

python broken.py up|change|down|settle

Each round starts a command in a process of its own that kills itself at step N (operations inside the holder, or writes to the
journal outside). Then `gc` runs, and what is left must be exactly nothing, or exactly the lab: before or after the change.
"""

import os
import select
import signal
import subprocess
import sys
import time

from netwright.engine.journal import Journal
from netwright.lab import gc, runtime
from netwright.lab.compile import compile
from netwright.lab.held import Held, known_of, living, planned, seen
from netwright.lab.inside import inside
from netwright.lab.topology import Host, Link, Switch, Topology

NAME = "shop"
strangers: set[str] = set()  # holders of others on this machine


def small() -> Topology:
    return Topology(NAME, hosts={n: Host({"eth0": Link(switch="s")}) for n in ("a", "b")}, switches={"s": Switch(("10.1.0.0/24",))})


def other() -> Topology:
    hosts = {n: Host({"eth0": Link(switch="s", mtu=1400)}) for n in ("b", "c")}
    return Topology(NAME, hosts=hosts, switches={"s": Switch(("10.1.0.0/24",)), "t": Switch(("10.2.0.0/24",))})


def die_at(step: int) -> None:
    """From now on this process and its children end at the given step."""
    import netwright.engine.enact as enact
    import netwright.lab.inside as inside_module

    count = [0]

    def counted() -> None:
        count[0] += 1
        if count[0] == step:
            os.kill(os.getpid(), signal.SIGKILL)

    received = inside_module._received

    def received_or_dead(fd):
        """Inside the pid namespace the outer process cannot be named: it dies when it sees that its child has."""
        try:
            return received(fd)
        except EOFError:
            os.kill(os.getpid(), signal.SIGKILL)

    inside_module._received = received_or_dead
    put, runs = Journal.put, enact.runs

    def put_counted(self, **facts):
        counted()
        put(self, **facts)
        counted()

    def runs_counted(plan):
        for run in runs(plan):
            for op in run:
                counted()
                yield [op]

    Journal.put = put_counted
    enact.runs = runs_counted


def command(verb: str) -> None:
    if verb == "down":
        Held(NAME).down()
    elif verb == "settle":
        gc.collect()
    else:
        Held(NAME).up(small() if verb == "up" else other())


def holders() -> list[str]:
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/comm") as file:
                name = file.read().strip()
            with open(f"/proc/{entry}/stat") as file:
                state = file.read().rpartition(")")[2].split()[0]
        except (OSError, IndexError):
            continue
        if name == f"nw-lab {NAME}" and state != "Z":
            found.append(f"{entry} {name}")
    return found


def is_exactly(topology: Topology) -> bool:
    with Journal(Held(NAME).directory) as journal:
        holder = living(journal)
        known = known_of(journal)
    want = compile(topology)
    left = inside(holder, lambda _: planned(seen(known, want), want)) if holder else ["no holder"]
    if left and os.environ.get("SHOW_LEFT"):
        print(*left, sep="\n")
    return left == []


def examine(verb: str, step: int) -> str:
    """"nothing", "before" or "after"; anything else is a failure."""
    gc.collect()
    assert all(c.what == "" for c in gc.collect()), "a second gc finds work"
    if not runtime.names():
        # A holder that was not written down yet ends by itself, as soon as it sees that its starter has.
        deadline = time.monotonic() + 40
        while (left := [found for found in holders() if found not in strangers]) and time.monotonic() < deadline:
            select.select([], [], [], 0.002)
        assert left == [], f"{verb} killed at {step}: {left} are still there"
        return "nothing"
    if is_exactly(small()):
        return "before"
    assert is_exactly(other()), f"{verb} killed at {step}: the lab is neither what it was nor what it should be"
    return "after"


def rounds(verb: str) -> dict[str, int]:
    strangers.update(holders())
    seen_ends: dict[str, int] = {}
    for step in range(1, 400):
        if verb != "up":
            Held(NAME).up(small())
        if verb == "settle":
            subprocess.run([sys.executable, __file__, "child", "change", "9"], check=False)
        done = subprocess.run([sys.executable, __file__, "child", verb, str(step)], check=False, stderr=subprocess.PIPE, text=True)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        end = examine(verb, step)
        seen_ends[end] = seen_ends.get(end, 0) + 1
        Held(NAME).down()
        if done.returncode == 0:
            return seen_ends
    raise AssertionError("it never came to its end")


if __name__ == "__main__":
    if sys.argv[1] == "child":
        die_at(int(sys.argv[3]))
        command(sys.argv[2])
    else:
        print(rounds(sys.argv[1]))
