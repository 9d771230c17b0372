"""The commands of labs on the real kernel, as root and as an ordinary user: typed as a person would."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from labs import PATHS, PLACE, Nw, examples
from sandbox import SOURCE, Sandbox, missing
from test_startup import EXTENSION
from traffic import until
from users import USERS

from json_schema import wrong
from netwright.hostmap.schema import described

SHOP = """\
lab: shop
pool: [10.7.0.0/16, "fd07::/48"]
hosts:
  web{1..2}: { switch: front }
  db:        { switch: back, address: 10.7.2.10/24, aliases: [database] }
  gw:        { router: true, links: { eth0: front, eth1: back }, nat: [front] }
  client:    { route: { default: gw } }
switches:
  front: { subnet: 10.7.1.0/24 }
  back:  { subnet: 10.7.2.0/24, mtu: 1400 }
cables:
  - { ends: ["client:eth0", "gw:eth2"], subnet: 10.7.3.0/30 }
policy:
  - { from: client, to: front, allow: [tcp/80, icmp] }
  - { from: client, to: back, deny: all }
checks: ["client -> web1:80", "client -x db:5432", "web1 ping db"]
"""
TWO = "lab: two\nhosts:\n  a: { switch: s }\n  b: { switch: s }\nswitches:\n  s: { subnet: 10.1.0.0/24 }\n"
THREE = TWO.replace("  b:", "  c: { switch: s, address: 10.1.0.77/24 }\n  b:")
WITH_DNS = TWO.replace("a: { switch: s }", "a: { switch: s, dns: [10.1.0.53] }")


@pytest.fixture(params=USERS)
def nw(request: pytest.FixtureRequest, sandbox: Sandbox) -> Nw:
    return Nw(sandbox, request.param)


@pytest.fixture
def two(nw: Nw) -> Nw:
    nw("up", nw.file("two.lab.yaml", TWO))
    return nw


# -- a lab's life ----------------------------------------------------------------------------------------------------------


def test_a_lab_comes_up_is_used_and_leaves_nothing(nw: Nw):
    path = nw.file("shop.lab.yaml", SHOP)
    out = nw("up", path)
    assert out.startswith("shop is up: 5 hosts, 2 switches in ")
    assert "nw exec shop/web1 COMMAND" in out
    assert nw("exec", "shop/web1", "getent", "hosts", "db").split() == ["10.7.2.10", "db", "db.shop", "database"]
    assert nw("check").splitlines()[-1] == "shop: 3 of 3 checks as they should be"
    listed = nw.json("ls")
    assert [(lab["lab"], lab["state"], len(lab["hosts"]), lab["file"]) for lab in listed] == [("shop", "up", 5, path)]
    assert nw("down") == "shop is down\n"
    assert nw.left() == []
    assert nw("ls") == "there is no lab; make one with: nw up FILE\n"


def test_up_again_does_nothing_and_says_so(two: Nw):
    assert two("up", f"{PLACE}/two.lab.yaml").startswith("nothing to do: two already is as wanted")
    assert two("plan", f"{PLACE}/two.lab.yaml") == "nothing to do: two already is as wanted\n"
    assert two.json("up", f"{PLACE}/two.lab.yaml")["operations"] == 0
    two("down", "two")


def test_a_running_lab_is_changed_by_the_difference_and_no_packet_is_lost(two: Nw):
    ping = two.start("ping", "two/a", "b", "-i", "0.01", "-c", "120", "-W", "20", "--json", out=f"{PLACE}/ping")
    path = two.file("three.lab.yaml", THREE)
    plan = two.json("plan", path)["operations"]
    assert {op.get("namespace", op.get("name", "")) for op in plan} <= {"c", "@", ""}
    assert all("a.eth0" not in op["command"] and "b.eth0" not in op["command"] for op in plan)
    out = two("up", path)
    assert f"{len(plan)} operations in" in out
    assert two("exec", "two/a", "getent", "hosts", "c").split()[0] == "10.1.0.77"
    assert two.box.wait(ping) == 0
    seen = json.loads(two.box.read(f"{PLACE}/ping"))
    assert (seen["sent"], seen["received"]) == (120, 120)
    two("up", f"{PLACE}/two.lab.yaml")
    assert two.result("exec", "two/c", "true").err == 'nw exec: there is no host "c" in two\n    hosts of two: a, b\n'
    two("down")


def test_an_up_that_fails_leaves_the_lab_as_it_was(two: Nw):
    broken = two.file("broken.lab.yaml", THREE.replace("77/24 }", "77/24, sysctls: { net.ipv4.ip_forward: banana } }"))
    until(lambda: "tentative" not in two("exec", "two/a", "ip", "-o", "address"))
    before = two("exec", "two/a", "ip", "-o", "address")
    done = two.result("up", broken)
    assert done.code == 1
    first, second = done.err.splitlines()
    assert first.startswith(f"nw up: {broken}:4:")
    assert "hosts.c.sysctls" in first
    assert "everything is as it was before" in second
    assert two("exec", "two/a", "ip", "-o", "address") == before
    assert two("exec", "two/@", "ls", "/run/netns").split() == ["@", "a", "b"]
    assert two("diff", "two") == "no difference: two is as it is written\n"
    two("down")


def test_a_new_lab_that_fails_leaves_nothing(nw: Nw):
    done = nw.result("up", nw.file("broken.lab.yaml", TWO.replace("s }\n  b", "s, sysctls: { net.ipv4.ip_forward: banana } }\n  b")), "--json")
    assert done.code == 1
    assert done.out == ""
    told = json.loads(done.err)
    assert ":3:" in told["error"]
    assert "the lab was taken away again" in told["why"]
    assert nw.left() == []


def test_two_labs_of_one_file_side_by_side(two: Nw):
    two("up", f"{PLACE}/two.lab.yaml", "--name", "other", "-q")
    assert two("ls", "-q").split() == ["other", "two"]
    assert two.result("down", f"{PLACE}/two.lab.yaml").err.startswith(f"nw down: {PLACE}/two.lab.yaml is up under several names\n")
    assert two.result("check").err.startswith("nw check: which lab?\n    there are 2: other, two")
    assert two("down", "--all").splitlines() == ["other is down", "two is down"]
    assert two.left() == []


def test_down_by_the_file_it_came_from(nw: Nw):
    path = nw.file("two.lab.yaml", TWO)
    nw("up", path, "--name", "renamed")
    nw.file("two.lab.yaml", "not: [a lab")
    assert nw("down", path) == "renamed is down\n"


def test_pins_are_names_for_ip(sandbox: Sandbox):
    nw = Nw(sandbox, "root")
    nw("up", nw.file("two.lab.yaml", TWO), "--pin")
    assert sorted(sandbox.ip("netns list").split()) == ["two.a", "two.b"]
    assert "10.1.0." in sandbox.ip("-n two.a -br address show dev eth0")
    nw("up", f"{PLACE}/two.lab.yaml")
    assert sorted(sandbox.ip("netns list").split()) == ["two.a", "two.b"]
    nw("down")
    assert sandbox.ip("netns list") == ""


# -- programs in hosts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "code"),
    [(["true"], 0), (["sh", "-c", "exit 7"], 7), (["nonsense-program"], 127), (["/etc/passwd"], 126), (["/no/such"], 127), (["sh", "-c", "kill -9 $$"], 137), (["sh", "-c", "kill -TERM $$"], 143)],
    ids=lambda item: str(item)[:30],
)
def test_exit_codes_are_those_of_the_program(two: Nw, argv: list[str], code: int):
    for way in ([], ["--"]):  # the short way, and the long one
        done = two.result("exec", "two/a", *way, *argv)
        assert (done.code if done.code >= 0 else 128 - done.code) == code, done.err
    two("down")


def test_a_program_sees_its_host(two: Nw):
    for way in ([], ["--"]):
        assert two("exec", "two/a", *way, "ls", "/sys/class/net").split() == ["eth0", "lo"]
        assert two("exec", "two/a", *way, "sh", "-c", "echo $NETWRIGHT_LAB/$NETWRIGHT_HOST").strip() == "two/a"
        assert two("exec", "two/a", *way, "sh", "-c", "cat", stdin="through") == "through"
        assert set(two("exec", "two/@", *way, "ls", "/sys/class/net").split()) >= {"s", "a.eth0", "b.eth0", "lo"}
    two("down")


def test_a_host_with_name_servers_sees_its_own_resolv_conf(nw: Nw):
    nw("up", nw.file("two.lab.yaml", WITH_DNS))
    for way in ([], ["--"]):
        assert "nameserver 10.1.0.53" in nw("exec", "two/a", *way, "cat", "/etc/resolv.conf")
        assert "nameserver 10.1.0.53" not in nw("exec", "two/b", *way, "cat", "/etc/resolv.conf")
        # Not `getent hosts`, which asks for IPv6 first: no name server answers, and that takes its time.
        assert nw("exec", "two/a", *way, "getent", "ahostsv4", "b").split()[2] == "b"
    nw("down")


def test_programs_are_listed_and_end_with_the_lab(two: Nw):
    first = two.start("exec", "two/a", "sleep", "300")
    second = two.start("exec", "two/b", "sh", "-c", "sleep 301; true")
    # Each is the command itself for a moment, before it becomes the program.
    wanted = [("a", "sleep 300"), ("b", "sh -c sleep 301; true"), ("b", "sleep 301")]
    until(lambda: [(process["host"], process["command"]) for process in two.json("ps")] == wanted)
    assert "a     " in two("ps", "two")
    two("down")
    assert [two.box.wait(first), two.box.wait(second)] == [-9, -9]
    assert two.left() == []


def test_a_killed_exec_takes_its_program_along(two: Nw):
    """Whoever started `nw exec` gets its program as an orphan, and has to wait for it: here a process that does."""
    code = """
