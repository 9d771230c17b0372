"""A host for netavark in a Sandbox: an uplink to `out`, namespaces that become containers; what podman would say; what was left."""

import importlib.util
import json
import re
import sys
from pathlib import Path

from sandbox import SOURCE, Result, Sandbox
from traffic import CLIENT, carried, own, steady, until

RUN = Path(__file__).parent / "inside" / "netavark_run.py"
FORKED = RUN.with_name("forked.py")
PACKAGES = str(Path(importlib.util.find_spec("dns").origin).parents[1])
ENVIRONMENT = {"NETAVARK_TEST_PATH": f"{SOURCE}:{PACKAGES}"}
SERVER = """
import selectors, socket, sys
everyone = selectors.DefaultSelector()
for word in sys.argv[1:]:
    protocol, port = word.split("/")
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.bind(("::", int(port)))
    if protocol == "tcp":
        s.listen(64)
    everyone.register(s, selectors.EVENT_READ)
open("/run/server-" + sys.argv[1].replace("/", "-"), "w").close()
while True:
    for key, _ in everyone.select():
        s = key.fileobj
        if s.type == socket.SOCK_DGRAM:
            _, a = s.recvfrom(100)
            s.sendto(a[0].removeprefix("::ffff:").encode(), a)
        else:
            c, a = s.accept()
            c.sendall(a[0].removeprefix("::ffff:").encode())
            c.close()
"""


def same(before: dict[str, object], now: dict[str, object]) -> None:
    """Two of Host.traces()."""
    different = {key: [list(set(before[key]) - set(now[key])), list(set(now[key]) - set(before[key]))] for key in before if now[key] != before[key]}
    assert not different, different


# -- what podman says --------------------------------------------------------------------------------------------------------------


def net(n: int, **more) -> dict:
    """Network number `n`: 10.91.N.0/24 and fd00:91:N::/64 on the bridge pmN."""
    subnets = [{"subnet": f"10.91.{n}.0/24", "gateway": f"10.91.{n}.1"}, {"subnet": f"fd00:91:{n}::/64", "gateway": f"fd00:91:{n}::1"}]
    return {
        "name": f"net{n}", "id": f"{n:064x}", "driver": "bridge", "network_interface": f"pm{n}", "created": "2024-01-01T00:00:00Z",
        "subnets": subnets, "ipv6_enabled": True, "internal": False, "dns_enabled": False, "ipam_options": {"driver": "host-local"}, **more,
    }  # fmt: skip


def asked(c: int, *nets: dict, ports: list[dict] | None = None, listed: bool = False, own: dict | None = None, **more) -> dict:
    """Container number `c` on these networks, with the addresses .C; `own` are options of the interfaces."""
    wishes = {}
    for at, network in enumerate(nets):
        ips = [_address(subnet["subnet"], c) for subnet in network.get("subnets") or []]
        wishes[network["name"]] = {"static_ips": ips, "interface_name": f"eth{at}", "aliases": [f"{c:064x}"[:12]], **(own or {})}
    networks = [{"name": name, **wish} for name, wish in wishes.items()] if listed else wishes
    return {
        "container_id": f"{c:064x}"[::-1], "container_name": f"c{c}", "networks": networks, "network_info": {n["name"]: n for n in nets},
        "port_mappings": ports, **more,
    }  # fmt: skip


def _address(subnet: str, c: int) -> str:
    return subnet.partition("/")[0] + f"{c:x}" if ":" in subnet else subnet.rpartition(".")[0] + f".{c}"


def port(host: int, inside: int = 80, protocol: str = "tcp", address: str = "", count: int = 1) -> dict:
    return {"host_ip": address, "container_port": inside, "host_port": host, "range": count, "protocol": protocol}


# -- the host ----------------------------------------------------------------------------------------------------------------------


