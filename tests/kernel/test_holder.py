"""The process that keeps a lab, on the real kernel, started by root and by an ordinary user: what is inside, and how it ends."""

import json

import pytest
from sandbox import Sandbox
from users import USERS, Snippets


@pytest.fixture(params=USERS)
def user(request, sandbox: Sandbox) -> Snippets:
    sandbox.run(["sh", "-c", "mkdir -m 777 /run/shared; ip link set lo up"])
    return Snippets(sandbox, request.param)


def mounts_of(box: Sandbox, namespaces: list[str]) -> list[str]:
    """Mounts of these namespaces in the box. (Of processes GONE waits: their numbers may be those of others a moment later.)"""
    return [line for line in box.read("/proc/self/mountinfo").splitlines() if any(name in line for name in namespaces)]


# -- inside --------------------------------------------------------------------------------------------------------------------


def test_what_is_inside(user: Snippets):
    code = """
import json
with holders.start("shop") as starting:
    holder = starting.holder
    os.chdir("/usr/bin")
    def work():
        programs = [name for name in os.listdir("/proc") if name.isdigit()]
        print(json.dumps({
            "uid": os.getuid(), "cwd": os.getcwd(), "me": os.readlink("/proc/self") == str(os.getpid()), "first": open("/proc/1/comm").read(),
            "programs": len(programs), "netns": os.listdir("/run/netns"), "files": os.listdir("/run/nw-lab"), "devices": os.listdir("/sys/class/net"),
            "lo": open("/sys/class/net/lo/flags").read(), "run": os.listdir("/run/shared"),
            "same": os.path.samestat(os.stat("/proc/self/ns/net"), os.stat("/run/netns/@")), "notes": starting.notes}))
    assert inside(holder, work) == 0
    assert os.listdir(holders.reach(holder, "/run/netns")) == ["@"]
"""
    assert json.loads(user.run(code)) == {
        "uid": 0, "cwd": "/usr/bin", "me": True, "first": "nw-lab shop\n", "programs": 2, "netns": ["@"], "files": [], "devices": ["lo"],
        "lo": "0x9\n", "run": [], "same": True, "notes": [],
    }  # fmt: skip


def test_names_of_namespaces_are_those_of_the_lab_alone(user: Snippets):
    code = """
with holders.start("one") as one, holders.start("two") as two:
    for starting in (one, two):
        inside(starting.holder, lambda: subprocess.call(["ip", "netns", "add", "web"]))
    print([sorted(os.listdir(holders.reach(s.holder, "/run/netns"))) for s in (one, two)], os.path.exists("/run/netns/web"))
"""
    assert user.run(code) == "[['@', 'web'], ['@', 'web']] False\n"


def test_a_program_ends_the_same_way_outside_as_inside(user: Snippets):
    code = """
import signal
with holders.start("shop") as starting:
    print([inside(starting.holder, lambda: 7), inside(starting.holder, lambda: os.kill(os.getpid(), signal.SIGTERM))])
    print(inside(starting.holder, lambda: os.execvp("sh", ["sh", "-c", "exit 3"])))
"""
    assert user.run(code) == "[7, -15]\n3\n"


def test_signals_go_through_to_the_program(user: Snippets):
    code = """
import signal
with holders.start("shop") as starting:
    pid = os.fork()
    if pid == 0:
        holders.enter(starting.holder)
        signal.signal(signal.SIGUSR1, lambda *_: open("/run/shared/usr1", "w").close())
        open("/run/shared/ready", "w").close()
        until(lambda: os.path.exists("/run/shared/usr1"))
        signal.pause()
    until(lambda: os.path.exists("/run/shared/ready"))
    os.kill(pid, signal.SIGUSR1)
    until(lambda: os.path.exists("/run/shared/usr1"))
    os.kill(pid, signal.SIGTERM)
    print(os.waitpid(pid, 0)[1])
"""
    assert user.run(code) == "15\n"


def test_kill_9_of_the_shadow_ends_the_program(user: Snippets):
    code = """
import signal
adopt()
with holders.start("shop") as starting:
    pid = os.fork()
    if pid == 0:
        holders.enter(starting.holder)
        open("/run/shared/ready", "w").close()
        signal.pause()
    until(lambda: os.path.exists("/run/shared/ready"))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    until(lambda: reap() and programs_in(starting.holder.pid) == [starting.holder.pid])
    print("gone")
"""
    assert user.run(code) == "gone\n"


