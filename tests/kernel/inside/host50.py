"""A host of 50 network namespaces, with every way of holding one. Run in a sandbox that has a pid namespace of its own.

    python host50.py TRUTH     builds it, writes what is true of it to the file TRUTH as JSON, and stays: it holds some of them itself

The truth: {"spaces": {key: {"inode": N, "held": kind, "name": how the map shall call it}}, "cables": [[[key, device], [key, device]], …],
"lower": {"key device": [key, device]}}. Built by ip(8) and system calls, not by what is to be tested.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from netwright.kernel.syscalls import CLONE_NEWNET, MS_BIND, mount, unshare

SPACES: dict[str, dict[str, object]] = {}
CABLES: list[list[list[str]]] = []
LOWER: dict[str, list[str]] = {}
KEPT: list[object] = []


def ip(*lines: str) -> None:
    """One `ip -batch`."""
    done = subprocess.run(["ip", "-batch", "-"], input="\n".join(lines), text=True, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"ip: {done.stderr}")


def in_new_namespace(work: Callable[[], object], stay: bool = False) -> None:
    """work() in a thread with a new network namespace; `stay`: the thread remains there for good."""
    done = threading.Event()

    def body() -> None:
        unshare(CLONE_NEWNET)
        work()
        done.set()
        if stay:
            threading.Event().wait()

    threading.Thread(target=body, daemon=True).start()
    assert done.wait(60)


def space(key: str, held: str, path: str, name: str = "") -> None:
    SPACES[key] = {"inode": os.stat(path).st_ino, "held": held, "name": name or key}


def cable(one: str, device: str, other: str, peer: str) -> None:
    CABLES.append([[one, device], [other, peer]])


def named(key: str) -> None:
    ip(f"netns add {key}")
    space(key, "name", f"/run/netns/{key}")
    subprocess.run(["ip", "-n", key, "link", "set", "lo", "up"], check=True)


def plug(key: str, where: str, port: str, bridge: str = "") -> None:
    """A cable from the host's `port` to eth0 in the namespace at `where` (a name, a pid or a path), whose index is the usual 2."""
    ip(f"link add {port} type veth peer name eth0 address 02:00:00:00:00:02 netns {where}")  # addresses repeat too
    ip(f"link set {port} master {bridge} up") if bridge else ip(f"link set {port} up")
    cable("host", port, key, "eth0")


def inside(path: str, *commands: str) -> None:
    for command in commands:
        subprocess.run(["nsenter", f"--net={path}", "ip", *command.split()], check=True)


def uplink() -> None:
    named("inet")
    ip("link add uplink0 type veth peer name eth0 netns inet", "address add 203.0.113.10/24 dev uplink0", "link set uplink0 up")
    inside("/run/netns/inet", "address add 203.0.113.1/24 dev eth0", "link set eth0 up")
    ip("route add default via 203.0.113.1")
    cable("host", "uplink0", "inet", "eth0")


def containers() -> None:
    ip("link add docker0 type bridge", "address add 172.17.0.1/16 dev docker0", "link set docker0 up")
    ip("link add br-app type bridge", "address add 10.20.0.1/24 dev br-app", "link set br-app up")
    for number in range(1, 21):
        named(f"c{number}")
        plug(f"c{number}", f"c{number}", f"veth{number}", "docker0")
        inside(f"/run/netns/c{number}", f"address add 172.17.0.{number + 1}/16 dev eth0", "link set eth0 up", "route add default via 172.17.0.1")
    for number in range(1, 11):
        in_new_namespace(lambda: KEPT.append(subprocess.Popen(["sleep", "100000"])))
        pid = KEPT[-1].pid
        space(f"p{number}", "process", f"/proc/{pid}/ns/net", f"sleep:{pid}")
        plug(f"p{number}", str(pid), f"vp{number}", "br-app")
        inside(f"/proc/{pid}/ns/net", f"address add 10.20.0.{number + 1}/24 dev eth0", "link set eth0 up")