import ctypes, os, subprocess, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)
assert process.stdout.readline() == b"here\\n"
process.kill()
process.wait()
print(os.waitstatus_to_exitcode(os.waitpid(-1, 0)[1]))
"""
    for way in ([], ["--"]):
        argv = two.argv("exec", "two/a", *way, "sh", "-c", "echo here; exec sleep 300")
        assert two.box.python(code, *argv, env=two.environment).out == "-9\n"
        assert two("ps") == "nothing runs in two\n"
    two("down")


def test_a_shell_says_where_it_is_and_gives_the_terminal_back(two: Nw):
    """Twice, one after the other, from a script on one terminal: whoever does not give it back stops the second."""
    code = """
import os, pty, sys
argv, script = sys.argv[2:], sys.argv[1]
pid, fd = pty.fork()
if pid == 0:
    os.execvp("sh", ["sh", "-c", script, "sh", *argv])
seen = b""
while True:
    try:
        data = os.read(fd, 4096)
    except OSError:
        break
    seen += data
    if seen.count(b"$ ") + seen.count(b"name? ") > seen.count(b"\\x00"):
        answer = b"echo $((40 + 2)); exit 3\\n" if seen.rstrip(b"\\x00").endswith(b"$ ") else b"me\\n" if seen.endswith(b"name? ") else b""
        if answer:
            os.write(fd, answer)
            seen += b"\\x00"
