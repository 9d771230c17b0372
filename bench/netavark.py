"""netavark's setup and teardown of a container with 4 ports, ours beside the installed one, in one run: python bench/netavark.py [--quick]

Everything happens in a private network namespace with its own /run. Both are measured by turns at one container and, without --quick,
at some hundreds that are there already; wall time and CPU (of all children) as medians. `--containers N` says how many.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

SOURCE = str(Path(__file__).resolve().parents[1] / "src")
THEIRS = "/usr/lib/podman/netavark"
QUICK = "--quick" in sys.argv
MANY = int(sys.argv[sys.argv.index("--containers") + 1]) if "--containers" in sys.argv else (0 if QUICK else 100)
TIMES = 5 if QUICK else 15
MOST = 0.8  # of the installed one's wall time


def asked(who: str, c: int) -> str:
    """Container number `c`; each program has a network of its own."""
    n = 10 if who == "netwright" else 20
    network = {
        "name": who, "id": f"{n:064x}", "driver": "bridge", "network_interface": f"bench{n}", "created": "2024-01-01T00:00:00Z",
        "subnets": [{"subnet": f"10.{n}.0.0/16", "gateway": f"10.{n}.0.1"}], "ipv6_enabled": False, "internal": False, "dns_enabled": False,
        "ipam_options": {"driver": "host-local"},
    }  # fmt: skip
    ports = [{"host_ip": "", "container_port": 80 + i, "host_port": n * 1000 + 4 * c + i, "range": 1, "protocol": "tcp"} for i in range(4)]
    wish = {"static_ips": [f"10.{n}.{c // 250}.{c % 250 + 2}"], "interface_name": "eth0"}
    return json.dumps(
        {"container_id": f"{n * 10000 + c:064x}", "container_name": f"c{c}", "networks": {who: wish}, "network_info": {who: network}, "port_mappings": ports}
    )


def call(program: str, verb: str, who: str, c: int) -> tuple[float, float]:
    """(wall, CPU) in milliseconds."""
    given = os.memfd_create("given")
    os.write(given, asked(who, c).encode())
    os.lseek(given, 0, os.SEEK_SET)
    argv = [program, "-c", "/run/config", verb, f"/run/netns/{who}{c}"]
    ways = [(os.POSIX_SPAWN_DUP2, given, 0), (os.POSIX_SPAWN_OPEN, 1, "/run/said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
    start = time.perf_counter()
    pid = os.posix_spawn(program, argv, os.environ, file_actions=ways)
    _, status, used = os.wait4(pid, 0)
    took = time.perf_counter() - start
    os.close(given)
    assert status == 0, f"{who} {verb} {c}: {Path('/run/said').read_text()}"
    return took * 1e3, (used.ru_utime + used.ru_stime) * 1e3


def namespace(who: str, c: int) -> None:
    subprocess.run(["ip", "netns", "add", f"{who}{c}"], check=True)


def measured(programs: dict[str, str], there: int) -> dict[tuple[str, str], tuple[float, float]]:
    """Medians of (wall, CPU) by program and verb, while `there` containers stand."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for turn in range(TIMES + 1):
        for who, program in programs.items():
            for verb in ("setup", "teardown"):
                result = call(program, verb, who, 0)
                if turn:  # the first loads what the machine has not in memory yet
                    found.setdefault((who, verb), []).append(result)
    medians = {key: (statistics.median(w for w, _ in some), statistics.median(c for _, c in some)) for key, some in found.items()}
    for (who, verb), (wall, cpu) in medians.items():
        print(f"{there:4} containers  {who:10} {verb:9} {wall:7.1f} ms   CPU {cpu:6.1f} ms")
    return medians


def compared(medians: dict[tuple[str, str], tuple[float, float]]) -> bool:
    good = True
    for verb in ("setup", "teardown"):
        if ("netavark", verb) in medians:
            ratio = medians["netwright", verb][0] / medians["netavark", verb][0]
            print(f"     {verb}: netwright takes {ratio:.2f} of netavark's time (at most {MOST})")
            good = good and ratio <= MOST
    return good


def filled(programs: dict[str, str]) -> None:
    for who, program in programs.items():
        for c in range(1, MANY + 1):
            namespace(who, c)
        start = time.perf_counter()
        for c in range(1, MANY + 1):
            call(program, "setup", who, c)
        print(f"{MANY:4} containers  {who:10} filled in {time.perf_counter() - start:.1f} s")


def main() -> int:
    if "--inside" not in sys.argv:
        return subprocess.run(["unshare", "-nm", "--propagation", "private", sys.executable, __file__, "--inside", *sys.argv[1:]]).returncode
    subprocess.run(["sh", "-ec", "mount -t tmpfs none /run; mkdir -p /run/netns /run/config; ip link set lo up"], check=True)
    sys.path.insert(0, SOURCE)
    from netwright.netavark import install

    programs = {"netwright": install("/run/programs")[0]}
    if os.access(THEIRS, os.X_OK):
        programs["netavark"] = THEIRS
    for who in programs:
        namespace(who, 0)
    good = compared(measured(programs, 0))
    if MANY:
        filled(programs)
        good = compared(measured(programs, MANY)) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
