"""make bench: the map of a host against plotnetcfg, lsns and `ip -all netns exec ip -d link`, all in one run. `--quick`: 100 namespaces only.

Everything happens in fresh private namespaces. Three ways of holding a namespace are mixed: a name, a bind mount elsewhere, an open
file; each namespace has a cable to a bridge of the host, every second one more to its neighbour. Machines are shared and noisy: rows
are measured by turns, the least of several counts, and only ratios travel.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

from private import apart, must_be_apart

HERE = Path(__file__).resolve().parent
QUICK = "--quick" in sys.argv
KEPT: list[int] = []


# -- inside ----------------------------------------------------------------------------------------------------------------


def build(number: int) -> None:
    """`number` namespaces and half as many cables again."""
    from netwright.kernel import rtnl
    from netwright.kernel.netlink import Netlink, my_namespace
    from netwright.kernel.spaces import run_apart
    from netwright.kernel.syscalls import CLONE_NEWNET, MS_BIND, mount, unshare

    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    os.makedirs("/run/docker/netns", exist_ok=True)
    fds: list[int] = []

    def make() -> None:
        for at in range(number):
            unshare(CLONE_NEWNET)
            fds.append(my_namespace())
            if at % 3 == 1:
                path = f"/run/docker/netns/{at:012x}"
                os.close(os.open(path, os.O_CREAT | os.O_RDONLY, 0o444))
                mount("/proc/thread-self/ns/net", path, None, MS_BIND)

    run_apart(make)
    for at in range(0, number, 3):
        name(fds[at], f"n{at}")
    requests = [link("br0", {"kind": "bridge"})]
    with Netlink() as netlink:
        for error in netlink.transact(requests):
            assert error is None, error
        bridge = rtnl.link_by_name(netlink, "br0")["index"]
        todo = [veth(rtnl, f"v{at}", {"ifname": "eth0", "net_ns_fd": fds[at]}, {"master": bridge}) for at in range(number)]
        todo += [veth(rtnl, "eth1", {"ifname": "eth2", "net_ns_fd": fds[at + 1]}, {"net_ns_fd": fds[at]}) for at in range(0, number - 1, 2)]
        for error in netlink.transact(todo):
            assert error is None, error
    for at in range(0, number, 3):
        os.close(fds[at])
    for at in range(1, number, 3):
        os.close(fds[at])
    KEPT.extend(fds[at] for at in range(2, number, 3))


def name(fd: int, called: str) -> None:
    """A name in /run/netns."""
    from netwright.kernel.namespaces import prepare_directory
    from netwright.kernel.syscalls import MS_BIND, mount

    prepare_directory()
    path = f"/run/netns/{called}"
    os.close(os.open(path, os.O_CREAT | os.O_RDONLY, 0o444))
    mount(f"/proc/self/fd/{fd}", path, None, MS_BIND)


def link(called: str, info: dict) -> object:
    """A request that makes a device."""
    from netwright.kernel import rtnl

    return rtnl.LINK.request(rtnl.NEWLINK, 0x600, {"flags": 1, "change": 1}, {"ifname": called, "linkinfo": info})


def veth(rtnl: object, called: str, peer: dict, more: dict) -> object:
    """A request that makes a cable."""
    info = {"kind": "veth", "data": {"peer": peer}}
    return rtnl.LINK.request(rtnl.NEWLINK, 0x600, {}, {"ifname": called, **more, "linkinfo": info})


OURS = """
import json, resource, time, sys
begun = time.perf_counter()
from netwright.hostmap.take import take
ready = time.perf_counter()
cpu = time.process_time()
found = take(sys.argv[1:])
ended = time.perf_counter()
print(json.dumps({"import": ready - begun, "take": ended - ready, "cpu": time.process_time() - cpu, "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "spaces": len(found.namespaces), "links": sum(len(s.links) for s in found.namespaces), "cables": len(found.cables),
    "lost": sum(1 for s in found.namespaces for l in s.links if l.kind == "veth" and not l.peer)}))
"""


def ours(*detail: str) -> dict:
    """A fresh process that takes the map."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", OURS, *detail], capture_output=True, text=True, check=True, env=env)
    return {"whole": time.perf_counter() - began, **json.loads(done.stdout)}


def timed(argv: list[str]) -> tuple[float, str]:
    """A program: seconds, output."""
    began = time.perf_counter()
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return time.perf_counter() - began, done.stdout


def inside(number: int) -> dict:
    """All of it, by turns."""
    build(number)
    rounds = [ours() for _ in range(5)]
    found = {key: min(one[key] for one in rounds) for key in rounds[0]}
    found["all"] = min(ours("routes", "neighbours", "nft", "sockets")["cpu"] for _ in range(3))
    found["lsns"], text = timed(["lsns", "-t", "net", "-n", "-o", "NS"])
    found["lsns_spaces"] = len(text.split())
    found["ip"], text = timed(["ip", "-all", "netns", "exec", "ip", "-d", "link"])
    found["ip_spaces"] = text.count("netns: ")
    if shutil.which("plotnetcfg"):
        found["plotnetcfg"], text = timed(["plotnetcfg", "-f", "json"])
        found["plotnetcfg_spaces"] = len(json.loads(text)["namespaces"]) if text.startswith("{") else 0
    return found


# -- outside ---------------------------------------------------------------------------------------------------------------


def row(what: str, mine: float, theirs: float, unit: str, more: str = "") -> None:
    """One line: ours, the peer's, the ratio."""
    print(f"{what:72} {mine:10.1f} {theirs:10.1f} {unit:3} {mine / theirs if theirs else 0:7.2f} {more}")


def bounded(what: str, mine: float, unit: str, most: float) -> None:
    """One line that has no peer."""
    print(f"{what:72} {mine:10.1f} {'':10} {unit:3} {'':7} <= {most:<5g} {'ok' if mine <= most else 'OVER'}")


def main() -> None:
    """Every size."""
    print(f"{'the map of a host':72} {'ours':>10} {'peer':>10} {'':3} {'ratio':>7} bound")
    for number in (100,) if QUICK else (100, 500):
        found = apart(sys.executable, str(HERE / "hostmap.py"), "inside", str(number))
        assert found["lost"] == 0, found
        what = f"{found['spaces']} namespaces, {found['links']} links, {found['cables']} cables"
        bounded(f"{what}: snapshot", found["take"] * 1e3, "ms", 250)
        bounded(f"{what}: snapshot, CPU", found["cpu"] * 1e3, "ms", 250)
        bounded(f"{what}: with routes, neighbours, nft, sockets, CPU", found["all"] * 1e3, "ms", 500)
        bounded(f"{what}: memory", found["rss"], "MB", 60)
        row(f"{what}: whole command, ip -all netns", found["whole"] * 1e3, found["ip"] * 1e3, "ms", f"it sees {found['ip_spaces']} namespaces")
        row(f"{what}: whole command, lsns", found["whole"] * 1e3, found["lsns"] * 1e3, "ms", f"it sees {found['lsns_spaces']} namespaces")
        if "plotnetcfg" in found:
            row(f"{what}: whole command, plotnetcfg", found["whole"] * 1e3, found["plotnetcfg"] * 1e3, "ms", f"it sees {found['plotnetcfg_spaces']} namespaces")
        else:
            print(f"{what}: plotnetcfg is not installed here (apt-get install plotnetcfg): not measured")


if __name__ == "__main__":
    if sys.argv[1:2] == ["inside"]:
        must_be_apart()
        print(json.dumps(inside(int(sys.argv[2]))))
    else:
        main()