print(seen.decode(errors="replace").replace("\\x00", ""))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    script = '"$@"; echo "code $?"; printf "name? "; read name; echo "hello $name"'
    done = two.box.python(code, script, *two.argv("shell", "two/a"), env={**two.environment, "SHELL": "/bin/sh", "ENV": ""})
    assert done.code == 0, done.err
    assert "[two/a] " in done.out
    assert "42" in done.out
    assert "code 3" in done.out
    assert "hello me" in done.out
    two("down")


def test_words_behind_a_shell_are_its_own(two: Nw):
    assert two("shell", "two/a", "--", "-c", "echo $0 $1", "x", "y", env={"SHELL": "/bin/sh"}) == "x y\n"
    two("down")


def test_commands_of_ip_take_a_host(two: Nw):
    assert "10.1.0." in two("-n", "two/a", "-br", "address", "show", "dev", "eth0")
    assert "master s" in two("-n", "two/@", "link", "show", "dev", "a.eth0")
    assert two("netns", "exec", "two/b", "getent", "hosts", "a").split()[1] == "a"
    done = two.result("-n", "two/aa", "link")
    assert (done.code, done.err) == (1, 'nw -n: there is no host "aa" in two\n    did you mean "two/a"?\n')
    two("down")


# -- looking ---------------------------------------------------------------------------------------------------------------


