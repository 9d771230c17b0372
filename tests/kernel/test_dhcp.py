"""DHCP on the real kernel: our plugin and daemon, and CNI's own, against a server that can misbehave (dhcp_server.py) and a real one."""

import json
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest
from sandbox import SOURCE, Result, Sandbox, missing

HERE = Path(__file__).parent
WATCH = HERE / "inside" / "dhcp_watch.py"
GO = "/usr/lib/cni/dhcp"
LOG, SOCKET, DAEMON_LOG = "/run/server.log", "/run/cni/dhcp.sock", "/run/daemon.log"
OPTIONS = {"3": "0a090001", "6": "0a090001", "15": b"ex.org".hex()}
PLUGIN = "import sys; from netwright.cni.main import main; sys.exit(main(['dhcp']))"
DAEMON = "import sys; from netwright.cni.dhcp.service import main; sys.exit(main(sys.argv[1:]))"


class Place:
    """A namespace `srv` with a DHCP server, and containers on its bridge."""

    def __init__(self, box: Sandbox):
        self.box = box
        box.ip("netns add srv")
        box.ip("link add br0 type bridge", netns="srv")
        box.ip("addr add 10.9.0.1/24 dev br0", netns="srv")
        box.ip("link set br0 up", netns="srv")

    def container(self, name: str = "box", up: bool = True) -> str:
        self.box.ip(f"netns add {name}")
        self.link(name, up)
        return name

    def link(self, name: str, up: bool = True) -> None:
        self.box.ip(f"link add v-{name} netns srv type veth peer name eth0 netns {name}")
        self.box.ip(f"link set v-{name} master br0 up", netns="srv")
        if up:
            self.box.ip("link set eth0 up", netns=name)

    def server(self, **how) -> int:
        how = {"device": "br0", "log": LOG, "options": OPTIONS, **how}
        pid = self.box.popen([sys.executable, str(HERE / "dhcp_server.py"), json.dumps(how)], netns="srv", err="/run/server.err")
        assert self.box.call(WATCH, "heard", LOG, "READY")
        return pid

    def daemon(self, *words: str, path: str = SOCKET) -> int:
        argv = [sys.executable, "-c", DAEMON, "-socketpath", path, "-pidfile", "/run/daemon.pid", *words]
        pid = self.box.popen(argv, env={"PYTHONPATH": str(SOURCE)}, err=DAEMON_LOG)
        assert self.box.call(WATCH, "there", "/run/daemon.pid")
        return pid

    def ask(self, command: str, name: str = "box", *, plugin: str = "", ident: str = "", netns: str | None = None, config=None, **ipam) -> Result:
        document = {"cniVersion": "1.1.0", "name": "net", "type": "bridge", "ipam": {"type": "dhcp", **ipam}} | (config or {})
        env = {
            "CNI_COMMAND": command, "CNI_CONTAINERID": ident or f"id-{name}", "CNI_IFNAME": "eth0", "CNI_PATH": "/usr/lib/cni",
            "CNI_NETNS": f"/run/netns/{name}" if netns is None else netns,
        }  # fmt: skip
        if plugin:
            return self.box.run([plugin], env=env, stdin=json.dumps(document))
        return self.box.python(PLUGIN, env=env, stdin=json.dumps(document))

    def add(self, name: str = "box", **how) -> dict:
        result = self.ask("ADD", name, **how)
        assert result.code == 0, result
        return json.loads(result.out)

    def use(self, result: dict, name: str = "box") -> None:
        """Do what a main plugin does with the result."""
        self.box.ip(f"addr add {result['ips'][0]['address']} dev eth0", netns=name)

    def heard(self, kind: str, count: int = 1, seconds: float = 50.0) -> list[dict]:
        return self.box.call(WATCH, "heard", LOG, kind, count, seconds, timeout=90.0)

    def says(self, text: str, path: str = DAEMON_LOG, seconds: float = 50.0) -> str:
        found = self.box.call(WATCH, "says", path, text, seconds, timeout=90.0)
        assert text in found
        return found

    def written(self) -> list[str]:
        return self.box.run(["find", "/run/netwright/.dhcp", "-name", "*.json"]).out.splitlines()