def test_orphans_are_reaped(user: Snippets):
    code = """
with holders.start("shop") as starting:
    def work():
        subprocess.run(["sh", "-c", "sh -c 'exit 0' & exec true"])
        for number in range(5):
            if os.fork() == 0:
                if os.fork() == 0:
                    os._exit(0)
                os._exit(0)
            os.wait()
        until(lambda: programs_in(1) == [1, os.getpid()])
    print(inside(starting.holder, work))
"""
    assert user.run(code) == "0\n"


def test_a_process_with_threads_does_not_enter(user: Snippets):
    code = """
import threading
with holders.start("shop") as starting:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    try:
        holders.enter(starting.holder)
    except CallFailed as error:
        print(error)
"""
    assert "this process has 2 threads" in user.run(code)


def test_short_threads_of_our_own_are_no_hindrance(user: Snippets):
    code = """
from netwright.kernel.spaces import run_apart
with holders.start("shop") as starting:
    def work():
        return 0
    print([inside(starting.holder, work) for _ in range(20) if run_apart(lambda: True)] == [0] * 20)
"""
    assert user.run(code) == "True\n"


def test_it_is_small_and_keeps_nothing_of_its_starter_open(user: Snippets):
    code = """
os.set_inheritable(os.dup2(2, 77), True)
with holders.start("shop") as starting:
    starting.commit()
    until(lambda: len(os.listdir(f"/proc/{starting.holder.pid}/fd")) == 3)
    print([os.readlink(f"/proc/{starting.holder.pid}/fd/{n}") for n in sorted(os.listdir(f"/proc/{starting.holder.pid}/fd"))], os.readlink(f"/proc/{starting.holder.pid}/cwd"))
    rss = next(int(line.split()[1]) for line in open(f"/proc/{starting.holder.pid}/status") if line.startswith("VmRSS"))
    assert rss < 12000, rss
    holders.end(starting.holder)
"""
    assert user.run(code) == "['/dev/null', '/dev/null', '/dev/null'] /\n"


# -- its end -------------------------------------------------------------------------------------------------------------------

STARTER = """
import signal
starting = holders.start("shop")
holder = starting.holder
if "commit" in sys.argv:
    starting.commit()
if os.fork() == 0:
    holders.enter(holder)
    subprocess.run(["ip", "netns", "add", "web"])
    subprocess.Popen(["ip", "netns", "exec", "web", "sleep", "1000"])
    subprocess.Popen(["setsid", "sleep", "1000"])
    open("/run/shared/up", "w").close()
    signal.pause()
until(lambda: os.path.exists("/run/shared/up"))
spaces = [os.readlink(f"/proc/{holder.pid}/ns/{kind}") for kind in ("pid", "net", "mnt")]
print(os.getpid(), holder.pid, holder.start, *spaces, f"net:[{os.stat(holders.reach(holder, '/run/netns/web')).st_ino}]")
print("ready", flush=True)
signal.pause()
"""
GONE = """
holder = holders.Holder(*map(int, sys.argv[1:3]))
until(lambda: not holders.alive(holder))
def left():
    for name in filter(str.isdigit, os.listdir("/proc")):
        for kind in ("pid", "net", "mnt", "pid_for_children"):
            try:
                if os.readlink(f"/proc/{name}/ns/{kind}") in sys.argv[3:]:
                    return name, kind
            except OSError:
                pass
until(lambda: not left())
print("gone")
"""


def started(user: Snippets, *words: str) -> tuple[int, list[str]]:
    """A lab with programs in it; the starter's pid, and the holder's pid, start and namespaces."""
    user.start(STARTER, *words)
    user.run('until(lambda: "ready" in open("/run/out").read())')
    pid, *facts = user.box.read("/run/out").split()[:-1]
    return int(pid), facts


@pytest.mark.parametrize("word", ["commit", "no"])
def test_kill_9_of_the_holder_leaves_nothing(user: Snippets, word: str):
    _, facts = started(user, word)
    user.box.kill(int(facts[0]), 9)
    assert Snippets(user.box, "root").run(GONE, *facts) == "gone\n"
    assert mounts_of(user.box, facts[2:]) == []


