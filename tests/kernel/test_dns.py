"""Names on the real kernel: the responder's life, what containers get to hear, other servers that misbehave, clients that do."""

import json
import sys
from pathlib import Path

import pytest
from sandbox import Result, Sandbox
from traffic import carried

INSIDE = str(Path(__file__).with_name("inside"))
UPSTREAM = f"{INSIDE}/dns_upstream.py"

BEGIN = f"""
import sys
sys.path.insert(0, {INSIDE!r})
import os, socket, signal, subprocess, json, threading, time
from dns_client import ended, sockets, tcp, udp, until
from netwright.errors import Conflict
from netwright.model.value import replace
from netwright.networks.dns import responder, zones
from netwright.networks.dns.zone import Host, Service, Zone
BLUE = Zone("blue", ("10.1.0.1", "fd00:1::1"), domain="lab", servers=("127.0.0.5",))
RED = Zone("red", ("10.2.0.1",), forward=False)
WEB = Host("c1", ("web", "www"), ("10.1.0.2", "fd00:1::2"), (Service("_http", "_tcp", 80),))
def pid():
    return responder.status()["pid"]
def up(*all):
    for zone in all:
        zones.write(zone)
    responder.ensure()
def heard(server, name, kind="A", **how):
    found = (tcp if how.pop("by", "udp") == "tcp" else udp)(server, name, kind, **how)
    return found and (found[0], sorted(found[1]))
"""


@pytest.fixture
def box(sandbox: Sandbox) -> Sandbox:
    """Two bridges with a container each, one of which is on both."""
    sandbox.quiet_namespaces("a", "b", "c")
    lines = ["link set lo up"]
    for name, number in (("blue", 1), ("red", 2)):
        lines += [f"link add {name} type bridge", f"addr add 10.{number}.0.1/24 dev {name}", f"addr add fd00:{number}::1/64 dev {name} nodad", f"link set {name} up"]
    legs = [("a", "blue", 1, 2), ("b", "blue", 1, 3), ("b", "red", 2, 3), ("c", "red", 2, 4)]
    for name, network, _, _ in legs:
        lines += [f"link add {name}-{network} type veth peer name {network} netns {name}", f"link set {name}-{network} master {network} up"]
    sandbox.batch(*lines)
    for name, network, number, host in legs:
        address = [f"addr add 10.{number}.0.{host}/24 dev {network}", f"addr add fd00:{number}::{host}/64 dev {network} nodad"]
        sandbox.batch(*address, f"link set {network} up", netns=name)
    carried(sandbox, *((network, name) for name, network, _, _ in legs))
    return sandbox


def run(box: Sandbox, code: str, *, netns: str | None = None, timeout: float = 90.0) -> Result:
    result = box.python(BEGIN + code, netns=netns, timeout=timeout)
    assert result.code == 0, result.err
    return result


def stopped(box: Sandbox) -> None:
    run(box, "responder.stop()")


def upstream(box: Sandbox) -> None:
    box.popen([sys.executable, UPSTREAM, "127.0.0.5", "127.0.0.6", "/run/upstream"], out="/run/heard")
    run(box, "until(lambda: os.path.exists('/run/upstream'))")


# -- what containers hear ----------------------------------------------------------------------------------------------------