@pytest.fixture
def place(sandbox: Sandbox) -> Place:
    return Place(sandbox)


def error_of(result: Result) -> tuple[int, str]:
    document = json.loads(result.out)
    return document["code"], f"{document['msg']}: {document.get('details', '')}"


def wanted(address: str = "10.9.0.50/24") -> dict:
    return {
        "cniVersion": "1.1.0", "ips": [{"address": address, "gateway": "10.9.0.1"}], "routes": [{"dst": "0.0.0.0/0", "gw": "10.9.0.1"}],
        "dns": {"nameservers": ["10.9.0.1"], "domain": "ex.org"},
    }  # fmt: skip


def together(place: Place, names: list[str]) -> set[str]:
    """The addresses of many ADDs at once."""
    script = 'program=$0 code=$1; shift; for n in "$@"; do CNI_CONTAINERID=id-$n CNI_NETNS=/run/netns/$n "$program" -c "$code"'
    script += " </run/conf >/run/out.$n & done; wait; cat /run/out.*"
    place.box.write("/run/conf", '{"cniVersion": "1.0.0", "name": "net", "ipam": {"type": "dhcp"}}')
    env = {"CNI_COMMAND": "ADD", "CNI_IFNAME": "eth0", "CNI_PATH": "/x", "PYTHONPATH": str(SOURCE)}
    result = place.box.run(["sh", "-c", script, sys.executable, PLUGIN, *names], env=env, timeout=120.0)
    return {json.loads(line)["ips"][0]["address"] for line in result.out.splitlines()}


# -- one address ---------------------------------------------------------------------------------------------------------


def test_add_check_del_without_a_daemon_that_somebody_started(place: Place):
    place.container()
    place.server()
    result = place.add()
    assert result == wanted()
    assert place.add() == result  # the lease that there is
    assert place.ask("CHECK", config={"prevResult": result}).code == 0
    changed = wanted("10.9.0.77/24")
    assert error_of(place.ask("CHECK", config={"prevResult": changed}))[0] == 102
    assert place.ask("STATUS").code == 0
    assert {line["client"] for line in place.heard("DISCOVER")} == {b"\0id-box/net/eth0".hex()}
    assert place.ask("DEL").code == 0
    (back,) = place.heard("RELEASE")
    assert (back["from"], back["ciaddr"]) == ("10.9.0.50", "10.9.0.50")
    assert place.ask("DEL").code == 0
    assert place.written() == []
    assert place.box.run(["stat", "-c", "%a %U", SOCKET]).out == "600 root\n"
    assert place.box.run(["stat", "-c", "%a", "/run/netwright/.dhcp"]).out == "700\n"


def test_a_device_that_is_down_is_set_up(place: Place):
    place.container(up=False)
    place.server()
    place.daemon()
    assert place.add() == wanted()
    assert "cannot send" not in place.says("ACK from 10.9.0.1")


def test_a_server_that_makes_noise(place: Place):
    place.container()
    place.server(noise=True, silent=1)
    assert place.add() == wanted()


def test_a_server_that_refuses_its_own_offer(place: Place):
    place.container()
    place.server(nak=1)
    assert place.add() == wanted()
    assert len(place.heard("DISCOVER", 2)) >= 2


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"silent": 1000}, "no DHCP server answered in 1.5 s"),
        ({"mute": True}, "no DHCP server answered|did not answer"),
        ({"no_mask": True}, "no subnet mask"),
        ({"bad_lease": True}, "224.0.0.9"),
    ],
)
def test_no_address_is_to_be_had(place: Place, how: dict, why: str):
    place.container()
    place.server(**how)
    place.daemon("-resendtimeout", "1.5s", "-timeout", "400ms")

    def told() -> bool:
        result = place.ask("ADD")
        assert result.code == 1
        code, text = error_of(result)
        return code == (11 if "silent" in how or "mute" in how else 104) and any(part in text for part in why.split("|"))

    assert any(told() for _ in range(10)), "where the server is slow, not at the first try"
    assert place.written() == []


