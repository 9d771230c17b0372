"""Names of namespaces on the real kernel: each edge that ip-netns(8) has, and what nw does there."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox import Sandbox
from traffic import until

NW = str(Path(sys.executable).with_name("nw"))


def nw(box: Sandbox, *words: str, **options):
    """`nw WORDS` in the box."""
    return box.run([NW, *words], **options)


@pytest.fixture(scope="module")
def with_a() -> Iterator[Sandbox]:
    """A box with a namespace a, for tests that change nothing."""
    with Sandbox() as box:
        nw(box, "netns", "add", "a")
        yield box


# -- making is atomic ------------------------------------------------------------------------------------------------------

READER = """
import os, sys
from netwright.kernel import namespaces
dead = seen = 0
while not os.path.exists("/run/stop"):
    for name in namespaces.names():
        try:
            entry = namespaces.entry(name)
        except namespaces.Gone:
            continue
        seen += 1
        dead += entry.state == "dead"
print(seen, dead)
"""
ADDER = """
import sys
from netwright.kernel import namespaces
for i in range(40):
    namespaces.create(f"{sys.argv[1]}-{i}")
    namespaces.delete(f"{sys.argv[1]}-{i}")
"""


def test_readers_beside_twenty_makers_never_see_a_dead_name(sandbox: Sandbox):
    env = {"PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src")}
    reader = sandbox.popen([sys.executable, "-c", READER], env=env, out="/run/reader", err="/run/reader.err")
    makers = [sandbox.popen([sys.executable, "-c", ADDER, f"m{i}"], env=env, err="/run/maker.err") for i in range(20)]
    assert [sandbox.wait(pid, timeout=180) for pid in makers] == [0] * 20, sandbox.read("/run/maker.err")
    sandbox.write("/run/stop", "")
    assert sandbox.wait(reader) == 0, sandbox.read("/run/reader.err")
    seen, dead = map(int, sandbox.read("/run/reader").split())
    assert seen > 0
    assert dead == 0


def test_twenty_adders_of_one_name_one_wins(sandbox: Sandbox):
    pids = [sandbox.popen([NW, "netns", "add", "same"]) for _ in range(20)]
    codes = sorted(sandbox.wait(pid) for pid in pids)
    assert codes == [0] + [1] * 19
    assert nw(sandbox, "netns", "list").lines == ["same"]


def test_twenty_first_adders_in_an_empty_run_all_win(sandbox: Sandbox):
    pids = [sandbox.popen([NW, "netns", "add", f"n{i}"]) for i in range(20)]
    assert [sandbox.wait(pid) for pid in pids] == [0] * 20
    assert sorted(nw(sandbox, "netns", "list").lines) == sorted(f"n{i}" for i in range(20))
    mounts = sandbox.read("/proc/self/mountinfo").count(" /run/netns ")
    assert mounts == 1


@pytest.mark.parametrize("stop", ["make_file", "mount"])
def test_killed_in_the_middle_of_add_the_next_add_takes_over(sandbox: Sandbox, stop: str):
    """kill -9 right before and right after the file is made; `list` marks the rest, and `add` of the same name works."""
    code = """
import os, signal, sys
from netwright.kernel import namespaces
die = lambda *args: os.kill(os.getpid(), signal.SIGKILL)
real = namespaces._make_file
def make_file(name, path):
    if sys.argv[1] == "make_file":
        die()
    real(name, path)
    die()
