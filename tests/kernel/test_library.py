"""The Python API on the real kernel, in a sandbox; and every example of docs/library.md."""

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs" / "library.md"
README = DOCS.parents[1] / "README.md"
SETUP = """
import os, threading
import netwright as nw
from netwright import *
red, blue = Namespace.create("red"), Namespace.create("blue")
red.links.add("v0", "veth", peer="v1", peer_namespace=blue, up=True)
red.addresses.add("10.0.0.1/24", "v0")
blue.addresses.add("10.0.0.2/24", "v1")
blue.links.set("v1", up=True)
def until(true):
    import select, time
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        select.select([], [], [], 0.002)
def raises(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")
"""


def check(box, code: str) -> None:
    result = box.python(SETUP + code)
    assert result.code == 0, result.err


def test_examples(sandbox):
    blocks = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.S)
    result = sandbox.python("\n".join(blocks))
    assert result.code == 0, result.err
    assert "veth True 1500" in result.out
    assert "10.9.0.1/24" in result.out
    assert 'did you mean "blue"?' in result.out


def test_the_readmes_six_lines(sandbox):
    (block,) = re.findall(r"```python\n(from netwright import Namespace\n.*?)```", README.read_text(), re.S)
    assert len(block.splitlines()) == 6
    result = sandbox.python(block)
    assert result.code == 0, result.err
    assert " 0% packet loss" in result.out


def test_namespaces(sandbox):
    check(
        sandbox,
        """
assert sorted(ns.name for ns in Namespace.list()) == ["blue", "red"]
assert {ns.name: ns.inode for ns in Namespace.list()} == {"red": red.inode, "blue": blue.inode}
assert Namespace.open("/run/netns/red").name == "red"
assert Namespace.current().name == "" and Namespace.open(os.getpid()).inode == Namespace.current().inode
assert red.nsid == -1 or red.nsid >= 0
green = Namespace.create("green")
assert green.nsid == -1
green.nsid = 77
assert green.nsid == 77 and isinstance(raises(Exists, lambda: setattr(green, "nsid", 78)), KernelError)
assert "red" in raises(Conflict, lambda: Namespace.create("red")).what
raises(Gone, lambda: Namespace.open("nothing")); raises(Invalid, lambda: Namespace.create("a/b"))
raises(Invalid, lambda: Namespace.open("docker:x"))
stale = next(ns for ns in Namespace.list() if ns.name == "green")
green.delete(wait=True)
raises(Gone, stale.links.list)
""",
    )


def test_links(sandbox):
    check(
        sandbox,
        """
until(lambda: red.links.get("v0").state == "up")  # a work queue of the kernel tells it, when it gets to it
v0 = red.links.get("v0")
assert (v0.kind, v0.up, v0.state, v0.mtu, v0.link) == ("veth", True, "up", 1500, "") and v0.link_nsid is not None
red.links.add("br0", "bridge", options={"stp_state": 1}, mtu=1400)
red.links.set("v0", master="br0", alias="cable", promisc=True, multicast=False)
v0 = red.links.get("v0")
assert (v0.master, v0.alias) == ("br0", "cable") and v0.flags & 0x100 and not v0.flags & 0x1000
assert red.links.get("br0").option("stp_state") == 1
red.links.set("v0", master="", up=False); red.links.set("v0", rename="eth0")
assert red.links.get("eth0").master == "" and not red.links.get("eth0").up
assert [l.name for l in red.links.list()] == ["lo", "eth0", "br0"]
assert len(set(red.links.list())) == 3
red.links.delete("br0")
raises(Gone, lambda: red.links.get("br0")); raises(Gone, lambda: red.links.set("br0", up=True))
raises(Invalid, lambda: red.links.add("a" * 16, "dummy"))
error = raises(Exists, lambda: red.links.add("eth0", "bridge"))
assert error.errno == 17 and "AddLink red eth0" in error.what and error.fix
raises(KernelError, lambda: red.links.add("x0", "nonsense"))
""",
    )