def test_what_the_configuration_wishes(place: Place):
    place.container()
    place.server(options=OPTIONS | {"26": "0514", "121": "180a14000a090009200a0101010000000000" + "0a090001"})
    found = place.add(
        provide=[{"option": "host-name", "value": "web"}], request=[{"option": "interface-mtu"}], priority=7, suppress=["gateway"]
    )
    assert found["ips"] == [{"address": "10.9.0.50/24"}]
    assert found["routes"] == [
        {"dst": "10.20.0.0/24", "gw": "10.9.0.9", "priority": 7}, {"dst": "10.1.1.1/32", "priority": 7, "scope": 253},
    ]  # fmt: skip
    asked, *_ = place.heard("DISCOVER")
    assert asked["options"]["12"] == b"web".hex()
    assert "mtu 1300 " in place.box.ip("link show eth0", netns="box")


def test_mistakes_are_told_all_at_once(place: Place):
    result = place.ask("ADD", provide=[{"option": "what", "value": "x"}], request=[{"option": "0"}])
    code, text = error_of(result)
    assert code == 7
    assert "ipam.provide[0].option" in text
    assert "ipam.request[0].option" in text
    assert not place.box.call(WATCH, "there", SOCKET, 0.0)


def test_the_hosts_own_namespace_is_not_touched(place: Place):
    place.daemon()
    path = place.box.run(["sh", "-c", "touch /run/own; mount --bind /proc/self/ns/net /run/own; echo /run/own"]).out.strip()
    asked = "from netwright.cni.dhcp import rpc; from netwright.kernel.local_socket import connected; import sys\n"
    asked += f"q = rpc.Question(rpc.ALLOCATE, dict(ContainerID='a', Netns={path!r}, IfName='lo', StdinData=b'{{\"name\":\"n\"}}'))\n"
    asked += f"s = connected({SOCKET!r}, 5); s.sendall(q.greeting); q.feed(s.recv(4096)); s.sendall(q.request)\n"
    asked += "while (a := q.feed(s.recv(4096))) is None: pass\nprint(a[0])"
    assert "is the host's own namespace" in place.box.python(asked).out
    code, _ = error_of(place.ask("ADD", netns=path))
    assert code == 8


def test_names_that_are_not_there(place: Place):
    place.container()
    place.daemon()
    place.box.run(["mkfifo", "/run/pipe"])
    for netns, why in (("/run/netns/none", "no namespace at"), ("/run/pipe", "error looking up eth0"), ("/etc/hostname", "error looking up")):
        code, text = error_of(place.ask("ADD", netns=netns))
        assert (code, why in text) == (104, True), text
    place.box.ip("link del eth0", netns="box")
    code, text = error_of(place.ask("ADD"))
    assert "No such device" in text


# -- without a daemon ----------------------------------------------------------------------------------------------------


def test_del_without_a_daemon_and_without_leases(place: Place):
    assert place.ask("DEL").code == 0
    assert place.ask("DEL", netns="").code == 0
    assert place.ask("GC", config={"cni.dev/valid-attachments": []}).code == 0
    assert not place.box.call(WATCH, "there", SOCKET, 0.0)


def test_del_without_a_daemon_gives_back_what_one_has_left(place: Place):
    place.container()
    place.server()
    pid = place.daemon()
    place.add()
    place.box.kill(pid, signal.SIGKILL)
    place.box.wait(pid)
    assert place.ask("DEL").code == 0
    assert len(place.heard("RELEASE")) == 1
    assert place.written() == []


def test_a_daemon_that_cannot_be_started(place: Place):
    place.container()
    place.box.write("/run/cni", "a file where a directory should be")
    code, text = error_of(place.ask("ADD"))
    assert code == 50
    assert "nw cni dhcp daemon" in text
    assert error_of(place.ask("STATUS"))[0] == 50
    assert place.ask("DEL").code == 0


