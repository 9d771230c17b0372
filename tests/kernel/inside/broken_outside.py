"""kill -9 of commands on a lab that has things outside: pins, a relay, an uplink; at every write to the journal and every step outside.

python broken_outside.py up|add|take|down|holder

Each round kills a command at step N; then `gc` runs, and what the machine has must be exactly what it had before the lab, or
what the whole lab gives it. "add" and "take" are changes that bring and take away what is outside; "holder" kills the holder itself.
"""

import os
import select
import signal
import sys
import time

from netwright.engine.journal import Journal
from netwright.kernel import holder as holders
from netwright.kernel import namespaces
from netwright.kernel.netlink import my_namespace
from netwright.lab import entry, gc, outside, relay, runtime, uplink
from netwright.lab.compile import compile
from netwright.lab.held import Held, known_of, living, planned, seen
from netwright.lab.inside import inside
from netwright.lab.topology import Host, Link, Publish, Switch, Topology

NAME = "shop"
ROOT = os.getuid() == 0
HOSTS = {n: Host({"eth0": Link(switch="s")}) for n in ("a", "b")}
SWITCHES = {"s": Switch(("10.1.0.0/24",))}
PLAIN = Topology(NAME, hosts=HOSTS, switches=SWITCHES)
WHOLE = Topology(NAME, hosts=HOSTS, switches=SWITCHES, publish=(Publish(18080, "a", 80), Publish(15300, "b", 53, protocol="udp")), uplink="uplink" in sys.argv)
STEPS = (
    (Journal, "put"), (Journal, "will_make"), (Journal, "has_gone"), (namespaces, "pin"), (namespaces, "delete"), (relay, "start"), (uplink, "_cable"),
    (uplink, "_masquerade"), (uplink, "_set_forwarding"), (uplink, "_remove_device"), (uplink, "_remove_table"), (holders, "end"), (entry, "_put"),
)  # fmt: skip


def die_at(step: int) -> None:
    """From now on this process ends at the given step: before it, or right after it."""
    count, me = [0], os.getpid()

    def counted() -> None:
        count[0] += os.getpid() == me  # children that work inside the lab do not count: broken.py does that
        if count[0] == step and os.getpid() == me:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(work):
        def done(*words, **more):
            counted()
            result = work(*words, **more)
            counted()
            return result

        return done

    for where, name in STEPS:
        setattr(where, name, around(getattr(where, name)))


def command(verb: str) -> None:
    if verb == "down":
        Held(NAME).down()
    else:
        Held(NAME).up(PLAIN if verb == "take" else WHOLE, pin=ROOT and verb != "take")


def killed(verb: str, step: int) -> bool:
    """Whether the command was killed; False when it came to its end before the step."""
    child = os.fork()
    if child == 0:
        try:
            die_at(step)
            command(verb)
            os._exit(0)
        finally:
            import traceback

            traceback.print_exc()
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL), f"{verb} at {step} failed by itself"
    return code != 0


def beside() -> list[str]:
    """Relays and the like: programs in this network that were started by a lab."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.path.samestat(os.stat(f"/proc/{pid}/ns/net"), os.stat("/proc/self/ns/net")):
                with open(f"/proc/{pid}/cmdline") as file:
                    words = file.read().split("\0")
                if words[0].endswith("pasta") or any("netwright.lab.relaying" in word for word in words):
                    found.append(words[0].rpartition("/")[2])
        except OSError:
            continue
    return sorted(set(found))  # pasta has a second process for a moment


def machine() -> dict[str, object]:
    """What is outside of every lab."""
    out: dict[str, object] = {"netns": sorted(os.listdir("/run/netns")) if os.path.isdir("/run/netns") else [], "beside": beside()}
    out["devices"] = sorted("nwu" if name[:3] == "nwu" else name for name in os.listdir("/proc/sys/net/ipv4/conf"))
    for family in ("tcp", "tcp6", "udp", "udp6"):
        with open(f"/proc/net/{family}") as file:
            out[family] = sorted(line.split()[1] for line in list(file)[1:] if line.split()[3] in ("0A", "07"))
    if ROOT:
        from netwright.kernel import nft

        fd = my_namespace()
        out["tables"] = sorted(str((key, chains(table))) for key, table in nft.read(fd).items())
        os.close(fd)
        out["forwarding"] = {name: read(f"/proc/sys/net/ipv4/conf/{name}/forwarding") for name in os.listdir("/proc/sys/net/ipv4/conf") if name[:3] != "nwu"}
    return out


def chains(table) -> list[str]:
    return sorted(table.chains)


def read(path: str) -> str:
    with open(path) as file:
        return file.read().strip()


def settled(wanted: list[dict[str, object]]) -> dict[str, object]:
    """What is outside, as soon as it is one of `wanted`: what ends by itself needs a moment."""
    deadline = time.monotonic() + 40
    while (now := machine()) not in wanted and time.monotonic() < deadline:
        select.select([], [], [], 0.002)
    return now


def is_exactly(topology: Topology) -> bool:
    with Journal(Held(NAME).directory) as journal:
        holder = living(journal)
        known = known_of(journal)
    want = compile(topology)
    return bool(holder) and inside(holder, lambda _: planned(seen(known, want), want)) == []


def rounds(verb: str) -> dict[str, int]:
    empty = machine()
    Held(NAME).up(PLAIN)
    plain = machine()
    Held(NAME).up(WHOLE, pin=ROOT)
    whole = machine()
    assert plain == empty
    assert whole != empty
    Held(NAME).down()
    assert settled([empty]) == empty
    ends: dict[str, int] = {}
    for step in range(1, 200):
        if verb == "add":
            Held(NAME).up(PLAIN, pin=False)
        elif verb in ("take", "down"):
            Held(NAME).up(WHOLE, pin=ROOT)
        if not killed(verb, step):
            return ends
        again = gc.collect()
        assert all(c.what == "" for c in gc.collect()), "a second gc finds work"
        now = settled([empty, whole] if runtime.names() else [empty])
        assert now in (empty, whole), f"{verb} killed at {step}, gc {again}:\n{now}\n{empty}\n{whole}"
        assert not runtime.names() or is_exactly(PLAIN if now == empty else WHOLE)
        end = "nothing" if not runtime.names() else "plain" if now == empty else "whole"
        ends[end] = ends.get(end, 0) + 1
        if end == "whole":
            Held(NAME).down()
            assert settled([empty]) == empty
    raise AssertionError("it never came to its end")


def without_holder() -> str:
    """The holder killed, then gc; and killed, then up."""
    empty = machine()
    Held(NAME).up(WHOLE, pin=ROOT)
    whole = machine()
    for verb in ("gc", "up"):
        holder = Held(NAME).holder()
        fd = os.pidfd_open(holder.pid)
        os.kill(holder.pid, signal.SIGKILL)
        assert holders.gone_within(fd, 40)
        assert Held(NAME).status().state == "dead"
        if verb == "gc":
            assert [c.what for c in gc.collect()] == ["removed"]
            assert settled([empty]) == empty
        assert Held(NAME).up(WHOLE, pin=ROOT).made
        assert settled([whole]) == whole, f"{machine()}\n{whole}"
    Held(NAME).down()
    assert settled([empty]) == empty
    assert os.listdir(runtime.top()) == []
    return "well"


if __name__ == "__main__":
    import ctypes

    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # orphans fall to us
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    assert outside
    print(without_holder() if sys.argv[1] == "holder" else rounds(sys.argv[1]))