namespaces._make_file = make_file
namespaces.create("half")
"""
    assert sandbox.python(code, stop).code == -9
    if stop == "mount":
        listed = nw(sandbox, "netns", "list")
        assert listed.lines == ["half (dead: no namespace is mounted on it)"]
    assert nw(sandbox, "netns", "add", "half").code == 0
    assert nw(sandbox, "netns", "list").lines == ["half"]
    assert nw(sandbox, "netns", "exec", "half", "true").code == 0


def test_a_dead_name_that_is_not_ours_is_not_taken_over(sandbox: Sandbox):
    nw(sandbox, "netns", "add", "other")
    sandbox.run(["sh", "-c", ": > /run/netns/foreign; chmod 0 /run/netns/foreign"])
    refused = nw(sandbox, "netns", "add", "foreign")
    assert refused.code == 1
    assert "the name is dead" in refused.err


# -- names -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "a" * 256, "a/b", ".", "..", "/run/netns/x"], ids=repr)
def test_bad_names_are_refused_as_ip_does(with_a: Sandbox, name: str):
    ours, theirs = nw(with_a, "netns", "add", name), with_a.run(["ip", "netns", "add", name])
    assert (ours.code, ours.err.splitlines()[0]) == (theirs.code, theirs.err.splitlines()[0])
    assert ours.code == 255


@pytest.mark.parametrize("name", ["a", "a" * 255, "two words", "new\nline", "-x", "--", "caf\udce9", "日本"], ids=ascii)
def test_odd_names_work(sandbox: Sandbox, name: str):
    assert nw(sandbox, "netns", "add", name).code == 0
    assert sandbox.run(["ip", "netns", "list"]).out == name + "\n"
    assert nw(sandbox, "netns", "list").out == name + "\n"
    assert nw(sandbox, "netns", "exec", name, "true").code == 0
    assert nw(sandbox, "netns", "delete", name).code == 0
    assert nw(sandbox, "netns", "list").out == ""


def test_names_of_any_bytes_give_valid_json(sandbox: Sandbox):
    nw(sandbox, "netns", "add", 'quo"te\\')
    (entry,) = json.loads(nw(sandbox, "-j", "netns", "list").out)
    assert entry["name"] == 'quo"te\\'
    assert entry["state"] == "ok"


# -- deleting --------------------------------------------------------------------------------------------------------------


def test_delete_never_follows_a_link_into_somebody_elses_mount(sandbox: Sandbox):
    """The recipe `ln -s /var/run/docker/netns/ID /run/netns/c1`: ip unmounts Docker's own file, we only unlink."""
    sandbox.ip("netns", "add", "seed")
    sandbox.run(
        [
            "sh",
            "-ec",
            "mkdir /run/docker; : > /run/docker/id; mount --bind /run/netns/seed /run/docker/id; ln -s /run/docker/id /run/netns/c1",
        ]
    )
    assert "c1 (link: a link to /run/docker/id)" in nw(sandbox, "netns", "list").out
    assert nw(sandbox, "netns", "delete", "c1").code == 0
    assert "/run/docker/id" in sandbox.read("/proc/self/mountinfo")


def test_delete_says_who_still_holds_the_namespace(sandbox: Sandbox):
    nw(sandbox, "netns", "add", "held")
    pid = sandbox.popen(["ip", "netns", "exec", "held", "sleep", "1000"])
    until(lambda: nw(sandbox, "netns", "pids", "held").out.split() == [str(pid)])
    deleted = nw(sandbox, "netns", "delete", "held")
    assert deleted.code == 0
    assert f"process {pid} (sleep)" in deleted.err
    assert nw(sandbox, "netns", "attach", "again", str(pid)).code == 0
    assert nw(sandbox, "netns", "identify", str(pid)).out == "again\n"


def test_delete_wait_returns_when_the_devices_are_gone(sandbox: Sandbox):
    nw(sandbox, "netns", "add", "a")
    sandbox.ip("link", "add", "v0", "type", "veth", "peer", "name", "v1", "netns", "a")
    assert nw(sandbox, "netns", "delete", "--wait", "a").code == 0
    assert "v0" not in sandbox.ip("link")


def test_delete_wait_gives_up_and_says_why(sandbox: Sandbox):
    nw(sandbox, "netns", "add", "a")
    pid = sandbox.popen(["ip", "netns", "exec", "a", "sleep", "1000"])
    until(lambda: nw(sandbox, "netns", "pids", "a").out.split() == [str(pid)])
    waited = nw(sandbox, "netns", "delete", "--wait=0.2", "a")
    assert waited.code == 1
    assert f"process {pid}" in waited.err


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (": > /run/netns/d", "a plain file"),
        ("mkdir /run/netns/d", "a directory"),
        ("ln -s /nowhere /run/netns/d", "a link to /nowhere, which is not there"),
    ],
)
def test_dead_names_are_marked_with_their_kind(sandbox: Sandbox, make: str, why: str):
    nw(sandbox, "netns", "add", "good")
    sandbox.run(["sh", "-ec", make])
    listed = nw(sandbox, "netns", "list")
    assert f"d (dead: {why})" in listed.lines
    assert "good" in listed.lines


# -- limits, locks, mounts -------------------------------------------------------------------------------------------------