def bound(path: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDONLY, 0o444))
    mount("/proc/thread-self/ns/net", path, None, MS_BIND)


def binds() -> None:
    for number in range(1, 6):
        path = f"/run/docker/netns/abc{number}"
        in_new_namespace(lambda path=path: bound(path))
        space(f"d{number}", "bind", path, f"abc{number}")
        plug(f"d{number}", path, f"vd{number}", "docker0")


def routers() -> None:
    """A chain none of whose cables has an end on the host."""
    for number in range(1, 5):
        named(f"r{number}")
    for one in range(1, 4):
        ip(f"link add r{one}-r{one + 1} netns r{one} type veth peer name r{one + 1}-r{one} netns r{one + 1}")
        cable(f"r{one}", f"r{one}-r{one + 1}", f"r{one + 1}", f"r{one + 1}-r{one}")


def stacked() -> None:
    for number in range(1, 4):
        named(f"m{number}")
        ip(f"link add mv{number} link uplink0 type macvlan mode bridge", f"link set mv{number} netns m{number} name eth0")
        LOWER[f"m{number} eth0"] = ["host", "uplink0"]
    named("ovl")
    ip("link add vxlan100 type vxlan id 100 dstport 4789 local 203.0.113.10 dev uplink0 nolearning", "link set vxlan100 netns ovl")
    LOWER["ovl vxlan100"] = ["host", "uplink0"]


def odd() -> None:
    """Held by an open file, a thread, a socket, a mount in another mount namespace, and one in a user namespace."""
    me = os.getpid()
    in_new_namespace(lambda: KEPT.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY)))
    fd = KEPT[-1]
    in_new_namespace(lambda: KEPT.append(threading.get_native_id()), stay=True)
    thread = KEPT[-1]
    in_new_namespace(lambda: KEPT.append((socket.socket(socket.AF_INET, socket.SOCK_DGRAM), os.open("/proc/thread-self/ns/net", os.O_RDONLY))))
    file = KEPT[-1][1]
    comm = open("/proc/self/comm").read().strip()
    for number, (key, path) in enumerate([("fd", f"/proc/{me}/fd/{fd}"), ("thread", f"/proc/{me}/task/{thread}/ns/net"), ("socket", f"/proc/{me}/fd/{file}")]):
        space(key, key, path, f"{comm}:{me}")
        plug(key, path, f"hid{number}")
    os.close(file)
    other = spoken(["unshare", "-m", "sh", "-c", "mount -t tmpfs t /mnt; touch /mnt/x; unshare -n mount --bind /proc/self/ns/net /mnt/x; echo ready; exec sleep 100000"])
    space("elsewhere", "bind", f"/proc/{other}/root/mnt/x", f"sleep:{other}")
    plug("elsewhere", f"/proc/{other}/root/mnt/x", "hid3")
    user = spoken(["unshare", "-Urn", "sh", "-c", "echo ready; exec sleep 100000"])
    space("user", "process", f"/proc/{user}/ns/net", f"sleep:{user}")
    plug("user", str(user), "hid4")


def spoken(argv: list[str]) -> int:
    """A process that has said "ready" and then become `sleep`."""
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    KEPT.append(process)
    assert process.stdout.readline() == "ready\n"
    while True:
        with open(f"/proc/{process.pid}/comm") as file:
            if file.read() == "sleep\n":
                return process.pid
        time.sleep(0.002)


def main() -> None:
    space("host", "process", "/proc/self/ns/net", "host")
    ip("link set lo up")
    for step in (uplink, containers, binds, routers, stacked, odd):
        step()
    with open(sys.argv[1] + "~", "w") as file:
        json.dump({"spaces": SPACES, "cables": CABLES, "lower": LOWER}, file)
    os.rename(sys.argv[1] + "~", sys.argv[1])
    signal.pause()


if __name__ == "__main__":
    main()
