"""Many labs at once, and many commands on one.

python many.py labs N | python many.py one N SECONDS
"""

import os
import select
import sys
import time
from random import Random

from netwright.engine.journal import Journal
from netwright.errors import NetwrightError
from netwright.lab import gc, runtime
from netwright.lab.compile import compile
from netwright.lab.held import Held, known_of, living, planned, seen
from netwright.lab.inside import inside
from netwright.lab.topology import Host, Link, Switch, Topology

HERE = os.path.dirname(os.path.abspath(__file__))


def lab(name: str, mtu: int = 0, extra: int = 0) -> Topology:
    hosts = {n: Host({"eth0": Link(switch="s", mtu=mtu)}) for n in ("a", "b", *(f"x{at}" for at in range(extra)))}
    return Topology(name, hosts=hosts, switches={"s": Switch(("10.1.0.0/24",))})


def in_parallel(works) -> list[int]:
    """Each in a process of its own; the exit codes."""
    pids = []
    for work in works:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                code = work() or 0
            finally:
                if code == 1:
                    import traceback

                    traceback.print_exc()
                os._exit(code)
        pids.append(pid)
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]


def is_exactly(topology: Topology) -> bool:
    with Journal(Held(topology.name).directory, make=False) as journal:
        holder, known = living(journal), known_of(journal)
    want = compile(topology)
    return bool(holder) and inside(holder, lambda _: planned(seen(known, want), want)) == []


def answers(name: str) -> bool:
    """Is the one host reached from the other?"""
    def work(_):
        from netwright.kernel.namespaces import enter

        enter("a")
        return os.spawnlp(os.P_WAIT, "ping", "ping", "-q", "-c1", "-w30", address)

    address = next(a.address.partition("/")[0] for a in compile(lab(name)).namespaces["b"].addresses)
    return inside(Held(name).holder(), work) == 0


def several(many: int) -> None:
    """The same lab many times, side by side."""
    out, devnull = os.dup(1), os.open("/dev/null", os.O_WRONLY)
    os.dup2(devnull, 1)  # what ping says
    names = [f"lab{at}" for at in range(many)]
    at_once = 8
    groups = [names[at::at_once] for at in range(at_once)]
    assert set(in_parallel([lambda group=group: all(Held(n).up(lab(n)).made for n in group) - 1 for group in groups])) == {0}
    assert [found.what for found in gc.collect()] == [""] * many
    assert set(in_parallel([lambda group=group: all(answers(n) for n in group) - 1 for group in groups])) == {0}
    assert set(in_parallel([lambda group=group: all(Held(n).down() for n in group) - 1 for group in groups])) == {0}
    assert os.listdir(runtime.top()) == []
    os.write(out, b"well\n")


def one(many: int, seconds: float) -> None:
    """Processes that bring one lab up in different forms, take it down and collect, at random; each end is exactly one of these."""
    forms = [lab("shop"), lab("shop", mtu=1400), lab("shop", extra=2)]

    def work(seed: int) -> int:
        rng, done = Random(seed), 0
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            act = rng.randrange(6)
            try:
                if act < 3:
                    Held("shop").up(forms[act])
                elif act == 3:
                    Held("shop").down()
                elif act == 4:
                    gc.collect()
                else:
                    Held("shop").status()
            except NetwrightError as error:
                if "there is no lab" not in str(error) and "just gone down" not in str(error):
                    raise
            done += 1
        return 0

    assert set(in_parallel([lambda seed=seed: work(seed) for seed in range(many)])) == {0}
    assert [found.what for found in gc.collect()] in ([], [""])
    assert not runtime.names() or sum(map(is_exactly, forms)) == 1
    # Two at once: the end is the one or the other. Down while up waits, up while down: there, or not.
    ends = set()
    for _ in range(4):
        in_parallel([lambda form=form: Held("shop").up(form) and 0 for form in forms[:2]])
        found = [is_exactly(form) for form in forms]
        assert sum(found) == 1, found
        ends.add(found.index(True))
        assert set(in_parallel([lambda: Held("shop").down() * 0, lambda: Held("shop").up(forms[2]) and 0])) == {0}
        assert not runtime.names() or is_exactly(forms[2])
    Held("shop").down()
    deadline = time.monotonic() + 40
    while os.listdir(runtime.top()) and time.monotonic() < deadline:
        select.select([], [], [], 0.002)
    assert os.listdir(runtime.top()) == []
    print("well")


if __name__ == "__main__":
    import ctypes

    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # orphans fall to us
    several(int(sys.argv[2])) if sys.argv[1] == "labs" else one(int(sys.argv[2]), float(sys.argv[3]))
