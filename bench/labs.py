"""make bench: labs beside the kernel's own floor, `ip -batch`, pyroute2 and Mininet, all in one run. `--quick`: 10 and 100 hosts only.

Machines are shared and noisy: every row is measured by turns in the same run, the least of several counts, and only ratios travel.
Each measurement runs in fresh private namespaces. Ours is bench/star: a lab of one process, through the Python API.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from private import PRIVATE, apart

HERE = Path(__file__).resolve().parent
QUICK = "--quick" in sys.argv


def star(number: int) -> dict[str, float]:
    """Ours."""
    found = apart(sys.executable, str(HERE / "star"), str(number), "--json")
    found["create_cpu"] = found["compile_cpu"] + found["plan_cpu"] + found["up_cpu"]
    found["create"] = found["compile"] + found["plan"] + found["up"]
    return found


def peer(method: str, number: int) -> dict[str, float]:
    """Somebody else's."""
    return apart(sys.executable, str(HERE / "peers.py"), method, str(number))


def least(rounds: list[dict[str, float]]) -> dict[str, float]:
    """The least of each figure."""
    return {key: min(one[key] for one in rounds) for key in rounds[0] if isinstance(rounds[0][key], (int, float))}


def row(name: str, ours: float, theirs: float, unit: str, bound: float | None) -> None:
    """One line: ours, the peer's, the ratio and what it shall be."""
    ratio = ours / theirs
    verdict = "" if bound is None else f"<= {bound:<5g} {'ok' if ratio <= bound else 'OVER'}"
    print(f"{name:56} {ours:10.3f} {theirs:10.3f} {unit:3} {ratio:7.2f} {verdict}")


def absolute(name: str, ours: float, unit: str, bound: float) -> None:
    """One line that has no peer."""
    print(f"{name:56} {ours:10.3f} {'':10} {unit:3} {'':7} <= {bound:<5g} {'ok' if ours <= bound else 'OVER'}")


def stars() -> dict[int, dict[str, float]]:
    """Ours and the peers, by turns."""
    found = {}
    for number, times in ((10, 5), (100, 3), (1000, 1 if QUICK else 2)):
        if QUICK and number == 1000:
            continue
        methods = ["floor", "ip-batch"] if number > 10 else ["floor"]
        rounds = [(star(number), {m: peer(m, number) for m in methods}) for _ in range(times)]
        ours = found[number] = least([one for one, _ in rounds])
        theirs = {m: least([others[m] for _, others in rounds]) for m in methods}
        row(f"star of {number}: CPU to make", ours["create_cpu"], theirs["floor"]["create_cpu"], "s", 1.5 if number > 10 else None)
        row(f"star of {number}: CPU to make, per host", ours["create_cpu"] / number * 1e3, theirs["floor"]["create_cpu"] / number * 1e3, "ms", None)
        row(f"star of {number}: drop returns", ours["drop"], theirs["floor"]["destroy"], "s", 1.2)
        row(f"star of {number}: planning, part of the CPU", ours["plan_cpu"], ours["create_cpu"], "s", 0.1)
        if "ip-batch" in methods:
            row(f"star of {number}: elapsed, against ip -batch", ours["create"], theirs["ip-batch"]["create"], "s", 1 if number == 100 else 0.4)
            row(f"star of {number}: a command in a host, ip netns exec", ours["command_ms"], theirs["ip-batch"]["command_ms"], "ms", None)
        absolute(f"star of {number}: a command in a host", ours["command_ms"], "ms", 5)
    return found


def others() -> None:
    """Peers that are slow: once, with 100 hosts."""
    ours = star(100)
    for method, there in (("pyroute2", True), ("mininet", shutil.which("mn") is not None and os.getuid() == 0)):
        if not there:
            print(f"{'star of 100: ' + method:56} not installed here (apt-get install mininet bridge-utils): not measured")
            continue
        theirs = peer(method, 100)
        # By the clock: the shells that Mininet keeps are not waited for, and their CPU is in no account of ours.
        row(f"star of 100: elapsed, against {method}", ours["create"], theirs["create"], "s", None)


def memory(number: int) -> None:
    """What a host costs, kernel included, by the account of a memory cgroup (root, and a cgroup that can be written)."""
    group = Path("/sys/fs/cgroup/memory" if Path("/sys/fs/cgroup/memory").is_dir() else "/sys/fs/cgroup") / f"netwright-bench-{os.getpid()}"
    usage = "memory.usage_in_bytes" if "memory/" in f"{group}" else "memory.current"
    try:
        group.mkdir()
    except OSError as error:
        print(f"{'memory per host':56} not measured: {error}")
        return
    try:
        code = f"echo $$ > {group}/cgroup.procs; exec {sys.executable} {HERE / 'star'} {number}"
        with subprocess.Popen([*PRIVATE, "sh", "-c", f"mount -t tmpfs none /run; {code}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            assert process.stdin
            assert process.stdout.readline().strip() == "ready"
            used = int((group / usage).read_text())
            process.stdin.close()
        bound = 0.2 + 16 / number if number < 1000 else 0.2  # Python itself is 16 MB
        absolute(f"memory per host of {number}, kernel and Python included", used / number / 1e6, "MB", bound)
    finally:
        group.rmdir()


def fixture() -> None:
    """A 3-host lab for a test."""
    found = apart(sys.executable, str(HERE / "fixture.py"))
    absolute("a 3-host lab as a fixture: make, median", found["file"]["make_ms"], "ms", 10)
    absolute("a 3-host lab as a fixture: drop, median", found["file"]["drop_ms"], "ms", 1)


def main() -> None:
    """All of it."""
    print(f"{'labs':56} {'ours':>10} {'peer':>10} {'':3} {'ratio':>7} bound")
    found = stars()
    sizes = sorted(found)
    flat = [found[n]["create_cpu"] / n for n in sizes]
    row(f"CPU per host, {sizes[-1]} against {sizes[0]} hosts", flat[-1] * 1e3, flat[0] * 1e3, "ms", 1.25)
    absolute(f"a second up of an unchanged star of {sizes[-1]}, elapsed", found[sizes[-1]]["again"], "s", 0.7 * sizes[-1] / 1000)
    if os.getuid() == 0:
        memory(sizes[-1])
    fixture()
    others()


if __name__ == "__main__":
    main()
