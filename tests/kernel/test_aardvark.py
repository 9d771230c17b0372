"""Our aardvark-dns: with files written by hand, and started by the real netavark in the place of its own."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from sandbox import SOURCE, Result, Sandbox, missing

INSIDE = str(Path(__file__).with_name("inside"))
NETAVARK = "/usr/lib/podman/netavark"
PROGRAM = f"""#!{sys.executable}
import sys
sys.path.insert(0, {str(SOURCE)!r})
from netwright.netavark.aardvark import main
sys.exit(main(sys.argv))
"""
BEGIN = f"""
import sys
sys.path.insert(0, {INSIDE!r})
import os, signal, subprocess, time
from dns_client import ended, sockets, tcp, udp, until
def heard(server, name, kind="A", by=udp, **how):
    found = by(server, name, kind, **how)
    return found and (found[0], sorted(found[1]))
def pid():
    return int(open("/run/aa/aardvark.pid").read())
def put(name, *lines):
    with open("/run/aa/" + name, "w") as file:
        file.write("\\n".join(lines) + "\\n")
def start():
    return subprocess.run(["/run/aardvark-dns", "--config", "/run/aa", "-p", "53", "run"], capture_output=True, text=True, timeout=60)
"""
NET1 = ("10.1.0.1,fd00:1::1", "c1 10.1.0.2 fd00:1::2 web,w1", "c2 10.1.0.3  b,b1 127.0.0.5")
NET2 = ("10.2.0.1", "c2 10.2.0.3  b,b2", "c3 10.2.0.4  secret")


def run(box: Sandbox, code: str, **options) -> Result:
    result = box.python(f"{BEGIN}NET1, NET2 = {NET1!r}, {NET2!r}\n{code}", timeout=90.0, **options)
    assert result.code == 0, result.err
    return result


@pytest.fixture
def box(sandbox: Sandbox) -> Sandbox:
    sandbox.quiet()
    sandbox.ip("link set lo up")
    for address in ("10.1.0.1/24", "10.2.0.1/24", "10.1.0.3/24", "10.2.0.4/24", "fd00:1::1/64"):
        sandbox.ip(f"addr add {address} dev lo")
    sandbox.write("/run/aardvark-dns", PROGRAM)
    sandbox.run(["sh", "-c", "chmod +x /run/aardvark-dns; mkdir /run/aa; touch /run/aa/aardvark.lock"])
    return sandbox


def test_its_life(box: Sandbox):
    run(box, """
put("net1", *NET1); put("net2%int", *NET2)
done = start()
assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
assert heard("10.1.0.1", "web") == ("NOERROR", ["10.1.0.2"])
assert heard("fd00:1::1", "W1.dns.podman", "AAAA") == ("NOERROR", ["fd00:1::2"])
assert heard("10.1.0.1", "web", by=tcp) == ("NOERROR", ["10.1.0.2"])
assert heard("10.1.0.1", "2.0.1.10.in-addr.arpa", "PTR") == ("NOERROR", ["web.dns.podman."])
assert heard("10.1.0.1", "secret") == ("NXDOMAIN", [])
assert heard("10.1.0.1", "secret", source="10.1.0.3") == ("NOERROR", ["10.2.0.4"])  # c2 is on both
assert heard("10.2.0.1", "web", source="10.1.0.3") == ("NOERROR", ["10.1.0.2"])
assert heard("10.2.0.1", "example.com", source="10.2.0.4") == ("NXDOMAIN", [])  # internal
there, before = pid(), sockets(pid())
put("net1", *NET1, "c7 10.1.0.7  late")
os.kill(there, signal.SIGHUP)
until(lambda: heard("10.1.0.1", "late") == ("NOERROR", ["10.1.0.7"]))
until(lambda: sockets(there) == before)  # nothing was closed
os.unlink("/run/aa/net2%int")
os.kill(there, signal.SIGHUP)
until(lambda: sockets(there) < before)
os.unlink("/run/aa/net1")
os.kill(there, signal.SIGHUP)
until(lambda: ended(there))
assert os.listdir("/run/aa") == ["aardvark.lock"]
""")  # fmt: skip


def test_a_port_that_is_taken(box: Sandbox):
    run(box, """
import socket
taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); taken.bind(("10.1.0.1", 53))
put("net1", *NET1)
done = start()
assert done.returncode == 1
assert f"10.1.0.1:53/udp is taken by process {os.getpid()}" in done.stderr, done.stderr
assert sorted(os.listdir("/run/aa")) == ["aardvark.lock", "net1"]
""")  # fmt: skip


def test_sigterm_ends_it(box: Sandbox):
    run(box, """
put("net1", *NET1)
start()
there = pid()
os.kill(there, signal.SIGTERM)
until(lambda: ended(there))
assert sorted(os.listdir("/run/aa")) == ["aardvark.lock", "net1"]
""")  # fmt: skip


NETWORK = {
    "name": "dn1", "id": "1" * 64, "driver": "bridge", "network_interface": "podman9", "created": "2024-01-01T00:00:00Z",
    "subnets": [{"subnet": "10.89.7.0/24", "gateway": "10.89.7.1"}],
    "ipv6_enabled": False, "internal": False, "dns_enabled": True, "ipam_options": {"driver": "host-local"},
}  # fmt: skip


def options(number: int) -> str:
    one = {"static_ips": [f"10.89.7.{number}"], "aliases": [f"alias{number}"], "interface_name": "eth0"}
    return json.dumps(
        {
            "container_id": str(number) * 64, "container_name": f"name{number}", "networks": {"dn1": one}, "network_info": {"dn1": NETWORK},
        }
    )  # fmt: skip


def netavark(box: Sandbox, verb: str, number: int) -> Result:
    words = [NETAVARK, "--config", "/run/net", "--rootless", "false", "--aardvark-binary", "/run/aardvark-dns", verb, f"/run/netns/n{number}"]
    result = box.run(words, stdin=options(number))
    assert result.code == 0, result.out + result.err
    return result


def test_the_real_netavark_starts_it(box: Sandbox):
    if not (os.access(NETAVARK, os.X_OK) and shutil.which("iptables")):
        missing("netavark and the iptables that it needs are not installed")
    box.run(["mkdir", "-p", "/run/net"])
    for number in (2, 3):
        box.ip(f"netns add n{number}")
        netavark(box, "setup", number)
    run(box, """
assert heard("10.89.7.1", "name3") == ("NOERROR", ["10.89.7.3"]), heard("10.89.7.1", "name3")
assert heard("10.89.7.1", "alias2.dns.podman") == ("NOERROR", ["10.89.7.2"])
there = int(open("/run/net/aardvark-dns/aardvark.pid").read())
assert b"/run/aardvark-dns" in open(f"/proc/{there}/cmdline", "rb").read()
""", netns="n2")  # fmt: skip
    netavark(box, "teardown", 3)
    # Its bridge may have another MAC address after a port goes, and whoever knows the old one reaches nobody for half a minute.
    box.ip("-n n2 neigh flush all")
    run(box, 'until(lambda: heard("10.89.7.1", "name3", seconds=1) == ("NXDOMAIN", []))', netns="n2")
    netavark(box, "teardown", 2)
    run(box, 'until(lambda: not os.path.exists("/run/net/aardvark-dns/aardvark.pid"))')