def test_a_second_daemon_is_refused_and_a_dead_ones_socket_replaced(place: Place):
    pid = place.daemon()
    second = [sys.executable, "-c", DAEMON, "-socketpath", SOCKET]
    result = place.box.run(second, env={"PYTHONPATH": str(SOURCE)})
    assert result.code == 1
    assert "another DHCP daemon keeps these leases" in result.err
    place.box.kill(pid, signal.SIGKILL)
    place.box.wait(pid)
    place.box.run(["rm", "/run/daemon.pid"])
    pid = place.daemon()
    place.box.kill(pid)
    assert place.box.wait(pid) == 0
    assert not place.box.call(WATCH, "there", SOCKET, 0.0)
    assert not place.box.call(WATCH, "there", "/run/daemon.pid", 0.0)


def test_the_daemon_is_started_once_by_many(place: Place):
    names = [f"n{n}" for n in range(8)]
    for name in names:
        place.container(name)
    place.server()
    pid = place.daemon()
    place.box.kill(pid, signal.SIGKILL)
    place.box.wait(pid)  # its socket is still there
    assert len(together(place, names)) == 8
    assert len(place.written()) == 8


def test_a_daemon_in_a_container_sees_the_host_below_a_directory(place: Place):
    place.container()
    place.server()
    place.box.run(["mkdir", "-p", "/run/host/run/netns"])
    place.box.run(["mount", "--rbind", "/run/netns", "/run/host/run/netns"])
    code = "import sys; from netwright.cni.main import main; sys.exit(main(['/opt/cni/bin/dhcp', 'daemon', *sys.argv[1:]]))"
    argv = [sys.executable, "-c", code, "-hostprefix", "/run/host", "-broadcast", "-pidfile", "/run/daemon.pid"]
    pid = place.box.popen(argv, env={"PYTHONPATH": str(SOURCE)}, err=DAEMON_LOG)
    assert place.box.call(WATCH, "there", "/run/daemon.pid")
    assert place.box.call(WATCH, "is_exactly", "/run/daemon.pid", str(pid))
    assert place.add(daemonSocketPath="/run/host/run/cni/dhcp.sock") == wanted()
    assert '"netns":"/run/host/run/netns/box"' in place.box.read(place.written()[0])
    assert {one["flags"] for one in [*place.heard("DISCOVER"), *place.heard("REQUEST")]} == {0x8000}


def test_a_listening_socket_may_come_from_outside(place: Place):
    place.container()
    place.server()
    activate = "import os, socket, sys\ns = socket.socket(socket.AF_UNIX); s.bind('/run/a.sock'); s.listen()\nos.dup2(os.dup(s.fileno()), 3)\n"
    activate += "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))\nos.execv(sys.executable, [sys.executable, '-c', *sys.argv[1:]])"
    argv = [sys.executable, "-c", activate, DAEMON, "-socketpath", "/run/a.sock"]
    pid = place.box.popen(argv, env={"PYTHONPATH": str(SOURCE)}, err=DAEMON_LOG)
    assert place.box.call(WATCH, "there", "/run/a.sock")
    assert place.add(daemonSocketPath="/run/a.sock") == wanted()
    place.box.kill(pid)
    assert place.box.wait(pid) == 0
    assert place.box.call(WATCH, "there", "/run/a.sock", 0.0)  # whose it is removes it


# -- a lease in the course of time ---------------------------------------------------------------------------------------


def test_renewing_goes_to_the_server_alone(place: Place):
    place.container()
    place.server(lease=20, t1=1, t2=10)
    place.daemon()
    place.use(place.add())
    two = place.heard("renewal", 2)
    assert {(one["from"], one["ciaddr"]) for one in two} == {("10.9.0.50", "10.9.0.50")}
    assert "50" not in two[0]["options"]
    names, numbers = (line.split() for line in place.box.run(["grep", "^Udp:", "/proc/net/snmp"], netns="box").lines)
    assert dict(zip(names, numbers, strict=True))["NoPorts"] == "0"  # the server is not told that nobody listens
    assert place.ask("CHECK", config={"prevResult": wanted()}).code == 0


