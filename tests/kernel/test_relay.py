"""Published ports on the real kernel: a lab's host with servers, the relay, and clients outside of the lab."""

from pathlib import Path

import pytest
from sandbox import Sandbox
from users import USERS, Snippets

SERVERS = str(Path(__file__).with_name("inside") / "servers.py")


@pytest.fixture(params=USERS)
def user(request, sandbox: Sandbox) -> Snippets:
    sandbox.run(["sh", "-c", "mkdir -m 777 /run/shared; ip link set lo up"])
    return Snippets(sandbox, request.param)


BEGIN = """
import shutil, signal, socket
from netwright.lab import relay
from netwright.lab.topology import Publish
python = sys.executable if os.access(sys.executable, os.X_OK) else "/usr/bin/python3"
starting = holders.start("shop")
holder = starting.holder
def servers(*words):
    def work():
        subprocess.run(["sh", "-ec", "ip netns add web; ip -n web link set lo up; ip -n web addr add 10.9.0.1/24 dev lo; ip -n web addr add fd09::1/64 dev lo nodad"], check=True)
        os.execvp("ip", ["ip", "netns", "exec", "web", python, SERVERS, "/run/shared/ready", *words])
    shadow = os.fork()
    if shadow == 0:
        holders.enter(holder)
        work()
    until(lambda: os.path.exists("/run/shared/ready"))
    return shadow
def published(*rules):
    return holders.Holder(*relay.start(holder, rules, {"web": ["10.9.0.1", "fd09::1"]}))
def client(port, address="127.0.0.1"):
    made = socket.create_connection((address, port))
    made.settimeout(60)
    return made
def echoed(sock, data):
    # Sent again where nothing comes: the queue of a processor, which all namespaces share, may have lost one.
    sock.settimeout(2)
    for _ in range(20):
        sock.send(data)
        try:
            return sock.recv(70000)
        except TimeoutError:
            pass
def all_of(sock):
    out = b""
    while part := sock.recv(65536):
        out += part
    return out
def datagrams(port, address="127.0.0.1"):
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    made.settimeout(60)
    made.connect((address, port))
    return made
""".replace("SERVERS", repr(SERVERS))


def run(user: Snippets, code: str) -> str:
    return user.run(f"{BEGIN}{code}\nstarting.abort()\n")


@pytest.mark.parametrize("server", ["10.9.0.1", "0.0.0.0", "127.0.0.1", "::1", "fd09::1", "::"])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_server_is_found_wherever_in_the_host_it_listens(sandbox: Sandbox, server: str, address: str):
    sandbox.run(["sh", "-c", "mkdir -m 777 /run/shared; ip link set lo up"])
    code = f"""
servers("echo", {server!r}, "80", "answer", {server!r}, "53")
published(Publish(8080, "web", 80), Publish(5353, "web", 53, protocol="udp"))
with client(8080, {address!r}) as sock:
    sock.sendall(b"hello")
    print(sock.recv(10))
with datagrams(5353, {address!r}) as sock:
    print(echoed(sock, b"hello"))
"""
    assert run(Snippets(sandbox, "ordinary"), code) == "b'hello'\nb're:hello'\n"


def test_tcp_both_ways_with_half_closes(user: Snippets):
    code = """
servers("count", "10.9.0.1", "80", "first", "10.9.0.1", "81")
rule = published(Publish(8080, "web", 80, last=8081))
with client(8080) as sock:
    sock.sendall(b"x" * 1000000)
    sock.shutdown(socket.SHUT_WR)
    print(all_of(sock))
with client(8081) as sock:
    print(all_of(sock))
    sock.sendall(b"y" * 300000)
until(lambda: os.path.exists("/run/shared/ready.count") and open("/run/shared/ready.count").read() == "300000")
print(programs_in(holder.pid)[0] == holder.pid, holders.alive(rule))
"""
    assert run(user, code) == "b'got 1000000'\nb'hello'\nTrue True\n"