def test_names_of_all_networks_that_a_container_is_attached_to(box: Sandbox):
    run(box, """
up(replace(BLUE, hosts=(WEB, Host("c2", ("b",), ("10.1.0.3",)))), replace(RED, hosts=(Host("c2", ("b", "two"), ("10.2.0.3",)), Host("c3", ("secret",), ("10.2.0.4",)))))
""")  # fmt: skip
    run(box, """
for server in ("10.1.0.1", "fd00:1::1"):
    for by in ("udp", "tcp"):
        assert heard(server, "WeB", by=by) == ("NOERROR", ["10.1.0.2"])
        assert heard(server, "web.lab", "AAAA", by=by) == ("NOERROR", ["fd00:1::2"])
        assert heard(server, "b", "AAAA", by=by) == ("NOERROR", [])
        assert heard(server, "_http._tcp.web", "SRV", by=by) == ("NOERROR", ["10 10 80 web.lab."])
        assert heard(server, "2.0.1.10.in-addr.arpa", "PTR", by=by) == ("NOERROR", ["web.lab."])
        assert heard(server, "secret", by=by) == ("NXDOMAIN", [])
        assert heard(server, "host.docker.internal", by=by) == ("NOERROR", ["10.1.0.1"])
""", netns="a")  # fmt: skip
    run(box, """
for server in ("10.1.0.1", "10.2.0.1"):
    assert heard(server, "web") == ("NOERROR", ["10.1.0.2"])
    assert heard(server, "secret") == ("NOERROR", ["10.2.0.4"])
    assert heard(server, "b") == ("NOERROR", ["10.1.0.3", "10.2.0.3"])
""", netns="b")  # fmt: skip
    run(box, """
assert heard("10.2.0.1", "web") == ("NXDOMAIN", [])
assert heard("10.2.0.1", "example.com") == ("NXDOMAIN", [])
""", netns="c")  # fmt: skip
    stopped(box)


def test_a_container_that_comes_is_known_when_ensure_returns_and_not_after_it_goes(box: Sandbox):
    run(box, """
up(BLUE)
for n in range(60):
    zones.attach("blue", Host(f"c{n}", (f"n{n}",), (f"10.1.0.{n + 10}",)))
    responder.ensure(network="blue")
    assert heard("10.1.0.1", f"n{n}") == ("NOERROR", [f"10.1.0.{n + 10}"])
for n in range(60):
    zones.detach("blue", f"c{n}")
    responder.ensure(network="blue")
    assert heard("10.1.0.1", f"n{n}") == ("NXDOMAIN", [])
responder.stop()
""")  # fmt: skip


def test_who_only_writes_is_noticed_too(box: Sandbox):
    run(box, """
up(BLUE)
zones.attach("blue", WEB)
until(lambda: heard("10.1.0.1", "web")[0] == "NOERROR")
zones.detach("blue", "c1")
until(lambda: heard("10.1.0.1", "web")[0] == "NXDOMAIN")
os.rename("/run/netwright/.dns/blue.json", "/run/netwright/.dns/.away")
os.rename("/run/netwright/.dns/.away", "/run/netwright/.dns/blue.json")
zones.attach("blue", WEB)
until(lambda: heard("10.1.0.1", "web")[0] == "NOERROR")
responder.stop()
""")  # fmt: skip


# -- the responder's life ----------------------------------------------------------------------------------------------------


def test_one_responder_whoever_starts_it(box: Sandbox):
    run(box, """
zones.write(BLUE)
code = "import sys; sys.path.append(%r); from netwright.networks.dns import responder; responder.ensure(); print(responder.status()['pid'])" % sys.path[1]
all = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(8)]
pids = {one.communicate()[0] for one in all}
assert len(pids) == 1, pids
assert int(pids.pop()) == pid() == int(open("/run/netwright/.dns/responder.pid").read())
try:
    responder.serve()
    raise SystemExit("two serve")
except Conflict:
    pass
responder.stop()
assert responder.status() is None
assert not os.path.exists("/run/netwright/.dns/responder.pid")
""")  # fmt: skip


def test_after_kill_9_the_next_ensure_starts_another(box: Sandbox):
    run(box, """
up(replace(BLUE, hosts=(WEB,)))
first = pid()
os.kill(first, signal.SIGKILL)
responder.ensure()
assert pid() != first
assert heard("10.1.0.1", "web")[0] == "NOERROR"
responder.stop()
""")  # fmt: skip


def test_it_ends_when_no_network_is_left_and_comes_back(box: Sandbox):
    run(box, """
def comes_back():
    up(BLUE)
    first = pid()
    zones.remove("blue")
    responder.ensure()
    up(BLUE)
    return first == pid()
assert any(comes_back() for _ in range(8))  # back within moments: the same one goes on
first = pid()
zones.remove("blue")
until(lambda: responder.status() is None)
until(lambda: ended(first))
assert sorted(os.listdir("/run/netwright/.dns")) == ["responder.lock", "responder.log", "zones.lock"]
assert open("/run/netwright/.dns/responder.log").read() == ""
responder.ensure()
assert responder.status() is None
up(BLUE)
assert pid() != first
responder.stop()
""")  # fmt: skip


