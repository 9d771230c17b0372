"""A host for container networks in a Sandbox: an uplink to `out`, namespaces that become containers, `nw`, and what it left behind."""

import importlib.util
import json
import sys
from pathlib import Path

from sandbox import SOURCE, Result, Sandbox
from traffic import CLIENT, carried, steady, until

NW = Path(__file__).parent / "inside" / "networks_nw.py"
PACKAGES = str(Path(importlib.util.find_spec("dns").origin).parents[1])
ENVIRONMENT = {"NETWRIGHT_STATE_DIR": "/run/state", "NW_TEST_PYTHONPATH": f"{SOURCE}:{PACKAGES}"}
PYTHON = [sys.executable, "-ISc"]
SERVER = """
import selectors, socket, sys
everyone = selectors.DefaultSelector()
for word in sys.argv[1:]:
    protocol, port, *host = word.split("/")
    kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
    family = socket.AF_INET if host else socket.AF_INET6
    s = socket.socket(family, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((host[0] if host else "::", int(port)))
    if protocol == "tcp":
        s.listen(64)
    everyone.register(s, selectors.EVENT_READ)
print("up", flush=True)
while True:
    for key, _ in everyone.select():
        s = key.fileobj
        if s.type == socket.SOCK_DGRAM:
            data, a = s.recvfrom(100)
            print(data.decode(), flush=True)
            s.sendto(a[0].removeprefix("::ffff:").encode(), a)
        else:
            c, a = s.accept()
            c.sendall(a[0].removeprefix("::ffff:").encode())
            c.close()
"""

class Host:
    """The sandbox as a host; `box` is the sandbox itself."""

    def __init__(self, box: Sandbox, containers: str = "a b c", mtu: int = 1500) -> None:
        self.box, self.env = box, dict(ENVIRONMENT)
        self._servers = 0
        lines = [
            "link set lo up", "link add up0 type veth peer name eth0", "link set eth0 netns out",
            f"link set up0 mtu {mtu} up", "addr add 192.0.2.1/24 dev up0", "addr add fd99::1/64 dev up0 nodad", "route add default via 192.0.2.9",
        ]  # fmt: skip
        outside = [f"link set eth0 mtu {mtu} up", "link set lo up", "addr add 192.0.2.9/24 dev eth0", "addr add fd99::9/64 dev eth0 nodad"]
        box.quiet_namespaces("out", *containers.split())
        box.batch(*lines)
        box.batch(*outside, netns="out")
        carried(box, ("up0", None), ("eth0", "out"))

    def container(self, name: str) -> None:
        """A namespace that waits to become one."""
        self.box.ip(f"netns add {name}")
        self.box.quiet(name)

    # -- commands ------------------------------------------------------------------------------------------------------------

    def nw(self, *words: str, code: int = 0, **faults: int) -> Result:
        """`nw WORDS…` (one word is split at blanks), which has to end with `code`."""
        done = self.tried(*words, **faults)
        assert done.code == code, f"nw {' '.join(words)}: {done.code}: {done.err}{done.out}"
        return done

    def tried(self, *words: str, **faults: int) -> Result:
        """The same, whatever it ends with."""
        split = words[0].split() if len(words) == 1 else list(words)
        return Result(**self.box.call(NW, "nw", split, faults, self.env, timeout=90.0))

    def refused(self, *words: str, code: int = 1) -> str:
        """What is said where it is refused; never a traceback."""
        done = self.tried(*words)
        assert done.code == code, f"nw {' '.join(words)}: {done.code}: {done.err}{done.out}"
        assert "Traceback" not in done.err
        return done.err

    def json(self, *words: str) -> object:
        """What a command prints, as JSON."""
        return json.loads(self.nw(*words).out)

    def inspect(self, network: str) -> dict:
        """All about a network."""
        (found,) = self.json(f"network inspect {network}")
        return found

    def start(self, *words: str) -> int:
        """A command in the background, in a Python of its own; its pid."""
        split = words[0].split() if len(words) == 1 else list(words)
        return self.box.popen([sys.executable, str(NW), *split], env={**self.env, "PYTHONPATH": str(SOURCE)})

    # -- traffic ---------------------------------------------------------------------------------------------------------------

    def serve(self, netns: str | None, *words: str) -> tuple[int, str]:
        """A server for words as tcp/80, udp/53 or tcp/80/127.0.0.1; it answers with the client's address. (pid, its output)."""
        self._servers += 1
        out = f"/run/server{self._servers}"
        pid = self.box.popen([*PYTHON, SERVER, *words], netns=netns, out=out, err=f"{out}.err")
        until(lambda: self.box.read(out).startswith("up"))
        return pid, out

    def ask(self, netns: str | None, address: str, port: int, protocol: str = "tcp", seconds: float = 30.0, local: int = 0) -> str:
        """What the server says, or the name of the error."""
        return self.box.run([*PYTHON, CLIENT, protocol, address, str(port), str(seconds), str(local)], netns=netns).out.strip()

    def never(self, netns: str | None, address: str, port: int, protocol: str = "tcp") -> bool:
        """Whether there is no answer."""
        return self.ask(netns, address, port, protocol, 0.3) in ("TimeoutError", "ConnectionRefusedError", "OSError")

    def answers(self, netns: str | None, address: str, port: int, protocol: str = "tcp", *, wanted: bool) -> bool:
        """Whether there is one; looked for longer where one is wanted."""
        return "Error" not in self.ask(netns, address, port, protocol) if wanted else not self.never(netns, address, port, protocol)

    def pings(self, netns: str | None, address: str) -> bool:
        """Whether it answers."""
        return self.box.run(["ping", "-c1", "-w30", address], netns=netns).code == 0

    def silent(self, netns: str | None, address: str) -> bool:
        """Whether it does not."""
        return self.box.run(["ping", "-c1", "-W0.2", address], netns=netns).code != 0

    def address(self, container: str, network: str, family: int = 4) -> str:
        """A container's address on a network."""
        found = [a.partition("/")[0] for a in self.inspect(network)["containers"][container]["addresses"]]
        return next(a for a in found if (":" in a) == (family == 6))

    # -- what is left ----------------------------------------------------------------------------------------------------------

    def traces(self) -> list[str]:
        """All that there is of networks on the host, a line each; without numbers that are others each time."""
        script = "ip -d -o link; echo @; ip -o addr; echo @; ip route show table all; ip -6 route show table all; echo @; nft list ruleset;"
        script += "echo @; find /run/netwright/.attached /run/netwright/.networks /run/netwright/.dns -type f 2>/dev/null | grep -v -e responder -e zones.lock"
        parts = self.box.run(["sh", "-c", script]).out.split("@\n")
        out = []
        for name, text in zip(("link", "address", "route", "rule", "file"), parts, strict=True):
            lines = (line for line in map(steady, text.splitlines()) if "up0" not in line and "fe80" not in line and "ff00::/8" not in line)
            out += [f"{name}: {line}" for line in lines]
        lease = "SELECT 'lease', network, hex(number), owner FROM leases WHERE owner!=''"
        out += self.rows(lease, "SELECT 'attached', owner FROM attachments UNION SELECT 'network', name FROM networks UNION SELECT owner, host_port FROM ports")
        return sorted(out)

    def rows(self, *sql: str) -> list[str]:
        """Rows of the database."""
        code = "import sqlite3, sys; db = sqlite3.connect('/run/state/networks.db'); [print(row) for sql in sys.argv[1:] for row in db.execute(sql)]"
        return self.box.run([*PYTHON, code, *sql]).out.splitlines()
