"""In private namespaces: ADD and DEL of CNI plugins with so many containers there already. JSON on the last line.

    attach.py one|chain|go NUMBER     ours in one exec, ours as bridge and portmap, Go's bridge and portmap
    attach.py one|go parallel         64 ADDs by 16 workers: how many a second
    attach.py one turns NUMBER        fills, then for each line of standard input one ADD and DEL of ours, and the kernel's part of it
                                      alone (a cable into the bridge, up, an address; the cable's end): a line of JSON
"""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from private import must_be_apart

ROUNDS, PARALLEL, WORKERS = 21, 64, 16
OURS, GO = "/run/cni", "/usr/lib/cni"
IPAM = {"type": "host-local", "ranges": [[{"subnet": "10.78.0.0/16"}]], "routes": [{"dst": "0.0.0.0/0"}]}
BRIDGE = {"bridge": "cni0", "isGateway": True, "ipMasq": True, "ipam": IPAM}
LIST = {
    "one": [{"type": "netwright", **BRIDGE}],
    "chain": [{"type": "bridge", **BRIDGE}, {"type": "portmap"}],
    "go": [{"type": "bridge", **BRIDGE}, {"type": "portmap"}],
}
Cost = tuple[float, float]  # seconds by the clock, seconds of CPU, children included


def run(place: str, plugin: dict, command: str, container: str) -> tuple[Cost, dict]:
    """One exec of a plugin."""
    env = {
        "CNI_COMMAND": command, "CNI_CONTAINERID": container, "CNI_NETNS": f"/run/netns/{container}", "CNI_IFNAME": "eth0", "CNI_PATH": place,
        "PATH": os.environ["PATH"],
    }  # fmt: skip
    stdin, out = os.memfd_create("in"), os.memfd_create("out")
    os.write(stdin, json.dumps(plugin).encode())
    os.lseek(stdin, 0, os.SEEK_SET)
    start = time.perf_counter()
    actions = [(os.POSIX_SPAWN_DUP2, stdin, 0), (os.POSIX_SPAWN_DUP2, out, 1)]
    pid = os.posix_spawn(f"{place}/{plugin['type']}", [plugin["type"]], env, file_actions=actions)
    _, status, used = os.wait4(pid, 0)
    cost = time.perf_counter() - start, used.ru_utime + used.ru_stime
    os.close(stdin)
    os.lseek(out, 0, os.SEEK_SET)
    with os.fdopen(out, "rb") as file:
        said = file.read()
    if status:
        raise SystemExit(f"{command} of {container} by {plugin['type']}: {said.decode()}")
    return cost, json.loads(said) if said.strip() else {}


def all_of(kind: str, command: str, number: int, result: dict | None = None) -> tuple[Cost, dict]:
    """The whole list of plugins for a container with four ports, as a runtime calls it."""
    ports = [{"hostPort": 10000 + 4 * number + n, "containerPort": 80 + n, "protocol": "tcp"} for n in range(4)]
    more = {"cniVersion": "1.0.0", "name": "n", "runtimeConfig": {"portMappings": ports}}
    wall = cpu = 0.0
    for plugin in LIST[kind][:: -1 if command == "DEL" else 1]:
        cost, said = run(GO if kind == "go" else OURS, {**plugin, **more, **({"prevResult": result} if result else {})}, command, f"c{number}")
        wall, cpu = wall + cost[0], cpu + cost[1]
        result = said if command == "ADD" else result
    return (wall, cpu), result or {}


def containers(numbers: range) -> None:
    """Namespaces that wait to become containers."""
    lines = "".join(f"netns add c{n}\n" for n in numbers)
    subprocess.run(["ip", "-batch", "-"], input=lines, text=True, check=True)


def median(numbers: list[float]) -> float:
    return sorted(numbers)[len(numbers) // 2]


def probes(kind: str, number: int) -> dict[str, float]:
    """Medians of one more container that comes and goes, with `number` there."""
    containers(range(number + 1))
    start = time.perf_counter()
    for n in range(number):
        all_of(kind, "ADD", n)
    filled = time.perf_counter() - start
    adds, dels = [], []
    for _ in range(ROUNDS):
        cost, result = all_of(kind, "ADD", number)
        adds.append(cost)
        dels.append(all_of(kind, "DEL", number, result)[0])
    found = {f"{name}_{what}": median([c[at] for c in costs]) for name, costs in (("add", adds), ("del", dels)) for at, what in enumerate(("wall", "cpu"))}
    return {"fill": filled, **found}


def floor(number: int) -> tuple[Cost, Cost]:
    """What the kernel takes for a cable into the bridge and for its end, by two calls of ip(8) and one."""
    make = f"link add vfloor type veth peer name eth9 netns c{number}\nlink set vfloor addrgenmode none\nlink set vfloor master cni0 up\n"
    inside = "link set eth9 addrgenmode none\nlink set eth9 up\naddr add 10.79.0.2/24 dev eth9\n"
    made = [told(["ip", "-batch", "-"], make), told(["ip", "-n", f"c{number}", "-batch", "-"], inside)]
    return (sum(c[0] for c in made), sum(c[1] for c in made)), told(["ip", "-batch", "-"], "link del vfloor\n")


def told(argv: list[str], lines: str) -> Cost:
    """One program, with its input."""
    stdin = os.memfd_create("in")
    os.write(stdin, lines.encode())
    os.lseek(stdin, 0, os.SEEK_SET)
    start = time.perf_counter()
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, stdin, 0)])
    _, status, used = os.wait4(pid, 0)
    cost = time.perf_counter() - start, used.ru_utime + used.ru_stime
    os.close(stdin)
    if status:
        raise SystemExit(f"{' '.join(argv)}: {status}")
    return cost


def turns(number: int) -> None:
    """Says "filled", then answers."""
    containers(range(number + 1))
    start = time.perf_counter()
    for n in range(number):
        all_of("one", "ADD", n)
    print(json.dumps({"fill": time.perf_counter() - start}), flush=True)
    for _ in sys.stdin:
        add, result = all_of("one", "ADD", number)
        delete, _ = all_of("one", "DEL", number, result)
        costs = zip(("add", "del", "floor_add", "floor_del"), (add, delete, *floor(number)), strict=True)
        print(json.dumps({f"{name}_{what}": cost[at] for name, cost in costs for at, what in enumerate(("wall", "cpu"))}), flush=True)


def parallel(kind: str) -> dict[str, float]:
    """ADDs a second, and how many different addresses came of them."""
    containers(range(PARALLEL + 1))
    all_of(kind, "ADD", PARALLEL)
    start = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        results = list(pool.map(lambda n: all_of(kind, "ADD", n)[1], range(PARALLEL)))
    rate = PARALLEL / (time.perf_counter() - start)
    return {"rate": rate, "different": len({result["ips"][0]["address"] for result in results})}


def install() -> None:
    """The executables of this very tree, as `nw cni install` writes them."""
    os.environ.update(NETWRIGHT_STATE_DIR="/run/state")
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
    from netwright.cli.cni import program
    from netwright.cni import install as files

    files.install(files.wanted(OURS, program(), "", "", ""))


def main(kind: str, number: str, many: str = "") -> None:
    must_be_apart()
    subprocess.run(["mount", "-t", "tmpfs", "none", "/var/lib"], check=True)
    os.mkdir("/var/lib/cni")
    if kind != "go":
        install()
    if number == "turns":
        turns(int(many))
    else:
        print(json.dumps(parallel(kind) if number == "parallel" else probes(kind, int(number))))


if __name__ == "__main__":
    main(*sys.argv[1:])