def test_networks_that_come_and_go_while_it_ends(box: Sandbox):
    """Whoever has written a network and called ensure is served, at whatever moment the responder ends."""
    run(box, """
for turn in range(6):
    up(replace(BLUE, hosts=(WEB,)))
    assert heard("10.1.0.1", "web")[0] == "NOERROR"
    zones.remove("blue")
    until(lambda: turn % 3 or not os.path.exists("/run/netwright/.dns/responder.sock"))
    if turn % 3 == 1:
        os.kill(int(open("/run/netwright/.dns/responder.pid").read()), signal.SIGTERM)
responder.stop()
""", timeout=90)  # fmt: skip


def test_sockets_that_stay_are_not_closed_and_no_question_is_lost(box: Sandbox):
    run(box, """
up(replace(BLUE, hosts=(WEB,)), RED)
before, there = sockets(pid()), pid()
lost, asked, over = [], [0], []
def client():
    while not over:
        asked[0] += 1
        if heard("10.1.0.1", "web") != ("NOERROR", ["10.1.0.2"]):
            lost.append(asked[0])
thread = threading.Thread(target=client)
thread.start()
for n in range(100):
    zones.attach("blue", Host(f"x{n}", (f"x{n}",), (f"10.1.0.{n + 20}",)))
    responder.ensure(network="blue")
    if n % 10 == 0:
        zones.remove("red") if n % 20 else zones.write(RED)
        os.kill(there, signal.SIGHUP)
zones.remove("red")
responder.ensure()
over.append(1)
thread.join()
assert not lost, (len(lost), asked)
assert asked[0] > 50
kept = sockets(there) & before
assert len(kept) >= 4, (before, kept)  # UDP and TCP, IPv4 and IPv6 of blue
responder.stop()
""")  # fmt: skip


def test_a_port_that_is_taken_is_told_with_its_owner_and_had_later(box: Sandbox):
    run(box, """
taken = subprocess.Popen([sys.executable, "-c", "import socket,sys;s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);s.bind(('10.1.0.1',53));print(1,flush=True);sys.stdin.read()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
taken.stdout.readline()
up(RED)
zones.write(replace(BLUE, hosts=(WEB,)))
responder.ensure(network="red")
try:
    responder.ensure(network="blue")
    raise SystemExit("nothing was said")
except Conflict as error:
    assert "10.1.0.1:53/udp is taken by process %d" % taken.pid in str(error), error
assert heard("fd00:1::1", "web")[0] == "NOERROR"
taken.kill(); taken.wait()
responder.ensure(network="blue")
assert heard("10.1.0.1", "web")[0] == "NOERROR"
responder.stop()
""")  # fmt: skip


def test_an_address_may_come_later_and_go_and_come_back(box: Sandbox):
    run(box, """
late = replace(BLUE, listen=("10.77.0.1", "fd00:77::1"), hosts=(WEB,))
up(late)
assert responder.status()["networks"]["blue"]["absent"] == ["10.77.0.1", "fd00:77::1"]
for _ in range(2):
    for words in ("addr add 10.77.0.1/24 dev blue", "addr add fd00:77::1/64 dev blue nodad"):
        subprocess.run(["ip", *words.split()], check=True)
    assert responder.status()["networks"]["blue"]["absent"] == []
    for server in late.listen:
        # An address that was just given can take the kernel a moment.
        for by in ("udp", "tcp"):
            until(lambda: heard(server, "web", by=by) == ("NOERROR", ["10.1.0.2"]))
    for words in ("addr del 10.77.0.1/24 dev blue", "addr del fd00:77::1/64 dev blue"):
        subprocess.run(["ip", *words.split()], check=True)
responder.stop()
""")  # fmt: skip


