"""Programs that may not outlive the process that started them, on the real kernel."""

import pytest
from sandbox import Sandbox
from users import USERS, Snippets


@pytest.fixture(params=USERS)
def user(request, sandbox: Sandbox) -> Snippets:
    sandbox.run(["mkdir", "-m", "777", "/run/shared"])
    return Snippets(sandbox, request.param)


BEGIN = """
import signal
from netwright.kernel.guard import Guard
userns.gain()
guard = Guard.start()
def popen(*words, **options):
    return guard.within(lambda: subprocess.Popen(list(words), text=True, **options))
"""


def test_a_program_is_in_the_guards_pid_namespace_and_a_child_of_ours(user: Snippets):
    code = """
one = popen("sh", "-c", "echo $$; read line; echo $line; exit 3", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print(one.communicate("hello\\n")[0].split(), one.returncode, int(os.readlink("/proc/self")) == os.getpid())
other = popen("true")
print(other.wait(), programs_in(guard.holder.pid) == [guard.holder.pid])
guard.close()
print(guard.ended())
"""
    assert user.run(BEGIN + code) == "['2', 'hello'] 3 True\n0 True\nTrue\n"


def test_closing_ends_every_program_and_what_it_left_behind(user: Snippets):
    code = """
program = popen("sh", "-c", "sleep 1000 & setsid sleep 1000 & echo up; wait", stdout=subprocess.PIPE)
program.stdout.readline()
until(lambda: len(programs_in(guard.holder.pid)) == 4)
guard.close()
print(program.wait(), guard.ended())
try:
    popen("true")
except Gone as error:
    print(error)
"""
    assert user.run(BEGIN + code).startswith("-9 True\nthe guard has ended")


@pytest.mark.parametrize("number", ["SIGKILL", "SIGTERM"])
def test_whatever_ends_us_ends_the_programs(user: Snippets, number: str):
    code = """
program = popen("sh", "-c", "trap '' TERM HUP; sleep 1000 & setsid sleep 1000 & echo up; wait", stdout=subprocess.PIPE)
program.stdout.readline()
print(os.getpid(), guard.holder.pid, os.readlink(f"/proc/{guard.holder.pid}/ns/pid"), "ready", flush=True)
signal.pause()
"""
    user.start(BEGIN + code)
    user.run('until(lambda: "ready" in open("/run/out").read())')
    pid, guard, space, _ = user.box.read("/run/out").split()
    user.box.run(["kill", f"-{number[3:]}", pid])
    gone = """
def left(name):
    try:
        return os.readlink(f"/proc/{name}/ns/pid") == sys.argv[2]
    except OSError:
        return False
until(lambda: not any(map(left, filter(str.isdigit, os.listdir("/proc")))))
print("gone")
"""
    assert Snippets(user.box, "root").run(gone, guard, space) == "gone\n"


def test_a_fork_of_ours_does_not_end_it(user: Snippets):
    code = """
pid = os.fork()
if pid == 0:
    guard.close()
    os._exit(0)
os.waitpid(pid, 0)
print(popen("true").wait())
guard.close()
"""
    assert user.run(BEGIN + code) == "0\n"


def test_a_guard_that_was_killed_says_so(user: Snippets):
    code = """
os.kill(guard.holder.pid, signal.SIGKILL)
until(lambda: not holders.alive(guard.holder))
try:
    popen("true")
except Gone as error:
    print(error.what)
guard.close()
"""
    assert user.run(BEGIN + code) == "the guard has ended\n"


def test_it_reaps_orphans(user: Snippets):
    code = """
popen("sh", "-c", "sh -c 'sh -c true & exit' & wait").wait()
until(lambda: programs_in(guard.holder.pid) == [guard.holder.pid])
print("reaped")
guard.close()
"""
    assert user.run(BEGIN + code) == "reaped\n"


def test_without_the_right(sandbox: Sandbox):
    code = """
from netwright.kernel.guard import Guard
try:
    Guard.start()
except CallFailed as error:
    print(error)
print(len(os.listdir("/proc/self/fd")))
"""
    out = Snippets(sandbox, "ordinary").run(code).splitlines()
    assert out[0] == "cannot start a guard: Operation not permitted; a pid namespace needs CAP_SYS_ADMIN".replace("; ", ": ")
    assert out[1] == "4"