def test_what_is_not_read_inside_is_not_taken_outside(user: Snippets):
    """Back-pressure: some megabytes of buffers fill, then the client has to wait; nothing is lost."""
    code = """
servers("slow", "10.9.0.1", "80")
rule = published(Publish(8080, "web", 80))
with client(8080) as sock:
    sock.setblocking(False)
    sent, block = 0, b"z" * 65536
    def spent():
        return sum(map(int, open(f"/proc/{rule.pid}/stat").read().rpartition(")")[2].split()[11:13]))
    def full():
        global sent
        before, ticks, quiet = sent, spent(), time.monotonic() + 0.3
        while time.monotonic() < quiet:
            try:
                sent += sock.send(block)
            except BlockingIOError:
                nap(0.01)
        return sent == before and spent() - ticks <= 2
    until(full)  # nothing goes in any more, and the relay does nothing
    rss = next(int(line.split()[1]) for line in open(f"/proc/{rule.pid}/status") if line.startswith("VmRSS"))
    print(sent < 50_000_000, rss < 30000)
    open("/run/shared/ready.go", "w").close()
    sock.setblocking(True)
    sock.shutdown(socket.SHUT_WR)
    print(all_of(sock) == b"got %d" % sent)
"""
    assert run(user, code) == "True True\nTrue\n"


def test_refusals_and_resets_go_through(user: Snippets):
    code = """
servers("count", "10.9.0.1", "80")
published(Publish(8080, "web", 80), Publish(8081, "web", 9), Publish(8082, "nobody", 80))
for port in (8081, 8082):
    try:
        print(client(port).recv(1))
    except ConnectionResetError:
        print("reset")
from struct import pack
sock = client(8080)
sock.sendall(b"x" * 100)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, pack("ii", 1, 0))
sock.close()
until(lambda: os.path.exists("/run/shared/ready.reset"))
print(all(client(8080).fileno() >= 0 for _ in range(3)))
"""
    assert run(user, code) == "reset\nreset\nTrue\n"


def test_a_thousand_connections_at_once(user: Snippets):
    code = """
import resource
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
servers("echo", "10.9.0.1", "80")
rule = published(Publish(8080, "web", 80))
socks = [client(8080) for _ in range(1000)]
for number, sock in enumerate(socks):
    sock.sendall(b"%d" % number)
print(all(sock.recv(10) == b"%d" % number for number, sock in enumerate(socks)))
for sock in socks:
    sock.close()
until(lambda: len(os.listdir(f"/proc/{rule.pid}/fd")) < 20)
print(holders.alive(rule))
"""
    assert run(user, code) == "True\nTrue\n"


def test_out_of_files_it_waits_and_goes_on(user: Snippets):
    code = """
import resource
servers("echo", "10.9.0.1", "80")
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
rule = published(Publish(8080, "web", 80))
socks = [client(8080) for _ in range(70)]
for sock in socks[:5]:
    sock.sendall(b"a")
    print(sock.recv(1), end=" ")
print(len(os.listdir(f"/proc/{rule.pid}/fd")) < 100, end=" ")
for sock in socks[:60]:
    sock.close()
with client(8080) as sock:
    sock.sendall(b"b")
    print(sock.recv(1))
"""
    assert run(user, code) == "b'a' b'a' b'a' b'a' b'a' True b'b'\n"


def test_udp_of_many_clients_and_addresses(user: Snippets):
    code = """
servers("answer", "0.0.0.0", "53")
published(Publish(5353, "web", 53, protocol="udp"), Publish(5354, "web", 53, protocol="udp", address="0.0.0.0"), Publish(5355, "web", 9, protocol="udp"))
socks = [datagrams(5353) for _ in range(50)] + [datagrams(5354, "127.0.0.9")]
for number, sock in enumerate(socks):
    sock.send(b"%d" % number)
print(all(echoed(sock, b"%d" % number) == b"re:%d" % number for number, sock in enumerate(socks)))
print(len(echoed(datagrams(5353), b"x" * 65000)))
nobody = datagrams(5355)
nobody.settimeout(0.2)
nobody.send(b"x")
try:
    print(nobody.recv(10))
except TimeoutError:
    print("no answer")
print(datagrams(5353).send(b""))
"""
    assert run(user, code) == "True\n65003\nno answer\n0\n"


def test_a_host_that_is_made_anew_is_found_again(user: Snippets):
    code = """
shadow = servers("echo", "10.9.0.1", "80")
published(Publish(8080, "web", 80))
os.kill(shadow, signal.SIGTERM)
os.waitpid(shadow, 0)
inside(holder, lambda: subprocess.call(["ip", "netns", "delete", "web"]))
os.unlink("/run/shared/ready")
try:
    print(client(8080).recv(1))
except ConnectionResetError:
    print("reset")
servers("echo", "10.9.0.1", "80")
with client(8080) as sock:
    sock.sendall(b"again")
    print(sock.recv(10))
"""
    assert run(user, code) == "reset\nb'again'\n"