def test_a_file_with_mistakes_is_told_and_what_was_goes_on(box: Sandbox):
    run(box, """
up(replace(BLUE, hosts=(WEB,)))
with open("/run/netwright/.dns/blue.json", "w") as file:
    file.write('{"network": "blue", "listen": ["nonsense"]}')
try:
    responder.ensure()
    raise SystemExit("nothing was said")
except Conflict as error:
    assert "listen[0]" in str(error)
assert heard("10.1.0.1", "web")[0] == "NOERROR"
with open("/run/netwright/.dns/blue.json", "w") as file:
    file.write('{"network": "blue", "listen": ["10.1.0.1"]}')
os.kill(pid(), signal.SIGHUP)
until(lambda: heard("10.1.0.1", "web")[0] == "NXDOMAIN")
responder.stop()
""")  # fmt: skip


def test_only_its_user_may_ask_it_to_stop(box: Sandbox):
    run(box, """
up(BLUE)
assert os.stat("/run/netwright/.dns/responder.sock").st_mode & 0o777 == 0o600
os.chmod("/run/netwright/.dns", 0o755); os.chmod("/run/netwright/.dns/responder.sock", 0o666)
if os.fork() == 0:
    os.setgid(65534); os.setuid(65534)
    made = socket.socket(socket.AF_UNIX)
    made.connect("/run/netwright/.dns/responder.sock")
    try:
        made.sendall(b"stop"); made.shutdown(1)
        os._exit(1 if made.recv(100) else 0)
    except OSError:
        os._exit(0)
assert os.wait()[1] == 0
first = pid()
for junk in (b"", b"x" * 5000, os.urandom(500)):
    made = socket.socket(socket.AF_UNIX)
    made.connect("/run/netwright/.dns/responder.sock")
    try:
        made.sendall(junk); made.shutdown(1); made.recv(1 << 16)
    except OSError:
        pass
held = [socket.socket(socket.AF_UNIX) for _ in range(30)]
for one in held:
    one.connect("/run/netwright/.dns/responder.sock")
assert pid() == first
responder.stop()
""")  # fmt: skip


# -- other servers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["good", "wrongid", "elsewhere", "question", "garbage", "letters"])
def test_only_the_true_answer_of_the_server_that_was_asked_counts(box: Sandbox, word: str):
    upstream(box)
    run(box, f"""
up(BLUE)
for by in ("udp", "tcp"):
    found = heard("10.1.0.1", "{word}.example", by=by)
    assert found == ("NOERROR", ["192.0.2.80"]), found
responder.stop()
""")  # fmt: skip


def test_numbers_and_ports_cannot_be_guessed(box: Sandbox):
    upstream(box)
    run(box, """
up(BLUE)
for _ in range(30):
    assert heard("10.1.0.1", "good.example")[0] == "NOERROR"
responder.stop()
""")  # fmt: skip
    lines = [line.split() for line in box.read("/run/heard").splitlines()]
    assert len({words[2] for words in lines}) > 20
    assert len({words[3] for words in lines}) > 20


def test_the_next_server_is_asked_and_failure_comes_in_time(box: Sandbox):
    upstream(box)
    run(box, """
up(replace(BLUE, servers=("127.0.0.77", "127.0.0.5")))  # nobody listens at the first
def first():
    assert heard("10.1.0.1", "good.example") == ("NOERROR", ["192.0.2.80"])
    assert heard("10.1.0.1", "good.example", by="tcp") == ("NOERROR", ["192.0.2.80"])
    assert heard("10.1.0.1", "servfail.example") == ("SERVFAIL", [])
def second():
    assert heard("10.1.0.1", "silent.example") == ("SERVFAIL", [])
    assert heard("10.1.0.1", "hangup.example", by="tcp") == ("SERVFAIL", [])
def within(work, seconds):
    start = time.monotonic()
    work()
    return time.monotonic() - start < seconds
for work, seconds in ((first, 2), (second, 5)):
    assert any(within(work, seconds) for _ in range(8)), seconds  # on a busy machine not at the first try
assert heard("10.1.0.1", "web")[0] == "NXDOMAIN"
status = responder.status()
assert status["forwarding"]["open"] == 0, status
responder.stop()
""")  # fmt: skip