def test_ping_tells_what_ping_tells(two: Nw):
    lines = two("ping", "two/a", "b", "-c", "2", "-i", "0.01", "-W", "20").splitlines()
    assert lines[0].startswith("PING b (10.1.0.")
    assert lines[1].startswith("64 bytes from 10.1.0.")
    assert "icmp_seq=1 ttl=64 time=" in lines[1]
    assert lines[-2].startswith("2 packets transmitted, 2 received, 0% packet loss, time ")
    assert lines[-1].startswith("rtt min/avg/max/mdev = ")
    silent = two.result("ping", "two/a", "10.1.0.200", "-c", "1", "-W", "0.05")
    assert (silent.code, "icmp_seq=1 no answer in 0.05 s" in silent.out) == (1, True)
    unknown = two.result("ping", "two/a", "bb", "-c", "1")
    assert unknown.code == 1
    assert unknown.err.startswith('nw ping: nobody is called "bb" in two\n    did you mean "b"?')
    assert two.json("ping", "two/a", "10.9.9.9", "-c", "1", code=1)["errors"] == ["Network is unreachable"]
    two("down")


def test_capture_shows_packets_and_writes_what_tcpdump_reads(two: Nw):
    shown = two.start("capture", "two/a:eth0", "-c", "2", "icmp", "and", "host", "b", out=f"{PLACE}/lines")
    until(lambda: "listening on two/a:eth0" in two.box.read(f"{PLACE}/lines.err"))
    written = two.start("capture", "two/@:b.eth0", "-c", "2", "-w", f"{PLACE}/b.pcap", "icmp", out=f"{PLACE}/other")
    until(lambda: "listening on two/@:b.eth0" in two.box.read(f"{PLACE}/other.err"))
    two("ping", "two/a", "b", "-c", "1", "-W", "20")
    assert [two.box.wait(shown), two.box.wait(written)] == [0, 0]
    lines = two.box.read(f"{PLACE}/lines").splitlines()
    assert [line.split(": ", 1)[1].split(", id")[0] for line in lines] == ["icmp echo request", "icmp echo reply"]
    assert two.box.read(f"{PLACE}/lines.err").endswith("2 packets captured\n")
    assert two.result("capture", "two/a:eth9").err == 'nw capture: there is no device "eth9"\n    did you mean "eth0"?\n'
    assert two.result("capture", "two/a").err.startswith("nw capture: which device of two/a?\n")
    two("down")
    if shutil.which("tcpdump") is None:
        missing("tcpdump is not installed")
    read = two.box.run(["tcpdump", "-nr", f"{PLACE}/b.pcap"]).out.splitlines()
    assert ["ICMP echo request" in read[0], "ICMP echo reply" in read[1], len(read)] == [True, True, 2]


def test_ctrl_c_ends_a_capture_with_its_count(two: Nw):
    pid = two.start("capture", "two/a:eth0", out=f"{PLACE}/lines")
    until(lambda: "listening" in two.box.read(f"{PLACE}/lines.err"))
    two.box.kill(pid, 2)
    assert two.box.wait(pid) == 0
    assert two.box.read(f"{PLACE}/lines.err").endswith("captured\n")
    two("down")


