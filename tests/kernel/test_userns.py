"""Namespaces without root on the real kernel: asking beforehand, becoming root inside, gaining the right to make them."""

import pytest
from sandbox import Sandbox
from users import USERS, Snippets


@pytest.fixture(params=USERS)
def user(request, sandbox: Sandbox) -> Snippets:
    return Snippets(sandbox, request.param)


@pytest.fixture
def ordinary(sandbox: Sandbox) -> Snippets:
    return Snippets(sandbox, "ordinary")


def test_who_is_capable(sandbox: Sandbox):
    assert [Snippets(sandbox, name).run("print(userns.capable())") for name in USERS] == ["True\n", "False\n"]


def test_nothing_is_in_the_way_here(user: Snippets):
    assert user.run("print(userns.preflight(), os.getuid() == os.geteuid())") == "() True\n"


def test_asking_beforehand_from_a_process_with_threads(user: Snippets):
    code = "import threading; go = threading.Event(); threading.Thread(target=go.wait, daemon=True).start(); print(userns.preflight())"
    assert user.run(code) == "()\n"


@pytest.mark.parametrize("kind", ["net", "mnt", "pid"])
def test_a_limit_that_is_reached_is_named_with_its_remedy(ordinary: Snippets, kind: str):
    code = f"""
userns.become_root_inside()
open("/proc/sys/user/max_{kind}_namespaces", "w").write("0")
print(*userns.preflight(), sep="\\n")
"""
    assert f"sudo sysctl -w user.max_{kind}_namespaces=15000" in ordinary.run(code)


def test_a_holder_at_the_limit_says_which(ordinary: Snippets):
    code = """
userns.become_root_inside()
open("/proc/sys/user/max_pid_namespaces", "w").write("0")
try:
    holders.start("shop")
except CallFailed as error:
    print(error.errno, error)
"""
    out = ordinary.run(code)
    assert out.startswith("28 cannot make the namespaces of the lab shop: pid namespace: No space left on device")
    assert "sudo sysctl -w user.max_pid_namespaces=15000" in out


def test_root_inside(user: Snippets):
    code = """
open("/run/before", "w").close() if os.access("/run", os.W_OK) else None
was = os.stat("/run").st_dev
userns.become_root_inside()
print(os.getuid(), userns.capable(), os.stat("/run").st_dev != was, os.path.isdir("/run/netns"), os.listdir("/run/netns"))
print(subprocess.run(["ip", "-br", "link"], capture_output=True, text=True).stdout.split()[:2])
print(subprocess.run(["sh", "-c", "ip netns add red && ip -n red link set lo up && ip netns list"], capture_output=True, text=True).stdout)
"""
    assert user.run(code) == "0 True True True []\n['lo', 'UNKNOWN']\nred\n\n"


def test_everything_in_run_stays_in_sight(ordinary: Snippets, sandbox: Sandbox):
    sandbox.run(["sh", "-ec", "cd /run; mkdir -p user/1 netns; echo a >file; echo b >user/1/mine; ln -s file link; mkfifo pipe; chmod 777 user/1; touch netns/theirs"])
    code = """
userns.become_root_inside()
print(sorted(os.listdir("/run")), open("/run/file").read(), open("/run/link").read(), open("/run/user/1/mine").read(), os.listdir("/run/netns"))
open("/run/user/1/new", "w").write("from inside")
"""
    assert ordinary.run(code) == "['file', 'link', 'netns', 'nw-lab', 'pipe', 'user'] a\n a\n b\n []\n"
    assert sandbox.read("/run/user/1/new") == "from inside"
    assert sandbox.run(["ls", "/run/netns"]).lines == ["theirs"]


GAIN = """
before = [os.readlink(f"/proc/self/ns/{kind}") for kind in ("user", "mnt", "net", "pid")]
numbers = os.getuid(), os.getgid(), os.getpid()
userns.gain()
after = [os.readlink(f"/proc/self/ns/{kind}") for kind in ("user", "mnt", "net", "pid")]
print([a == b for a, b in zip(before, after)], numbers == (os.getuid(), os.getgid(), os.getpid()), userns.capable())
"""


def test_gaining_keeps_user_network_and_pid(ordinary: Snippets):
    assert ordinary.run(GAIN) == "[False, False, True, True] True True\n"


def test_whoever_has_the_right_gains_nothing(sandbox: Sandbox):
    assert Snippets(sandbox, "root").run(GAIN) == "[True, True, True, True] True True\n"


def test_programs_of_a_process_that_gained_have_the_right_too(ordinary: Snippets):
    code = """
userns.gain()
again = "from netwright.kernel import userns; print(userns.capable()); userns.gain()"
env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
path = sys.executable if os.access(sys.executable, os.X_OK) else "/proc/self/exe"
print(subprocess.run([path, "-c", again], env=env, capture_output=True, text=True).stdout, end="")
print(subprocess.run(["sh", "-c", "unshare --net ip link add left type veth peer name right && echo made"], capture_output=True, text=True).stdout, end="")
"""
    assert ordinary.run(code) == "True\nmade\n"


def test_a_process_with_threads_gains_nothing_and_stays_as_it_is(ordinary: Snippets):
    code = """
import threading
go = threading.Event()
threading.Thread(target=go.wait, daemon=True).start()
before = os.readlink("/proc/self/ns/user")
try:
    userns.gain()
except CallFailed as error:
    print(error)
print(before == os.readlink("/proc/self/ns/user"))
"""
    out = ordinary.run(code)
    assert out.endswith("True\n")
    assert "this process has 2 threads" in out
    assert "before threads are started" in out