def test_kill_9_of_the_starter_before_the_lab_stands_leaves_nothing(user: Snippets):
    """Its child that has entered, a fork of it, does not keep the holder alive."""
    pid, facts = started(user, "no")
    user.box.kill(pid, 9)
    assert Snippets(user.box, "root").run(GONE, *facts) == "gone\n"


def test_kill_9_of_the_starter_at_any_moment_leaves_nothing(user: Snippets):
    """At 24 moments of the some 12 ms that a start takes."""
    code = """
import signal
adopt()
for moment in range(24):
    pid = os.fork()
    if pid == 0:
        holders.start("moment")
        signal.pause()
    nap(moment * 0.0007)
    os.kill(pid, signal.SIGKILL)
def left():
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if b"netwright.kernel.holding" in open(f"/proc/{name}/cmdline", "rb").read() and b"moment" in open(f"/proc/{name}/cmdline", "rb").read().split(b"\\0"):
                return True
        except OSError:
            pass
until(lambda: reap() and not left())
print("gone")
"""
    assert user.run(code) == "gone\n"


def test_kill_9_of_the_starter_after_that_leaves_the_lab(user: Snippets):
    pid, facts = started(user, "commit")
    user.box.kill(pid, 9)
    assert user.run("print(holders.alive(holders.Holder(*map(int, sys.argv[1:3]))))", *facts) == "True\n"
    code = "h = holders.Holder(*map(int, sys.argv[1:3])); holders.end(h); print(holders.alive(h)); holders.end(h)"
    assert user.run(code, *facts) == "False\n"
    assert Snippets(user.box, "root").run(GONE, *facts) == "gone\n"


def test_a_starter_that_fails_takes_it_along(user: Snippets):
    code = """
try:
    with holders.start("shop") as starting:
        raise KeyError
except KeyError:
    print(holders.alive(starting.holder))
"""
    assert user.run(code) == "False\n"


def test_another_process_of_that_number_is_not_taken_for_it(user: Snippets):
    code = """
program = subprocess.Popen(["sleep", "1000"])
wrong = holders.Holder(program.pid, holders.start_time(program.pid) - 1)
holders.end(wrong)
print(holders.alive(wrong), program.poll())
for try_it in (holders.opened, holders.enter):
    try:
        try_it(wrong)
    except Gone as error:
        print(error.fix)
program.kill()
"""
    assert user.run(code) == "False None\n" + "bring it up again: nw up\n" * 2


def test_committing_what_has_ended(user: Snippets):
    code = """
import signal
starting = holders.start("shop")
os.kill(starting.holder.pid, signal.SIGTERM)
until(lambda: not holders.alive(starting.holder))
try:
    starting.commit()
except Gone as error:
    print("gone")
"""
    assert user.run(code) == "gone\n"


def test_root_goes_into_the_lab_of_a_user(sandbox: Sandbox):
    sandbox.run(["mkdir", "-m", "777", "/run/shared"])
    owner, root = Snippets(sandbox, "ordinary"), Snippets(sandbox, "root")
    facts = owner.run('s = holders.start("shop"); s.commit(); print(s.holder.pid, s.holder.start)').split()
    code = """
holder = holders.Holder(*map(int, sys.argv[1:3]))
print(inside(holder, lambda: subprocess.call(["sh", "-c", "id -u; ip netns add red && ip netns list; touch /run/nw-lab/x"])))
holders.end(holder)
"""
    assert root.run(code, *facts) == "0\nred\n@\n0\n"


def test_a_stranger_does_not_go_into_it(sandbox: Sandbox):
    code = 's = holders.start("shop"); s.commit(); print(s.holder.pid, s.holder.start)'
    facts = Snippets(sandbox, "root").run(code).split()
    stranger = Snippets(sandbox, "ordinary")
    code = """
try:
    holders.enter(holders.Holder(*map(int, sys.argv[1:3])))
except CallFailed as error:
    print(error)
"""
    assert "it belongs to another user" in stranger.run(code, *facts)
    Snippets(sandbox, "root").run("holders.end(holders.Holder(*map(int, sys.argv[1:3])))", *facts)