def test_while_nobody_answers_the_namespace_is_let_go(place: Place):
    place.container()
    place.server(lease=120, t1=1, t2=100, no_renewals=True)
    pid = place.daemon("-timeout", "300ms")
    place.use(place.add())
    assert place.heard("renewal")
    assert place.box.call(WATCH, "sockets", pid, 1) == 1  # the one that listens
    assert len(place.heard("renewal", 1)) == 1


def test_rebinding_asks_everybody(place: Place):
    place.container()
    pid = place.server(lease=20, t1=1, t2=2)
    place.daemon()
    place.use(place.add())
    place.box.kill(pid, signal.SIGKILL)
    place.box.wait(pid)
    place.box.ip("link set br0 address 02:00:00:00:00:77", netns="srv")  # a new server in the place of the old: another hardware address
    place.box.run(["rm", LOG])
    place.server(lease=20, t1=1, t2=2, nak_renewals=False, own="10.9.0.1")
    assert place.heard("renewal")
    place.says("NAK from 10.9.0.1")  # it does not know the lease: asked again, it gives the same address
    assert place.heard("DISCOVER")[0]["options"]["50"] == "0a090032"
    assert place.add() == wanted()


def test_a_server_that_has_forgotten_its_leases(place: Place):
    place.container()
    place.server(lease=20, t1=1, t2=10, nak_renewals=True)
    place.daemon()
    place.use(place.add())
    assert len(place.heard("DISCOVER", 2)) >= 2
    assert place.ask("CHECK", config={"prevResult": wanted()}).code == 0
    assert ",UP," in place.box.ip("link show eth0", netns="box")


@pytest.mark.parametrize("how", [{"lease": 3}, {"lease": 20, "t1": 1, "t2": 10, "nak_renewals": True, "moves": True}], ids=["over", "moved"])
def test_an_address_that_is_lost_is_not_used(place: Place, how: dict):
    place.container()
    place.server(deaf="/run/deaf", **how)
    place.daemon()
    found = place.add()
    place.use(found)
    if "moves" not in how:
        place.box.write("/run/deaf", "")
    place.says("eth0 is set down, its address must not be used")
    assert ",UP," not in place.box.ip("link show eth0", netns="box")
    assert place.ask("DEL").code == 0
    assert place.written() == []
    if "moves" in how:
        (back,) = place.heard("RELEASE")
        assert back["ciaddr"] != found["ips"][0]["address"].partition("/")[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["ended", "killed"])
def test_leases_outlive_the_daemon(place: Place, number: int):
    place.container()
    place.server(lease=60, t1=2, t2=40)
    pid = place.daemon()
    place.use(place.add())
    before = len(place.heard("DISCOVER"))
    place.box.kill(pid, number)
    place.box.wait(pid)
    place.box.run(["rm", "-f", "/run/daemon.pid"])
    place.daemon()
    assert place.heard("renewal")
    assert len(place.heard("DISCOVER")) == before
    assert place.ask("CHECK", config={"prevResult": wanted()}).code == 0
    assert place.ask("DEL").code == 0
    assert len(place.heard("RELEASE")) == 1


def wait_for_the_end_of(place: Place, name: str) -> None:
    """The other end of a veth goes when the namespace is gone for good."""
    assert place.box.run(["sh", "-c", f"while ip -n srv link show v-{name} 2>/dev/null; do :; done"]).code == 0


def test_the_daemon_keeps_no_namespace_alive(place: Place):
    place.container()
    place.server(lease=20, t1=2, t2=10)
    place.daemon()
    place.add()
    place.box.ip("netns del box")
    wait_for_the_end_of(place, "box")
    place.says("id-box/net/eth0: eth0 cannot be reached any more: No such file or directory")
    assert place.ask("DEL").code == 0
    assert place.written() == []