def test_the_limit_of_namespaces_leaves_nothing(sandbox: Sandbox):
    script = f"""mount -t tmpfs none /run; {NW} netns add one; echo 0 > /proc/sys/user/max_net_namespaces
    {NW} netns add two; echo code $?; {NW} netns list; ls /run/netns"""
    told = sandbox.run(["unshare", "-Urnm", "--propagation", "private", "sh", "-c", script])
    assert told.lines == ["code 1", "one", "one"]
    first, second = told.err.splitlines()
    assert first == 'Failed to create a new network namespace "two": No space left on device'
    assert "max_net_namespaces" in second


def test_add_where_the_way_back_is_not_permitted(sandbox: Sandbox):
    """A user namespace that does not own the network namespace it is in: ip makes the name, fails to return, and leaves it."""
    script = f"mount -t tmpfs none /run; {NW} netns add a; echo code $?; {NW} netns list; {NW} netns exec --fast a true; echo code $?"
    told = sandbox.run(["unshare", "-Urm", "--propagation", "private", "sh", "-c", script])
    assert told.lines == ["code 0", "a", "code 0"], told.err
    assert told.err == ""


def test_a_private_mount_namespace_with_a_copy_does_not_keep_the_name(sandbox: Sandbox):
    nw(sandbox, "netns", "add", "a")
    pid = sandbox.popen(["unshare", "-m", "--propagation", "private", "sleep", "1000"])

    def copied() -> bool:
        return sandbox.run(["readlink", f"/proc/{pid}/ns/mnt"]).out != sandbox.run(["readlink", "/proc/self/ns/mnt"]).out

    until(copied)
    assert nw(sandbox, "netns", "delete", "a").code == 0
    assert nw(sandbox, "netns", "list").out == ""
    assert nw(sandbox, "netns", "add", "a").code == 0


@pytest.mark.parametrize("kind", ["veth", "ifb", "macvlan", "vxlan"])
def test_only_lo_and_bridges_stay_where_they_are(sandbox: Sandbox, kind: str):
    nw(sandbox, "netns", "add", "a")
    sandbox.ip("link add base type veth peer name other")
    extra = {"macvlan": "link base", "vxlan": ""}.get(kind, "")
    options = "id 5 dstport 4789" if kind == "vxlan" else ""
    assert nw(sandbox, *f"link add {extra} name x type {kind} {options}".split()).code == 0
    assert nw(sandbox, "link", "set", "x", "netns", "a").code == 0
    assert nw(sandbox, "link", "add", "br0", "type", "bridge").code == 0
    for name in ("lo", "br0"):
        refused = nw(sandbox, "link", "set", name, "netns", "a")
        assert refused.code == 2
        assert "for life" in refused.err


def test_a_foreign_lock_holder_is_reported_not_waited_for_for_ever(sandbox: Sandbox):
    nw(sandbox, "netns", "add", "first")
    code = """
import fcntl, os
from netwright.errors import Busy
from netwright.kernel import namespaces, netns_directory
fd = os.open("/run/netns", os.O_RDONLY)
fcntl.flock(fd, fcntl.LOCK_EX)
netns_directory.LOCK_SECONDS = 0.1
try:
    namespaces.create("second")
except Busy as error:
    print(error)
print(namespaces.names())
"""
    told = sandbox.python(code).lines
    assert told[0].startswith("/run/netns is locked")
    assert "fuser" in told[0]
    assert told[1] == "['first']"


def test_add_inside_a_slave_mount_namespace_refuses(sandbox: Sandbox):
    nw(sandbox, "netns", "add", "outer")
    refused = sandbox.run(["ip", "netns", "exec", "outer", NW, "netns", "add", "inner"])
    assert refused.code == 1
    assert "dead" in refused.err
    assert nw(sandbox, "netns", "list").lines == ["outer"]


def test_minus_n_does_not_make_a_slave_mount_namespace(sandbox: Sandbox):
    nw(sandbox, "netns", "add", "outer")
    assert nw(sandbox, "-n", "outer", "netns", "add", "inner").code == 0
    assert sorted(nw(sandbox, "netns", "list").lines) == ["inner", "outer"]
    assert nw(sandbox, "netns", "exec", "inner", "true").code == 0