def test_addresses_routes_neighbours_rules(sandbox):
    check(
        sandbox,
        """
red.addresses.add("fd00::1/64", "v0", nodad=True)
one = red.addresses.get("10.0.0.1")
assert (one.address, one.link, one.family, one.scope, one.valid) == ("10.0.0.1/24", "v0", 4, "global", None)
assert {a.family for a in red.addresses.list("v0")} == {4, 6} and len(red.addresses.list(family=4)) == 1
red.addresses.set("10.0.0.1/24", "v0", valid=1000, preferred=500)
assert 990 < red.addresses.get("10.0.0.1/24").valid <= 1000
raises(Exists, lambda: red.addresses.add("10.0.0.1/24", "v0"))
raises(KernelError, lambda: red.addresses.delete("10.0.0.77/24", "v0")); raises(Invalid, lambda: red.addresses.add("10.0.0.x", "v0"))
red.routes.add("default", via="10.0.0.2", metrics={"mtu": 1300}, metric=50)
red.routes.add("10.5.0.0/16", type="blackhole"); red.routes.add("fd01::/64", via="fd00::2"); red.routes.add("10.6.0.0/16", link="v0", table=1000)
red.routes.add("10.8.0.0/16", nexthops=[Nexthop("10.0.0.2", "v0", 3), Nexthop("10.0.0.3", "v0")])
by = {r.to: r for r in red.routes.list()}
assert (by["default"].via, by["default"].link, by["default"].metric, by["default"].metrics) == ("10.0.0.2", "v0", 50, (("mtu", 1300),))
assert by["10.5.0.0/16"].type == "blackhole" and by["fd01::/64"].via == "fd00::2" and by["10.0.0.0/24"].scope == "link"
assert by["10.8.0.0/16"].nexthops == (Nexthop("10.0.0.2", "v0", 3), Nexthop("10.0.0.3", "v0", 1))
assert [r.to for r in red.routes.list(table=1000)] == ["10.6.0.0/16"]
assert red.routes.get("192.0.2.1").via == "10.0.0.2"
red.routes.set("default", via="10.0.0.3", metric=50)
assert red.routes.get("192.0.2.1").via == "10.0.0.3"
red.routes.delete("default", metric=50); raises(Missing, lambda: red.routes.delete("default", metric=50))
error = raises(Refused, lambda: red.routes.add("default", via="172.31.0.9"))
assert "AddRoute red default via" in error.what and "gateway" in error.message and error.fix
red.neighbours.add("10.0.0.9", "v0", "02:00:00:00:00:09")
assert red.neighbours.get("10.0.0.9", "v0") == Neighbour("10.0.0.9", "v0", "02:00:00:00:00:09", "permanent")
red.neighbours.set("10.0.0.9", "v0", "02:00:00:00:00:0a"); red.neighbours.delete("10.0.0.9", "v0")
raises(Gone, lambda: red.neighbours.get("10.0.0.9", "v0"))
rule = Rule(priority=77, source="10.0.0.0/24", table=1000, fwmark=5, destination_ports=(80, 90), ip_proto=6)
red.rules.add(rule)
assert red.rules.get(77).destination_ports == (80, 90) and red.rules.get(77).table == 1000
red.rules.set(rule, table=200)
assert red.rules.get(77).table == 200
assert [r.priority for r in red.rules.list(4)] == [0, 77, 32766, 32767]
""",
    )


def test_batch(sandbox):
    check(
        sandbox,
        """
with red.batch() as b:
    for n in range(300):
        b.links.add(f"a{n}", "veth", index=1000 + n, peer=f"b{n}", peer_namespace=blue, peer_index=2000 + n)
        b.addresses.add(f"10.{n // 200 + 1}.{n % 200}.1/30", f"a{n}")
        b.links.set(f"a{n}", up=True)
assert len(red.links.list()) == 302 and blue.links.get("b7").index == 2007
assert red.addresses.get("10.2.99.1").link == "a299"
def bad():
    with red.batch() as b:
        b.links.add("c0", "veth", peer="c1"); b.links.add("a0", "veth", peer="c2"); b.links.set("c0", up=True)
failed = raises(BatchFailed, bad)
assert [error.errno for error in failed.errors] == [17] and red.links.get("c0").up
def stopped():
    with red.batch() as b:
        b.links.delete("c0"); raise ValueError
raises(ValueError, stopped)
assert red.links.get("c0").up
""",
    )