def test_a_namespace_that_went_while_no_daemon_was_there(place: Place):
    place.container()
    place.server()
    pid = place.daemon()
    place.add()
    place.box.kill(pid, signal.SIGKILL)
    place.box.wait(pid)
    place.box.ip("netns del box")
    place.box.run(["rm", "/run/daemon.pid"])
    place.daemon()
    place.says("id-box/net/eth0: its namespace is gone")
    assert place.ask("DEL").code == 0
    assert place.written() == []


def test_a_device_that_is_gone_or_another(place: Place):
    place.container()
    place.server(lease=20, t1=1, t2=10)
    place.daemon()
    place.add()
    place.box.ip("link del eth0", netns="box")
    place.link("box")
    place.says("eth0 cannot be reached any more: it is another device now")
    assert place.written() == []


def test_the_same_container_in_a_new_namespace_asks_for_its_address(place: Place):
    place.container()
    place.server()
    place.daemon()
    place.add()
    place.box.ip("netns del box")
    wait_for_the_end_of(place, "box")
    place.container()
    assert place.add() == wanted()
    (asked,) = [one for one in place.heard("REQUEST", 2) if "54" not in one["options"]]
    assert asked["options"]["50"] == "0a090032"


def test_gc_gives_back_what_nobody_needs(place: Place):
    for name in ("a", "b", "c"):
        place.container(name)
    place.server()
    place.daemon()
    addresses = {name: place.add(name)["ips"][0]["address"].partition("/")[0] for name in ("a", "b")}
    place.add("c", config={"name": "other"})
    valid = [{"containerID": "id-a", "ifname": "eth0"}]
    assert place.ask("GC", config={"cni.dev/valid-attachments": valid}).code == 0
    assert [one["ciaddr"] for one in place.heard("RELEASE")] == [addresses["b"]]
    assert len(place.written()) == 2


def test_who_asked_and_went_away_leaves_nothing(place: Place):
    place.container()
    place.server(silent=1000)
    place.daemon()
    env = {
        "CNI_COMMAND": "ADD", "CNI_CONTAINERID": "id-box", "CNI_IFNAME": "eth0", "CNI_PATH": "/x", "CNI_NETNS": "/run/netns/box",
        "PYTHONPATH": str(SOURCE),
    }  # fmt: skip
    place.box.write("/run/conf", '{"name": "net", "ipam": {"type": "dhcp"}}')
    pid = place.box.popen(["sh", "-c", 'exec "$0" -c "$1" </run/conf', sys.executable, PLUGIN], env=env)
    assert place.heard("DISCOVER")
    place.box.kill(pid, signal.SIGKILL)
    place.says("given up: who asked for it has gone")


# -- others --------------------------------------------------------------------------------------------------------------


def need_go() -> None:
    if not os.access(GO, os.X_OK):
        missing("containernetworking-plugins is not installed")


def test_upstreams_plugin_with_our_daemon(place: Place):
    need_go()
    place.container()
    place.server()
    place.daemon()
    config = {"cniVersion": "1.0.0"}
    found = place.add(plugin=GO, config=config)
    assert found == wanted() | config
    assert place.ask("CHECK", plugin=GO, config=config | {"prevResult": found}).code == 0
    assert place.ask("DEL", plugin=GO, config=config).code == 0
    assert len(place.heard("RELEASE")) == 1
    refused = place.ask("ADD", plugin=GO, netns="/run/netns/none", config=config)
    assert "no namespace at /run/netns/none" in refused.out


