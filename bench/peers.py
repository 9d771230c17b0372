"""The same star, made by others: the least that the kernel asks for, `ip -batch`, pyroute2, Mininet. One JSON line each.

    python bench/peers.py METHOD N      (in private namespaces: bench/labs.py starts it there)

A star is one bridge with 10.9.0.1/8 and N hosts, each with a cable, lo up, an address and a default route. Seconds of CPU are
those of the process and of all that it waited for. Every run checks that the last host can ping the bridge.
"""

import json
import os
import resource
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

from private import must_be_apart

BRIDGE = 9999


def address(i: int) -> str:
    """The address of the i-th host."""
    return f"10.{9 + (i + 1) // 65536}.{((i + 1) // 256) % 256}.{(i + 1) % 256}"


class Clock:
    """What was measured, by name."""

    def __init__(self, method: str, number: int) -> None:
        self.told: dict[str, object] = {"method": method, "n": number}

    @staticmethod
    def cpu() -> float:
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(u.ru_utime + u.ru_stime for u in used)

    def measure(self, name: str, work) -> object:
        cpu, wall = self.cpu(), time.perf_counter()
        result = work()
        self.told[name], self.told[f"{name}_cpu"] = round(time.perf_counter() - wall, 4), round(self.cpu() - cpu, 4)
        return result

    def commands(self, run, number: int, times: int) -> None:
        took = []
        for i in range(times):
            start = time.perf_counter()
            run(i % number + 1)
            took.append(time.perf_counter() - start)
        self.told["command_ms"] = round(sorted(took)[times // 2] * 1e3, 2)


def must_ping(number: int) -> None:
    for _ in range(20):
        if subprocess.run(["ip", "netns", "exec", f"h{number}", "ping", "-c1", "-W1", "10.9.0.1"], stdout=subprocess.DEVNULL, check=False).returncode == 0:
            return
    sys.exit("the star does not work")


# -- the floor: messages by hand, nothing else -----------------------------------------------------------------------------------


class Raw:
    """A netlink socket and messages put together by hand: no names, no tables, no checks."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.socket.bind((0, 0))

    @staticmethod
    def attribute(kind: int, data: bytes) -> bytes:
        return struct.pack("HH", len(data) + 4, kind) + data + bytes(-len(data) % 4)

    @staticmethod
    def link(index: int = 0, flags: int = 0, change: int = 0) -> bytes:
        return struct.pack("BxHiII", 0, 0, index, flags, change)

    @staticmethod
    def message(kind: int, flags: int, body: bytes) -> bytes:
        return struct.pack("IHHII", len(body) + 16, kind, flags | 5, 7, 0) + body

    def send(self, messages: list[bytes], at_once: int = 32) -> None:
        for at in range(0, len(messages), at_once):
            part = messages[at : at + at_once]
            self.socket.send(b"".join(part))
            left = len(part)
            while left:
                data = self.socket.recv(1 << 16)
                while data:
                    size, kind = struct.unpack_from("IH", data)
                    if kind == 2:
                        (error,) = struct.unpack_from("i", data, 16)
                        if error:
                            raise OSError(-error, os.strerror(-error))
                        left -= 1
                    data = data[(size + 3) & ~3 :]


def floor(clock: Clock, number: int) -> None:
    import ctypes

    libc, new = ctypes.CDLL(None, use_errno=True), 0x600
    a, link, message = Raw.attribute, Raw.link, Raw.message
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    gateway = socket.inet_aton("10.9.0.1")

    def addressed(index: int, host: bytes) -> bytes:
        return message(20, new, struct.pack("BBBBI", 2, 8, 0, 0, index) + a(2, host) + a(1, host))

    def make() -> list[int]:
        root = Raw()
        root.send([message(16, new, link(BRIDGE) + a(3, b"s\0") + a(18, a(1, b"bridge"))), addressed(BRIDGE, gateway), message(16, 0, link(BRIDGE, 1, 1))])
        fds, inside = [], []
        for i in range(1, number + 1):
            if libc.unshare(0x40000000):
                raise OSError(ctypes.get_errno(), "unshare")
            fds.append(os.open("/proc/self/ns/net", os.O_RDONLY))
            inside.append(Raw())
            Path(f"/run/netns/h{i}").touch()
            libc.mount(b"/proc/self/ns/net", f"/run/netns/h{i}".encode(), None, 4096, None)
        libc.setns(home, 0x40000000)
        cables = []
        for i, fd in enumerate(fds, 1):
            peer = a(1, link() + a(3, b"eth0\0") + a(28, struct.pack("I", fd)))
            master = a(10, struct.pack("I", BRIDGE))
            cables.append(message(16, new, link(0, 1, 1) + a(3, f"v{i}\0".encode()) + master + a(18, a(1, b"veth") + a(2, peer))))
        root.send(cables)
        for i, there in enumerate(inside, 1):
            route = message(24, new, struct.pack("BBBBBBBBI", 2, 0, 0, 0, 254, 4, 0, 1, 0) + a(5, gateway))
            there.send([message(16, 0, link(1, 1, 1)), addressed(2, socket.inet_aton(address(i))), message(16, 0, link(2, 1, 1)), route])
            there.socket.close()
        return fds

    fds = clock.measure("create", make)
    must_ping(number)

    def run(i: int) -> None:
        libc.setns(fds[i - 1], 0x40000000)
        pid = os.posix_spawn("/bin/true", ["true"], {})
        libc.setns(home, 0x40000000)
        os.waitpid(pid, 0)

    clock.commands(run, number, 15)

    def drop() -> None:
        for i, fd in enumerate(fds, 1):
            os.close(fd)
            libc.umount2(f"/run/netns/h{i}".encode(), 2)
            os.unlink(f"/run/netns/h{i}")
        Raw().send([message(17, 0, link(BRIDGE))])

    clock.measure("destroy", drop)


# -- others ----------------------------------------------------------------------------------------------------------------------


def ip_batch(clock: Clock, number: int) -> None:
    def batch(lines: list[str], *options: str) -> None:
        subprocess.run(["ip", *options, "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=True)

    def make() -> None:
        lines = ["link add s type bridge", "address add 10.9.0.1/8 dev s", "link set s up", *(f"netns add h{i}" for i in range(1, number + 1))]
        for i in range(1, number + 1):
            lines += [f"link add v{i} type veth peer name eth0 netns h{i}", f"link set v{i} master s up"]
        batch(lines)
        for i in range(1, number + 1):
            batch(["link set lo up", f"address add {address(i)}/8 dev eth0", "link set eth0 up", "route add default via 10.9.0.1"], "-n", f"h{i}")

    clock.measure("create", make)
    must_ping(number)
    clock.commands(lambda i: subprocess.run(["ip", "netns", "exec", f"h{i}", "true"], check=True), number, 15)
    clock.measure("destroy", lambda: batch([*(f"netns delete h{i}" for i in range(1, number + 1)), "link delete s"]))


def pyroute2(clock: Clock, number: int) -> None:
    from pyroute2 import IPRoute, NetNS, netns

    def make() -> None:
        here = IPRoute()
        here.link("add", ifname="s", kind="bridge")
        bridge = here.link_lookup(ifname="s")[0]
        here.addr("add", index=bridge, address="10.9.0.1", prefixlen=8)
        here.link("set", index=bridge, state="up")
        for i in range(1, number + 1):
            netns.create(f"h{i}")
            here.link("add", ifname=f"v{i}", kind="veth", peer={"ifname": "eth0", "net_ns_fd": f"h{i}"})
            here.link("set", index=here.link_lookup(ifname=f"v{i}")[0], master=bridge, state="up")
            with NetNS(f"h{i}") as there:
                eth0 = there.link_lookup(ifname="eth0")[0]
                there.link("set", index=1, state="up")
                there.addr("add", index=eth0, address=address(i), prefixlen=8)
                there.link("set", index=eth0, state="up")
                there.route("add", dst="default", gateway="10.9.0.1")

    clock.measure("create", make)
    must_ping(number)
    clock.measure("destroy", lambda: [netns.remove(f"h{i}") for i in range(1, number + 1)])


def mininet(clock: Clock, number: int) -> None:
    sys.path.append("/usr/lib/python3/dist-packages")
    from mininet.log import setLogLevel
    from mininet.net import Mininet
    from mininet.nodelib import LinuxBridge
    from mininet.topo import Topo

    setLogLevel("error")

    class Star(Topo):
        def build(self) -> None:
            switch = self.addSwitch("s1")
            for i in range(1, number + 1):
                self.addLink(self.addHost(f"h{i}", ip=f"{address(i)}/8", defaultRoute="via 10.9.0.1"), switch)

    def make() -> "Mininet":
        net = Mininet(topo=Star(), switch=LinuxBridge, controller=None, ipBase="10.0.0.0/8")
        net.start()
        return net

    net = clock.measure("create", make)
    clock.commands(lambda i: net.get(f"h{i}").cmd("/bin/true"), number, 15)
    clock.measure("destroy", net.stop)


def main() -> None:
    """One method."""
    must_be_apart()
    method, number = sys.argv[1], int(sys.argv[2])
    os.makedirs("/run/netns", exist_ok=True)
    clock = Clock(method, number)
    {"floor": floor, "ip-batch": ip_batch, "pyroute2": pyroute2, "mininet": mininet}[method](clock, number)
    print(json.dumps(clock.told))


if __name__ == "__main__":
    main()