def test_programs_sockets_and_threads(sandbox):
    check(
        sandbox,
        """
mine = os.readlink("/proc/thread-self/ns/net")
assert red.run(["readlink", "/proc/self/ns/net"]).out.strip() == f"net:[{red.inode}]"
assert red.run(["cat"], input="hi\\udcff").out == "hi\\udcff" and red.exec(["sh", "-c", "exit 7"]) == 7
assert raises(ProgramFailed, lambda: red.run(["sh", "-c", "echo no >&2; exit 3"], check=True)).completed == Completed(3, "", "no\\n")
assert "longer" in raises(ProgramFailed, lambda: red.run(["tail", "-f", "/dev/null"], timeout=0.1)).why
assert raises(CallFailed, lambda: red.run(["no-such-program"])).errno == 2 and raises(CallFailed, lambda: red.exec(["no-such"])).errno == 2
with red.socket() as s, blue.socket() as c:
    s.bind(("10.0.0.1", 80)); s.listen(); c.settimeout(60); c.connect(("10.0.0.1", 80))
with red:
    assert Namespace.current().name == "red"
    with blue:
        assert Namespace.current().name == "blue"
    assert Namespace.current().inode == red.inode
assert os.readlink("/proc/thread-self/ns/net") == mine
found = []
def work(n):
    with (red if n % 2 else blue) as ns:
        for _ in range(20):
            found.append(Namespace.current().inode == ns.inode and len(ns.links.list()) == 2)
threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
assert found == [True] * 160
sleeper = [None]
import subprocess
with red:
    p = subprocess.Popen(["tail", "-f", "/dev/null"])
assert list(red.pids()) == [p.pid] and {h.kind for h in red.holders().found} >= {"process", "fd", "mount"}
p.kill(); p.wait()
assert sweep(["red", blue], lambda ns: (ns.name, Namespace.current().inode == ns.inode, len(ns.links.list()))) == {"red": ("red", True, 2), "blue": ("blue", True, 2)}
errors = {}
assert sweep(["gone", "red"], lambda ns: 1, errors=errors) == {"red": 1} and isinstance(errors["gone"], Gone)
assert os.readlink("/proc/thread-self/ns/net") == mine
""",
    )


def test_events(sandbox):
    check(
        sandbox,
        """
with red.events(timeout=60) as events:
    red.links.add("d0", "veth", peer="d1"); red.addresses.add("10.3.0.1/24", "d0"); red.rules.add(Rule(priority=5, table=9))
    red.neighbours.add("10.0.0.7", "v0", "02:00:00:00:00:07"); red.routes.add("10.4.0.0/16", via="10.0.0.2")
    red.routes.delete("10.4.0.0/16"); red.links.delete("d0")
    seen = set()
    for e in events:
        seen.add((e.kind, e.action, getattr(e.value, "to", None) or getattr(e.value, "address", None) if e.kind != "link" else e.value.name))
        if (e.kind, e.action) == ("link", "gone") and e.value.name == "d0":
            break
assert {("link", "changed", "d0"), ("address", "changed", "10.3.0.1/24"), ("address", "gone", "10.3.0.1/24"), ("neighbour", "changed", "10.0.0.7"),
        ("route", "changed", "10.4.0.0/16"), ("route", "gone", "10.4.0.0/16"), ("link", "gone", "d0")} <= seen, seen
assert any(kind == "rule" for kind, *_ in seen)
raises(Invalid, lambda: red.events(("lnk",)))
assert list(red.events(("rule",), timeout=0)) == []
quiet = red.events(("rule",))
thread = threading.Thread(target=lambda: list(quiet)); thread.start(); quiet.close(); thread.join(60)
assert not thread.is_alive()
slow = red.events(("link",), timeout=60)
slow._reader.netlink.socket.setsockopt(1, 8, 2048)
with red.batch() as b:
    for n in range(200):
        b.links.set("v0", mtu=1400 + n % 2)
actions = []
for e in slow:
    actions.append((e.kind, e.action))
    if e.action == "lost":
        break
assert actions[-1] == ("all", "lost")
while slow._reader.ready():
    pass
red.links.set("v0", mtu=1200)
assert next(slow).value.mtu == 1200
import asyncio
async def main():
    async with red.aevents(("link",)) as events:
        task = asyncio.ensure_future(anext(events))
        red.links.set("v0", mtu=1300)
        assert (await asyncio.wait_for(task, 60)).value.name == "v0"
        waiting = asyncio.ensure_future(anext(events, None))
        for _ in range(10):
            await asyncio.sleep(0)
        events.close()
        await asyncio.wait_for(waiting, 60)
asyncio.run(main())
""",
    )