def test_our_plugin_with_upstreams_daemon(place: Place):
    need_go()
    place.container()
    place.server()
    pid = place.box.popen([GO, "daemon", "-socketpath", "/run/go.sock"], err=DAEMON_LOG)
    assert place.box.call(WATCH, "there", "/run/go.sock")
    found = place.add(daemonSocketPath="/run/go.sock")
    assert found == wanted() | {"dns": {}}
    config = {"prevResult": found, "cni.dev/valid-attachments": []}
    for command in ("CHECK", "STATUS", "GC", "DEL"):
        assert place.ask(command, daemonSocketPath="/run/go.sock", config=config).code == 0
    assert len(place.heard("RELEASE")) == 1
    assert error_of(place.ask("ADD", netns="/run/netns/none", daemonSocketPath="/run/go.sock"))[0] == 104
    place.box.kill(pid, signal.SIGKILL)
    place.box.wait(pid)


def test_a_real_server(place: Place):
    if not shutil.which("dnsmasq"):
        missing("dnsmasq is not installed")
    place.container()
    words = "-d -C /dev/null -p 0 -u root --dhcp-authoritative --no-ping --dhcp-range=10.9.0.100,10.9.0.120,2m --dhcp-leasefile=/run/leases"
    words += " --dhcp-option=option:domain-search,a.org,b.org --bind-interfaces -i br0"
    place.box.popen(["dnsmasq", *words.split()], netns="srv", err="/run/dnsmasq")
    place.says("DHCP, sockets bound", "/run/dnsmasq")
    pid = place.daemon()
    found = place.add()
    assert found["ips"][0]["address"].startswith("10.9.0.1")
    assert found["dns"]["search"] == ["a.org", "b.org"]
    place.use(found)
    address = found["ips"][0]["address"].partition("/")[0]
    assert address in place.box.read("/run/leases")
    place.box.kill(pid)
    place.box.wait(pid)
    # A daemon for which the time to renew has come: dnsmasq itself says a minute at least.
    place.box.run(["sed", "-i", 's/"renewal":60.0/"renewal":0.1/; s/"domain":""/"domain":"old"/', *place.written()])
    place.daemon()
    place.says('"domain":""', place.written()[0])
    assert place.ask("DEL").code == 0
    place.says(f"DHCPRELEASE(br0) {address}", "/run/dnsmasq")
    assert place.box.call(WATCH, "is_exactly", "/run/leases", "")


def test_clients_that_the_daemon_does_not_know_how_to_answer(place: Place):
    place.daemon()
    place.box.run(["chmod", "666", SOCKET])
    place.box.run(["chmod", "755", "/run/cni"])
    stranger = f"import os, socket; os.setgid(65534); os.setuid(65534); s = socket.socket(socket.AF_UNIX); s.connect({SOCKET!r})\n"
    stranger += "s.settimeout(30)\ntry: print(s.recv(10))\nexcept ConnectionResetError: print(b'')"
    result = place.box.python(stranger)
    assert result.out == "b''\n"
    place.says("of user 65534 is not answered")
    noise = f"import os, socket\nfor n in range(200):\n s = socket.socket(socket.AF_UNIX); s.connect({SOCKET!r})\n"
    noise += " s.send((b'CONNECT /_goRPC_ HTTP/1.0\\n\\n' if n % 2 else b'') + os.urandom(n)); s.close()"
    assert place.box.python(noise).code == 0
    unknown = "from netwright.cni.dhcp import ask, rpc; from netwright.cni.protocol.call import Call, read_config\n"
    unknown += f"ask.call({SOCKET!r}, 'DHCP.Nothing', Call('ADD', 'a', '', 'b', {{}}, (), read_config(b'{{\"name\":\"n\"}}')))"
    assert "find method DHCP.Nothing" in place.box.python(unknown).err


def test_many_leases_in_one_small_process(place: Place):
    names = [f"n{n}" for n in range(40)]
    for name in names:
        place.container(name)
    place.server(lease=120, t1=3, t2=100)
    pid = place.daemon()
    addresses = together(place, names)
    assert len(addresses) == 40
    assert place.box.call(WATCH, "clients", LOG, "renewal", 40, timeout=90.0) == 40
    assert place.box.call(WATCH, "memory", pid) < 30_000
