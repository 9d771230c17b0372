"""A host for CNI plugins in a Sandbox: an uplink to `out`, namespaces that become containers, our plugins and Go's, what they leave."""

import importlib.util
import json
import sys
from pathlib import Path

from sandbox import SOURCE, Result, Sandbox, missing
from traffic import CLIENT, carried, own, steady

GO = Path("/usr/lib/cni")
OURS = "/run/ours"
FORKED = Path(__file__).parent / "inside" / "forked.py"
PACKAGES = str(Path(importlib.util.find_spec("dns").origin).parents[1])
NAMES = ("bridge", "ptp", "portmap", "firewall", "netwright", "loopback", "host-local", "static")
PROGRAM = f"#!{sys.executable} -IS\nimport sys\n\nsys.path.append({str(SOURCE)!r})\nfrom netwright.cni.main import main\n\nsys.exit(main(sys.argv))\n"
PYTHON = [sys.executable, "-ISc"]
# Answers with the address that it sees; both families, TCP and UDP.
SERVER = """
import selectors, socket, sys
everyone = selectors.DefaultSelector()
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    s = socket.socket(socket.AF_INET6, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.bind(("::", int(sys.argv[1])))
    if kind == socket.SOCK_STREAM:
        s.listen(64)
    everyone.register(s, selectors.EVENT_READ)
print("up", flush=True)
said = (sys.argv[2:] or [""])[0]
while True:
    for key, _ in everyone.select():
        s = key.fileobj
        if s.type == socket.SOCK_DGRAM:
            _, a = s.recvfrom(100)
            s.sendto((said + a[0].removeprefix("::ffff:")).encode(), a)
        else:
            c, a = s.accept()
            c.sendall((said + a[0].removeprefix("::ffff:")).encode()); c.close()
"""


