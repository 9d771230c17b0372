"""make bench: what a command costs, as ratios measured in one run. `--quick`: fewer repetitions.

Machines are shared and noisy: every row measures ours and its peer by turns in the same run, in CPU time (user + system) of the
processes alone, and takes the least of many. Only ratios travel. Everything happens in private namespaces.
"""

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve()
NW = str(Path(sys.executable).with_name("nw"))
PYTHON = [sys.executable, "-I", "-S", "-c", "pass"]
QUICK = "--quick" in sys.argv
TIMES = 7 if QUICK else 25
ENDS = ("near", "far")


def child_cpu(argv: list[str], text: str = "") -> float:
    """Milliseconds of CPU that one process and its children take."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, input=text.encode(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3


def own_cpu(work: Callable[[], object]) -> float:
    """Milliseconds of CPU that a function takes in this process."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1e3


def by_turns(ours: Callable[[], float], peer: Callable[[], float], times: int = TIMES) -> tuple[float, float]:
    """The least of each, measured A B A B."""
    pairs = [(ours(), peer()) for _ in range(times)]
    return min(a for a, _ in pairs), min(b for _, b in pairs)


def row(name: str, ours: float, peer: float, peer_name: str, bound: float, *, more: bool = False) -> None:
    """One line; `more`: the peer shall cost at least `bound` times as much, else ours at most."""
    ratio = peer / ours if more else ours / peer
    good = ratio >= bound if more else ratio <= bound
    sign = ">=" if more else "<="
    print(f"{name:44} {ours:9.1f} ms {peer:9.1f} ms  {peer_name:26} {ratio:7.2f} {sign} {bound:<5g} {'ok' if good else 'OVER'}")


def one_shot() -> None:
    """Start-up: one command against Python itself."""
    subprocess.run([NW, "netns", "add", "bench"], check=True)
    both = lambda: child_cpu(PYTHON) + child_cpu(["true"])  # noqa: E731
    row("nw netns exec --fast NS true", *by_turns(lambda: child_cpu([NW, "netns", "exec", "--fast", "bench", "true"]), both), "python3 -I -S, and true", 1.25)
    for words, bound in (("netns list", 2), ("link set lo up", 3), ("link show lo", 3), ("address show lo", 3), ("address add 127.0.0.9/8 dev lo", 3)):
        ours = by_turns(lambda words=words: child_cpu([NW, *words.split()]), lambda: child_cpu(PYTHON))
        row(f"nw {words}", *ours, "python3 -I -S -c pass", bound)


def many_names() -> None:
    """1000 names in one batch, by the clock: ours makes namespaces in two threads while it names them."""
    add = "".join(f"netns add n{i}\n" for i in range(1000))
    taken: dict[str, list[float]] = {NW: [], "ip": []}
    for _ in range(2 if QUICK else 4):
        for program, times in taken.items():
            start = time.perf_counter()
            subprocess.run([program, "-batch", "-"], input=add.encode(), check=True)
            times.append((time.perf_counter() - start) * 1e3)
            subprocess.run(["ip", "-all", "netns", "delete"], check=True)
            subprocess.run([NW, "netns", "add", "settle"], check=True)
            subprocess.run([NW, "netns", "delete", "--wait", "settle"], check=True)
    row("1000 netns add in one -batch, elapsed", min(taken[NW]), min(taken["ip"]), "ip -batch", 1)


def pairs(here: int, there: int) -> None:
    """1000 cables from one namespace to another, with addresses and up, in place: three pipelined batches."""
    from netwright.engine.apply import apply
    from netwright.engine.session import Session
    from netwright.plan import ops

    path = f"/proc/self/fd/{there}"
    with Session(here) as near, Session(there) as far:
        links, ends = [], {near: [], far: []}
        for i in range(1000):
            index = 1000 + i
            peer = {"index": index, "ifname": f"b{i}", "net_ns_fd": path}
            links.append(ops.AddLink({"index": index}, {"ifname": f"a{i}", "linkinfo": {"kind": "veth", "data": {"peer": peer}}}))
            for session, host in ((near, 1), (far, 2)):
                local = f"10.{i >> 6}.{(i & 63) * 4}.{host}"
                ends[session].append(ops.AddAddress({"family": 2, "prefixlen": 30, "index": index}, {"local": local, "address": local}))
                ends[session].append(ops.SetLink({"index": index, "flags": 1, "change": 1}, {}))
        errors = [e for e in apply(links, near) if e]
        for session, wanted in ends.items():
            errors += [e for e in apply(wanted, session) if e]
    assert not errors, errors[0]


def pairs_with_ip() -> float:
    """The same with ip -batch: two processes."""
    near = "".join(f"link add a{i} index {1000 + i} type veth peer name b{i} index {1000 + i} netns far\naddress add 10.{i >> 6}.{(i & 63) * 4}.1/30 dev a{i}\nlink set a{i} up\n" for i in range(1000))
    far = "".join(f"address add 10.{i >> 6}.{(i & 63) * 4}.2/30 dev b{i}\nlink set b{i} up\n" for i in range(1000))
    return child_cpu(["ip", "-n", "near", "-batch", "-"], near) + child_cpu(["ip", "-n", "far", "-batch", "-"], far)


