"""A private host for a container runtime: own network, mounts, processes; `outside` is a machine next to it.

    outside (namespace)                 the host (the box)
    eth0 192.0.2.1/24  ───── cable ─────  wan 192.0.2.2/24, the default route
         2001:db8::1/64                       2001:db8::2/64

What a runtime keeps is on file systems of the box's own (/run, /var/lib, /etc, /opt), so that two never meet, and nothing is
left on the machine. Only control groups are the machine's: those that carry this host's name are removed at the end.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox import Result, Sandbox

INSIDE = Path(__file__).with_name("inside")
HOST4, HOST6 = "192.0.2.2", "2001:db8::2"
OUTSIDE4, OUTSIDE6 = "192.0.2.1", "2001:db8::1"
CGROUPS = Path("/sys/fs/cgroup")
RULESET = ["nft", "-s", "list", "ruleset"]
PYTHON = [sys.executable, "-IS"]

# /sys shows the devices of the namespace it was mounted in: the host's own, with the control groups put back into it.
# What the machine has in /usr/lib/cni and /usr/lib/podman stays in sight under /run/machine.
MACHINE = """
mkdir /run/cgroup /run/machine /run/machine/cni /run/machine/podman
mount --rbind /sys/fs/cgroup /run/cgroup
mount -t sysfs none /sys
mount --rbind /run/cgroup /sys/fs/cgroup
for place in cni podman; do [ ! -d /usr/lib/$place ] || mount --bind /usr/lib/$place /run/machine/$place; done
for place in /var/lib /opt; do mount -t tmpfs none $place; done
mkdir -p /var/lib/cni /opt/cni/bin /etc/cni/net.d /etc/containers
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >/etc/containers/policy.json
echo 'nameserver 192.0.2.1' >/etc/resolv.conf
"""
CABLE = f"""
ip link set lo up
ip netns add outside
ip link add wan type veth peer name eth0 netns outside
ip addr add {HOST4}/24 dev wan && ip addr add {HOST6}/64 dev wan nodad
ip -n outside addr add {OUTSIDE4}/24 dev eth0 && ip -n outside addr add {OUTSIDE6}/64 dev eth0 nodad
ip link set wan up && ip -n outside link set eth0 up && ip -n outside link set lo up
ip route add default via {OUTSIDE4} && ip -6 route add default via {OUTSIDE6}
"""
# The timers of a bridge go on by themselves; the index of a device made again is another one.
_RESTLESS = ("timer", "ifindex", "topology_change", "link_index", "operstate", "flags")


def until(condition: Callable[[], object], what: str = "", seconds: float = 60.0) -> object:
    """The first true answer of `condition`; AssertionError after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what or condition}"
        time.sleep(0.03)
    return found


class Host:
    """One private host. `name` marks its control groups."""

    def __init__(self) -> None:
        self.box = Sandbox(pids=True, etc=True)
        self.name = f"netwright-test-{self.box._server.pid}"
        try:
            self.sh(MACHINE)
            self.box.quiet()
            self.sh(CABLE)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Host":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        self.box.close()
        # Others' groups come and go meanwhile, which os.walk does not mind.
        mine = [Path(path) for path, _, _ in os.walk(CGROUPS, topdown=False) if self.name in path.split("/")]
        for path in mine:
            until(lambda path=path: _removed(path), f"{path} is empty")

    # -- commands

    def sh(self, script: str, *, timeout: float = 180.0, env: dict[str, str | None] | None = None) -> str:
        """A shell script that must succeed; its output."""
        return self.must(["sh", "-ec", script], timeout=timeout, env=env)

    def must(self, argv: list[str], *, timeout: float = 180.0, **options) -> str:
        result = self.box.run(argv, timeout=timeout, **options)
        assert result.code == 0, f"{' '.join(argv)}: exit {result.code}\n{result.out}\n{result.err}"
        return result.out

    # -- traffic

    def ask(self, address: str, port: int, *, netns: str | None = None, protocol: str = "tcp", seconds: float = 45.0) -> str:
        """What answers there: by `answer.py` or a container's web server, the client's address. Asks again until it is answered."""
        result = self.box.run(asking(address, port, protocol, seconds), netns=netns)
        assert result.code == 0, f"{protocol} {address} port {port} from {netns or 'the host'}: {result.err}"
        return result.out.strip()

    def is_silent(self, address: str, port: int, *, netns: str | None = None, protocol: str = "tcp") -> bool:
        """Nobody answers there."""
        return self.box.run(asking(address, port, protocol, 0.4), netns=netns).code != 0

    def answer(self, port: int, *, prefix: tuple[str, ...] = (), netns: str | None = None) -> None:
        """A server for TCP and UDP that tells each client its address."""
        self.box.popen([*prefix, *PYTHON, str(INSIDE / "answer.py"), str(port)], netns=netns)

    def answer_names(self) -> None:
        """A name server outside, the one in /etc/resolv.conf: it knows www.example, and that nothing else is there."""
        self.box.popen([*PYTHON, str(INSIDE / "names.py")], netns="outside")
        until(lambda: self.box.run(["ss", "-Hlun", "sport = :53"], netns="outside").out, "the name server outside")

    # -- what is there

    def state(self) -> dict[str, object]:
        """What a container could leave behind."""
        return {
            # By table: the kernel lists those in the order of their making.
            "rules": sorted(f"\n{self.must(RULESET)}".rstrip().split("\ntable ")),
            "devices": [_resting(link) for link in json.loads(self.must(["ip", "-d", "-j", "link"]))],
            "addresses": [line.split()[:1] + line.split()[2:] for line in self.must(["ip", "-br", "addr"]).splitlines()],
            "routes": [self.must(["ip", family, "route", "show", "table", "all"]).replace(" linkdown", "").splitlines() for family in ("-4", "-6")],
            "policy": [self.must(["ip", family, "rule"]).splitlines() for family in ("-4", "-6")],
            "queues": self.must(["tc", "qdisc"]).splitlines(),
            **self.box.call(INSIDE / "seen.py", "seen"),
        }