class CniHost:
    """`box` is the sandbox; `place` the directory whose plugins are called."""

    def __init__(self, box: Sandbox, containers: str = "a b", place: str = OURS) -> None:
        self.box, self.place, self._servers = box, place, 0
        box.quiet_namespaces("out", *containers.split())
        box.batch(
            "link set lo up", "link add up0 type veth peer name eth0", "link set eth0 netns out", "link set up0 up", "addr add 192.0.2.1/24 dev up0",
            "addr add fd99::1/64 dev up0 nodad", "route add default via 192.0.2.9", "route add default via fd99::9",
        )  # fmt: skip
        box.batch("link set eth0 up", "link set lo up", "addr add 192.0.2.9/24 dev eth0", "addr add fd99::9/64 dev eth0 nodad", netns="out")
        carried(box, ("up0", None), ("eth0", "out"))
        if place == OURS:
            box.write(f"{OURS}/netwright-cni", PROGRAM)
            links = " && ".join(f"ln -s netwright-cni {OURS}/{name}" for name in NAMES)
            assert box.run(["sh", "-ec", f"chmod 755 {OURS}/netwright-cni && {links}"]).code == 0

    def container(self, name: str) -> None:
        """A namespace that waits to become one."""
        self.box.ip(f"netns add {name}")
        self.box.quiet(name)

    # -- calls ---------------------------------------------------------------------------------------------------------------

    def call(self, config: dict, command: str = "ADD", container: str = "a", ifname: str = "eth0", **more: str | None) -> Result:
        """One call of the plugin that config["type"] names; the container's id is its namespace's name. `before`: words before it."""
        first = (more.pop("before", "") or "").split()
        env = {
            "CNI_COMMAND": command, "CNI_CONTAINERID": container, "CNI_IFNAME": ifname, "CNI_NETNS": f"/run/netns/{container}",
            "CNI_PATH": f"{self.place}:{GO}", **more,
        }  # fmt: skip
        return self.box.run([*first, f"{self.place}/{config['type']}"], env=env, stdin=json.dumps(config))

    def ok(self, config: dict, command: str = "ADD", *words: str, **more: str) -> dict:
        """The same; it has to go well. Its result."""
        done = self.call(config, command, *words, **more)
        assert done.code == 0, f"{command}: {done.out}{done.err}"
        return json.loads(done.out) if done.out.strip() else {}

    def quickly(self, config: dict, command: str = "ADD", container: str = "a", ifname: str = "eth0", **more: str) -> None:
        """`ok` of ours in a process that is forked and not started: for what is only put back between the calls that are looked at."""
        env = {"CNI_COMMAND": command, "CNI_CONTAINERID": container, "CNI_IFNAME": ifname, "CNI_NETNS": f"/run/netns/{container}", "CNI_PATH": f"{self.place}:{GO}"}
        places = [str(SOURCE), PACKAGES]
        done = Result(**self.box.call(FORKED, "called", "cni_run", "run", places, [config["type"]], env | more, json.dumps(config)))
        assert done.code == 0, f"{command}: {done.out}{done.err}"

    def refused(self, config: dict, command: str = "ADD", *words: str, **more: str) -> dict:
        """The same; it has to be refused. The error."""
        done = self.call(config, command, *words, **more)
        assert done.code == 1, f"{command} went well: {done.out}{done.err}"
        assert "Traceback" not in done.err, done.err
        return json.loads(done.out)

    def chain(self, plugins: list[dict], command: str = "ADD", *words: str, result: dict | None = None, **more: str) -> dict:
        """A list of plugins as a runtime calls it: each gets the result of the one before; DEL in the opposite order."""
        for plugin in plugins[:: -1 if command == "DEL" else 1]:
            said = self.ok(plugin | ({"prevResult": result} if result else {}), command, *words, **more)
            result = said if command == "ADD" else result
        return result or {}

    # -- what is there -------------------------------------------------------------------------------------------------------

    def traces(self) -> list[object]:
        """All that a plugin could leave on the host."""
        links = [steady(line) for line in self.box.ip("-d -o link").splitlines()]
        seen = self.box.ip("-o addr") + self.box.ip("route show table all") + self.box.ip("-6 route show table all")
        quiet = sorted(own([line for line in seen.splitlines() if "up0" not in line]))
        files = self.box.run(["sh", "-c", "find /run/netwright /run/data -type f 2>/dev/null | grep -ve lock -e last_reserved -e /seen"]).out
        return [links, quiet, self.rules(), sorted(files.splitlines())]

    def rules(self) -> str:
        """Every rule of the host."""
        return self.box.run(["nft", "list", "ruleset"]).out

    def elements(self, name: str) -> str:
        """A set or map of ours."""
        return self.box.run(["nft", "list", "set" if name[:4] not in ("publ",) else "map", "inet", "netwright", name]).out

    def json(self, *words: str, netns: str | None = None) -> list[dict]:
        """`ip -j …`"""
        return json.loads(self.box.ip("-j " + " ".join(words), netns=netns) or "[]")

    # -- traffic -------------------------------------------------------------------------------------------------------------

    def serve(self, netns: str | None, port: int = 80, said: str = "") -> int:
        """A server in a container; its pid."""
        self._servers += 1
        out = f"/run/server{self._servers}"
        pid = self.box.popen([*PYTHON, SERVER, str(port), said], netns=netns, out=out, err=out)
        done = self.box.run(["sh", "-c", f"until [ -s {out} ]; do :; done; cat {out}"])
        assert done.out == "up\n", done.out
        return pid

    def ask(self, address: str, port: int, netns: str | None = None, protocol: str = "tcp", seconds: float = 30.0, local: int = 0) -> str:
        """What a server answers, or the error."""
        return self.box.run([*PYTHON, CLIENT, protocol, address, str(port), str(seconds), str(local)], netns=netns).out.strip()

    def ping(self, address: str, netns: str | None = None) -> bool:
        """Whether it answers; where an answer is wanted."""
        return self.box.run(["ping", "-c1", "-w30", address], netns=netns).code == 0

    def reaches(self, address: str, netns: str | None = None, *, wanted: bool) -> bool:
        """Whether it answers; waited for only where an answer is wanted."""
        return self.ping(address, netns) if wanted else not self.silent(address, netns)

    def silent(self, address: str, netns: str | None = None) -> bool:
        """Whether it does not."""
        return self.box.run(["ping", "-c1", "-W0.5", address], netns=netns).code != 0


def go(*names: str) -> str:
    """The directory of Debian's Go plugins."""
    if not all((GO / name).exists() for name in names):
        missing("containernetworking-plugins are not installed")
    return str(GO)


def ipam(**more: object) -> dict:
    """10.1.0.0/24, or other ranges."""
    said = {} if {"subnet", "ranges"} & set(more) else {"subnet": "10.1.0.0/24"}
    return {"type": "host-local", "dataDir": "/run/data", **said, **more}


BOTH = [[{"subnet": "10.1.0.0/24"}], [{"subnet": "fd01::/64"}]]
EVERYWHERE = [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]