def test_diff_and_plan_tell_what_somebody_changed_by_hand(two: Nw):
    two("exec", "two/b", "ip", "link", "set", "eth0", "mtu", "1400")
    done = two.result("diff", "two")
    assert done.code == 1
    assert done.out.splitlines()[:2] == ["--- two/b  as it is", "+++ two/b  as it is written"]
    assert [line for line in done.out.splitlines() if line[0] in "+-"][2:] == ["-link eth0 type veth peer @:b.eth0 up mtu 1400", "+link eth0 type veth peer @:b.eth0 up mtu 1500"]
    assert two.json("diff", "two", code=1)["differences"][0]["object"] == "b"
    assert two("plan", "two", "-v").splitlines()[-1].strip() == "ip -n b link set dev eth0 mtu 1500"
    two("up", f"{PLACE}/two.lab.yaml")
    assert two("diff", f"{PLACE}/two.lab.yaml") == "no difference: two is as it is written\n"
    two("down")


def test_a_check_that_fails_is_exit_1_and_a_file_is_checked_without_being_up(nw: Nw):
    path = nw.file("two.lab.yaml", TWO + 'checks: ["a ping b", "a -> b:80", "a -x b:81"]\n')
    done = nw.result("check", path)
    assert done.code == 1
    assert done.out.splitlines()[0].startswith("ok     a ping b   answered in ")
    assert done.out.splitlines()[2].startswith("FAILED a -x b:81  connected")
    assert done.out.splitlines()[3] == "two: 2 of 3 checks as they should be"
    assert nw.left() == []
    nw("up", path)
    answer = nw.json("check", "two", code=1)
    assert [check["good"] for check in answer["checks"]] == [True, True, False]
    nw("down")


# -- the same lab in other words -------------------------------------------------------------------------------------------

SEEN = """
import sys
from netwright.engine.look import look
from netwright.engine.place import Names
from netwright.lab.compile import compile
from netwright.lab.load import load
from netwright.lab.script import prefixed
topology = load(sys.argv[1])
want = prefixed(compile(topology), topology.name)
from netwright.plan.planner import plan
from netwright.model.state import State
with Names() as place:
    seen = look(place, want)
for op in plan(State(seen.namespaces), State(want.namespaces)):
    print(op)
if set(seen.namespaces) != set(want.namespaces):
    print(sorted(seen.namespaces))
"""


@pytest.mark.parametrize("name", ["shop", "two", "raft", "office", "hundred"])
def test_explain_is_a_script_that_builds_the_same(no_leak: None, name: str):
    with Sandbox(etc=True) as box:  # files for `ip netns exec` go to /etc/netns
        nw = Nw(box, "root")
        text = {"shop": SHOP, "two": TWO}.get(name) or (examples() / f"{name}.lab.yaml").read_text()
        path = nw.file(f"{name}.lab.yaml", text)
        script = nw.file("build.sh", nw("explain", path))
        done = box.run(["sh", script])
        assert (done.code, done.err) == (0, "")
        assert nw.box.run([nw.python, "-c", SEEN, path], env={"PYTHONPATH": PATHS}).lines == []


@pytest.mark.parametrize("text", [SHOP, TWO, WITH_DNS], ids=["shop", "two", "dns"])
def test_a_snapshot_comes_up_as_the_lab_it_was_taken_of(nw: Nw, text: str):
    path = nw.file("lab.yaml", text)
    name = nw.json("up", path)["lab"]
    nw("snapshot", name, "-o", f"{PLACE}/again.lab.yaml")
    assert nw("plan", f"{PLACE}/again.lab.yaml") == f"nothing to do: {name} already is as wanted\n"
    assert nw("snapshot", name, "--format", "lab") == nw.box.read(f"{PLACE}/again.lab.yaml")
    again = nw.result("snapshot", name, "-o", f"{PLACE}/again.lab.yaml")
    assert again.err.startswith(f"nw snapshot: {PLACE}/again.lab.yaml is there already\n")
    nw("down")