class Host:
    """The sandbox as a host; containers are namespaces cN."""

    def __init__(self, box: Sandbox, containers: int = 4) -> None:
        self.box = box
        box.quiet_namespaces("out", *(f"c{n}" for n in range(2, 2 + containers)))
        box.batch("link set lo up", "link add up0 type veth peer name eth0 netns out", "link set up0 up", "addr add 192.0.2.1/24 dev up0",
                      "addr add 192.0.2.2/24 dev up0", "addr add fd99::1/64 dev up0 nodad", "route add default via 192.0.2.9", "route add default via fd99::9")  # fmt: skip
        box.batch("link set eth0 up", "link set lo up", "addr add 192.0.2.9/24 dev eth0", "addr add fd99::9/64 dev eth0 nodad", netns="out")
        # So that ::1 works too: frames of a bridge stay out of the IP hooks. The others every runtime switches on, and none off again;
        # forwarding comes with routes of its own.
        box.run(["sysctl", "-qw", "net.bridge.bridge-nf-call-iptables=0", "net.bridge.bridge-nf-call-ip6tables=0", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"])
        carried(box, ("up0", None), ("eth0", "out"))
        self.before = self.traces()

    def netavark(self, *words: str, given: object = None, step: int = 0, options: tuple[str, ...] = (), env: dict[str, str] | None = None, netns: str | None = None) -> Result:
        text = given if isinstance(given, str) else json.dumps(given)
        asked = [str(step), "-c", "/run/cfg", *options, *words]
        if netns is None:
            places = [str(SOURCE), PACKAGES]
            return Result(**self.box.call(FORKED, "called", RUN.stem, "run", places, asked, {**ENVIRONMENT, **(env or {})}, text, timeout=180.0))
        return self.box.run([sys.executable, "-IS", str(RUN), *asked], stdin=text, env={**ENVIRONMENT, **(env or {})}, timeout=180.0, netns=netns)

    def setup(self, c: int, given: dict, **more) -> dict:
        """It must succeed; what podman is told."""
        result = self.netavark("setup", f"/run/netns/c{c}", given=given, **more)
        assert result.code == 0, result.out + result.err
        return json.loads(result.out)

    def refused(self, c: int, given: object, **more) -> str:
        """It must be refused, with nothing changed; the error."""
        before = self.traces()
        result = self.netavark("setup", f"/run/netns/c{c}", given=given, **more)
        assert result.code == 1, result
        same(before, self.traces())
        return json.loads(result.out)["error"]

    def teardown(self, c: int, given: dict, **more) -> None:
        """It must succeed."""
        result = self.netavark("teardown", f"/run/netns/c{c}", given=given, **more)
        assert (result.code, result.out) == (0, ""), result.out + result.err

    def serve(self, c: str, *words: str) -> None:
        """A server that tells each client its address: tcp/80, udp/53."""
        flag = "/run/server-" + words[0].replace("/", "-")
        self.box.run(["rm", "-f", flag])
        self.box.popen([sys.executable, "-c", SERVER, *words], netns=c)
        until(lambda: self.box.run(["test", "-e", flag]).code == 0, "the server")

    def ask(self, address: str, number: int, netns: str | None = None, protocol: str = "tcp", seconds: float = 30.0) -> str:
        return self.box.run([sys.executable, "-c", CLIENT, protocol, address, str(number), str(seconds), "0"], netns=netns).out.strip()

    def silent(self, address: str, number: int, netns: str | None = None, protocol: str = "tcp") -> bool:
        return self.ask(address, number, netns, protocol, 0.3) in ("TimeoutError", "ConnectionRefusedError", "OSError")

    def pings(self, address: str, netns: str) -> bool:
        return self.box.run(["ping", "-n", "-c1", "-w30", address], netns=netns).code == 0

    def is_cut_off(self, address: str, netns: str) -> bool:
        return self.box.run(["ping", "-n", "-c1", "-W0.3", address], netns=netns).code != 0

    def addresses(self, c: str) -> list[tuple]:
        """Of a container, without those of the link."""
        found = json.loads(self.box.ip("-j", "addr", netns=c))
        pairs = [(link, one) for link in found for one in link["addr_info"] if one["scope"] == "global"]
        return sorted((link["ifname"], link["mtu"], f"{one['local']}/{one['prefixlen']}") for link, one in pairs)

    def routes(self, c: str) -> list[str]:
        found = [line for family in ("-4", "-6") for line in self.box.ip(family, "route", netns=c).splitlines()]
        return sorted(" ".join(line.split()) for line in found if "proto kernel" not in line)

    def elements(self, name: str) -> str:
        return self.box.run(["nft", "list", "set" if not name.startswith(("pub", "outb")) else "map", "inet", "netwright", name]).out

    def traces(self) -> dict[str, object]:
        """All that could be left behind."""
        out: dict[str, object] = {"links": [steady(line) for line in self.box.run(["ip", "-d", "-o", "link"]).lines]}
        out["addresses"] = own(self.box.ip("-o", "addr").splitlines())
        out["routes"] = own([line for f in ("-4", "-6") for line in self.box.ip(f, "route", "show", "table", "all").splitlines()])
        out["rules"] = self.box.run(["nft", "list", "ruleset"]).out.splitlines()
        out["records"] = sorted(self.box.run(["find", "/run/netwright/.attached", "/run/netwright/.dns", "-name", "*pm*", "-o", "-name", "*podman*"]).out.splitlines())
        out["inside"] = [self.box.run(["ip", "-o", "link"], netns=name).out for name in self.box.ip("netns").split() if name.startswith("c")]
        out["inside"] = [re.sub(r"<[^>]*>|state \w+|qdisc \w+", "", text) for text in out["inside"]]  # lo may be up
        return out

    def is_clean(self) -> None:
        """The host is as it was."""
        same(self.before, self.traces())