def test_long_answers(box: Sandbox):
    upstream(box)
    run(box, """
import dns.flags
up(BLUE)
plain = udp("10.1.0.1", "big.example", edns=-1)
assert plain[2].flags & dns.flags.TC and not plain[1]
assert len(udp("10.1.0.1", "big.example", payload=4096)[1]) == 70
assert udp("10.1.0.1", "cut.example")[2].flags & dns.flags.TC
for name in ("cut.example", "slow.example"):
    assert len(tcp("10.1.0.1", name)[1]) == 200
responder.stop()
""")  # fmt: skip


def test_one_client_that_asks_too_much_does_not_keep_others_from_asking(box: Sandbox):
    upstream(box)
    run(box, """
import dns.message
up(replace(BLUE, hosts=(WEB,)))
made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
made.bind(("10.1.0.1", 0)); made.connect(("10.1.0.1", 53)); made.settimeout(30)
for n in range(300):
    made.send(dns.message.make_query(f"silent.n{n}.example", "A").to_wire())
until(lambda: responder.status()["forwarding"]["open"] >= 64)
assert responder.status()["forwarding"]["open"] <= 64
assert heard("10.1.0.1", "good.example", source="127.0.0.8") == ("NOERROR", ["192.0.2.80"])
assert heard("10.1.0.1", "web") == ("NOERROR", ["10.1.0.2"])
until(lambda: responder.status()["forwarding"]["open"] == 0)
assert heard("10.1.0.1", "good.example")[0] == "NOERROR"
responder.stop()
""")  # fmt: skip


def test_the_host_s_own_servers_are_read_again():
    with Sandbox(etc=True) as box:
        box.ip("link set lo up")
        box.write("/etc/resolv.conf", "nameserver 127.0.0.53\n")
        upstream(box)
        run(box, """
up(Zone("blue", ("127.1.0.1",)))
assert heard("127.1.0.1", "good.example")[0] == "SERVFAIL"
with open("/etc/resolv.conf", "w") as file:
    file.write("nameserver 127.1.0.1\\nnameserver 127.0.0.5\\n")  # the first is ourselves
until(lambda: heard("127.1.0.1", "good.example") == ("NOERROR", ["192.0.2.80"]))
responder.stop()
""")  # fmt: skip


# -- clients that misbehave by TCP -------------------------------------------------------------------------------------------


def test_many_and_slow_connections_hurt_nobody(box: Sandbox):
    run(box, """
up(replace(BLUE, hosts=(WEB,)))
held = []
for n in range(400):
    made = socket.socket()
    made.bind((f"127.0.{n % 200 + 1}.1", 0))
    made.settimeout(30)
    try:
        made.connect(("10.1.0.1", 53)); made.send(b"\\0" if n % 2 else b"\\0\\x20half")
    except OSError:
        pass
    held.append(made)
    if n % 50 == 0:
        assert heard("10.1.0.1", "web", by="tcp")[0] == "NOERROR"
        assert heard("10.1.0.1", "web")[0] == "NOERROR"
assert responder.status()["connections"] <= 256
mine = []
for n in range(40):
    made = socket.socket(); made.settimeout(30); made.connect(("10.1.0.1", 53)); mine.append(made)
until(lambda: responder.status()["connections"] <= 256)
assert heard("10.1.0.1", "web", by="tcp", source="127.0.0.44")[0] == "NOERROR"
responder.stop()
""")  # fmt: skip