@dataclass(frozen=True)
class Container:
    """A container that runs on a host."""

    host: Host
    name: str
    pid: int

    def run(self, argv: list[str], **options) -> Result:
        """A program of the host with the container's network."""
        return self.host.box.run(["nsenter", "-t", str(self.pid), "-n", "--", *argv], **options)

    def inside(self, *argv: str) -> Result:
        """A program of the container, in it."""
        return self.host.box.run(["nsenter", "-t", str(self.pid), "-n", "-m", "-u", "--", *argv])

    def device(self, name: str = "eth0") -> dict[str, object]:
        found = self.run(["ip", "-j", "addr", "show", "dev", name])
        assert found.code == 0, found.err
        return json.loads(found.out)[0]

    def devices(self) -> list[str]:
        return [link["ifname"] for link in json.loads(self.run(["ip", "-j", "link"]).out)]

    def addresses(self, device: str = "eth0") -> list[str]:
        """As "10.1.0.2/24"; those of the link are left out."""
        found = self.device(device)["addr_info"]
        return [f"{one['local']}/{one['prefixlen']}" for one in found if one["scope"] == "global"]

    def address(self, family: int = 4, device: str = "eth0") -> str:
        found = [one.partition("/")[0] for one in self.addresses(device) if (":" in one) == (family == 6)]
        assert found, f"{self.name} has no IPv{family} address: {self.device(device)}"
        return found[0]

    def gateways(self, family: int = 4) -> list[str]:
        routes = json.loads(self.run(["ip", f"-{family}", "-j", "route", "show", "default"]).out or "[]")
        return [route.get("gateway", route["dev"]) for route in routes]

    def pings(self, address: str) -> bool:
        """Within some seconds: the first packet may come before its neighbours know where it is."""
        return self.run(["ping", "-n", "-c", "1", "-w", "30", address]).code == 0

    def ask(self, address: str, port: int, protocol: str = "tcp") -> str:
        result = self.run(asking(address, port, protocol, 45.0))
        assert result.code == 0, f"{protocol} {address} port {port} from {self.name}: {result.err}"
        return result.out.strip()

    def is_cut_off_from(self, address: str, port: int = 80) -> bool:
        return self.run(asking(address, port, "tcp", 0.4)).code != 0

    def looks_up(self, name: str, server: str = "") -> list[str]:
        """The addresses that the container's own resolver gives for a name."""
        answer = self.inside("/bin/nslookup", name, *([server] if server else []))
        lines = answer.out.splitlines()
        begin = next((n for n, line in enumerate(lines) if line.startswith("Name:")), len(lines))
        return sorted({line.split()[-1] for line in lines[begin:] if line.startswith("Address")})

    def answer(self, port: int) -> None:
        """A server for TCP and UDP; among the container's processes, so that it ends with them."""
        self.host.answer(port, prefix=("nsenter", "-t", str(self.pid), "-n", "-p", "--"))


def asking(address: str, port: int, protocol: str, seconds: float) -> list[str]:
    return [*PYTHON, str(INSIDE / "ask.py"), protocol, address, str(port), f"{seconds:g}"]


def _resting(value: object) -> object:
    if isinstance(value, dict):
        return {key: _resting(one) for key, one in value.items() if not any(word in key for word in _RESTLESS)}
    return [_resting(one) for one in value] if isinstance(value, list) else value


def _removed(path: Path) -> bool:
    try:
        os.rmdir(path)
    except FileNotFoundError:
        pass
    except OSError:
        return False
    return True