def floor_in_c() -> str | None:
    """The path of bench/floor.c, compiled into the private /run; None where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        return None
    subprocess.run([compiler, "-O2", "-o", "/run/floor", str(HERE.with_name("floor.c"))], check=True)
    return "/run/floor"


def pairs_of_ours() -> float:
    """The cables made by this process."""
    from netwright.kernel.namespaces import open_namespace

    fds = [open_namespace(name) for name in ENDS]
    taken = own_cpu(lambda: pairs(*fds))
    for fd in fds:
        os.close(fd)
    return taken


def between_fresh_ends(work: Callable[[], float]) -> float:
    """What `work` takes between two new namespaces without IPv6, whose own traffic would be measured too."""
    quiet = "for f in all default; do echo 1 > /proc/sys/net/ipv6/conf/$f/disable_ipv6; done"
    for name in ENDS:
        subprocess.run([NW, "netns", "add", name], check=True)
        subprocess.run(["ip", "netns", "exec", name, "sh", "-c", quiet], check=True)
    taken = work()
    for name in ENDS:
        subprocess.run([NW, "netns", "delete", "--wait", name], check=True)
    return taken


def topology() -> None:
    """1000 veth pairs: ours in this process, ip and the floor in C in their own."""
    name, floor = "1000 veth pairs, addresses, up, in place", floor_in_c()
    works = [pairs_of_ours, pairs_with_ip]
    if floor:
        works.append(lambda: child_cpu([floor, *(f"/run/netns/{end}" for end in ENDS), "1000"]))
    rounds = [[between_fresh_ends(work) for work in works] for _ in range(2 if QUICK else 4)]
    ours, peer, *least = (min(column) for column in zip(*rounds, strict=True))
    row(name, ours, peer, "ip -batch", 1)
    if floor:
        row(name, ours, least[0], "raw netlink in C", 1.5)
    else:
        print(f"{name:44} no C compiler here: not measured against C")


def sweep() -> None:
    """A dump of the links of 1000 namespaces, and of 1000 links in one."""
    import netwright
    from netwright.kernel import rtnl
    from netwright.kernel.namespaces import names
    from netwright.kernel.netlink import Netlink

    def every_namespace() -> dict[str, int]:
        return netwright.sweep(names(), lambda namespace: len(namespace.links.list()))

    count = 200 if QUICK else 1000
    subprocess.run([NW, "-batch", "-"], input="".join(f"netns add n{i}\n" for i in range(count)).encode(), check=True)
    peer = child_cpu(["ip", "-all", "netns", "exec", "ip", "link"])
    row(f"links of {count} namespaces", min(own_cpu(every_namespace) for _ in range(3)), peer, "ip -all netns exec ip link", 30, more=True)
    subprocess.run(["ip", "-all", "netns", "delete"], check=True)
    subprocess.run(["ip", "-batch", "-"], input="".join(f"link add v{i} type veth peer name w{i}\n" for i in range(500)).encode(), check=True)

    def thousand_links() -> None:
        with Netlink() as netlink:
            for link in rtnl.dump(netlink, rtnl.GETLINK):
                link["ifname"], link["index"], link.get("mtu"), link.get("address")

    ours = min(own_cpu(thousand_links) for _ in range(TIMES))
    print(f"{'dump of 1000 links, in process':44} {ours:9.1f} ms {'':12}  {'(bound: 25 ms)':26} {'ok' if ours <= 25 else 'OVER':>15}")


def memory() -> None:
    """The largest resident set of a one-shot command, by its own word (VmHWM: what wait4 says includes us, who started it)."""
    code = "import sys; sys.path.append(sys.argv[1])\nfrom netwright.cli.main import main\nmain(['nw', *sys.argv[2:]])\n"
    code += "sys.stderr.write([line for line in open('/proc/self/status') if line.startswith('VmHWM')][0].split()[1])"
    for words in ("netns list", "link show lo", "address show lo", "route show"):
        argv = [sys.executable, "-IS", "-c", code, str(HERE.parents[1] / "src"), *words.split()]
        peak = int(subprocess.run(argv, capture_output=True, text=True, check=True).stderr) / 1024
        print(f"{'memory of nw ' + words:44} {peak:9.1f} MB {'':12}  {'(bound: 14 MB)':26} {'ok' if peak <= 14 else 'OVER':>15}")


def main() -> int:
    """Go into private namespaces, then measure."""
    if "inside" not in sys.argv:
        user = [] if os.getuid() == 0 else ["--map-root-user"]
        inner = f"mount -t tmpfs none /run && ip link set lo up && exec '{sys.executable}' '{HERE}' inside {' '.join(sys.argv[1:])}"
        return subprocess.run(["unshare", *user, "-nm", "--propagation", "private", "sh", "-c", inner], check=False).returncode
    print(f"{'what':44} {'ours':>12} {'peer':>12}  {'the peer':26} {'ratio':>7}    bound")
    for part in (one_shot, many_names, topology, sweep, memory):
        part()
    return 0


if __name__ == "__main__":
    sys.exit(main())
