"""make bench: CNI beside Debian's Go plugins, in one run, by turns. `--quick`: without filling a host with 500 containers of Go's.

Each row of Go's is bridge and portmap (with host-local and iptables), 4 published ports a container. CPU has that of all children.
"""

import json
import os
import sys
from pathlib import Path

from labs import absolute, least, row
from private import apart, started

HERE = Path(__file__).resolve().parent
QUICK = "--quick" in sys.argv
MANY, TURNS = 500, 31
Found = dict[str, float]


def measured(kind: str, number: int | str, times: int = 1) -> Found:
    """The least of several hosts."""
    return least([apart(sys.executable, str(HERE / "attach.py"), kind, str(number)) for _ in range(times)])


def by_turns(*numbers: int) -> dict[int, Found]:
    """Hosts with so many containers, all at once: ADD and DEL of one more by turns, medians. What else the machine does, and how fast
    it is at that moment, meets them all alike."""
    hosts = {number: started(sys.executable, str(HERE / "attach.py"), "one", "turns", str(number)) for number in numbers}
    filled = {number: json.loads(host.stdout.readline()) for number, host in hosts.items()}
    rounds: dict[int, list[Found]] = {number: [] for number in numbers}
    for _ in range(TURNS):
        for number, host in hosts.items():
            host.stdin.write("\n")
            host.stdin.flush()
            rounds[number].append(json.loads(host.stdout.readline()))
    for host in hosts.values():
        host.communicate()
    return {number: filled[number] | {key: sorted(one[key] for one in found)[TURNS // 2] for key in found[0]} for number, found in rounds.items()}


def one_exec(few: Found, many: Found) -> None:
    """The plugin netwright: its bounds, and that it does not matter how many containers there are."""
    for number, found in ((1, few), (MANY, many)):
        there = f"one exec, 4 ports, {number} there"
        absolute(f"{there}: ADD, wall", found["add_wall"] * 1e3, "ms", 60)
        absolute(f"{there}: ADD, CPU", found["add_cpu"] * 1e3, "ms", 50)
        absolute(f"{there}: DEL, wall", found["del_wall"] * 1e3, "ms", 90)
        absolute(f"{there}: DEL, CPU", found["del_cpu"] * 1e3, "ms", 50)
    for what in ("add_cpu", "del_cpu", "add_wall", "del_wall"):
        verb, _, kind = what.partition("_")
        row(f"one exec: {verb.upper()} with {MANY} there, and with 1, {kind}", many[what] * 1e3, few[what] * 1e3, "ms", 1.2)
        row(f"kernel floor: {verb.upper()} with {MANY} there, and with 1, {kind}", many[f"floor_{what}"] * 1e3, few[f"floor_{what}"] * 1e3, "ms", None)


def chained(number: int, ours: Found, theirs: Found, bound: float) -> None:
    """bridge and portmap, each by its upstream name."""
    for what in ("add_wall", "add_cpu", "del_wall", "del_cpu"):
        verb, _, kind = what.partition("_")
        row(f"bridge, portmap, {number} there: {verb.upper()}, {kind}", ours[what] * 1e3, theirs[what] * 1e3, "ms", bound if what == "add_wall" else None)


def main() -> None:
    """All of it."""
    if os.getuid() != 0:
        print("CNI: plugins want root: not measured")
        return
    has_go = Path("/usr/lib/cni/bridge").exists()
    one = by_turns(1, MANY)
    one_exec(one[1], one[MANY])
    if not has_go:
        print("CNI: containernetworking-plugins are not installed: nothing to compare with")
        return
    chained(1, measured("chain", 1, 3), measured("go", 1, 3), 0.8)
    rate, go_rate = measured("one", "parallel"), measured("go", "parallel")
    assert rate["different"] == go_rate["different"] == 64
    row("64 ADDs, 16 at a time: seconds for one", 1 / rate["rate"], 1 / go_rate["rate"], "s", 0.5)
    if not QUICK:
        chain, go = measured("chain", MANY), measured("go", MANY)
        chained(MANY, chain, go, 0.15)
        row(f"filling {MANY}, one exec", one[MANY]["fill"], go["fill"], "s", 0.15)
        row(f"filling {MANY}, bridge and portmap", chain["fill"], go["fill"], "s", None)


if __name__ == "__main__":
    main()
