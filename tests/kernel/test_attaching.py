"""The core of container networks on the real kernel: attach, publish, detach; failures, kills, somebody's flush."""

import sys
from pathlib import Path

import pytest
from sandbox import SOURCE, Result, Sandbox
from traffic import carried, own, steady

SCRIPT = str(Path(__file__).parent / "inside" / "attachments.py")
FORKED = Path(SCRIPT).with_name("forked.py")
SERVER = """
import socket
s = socket.socket(socket.AF_INET6); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0); s.bind(("::", 80)); s.listen(); print("up", flush=True)
while True:
    c, a = s.accept(); c.sendall(a[0].removeprefix("::ffff:").encode()); c.close()
"""
CLIENT = """
import socket, sys
try:
    c = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=float(sys.argv[3]))
    print(c.recv(100).decode())
except OSError as error:
    print(type(error).__name__)
"""


def act(box: Sandbox, verb: str, n: int, *more: str, **env: str):
    return Result(**box.call(FORKED, "called", "attachments", "main", [str(SOURCE)], [verb, str(n), *more], env))


def traces(box: Sandbox) -> list[object]:
    """All that an attachment could leave on the host."""
    links = [steady(line) for line in box.run(["ip", "-d", "-o", "link"]).lines]
    addresses = box.run(["ip", "-o", "addr"]).lines
    routes = [line for f in ([], ["-6"]) for line in box.run(["ip", *f, "route", "show", "table", "all"]).lines]
    rules = box.run(["nft", "list", "ruleset"]).out
    records = box.run(["find", "/run/netwright", "-path", "*attached*"]).out
    # Forwarding, once on, gives the uplink more of the kernel's own routes.
    return [links, own([line for line in addresses + routes if "up0" not in line]), rules, records]


def ask(box: Sandbox, address: str, port: int, netns: str | None = None, timeout: float = 30.0) -> str:
    return box.run([sys.executable, "-c", CLIENT, address, str(port), str(timeout)], netns=netns).out.strip()


@pytest.fixture
def host(sandbox: Sandbox) -> Sandbox:
    """A host with an uplink to `out`, and three namespaces that wait to become containers."""
    sandbox.quiet_namespaces("c2", "c3", "c4", "out")
    sandbox.batch(
        "link set lo up", "link add up0 type veth peer name eth0 netns out", "addr add 192.0.2.1/24 dev up0", "addr add fd99::1/64 dev up0 nodad",
        "link set up0 up",
    )  # fmt: skip
    sandbox.batch("addr add 192.0.2.9/24 dev eth0", "addr add fd99::9/64 dev eth0 nodad", "link set eth0 up", "link set lo up", netns="out")
    carried(sandbox, ("up0", None), ("eth0", "out"))
    return sandbox


def test_a_container_is_attached_and_leaves_nothing(host: Sandbox):
    before = traces(host)
    for n in (2, 3):
        result = act(host, "add", n)
        assert result.code == 0, result.err
    assert host.run(["ping", "-c1", "-w30", "10.9.0.3"], netns="c2").code == 0
    assert host.run(["ping", "-c1", "-w30", "fd09::3"], netns="c2").code == 0
    assert host.run(["ping", "-c1", "-w30", "192.0.2.9"], netns="c2").code == 0, "masqueraded"
    assert act(host, "check", 2).out == "[] []\n"
    assert act(host, "add", 2).code == 0, "again: nothing to do"
    for n in (2, 3):
        assert act(host, "delete", n).code == 0
        assert act(host, "delete", n).code == 0, "what is gone is no error"
    assert traces(host) == before


def test_published_ports_from_everywhere(host: Sandbox):
    host.run(["sysctl", "-qw", "net.bridge.bridge-nf-call-iptables=0", "net.bridge.bridge-nf-call-ip6tables=0"])
    assert act(host, "add", 2).code == 0
    host.popen([sys.executable, "-c", SERVER], netns="c2")
    assert host.run(["sh", "-c", "until ss -Hltn | grep -q :80; do :; done"], netns="c2").code == 0
    assert ask(host, "192.0.2.1", 8002, "out") == "192.0.2.9", "the client's address is kept"
    assert ask(host, "fd99::1", 8002, "out") == "fd99::9"
    for address in ("127.0.0.1", "::1", "192.0.2.1", "fd99::1"):
        assert ask(host, address, 8002), address
    assert ask(host, "192.0.2.1", 8002, "c2") == "10.9.0.1", "hairpin"
    assert ask(host, "fd99::1", 8002, "c2") == "fd09::1"
    assert ask(host, "127.0.0.1", 9002)
    assert ask(host, "::1", 9002)
    assert ask(host, "192.0.2.1", 9002, "out") == "ConnectionRefusedError", "published on localhost alone"
    assert ask(host, "192.0.2.1", 9002) == "ConnectionRefusedError"