def test_a_snapshot_is_a_map_of_the_lab_and_the_way_back_to_it(nw: Nw):
    nw("up", nw.file("two.lab.yaml", TWO))
    nw("up", nw.file("other.lab.yaml", TWO), "--name", "other")
    before = f"{PLACE}/before.json"
    nw("snapshot", "two", "-o", before)
    document = json.loads(nw.box.read(before))
    assert [space["name"] for space in document["namespaces"]] == ["two/@", "two/a", "two/b"]
    assert [space.get("state", "ok") for space in document["namespaces"]] == ["ok"] * 3
    assert len(document["cables"]) == 2
    assert document["chosen"] == [["lab", "two"]]
    assert wrong(document, described(), described()) == []
    assert document["lab_file"] == nw("snapshot", "two", "--format", "lab")
    # What is different in another lab is not told.
    nw("exec", "other/a", "ip", "link", "set", "eth0", "down")
    assert nw("map", "--diff", before) == ""
    nw("exec", "two/a", "ip", "address", "add", "10.1.0.99/24", "dev", "eth0")
    nw("exec", "two/b", "ip", "link", "set", "eth0", "down")
    done = nw.result("map", "--diff", before)
    assert done.code == 1
    assert "+ address two/a 10.1.0.99/24 on eth0" in done.lines
    assert "~ device two/b eth0: up yes → no, state up → down" in done.lines
    assert "other" not in done.out
    assert nw.json("up", before)["operations"] > 0
    assert nw("plan", before) == "nothing to do: two already is as wanted\n"
    assert "two/@" in nw("map", "--from", before)
    nw("down", "two")
    assert "- namespace two/a: lab two/a" in nw.result("map", "--diff", before).lines
    assert nw.result("snapshot", "two").err.startswith('nw snapshot: there is no lab "two"')
    nw("down", "other")


def test_a_map_without_a_lab_file_is_no_lab(two: Nw):
    path = two.file("map.json", two("map", "--json"))
    done = two.result("up", path)
    assert "this is a map without a lab file in it, nw snapshot LAB makes one that has it" in done.err
    two("down")


@pytest.mark.parametrize(("ending", "begins"), [("yaml", "# A snapshot"), ("json", '{"format"'), ("svg", "<svg"), ("dot", "graph"), ("txt", "two/@ lab")])
def test_the_ending_says_what_a_snapshot_is(two: Nw, ending: str, begins: str):
    two("snapshot", "-o", f"{PLACE}/two.{ending}")
    assert two.box.read(f"{PLACE}/two.{ending}").startswith(begins)
    wrong_one = two.result("snapshot", "-o", f"{PLACE}/two.pdf")
    assert (wrong_one.code, wrong_one.lines) == (2, [])
    assert ".yaml" in wrong_one.err
    two("down")


def test_a_snapshot_of_named_namespaces(sandbox: Sandbox):
    nw = Nw(sandbox, "root")
    for line in ("netns add red", "netns add blue.1", "-n red link add veth0 type veth peer name veth1 netns blue.1", "-n red link set veth0 up",
                 "-n blue.1 link set veth1 up", "-n red address add 10.0.0.1/24 dev veth0", "-n blue.1 address add 10.0.0.2/24 dev veth1",
                 "-n red route add 10.9.0.0/16 via 10.0.0.2", "-n red link add dum0 type dummy"):  # fmt: skip
        sandbox.run(["ip", *line.split()])  # dummy is not in every kernel
    text = nw("snapshot", "--netns", "red", "blue.1", "--name", "copy", "--format", "lab")
    assert "#   the namespace blue.1 is the host blue-1" in text
    path = nw.file("copy.json", nw("snapshot", "--netns", "red", "blue.1", "--name", "copy"))
    assert sorted(space["name"] for space in json.loads(sandbox.read(path))["namespaces"]) == ["blue.1", "red"]
    sandbox.run(["ip", "netns", "add", "elsewhere"])
    assert nw("map", "--diff", path) == ""
    nw("up", path)
    assert "10.9.0.0/16 via 10.0.0.2" in nw("exec", "copy/red", "ip", "route")
    assert nw.json("ping", "copy/red", "10.0.0.2", "-c", "1", "-W", "20")["received"] == 1
    nw("down")
    assert nw.result("snapshot", "--netns", "rde").err.startswith('nw snapshot: Cannot open network namespace "rde"')