# -- exec ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "code"), [(["sh", "-c", "exit 7"], 7), (["nosuchprogram"], 127), (["/etc/hostname"], 126), (["true"], 0)]
)
@pytest.mark.parametrize("fast", [True, False])
def test_exec_gives_the_commands_own_exit_code(with_a: Sandbox, argv: list[str], code: int, fast: bool):
    assert nw(with_a, "netns", "exec", *(["--fast"] if fast else []), "a", *argv).code == code


def test_all_exec_runs_everywhere_and_its_exit_code_tells(sandbox: Sandbox):
    for name in ("a", "b", "c"):
        nw(sandbox, "netns", "add", name)
    done = nw(sandbox, "-all", "netns", "exec", "sh", "-c", "cat /proc/self/mountinfo > /dev/null; ip -br link; exit 3")
    assert done.code == 3
    assert done.out.count("\nnetns: ") == 3
    assert done.out.count("lo ") == 3
    as_ip = nw(sandbox, "ip", "-all", "netns", "exec", "false")
    assert (as_ip.code, as_ip.out.count("netns: ")) == (0, 3)


def test_exec_keeps_what_is_mounted_below_sys(sandbox: Sandbox):
    nw(sandbox, "netns", "add", "a")
    below = [
        line.split()[4]
        for line in sandbox.read("/proc/self/mountinfo").splitlines()
        if line.split()[4].startswith("/sys/fs/")
    ]
    done = nw(sandbox, "netns", "exec", "a", "cat", "/proc/self/mountinfo")
    inside = {line.split()[4] for line in done.out.splitlines()}
    assert done.code == 0
    assert set(below) <= inside


def test_exec_shows_the_sys_of_its_namespace(sandbox: Sandbox):
    nw(sandbox, "netns", "add", "a")
    seen = nw(sandbox, "netns", "exec", "a", "ls", "/sys/class/net")
    assert seen.out.split() == sandbox.run(["ip", "netns", "exec", "a", "ls", "/sys/class/net"]).out.split()


# -- numbers, processes ----------------------------------------------------------------------------------------------------


def test_list_id_is_whole_where_the_kernels_dump_is_cut(sandbox: Sandbox):
    lines = "".join(f"netns add n{i}\nnetns set n{i} {i}\n" for i in range(300))
    assert nw(sandbox, "-batch", "-", stdin=lines, timeout=180).code == 0
    ours = nw(sandbox, "netns", "list-id").lines
    assert ours == [f"nsid {i} (iproute2 netns name: n{i})" for i in range(300)]


def test_pids_sees_a_thread_that_went_there_alone(sandbox: Sandbox):
    nw(sandbox, "netns", "add", "a")
    code = """
import threading, os, subprocess
from netwright.kernel import namespaces
there, done = threading.Event(), threading.Event()
def work():
    namespaces.enter("a"); there.set(); done.wait()
threading.Thread(target=work).start()
there.wait()
print(os.getpid(), subprocess.run([os.environ["NW"], "netns", "pids", "a"], capture_output=True, text=True).stdout.strip())
done.set()
"""
    pid, found = sandbox.python(code, env={"NW": NW}).out.split()
    assert pid == found


def test_identify_prints_all_names(sandbox: Sandbox):
    pid = sandbox.popen(["sleep", "1000"])
    for name in ("one", "two"):
        assert nw(sandbox, "netns", "attach", name, str(pid)).code == 0
    assert sorted(nw(sandbox, "netns", "identify", str(pid)).lines) == ["one", "two"]
    as_ip = nw(sandbox, "ip", "netns", "identify", str(pid)).out
    assert as_ip == sandbox.run(["ip", "netns", "identify", str(pid)]).out


def test_monitor_tells_add_when_the_namespace_is_there(sandbox: Sandbox):
    nw(sandbox, "netns", "add", "before")
    pid = sandbox.popen([NW, "netns", "monitor"], out="/run/told")
    number = 0

    def told() -> list[str]:
        nonlocal number
        nw(sandbox, "netns", "add", f"probe{number}")
        number += 1
        return sandbox.read("/run/told").splitlines()

    until(told)
    nw(sandbox, "netns", "delete", "before")
    until(lambda: "delete before" in sandbox.read("/run/told").splitlines())
    sandbox.kill(pid)
    assert all(line.split()[0] in ("add", "delete") for line in sandbox.read("/run/told").splitlines())