def test_bytes_by_tcp(box: Sandbox):
    run(box, """
import dns.message, random
up(replace(BLUE, hosts=(WEB,)))
query = dns.message.make_query("web", "A")
wire = query.to_wire()
whole = len(wire).to_bytes(2, "big") + wire
made = socket.create_connection(("10.1.0.1", 53)); made.settimeout(30)
for at in range(len(whole)):  # byte by byte
    made.send(whole[at : at + 1])
size = int.from_bytes(made.recv(2, socket.MSG_WAITALL), "big")
assert len(made.recv(size, socket.MSG_WAITALL)) == size
made.sendall(whole * 50)  # many at once
for _ in range(50):
    size = int.from_bytes(made.recv(2, socket.MSG_WAITALL), "big")
    assert len(made.recv(size, socket.MSG_WAITALL)) == size
for seed in range(200):
    random.seed(seed)
    data = random.randbytes(random.randrange(300))
    if seed % 2:
        data = len(data).to_bytes(2, "big") + data
    junk = socket.create_connection(("10.1.0.1", 53)); junk.settimeout(30)
    try:
        junk.sendall(data); junk.shutdown(1)
        while junk.recv(65536):
            pass
    except ConnectionError:
        pass
    junk.close()
assert heard("10.1.0.1", "web", by="tcp") == ("NOERROR", ["10.1.0.2"])
until(lambda: responder.status()["connections"] <= 1)
assert open("/run/netwright/.dns/responder.log").read() == ""
responder.stop()
""")  # fmt: skip


def test_who_takes_his_time_is_cut_off(box: Sandbox):
    run(box, """
from netwright.networks.dns import tcp as module
from netwright.networks.dns.loop import Loop
from netwright.networks.dns.server import Server
import dns.message
module.PATIENCE = 0.3
loop = Loop(); server = Server(loop)
many = tuple(Host(f"h{i}", ("all",), (f"10.3.{i >> 8}.{i & 255}",)) for i in range(3000))
server.load({"blue": replace(BLUE, hosts=many)})
thread = threading.Thread(target=loop.run, daemon=True); thread.start()
dribbling = socket.create_connection(("10.1.0.1", 53))
def cut_off():
    try:
        return not dribbling.send(b"\\1")
    except ConnectionError:
        return True
until(cut_off)
wire = dns.message.make_query("all", "A").to_wire()
deaf = socket.socket(); deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096); deaf.connect(("10.1.0.1", 53)); deaf.setblocking(False)
until(lambda: len(server.connections.all) == 1)
try:
    for _ in range(2000):
        deaf.send(len(wire).to_bytes(2, "big") + wire)
except (BlockingIOError, ConnectionError):
    pass
until(lambda: len(server.connections.all) == 0)
loop.later(0, loop.stop); socket.create_connection(("10.1.0.1", 53)).close()
thread.join()
server.close()
""")  # fmt: skip


# -- commands ----------------------------------------------------------------------------------------------------------------


def nw(box: Sandbox, *words: str, netns: str | None = None) -> Result:
    return box.python("import sys; from netwright.cli.dns import main; sys.exit(main(sys.argv[1:]))", *words, netns=netns)


def test_status_and_trace(box: Sandbox):
    upstream(box)
    assert nw(box, "status").code == 0
    run(box, 'up(replace(BLUE, hosts=(WEB,)), replace(RED, listen=("10.2.0.1", "10.9.9.9")))')
    status = nw(box, "status")
    assert status.code == 0
    assert "10.1.0.1:53" in status.out
    assert "red: 10.9.9.9 is not an address of this host (yet)" in status.out
    assert json.loads(nw(box, "status", "--json").out)["networks"]["blue"]["hosts"] == 1
    found = nw(box, "trace", "web", "--network", "blue")
    assert found.code == 0
    for words in ("web A: found: web is c1 in network blue", "record     web A 10.1.0.2", "10.1.0.1:53 answers NOERROR 10.1.0.2"):
        assert words in found.out, found.out
    passed = nw(box, "trace", "good.example", "--network", "blue")
    assert passed.code == 0
    assert "passed on  127.0.0.5:53 answers NOERROR 192.0.2.80" in passed.out
    assert nw(box, "trace", "10.1.0.2").code == 0
    none = nw(box, "trace", "nobody", "--from", "10.1.0.2", "--json")
    assert none.code == 1
    assert [step["found"] for step in json.loads(none.out) if step["step"] == "name"] == [False]
    stopped(box)
    assert nw(box, "status").code == 1