def test_a_taken_port_names_its_owner_and_leaves_nothing(host: Sandbox):
    assert act(host, "add", 2).code == 0
    before = traces(host)
    refused = act(host, "add", 3, PORT="8002")
    assert refused.code == 1
    assert refused.err.startswith("Conflict port tcp 8002 is taken: it is published for test/c2"), refused.err
    assert traces(host) == before
    (lo,) = host.run(["ip", "-o", "link"], netns="c3").lines
    assert "state DOWN" in lo


def test_what_fails_for_one_in_doubt_leaves_it_what_it_had(host: Sandbox):
    for n in (2, 3):
        assert act(host, "add", n).code == 0
    assert act(host, "doubt", 2).code == 0
    before = traces(host)
    assert act(host, "add", 2, PORT="8003").code == 1
    assert traces(host) == before
    assert act(host, "add", 2).code == 0
    for n in (2, 3):
        assert act(host, "delete", n).code == 0


def test_a_foreign_eth0_is_left_alone(host: Sandbox):
    host.ip("link add eth0 type bridge", netns="c2")
    before = traces(host)
    refused = act(host, "add", 2)
    assert 'there is a device "eth0" in the container already' in refused.err
    assert traces(host) == before


def test_a_flush_by_somebody_else_is_mended_by_the_next(host: Sandbox):
    for n in (2, 3):
        assert act(host, "add", n).code == 0
    whole = host.run(["nft", "list", "ruleset"]).out
    host.run(["nft", "flush", "ruleset"])
    assert "publish4" in act(host, "check", 2).out
    assert act(host, "add", 3).code == 0
    assert sorted(host.run(["nft", "list", "ruleset"]).lines) == sorted(whole.splitlines())


def test_rules_of_an_older_version_are_replaced_with_all_elements(host: Sandbox):
    assert act(host, "add", 2).code == 0
    whole = host.run(["nft", "list", "ruleset"]).out
    for line in whole.splitlines():
        if line.strip().startswith("set rules-"):
            host.run(["nft", "delete", "set", "inet", "netwright", line.split()[1]])
    host.run(["nft", "flush", "chain", "inet", "netwright", "postrouting"])
    assert act(host, "add", 3).code == 0
    assert act(host, "delete", 3).code == 0
    assert sorted(host.run(["nft", "list", "ruleset"]).lines) == sorted(whole.splitlines())


def test_the_last_one_leaves_a_bridge_with_somebody_elses_port(host: Sandbox):
    assert act(host, "add", 2).code == 0
    host.ip("link add other type veth peer name other2")
    host.ip("link set other master br0")
    assert act(host, "delete", 2).code == 0
    assert host.run(["ip", "link", "show", "br0"]).code == 0


@pytest.mark.parametrize("verb", ["add", "delete"])
def test_killed_at_every_step(host: Sandbox, verb: str):
    before = traces(host)
    for step in range(1, 100):
        if verb == "delete":
            assert act(host, "add", 2).code == 0
        killed = act(host, verb, 2, str(step))
        finished = killed.code == 0
        deleted = act(host, "delete", 2)
        assert deleted.code == 0, (step, deleted.err)
        assert traces(host) == before, step
        if finished:
            break
    assert step > 10


def test_many_at_once(host: Sandbox):
    before = traces(host)
    numbers = range(10, 26)
    for n in numbers:
        host.ip(f"netns add c{n}")
    for verb in ("add", "delete"):
        running = [host.popen([sys.executable, SCRIPT, verb, str(n)], env={"PYTHONPATH": str(SOURCE)}) for n in numbers]
        assert [host.wait(pid) for pid in running] == [0] * len(running)
        if verb == "add":
            assert host.run(["ping", "-c1", "-w30", "10.9.0.25"], netns="c10").code == 0
            assert act(host, "check", 17).out == "[] []\n"
    assert traces(host) == before
