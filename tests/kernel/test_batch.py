"""-batch, -batch --atomic, --dry-run, --json-errors and moves that keep, on the real kernel."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox import Sandbox

NW = str(Path(sys.executable).with_name("nw"))


def nw(box: Sandbox, *words: str, **options):
    """`nw WORDS` in the box."""
    return box.run([NW, *words], **options)


def state(box: Sandbox) -> list[str]:
    """Everything that a batch could change, without what the kernel counts."""
    told = [
        box.ip(*words.split())
        for words in ("-d link", "-o addr", "route show table all", "-6 route show table all", "rule", "neigh", "netns")
    ]
    return sorted("\n".join(told).splitlines())


GOOD = """netns add red
link add veth0 type veth peer name veth1   # a cable
address add 10.9.0.1/24 dev veth0
link set veth0 \\
  up
route add 10.8.0.0/16 via 10.9.0.9
rule add from 10.9.0.7 table 77
neigh add 10.9.0.5 lladdr 02:00:00:00:00:05 dev veth0
"""


def test_a_batch_does_all_lines(sandbox: Sandbox):
    done = nw(sandbox, "-batch", "-", stdin=GOOD)
    assert (done.code, done.err) == (0, "")
    assert "10.8.0.0/16 via 10.9.0.9 dev veth0" in sandbox.ip("route")


def test_a_batch_stops_where_ip_stops(sandbox: Sandbox):
    lines = "netns add a\nnetns add a\nnetns add b\n"
    sandbox.write("/run/lines", lines)
    done = nw(sandbox, "-batch", "/run/lines")
    assert done.code == 1
    assert done.err.splitlines()[-1] == "Command failed /run/lines:2"
    assert nw(sandbox, "netns").lines == ["a"]
    forced = nw(sandbox, "-force", "-batch", "/run/lines")
    assert forced.code == 1
    assert sorted(nw(sandbox, "netns").lines) == ["a", "b"]


@pytest.fixture
def alone() -> Iterator[Sandbox]:
    """A box with processes of its own: programs outside that look at every namespace of the machine hold each for a moment."""
    with Sandbox(pids=True) as box:
        yield box


def test_many_names_in_a_row_are_made_ahead_and_all_live(alone: Sandbox):
    sandbox = alone
    done = nw(sandbox, "-batch", "-", stdin="".join(f"netns add n{i}\n" for i in range(100)) + "link set lo up\n")
    assert (done.code, done.err) == (0, "")
    entries = json.loads(nw(sandbox, "-j", "netns").out)
    assert sorted(entry["name"] for entry in entries) == sorted(f"n{i}" for i in range(100))
    assert {entry["state"] for entry in entries} == {"ok"}
    assert len({entry["inode"] for entry in entries}) == 100
    assert all(entry["holders"] == [] for entry in entries)


def test_a_long_run_of_names_stops_where_one_fails(sandbox: Sandbox):
    lines = [f"netns add n{i}" for i in range(40)]
    lines[20] = "netns add n3"
    done = nw(sandbox, "-batch", "-", stdin="\n".join(lines) + "\n")
    assert done.code == 1
    assert done.err.splitlines()[0] == 'Cannot create namespace file "/run/netns/n3": File exists'
    assert done.err.splitlines()[-1] == "Command failed -:21"
    assert len(nw(sandbox, "netns").lines) == 20


def test_a_long_run_of_names_meets_the_limit(sandbox: Sandbox):
    """Namespaces that are made ahead count too, so it may stop a little before the limit; it says so and leaves no dead name."""
    script = f"""mount -t tmpfs none /run; echo 60 > /proc/sys/user/max_net_namespaces
    for i in $(seq 100); do echo netns add n$i; done | {NW} -batch -; echo code $?; {NW} netns list | grep -c dead; {NW} netns list | wc -l"""
    told = sandbox.run(["unshare", "-Urnm", "--propagation", "private", "sh", "-c", script])
    code, dead, count = told.lines
    assert (code, dead) == ("code 1", "0")
    assert 20 <= int(count) <= 60
    assert "No space left on device" in told.err


@pytest.fixture(scope="module")
def untouched() -> Iterator[Sandbox]:
    """A box for tests in which nothing is changed."""
    with Sandbox() as box:
        yield box


@pytest.fixture(scope="module")
def untouched_red() -> Iterator[Sandbox]:
    """The same, with a namespace red."""
    with Sandbox() as box:
        box.ip("netns add red")
        yield box


@pytest.mark.parametrize(
    "bad",
    [
        "link set nosuch up",
        "address add 10.9.0.1/33 dev veth0",
        "link delete veth0",
        "link set veth0 netns red",
        "netns add red",
        "lnik show",
        "netns exec red true",
    ],
)
def test_atomic_checks_every_line_before_the_first(untouched: Sandbox, bad: str):
    sandbox = untouched
    before = state(sandbox)
    done = nw(sandbox, "-batch", "-", "--atomic", stdin=GOOD + bad + "\n")
    assert done.code != 0
    assert "Command failed -:9" in done.err
    assert state(sandbox) == before


@pytest.mark.parametrize(
    "bad",
    [
        "route add 10.7.0.0/16 via 10.99.0.1",
        "address add 10.9.0.1/24 dev veth0",
        "link add veth0 type veth",
        "link add link veth0 name x type vlan id 3",
    ],
)
def test_atomic_takes_everything_back(sandbox: Sandbox, bad: str):
    sandbox.quiet()
    sandbox.ip("link set lo up")
    sandbox.ip("link add old type veth peer name older")
    sandbox.ip("address add 10.1.0.1/24 dev old")
    sandbox.ip("link set old up")
    sandbox.ip("route add 10.2.0.0/16 via 10.1.0.2")
    sandbox.ip("netns add keep")
    before = state(sandbox)
    changes = "link set old down\nlink set old name new\nlink set new mtu 1400\naddress del 10.1.0.1/24 dev new\nnetns del keep\n"
    done = nw(sandbox, "-batch", "-", "--atomic", stdin=changes + GOOD + bad + "\n")
    assert done.code == 2, done.err
    assert "everything is as it was before" in done.err
    assert state(sandbox) == before


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["netns", "add", "blue"], "ip netns add blue"),
        (["netns", "delete", "red"], "ip netns delete red"),
        (["-all", "netns", "delete"], "ip netns delete red"),
        (["netns", "exec", "red", "sh", "-c", "touch /run/done"], "ip netns exec red sh -c 'touch /run/done'"),
        (["-all", "netns", "exec", "touch", "/run/done"], "ip netns exec red touch /run/done"),
        (["-n", "red", "link", "set", "lo", "up"], "ip -n red link set dev lo up"),
        (["link", "add", "v0", "type", "veth", "peer", "name", "v1"], "ip link add name v0 type veth peer name v1"),
        (["link", "set", "lo", "netns", "red", "--keep"], "ip link set dev lo netns red"),
        (["address", "add", "10.0.0.1/8", "dev", "lo"], "ip address add 10.0.0.1/8 dev lo"),
        (["route", "add", "10.0.0.0/8", "dev", "lo"], "ip route add 10.0.0.0/8 dev lo"),
        (["neigh", "add", "10.0.0.1", "lladdr", "02:00:00:00:00:01", "dev", "lo"], "ip neighbour add 10.0.0.1"),
        (["rule", "add", "from", "10.0.0.1"], "ip rule add from 10.0.0.1"),
    ],
)
def test_dry_run_prints_ip_commands_and_touches_nothing(untouched_red: Sandbox, words: list[str], printed: str):
    sandbox = untouched_red
    before = state(sandbox)
    told = nw(sandbox, "--dry-run", *words)
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith(printed)
    assert state(sandbox) == before
    assert sandbox.run(["test", "-e", "/run/done"]).code == 1


@pytest.mark.parametrize("words", ["link add v0 type veth peer name v1", "address add 10.0.0.1/8 dev lo", "rule add from 10.0.0.1", "link set lo up", "netns add blue"])
def test_what_dry_run_prints_does_the_same(words: str):
    states = []
    for via_dry_run in (False, True):
        with Sandbox() as box:
            line = nw(box, "--dry-run", *words.split()).out if via_dry_run else f"{NW} {words}"
            assert box.run(["sh", "-c", line]).code == 0
            states.append([re.sub(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", "MAC", row) for row in state(box)])
    assert states[0] == states[1]


def test_a_failed_batch_with_json_errors_is_json_to_the_last_line(sandbox: Sandbox):
    told = nw(sandbox, "--json-errors", "-batch", "-", stdin="link set lo up\nlink set nosuch up\n")
    first, last = map(json.loads, told.err.splitlines())
    assert first["error"] == 'Cannot find device "nosuch"'
    assert last["error"] == "Command failed -:2"


def test_json_errors_are_json(sandbox: Sandbox):
    told = nw(sandbox, "--json-errors", "link", "set", "nosuch", "up")
    error = json.loads(told.err)
    assert error["error"] == 'Cannot find device "nosuch"'
    assert error["code"] == told.code == 1
    assert "why" in error


def test_a_device_that_was_moved_is_found(sandbox: Sandbox):
    sandbox.ip("netns add ns0")
    sandbox.ip("link add veth0 type veth peer name veth1")
    sandbox.ip("link set veth0 netns ns0")
    told = nw(sandbox, "link", "set", "veth0", "up")
    assert told.err.splitlines()[0] == 'Cannot find device "veth0"'
    assert "veth0 is in ns0; try: nw -n ns0" in told.err


def test_move_keep_keeps_addresses_routes_and_up(sandbox: Sandbox):
    sandbox.quiet()
    sandbox.ip("netns add ns0")
    sandbox.quiet("ns0")
    sandbox.ip("link add veth0 type veth peer name veth1")
    for words in (
        "address add 10.9.0.1/24 dev veth0",
        "address add fd00:9::1/64 dev veth0",
        "link set veth0 up",
        "link set veth1 up",
        "route add 10.8.0.0/16 via 10.9.0.9 dev veth0",
        "neigh add 10.9.0.5 lladdr 02:00:00:00:00:05 dev veth0",
    ):
        sandbox.ip(words)
    moved = nw(sandbox, "link", "set", "veth0", "netns", "ns0", "--keep")
    assert moved.code == 0, moved.err
    there = sandbox.ip("-n ns0 address show dev veth0")
    assert "10.9.0.1/24" in there
    assert "fd00:9::1/64" in there
    assert ",UP" in there
    assert "10.8.0.0/16 via 10.9.0.9" in sandbox.ip("-n ns0 route")
    assert "02:00:00:00:00:05" in sandbox.ip("-n ns0 neigh")


def test_move_keep_that_is_refused_changes_nothing(sandbox: Sandbox):
    sandbox.ip("netns add ns0")
    sandbox.ip("link set lo up")
    before = state(sandbox)
    refused = nw(sandbox, "link", "set", "lo", "netns", "ns0", "--keep")
    assert refused.code == 2
    assert "every namespace has its own lo" in refused.err
    assert state(sandbox) == before