# -- its life ------------------------------------------------------------------------------------------------------------------


def test_it_ends_with_the_lab_and_the_port_is_free(user: Snippets):
    code = """
servers("echo", "10.9.0.1", "80")
rule = published(Publish(8080, "web", 80))
sock = client(8080)
holders.end(holder)
until(lambda: not holders.alive(rule))
print(relay.check_free([Publish(8080, "web", 80)]))
try:
    print(sock.recv(1))
except ConnectionResetError:
    print("reset")
"""
    out = run(user, code)
    assert out.startswith("[]\n")


def test_let_go_it_keeps_what_stands(user: Snippets):
    code = """
servers("echo", "10.9.0.1", "80")
rule = published(Publish(8080, "web", 80))
sock = client(8080)
sock.sendall(b"a")
sock.recv(1)
relay.stop(rule)
until(lambda: relay.check_free([Publish(8080, "web", 80)]) == [])
other = published(Publish(8080, "web", 80), Publish(8081, "web", 80))
sock.sendall(b"b")
print(sock.recv(1), holders.alive(rule), holders.alive(other))
sock.close()
until(lambda: not holders.alive(rule))
relay.stop(other)
until(lambda: not holders.alive(other))
relay.stop(other)
print(relay.running({"pid": other.pid, "start": other.start}), relay.running({}))
"""
    assert run(user, code) == "b'b' True True\nFalse False\n"


def test_ports_that_are_taken_have_an_owner(user: Snippets):
    code = """
taken = socket.create_server(("127.0.0.1", 8080))
everywhere = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
everywhere.bind(("0.0.0.0", 5353))
rules = [Publish(8080, "web", 80), Publish(5353, "web", 53, protocol="udp", address="127.0.0.1"), Publish(80, "web", 80, address="192.0.2.1"), Publish(8081, "web", 80)]
name = open("/proc/self/comm").read().strip()
mine = f"process {os.getpid()} ({name})"
print([line.replace(mine, "me") for line in relay.check_free(rules)])
try:
    relay.start(holder, rules, {})
except Conflict as error:
    print(error.why.replace(mine, "me"))
print(relay.check_free([Publish(8081, "web", 80)]))
"""
    lines = run(user, code).splitlines()
    problems = ["127.0.0.1:8080/tcp is taken by me", "127.0.0.1:5353/udp is taken by me"]
    if user.user == "ordinary":
        assert "'192.0.2.1:80/tcp: " in lines[0]
    else:
        problems.append("192.0.2.1:80/tcp: this machine has no address 192.0.2.1; see: ip addr")
        assert lines[0] == str(problems)
        assert lines[1] == "; ".join(problems)
    assert lines[2] == "[]"


def test_ports_of_root_name_the_setting(sandbox: Sandbox):
    sandbox.run(["sh", "-c", "mkdir -m 777 /run/shared; ip link set lo up; sysctl -qw net.ipv4.ip_unprivileged_port_start=1024"])
    out = run(Snippets(sandbox, "ordinary"), 'print(relay.check_free([Publish(80, "web", 80, address="127.0.0.1")]))')
    assert out == "['127.0.0.1:80/tcp: ports below 1024 are for root only; publish another one, or: sudo sysctl -w net.ipv4.ip_unprivileged_port_start=80']\n"


def test_of_a_lab_of_this_process(user: Snippets):
    code = """
starting.abort()
from netwright.kernel.guard import Guard
from netwright.kernel.making import make
userns.gain()
made = make(["web"])
fd = made["web"][0]
guard = Guard.start()
program = guard.within(lambda: subprocess.Popen(["nsenter", f"--net=/proc/{os.getpid()}/fd/{fd}", "sh", "-c", f"ip link set lo up && exec {python} {SERVERS} /run/shared/ready echo 127.0.0.1 80"]))
until(lambda: os.path.exists("/run/shared/ready"))
rule = relay.start_attached(guard, [Publish(8080, "web", 80)], {}, {"web": fd})
with client(8080) as sock:
    sock.sendall(b"hello")
    print(sock.recv(10))
guard.close()
print(program.wait(), os.waitpid(rule.pid, 0)[1], guard.ended(), relay.check_free([Publish(8080, "web", 80)]))
""".replace("{SERVERS}", SERVERS)
    assert run(user, code) == "b'hello'\n-9 9 True []\n"