# -- what people type wrong ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nobody() -> Iterator[Nw]:
    """For words with which nothing is done: one box for all of them."""
    with Sandbox() as box:
        yield Nw(box, "root")


@pytest.mark.parametrize(
    ("words", "code", "first", "more"),
    [
        (["up"], 2, "nw up: FILE is missing", "what belongs here: FILE"),
        (["up", "no.yaml"], 1, "no.yaml:1:1:", ""),
        (["up", "a", "b"], 2, 'nw up: "b" is one word too many', ""),
        (["down", "shpo"], 1, 'nw down: there is no lab "shpo"', "make one with: nw up FILE"),
        (["down"], 1, "nw down: there is no lab", "make one with: nw up FILE"),
        (["down", "../etc"], 1, "../etc:1:1:", ""),
        (["exec", "shop"], 1, 'nw exec: "shop" is no host of a lab', "LAB/HOST"),
        (["exec", "shop/"], 1, 'nw exec: "shop/" is no host of a lab', ""),
        (["exec", "shop/web1"], 2, "nw exec: no command to run", "nw exec shop/web1 COMMAND"),
        (["exec", "shop/web1", "ls"], 1, 'nw exec: there is no lab "shop"', ""),
        (["exec", "../x/y", "ls"], 1, 'nw exec: "../x/y" is no host of a lab', ""),
        (["shell", "shop/web1"], 1, 'nw shell: there is no lab "shop"', ""),
        (["ping", "shop/a"], 2, "nw ping: TARGET is missing", "LAB/HOST TARGET"),
        (["ping", "shop/a", "b", "-c", "x"], 2, 'nw ping: -c takes a number, not "x"', "-c 3"),
        (["capture", "shop/a:eth0"], 1, 'nw capture: there is no lab "shop"', ""),
        (["capture", "shop/a:eth0", "tpc"], 1, 'nw capture: "tpc" is no word of a filter', 'did you mean "tcp"?'),
        (["check"], 1, "nw check: there is no lab", ""),
        (["ps", "x"], 1, 'nw ps: there is no lab "x"', ""),
        (["plan", "x"], 1, 'nw plan: there is no lab "x"', ""),
        (["gc", "now"], 2, 'nw gc: "now" is one word too many', ""),
        (["completion", "csh"], 1, 'nw completion: "csh" is no shell that is known here', "bash, zsh or fish"),
        (["snapshot", "a", "b"], 2, "nw snapshot: one lab at a time", "nw snapshot --netns a b"),
        (["rootless", "nonsense-program"], 127, 'nw rootless: exec of "nonsense-program" failed', ""),
        (["upp", "x"], 1, 'Object "upp" is unknown', 'did you mean "up"?'),
        (["chekc"], 1, 'Object "chekc" is unknown', 'did you mean "check"?'),
        (["-j", "ls"], 1, 'Object "ls" is unknown', "ls comes first: nw ls"),
    ],
    ids=lambda item: " ".join(item) if isinstance(item, list) else "",
)
def test_wrong_words(nobody: Nw, words: list[str], code: int, first: str, more: str):
    done = nobody.result(*words)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(first), done.err
    assert more in done.err
    assert nobody.left() == []


MISTAKES = """\
lab: shop
hosts:
  web1: { swich: front }
  web2: { switch: frnt }
  db: { switch: front, address: 10.7.1.300/24 }
  db: { switch: front }
  gw: { router: maybe }
switches:
  front: { subnet: 10.7.1.0/24, mtu: huge }
cables:
  - { ends: ["gw:eth0", "nobody:eth0"] }
policy:
  - { from: gw, to: webs, allow: [tcp/80] }
checks: ["gw -> web1", "gw pong web1"]
colour: red
"""


