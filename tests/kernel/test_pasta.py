"""The way out of an ordinary user's lab by pasta(1): a made-up internet beside the box, a lab that reaches it."""

import os
import shutil

import pytest
from sandbox import Sandbox, missing
from users import Snippets

# "wan" leads to the namespace inet, where 198.51.100.7 answers; a tun node that everybody may open.
MACHINE = """
ip link set lo up
mkdir -m 777 /run/shared
mkdir /run/tun
mknod -m 666 /run/tun/tun c 10 200
mount --bind /run/tun/tun /dev/net/tun
ip netns add inet
ip link add wan type veth peer name eth0 netns inet
ip addr add 192.0.2.2/24 dev wan && ip link set wan up
ip -n inet addr add 192.0.2.1/24 dev eth0 && ip -n inet link set eth0 up && ip -n inet link set lo up
ip -n inet addr add 198.51.100.7/32 dev lo
"""
SERVER = """
import socket
door = socket.create_server(("198.51.100.7", 80))
open("/run/shared/up", "w").close()
while True:
    client, peer = door.accept()
    client.sendall(peer[0].encode())
    client.close()
"""
BEGIN = """
import signal, socket
from netwright.kernel import pasta
starting = holders.start("shop")
holder = starting.holder
"""


@pytest.fixture
def user(sandbox: Sandbox) -> Snippets:
    if shutil.which("pasta") is None:
        missing("pasta is not installed (Debian: passt)")
    if not os.path.exists("/dev/net/tun"):
        missing("this kernel has no /dev/net/tun")
    made = sandbox.run(["sh", "-ec", MACHINE])
    if made.code:
        missing(f"no tun device that everybody may open can be made here: {made.err.strip()}")
    return Snippets(sandbox, "ordinary")


def test_a_lab_reaches_the_machines_network(user: Snippets):
    user.box.run(["ip", "route", "add", "default", "via", "192.0.2.1"])
    Snippets(user.box, "root").start(f"import os\nos.execvp('ip', ['ip', 'netns', 'exec', 'inet', sys.executable, '-c', {SERVER!r}])")
    code = """
until(lambda: os.path.exists("/run/shared/up"))
found = holders.Holder(*pasta.start(holder))
def work():
    with socket.create_connection(("198.51.100.7", 80), timeout=60) as sock:
        print(sock.recv(100).decode())
    print(subprocess.run(["ip", "-4", "-o", "addr", "show", "uplink"], capture_output=True, text=True).stdout.split()[3])
print(inside(holder, work), found.pid in programs_in(holder.pid), pasta.why_not() == "")
holders.end(holder)
until(lambda: not holders.alive(found))
"""
    assert user.run(BEGIN + code) == "192.0.2.2\n169.254.77.2/30\n0 True True\n"


def test_without_a_way_out_it_says_so_and_leaves_nothing(user: Snippets):
    code = """
try:
    pasta.start(holder)
except CallFailed as error:
    print(error)
print(programs_in(holder.pid) == [holder.pid])
starting.abort()
"""
    out = user.run(BEGIN + code).splitlines()
    assert out[0].startswith("pasta did not start: No external routable interface for IPv4")
    assert out[1] == "True"


def test_why_there_is_none(sandbox: Sandbox):
    ordinary = Snippets(sandbox, "ordinary")
    code = 'from netwright.kernel import pasta, process; print(pasta.why_not())'
    without = code.replace("print(", 'pasta.find_program = lambda *a, **k: ""; print(')
    assert ordinary.run(without) == "uplink: pasta is not installed: sudo apt-get install passt\n"
    if shutil.which("pasta") is None:
        missing("pasta is not installed (Debian: passt)")
    for node, answer in (("mknod -m 600 /run/tun c 10 200; mount --bind /run/tun /dev/net/tun", "is for root only: sudo chmod 666 /dev/net/tun"), ("mount -t tmpfs t /dev/net", "there is no /dev/net/tun: sudo modprobe tun")):
        if sandbox.run(["sh", "-ec", node]).code:
            missing("a box made without root has no device nodes of its own")
        assert ordinary.run(code) == f"uplink: {answer if answer.startswith('there') else '/dev/net/tun ' + answer}\n"