def test_ten_mistakes_are_ten_lines_and_nothing_is_made(nw: Nw):
    path = nw.file("bad.lab.yaml", MISTAKES)
    done = nw.result("up", path)
    assert done.code == 1
    *lines, last = done.err.splitlines()
    assert last == f"nw up: {len(lines)} mistakes; nothing was done"
    places = [int(line.removeprefix(f"{path}:").split(":")[0]) for line in lines]
    assert set(places) >= {3, 4, 5, 6, 7, 9, 11, 13, 14, 15}
    assert nw.left() == []
    told = json.loads(nw.result("up", path, "--json").err)
    assert len(told["problems"]) == len(lines)
    assert {"place", "path", "what"} <= set(told["problems"][0])


# -- the rest --------------------------------------------------------------------------------------------------------------


def test_gc_removes_what_a_dead_holder_left_and_nothing_else(two: Nw):
    two("up", f"{PLACE}/two.lab.yaml", "--name", "living")
    holder = next(lab["holder"] for lab in two.json("ls") if lab["lab"] == "two")
    two.box.kill(holder, 9)
    until(lambda: [lab["state"] for lab in two.json("ls")] == ["up", "dead"])
    assert two.result("exec", "two/a", "true").err.startswith("nw exec: lab two is not up\n")
    assert two("gc", "--dry-run") == "two: would be removed\n"
    assert two("gc") == "two: removed\n"
    assert two("gc") == "nothing to do: every lab is well\n"
    assert two("ls", "-q") == "living\n"
    two("down")


def test_rootless_is_root_of_its_own(nw: Nw):
    script = "id -u; ip link add x0 type veth peer name x1 && ip -br link | wc -l; ls /run/netns | wc -l"
    assert nw("rootless", "sh", "-c", script).split() == ["0", "3", "0"]
    assert nw.result("rootless", "sh", "-c", "exit 9").code == 9


def test_preflight_says_that_nothing_is_missing(nw: Nw):
    done = nw.json("preflight")
    assert done["ready"] is True
    assert done["how"] == ("as root" if nw.user == "root" else "without root")
    assert nw("preflight").startswith("nothing is missing: labs can be made here")


HEAVY = {"argparse", "asyncio", "logging", "subprocess", "pydantic", "yaml", "rich", "rich.console", "multiprocessing", "ctypes"}


@pytest.mark.parametrize("words", [["exec", "two/a", "true"], ["exec", "two/a", "--", "true"], ["ls"], ["ps"], ["ping", "two/a", "b", "-c", "1"], ["down", "two"], ["completion", "bash"], ["gc"]], ids=" ".join)
def test_no_command_imports_what_it_does_not_need(sandbox: Sandbox, words: list[str]):
    nw = Nw(sandbox, "root")
    nw("up", nw.file("two.lab.yaml", TWO))
    done = sandbox.run(nw.argv(*words, options=("-X", "importtime")), env=nw.environment)
    assert done.code == 0, done.err
    found = {line.rpartition("|")[2].strip() for line in done.err.splitlines() if line.startswith("import time:")}
    assert found & (HEAVY if EXTENSION else HEAVY - {"ctypes"}) == set()
    if words[:2] == ["exec", "two/a"] and EXTENSION and words[2] == "true":
        assert {module for module in found if module.startswith("netwright")} <= {
            "netwright", "netwright.cli", "netwright.cli.main", "netwright.cli.fast", "netwright.kernel", "netwright.kernel._syscalls", "netwright.kernel.inside",
        }  # fmt: skip


def test_the_documents_and_examples_are_there():
    assert (examples() / "shop.lab.yaml").is_file()
    assert Path(SOURCE.parent / "docs" / "labs-commands.md").is_file()
